//! SQL on the table of sessions. Only this file and its folder name the table. The folder has one file for each task.

mod context;
mod ending;
mod found;
mod lists;
mod live_state;
mod mass_end;
mod naming;
mod open;
mod past;
mod policy_rows;
mod read;
mod resume;
mod steps;
mod sweep;
mod tokens;

pub(super) use context::change_context;
pub(crate) use context::{set_companies, set_debug_mode, take_companies};
pub(crate) use ending::{
    End, Locked, end_locked, end_longest_unused, end_of_user, end_one, lock_for_log_in, lock_live,
    lock_of_user,
};
pub(super) use ending::{end_own, exists_own};
pub(super) use found::Found;
pub(crate) use lists::{count_by_user, count_live_of_all};
pub(super) use lists::{count_live, count_under, list_all, list_live};
pub(crate) use live_state::{LiveState, read_live_state};
pub(super) use mass_end::{Ended, Ending, end_next, forget_identity, renew_identity, shorten};
pub(crate) use mass_end::{
    Shorter, Whom, count_shortened, count_users_above, shorten_next, shorten_next_of_user,
};
pub(super) use naming::{acknowledge_device, name_device};
pub(crate) use naming::{device_of, is_device_new, names_of};
pub(crate) use open::{NewSession, insert};
pub(crate) use past::list_ended;
pub(crate) use policy_rows::{BoundBy, Longer, bound_next, lengthen};
pub(super) use read::read_by_own;
pub(super) use resume::{Touch, TouchOf, find_by_own, find_by_superseded};
pub(crate) use steps::complete_step;
pub(crate) use sweep::{forget, mark_expired};
pub(crate) use tokens::forget_superseded;
pub(super) use tokens::{NextToken, rotate, set_confirmed, set_unconfirmed};

/// The largest difference between the time of a request and that of another node. Clocks differ, and a request may wait
/// for a connection after it has read the clock. A session that expired within this time is ended like a live one, so
/// that a late touch cannot revive it.
pub(super) const SKEW: time::Duration = time::Duration::minutes(5);

/// A macro, because each `query!` has its own row type with the same fields.
macro_rules! session {
    ($row:ident) => {
        Session {
            id: SessionId::new($row.id),
            authenticated_by: $row.authenticated_by.known()?,
            created_at: $row.created_at,
            last_active_at: $row.last_active_at,
            expiry: Expiry::earlier($row.idle_expires_at, $row.absolute_expires_at),
            absolute_expires_at: $row.absolute_expires_at,
            computer: $row.is_on_shared_computer.into(),
            confirmed_at: $row.confirmed_at,
            address: $row.last_address,
            agent: $row.user_agent.into(),
            time_zone: $row.time_zone,
        }
    };
}
use session;
