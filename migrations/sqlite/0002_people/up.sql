-- Who works here: users and their sessions, engineers and what they may do, when and where.
CREATE TABLE engineers (
    id               TEXT PRIMARY KEY,
    code             TEXT NOT NULL UNIQUE,
    name             TEXT NOT NULL,
    phone            TEXT NOT NULL,
    home_latitude    REAL NOT NULL,
    home_longitude   REAL NOT NULL,
    max_load_minutes INTEGER NOT NULL CHECK (max_load_minutes > 0),
    active           INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    login         TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    engineer_id   TEXT REFERENCES engineers (id),
    locale        TEXT NOT NULL,
    active        INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at    INTEGER NOT NULL
) STRICT;

-- Log-ins, device tokens and integration tokens; only the hash of a token is kept. Real time, never the demo's.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    user_id    TEXT NOT NULL REFERENCES users (id),
    kind       TEXT NOT NULL CHECK (kind IN ('page', 'device', 'integration')),
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    device_id  TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE skills (
    code    TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    name_zh TEXT NOT NULL
) STRICT;

CREATE TABLE skill_certificates (
    id          TEXT PRIMARY KEY,
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    skill       TEXT NOT NULL REFERENCES skills (code),
    level       INTEGER NOT NULL CHECK (level BETWEEN 1 AND 9),
    number      TEXT NOT NULL,
    valid_from  INTEGER NOT NULL,
    valid_until INTEGER CHECK (valid_until > valid_from)
) STRICT;
CREATE INDEX skill_certificates_by_engineer ON skill_certificates (engineer_id);

CREATE TABLE shifts (
    id          TEXT PRIMARY KEY,
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    starts_at   INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL CHECK (ends_at > starts_at)
) STRICT;
CREATE INDEX shifts_by_engineer ON shifts (engineer_id, ends_at);

CREATE TABLE absences (
    id          TEXT PRIMARY KEY,
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    starts_at   INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL CHECK (ends_at > starts_at),
    reason      TEXT NOT NULL
) STRICT;
CREATE INDEX absences_by_engineer ON absences (engineer_id, ends_at);

-- The last known position only; not in the change log.
CREATE TABLE positions (
    engineer_id TEXT PRIMARY KEY REFERENCES engineers (id),
    latitude    REAL NOT NULL,
    longitude   REAL NOT NULL,
    accuracy_m  REAL,
    at          INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX positions_by_arrival ON positions (received_at);

-- Minutes of work in hand: the guard against overbooking. The sum over open tickets, kept in the same transaction.
CREATE TABLE engineer_loads (
    engineer_id TEXT PRIMARY KEY REFERENCES engineers (id),
    tickets     INTEGER NOT NULL CHECK (tickets >= 0),
    minutes     INTEGER NOT NULL CHECK (minutes >= 0)
) STRICT;

-- What an engineer took for like faults so far, and what had been expected.
CREATE TABLE repair_times (
    engineer_id      TEXT NOT NULL REFERENCES engineers (id),
    fault            TEXT NOT NULL,
    repairs          INTEGER NOT NULL,
    minutes          INTEGER NOT NULL,
    expected_minutes INTEGER NOT NULL,
    PRIMARY KEY (engineer_id, fault)
) STRICT;
