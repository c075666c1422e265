-- The prices of one part: those of the user's contract, or all the others.
delete from main.model_prices
where (source = 'contract') = $is_contract;
