-- Stock with proof: an append-only ledger of movements, and the balances they sum to.
CREATE TABLE parts (
    id                TEXT PRIMARY KEY,
    number            TEXT NOT NULL UNIQUE,
    name              TEXT NOT NULL,
    name_zh           TEXT NOT NULL,
    unit              TEXT NOT NULL,
    decimals          INTEGER NOT NULL CHECK (decimals BETWEEN 0 AND 6),
    unit_price_micros BIGINT NOT NULL CHECK (unit_price_micros >= 0),
    currency          TEXT NOT NULL,
    active            BOOLEAN NOT NULL,
    created_at        BIGINT NOT NULL
);

-- supplier and installed are the outside of the ledger: movements name them, no balance is kept for them.
CREATE TABLE stock_locations (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('depot', 'van', 'supplier', 'installed', 'adjustment')),
    code        TEXT NOT NULL UNIQUE,
    name        TEXT NOT NULL,
    latitude    DOUBLE PRECISION,
    longitude   DOUBLE PRECISION,
    engineer_id TEXT UNIQUE REFERENCES engineers (id),
    active      BOOLEAN NOT NULL,
    created_at  BIGINT NOT NULL
);
INSERT INTO stock_locations (id, kind, code, name, active, created_at) VALUES
    ('00000000-0000-7000-8000-000000000001', 'supplier', 'SUPPLIER', 'Suppliers', TRUE, 0),
    ('00000000-0000-7000-8000-000000000002', 'installed', 'INSTALLED', 'Installed at customers', TRUE, 0),
    ('00000000-0000-7000-8000-000000000003', 'adjustment', 'ADJUSTMENT', 'Count differences', TRUE, 0);

-- on_hand may fall below zero on paper: an engineer who says that he used a part is believed.
CREATE TABLE stock_balances (
    id          TEXT PRIMARY KEY,
    part_id     TEXT NOT NULL REFERENCES parts (id),
    location_id TEXT NOT NULL REFERENCES stock_locations (id),
    on_hand     BIGINT NOT NULL,
    reserved    BIGINT NOT NULL CHECK (reserved >= 0),
    UNIQUE (part_id, location_id)
);
CREATE INDEX stock_balances_by_location ON stock_balances (location_id);

CREATE TABLE reservations (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    engineer_id TEXT REFERENCES engineers (id),
    part_id     TEXT NOT NULL REFERENCES parts (id),
    location_id TEXT NOT NULL REFERENCES stock_locations (id),
    quantity    BIGINT NOT NULL CHECK (quantity > 0),
    status      TEXT NOT NULL,
    expires_at  BIGINT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX reservations_by_ticket ON reservations (ticket_id);
CREATE INDEX reservations_by_status ON reservations (status, location_id);
CREATE INDEX reservations_by_expiry ON reservations (status, expires_at);

CREATE TABLE stock_movements (
    id               TEXT PRIMARY KEY,
    kind             TEXT NOT NULL,
    part_id          TEXT NOT NULL REFERENCES parts (id),
    quantity         BIGINT NOT NULL CHECK (quantity > 0),
    from_location_id TEXT NOT NULL REFERENCES stock_locations (id),
    to_location_id   TEXT NOT NULL REFERENCES stock_locations (id),
    ticket_id        TEXT REFERENCES tickets (id),
    reservation_id   TEXT REFERENCES reservations (id),
    actor            TEXT NOT NULL,
    at               BIGINT NOT NULL,
    note             TEXT NOT NULL,
    CHECK (from_location_id <> to_location_id)
);
CREATE INDEX stock_movements_by_part ON stock_movements (part_id, at);
CREATE INDEX stock_movements_by_source ON stock_movements (from_location_id, at);
CREATE INDEX stock_movements_by_target ON stock_movements (to_location_id, at);
CREATE INDEX stock_movements_by_ticket ON stock_movements (ticket_id);

CREATE TABLE part_usage (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    visit_id    TEXT NOT NULL REFERENCES visits (id),
    engineer_id TEXT REFERENCES engineers (id),
    part_id     TEXT NOT NULL REFERENCES parts (id),
    quantity    BIGINT NOT NULL CHECK (quantity > 0),
    serial      TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    at          BIGINT NOT NULL
);
CREATE INDEX part_usage_by_ticket ON part_usage (ticket_id);
