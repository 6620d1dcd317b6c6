//! The way in: everything that use cases need, once a process.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;

use crate::{
    attempt::AllNames, clock::Clock, database::Databases, device::Devices, live::Live,
    module::Modules, place::Places, random::Random, settings::Settings, user::PasswordHasher,
};

/// The core of a running Latchkey. Cheap to clone; use cases are its methods, beside what they are
/// about: `session/`, `user/`.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

/// What a core is made of.
pub struct Parts {
    /// The PostgreSQL server, by any of its databases.
    pub server: PgConnectOptions,
    /// What the administrator configured.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Extensions, in order.
    pub modules: Modules,
    /// Where addresses are.
    pub places: Places,
}

/// Reached through [`Core`] as `core.databases` and so on.
pub struct Inner {
    /// All databases.
    pub databases: Databases,
    /// Tells whoever watches of changes.
    pub live: Live,
    /// Recognises devices.
    pub devices: Devices,
    /// Knows where addresses are.
    pub places: Places,
    /// The time.
    pub clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) settings: Settings,
    pub(crate) passwords: PasswordHasher,
    pub(crate) all_names: AllNames,
    pub(crate) modules: Modules,
}

impl Core {
    /// Puts the parts together; argon2 may not take the parameters. Connects to nothing yet.
    pub fn new(parts: Parts) -> Result<Self, argon2::Error> {
        let settings = parts.settings;
        Ok(Self(Arc::new(Inner {
            databases: Databases::new(
                parts.server,
                settings.databases.clone(),
                settings.sessions,
                Arc::clone(&parts.clock),
                parts.modules.clone(),
            ),
            live: Live::new(settings.live),
            devices: Devices::default(),
            places: parts.places,
            passwords: PasswordHasher::new(settings.passwords, &*parts.random)?,
            all_names: AllNames::new(&settings.log_in),
            clock: parts.clock,
            random: parts.random,
            modules: parts.modules,
            settings,
        })))
    }

    /// Returns when every module has been told everything that has happened so far.
    pub async fn settle(&self) {
        self.modules.settle().await;
    }

    /// Randomness, for one-time passwords and references.
    pub fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// What the administrator configured.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

impl std::ops::Deref for Core {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
