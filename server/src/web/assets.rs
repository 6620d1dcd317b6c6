//! The files of the front end: script, wasm, stylesheet, icon.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
};
use http::{HeaderValue, header};
use latchkey_app::Files;
use tower_http::services::ServeDir;

/// Names the folder of the files. It takes precedence over the other places.
const SITE_VARIABLE: &str = "LATCHKEY_SITE";

/// The file in the folder that lists the names of the other files.
const NAMES: &str = "site.toml";

/// The folder with the front end's files.
#[derive(Clone, Debug)]
pub struct Site {
    folder: PathBuf,
    pub(super) files: Arc<Files>,
}

impl Site {
    /// The folder in `LATCHKEY_SITE`, else `site` beside the folder of this program (`target/site` for
    /// `target/release/latchkey`), else `target/site` in the working directory.
    pub fn find() -> anyhow::Result<Self> {
        let named = std::env::var_os(SITE_VARIABLE).map(PathBuf::from);
        let program = std::env::current_exe().ok();
        let beside = program
            .as_deref()
            .and_then(Path::parent)
            .and_then(Path::parent)
            .map(|folder| folder.join("site"));
        let candidates = match named {
            Some(named) => vec![named],
            None => beside
                .into_iter()
                .chain([PathBuf::from("target/site")])
                .collect(),
        };
        let found = candidates
            .iter()
            .find(|folder| folder.join(NAMES).is_file());
        let folder = found.with_context(|| {
            format!("the front end's files are in none of {candidates:?}; build them, or name their folder in {SITE_VARIABLE}")
        })?;
        Self::at(folder)
    }

    /// The site in a known folder.
    pub fn at(folder: &Path) -> anyhow::Result<Self> {
        let folder = folder
            .canonicalize()
            .with_context(|| format!("{} cannot be read", folder.display()))?;
        let names = folder.join(NAMES);
        let files = fs::read_to_string(&names)
            .map_err(anyhow::Error::from)
            .and_then(|names| Ok(toml::from_str(&names)?))
            .with_context(|| format!("{} cannot be read", names.display()))?;
        Ok(Self { folder, files })
    }
}

/// Serves the files, in compressed form if the browser accepts that.
pub(super) fn service(site: &Site) -> Router {
    let files = ServeDir::new(&site.folder)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false);
    Router::new()
        .fallback_service(files)
        .layer(middleware::from_fn(set_lifetime))
}

/// Lets browsers keep a file whose name carries the hash of its content, because it never changes. Other
/// files are revalidated.
async fn set_lifetime(request: Request, next: Next) -> Response {
    let is_hashed = request
        .uri()
        .path()
        .rsplit('/')
        .next()
        .is_some_and(|name| name.split('.').count() == 3);
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status() == http::StatusCode::NOT_MODIFIED {
        let lifetime = if is_hashed {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=3600"
        };
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
    }
    response
}
