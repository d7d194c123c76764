DROP INDEX tickets_by_completion;
