-- Ticket -> visits -> engineers (lead and crew); assignments with their dossier; events and notes as rows.
CREATE TABLE tickets (
    id               TEXT PRIMARY KEY,
    number           INTEGER NOT NULL UNIQUE,
    kind             TEXT NOT NULL,
    priority         INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 4),
    title            TEXT NOT NULL,
    description      TEXT NOT NULL,
    symptom          TEXT NOT NULL,
    status           TEXT NOT NULL,
    customer_id      TEXT NOT NULL REFERENCES customers (id),
    site_id          TEXT NOT NULL REFERENCES sites (id),
    asset_id         TEXT REFERENCES assets (id),
    visit_id         TEXT NOT NULL,
    engineer_id      TEXT REFERENCES engineers (id),
    required_skills  TEXT NOT NULL,
    needed_parts     TEXT NOT NULL,
    expected_minutes INTEGER NOT NULL CHECK (expected_minutes > 0),
    earliest_at      INTEGER NOT NULL,
    latest_at        INTEGER,
    due_at           INTEGER NOT NULL,
    planned_at       INTEGER,
    access_note      TEXT NOT NULL,
    site_contact     TEXT NOT NULL,
    address          TEXT NOT NULL,
    latitude         REAL NOT NULL,
    longitude        REAL NOT NULL,
    -- Whether the server assigns it by itself as soon as somebody can take it.
    auto_dispatch    INTEGER NOT NULL CHECK (auto_dispatch IN (0, 1)),
    queue_reasons    TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    completed_at     INTEGER,
    closed_at        INTEGER,
    CHECK (latest_at IS NULL OR latest_at > earliest_at)
) STRICT;
CREATE INDEX tickets_by_status ON tickets (status, number);
CREATE INDEX tickets_by_engineer ON tickets (engineer_id, status);
CREATE INDEX tickets_by_site ON tickets (site_id);
CREATE INDEX tickets_by_asset ON tickets (asset_id);

CREATE TABLE visits (
    id               TEXT PRIMARY KEY,
    ticket_id        TEXT NOT NULL REFERENCES tickets (id),
    number           INTEGER NOT NULL,
    status           TEXT NOT NULL,
    planned_at       INTEGER,
    expected_minutes INTEGER NOT NULL,
    lead_engineer_id TEXT REFERENCES engineers (id),
    UNIQUE (ticket_id, number)
) STRICT;

-- Engineers of a visit besides its lead.
CREATE TABLE visit_crew (
    id          TEXT PRIMARY KEY,
    visit_id    TEXT NOT NULL REFERENCES visits (id),
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    UNIQUE (visit_id, engineer_id)
) STRICT;

CREATE TABLE assignments (
    id            TEXT PRIMARY KEY,
    ticket_id     TEXT NOT NULL REFERENCES tickets (id),
    visit_id      TEXT NOT NULL REFERENCES visits (id),
    engineer_id   TEXT NOT NULL REFERENCES engineers (id),
    assigned_at   INTEGER NOT NULL,
    assigned_by   TEXT NOT NULL,
    reason        TEXT NOT NULL,
    score_minutes REAL,
    dossier       TEXT NOT NULL,
    shortages     TEXT NOT NULL,
    ended_at      INTEGER
) STRICT;
CREATE INDEX assignments_by_ticket ON assignments (ticket_id, assigned_at);

CREATE TABLE ticket_events (
    id             TEXT PRIMARY KEY,
    ticket_id      TEXT NOT NULL REFERENCES tickets (id),
    visit_id       TEXT NOT NULL REFERENCES visits (id),
    engineer_id    TEXT REFERENCES engineers (id),
    kind           TEXT NOT NULL,
    at             INTEGER NOT NULL,
    received_at    INTEGER NOT NULL,
    dseq           INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    actor          TEXT NOT NULL,
    device_id      TEXT,
    applied        INTEGER NOT NULL CHECK (applied IN (0, 1)),
    time_uncertain INTEGER NOT NULL CHECK (time_uncertain IN (0, 1))
) STRICT;
CREATE INDEX ticket_events_by_ticket ON ticket_events (ticket_id, at);

CREATE TABLE notes (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    visit_id    TEXT NOT NULL REFERENCES visits (id),
    engineer_id TEXT REFERENCES engineers (id),
    author      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    text        TEXT NOT NULL
) STRICT;
CREATE INDEX notes_by_ticket ON notes (ticket_id, at);
