-- Up to when each dispatcher has seen what changed.
CREATE TABLE dispatcher_looks (
    user_id   TEXT PRIMARY KEY REFERENCES users (id),
    looked_at INTEGER NOT NULL
) STRICT;

-- What the dispatcher who leaves tells the next one. It is shown until somebody ticks it off, and kept after that.
CREATE TABLE handover_notes (
    id        TEXT PRIMARY KEY,
    ticket_id TEXT REFERENCES tickets (id),
    at        INTEGER NOT NULL,
    author    TEXT NOT NULL,
    text      TEXT NOT NULL,
    done_at   INTEGER,
    done_by   TEXT
) STRICT;
CREATE INDEX handover_notes_open ON handover_notes (done_at, at);
CREATE INDEX handover_notes_by_ticket ON handover_notes (ticket_id) WHERE ticket_id IS NOT NULL;

-- What happened since somebody looked.
CREATE INDEX ticket_events_by_hearing ON ticket_events (received_at);
CREATE INDEX stock_movements_by_kind ON stock_movements (kind, at);
