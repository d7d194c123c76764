DROP INDEX stock_movements_by_batch;
ALTER TABLE stock_count_lines DROP COLUMN adjusted;
ALTER TABLE stock_movements DROP COLUMN batch_id;
ALTER TABLE reservations DROP COLUMN lot_id;
DROP TABLE lot_balances;
