-- The timeline asks for what was completed in a span of time, again and again.
CREATE INDEX tickets_by_completion ON tickets (completed_at) WHERE completed_at IS NOT NULL;
