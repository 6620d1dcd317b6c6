//! What travels between the browser and the server, in one file for each aggregate.

pub mod activity;
pub mod audit;
pub mod company;
pub mod database;
pub mod debug;
pub mod device;
mod device_title;
mod end;
mod error;
pub mod group;
pub mod home;
mod locale;
mod moment;
pub mod password;
pub mod policy;
pub mod profile;
pub mod session;
pub mod user;

pub use error::{ApiError, PasswordProblem, Wait};
pub use moment::Moment;
