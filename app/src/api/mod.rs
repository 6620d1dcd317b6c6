//! The server functions: one file for each aggregate, typed on both sides.
//!
//! Every function names its `endpoint` (the default hashes the build path), reads by `GET`, writes by `POST`,
//! and fails only with an [`ApiError`]. A function has about ten lines: ask for the caller, call one service
//! of the core, convert.

#![expect(
    missing_docs,
    reason = "a server function's struct has its parameters as fields"
)]
#![cfg_attr(
    feature = "ssr",
    expect(
        clippy::unused_async,
        reason = "a server function is async even where nothing is waited for"
    )
)]

pub mod activity;
pub mod database;
pub mod device;
mod device_name;
mod end;
mod error;
mod moment;
pub mod password;
pub mod session;

pub use error::{ApiError, PasswordProblem};
pub use moment::Moment;
