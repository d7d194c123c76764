-- The books of the stock, recomputed from the ledger alone, in SQL that SQLite and PostgreSQL both read. It shares
-- nothing with the code that keeps them. Each statement answers with what is wrong: the part, the place, what follows
-- from the ledger and what the books say. Its rule stands above it.

-- rule: a balance is the sum of its movements
SELECT p.number AS part, l.code AS place, CAST(s.moved AS TEXT) AS expected, CAST(s.booked AS TEXT) AS found
FROM (
  SELECT part_id, location_id, CAST(SUM(moved) AS BIGINT) AS moved, CAST(SUM(booked) AS BIGINT) AS booked
  FROM (
    SELECT part_id, to_location_id AS location_id, quantity AS moved, 0 AS booked FROM stock_movements
    UNION ALL
    SELECT part_id, from_location_id, -quantity, 0 FROM stock_movements
    UNION ALL
    SELECT part_id, location_id, 0, on_hand FROM stock_balances
  ) AS entries
  GROUP BY part_id, location_id
) AS s
JOIN parts p ON p.id = s.part_id
JOIN stock_locations l ON l.id = s.location_id
WHERE l.kind NOT IN ('supplier', 'installed', 'adjustment', 'scrap') AND s.moved <> s.booked
ORDER BY p.number, l.code;

-- rule: what is reserved is the sum of the live reservations
SELECT p.number AS part, l.code AS place, CAST(s.promised AS TEXT) AS expected, CAST(s.booked AS TEXT) AS found
FROM (
  SELECT part_id, location_id, CAST(SUM(promised) AS BIGINT) AS promised, CAST(SUM(booked) AS BIGINT) AS booked
  FROM (
    SELECT part_id, location_id, quantity AS promised, 0 AS booked FROM reservations
    WHERE status IN ('held', 'picked', 'handed_over')
    UNION ALL
    SELECT part_id, location_id, 0, reserved FROM stock_balances
  ) AS entries
  GROUP BY part_id, location_id
) AS s
JOIN parts p ON p.id = s.part_id
JOIN stock_locations l ON l.id = s.location_id
WHERE s.promised <> s.booked
ORDER BY p.number, l.code;

-- Of a van the books may know less than what was handed over into it: its engineer used more than they knew of, and
-- nobody has counted yet.
-- rule: no more is promised at a depot than is there
SELECT p.number AS part, l.code AS place, CAST(b.on_hand AS TEXT) AS expected, CAST(b.reserved AS TEXT) AS found
FROM stock_balances b
JOIN parts p ON p.id = b.part_id
JOIN stock_locations l ON l.id = b.location_id
WHERE l.kind IN ('depot', 'bin') AND b.reserved > b.on_hand
ORDER BY p.number, l.code;

-- rule: the outside keeps no balance
SELECT p.number AS part, l.code AS place, 'none' AS expected, CAST(b.on_hand AS TEXT) AS found
FROM stock_balances b
JOIN parts p ON p.id = b.part_id
JOIN stock_locations l ON l.id = b.location_id
WHERE l.kind IN ('supplier', 'installed', 'adjustment', 'scrap')
ORDER BY p.number, l.code;

-- rule: a piece is where its last movement went
SELECT p.number || ' ' || s.number AS part, 'piece' AS place, went.code AS expected, is_at.code AS found
FROM part_serials s
JOIN parts p ON p.id = s.part_id
JOIN stock_locations is_at ON is_at.id = s.location_id
JOIN (SELECT serial_id, MAX(id) AS id FROM stock_movements WHERE serial_id IS NOT NULL GROUP BY serial_id) AS last
  ON last.serial_id = s.id
JOIN stock_movements m ON m.id = last.id
JOIN stock_locations went ON went.id = m.to_location_id
WHERE went.id <> is_at.id
ORDER BY p.number, s.number;

-- rule: a movement of one piece or lot is of that part
SELECT p.number AS part, m.id AS place, p.number AS expected, o.number AS found
FROM stock_movements m
JOIN parts p ON p.id = m.part_id
LEFT JOIN part_serials s ON s.id = m.serial_id
LEFT JOIN part_lots t ON t.id = m.lot_id
JOIN parts o ON o.id = COALESCE(s.part_id, t.part_id)
WHERE s.part_id <> m.part_id OR t.part_id <> m.part_id
ORDER BY m.id;

-- rule: no more of a lot leaves a place than came
SELECT p.number || ' ' || t.number AS part, l.code AS place, '0' AS expected, CAST(s.moved AS TEXT) AS found
FROM (
  SELECT lot_id, location_id, CAST(SUM(moved) AS BIGINT) AS moved
  FROM (
    SELECT lot_id, to_location_id AS location_id, quantity AS moved FROM stock_movements WHERE lot_id IS NOT NULL
    UNION ALL
    SELECT lot_id, from_location_id, -quantity FROM stock_movements WHERE lot_id IS NOT NULL
  ) AS entries
  GROUP BY lot_id, location_id
) AS s
JOIN part_lots t ON t.id = s.lot_id
JOIN parts p ON p.id = t.part_id
JOIN stock_locations l ON l.id = s.location_id
WHERE l.kind NOT IN ('supplier', 'installed', 'adjustment', 'scrap') AND s.moved < 0
ORDER BY p.number, t.number, l.code;

-- rule: what a ticket is said to have used has left the vans
SELECT p.number AS part, CAST(k.number AS TEXT) AS place, CAST(s.said AS TEXT) AS expected, CAST(s.left_it AS TEXT) AS found
FROM (
  SELECT ticket_id, part_id, CAST(SUM(said) AS BIGINT) AS said, CAST(SUM(left_it) AS BIGINT) AS left_it
  FROM (
    SELECT ticket_id, part_id, quantity AS said, 0 AS left_it FROM part_usage WHERE outcome IN ('used', 'defective')
    UNION ALL
    SELECT ticket_id, part_id, 0, quantity FROM stock_movements
    WHERE kind IN ('install', 'reject') AND ticket_id IS NOT NULL
  ) AS entries
  GROUP BY ticket_id, part_id
) AS s
JOIN parts p ON p.id = s.part_id
JOIN tickets k ON k.id = s.ticket_id
WHERE s.said <> s.left_it
ORDER BY k.number, p.number;

-- rule: what was handed over for a reservation is what it says
SELECT p.number AS part, l.code AS place, CAST(s.promised AS TEXT) AS expected, CAST(s.moved AS TEXT) AS found
FROM (
  SELECT r.id, r.part_id, r.location_id, r.quantity AS promised, CAST(SUM(m.quantity) AS BIGINT) AS moved
  FROM reservations r JOIN stock_movements m ON m.reservation_id = r.id AND m.kind = 'issue'
  WHERE r.status = 'handed_over'
  GROUP BY r.id, r.part_id, r.location_id, r.quantity
) AS s
JOIN parts p ON p.id = s.part_id
JOIN stock_locations l ON l.id = s.location_id
WHERE s.moved < s.promised
ORDER BY p.number, l.code;
