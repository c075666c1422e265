-- A text as a cell of CSV that no spreadsheet takes for a formula: an apostrophe before = + - @ and their wide forms, tab and line breaks,
-- unless it is a number. Apostrophes that stand there already get one more, so that it goes both ways; src/spreadsheet.ts has the same rule.
create or replace temp macro spreadsheet_safe(cell) as
  case
    when regexp_matches(cell, '^''*([\t\r\n]|[\s\v\p{Z}\x{FEFF}]*[=+\-@＝＋－＠])')
      and not regexp_full_match(cell, '[+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Infinity)')
    then '''' || cell
    else cell
  end;
