DROP TABLE travel_departures;
DROP TABLE travel_speeds;
