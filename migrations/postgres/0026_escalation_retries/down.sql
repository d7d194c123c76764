ALTER TABLE sla_timers DROP COLUMN fault;
ALTER TABLE sla_timers DROP COLUMN failures;
