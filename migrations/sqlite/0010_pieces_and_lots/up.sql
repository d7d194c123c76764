-- Lots move as lots: how much of each lot a place has. Kept beside the balance of the part, which is their sum.
CREATE TABLE lot_balances (
    lot_id      TEXT NOT NULL REFERENCES part_lots (id),
    location_id TEXT NOT NULL REFERENCES stock_locations (id),
    on_hand     INTEGER NOT NULL,
    PRIMARY KEY (lot_id, location_id)
) STRICT;

-- The lot that was picked.
ALTER TABLE reservations ADD COLUMN lot_id TEXT REFERENCES part_lots (id);
-- The same for all movements of one command: they are taken back together.
ALTER TABLE stock_movements ADD COLUMN batch_id TEXT;
CREATE INDEX stock_movements_by_batch ON stock_movements (batch_id);
-- What had been adjusted at the place when the line was counted: what is adjusted later is not booked again.
ALTER TABLE stock_count_lines ADD COLUMN adjusted INTEGER NOT NULL DEFAULT 0;

-- Numbers are kept without blanks around them, in capitals. Two that were the same but for that stay as they are.
UPDATE part_serials SET number = UPPER(TRIM(number))
WHERE number <> UPPER(TRIM(number)) AND NOT EXISTS (SELECT 1 FROM part_serials o
    WHERE o.part_id = part_serials.part_id AND o.id <> part_serials.id
      AND UPPER(TRIM(o.number)) = UPPER(TRIM(part_serials.number)));
UPDATE part_lots SET number = UPPER(TRIM(number))
WHERE number <> UPPER(TRIM(number)) AND NOT EXISTS (SELECT 1 FROM part_lots o
    WHERE o.part_id = part_lots.part_id AND o.id <> part_lots.id
      AND UPPER(TRIM(o.number)) = UPPER(TRIM(part_lots.number)));

-- What moved until now without its lot is of the lot without a number.
INSERT INTO part_lots (id, part_id, number, expires_at, created_at)
SELECT p.id, p.id, '', NULL, p.created_at FROM parts p WHERE p.tracking = 'lot'
  AND EXISTS (SELECT 1 FROM stock_movements m WHERE m.part_id = p.id AND m.lot_id IS NULL);
INSERT INTO lot_balances (lot_id, location_id, on_hand)
SELECT ends.lot_id, ends.location_id, SUM(ends.quantity) FROM (
    SELECT COALESCE(lot_id, part_id) AS lot_id, part_id, to_location_id AS location_id, quantity FROM stock_movements
    UNION ALL
    SELECT COALESCE(lot_id, part_id), part_id, from_location_id, -quantity FROM stock_movements) AS ends
JOIN parts p ON p.id = ends.part_id JOIN stock_locations l ON l.id = ends.location_id
WHERE p.tracking = 'lot' AND l.kind IN ('depot', 'bin', 'van', 'quarantine', 'repair', 'unplaced')
GROUP BY ends.lot_id, ends.location_id;
UPDATE stock_count_lines SET adjusted = COALESCE((SELECT SUM(
        CASE WHEN m.to_location_id = c.location_id THEN m.quantity ELSE -m.quantity END)
    FROM stock_movements m JOIN stock_counts c ON c.id = stock_count_lines.count_id
    WHERE m.kind = 'adjust' AND m.part_id = stock_count_lines.part_id
      AND c.location_id IN (m.from_location_id, m.to_location_id)), 0);
