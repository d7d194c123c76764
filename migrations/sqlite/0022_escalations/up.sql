-- When the next step of an escalation is due, for each open ticket that has one: found by the index, however many wait.
CREATE TABLE sla_timers (
    ticket_id TEXT PRIMARY KEY REFERENCES tickets (id),
    fires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX sla_timers_by_time ON sla_timers (fires_at);

-- A step that was taken, once: it belongs to the ticket's record.
CREATE TABLE escalations (
    id          TEXT PRIMARY KEY,
    ticket_id   TEXT NOT NULL REFERENCES tickets (id),
    -- response or resolution, so many percent left, and what was to be done.
    step        TEXT NOT NULL,
    -- When it was to be taken, and when it was.
    due_at      INTEGER NOT NULL,
    fired_at    INTEGER NOT NULL,
    -- Who had the ticket, and who got it.
    engineer_id TEXT REFERENCES engineers (id),
    given_to_id TEXT REFERENCES engineers (id),
    -- So many were told.
    told        INTEGER NOT NULL,
    UNIQUE (ticket_id, step)
) STRICT;

-- What somebody is told in the console, until he has read it.
CREATE TABLE notifications (
    id        TEXT PRIMARY KEY,
    user_id   TEXT NOT NULL REFERENCES users (id),
    ticket_id TEXT NOT NULL REFERENCES tickets (id),
    kind      TEXT NOT NULL,
    -- When what it is about was due.
    at        INTEGER NOT NULL,
    read_at   INTEGER
) STRICT;
CREATE INDEX notifications_by_user ON notifications (user_id, id);
CREATE INDEX notifications_by_time ON notifications (at);
