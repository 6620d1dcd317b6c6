//! The components of pages. A component gets its data as properties and sends no requests.

pub mod activity_item;
pub mod confirm_dialog;
pub mod database_field;
pub mod device_item;
pub mod device_label;
pub mod ended_item;
pub mod error_alert;
pub mod failure;
pub mod frame;
pub mod icon;
pub mod loading;
pub mod log_out_form;
pub mod made_code;
pub mod missing_database;
pub mod narrow_page;
pub mod notice;
pub mod page_heading;
pub mod profile_frame;
pub mod session_watch;
pub mod status;
pub mod submit_button;
pub mod text_field;
pub mod time;
pub mod top_bar;
pub mod username_hint;
