//! Connection URLs for a server that is reached by its socket.

use std::{os::unix::ffi::OsStrExt, path::Path};

/// The superuser of a private cluster. A process that can enter the socket's folder connects as this user.
pub(crate) const SUPERUSER: &str = "latchkey";

/// `postgres://latchkey@localhost/NAME?host=FOLDER`. The host before the slash has no effect, because the
/// query's host overrides it.
pub(crate) fn of(database: &str, socket: &Path) -> String {
    format!(
        "postgres://{SUPERUSER}@localhost/{}?host={}",
        encode(database.as_bytes()),
        encode(socket.as_os_str().as_bytes())
    )
}

fn encode(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_database_and_socket_folder() {
        assert_eq!(
            of("main", Path::new("/run/x")),
            "postgres://latchkey@localhost/main?host=%2Frun%2Fx"
        );
    }

    #[test]
    fn whatever_has_a_meaning_in_a_url_is_encoded() {
        assert_eq!(
            of("a/b?é", Path::new("/a b&c")),
            "postgres://latchkey@localhost/a%2Fb%3F%C3%A9?host=%2Fa%20b%26c"
        );
    }
}
