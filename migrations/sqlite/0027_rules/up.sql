-- When something happens to a ticket, or at a time, and a condition holds: something is done. Rules that come with
-- Fettle have no row until somebody changes them; the change log keeps every version.
CREATE TABLE rules (
    id         TEXT PRIMARY KEY,
    version    INTEGER NOT NULL,
    name_en    TEXT NOT NULL,
    name_zh    TEXT NOT NULL,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    "trigger"  TEXT NOT NULL,
    condition  TEXT NOT NULL,
    actions    TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

-- A rule that acted on a ticket, or was stopped: once for each cause.
CREATE TABLE rule_firings (
    id           TEXT PRIMARY KEY,
    rule_id      TEXT NOT NULL,
    rule_version INTEGER NOT NULL,
    name_en      TEXT NOT NULL,
    name_zh      TEXT NOT NULL,
    ticket_id    TEXT NOT NULL REFERENCES tickets (id),
    -- The change that it answers, or the time.
    cause        TEXT NOT NULL,
    -- The rules by which that change came about.
    chain        TEXT NOT NULL,
    at           INTEGER NOT NULL,
    outcome      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    results      TEXT NOT NULL,
    UNIQUE (rule_id, ticket_id, cause)
) STRICT;
CREATE INDEX rule_firings_by_ticket ON rule_firings (ticket_id);

-- When rules with a time last ran.
CREATE TABLE rule_clocks (
    rule_id TEXT PRIMARY KEY,
    ran_at  INTEGER NOT NULL
) STRICT;

-- Where a delivery goes and which ticket it is about; the purchase list goes where the configuration says.
ALTER TABLE webhook_deliveries ADD COLUMN url TEXT NOT NULL DEFAULT '';
ALTER TABLE webhook_deliveries ADD COLUMN ticket_id TEXT;
ALTER TABLE webhook_deliveries ADD COLUMN rule_id TEXT;

-- Which rule told somebody, in both languages.
ALTER TABLE notifications ADD COLUMN rule_en TEXT;
ALTER TABLE notifications ADD COLUMN rule_zh TEXT;

-- What falls due next.
CREATE INDEX tickets_by_due ON tickets (due_at);
