DROP INDEX stock_movements_by_serial;
DROP INDEX stock_movements_by_asset;
DROP INDEX stock_locations_by_parent;
ALTER TABLE reservations DROP COLUMN instead_of_part_id;
ALTER TABLE part_usage DROP COLUMN removed_serial;
ALTER TABLE stock_movements DROP COLUMN reverses_id;
ALTER TABLE stock_movements DROP COLUMN under_warranty;
ALTER TABLE stock_movements DROP COLUMN currency;
ALTER TABLE stock_movements DROP COLUMN unit_cost_micros;
ALTER TABLE stock_movements DROP COLUMN asset_id;
ALTER TABLE stock_movements DROP COLUMN lot_id;
ALTER TABLE stock_movements DROP COLUMN serial_id;
ALTER TABLE stock_locations DROP COLUMN parent_id;
ALTER TABLE parts DROP COLUMN warranty_days;
ALTER TABLE parts DROP COLUMN returnable;
ALTER TABLE parts DROP COLUMN tracking;
DROP TABLE need_uses;
DROP TABLE need_cases;
DROP TABLE part_needs;
DROP TABLE used_part_returns;
DROP TABLE stock_count_lines;
DROP TABLE stock_counts;
DROP TABLE part_components;
DROP TABLE supplier_prices;
DROP TABLE supplier_parts;
DROP TABLE suppliers;
DROP TABLE stock_levels;
DROP TABLE part_costs;
DROP TABLE part_serials;
DROP TABLE part_lots;
DROP TABLE part_substitutes;
DROP TABLE part_codes;
DELETE FROM stock_locations WHERE kind IN ('bin', 'quarantine', 'repair', 'scrap', 'unplaced');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'kind IN (''depot'', ''bin'', ''van'', ''quarantine'', ''repair'','
    || ' ''scrap'', ''unplaced'', ''supplier'', ''installed'', ''adjustment'')',
    'kind IN (''depot'', ''van'', ''supplier'', ''installed'', ''adjustment'')')
WHERE name = 'stock_locations';
PRAGMA writable_schema = RESET;
