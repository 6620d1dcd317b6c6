//! The entry of the core: everything that use cases need, once for each process.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;

use crate::{
    activity::AccountActivity, attempt::AllNames, clock::Clock, database::Databases,
    device::Devices, live::Live, module::Modules, place::Places, random::Random,
    settings::Settings, user::PasswordHasher,
};

/// The core of a running Latchkey. It is cheap to clone. The use cases are methods of its services, as in
/// `core.activity`, or of the core itself, in the folders of their subject: `session/`, `user/`.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

/// The parts of a core.
pub struct Parts {
    /// The PostgreSQL server, by the address of any of its databases.
    pub server: PgConnectOptions,
    /// The administrator's settings.
    pub settings: Settings,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The modules, in order.
    pub modules: Modules,
    /// The places of addresses.
    pub places: Places,
}

/// The parts that [`Core`] dereferences to, as in `core.databases`.
pub struct Inner {
    /// All databases.
    pub databases: Arc<Databases>,
    /// Lists the events of accounts.
    pub activity: AccountActivity,
    /// Tells watchers of changes.
    pub live: Live,
    /// Recognises devices.
    pub devices: Devices,
    /// Finds the places of addresses.
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
    /// Builds a core; fails if argon2 refuses the parameters. No connection is made yet.
    pub fn new(parts: Parts) -> Result<Self, argon2::Error> {
        let settings = parts.settings;
        let databases = Arc::new(Databases::new(
            parts.server,
            settings.databases.clone(),
            settings.sessions,
            Arc::clone(&parts.clock),
            parts.modules.clone(),
        ));
        Ok(Self(Arc::new(Inner {
            activity: AccountActivity::new(Arc::clone(&parts.clock)),
            live: Live::new(
                settings.live,
                Arc::clone(&databases),
                Arc::clone(&parts.clock),
            ),
            databases,
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

    /// Returns when every module has handled all events so far.
    pub async fn settle(&self) {
        self.modules.settle().await;
    }

    /// Randomness, for one-time passwords and references.
    pub fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// The administrator's settings.
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
