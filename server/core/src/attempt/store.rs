//! SQL on the tables of attempts, throttles, known devices, known networks and log-in codes. Only this file and its
//! folder name these tables, except for the fingerprint in `session/store/live_state.rs`. The folder has one file for each task.

mod codes;
mod confirmation;
mod failure;
mod lists;
mod look_up;
mod signs;
mod success;
mod sweep;
mod throttles;

pub(crate) use codes::{NewCode, insert_code};
pub(crate) use confirmation::{
    charge_confirmation, confirmation_blocked_until, forgive_confirmation,
};
pub(crate) use failure::{Failed, Recorded, count_failure, record};
pub(super) use lists::list;
pub(crate) use lists::{OwnAttempt, count_unexplained_failures, list_own};
pub(crate) use look_up::{NETWORKS_KNOWN_FOR, look_up};
pub(crate) use signs::{Kept, forget_signs};
pub(crate) use success::{Succeeded, count_success};
pub(super) use sweep::{DEVICES_KNOWN_FOR, Outdated, sweep};
pub(crate) use throttles::forgive_account;
