//! Ids. An id is no secret and gives no access.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(Uuid);

        impl $name {
            /// The id as PostgreSQL has it.
            pub fn new(id: Uuid) -> Self {
                Self(id)
            }

            /// The bare id, for SQL and logs.
            pub fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// A session's public id.
    SessionId
}

id! {
    /// A user's id.
    UserId
}

id! {
    /// A company's id.
    CompanyId
}

id! {
    /// The id of a group of users.
    GroupId
}
