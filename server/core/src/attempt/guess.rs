//! A guess at login and password: its input, and the counters that it counts against.

use latchkey_words::AuthenticatedBy;

use super::{Recognized, TypedCode};
use crate::{
    client::Client,
    device::KnownDevice,
    network::Network,
    user::{LoginKey, UserId},
};

/// The number of characters that are kept of a typed login. No login is longer.
const LOGIN_CHARACTERS: usize = 254;

/// The login, the client and the log-in code of an attempt.
pub(crate) struct Tried {
    /// The login as typed, cut to [`LOGIN_CHARACTERS`].
    pub login: String,
    pub key: LoginKey,
    /// See [`LoginKey::former`].
    pub former_key: LoginKey,
    /// See [`account`].
    pub account: String,
    pub client: Client,
    pub network: Option<Network>,
    pub code: TypedCode,
    pub target: Target,
}

/// The target of an attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A database.
    Database,
    /// A name of no database. The attempt is counted, but not recorded.
    UnknownName,
}

/// An attempt after the look-up in PostgreSQL.
pub(crate) struct Guess {
    pub(crate) tried: Tried,
    /// The user with this login, if there is one.
    pub(crate) user: Option<UserId>,
    /// The device, if this user has logged in with it before.
    pub(crate) device: Option<KnownDevice>,
    /// The sign that sets the attempt apart from those of strangers.
    pub(crate) recognized: Option<Recognized>,
    /// The widest network of the client that was blocked when the attempt came in.
    pub(crate) blocked_network: Option<String>,
    pub(crate) factor: AuthenticatedBy,
}

/// The subject of a login's counter: the login's key, cut so that it fits into an index (2,704 bytes). A key has no
/// control characters, so a typed login never counts against a counter of `log_in/unknown_database.rs`.
pub(crate) fn account(login: &str) -> String {
    let key = LoginKey::of(login);
    key.as_str().chars().take(LOGIN_CHARACTERS).collect()
}

impl Tried {
    pub(crate) fn new(login: &str, client: &Client, code: TypedCode) -> Self {
        // PostgreSQL refuses NUL, and people cannot read control characters.
        let printable = |character: char| {
            if character.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            }
        };
        let cut = login.chars().take(LOGIN_CHARACTERS);
        Self {
            login: cut.map(printable).collect(),
            account: account(login),
            key: LoginKey::of(login),
            former_key: LoginKey::former(login),
            client: client.clone(),
            network: client.address.map(Network::of),
            code,
            target: Target::Database,
        }
    }

    pub(crate) fn network(&self) -> Option<&str> {
        self.network.as_ref().map(Network::as_str)
    }

    /// Kinds and subjects of the counters for strangers: the account's counter and those of the networks.
    pub(crate) fn counters(&self) -> (Vec<String>, Vec<String>) {
        let account = std::iter::once(("account", self.account.as_str()));
        let networks = self.network.iter().flat_map(Network::counters);
        account
            .chain(networks)
            .map(|(kind, subject)| (kind.to_owned(), subject.to_owned()))
            .unzip()
    }

    /// The subject under which a name of no database remembers that the network has tried the login. A database has
    /// its recorded attempts for that purpose.
    pub(crate) fn at_name_of_none(&self) -> Option<String> {
        let network = self.network.as_ref()?.as_str();
        (self.target == Target::UnknownName).then(|| format!("{network}\n{}", self.account))
    }

    /// The network that wrong log-in codes count against.
    pub(crate) fn code_network(&self) -> &str {
        self.network.as_ref().map_or("", Network::widest)
    }
}

impl Guess {
    /// Kinds and subjects of the counters of a failure: the sign's counter only, or without a sign those for strangers.
    pub(crate) fn counters(&self) -> (Vec<String>, Vec<String>) {
        match self.recognized {
            Some(recognized) => {
                let (kind, subject) = recognized.counter();
                (vec![kind.to_owned()], vec![subject])
            }
            None => self.tried.counters(),
        }
    }

    /// Whether the attempt's sign is a log-in code. A log-in uses the code up.
    pub(crate) fn has_used_code(&self) -> bool {
        matches!(self.recognized, Some(Recognized::Code(_)))
    }

    /// The network that a wrong log-in code counts against; `None` if no code was typed or the code is right. At a name
    /// of no database codes are not counted, because no code can be right there.
    pub(crate) fn wrong_code_from(&self) -> Option<&str> {
        let is_typed = !matches!(self.tried.code, TypedCode::None);
        let counts = is_typed && !self.has_used_code() && self.tried.target == Target::Database;
        counts.then(|| self.tried.code_network())
    }
}
