-- Who works here: users and their sessions, engineers and what they may do, when and where.
CREATE TABLE engineers (
    id               TEXT PRIMARY KEY,
    code             TEXT NOT NULL UNIQUE,
    name             TEXT NOT NULL,
    phone            TEXT NOT NULL,
    home_latitude    DOUBLE PRECISION NOT NULL,
    home_longitude   DOUBLE PRECISION NOT NULL,
    max_load_minutes BIGINT NOT NULL CHECK (max_load_minutes > 0),
    active           BOOLEAN NOT NULL,
    created_at       BIGINT NOT NULL
);

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    login         TEXT NOT NULL UNIQUE,
    display_name  TEXT NOT NULL,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    engineer_id   TEXT REFERENCES engineers (id),
    locale        TEXT NOT NULL,
    active        BOOLEAN NOT NULL,
    created_at    BIGINT NOT NULL
);

-- Log-ins, device tokens and integration tokens; only the hash of a token is kept. Real time, never the demo's.
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    user_id    TEXT NOT NULL REFERENCES users (id),
    kind       TEXT NOT NULL CHECK (kind IN ('page', 'device', 'integration')),
    name       TEXT NOT NULL,
    role       TEXT NOT NULL,
    device_id  TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE skills (
    code    TEXT PRIMARY KEY,
    name    TEXT NOT NULL,
    name_zh TEXT NOT NULL
);

CREATE TABLE skill_certificates (
    id          TEXT PRIMARY KEY,
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    skill       TEXT NOT NULL REFERENCES skills (code),
    level       INTEGER NOT NULL CHECK (level BETWEEN 1 AND 9),
    number      TEXT NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_until BIGINT CHECK (valid_until > valid_from)
);
CREATE INDEX skill_certificates_by_engineer ON skill_certificates (engineer_id);

CREATE TABLE shifts (
    id          TEXT PRIMARY KEY,
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    starts_at   BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL CHECK (ends_at > starts_at)
);
CREATE INDEX shifts_by_engineer ON shifts (engineer_id, ends_at);

CREATE TABLE absences (
    id          TEXT PRIMARY KEY,
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    starts_at   BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL CHECK (ends_at > starts_at),
    reason      TEXT NOT NULL
);
CREATE INDEX absences_by_engineer ON absences (engineer_id, ends_at);

-- The last known position only; not in the change log.
CREATE TABLE positions (
    engineer_id TEXT PRIMARY KEY REFERENCES engineers (id),
    latitude    DOUBLE PRECISION NOT NULL,
    longitude   DOUBLE PRECISION NOT NULL,
    accuracy_m  DOUBLE PRECISION,
    at          BIGINT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX positions_by_arrival ON positions (received_at);

-- Minutes of work in hand: the guard against overbooking. The sum over open tickets, kept in the same transaction.
CREATE TABLE engineer_loads (
    engineer_id TEXT PRIMARY KEY REFERENCES engineers (id),
    tickets     BIGINT NOT NULL CHECK (tickets >= 0),
    minutes     BIGINT NOT NULL CHECK (minutes >= 0)
);

-- What an engineer took for like faults so far, and what had been expected.
CREATE TABLE repair_times (
    engineer_id      TEXT NOT NULL REFERENCES engineers (id),
    fault            TEXT NOT NULL,
    repairs          BIGINT NOT NULL,
    minutes          BIGINT NOT NULL,
    expected_minutes BIGINT NOT NULL,
    PRIMARY KEY (engineer_id, fault)
);
