//! The document around the pages.

use http::{HeaderName, HeaderValue};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::{HashedStylesheet, MetaTags};

use crate::{App, text::Language};

/// Tells the server's layer for the Content-Security-Policy which nonce this page's scripts carry.
/// It is taken off before the response leaves.
pub const NONCE_HEADER: &str = "x-latchkey-nonce";

/// The document in which the server sends a page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let language = Language::default();
    let icon = ["/", &options.site_pkg_dir, "/favicon.svg"].concat();
    announce_nonce();
    view! {
        <!DOCTYPE html>
        <html lang=language.code() dir=language.direction()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" type="image/svg+xml" href=icon/>
                <HashedStylesheet options=options.clone()/>
                <HydrationScripts options islands=true/>
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
