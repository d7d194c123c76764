ALTER TABLE tickets DROP COLUMN sla;
DROP TABLE sla_settings;
DROP TABLE sla_contracts;
DROP TABLE sla_calendars;
DROP TABLE sla_policies;
