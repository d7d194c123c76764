/** The columns of files that are imported, as they are shown before one is chosen. */
export const PART_COLUMNS = 'number, name, name_zh, unit, decimals, unit_price, currency';
export const ASSET_COLUMNS = 'customer_number, customer_name, site_name, address, latitude, longitude, number, kind, model, manufacturer, description';
export const ENGINEER_COLUMNS = 'code, name, phone, home_latitude, home_longitude, max_load_minutes, skills';
