//! Log in.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Page;
use crate::{
    api::{
        database::{database_choice, log_ins},
        session::{LogIn as LogInAction, LogOut, end_notice},
    },
    audience::Audience,
    browser,
    components::{
        database_field::DatabaseField,
        error_alert::ErrorAlert,
        failure::Failure,
        icon::{Icon, Shape},
        language_chooser::LanguageChooser,
        loading::Loading,
        missing_database::MissingDatabase,
        narrow_page::NarrowPage,
        page_heading::PageHeading,
        server_form::ServerForm,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
        time::Time,
    },
    page, routes,
    text::{self, Text, text},
    wire::{ApiError, Wait, database::DatabaseChoice, session::EndNotice},
    wording,
};

const ERROR: &str = "log-in-error";
const FORM: &str = "log-in";
const NOTICE: &str = "end-notice";
const PASSWORD: &str = "password";
const SHARED_HINT: &str = "shared-computer-hint";

/// Log in.
pub const PAGE: Page = Page::new(routes::LOG_IN, Audience::Anyone, Text::log_in_title, || {
    LogIn().into_any()
});

/// One card; above it, the reason why the last session ended.
#[component]
fn LogIn() -> impl IntoView {
    let choice = Resource::new(|| (), |()| database_choice());
    let said = Resource::new(|| (), |()| Said::read());
    let above = move || {
        view! {
            <Suspense>
                {move || Suspend::new(async move {
                    let database = choice.await.ok().and_then(|choice| choice.chosen().map(str::to_owned));
                    said.await.map(|said| view! { <Notice said database/> })
                })}
            </Suspense>
        }
    };
    view! {
        <NarrowPage above below=move || view! { <Languages choice/> }>
            <PageHeading heading=text().log_in_title()/>
            <Suspense fallback=Loading>
                {move || Suspend::new(async move {
                    match choice.await {
                        Ok(DatabaseChoice::Missing) => view! { <MissingDatabase/> }.into_any(),
                        Ok(choice) => {
                            let next = page::query("next");
                            let typed = Typed::read();
                            let choice = choice.choosing(page::posted_field::<LogInAction>("database"));
                            let posted = page::posted_error::<LogInAction>().or_else(page::missing_cookie);
                            let shared_hint = shared_hint();
                            let has_notice = said.await.is_some();
                            view! {
                                <LogInForm choice next typed posted shared_hint has_notice/>
                                <p><a href=routes::FORGOTTEN_PASSWORD>{text().log_in_forgotten()}</a></p>
                            }
                                .into_any()
                        }
                        Err(error) => view! { <Failure error/> }.into_any(),
                    }
                })}
            </Suspense>
        </NarrowPage>
    }
}

/// The languages of this server, if there is a choice. Their buttons belong to the log-in form, if the page has one.
#[component]
fn Languages(choice: Resource<Result<DatabaseChoice, ApiError>>) -> impl IntoView {
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let form = match choice.await {
                    Ok(DatabaseChoice::Missing) | Err(_) => None,
                    Ok(_) => Some(FORM),
                };
                let languages = page::languages();
                view! { <LanguageChooser languages form next=page::query("next")/> }
            })}
        </Suspense>
    }
}

/// What the page says above the form.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum Said {
    /// The visitor has just logged out of so many databases, and is still logged in to others.
    LoggedOut(u32, BTreeMap<String, String>),
    /// Why and when the session ended, and by which device; and the databases that the visitor is still logged in to.
    Ended(EndNotice, BTreeMap<String, String>),
    /// The visitor has chosen a database without a log-in, and is logged in to others.
    StillLoggedIn(BTreeMap<String, String>),
}

impl Said {
    /// What there is to say. If the reason of an end or the log-ins cannot be loaded, the page still works.
    async fn read() -> Option<Self> {
        if let Some(ended) = page::posted_done::<LogOut>() {
            return Some(Self::LoggedOut(ended, log_ins().await.unwrap_or_default()));
        }
        let notice = end_notice().await;
        let log_ins = log_ins().await.unwrap_or_default();
        if let Ok(Some(notice)) = notice {
            return Some(Self::Ended(notice, log_ins));
        }
        (!log_ins.is_empty()).then_some(Self::StillLoggedIn(log_ins))
    }
}

/// Says it. The first field of the form is described by this notice.
#[component]
fn Notice(
    said: Said,
    /// The chosen database.
    database: Option<String>,
) -> impl IntoView {
    let (shape, words) = match said {
        Said::LoggedOut(ended, log_ins) => {
            let words = match database.filter(|_| !log_ins.is_empty()) {
                Some(database) => text().log_in_logged_out_of(&wording::isolated(&database)),
                None if ended > 1 => text().log_in_logged_out_everywhere().to_owned(),
                None => text().log_in_logged_out().to_owned(),
            };
            let words = view! {
                <div>
                    <p>{words}</p>
                    {elsewhere(&log_ins)}
                </div>
            };
            (Shape::Check, words.into_any())
        }
        Said::Ended(notice, log_ins) => {
            let words = view! {
                <div>
                    <p><Time moment=notice.at words=notice.words/></p>
                    {elsewhere(&log_ins)}
                </div>
            };
            (Shape::Info, words.into_any())
        }
        Said::StillLoggedIn(log_ins) => (Shape::Info, elsewhere(&log_ins).into_any()),
    };
    view! {
        <div class="notice" id=NOTICE role="status">
            <Icon shape/>
            {words}
        </div>
    }
}

/// That the browser is still logged in to other databases, and the way there.
fn elsewhere(log_ins: &BTreeMap<String, String>) -> Option<impl IntoView + use<>> {
    if log_ins.is_empty() {
        return None;
    }
    let names: Vec<_> = log_ins.keys().map(|name| wording::isolated(name)).collect();
    let words = text().log_in_still_logged_in(&names.join(", "));
    Some(view! {
        <p>
            {words} " "
            <a href=routes::DATABASES>{text().menu_switch_database()}</a>
        </p>
    })
}

/// The text and the ticks of a log-in that was refused without script.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Typed {
    login: String,
    is_shared_computer: bool,
}

impl Typed {
    fn read() -> Self {
        Self {
            login: page::posted_field::<LogInAction>("login").unwrap_or_default(),
            is_shared_computer: page::posted_field::<LogInAction>("shared_computer").is_some(),
        }
    }
}

/// What the box "shared computer" does.
fn shared_hint() -> String {
    let text = text();
    text.log_in_shared_hint(&wording::duration(text::device(), page::shared_timeout()))
}

#[island]
fn LogInForm(
    choice: DatabaseChoice,
    next: Option<String>,
    typed: Typed,
    posted: Option<ApiError>,
    /// What the box "shared computer" does. The server writes it, because the browser does not know the time.
    shared_hint: String,
    /// Whether the page says something above the form. A screen reader says so with the field that has the focus first,
    /// because the focus jumps past the notice.
    has_notice: bool,
) -> impl IntoView {
    let text = text::log_in();
    let form = text::log_in_form();
    let (action, error) = page::form_action::<LogInAction>(posted);
    let value = action.value();
    Effect::new(move |_| {
        if let Some(Ok(landing)) = value.get() {
            browser::go(&landing.location);
        }
    });
    // The button stays busy until the next document is there.
    let pending = Signal::derive(move || {
        action.pending().get() || value.with(|value| matches!(value, Some(Ok(_))))
    });
    let wrong = page::are_credentials_wrong(error);
    let is_wrong_at_first = wrong.get_untracked();
    Effect::new(move |_| {
        if wrong.get() {
            browser::clear_input(PASSWORD);
        }
    });
    let wait = page::wait(error);
    let throttled = Signal::derive(move || matches!(wait.get(), Some(Wait::Now(_))));
    let code_refused = page::is_code_refused(error);
    let starts_here = error.with_untracked(Option::is_none);
    let types_database = matches!(choice, DatabaseChoice::Typed { .. });
    let chooses_database = types_database || matches!(choice, DatabaseChoice::Listed { .. });
    let unknown = Signal::derive(move || match error.get() {
        Some(ApiError::UnknownDatabase) => true,
        Some(ApiError::WrongCredentials { .. }) => types_database,
        _ => false,
    });
    let seconds_to_wait = page::seconds_to_wait(error);
    // Another person and a log-in code need not wait.
    let is_other = RwSignal::new(false);
    Effect::new(move |_| {
        error.track();
        is_other.set(false);
    });
    let is_early = Signal::derive(move || {
        seconds_to_wait.get().is_some_and(|seconds| seconds > 0) && !is_other.get()
    });
    let shown = Signal::derive(move || match error.get() {
        Some(ApiError::WrongCredentials { .. }) if chooses_database => {
            Some(ApiError::WrongCredentialsOrDatabase)
        }
        error => error,
    });

    view! {
        <ServerForm action id=FORM>
            <div
                class="form"
                on:input=move |event| {
                    is_other.update(|is_other| *is_other |= browser::name_of(&event) != PASSWORD);
                }
            >
                <DatabaseField choice invalid=unknown error_id=ERROR/>
                <TextField
                    name="login"
                    label=text.login()
                    content=Content::Login
                    value=typed.login
                    invalid=wrong
                    error_id=ERROR
                    described_by=has_notice.then_some(NOTICE)
                    autofocus=starts_here
                />
                <TextField
                    name=PASSWORD
                    label=text.password()
                    content=Content::CurrentPassword
                    invalid=wrong
                    error_id=ERROR
                    autofocus=is_wrong_at_first
                    revealable=true
                />
                <div class="form__error">
                    <ErrorAlert
                        id=ERROR
                        error=shown
                        field=Signal::derive(move || wrong.get().then_some(PASSWORD))
                        wait
                        seconds_to_wait
                    />
                </div>
                <div>
                    <label class="check">
                        <input
                            class="check__box"
                            type="checkbox"
                            name="shared_computer"
                            checked=typed.is_shared_computer
                            aria-describedby=SHARED_HINT
                        />
                        <span>{form.shared()}</span>
                    </label>
                    <p class="check__hint" id=SHARED_HINT>{shared_hint}</p>
                </div>
                <details class="aside" open=throttled>
                    <summary class="aside__summary">{form.have_code()}</summary>
                    <TextField
                        name="code"
                        label=form.code()
                        content=Content::Code
                        hint=form.code_hint()
                        invalid=code_refused
                        error_id=ERROR
                    />
                </details>
                {next.map(|next| view! { <input type="hidden" name="next" value=next/> })}
                <SubmitButton label=text.submit() emphasis=Emphasis::Primary pending is_early/>
            </div>
        </ServerForm>
    }
}
