CREATE INDEX reservations_by_ticket ON reservations (ticket_id);
DROP INDEX reservations_of_ticket;
