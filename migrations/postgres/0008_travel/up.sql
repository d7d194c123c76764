-- What finished journeys have taught of travel times: sums by area (a tenth of a degree) and hour, beside what they
-- are measured by. Band -1 is the whole day.
CREATE TABLE travel_speeds (
    rod      TEXT NOT NULL,
    south    INTEGER NOT NULL,
    west     INTEGER NOT NULL,
    band     INTEGER NOT NULL,
    journeys DOUBLE PRECISION NOT NULL,
    weight   DOUBLE PRECISION NOT NULL,
    estimate DOUBLE PRECISION NOT NULL,
    seconds  DOUBLE PRECISION NOT NULL,
    products DOUBLE PRECISION NOT NULL,
    scatter  DOUBLE PRECISION NOT NULL,
    logs     DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (rod, south, west, band)
);

-- Who is on the road, and where he left from: until he arrives.
CREATE TABLE travel_departures (
    engineer_id TEXT PRIMARY KEY REFERENCES engineers (id),
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    latitude    DOUBLE PRECISION NOT NULL,
    longitude   DOUBLE PRECISION NOT NULL,
    left_at     BIGINT NOT NULL
);
