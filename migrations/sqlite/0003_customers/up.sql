-- Customer, site, asset: where work is done, and on what.
CREATE TABLE customers (
    id         TEXT PRIMARY KEY,
    number     TEXT NOT NULL UNIQUE,
    name       TEXT NOT NULL,
    phone      TEXT NOT NULL,
    email      TEXT NOT NULL,
    level      TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sites (
    id          TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    name        TEXT NOT NULL,
    address     TEXT NOT NULL,
    latitude    REAL NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude   REAL NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    access_note TEXT NOT NULL,
    contact     TEXT NOT NULL,
    time_zone   TEXT NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX sites_by_customer ON sites (customer_id);

CREATE TABLE assets (
    id           TEXT PRIMARY KEY,
    site_id      TEXT NOT NULL REFERENCES sites (id),
    number       TEXT NOT NULL UNIQUE,
    kind         TEXT NOT NULL,
    model        TEXT NOT NULL,
    manufacturer TEXT NOT NULL,
    description  TEXT NOT NULL,
    created_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX assets_by_site ON assets (site_id);
