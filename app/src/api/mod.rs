//! What the browser may ask of the server: one file an aggregate, typed on both sides.
//!
//! Every function says its `endpoint` (the default one hashes the build path), reads by `GET`,
//! writes by `POST`, and fails with an [`ApiError`] only. About ten lines each: who is asking,
//! call one service of the core, convert.

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
mod error;
mod moment;
pub mod password;
pub mod session;

pub use error::{ApiError, PasswordProblem};
pub use moment::Moment;
