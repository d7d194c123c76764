-- Ticket -> visits -> engineers (lead and crew); assignments with their dossier; events and notes as rows.
CREATE TABLE tickets (
    id               TEXT PRIMARY KEY,
    number           BIGINT NOT NULL UNIQUE,
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
    expected_minutes BIGINT NOT NULL CHECK (expected_minutes > 0),
    earliest_at      BIGINT NOT NULL,
    latest_at        BIGINT,
    due_at           BIGINT NOT NULL,
    planned_at       BIGINT,
    access_note      TEXT NOT NULL,
    site_contact     TEXT NOT NULL,
    address          TEXT NOT NULL,
    latitude         DOUBLE PRECISION NOT NULL,
    longitude        DOUBLE PRECISION NOT NULL,
    -- Whether the server assigns it by itself as soon as somebody can take it.
    auto_dispatch    BOOLEAN NOT NULL,
    queue_reasons    TEXT NOT NULL,
    created_at       BIGINT NOT NULL,
    completed_at     BIGINT,
    closed_at        BIGINT,
    CHECK (latest_at IS NULL OR latest_at > earliest_at)
);
CREATE INDEX tickets_by_status ON tickets (status, number);
CREATE INDEX tickets_by_engineer ON tickets (engineer_id, status);
CREATE INDEX tickets_by_site ON tickets (site_id);
CREATE INDEX tickets_by_asset ON tickets (asset_id);

CREATE TABLE visits (
    id               TEXT PRIMARY KEY,
    ticket_id        TEXT NOT NULL REFERENCES tickets (id),
    number           INTEGER NOT NULL,
    status           TEXT NOT NULL,
    planned_at       BIGINT,
    expected_minutes BIGINT NOT NULL,
    lead_engineer_id TEXT REFERENCES engineers (id),
    UNIQUE (ticket_id, number)
);

-- Engineers of a visit besides its lead.
CREATE TABLE visit_crew (
    id          TEXT PRIMARY KEY,
    visit_id    TEXT NOT NULL REFERENCES visits (id),
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    UNIQUE (visit_id, engineer_id)
);

CREATE TABLE assignments (
    id            TEXT PRIMARY KEY,
    ticket_id     TEXT NOT NULL REFERENCES tickets (id),
    visit_id      TEXT NOT NULL REFERENCES visits (id),
    engineer_id   TEXT NOT NULL REFERENCES engineers (id),
    assigned_at   BIGINT NOT NULL,
    assigned_by   TEXT NOT NULL,
    reason        TEXT NOT NULL,
    score_minutes DOUBLE PRECISION,
    dossier       TEXT NOT NULL,
    shortages     TEXT NOT NULL,
    ended_at      BIGINT
);
CREATE INDEX assignments_by_ticket ON assignments (ticket_id, assigned_at);

CREATE TABLE ticket_events (
    id             TEXT PRIMARY KEY,
    ticket_id      TEXT NOT NULL REFERENCES tickets (id),
    visit_id       TEXT NOT NULL REFERENCES visits (id),
    engineer_id    TEXT REFERENCES engineers (id),
    kind           TEXT NOT NULL,
    at             BIGINT NOT NULL,
    received_at    BIGINT NOT NULL,
    dseq           BIGINT NOT NULL,
    reason         TEXT NOT NULL,
    actor          TEXT NOT NULL,
    device_id      TEXT,
    applied        BOOLEAN NOT NULL,
    time_uncertain BOOLEAN NOT NULL
);
CREATE INDEX ticket_events_by_ticket ON ticket_events (ticket_id, at);

CREATE TABLE notes (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    visit_id    TEXT NOT NULL REFERENCES visits (id),
    engineer_id TEXT REFERENCES engineers (id),
    author      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    text        TEXT NOT NULL
);
CREATE INDEX notes_by_ticket ON notes (ticket_id, at);
