-- Places within places, parts that are followed one by one, what places should have, what tickets are likely to need,
-- counts, and old parts that come back.
-- The check of a column is changed in the schema's text, as SQLite's manual says: no row is touched.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql,
    'kind IN (''depot'', ''van'', ''supplier'', ''installed'', ''adjustment'')',
    'kind IN (''depot'', ''bin'', ''van'', ''quarantine'', ''repair'','
    || ' ''scrap'', ''unplaced'', ''supplier'', ''installed'', ''adjustment'')')
WHERE name = 'stock_locations';
PRAGMA writable_schema = RESET;

-- Barcodes and numbers under which a part is scanned: what is printed on it and on its box.
CREATE TABLE part_codes (
    id      TEXT PRIMARY KEY,
    part_id TEXT NOT NULL REFERENCES parts (id),
    code    TEXT NOT NULL UNIQUE,
    note    TEXT NOT NULL
) STRICT;
CREATE INDEX part_codes_by_part ON part_codes (part_id);

-- What may be taken instead of a part, one for one.
CREATE TABLE part_substitutes (
    id            TEXT PRIMARY KEY,
    part_id       TEXT NOT NULL REFERENCES parts (id),
    substitute_id TEXT NOT NULL REFERENCES parts (id),
    UNIQUE (part_id, substitute_id),
    CHECK (part_id <> substitute_id)
) STRICT;

-- Lots of parts that are followed by lot.
CREATE TABLE part_lots (
    id         TEXT PRIMARY KEY,
    part_id    TEXT NOT NULL REFERENCES parts (id),
    number     TEXT NOT NULL,
    expires_at INTEGER,
    created_at INTEGER NOT NULL,
    UNIQUE (part_id, number)
) STRICT;

-- One piece of a part that is followed by serial number; it is at one place.
CREATE TABLE part_serials (
    id             TEXT PRIMARY KEY,
    part_id        TEXT NOT NULL REFERENCES parts (id),
    number         TEXT NOT NULL,
    lot_id         TEXT REFERENCES part_lots (id),
    location_id    TEXT NOT NULL REFERENCES stock_locations (id),
    asset_id       TEXT REFERENCES assets (id),
    reservation_id TEXT REFERENCES reservations (id),
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    UNIQUE (part_id, number)
) STRICT;
CREATE INDEX part_serials_by_number ON part_serials (number);
CREATE INDEX part_serials_by_location ON part_serials (location_id, part_id);
CREATE INDEX part_serials_by_asset ON part_serials (asset_id);
CREATE INDEX part_serials_by_reservation ON part_serials (reservation_id);

-- What was received of a part for money, a row for each currency: value / quantity is the average cost. In millionths.
CREATE TABLE part_costs (
    id           TEXT PRIMARY KEY,
    part_id      TEXT NOT NULL REFERENCES parts (id),
    currency     TEXT NOT NULL,
    quantity     INTEGER NOT NULL,
    value_micros INTEGER NOT NULL,
    UNIQUE (part_id, currency)
) STRICT;

-- How much of a part a place should have, and how many days its supplier takes.
CREATE TABLE stock_levels (
    id          TEXT PRIMARY KEY,
    part_id     TEXT NOT NULL REFERENCES parts (id),
    location_id TEXT NOT NULL REFERENCES stock_locations (id),
    minimum     INTEGER NOT NULL,
    maximum     INTEGER NOT NULL,
    lead_days   INTEGER NOT NULL,
    UNIQUE (part_id, location_id),
    CHECK (minimum >= 0 AND maximum >= minimum AND lead_days >= 0)
) STRICT;
CREATE INDEX stock_levels_by_location ON stock_levels (location_id);

-- Who sells parts.
CREATE TABLE suppliers (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

-- Under which number a supplier sells a part.
CREATE TABLE supplier_parts (
    id          TEXT PRIMARY KEY,
    part_id     TEXT NOT NULL REFERENCES parts (id),
    supplier_id TEXT NOT NULL REFERENCES suppliers (id),
    number      TEXT NOT NULL,
    note        TEXT NOT NULL,
    UNIQUE (supplier_id, number)
) STRICT;
CREATE INDEX supplier_parts_by_part ON supplier_parts (part_id);

-- What a unit costs from this quantity on.
CREATE TABLE supplier_prices (
    id                TEXT PRIMARY KEY,
    supplier_part_id  TEXT NOT NULL REFERENCES supplier_parts (id),
    quantity          INTEGER NOT NULL,
    unit_price_micros INTEGER NOT NULL,
    currency          TEXT NOT NULL,
    UNIQUE (supplier_part_id, quantity, currency)
) STRICT;

-- What a part is made of.
CREATE TABLE part_components (
    id           TEXT PRIMARY KEY,
    part_id      TEXT NOT NULL REFERENCES parts (id),
    component_id TEXT NOT NULL REFERENCES parts (id),
    quantity     INTEGER NOT NULL,
    note         TEXT NOT NULL,
    UNIQUE (part_id, component_id, note),
    CHECK (part_id <> component_id)
) STRICT;
CREATE INDEX part_components_by_component ON part_components (component_id);

-- A count of a place: what was found becomes true when somebody approves it.
CREATE TABLE stock_counts (
    id          TEXT PRIMARY KEY,
    location_id TEXT NOT NULL REFERENCES stock_locations (id),
    blind       INTEGER NOT NULL CHECK (blind IN (0, 1)),
    status      TEXT NOT NULL,
    note        TEXT NOT NULL,
    created_by  TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    closed_by   TEXT NOT NULL,
    closed_at   INTEGER
) STRICT;
CREATE INDEX stock_counts_by_status ON stock_counts (status, location_id);

-- What the books said when the line was counted, and what was found.
CREATE TABLE stock_count_lines (
    id         TEXT PRIMARY KEY,
    count_id   TEXT NOT NULL REFERENCES stock_counts (id),
    part_id    TEXT NOT NULL REFERENCES parts (id),
    expected   INTEGER NOT NULL,
    counted    INTEGER,
    counted_by TEXT NOT NULL,
    counted_at INTEGER,
    UNIQUE (count_id, part_id)
) STRICT;

-- Old parts that came out of an asset and have to come back.
CREATE TABLE used_part_returns (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    asset_id    TEXT REFERENCES assets (id),
    part_id     TEXT NOT NULL REFERENCES parts (id),
    quantity    INTEGER NOT NULL,
    serial      TEXT NOT NULL,
    engineer_id TEXT REFERENCES engineers (id),
    status      TEXT NOT NULL,
    grade       TEXT NOT NULL,
    location_id TEXT REFERENCES stock_locations (id),
    note        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX used_part_returns_by_status ON used_part_returns (status, created_at);
CREATE INDEX used_part_returns_by_ticket ON used_part_returns (ticket_id);

-- What people say that tickets of a kind need, worth as much as so many tickets seen. No model or symptom means any.
CREATE TABLE part_needs (
    id          TEXT PRIMARY KEY,
    ticket_kind TEXT NOT NULL,
    asset_model TEXT NOT NULL,
    symptom     TEXT NOT NULL,
    part_id     TEXT NOT NULL REFERENCES parts (id),
    quantity    INTEGER NOT NULL,
    probability REAL NOT NULL,
    -- NULL: it is so, whatever was seen.
    weight      REAL,
    UNIQUE (ticket_kind, asset_model, symptom, part_id),
    CHECK (probability BETWEEN 0 AND 1),
    CHECK (weight >= 0)
) STRICT;

-- How many tickets of a kind were finished: what the next table is counted of.
CREATE TABLE need_cases (
    ticket_kind TEXT NOT NULL,
    asset_model TEXT NOT NULL,
    symptom     TEXT NOT NULL,
    tickets     INTEGER NOT NULL,
    PRIMARY KEY (ticket_kind, asset_model, symptom)
) STRICT;

-- On how many of them a part was used, and how much of it in all.
CREATE TABLE need_uses (
    ticket_kind TEXT NOT NULL,
    asset_model TEXT NOT NULL,
    symptom     TEXT NOT NULL,
    part_id     TEXT NOT NULL REFERENCES parts (id),
    tickets     INTEGER NOT NULL,
    quantity    INTEGER NOT NULL,
    PRIMARY KEY (ticket_kind, asset_model, symptom, part_id)
) STRICT;

ALTER TABLE parts ADD COLUMN tracking TEXT NOT NULL DEFAULT 'none';
ALTER TABLE parts ADD COLUMN returnable INTEGER NOT NULL DEFAULT 0 CHECK (returnable IN (0, 1));
ALTER TABLE parts ADD COLUMN warranty_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stock_locations ADD COLUMN parent_id TEXT REFERENCES stock_locations (id);
ALTER TABLE stock_movements ADD COLUMN serial_id TEXT REFERENCES part_serials (id);
ALTER TABLE stock_movements ADD COLUMN lot_id TEXT REFERENCES part_lots (id);
ALTER TABLE stock_movements ADD COLUMN asset_id TEXT REFERENCES assets (id);
ALTER TABLE stock_movements ADD COLUMN unit_cost_micros INTEGER;
ALTER TABLE stock_movements ADD COLUMN currency TEXT NOT NULL DEFAULT '';
ALTER TABLE stock_movements ADD COLUMN under_warranty INTEGER NOT NULL DEFAULT 0 CHECK (under_warranty IN (0, 1));
ALTER TABLE stock_movements ADD COLUMN reverses_id TEXT REFERENCES stock_movements (id);
ALTER TABLE part_usage ADD COLUMN removed_serial TEXT NOT NULL DEFAULT '';
ALTER TABLE reservations ADD COLUMN instead_of_part_id TEXT REFERENCES parts (id);
CREATE INDEX stock_movements_by_serial ON stock_movements (serial_id);
CREATE INDEX stock_movements_by_asset ON stock_movements (asset_id, part_id);
CREATE INDEX stock_locations_by_parent ON stock_locations (parent_id);

-- One each, so that what is taken out of a lift has somewhere to go from the first day on.
INSERT INTO stock_locations (id, kind, code, name, latitude, longitude, engineer_id, active, created_at) VALUES
    ('00000000-0000-7000-8000-000000000004', 'scrap', 'SCRAP', 'Scrap', NULL, NULL, NULL, 1, 0),
    ('00000000-0000-7000-8000-000000000005', 'quarantine', 'QUARANTINE', 'Quarantine', NULL, NULL, NULL, 1, 0),
    ('00000000-0000-7000-8000-000000000006', 'repair', 'REPAIR', 'Away for repair', NULL, NULL, NULL, 1, 0),
    ('00000000-0000-7000-8000-000000000007', 'unplaced', 'UNPLACED', 'Not placed yet', NULL, NULL, NULL, 1, 0);
