DROP TABLE part_usage;
DROP TABLE stock_movements;
DROP TABLE reservations;
DROP TABLE stock_balances;
DROP TABLE stock_locations;
DROP TABLE parts;
