//! The server functions: one file for each aggregate, typed on both sides (`wire/`).
//!
//! Every function names its `endpoint` (the default hashes the build path), reads by `GET`, writes by `POST`,
//! and fails only with an [`ApiError`](crate::wire::ApiError). A function has about ten lines: ask for the caller, call one service
//! of the core, convert. `FUNCTIONS` of its file says who may call it, and which form posts to it.

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
pub mod audit;
pub mod company;
pub mod database;
pub mod debug;
pub mod device;
pub mod group;
pub mod home;
pub mod password;
pub mod policy;
pub mod profile;
pub mod rule;
pub mod session;
pub mod user;

use crate::function::Function;

/// All server functions, by file.
pub const FUNCTIONS: &[&[Function]] = &[
    activity::FUNCTIONS,
    audit::FUNCTIONS,
    company::FUNCTIONS,
    database::FUNCTIONS,
    debug::FUNCTIONS,
    device::FUNCTIONS,
    group::FUNCTIONS,
    password::FUNCTIONS,
    policy::FUNCTIONS,
    profile::FUNCTIONS,
    rule::FUNCTIONS,
    session::FUNCTIONS,
    user::FUNCTIONS,
];
