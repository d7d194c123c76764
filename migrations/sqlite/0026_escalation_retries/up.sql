-- A step that could not be taken: how often so far, and the code of the last fault. Its timer waits longer each time.
ALTER TABLE sla_timers ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sla_timers ADD COLUMN fault TEXT;
