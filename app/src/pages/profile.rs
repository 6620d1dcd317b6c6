//! My Profile, Profile: the person's own name and preferences.

mod preferences;

use leptos::{prelude::*, server_fn::ServerFn};

use super::Page;
use crate::{
    api::profile::{ChangeName, SavePreferences, profile},
    audience::Audience,
    browser,
    components::{
        error_alert::ErrorAlert,
        failure::Failure,
        icon::Shape,
        loading::Loading,
        saved::Saved,
        server_form::ServerForm,
        submit_button::{Emphasis, SubmitButton},
        text_field::{Content, TextField},
    },
    live,
    page::{self, FormAction},
    routes,
    text::{self, Text, text},
    wire::{ApiError, profile::Profile},
};
use preferences::{ERROR, Fields};

const NAME: &str = "name";
const NAME_ERROR: &str = "name-error";

/// My Profile, Profile.
pub const PAGE: Page = Page::new(routes::PROFILE, Audience::Person, Text::profile_own, || {
    OwnProfile().into_any()
})
.in_profile()
.in_menu(Shape::User, Text::menu_profile);

/// The tab "Profile".
#[component]
fn OwnProfile() -> impl IntoView {
    let profile = Resource::new(|| (), |()| profile());
    view! {
        <Suspense fallback=Loading>
            {move || Suspend::new(async move {
                match profile.await {
                    Ok(profile) => view! { <Panels profile/> }.into_any(),
                    Err(error) => view! { <Failure error/> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Panels(profile: Profile) -> impl IntoView {
    let text = text();
    let name = page::posted_field::<ChangeName>(NAME).unwrap_or_else(|| profile.name.clone());
    let refused = page::posted_error::<ChangeName>();
    let named = page::posted_done::<ChangeName>().is_some();
    let (login, database) = (profile.login.clone(), profile.database.clone());
    let unsaved = page::posted_error::<SavePreferences>();
    let saved = page::posted_done::<SavePreferences>().is_some();
    let field = match &unsaved {
        Some(ApiError::UnknownPreference(field)) => Some(*field),
        _ => None,
    };
    view! {
        <section class="panel" aria-labelledby="profile-account">
            <h2 class="panel__title" id="profile-account">{text.profile_account()}</h2>
            <NameForm name posted=refused saved=named/>
            <dl class="facts">
                <div class="facts__row">
                    <dt>{text.profile_username()}</dt>
                    <dd>
                        <bdi>{login}</bdi>
                        <p class="field__hint">{text.profile_username_hint()}</p>
                    </dd>
                </div>
                <div class="facts__row">
                    <dt>{text.profile_database()}</dt>
                    <dd><bdi>{database}</bdi></dd>
                </div>
            </dl>
        </section>
        <section class="panel" aria-labelledby="profile-preferences">
            <h2 class="panel__title" id="profile-preferences">{text.profile_preferences()}</h2>
            <p class="lead">{text.profile_preferences_lead()}</p>
            <PreferencesForm posted=unsaved saved shown=preferences::shown(&profile)>
                <Fields profile invalid=field/>
            </PreferencesForm>
        </section>
    }
}

/// Changes the displayed name.
#[cfg_attr(any(feature = "ssr", feature = "logged-in"), island)]
#[cfg_attr(not(any(feature = "ssr", feature = "logged-in")), component)]
fn NameForm(
    /// The name, or what was typed in its place.
    name: String,
    posted: Option<ApiError>,
    /// Whether the name has just been saved.
    saved: bool,
) -> impl IntoView {
    let text = text::profile();
    let (action, error) = page::form_action::<ChangeName>(posted);
    let (pending, stays) = reloading(action);
    let refused = Signal::derive(move || matches!(error.get(), Some(ApiError::Name(_))));
    view! {
        <ServerForm action>
            <div class="form">
                <TextField
                    name=NAME
                    label=text.name()
                    content=Content::Name
                    value=name
                    invalid=refused
                    error_id=NAME_ERROR
                />
                <ErrorAlert id=NAME_ERROR error/>
                <div class="form__end">
                    <SubmitButton label=text.save_name() emphasis=Emphasis::Primary pending/>
                    {move || (saved || stays.get()).then(|| view! { <Saved/> })}
                </div>
            </div>
        </ServerForm>
    }
}

/// Saves the preferences. The server renders the fields.
#[cfg_attr(any(feature = "ssr", feature = "logged-in"), island)]
#[cfg_attr(not(any(feature = "ssr", feature = "logged-in")), component)]
fn PreferencesForm(
    posted: Option<ApiError>,
    /// Whether the preferences have just been saved.
    saved: bool,
    /// What the fields show at first; see [`SavePreferences`].
    shown: Option<String>,
    children: Children,
) -> impl IntoView {
    let text = text::profile();
    let (action, error) = page::form_action::<SavePreferences>(posted);
    let (pending, stays) = reloading(action);
    view! {
        <ServerForm action>
            <div class="form">
                // A document that stays after it was saved shows other values than at first.
                <input
                    type="hidden"
                    name="shown"
                    value=shown
                    disabled=move || stays.get()
                />
                {children()}
                <ErrorAlert id=ERROR error/>
                <div class="form__end">
                    <SubmitButton label=text.save_preferences() emphasis=Emphasis::Primary pending/>
                    {move || (saved || stays.get()).then(|| view! { <Saved/> })}
                </div>
            </div>
        </ServerForm>
    }
}

/// Loads the document again once the form is saved: name, language and theme stand everywhere in it. The button stays
/// busy until the next document is there. If something else on the page is typed and not sent, the document stays: the
/// second signal says so.
fn reloading<S>(action: FormAction<S>) -> (Signal<bool>, Signal<bool>)
where
    S: ServerFn<Output = (), Error = ApiError> + Clone + Send + Sync + 'static,
{
    let value = action.value();
    let is_saved = move || value.with(|value| matches!(value, Some(Ok(()))));
    let stays = RwSignal::new(false);
    Effect::new(move |_| {
        stays.set(is_saved() && live::has_unsent());
        if is_saved() && !stays.get_untracked() {
            browser::reload();
        }
    });
    let pending = move || action.pending().get() || (is_saved() && !stays.get());
    (Signal::derive(pending), stays.into())
}
