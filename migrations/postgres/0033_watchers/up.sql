-- Who is told of what others write on a ticket, and of where it stands.
CREATE TABLE ticket_watchers (
    ticket_id TEXT NOT NULL REFERENCES tickets (id),
    user_id   TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (ticket_id, user_id)
);

-- What is told beside the kind: the note, or the state that the ticket came to.
ALTER TABLE notifications ADD COLUMN note_id TEXT REFERENCES notes (id);
ALTER TABLE notifications ADD COLUMN status TEXT;
ALTER TABLE mails ADD COLUMN note_id TEXT REFERENCES notes (id);
ALTER TABLE mails ADD COLUMN status TEXT;
