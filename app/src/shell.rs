//! The document around the pages.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, LazyLock},
};

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderName, HeaderValue};
use latchkey_core::{session::DebugMode, user::Theme};
use leptos::{html, nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use serde::Deserialize;

use crate::{
    App, Page,
    page::{debug::PageFiles, is_open},
    pages::no_access,
    registry::Registry,
    request::Visitor,
    text::{Asked, PageTexts, text},
};

/// The header that tells the layer for the Content-Security-Policy the nonce of this page's scripts. The
/// layer removes the header before the response leaves.
pub const NONCE_HEADER: &str = "x-latchkey-nonce";

/// The path of the front end's files.
pub const ASSETS: &str = "assets";

/// A page that is being rendered.
pub type Rendering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// The names of the front end's files. They carry a hash of the content.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Files {
    stylesheet: String,
    /// Name, without extension, of the script and the WebAssembly for strangers. Every browser loads these
    /// files first, so they are as small as possible.
    public: String,
    /// Name, without extension, of the files for people who are logged in.
    logged_in: String,
}

impl Files {
    /// The name, without extension, of the front end for the page that is being rendered, and of the front end for the
    /// page after the log-in if that is another. Every page of a logged-in person watches the session, and so needs the
    /// larger files.
    fn front_ends(&self) -> (&str, Option<&str>) {
        let is_logged_in = Visitor::current().is_ok_and(|visitor| visitor.bearer().is_ok());
        if is_logged_in {
            (&self.logged_in, None)
        } else {
            (&self.public, Some(&self.logged_in))
        }
    }
}

/// Starts the front end in the browser. Called with the paths of its script and WebAssembly, and with the files of the
/// page after the log-in.
const TAKE_OVER: &str = include_str!("take_over.js");

/// Tells the server the browser's time zone.
const TIME_ZONE: &str = include_str!("time_zone.js");

/// Renews the parts of a page that only the server renders.
const RENEW: &str = include_str!("renew.js");

/// Closes the menus of the top bar, and checks the choice of companies.
const MENU: &str = include_str!("menu.js");

/// Says that a tab has come to another person or database.
const OWNER: &str = include_str!("owner.js");

/// All scripts. Each page carries them, so they have no comments and no indentation there.
static SCRIPTS: LazyLock<String> = LazyLock::new(|| {
    [OWNER, RENEW, TIME_ZONE, MENU, TAKE_OVER]
        .map(without_comments)
        .concat()
});

/// The scripts with their comments, for the debug mode `assets`.
static SCRIPTS_AS_WRITTEN: LazyLock<String> =
    LazyLock::new(|| [OWNER, RENEW, TIME_ZONE, MENU, TAKE_OVER].concat());

/// A script without the lines that are comments, and without the spaces at the beginning of each line.
fn without_comments(script: &str) -> String {
    let lines = script.lines().map(str::trim_start);
    let code = lines.filter(|line| !line.starts_with("//") && !line.is_empty());
    code.flat_map(|line| [line, "\n"]).collect()
}

/// The handler that renders a page.
pub fn render(
    page: Page,
    registry: Arc<Registry>,
    files: Arc<Files>,
) -> impl Fn(Request<Body>) -> Rendering + Clone + Send + 'static {
    leptos_axum::render_app_async(move || document(page, &registry, &files))
}

/// The document in which the server sends a page. A person without the right to the page gets a page that says so.
fn document(page: Page, registry: &Registry, files: &Files) -> impl IntoView + use<> {
    let page = if is_open(page.audience) {
        page
    } else {
        no_access::in_place_of(page)
    };
    let text = text();
    let language = text.language();
    let title = text.page_title((page.title)(text));
    let asked = Asked::default();
    provide_context(asked.clone());
    let file = |name: &str| ["/", ASSETS, "/", name].concat();
    let (front_end, next) = files.front_ends();
    let script_of = |front_end: &str| file(&[front_end, ".js"].concat());
    let module_of = |front_end: &str| file(&[front_end, "_bg.wasm"].concat());
    let (script, module) = (script_of(front_end), module_of(front_end));
    // For search engines and previews of links. They see only pages of strangers.
    let description = next.map(|_| view! { <meta name="description" content=text.description()/> });
    let next: Vec<_> = next
        .into_iter()
        .flat_map(|front_end| [script_of(front_end), module_of(front_end)])
        .collect();
    let visitor = Visitor::current().ok();
    let debug = visitor.as_ref().map(|visitor| visitor.debug_mode());
    let scripts = if debug == Some(DebugMode::Assets) {
        &*SCRIPTS_AS_WRITTEN
    } else {
        &*SCRIPTS
    };
    let scripts = format!("{scripts}({script:?}, {module:?}, {next:?});");
    provide_context(PageFiles(vec![
        file(&files.stylesheet),
        script.clone(),
        module.clone(),
    ]));
    let theme = visitor
        .as_ref()
        .map_or(Theme::System, |visitor| visitor.theme());
    let owner = visitor.as_ref().and_then(|visitor| visitor.page_owner());
    let time_zone = visitor.and_then(|visitor| visitor.time_zone().map(str::to_owned));
    announce_nonce();
    // The server passes data to the browser in the properties of islands, not for the whole page.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    view! {
        <!DOCTYPE html>
        <html
            lang=language.code()
            dir=language.direction()
            data-theme=forced(theme)
            data-time-zone=time_zone
            data-owner=owner
        >
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                {description}
                {colours(theme)}
                <link rel="icon" type="image/svg+xml" href=file("favicon.svg")/>
                <link rel="stylesheet" href=file(&files.stylesheet)/>
                <link rel="modulepreload" href=script/>
                <link
                    rel="preload"
                    href=module
                    r#as="fetch"
                    r#type="application/wasm"
                    crossorigin="anonymous"
                />
                <script nonce=use_nonce()>{scripts}</script>
                <title>{title}</title>
            </head>
            <body>
                <App page menu=registry.menu() tabs=registry.tabs() frame=registry.frame_of(&page)/>
                <PageTexts asked text/>
            </body>
        </html>
    }
}

/// The theme that does not follow the system. The stylesheet reads it from the document.
fn forced(theme: Theme) -> Option<&'static str> {
    (theme != Theme::System).then(|| theme.as_str())
}

/// The colour of the top bar, which the browser's own bars continue, in the light and in the dark theme.
const BARS: [(&str, &str); 2] = [("light", "#ffffff"), ("dark", "#1a1f22")];

/// Tells the browser the colours of the page before the stylesheet is there.
fn colours(theme: Theme) -> impl IntoView {
    let schemes = forced(theme).unwrap_or("light dark");
    let bars = BARS
        .into_iter()
        .filter(move |(scheme, _)| schemes.contains(scheme));
    let bars = bars.map(move |(scheme, colour)| {
        let media = (theme == Theme::System).then(|| format!("(prefers-color-scheme: {scheme})"));
        let bar = html::meta().name("theme-color").content(colour);
        bar.attr("media", media)
    });
    view! {
        <meta name="color-scheme" content=schemes/>
        {bars.collect_view()}
    }
}

fn announce_nonce() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    if let Ok(value) = HeaderValue::from_str(&nonce) {
        response.insert_header(HeaderName::from_static(NONCE_HEADER), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bars_of_the_browser_have_the_colour_of_the_top_bar() {
        let tokens = include_str!("../../style/tokens.css");
        let [(_, light), (_, dark)] = BARS;
        let surface = format!("--color-surface: light-dark({light}, {dark});");
        assert!(tokens.contains(&surface), "{surface}");
    }

    #[test]
    fn a_page_carries_the_scripts_without_comments_and_indentation() {
        let script =
            "// Says why.\nconst a = {\n\n  // Links to https://example.com.\n  b: \"//\",\n};\n";
        assert_eq!(without_comments(script), "const a = {\nb: \"//\",\n};\n");
        // A text over several lines would lose the spaces that it begins its lines with.
        for line in [OWNER, RENEW, TIME_ZONE, MENU, TAKE_OVER]
            .iter()
            .flat_map(|script| script.lines())
        {
            assert_eq!(line.matches('`').count() % 2, 0, "{line}");
            assert!(!line.contains("/*"), "{line}");
        }
    }
}
