-- What was ordered from whom and has not come yet, so that nothing is ordered twice.
CREATE TABLE purchase_orders (
    id          TEXT PRIMARY KEY,
    number      INTEGER NOT NULL UNIQUE,
    supplier_id TEXT NOT NULL REFERENCES suppliers (id),
    currency    TEXT NOT NULL,
    status      TEXT NOT NULL,
    expected_on TEXT NOT NULL,
    note        TEXT NOT NULL,
    ordered_by  TEXT NOT NULL,
    ordered_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX purchase_orders_by_status ON purchase_orders (status, expected_on);

-- What has not come of a line is `quantity - received - cancelled`.
CREATE TABLE purchase_order_lines (
    id                   TEXT PRIMARY KEY,
    order_id             TEXT NOT NULL REFERENCES purchase_orders (id),
    part_id              TEXT NOT NULL REFERENCES parts (id),
    location_id          TEXT NOT NULL REFERENCES stock_locations (id),
    supplier_part_number TEXT NOT NULL,
    quantity             INTEGER NOT NULL CHECK (quantity > 0),
    received             INTEGER NOT NULL CHECK (received >= 0),
    cancelled            INTEGER NOT NULL CHECK (cancelled >= 0),
    unit_price_micros    INTEGER,
    CHECK (received + cancelled <= quantity)
) STRICT;
CREATE INDEX purchase_order_lines_by_order ON purchase_order_lines (order_id);
-- Closed lines are most of them after a year, and nobody asks for them by part.
CREATE INDEX purchase_order_lines_open ON purchase_order_lines (part_id) WHERE received + cancelled < quantity;

ALTER TABLE stock_movements ADD COLUMN order_line_id TEXT REFERENCES purchase_order_lines (id);
CREATE INDEX stock_movements_by_order_line ON stock_movements (order_line_id) WHERE order_line_id IS NOT NULL;

-- What was picked for a ticket that does not need it any more lies in a tray until somebody has put it back.
CREATE TABLE put_backs (
    id             TEXT PRIMARY KEY,
    reservation_id TEXT NOT NULL REFERENCES reservations (id),
    ticket_id      TEXT NOT NULL REFERENCES tickets (id),
    engineer_id    TEXT REFERENCES engineers (id),
    part_id        TEXT NOT NULL REFERENCES parts (id),
    location_id    TEXT NOT NULL REFERENCES stock_locations (id),
    lot_id         TEXT REFERENCES part_lots (id),
    serials        TEXT NOT NULL,
    quantity       INTEGER NOT NULL CHECK (quantity > 0),
    created_at     INTEGER NOT NULL,
    done_by        TEXT NOT NULL,
    done_at        INTEGER
) STRICT;
CREATE INDEX put_backs_open ON put_backs (location_id) WHERE done_at IS NULL;
CREATE INDEX put_backs_by_ticket ON put_backs (ticket_id);

-- What of a shelf's stock must not be used any more: on hand, and not free.
ALTER TABLE stock_balances ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
