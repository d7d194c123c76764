-- What a kind of ticket brings along: its fields, its checklist, its needs. Templates that come with Fettle have no row
-- until somebody changes them; the change log keeps every version.
CREATE TABLE ticket_templates (
    id               TEXT PRIMARY KEY,
    version          BIGINT NOT NULL,
    kind             TEXT NOT NULL,
    name_en          TEXT NOT NULL,
    name_zh          TEXT NOT NULL,
    enabled          BOOLEAN NOT NULL,
    priority         INTEGER,
    expected_minutes BIGINT,
    required_skills  TEXT NOT NULL,
    needed_parts     TEXT NOT NULL,
    fields           TEXT NOT NULL,
    checklist        TEXT NOT NULL,
    changed_at       BIGINT NOT NULL
);

-- The fields as the template had them when the ticket was opened, and the answers.
ALTER TABLE tickets ADD COLUMN form TEXT NOT NULL DEFAULT 'null';
