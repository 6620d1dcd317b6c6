//! The web: from a request to the page or server function that answers it, and back.

mod api_status;
mod assets;
pub mod client_address;
mod cookies;
pub mod cross_site;
mod debug_mode;
mod export;
mod forms;
#[cfg(test)]
mod fuzz;
mod grammar;
mod guard;
mod health;
mod host;
mod logo;
mod request_log;
mod resolve;
mod retry_after;
mod router;
pub mod security_headers;
mod session_events;
mod session_store;
mod slow_body;
mod state;
mod visit;
mod well_known;

pub use assets::Site;
pub use router::{registry, router};
