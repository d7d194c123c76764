DROP TABLE assets;
DROP TABLE sites;
DROP TABLE customers;
