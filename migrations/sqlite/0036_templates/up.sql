-- What a kind of ticket brings along: its fields, its checklist, its needs. Templates that come with Fettle have no row
-- until somebody changes them; the change log keeps every version.
CREATE TABLE ticket_templates (
    id               TEXT PRIMARY KEY,
    version          INTEGER NOT NULL,
    kind             TEXT NOT NULL,
    name_en          TEXT NOT NULL,
    name_zh          TEXT NOT NULL,
    enabled          INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    priority         INTEGER,
    expected_minutes INTEGER,
    required_skills  TEXT NOT NULL,
    needed_parts     TEXT NOT NULL,
    fields           TEXT NOT NULL,
    checklist        TEXT NOT NULL,
    changed_at       INTEGER NOT NULL
) STRICT;

-- The fields as the template had them when the ticket was opened, and the answers.
ALTER TABLE tickets ADD COLUMN form TEXT NOT NULL DEFAULT 'null';
