ALTER TABLE supplier_parts DROP COLUMN pack;
