ALTER TABLE engineer_loads RESET (fillfactor);
ALTER TABLE counters RESET (fillfactor);
ALTER TABLE stock_balances RESET (fillfactor);
ALTER TABLE assignments ALTER COLUMN dossier SET COMPRESSION DEFAULT;
ALTER TABLE change_contents ALTER COLUMN body SET COMPRESSION DEFAULT;
ALTER TABLE idempotency_keys ALTER COLUMN body SET COMPRESSION DEFAULT;
