-- What had moved in and out of the place before the part was counted, as far as the books knew then: NULL for what was
-- counted before this was kept.
ALTER TABLE stock_count_lines ADD COLUMN moved INTEGER;
