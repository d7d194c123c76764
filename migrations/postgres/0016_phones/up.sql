-- What phones need beside rows: codes to enrol with, and what a phone gave away that could not be pushed.

-- The highest number that the device said it has used: what is above `acked_seq` is known, and not here.
ALTER TABLE devices ADD COLUMN announced_seq BIGINT NOT NULL DEFAULT 0;

-- What the office answered to work that came too late.
ALTER TABLE conflict_cards ADD COLUMN answer TEXT;

-- One at a time for each engineer, used once, soon over.
CREATE TABLE enrolment_codes (
    code_hash   TEXT PRIMARY KEY,
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    user_id     TEXT NOT NULL REFERENCES users (id),
    created_by  TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    UNIQUE (engineer_id)
);

-- Bytes that nobody has looked into; they are in the object store.
CREATE TABLE rescues (
    id          TEXT PRIMARY KEY,
    device_id   TEXT NOT NULL REFERENCES devices (id),
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    bytes       BIGINT NOT NULL,
    sha256      TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE INDEX rescues_by_device ON rescues (device_id, received_at);

-- Photos, signatures and the like, by the hash of their bytes, which are in the object store.
CREATE TABLE blobs (
    sha256     TEXT PRIMARY KEY,
    bytes      BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    stored_at  BIGINT NOT NULL
);

-- What is on its way: `received` of `length` bytes, in pieces.
CREATE TABLE blob_uploads (
    id         TEXT PRIMARY KEY,
    device_id  TEXT NOT NULL REFERENCES devices (id),
    sha256     TEXT NOT NULL,
    length     BIGINT NOT NULL,
    received   BIGINT NOT NULL,
    pieces     TEXT NOT NULL,
    media_type TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX blob_uploads_by_device ON blob_uploads (device_id);
CREATE INDEX blob_uploads_by_expiry ON blob_uploads (expires_at);

-- What is asked at each kind of ticket, and what engineers record at a site beside steps, parts and notes.
CREATE TABLE checklists (
    id          TEXT PRIMARY KEY,
    ticket_kind TEXT NOT NULL,
    position    INTEGER NOT NULL,
    question    TEXT NOT NULL,
    question_zh TEXT NOT NULL,
    answer_kind TEXT NOT NULL,
    required    BOOLEAN NOT NULL
);
CREATE INDEX checklists_by_kind ON checklists (ticket_kind, position);

CREATE TABLE labour (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    visit_id    TEXT NOT NULL REFERENCES visits (id),
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    at          BIGINT NOT NULL,
    minutes     BIGINT NOT NULL,
    kind        TEXT NOT NULL
);
CREATE INDEX labour_by_ticket ON labour (ticket_id);

CREATE TABLE checklist_answers (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    visit_id    TEXT NOT NULL REFERENCES visits (id),
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    question_id TEXT NOT NULL,
    question    TEXT NOT NULL,
    answer      TEXT NOT NULL,
    at          BIGINT NOT NULL,
    UNIQUE (visit_id, question_id)
);
CREATE INDEX checklist_answers_by_ticket ON checklist_answers (ticket_id);

CREATE TABLE readings (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    visit_id    TEXT NOT NULL REFERENCES visits (id),
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    at          BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    value       DOUBLE PRECISION NOT NULL,
    unit        TEXT NOT NULL
);
CREATE INDEX readings_by_ticket ON readings (ticket_id);

CREATE TABLE photos (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    visit_id    TEXT NOT NULL REFERENCES visits (id),
    engineer_id TEXT NOT NULL REFERENCES engineers (id),
    at          BIGINT NOT NULL,
    purpose     TEXT NOT NULL,
    caption     TEXT NOT NULL,
    sha256      TEXT NOT NULL,
    bytes       BIGINT NOT NULL,
    blob        TEXT NOT NULL CHECK (blob IN ('pending', 'stored'))
);
CREATE INDEX photos_by_ticket ON photos (ticket_id);
CREATE INDEX photos_by_hash ON photos (sha256) WHERE blob = 'pending';

CREATE TABLE signatures (
    id            TEXT PRIMARY KEY,
    ticket_id     TEXT NOT NULL REFERENCES tickets (id),
    visit_id      TEXT NOT NULL REFERENCES visits (id),
    engineer_id   TEXT NOT NULL REFERENCES engineers (id),
    at            BIGINT NOT NULL,
    signed_by     TEXT NOT NULL,
    signed_sha256 TEXT NOT NULL,
    sha256        TEXT NOT NULL,
    bytes         BIGINT NOT NULL,
    blob          TEXT NOT NULL CHECK (blob IN ('pending', 'stored'))
);
CREATE INDEX signatures_by_ticket ON signatures (ticket_id);
CREATE INDEX signatures_by_hash ON signatures (sha256) WHERE blob = 'pending';
