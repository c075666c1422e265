update sync.migrations set number = $number::integer, name = $name where name = $former;
