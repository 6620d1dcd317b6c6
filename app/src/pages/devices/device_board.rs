//! The Devices page once script runs.

use leptos::{ev::SubmitEvent, prelude::*};

use super::{
    board::{Board, Start, wants_password},
    revoke_dialog::RevokeDialog,
};
use crate::{
    browser::{self, NamingForm},
    components::{
        device_item::{ALL_OTHERS, AskForm},
        error_alert::ErrorAlert,
        notice::Notice,
        status::Status,
    },
    live::{self, Other},
    text,
};

const NAMING_ERROR: &str = "naming-error";

/// The board around the cards: it asks before it revokes, removes revoked devices, and saves names.
#[cfg_attr(any(feature = "ssr", feature = "logged-in"), island)]
#[cfg_attr(not(any(feature = "ssr", feature = "logged-in")), component)]
pub fn DeviceBoard(
    others: Vec<Other>,
    unlisted: u32,
    start: Start,
    children: Children,
) -> impl IntoView {
    let text = text::devices();
    let board = Board::new(others, unlisted, start, text);
    let (revoked, revoked_others) = (board.revoke.value(), board.revoke_others.value());
    Effect::new(move |_| {
        if let Some(Ok(())) = revoked.get() {
            board.remove_one(text);
        }
    });
    Effect::new(move |_| {
        if let Some(Ok(count)) = revoked_others.get() {
            board.remove_others(text, count);
        }
    });
    let error = board.error();
    Effect::new(move |_| {
        if error.with(|error| error.as_ref().is_some_and(wants_password)) {
            board.asks_password.set(true);
        }
    });
    let pending = board.is_pending();
    let refresh = live::follow_devices(
        move || pending.get_untracked(),
        move |listed| board.relist(listed, text),
    );
    let unlisted = board.unlisted;
    let count = Memo::new(move |_| board.count());
    let submit = move |event: SubmitEvent| {
        if let Some(asked) = browser::asked_device(&event) {
            event.prevent_default();
            board.ask(&asked);
        } else if let Some(form) = NamingForm::submitted(&event) {
            event.prevent_default();
            board.name(form, text, refresh.clone());
        }
    };

    let stale = move || board.is_stale.get().then(|| text.stale());

    view! {
        <Notice class="devices-stale" message=Signal::derive(stale)/>
        <Status message=board.message.into()/>
        <ErrorAlert id=NAMING_ERROR error=board.naming_error.into()/>
        <RevokeDialog board/>
        <div on:submit=submit>
            {children()}
            <p class="devices-empty" hidden=move || count.get() != 0>{text.alone()}</p>
            <p class="devices-more" hidden=move || unlisted.get() == 0>
                {move || text.more(unlisted.get())}
            </p>
            <div class="devices-others" hidden=move || count.get() == 0>
                <AskForm about=ALL_OTHERS.to_owned()>
                    {move || text.revoke_others(&count.get().to_string())}
                </AskForm>
            </div>
        </div>
    }
}
