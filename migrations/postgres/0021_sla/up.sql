-- What is promised: tables of policies, the calendars that they count in, and who has a contract. What comes with
-- Fettle is in the program; a row here replaces it, or is one more. Former versions are in the change log.
CREATE TABLE sla_policies (
    id      TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    body    TEXT NOT NULL
);

CREATE TABLE sla_calendars (
    id           TEXT PRIMARY KEY,
    version      BIGINT NOT NULL,
    -- Its hours are those of the site's clock, wherever that is; else of the time zone in the body.
    in_site_zone BOOLEAN NOT NULL,
    body         TEXT NOT NULL
);

CREATE TABLE sla_contracts (
    id          TEXT PRIMARY KEY,
    number      TEXT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    -- NULL: for all sites of the customer.
    site_id     TEXT REFERENCES sites (id),
    valid_from  BIGINT NOT NULL,
    -- NULL: until further notice.
    valid_until BIGINT,
    policy_id   TEXT NOT NULL,
    -- NULL: the calendar that holds without a contract.
    calendar_id TEXT,
    created_at  BIGINT NOT NULL
);
CREATE INDEX sla_contracts_by_customer ON sla_contracts (customer_id);

-- What holds without a contract: one row.
CREATE TABLE sla_settings (
    id      TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    body    TEXT NOT NULL
);

-- By which promise it is due, and whether its clock runs (server/src/sla/mod.rs).
ALTER TABLE tickets ADD COLUMN sla TEXT NOT NULL DEFAULT '{}';
