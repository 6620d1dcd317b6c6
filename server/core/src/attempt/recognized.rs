//! Signs that set an attempt apart from those of strangers.
//!
//! Failures of strangers at an account delay strangers only. Each sign of the owner has its own counter, with the
//! limits of an account. A sign whose counter is blocked is ignored, and the attempt's next sign counts. So guesses
//! with a copied device cookie or from the owner's network delay the owner no more than the guesses of strangers do.

use uuid::Uuid;

/// The sign whose counter decides about an attempt.
#[derive(Clone, Copy)]
pub(crate) enum Recognized {
    /// A log-in code of this user.
    Code(Uuid),
    /// A device that this user has logged in with.
    Device(Uuid),
    /// A network that this user has logged in from.
    Network(Uuid),
}

impl Recognized {
    /// Kind and subject of the sign's counter.
    pub(super) fn counter(self) -> (&'static str, String) {
        match self {
            Self::Code(id) => ("code", id.to_string()),
            Self::Device(id) => ("device", id.to_string()),
            Self::Network(id) => ("known_network", id.to_string()),
        }
    }

    /// The sign of a counter's kind.
    pub(super) fn of(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "code" => Some(Self::Code(id)),
            "device" => Some(Self::Device(id)),
            "known_network" => Some(Self::Network(id)),
            _ => None,
        }
    }

    /// The log-in code, which is good for one log-in.
    pub(super) fn code(self) -> Option<Uuid> {
        match self {
            Self::Code(id) => Some(id),
            Self::Device(_) | Self::Network(_) => None,
        }
    }
}
