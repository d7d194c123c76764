DROP INDEX tickets_to_confirm;
DROP TABLE follow_ups;
DROP TABLE confirmations;
