//! The sources of passwords: standard input, the keyboard, or chance. The command line is none, because
//! every user of the machine can read it.

use std::io::{self, IsTerminal as _, Read};

use anyhow::Context as _;
use latchkey_core::{
    Core,
    account::PasswordOrigin,
    user::{MAXIMUM_BYTES, Password},
};

use super::failure::Usage;
use crate::{log::neutral, output, text::text};

/// The mark that some editors and PowerShell write in front of UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The password that the command line asks for.
pub(super) enum Source {
    /// A given password, by pipe or keyboard.
    Given(Password),
    /// A one-time password, to be generated.
    OneTime,
}

/// The announcement after a password is set.
pub(super) enum Announcement {
    /// No announcement: the administrator knows the password.
    None,
    /// The one-time password, which is shown only this once.
    OneTime(Password),
}

impl Source {
    /// The password of a new user: from standard input if the command line says so, else a one-time password.
    pub(super) fn for_new_user(from_stdin: bool) -> anyhow::Result<Self> {
        if from_stdin {
            Ok(Self::Given(from_standard_input()?))
        } else {
            Ok(Self::OneTime)
        }
    }

    /// The password to set, and its announcement.
    pub(super) fn draw(self, core: &Core) -> (PasswordOrigin, Announcement) {
        match self {
            Self::Given(password) => (PasswordOrigin::Given(password), Announcement::None),
            Self::OneTime => {
                let password = Password::one_time(core.random());
                let copy = Password::new(password.expose().to_owned());
                (
                    PasswordOrigin::OneTime(password),
                    Announcement::OneTime(copy),
                )
            }
        }
    }
}

impl Announcement {
    /// Prints a one-time password alone on standard output, and an explanation on standard error.
    pub(super) fn print(self, login: &str) -> anyhow::Result<()> {
        if let Self::OneTime(password) = self {
            output::line(password.expose()).context(text().password_one_time_lost())?;
            output::notice(&text().password_one_time(&neutral(login)));
        }
        Ok(())
    }
}

/// The content of standard input, without a byte order mark at its start, which no keyboard types, and
/// without one newline at its end.
pub(super) fn from_standard_input() -> anyhow::Result<Password> {
    let input = io::stdin();
    if input.is_terminal() {
        return Err(Usage(text().password_would_show().to_owned()).into());
    }
    read(input.lock())
}

/// A password typed twice, without showing it.
pub(super) fn from_keyboard() -> anyhow::Result<Password> {
    let text = text();
    let first = ask(text.password_new())?;
    let second = ask(text.password_repeat())?;
    anyhow::ensure!(first.expose() == second.expose(), text.passwords_differ());
    Ok(first)
}

fn ask(question: &str) -> anyhow::Result<Password> {
    let typed = rpassword::prompt_password(format!("{question} "));
    Ok(Password::new(typed.context(text().password_not_asked())?))
}

fn read(input: impl Read) -> anyhow::Result<Password> {
    // The buffer has room for more than the permitted bytes, so that the rule refuses a longer password
    // and no password is cut. It is allocated once, so that no piece of the password stays in memory.
    let limit = MAXIMUM_BYTES + 8;
    let said = text();
    let mut bytes = Vec::with_capacity(limit + 1);
    input
        .take(limit as u64)
        .read_to_end(&mut bytes)
        .context(said.password_unread())?;
    let mut text = String::from_utf8(bytes)
        .ok()
        .context(said.password_not_utf_8())?;
    if text.starts_with(BYTE_ORDER_MARK) {
        text.remove(0);
    }
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    let password = Password::new(text);
    anyhow::ensure!(!password.expose().is_empty(), said.password_none());
    anyhow::ensure!(
        !password.expose().contains(['\n', '\r']),
        said.password_of_lines()
    );
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(input: &[u8]) -> Result<String, String> {
        read(input)
            .map(|password| password.expose().to_owned())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn one_newline_is_not_meant() {
        for input in ["pass word ", "pass word \n", "pass word \r\n"] {
            assert_eq!(
                password(input.as_bytes()).as_deref(),
                Ok("pass word "),
                "{input:?}"
            );
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_password() {
        for input in ["\u{feff}pass word", "\u{feff}pass word\r\n"] {
            assert_eq!(
                password(input.as_bytes()).as_deref(),
                Ok("pass word"),
                "{input:?}"
            );
        }
        assert_eq!(
            password("a\u{feff}b".as_bytes()).as_deref(),
            Ok("a\u{feff}b")
        );
    }

    #[test]
    fn what_is_no_password_is_refused() {
        for input in [
            b"".as_slice(),
            b"\n",
            b"\xef\xbb\xbf",
            b"\xef\xbb\xbf\r\n",
            b"a\n\n",
            b"a\nb",
            b"a\rb",
            b"a\r\r\n",
            b"\xff\xfe",
        ] {
            assert!(password(input).is_err(), "{input:?}");
        }
    }

    #[test]
    fn a_password_that_is_too_long_is_not_cut_to_fit() {
        assert!(password(&[b'x'; 5000]).unwrap().len() > MAXIMUM_BYTES);
    }
}
