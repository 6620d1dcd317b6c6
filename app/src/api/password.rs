//! The person's own password.

use latchkey_words::Step;
use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{ApiError, password::PasswordChange, session::Landing},
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<PasswordMinimum>(Audience::Step(Step::NewPassword)),
    Function::of::<ChangePassword>(Audience::Person)
        .with_form(routes::SECURITY, &["end_other_sessions"]),
    Function::of::<SetNewPassword>(Audience::Step(Step::NewPassword))
        .with_form(routes::NEW_PASSWORD, &[]),
];

/// The smallest number of characters of a new password of the caller.
#[server(endpoint = "password_minimum", input = GetUrl)]
pub async fn password_minimum() -> Result<u32, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let minimum = visitor.bearer()?.settings.min_password_length;
    Ok(u32::try_from(minimum).unwrap_or(u32::MAX))
}

/// Replaces the password; `end_other_sessions` is the box that is ticked by default ("on" when ticked).
#[server(endpoint = "change_password")]
pub async fn change_password(
    current_password: String,
    new_password: String,
    repeated_password: String,
    end_other_sessions: Option<String>,
) -> Result<PasswordChange, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let others = match end_other_sessions {
        Some(_) => latchkey_core::account::OtherSessions::End,
        None => latchkey_core::account::OtherSessions::Keep,
    };
    let ended_sessions = visitor
        .change_password(current_password, new_password, &repeated_password, others)
        .await?;
    visitor.form_done::<ChangePassword>(ended_sessions);
    Ok(PasswordChange { ended_sessions })
}

/// Replaces a one-time password at the first log-in. Home says so once.
#[server(endpoint = "set_new_password")]
pub async fn set_new_password(
    new_password: String,
    repeated_password: String,
) -> Result<Landing, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor
        .replace_one_time_password(new_password, &repeated_password)
        .await?;
    visitor.saved::<SetNewPassword>();
    visitor.redirect_form(routes::HOME);
    Ok(Landing {
        location: routes::HOME.to_owned(),
    })
}
