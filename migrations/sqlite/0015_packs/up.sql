-- How much of a part is in one pack of a supplier: whole packs are bought. One, the least that there is, is no pack.
ALTER TABLE supplier_parts ADD COLUMN pack INTEGER NOT NULL DEFAULT 1 CHECK (pack > 0);
