-- Restores from a backup. See docs/adr/0011-numbers-across-restores.md.

-- Each began an epoch. The numbers above `last_kept`, up to `first_number`, are of lives that were lost: they were
-- given to changes that this database does not have, and are never given again.
CREATE TABLE epochs (
    first_number BIGINT PRIMARY KEY,
    last_kept    BIGINT NOT NULL,
    name         TEXT NOT NULL,
    began_at     BIGINT NOT NULL
);

-- Where a closed phone is woken: the address and the keys that its browser's push service gave it.
CREATE TABLE push_subscriptions (
    device_id     TEXT PRIMARY KEY REFERENCES devices (id),
    endpoint      TEXT NOT NULL,
    p256dh        TEXT NOT NULL,
    auth          TEXT NOT NULL,
    subscribed_at BIGINT NOT NULL,
    -- When it was last woken, so that of several servers one does it and nobody is woken twice a minute.
    woken_at      BIGINT NOT NULL DEFAULT 0
);
