//! The server as its users meet it: over HTTP, on both databases, one file per feature.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod harness;

mod access;
mod assignments;
mod backup;
mod confirmations;
mod customers;
mod demo;
mod engine;
mod engineers;
mod escalations;
mod exports;
mod import;
mod inventory;
mod inventree;
mod kill;
mod labels;
mod live;
mod mail;
mod numbers;
mod part_needs;
mod phone;
mod phone_blobs;
mod phone_cards;
mod phone_fleet;
mod phone_schema;
mod phone_sitework;
mod phone_stream;
mod phone_tickets;
mod phone_wake;
mod pieces;
mod planner;
mod policies;
mod proposals;
mod purchase_orders;
mod record;
mod rules;
mod rules_hooks;
mod rules_run;
mod sessions;
mod sla;
mod sla_edit;
mod stock;
mod stock_audit;
mod stock_keeping;
mod stock_rules;
mod sync;
mod ticket_parts;
mod tickets;
mod timelines;
mod travel;
mod two_servers;
mod undo;
mod webhook;
