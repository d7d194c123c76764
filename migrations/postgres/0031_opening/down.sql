DROP INDEX tickets_by_opening;
