DROP TABLE ticket_duplicates;
