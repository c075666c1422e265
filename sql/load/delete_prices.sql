-- The prices of one part: those of the user's contract, those that were imported, or those of the list that the program has.
delete from main.model_prices
where case source when 'contract' then 'contract prices' when 'imported' then 'imported prices' else 'list prices' end = $part;
