DROP INDEX tickets_by_due;
ALTER TABLE notifications DROP COLUMN rule_zh;
ALTER TABLE notifications DROP COLUMN rule_en;
ALTER TABLE webhook_deliveries DROP COLUMN rule_id;
ALTER TABLE webhook_deliveries DROP COLUMN ticket_id;
ALTER TABLE webhook_deliveries DROP COLUMN url;
DROP TABLE rule_clocks;
DROP TABLE rule_firings;
DROP TABLE rules;
