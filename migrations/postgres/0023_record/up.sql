-- The record that cannot be altered: a Merkle tree over the change log, and signed heads of it.
-- See docs/record.md and docs/adr/0015-a-reader-seals-the-log.md.

-- A leaf for each change, in the order of the log. `entry` counts the changes of one ticket from 1.
CREATE TABLE record_leaves (
    position BIGINT PRIMARY KEY,
    seq      BIGINT NOT NULL UNIQUE,
    entry    BIGINT,
    hash     TEXT NOT NULL
);

-- The roots of complete subtrees of 256, 65,536, … leaves (level 1, 2, …), so that a proof reads few rows.
CREATE TABLE record_nodes (
    level    BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hash     TEXT NOT NULL,
    PRIMARY KEY (level, position)
);

-- Signed heads: a checkpoint each, as a signed note.
CREATE TABLE record_heads (
    size      BIGINT PRIMARY KEY,
    root      TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    note      TEXT NOT NULL
);

-- The public keys of the heads, each from a size on. The private key is never in the database.
CREATE TABLE record_keys (
    from_size  BIGINT PRIMARY KEY,
    public_key TEXT NOT NULL,
    known_at   BIGINT NOT NULL
);

-- How many leaves there are: what a server that seals must find as it was.
INSERT INTO counters (name, value) VALUES ('record', 0);

-- What was erased of a content: when, and the digests of what is gone.
ALTER TABLE change_contents ADD COLUMN erased_at BIGINT;
ALTER TABLE change_contents ADD COLUMN open_digest TEXT;
ALTER TABLE change_contents ADD COLUMN personal_digest TEXT;

-- Whose texts are to go, the one that was closed first before the others.
CREATE INDEX tickets_by_closing ON tickets (closed_at, id) WHERE closed_at IS NOT NULL;
