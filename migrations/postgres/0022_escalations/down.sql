DROP TABLE notifications;
DROP TABLE escalations;
DROP TABLE sla_timers;
