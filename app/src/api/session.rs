//! The visitor's own session: logging in, the session itself, logging out.

use leptos::{prelude::*, server_fn::codec::GetUrl};

use crate::{
    audience::Audience,
    function::Function,
    routes,
    wire::{
        ApiError,
        session::{CurrentSession, EndNotice, Landing},
    },
};

/// The server functions of this file.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::of::<ReadCurrentSession>(Audience::Anyone),
    Function::of::<ReadEndNotice>(Audience::Anyone),
    Function::of::<LogIn>(Audience::Anyone)
        .with_form(routes::LOG_IN, &["database", "login", "shared_computer"]),
    Function::of::<MakeLogInCode>(Audience::Person).with_form(routes::SECURITY, &[]),
    // Logging out leads home, and the guard leads on from there.
    Function::of::<LogOut>(Audience::Anyone).with_form(routes::HOME, &[]),
];

/// The visitor's session; `None` for a stranger. Costs one SQL query.
#[server(name = ReadCurrentSession, endpoint = "current_session", input = GetUrl)]
pub async fn current_session() -> Result<Option<CurrentSession>, ApiError> {
    crate::request::Visitor::current()?.current_session()
}

/// The reason why the visitor's last session ended, if the browser still has its cookie.
#[server(name = ReadEndNotice, endpoint = "end_notice", input = GetUrl)]
pub async fn end_notice() -> Result<Option<EndNotice>, ApiError> {
    Ok(crate::request::Visitor::current()?.end_notice())
}

/// Verifies login and password and opens a session. The session is always new, whatever cookie the browser sent.
///
/// `shared_computer` is the box ("on" when ticked), `next` is the path to land on, and `code` is a log-in
/// code, which bypasses the throttles.
#[server(endpoint = "log_in")]
pub async fn log_in(
    database: Option<String>,
    login: String,
    password: String,
    shared_computer: Option<String>,
    next: Option<String>,
    code: Option<String>,
) -> Result<Landing, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    let typed = crate::request::Typed {
        database,
        login,
        password,
        computer: shared_computer.is_some().into(),
        code,
    };
    let logged_in = visitor.log_in(typed).await?;
    let path = match logged_in.step {
        Some(step) => routes::of_step(step),
        None => routes::landing(next.as_deref()),
    };
    let location = visitor.landing(&logged_in, path);
    visitor.redirect_form(&location);
    Ok(Landing { location })
}

/// Creates a code with which the person logs in on another device while strangers' guesses delay log-ins. The
/// password may be empty while the identity is confirmed.
#[server(endpoint = "make_log_in_code")]
pub async fn make_log_in_code(confirming_password: String) -> Result<String, ApiError> {
    let visitor = crate::request::Visitor::current()?;
    visitor
        .make_log_in_code::<MakeLogInCode>(confirming_password)
        .await
}

/// Ends the sessions that the visitor's browser has on this host, in each database, and removes their cookies. With
/// `here_only`, whatever its text, only the session in the request's database ends.
#[server(endpoint = "log_out")]
pub async fn log_out(here_only: Option<String>) -> Result<(), ApiError> {
    let visitor = crate::request::Visitor::current()?;
    if here_only.is_some() && visitor.is_sent_by_another() {
        return Err(ApiError::AnotherOwner);
    }
    let mut ended = u32::from(visitor.bearer().is_ok());
    visitor.log_out().await?;
    if here_only.is_none() {
        ended += visitor.log_out_elsewhere().await?;
    }
    visitor.form_done::<LogOut>(ended);
    visitor.redirect_form(routes::LOG_IN);
    Ok(())
}
