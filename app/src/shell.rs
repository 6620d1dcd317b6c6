//! The document around the pages.

use http::{HeaderName, HeaderValue};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;
use serde::Deserialize;

use crate::{App, request::Visitor, text::Language};

/// Tells the server's layer for the Content-Security-Policy which nonce this page's scripts carry.
/// It is taken off before the response leaves.
pub const NONCE_HEADER: &str = "x-latchkey-nonce";

/// Where browsers find the files.
pub const ASSETS: &str = "assets";

/// What the front end's files are called. Names carry a hash of the content.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Files {
    stylesheet: String,
    /// Script and WebAssembly of what strangers see, without the ending: the first thing that
    /// everybody loads has no more than it needs.
    public: String,
    /// Those of whoever is logged in.
    signed_in: String,
}

impl Files {
    /// The front end for the page that is being rendered, without the ending: whoever is logged in
    /// has their session watched on every page.
    fn front_end(&self) -> &str {
        let is_signed_in = Visitor::current().is_ok_and(|visitor| visitor.caller().is_ok());
        if is_signed_in {
            &self.signed_in
        } else {
            &self.public
        }
    }
}

/// Starts the front end in the browser. Called with the paths of its script and WebAssembly.
const TAKE_OVER: &str = include_str!("take_over.js");

/// Tells the server the browser's time zone.
const TIME_ZONE: &str = include_str!("time_zone.js");

/// The document in which the server sends a page.
pub fn shell(files: &Files) -> impl IntoView + use<> {
    let language = Language::default();
    let file = |name: &str| ["/", ASSETS, "/", name].concat();
    let front_end = file(files.front_end());
    let script = [&front_end, ".js"].concat();
    let module = [&front_end, "_bg.wasm"].concat();
    let scripts = format!("{TIME_ZONE}{TAKE_OVER}({script:?}, {module:?});");
    let visitor = Visitor::current().ok();
    let time_zone = visitor.and_then(|visitor| visitor.time_zone().map(str::to_owned));
    announce_nonce();
    // What the server knows is handed over in the properties of islands, and not for the whole page.
    if let Some(context) = Owner::current_shared_context() {
        context.set_is_hydrating(false);
    }
    view! {
        <!DOCTYPE html>
        <html lang=language.code() dir=language.direction() data-time-zone=time_zone>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
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
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
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
