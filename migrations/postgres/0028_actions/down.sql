DELETE FROM counters WHERE name = 'dispatch_actions';
DROP TABLE dispatch_steps;
DROP TABLE dispatch_actions;
