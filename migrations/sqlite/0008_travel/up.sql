-- What finished journeys have taught of travel times: sums by area (a tenth of a degree) and hour, beside what they
-- are measured by. Band -1 is the whole day.
CREATE TABLE travel_speeds (
    rod      TEXT NOT NULL,
    south    INTEGER NOT NULL,
    west     INTEGER NOT NULL,
    band     INTEGER NOT NULL,
    journeys REAL NOT NULL,
    weight   REAL NOT NULL,
    estimate REAL NOT NULL,
    seconds  REAL NOT NULL,
    products REAL NOT NULL,
    scatter  REAL NOT NULL,
    logs     REAL NOT NULL,
    PRIMARY KEY (rod, south, west, band)
) STRICT;

-- Who is on the road, and where he left from: until he arrives.
CREATE TABLE travel_departures (
    engineer_id TEXT PRIMARY KEY REFERENCES engineers (id),
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    latitude    REAL NOT NULL,
    longitude   REAL NOT NULL,
    left_at     INTEGER NOT NULL
) STRICT;
