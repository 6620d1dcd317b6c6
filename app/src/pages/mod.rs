//! The pages. Each requests its data from the server, and lays out components.

pub mod activity;
pub mod databases;
pub mod devices;
pub mod home;
pub mod log_in;
pub mod new_password;
pub mod not_found;
pub mod security;
