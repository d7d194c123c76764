DROP TABLE dispatch_policies;
