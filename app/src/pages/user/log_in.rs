//! What an administrator does about a user's log-in.

use latchkey_words::UserId;
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    api::user::ActOnUser,
    components::{
        confirming_password::{ConfirmingPassword, is_about_password},
        done::Done,
        error_alert::ErrorAlert,
        one_time_password::{OneTimePassword, ShownOnce},
        plain_form::PlainForm,
        submit_button::{Emphasis, SubmitButton},
    },
    page,
    text::{Text, text},
    wire::user::UserAct,
};

const TITLE: &str = "user-log-in";
const FIELD: &str = "act";
const PASSWORD: &str = "act-password";
const ERROR: &str = "act-error";

/// The acts, of which none is chosen at first, so that Enter in the password does nothing.
#[component]
pub fn LogIn(id: UserId, is_disabled: bool) -> impl IntoView {
    let text = text();
    let done =
        page::posted_done::<ActOnUser>().map(|ended| view! { <Done words=done(text, ended)/> });
    let made = page::posted_code::<ActOnUser>().map(|password| {
        view! { <OneTimePassword done=text.user_one_time_made().to_owned() password/> }
    });
    let code = page::posted_code_for_user::<ActOnUser>().map(|code| {
        view! {
            <ShownOnce
                done=text.user_code_made().to_owned()
                secret=code
                hint=text.user_code_hint()
            />
        }
    });
    let posted = page::posted_error::<ActOnUser>();
    let chosen = page::posted_field::<ActOnUser>(FIELD);
    let is_password = is_about_password(posted.as_ref());
    let field = is_password.then_some(PASSWORD);
    let is_refused = posted.is_some();
    let error = Signal::derive(move || posted.clone());
    let able = if is_disabled {
        UserAct::Enable
    } else {
        UserAct::Disable
    };
    let acts = [
        UserAct::LogOut,
        UserAct::MakeLogInCode,
        UserAct::GiveOneTimePassword,
        able,
    ];
    let acts = acts.into_iter().map(|act| {
        let checked = chosen.as_deref() == Some(act.as_str());
        view! { <Act act checked/> }
    });
    let acts = acts.collect_view();
    view! {
        <section class="panel" aria-labelledby=TITLE>
            <h2 class="panel__title" id=TITLE>{text.user_acts_title()}</h2>
            {done}
            {made}
            {code}
            <PlainForm function=ActOnUser::PATH id=id.to_string() is_refused>
                <fieldset class="checks" aria-labelledby=TITLE>{acts}</fieldset>
                <ConfirmingPassword id=PASSWORD error_id=ERROR invalid=is_password/>
                <ErrorAlert id=ERROR error field=Signal::stored(field)/>
                <SubmitButton
                    label=text.user_acts_submit()
                    emphasis=Emphasis::Primary
                    pending=Signal::stored(false)
                />
            </PlainForm>
        </section>
    }
}

#[component]
fn Act(act: UserAct, checked: bool) -> impl IntoView {
    let (name, hint) = words(text(), act);
    let hint_id = ["about-", act.as_str()].concat();
    view! {
        <div>
            <label class="check">
                <input
                    class="check__box"
                    type="radio"
                    name=FIELD
                    value=act.as_str()
                    checked=checked
                    required
                    aria-describedby=hint_id.clone()
                />
                <span>{name}</span>
            </label>
            <p class="check__hint" id=hint_id>{hint}</p>
        </div>
    }
}

/// That something was done, and how many sessions have ended.
pub(super) fn done(text: Text, ended_sessions: u32) -> String {
    match ended_sessions {
        0 => text.user_done().to_owned(),
        ended => text.user_done_sessions(ended),
    }
}

/// The name of an act, and its consequence.
fn words(text: Text, act: UserAct) -> (&'static str, &'static str) {
    match act {
        UserAct::LogOut => (text.user_act_log_out(), text.user_act_log_out_hint()),
        UserAct::GiveOneTimePassword => (text.user_act_one_time(), text.user_act_one_time_hint()),
        UserAct::MakeLogInCode => (text.user_act_code(), text.user_act_code_hint()),
        UserAct::Disable => (text.user_act_disable(), text.user_act_disable_hint()),
        UserAct::Enable => (text.user_act_enable(), text.user_act_enable_hint()),
    }
}
