-- What is open of a ticket, by its status too: without statistics SQLite preferred the index by status, and went over
-- everything that anybody waits for.
CREATE INDEX reservations_of_ticket ON reservations (ticket_id, status);
DROP INDEX reservations_by_ticket;
