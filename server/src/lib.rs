//! The server: features, routes, and the program around them.
//!
//! A tour: [`app`] holds what handlers share and runs the server; [`routes`] is the table of routes; each feature is
//! a module with the same parts (types and public door in `mod.rs`, SQL in `store.rs`, HTTP in `routes.rs`).
//! [`tickets`] and [`schedule`] are the heart: a ticket is opened, and [`schedule::assign`] gives it to an engineer
//! and reserves his parts in the same transaction. [`live`] and [`schedule::Board`] read the change log; nothing that
//! writes knows of them. [`auth`] says who may do what, [`error`] what a client gets when it may not.

pub mod actions;
pub mod app;
mod assets;
pub mod auth;
pub mod backup;
pub mod blobs;
pub mod cli;
pub mod config;
pub mod confirmations;
pub mod conform;
pub mod customers;
pub mod demo;
pub mod engineers;
pub mod error;
pub mod exports;
mod geojson;
pub mod housekeeping;
pub mod http;
pub mod import;
pub mod intake;
pub mod inventory;
pub mod labels;
pub mod lease;
pub mod live;
pub mod mail;
pub mod meta;
mod metrics;
pub mod notifications;
pub mod numbers;
mod openapi;
pub mod positions;
pub mod presence;
pub mod record;
pub mod replies;
mod routes;
pub mod rules;
pub mod schedule;
pub mod shift;
pub mod sitework;
pub mod skills;
pub mod sla;
pub mod storage;
pub mod sync;
pub mod tasks;
pub mod templates;
pub mod tickets;
pub mod travel;
pub mod views;
pub mod webhook;
