DROP TABLE notes;
DROP TABLE ticket_events;
DROP TABLE assignments;
DROP TABLE visit_crew;
DROP TABLE visits;
DROP TABLE tickets;
