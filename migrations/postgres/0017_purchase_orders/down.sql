ALTER TABLE stock_balances DROP COLUMN expired;
DROP TABLE put_backs;
DROP INDEX stock_movements_by_order_line;
ALTER TABLE stock_movements DROP COLUMN order_line_id;
DROP TABLE purchase_order_lines;
DROP TABLE purchase_orders;
