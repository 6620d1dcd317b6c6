//! Signs by which an attempt is told from those of strangers.
//!
//! A stranger who hammers an account blocks strangers only. The owner has a counter of their own for
//! each of these signs, with the numbers of an account. A sign whose counter is blocked counts for
//! nothing: a copied device cookie or a neighbour in the same network holds the owner up no more than
//! any stranger does.

use uuid::Uuid;

/// The sign that an attempt is judged by.
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
    /// Kind and subject of its counter.
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
