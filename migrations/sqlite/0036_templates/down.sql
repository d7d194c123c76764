ALTER TABLE tickets DROP COLUMN form;
DROP TABLE ticket_templates;
