//! Requests of a browser to the whole server, with every layer but without a network.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod access;
mod access_table;
mod activity;
mod addresses;
mod audit;
mod browser;
mod companies;
mod cookies;
mod databases;
mod debug_mode;
mod devices;
mod faults;
mod forms;
mod groups;
mod headers;
mod hidden;
mod hidden_log_in;
mod home;
mod languages;
mod live;
mod log_in;
mod no_cookies;
mod page_owners;
mod passwords;
mod policies;
mod policy;
mod postgresql;
mod preferences;
mod throttling;
mod time_zone;
mod users;
