-- The numbers ask for what was opened or completed in a span of time, again and again.
CREATE INDEX tickets_by_opening ON tickets (created_at);
