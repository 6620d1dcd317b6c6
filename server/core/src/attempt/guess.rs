//! A guess at login and password: what was tried, and what it counts against.

use super::{KnownDevice, Network, Recognized, TypedCode};
use crate::{
    client::Client,
    session::AuthenticatedBy,
    user::{LoginKey, UserId},
};

/// More of what was typed is not kept: no login is longer.
const LOGIN_CHARACTERS: usize = 254;

/// What was tried, and from where.
pub(crate) struct Tried {
    /// As typed, cut.
    pub login: String,
    pub key: LoginKey,
    /// See [`LoginKey::former`].
    pub former_key: LoginKey,
    /// See [`account`].
    pub account: String,
    pub client: Client,
    pub network: Option<Network>,
    pub code: TypedCode,
    pub place: Place,
}

/// Where it was tried.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a database.
    Database,
    /// At a name of no database: counted, and recorded nowhere.
    Nowhere,
}

/// An attempt that is worth a look.
pub(crate) struct Guess {
    pub(crate) tried: Tried,
    /// Whose login it is, if it is somebody's.
    pub(crate) user: Option<UserId>,
    /// The device, if this user has logged in with it before.
    pub(crate) device: Option<KnownDevice>,
    /// The sign by which the owner is recognized.
    pub(crate) recognized: Option<Recognized>,
    /// The widest network of the attempt that was blocked at the door.
    pub(crate) blocked_network: Option<String>,
    pub(crate) factor: AuthenticatedBy,
}

/// What failures on a login count against: its key, cut to what an index takes (2,704 bytes). A key has no
/// control characters: no typed login counts against what `log_in/nowhere.rs` makes.
pub(crate) fn account(login: &str) -> String {
    let key = LoginKey::of(login);
    key.as_str().chars().take(LOGIN_CHARACTERS).collect()
}

impl Tried {
    pub(crate) fn new(login: &str, client: &Client, code: TypedCode) -> Self {
        // PostgreSQL takes no NUL, and people cannot read control characters.
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
            place: Place::Database,
        }
    }

    pub(crate) fn network(&self) -> Option<&str> {
        self.network.as_ref().map(Network::as_str)
    }

    /// Kinds and subjects of a stranger's counters: those of the account and of the networks.
    pub(crate) fn counters(&self) -> (Vec<String>, Vec<String>) {
        let account = std::iter::once(("account", self.account.as_str()));
        let networks = self.network.iter().flat_map(Network::counters);
        account
            .chain(networks)
            .map(|(kind, subject)| (kind.to_owned(), subject.to_owned()))
            .unzip()
    }

    /// The subject that says of a name of no database that the network has tried the login there. A database
    /// has recorded attempts for that.
    pub(crate) fn at_name_of_none(&self) -> Option<String> {
        let network = self.network.as_ref()?.as_str();
        (self.place == Place::Nowhere).then(|| format!("{network}\n{}", self.account))
    }

    /// The network that wrong log-in codes count against.
    pub(crate) fn code_network(&self) -> &str {
        self.network.as_ref().map_or("", Network::widest)
    }
}

impl Guess {
    /// Kinds and subjects that a failure counts against: the sign's alone, or else a stranger's.
    pub(crate) fn counters(&self) -> (Vec<String>, Vec<String>) {
        match self.recognized {
            Some(recognized) => {
                let (kind, subject) = recognized.counter();
                (vec![kind.to_owned()], vec![subject])
            }
            None => self.tried.counters(),
        }
    }

    /// Whether the owner is recognized by a log-in code, which a log-in uses up.
    pub(crate) fn has_used_code(&self) -> bool {
        matches!(self.recognized, Some(Recognized::Code(_)))
    }

    /// The network that a code counts against which is not the user's; `None` if no such code was typed. At a
    /// name of no database no code is ever right.
    pub(crate) fn wrong_code_from(&self) -> Option<&str> {
        let is_typed = !matches!(self.tried.code, TypedCode::None);
        let counts = is_typed && !self.has_used_code() && self.tried.place == Place::Database;
        counts.then(|| self.tried.code_network())
    }
}
