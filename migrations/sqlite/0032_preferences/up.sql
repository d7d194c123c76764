-- How somebody wants to be told of one kind; who has said nothing is told by the bell and by mail.
CREATE TABLE notification_preferences (
    user_id TEXT NOT NULL REFERENCES users (id),
    kind    TEXT NOT NULL,
    bell    INTEGER NOT NULL CHECK (bell IN (0, 1)),
    mail    INTEGER NOT NULL CHECK (mail IN (0, 1)),
    PRIMARY KEY (user_id, kind)
) STRICT;
