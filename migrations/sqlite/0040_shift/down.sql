DROP INDEX stock_movements_by_kind;
DROP INDEX ticket_events_by_hearing;
DROP TABLE handover_notes;
DROP TABLE dispatcher_looks;
