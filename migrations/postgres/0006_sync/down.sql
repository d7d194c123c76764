DROP TABLE conflict_cards;
DROP TABLE sync_feed;
DROP TABLE sync_inbox;
DROP TABLE devices;
