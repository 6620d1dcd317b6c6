//! The entry of the core: everything that use cases need, once for each process.

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;

use crate::{
    account::{
        AccountActivity, AuditLog, Companies, Groups, LogInCodes, Passwords, Policies, Users,
    },
    attempt::Attempts,
    clock::Clock,
    database::Databases,
    device::Devices,
    live::Live,
    log_in::LogIn,
    module::{HostedModule, Modules},
    place::Places,
    random::Random,
    session::{ApplySettings, Sessions},
    settings::Settings,
    sweep::Sweeper,
    user::PasswordHasher,
};

/// The core of a running Latchkey: its services. A core is cheap to clone.
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
    /// The modules, in the order in which they decide.
    pub modules: Vec<HostedModule>,
    /// The places of addresses.
    pub places: Places,
}

/// The reason why a core was not built.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// argon2 refuses its parameters.
    #[error("the section [passwords] of the configuration cannot be used")]
    Passwords(#[from] argon2::Error),
    /// The system gives no threads to modules.
    #[error("the system gives no threads to modules")]
    Threads(#[from] std::io::Error),
}

/// The services that [`Core`] dereferences to, as in `core.sessions`.
pub struct Inner {
    /// All databases.
    pub databases: Arc<Databases>,
    /// Logs people in.
    pub log_in: LogIn,
    /// Resumes, lists and ends sessions.
    pub sessions: Arc<Sessions>,
    /// Creates, changes and deletes users.
    pub users: Users,
    /// Companies, and who works for which.
    pub companies: Companies,
    /// Groups, their rights, and who is in which.
    pub groups: Groups,
    /// Confirms and changes people's own passwords.
    pub passwords: Passwords,
    /// Makes settings of sessions stricter.
    pub policies: Policies,
    /// Makes log-in codes.
    pub log_in_codes: LogInCodes,
    /// Lists the events of accounts.
    pub activity: AccountActivity,
    /// Lists who has changed what.
    pub audit: AuditLog,
    /// Lists attempts to log in.
    pub attempts: Arc<Attempts>,
    /// Tells watchers of changes.
    pub live: Live,
    /// Marks expired sessions, and deletes old history.
    pub sweeper: Sweeper,
    /// Recognises devices.
    pub devices: Devices,
    /// Finds the places of addresses.
    pub places: Places,
    /// The time.
    pub clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    settings: Settings,
    modules: Modules,
}

impl Core {
    /// Builds a core, and starts the threads of the modules. No connection is made yet.
    pub fn new(parts: Parts) -> Result<Self, StartError> {
        let Parts {
            server,
            settings,
            clock,
            random,
            modules,
            places,
        } = parts;
        let (clock_of, random_of) = (|| Arc::clone(&clock), || Arc::clone(&random));
        let modules = Modules::start(modules, clock_of(), random_of())?;
        let hasher = Arc::new(PasswordHasher::new(settings.passwords, &*random)?);
        let on_open = ApplySettings {
            settings: settings.sessions,
            modules: modules.clone(),
            clock: clock_of(),
        };
        let databases = Arc::new(Databases::new(
            server,
            settings.databases.clone(),
            clock_of(),
            Arc::new(on_open),
        ));
        let sessions = Arc::new(Sessions::new(
            settings.sessions,
            Arc::clone(&databases),
            clock_of(),
            random_of(),
            modules.clone(),
        ));
        let attempts = Arc::new(Attempts::new(clock_of()));
        Ok(Self(Arc::new(Inner {
            log_in: LogIn::new(
                settings.log_in,
                Arc::clone(&hasher),
                Arc::clone(&databases),
                Arc::clone(&sessions),
                clock_of(),
                random_of(),
                modules.clone(),
            ),
            users: Users::new(
                Arc::clone(&hasher),
                Arc::clone(&databases),
                Arc::clone(&sessions),
                clock_of(),
                random_of(),
                modules.clone(),
            ),
            companies: Companies::new(clock_of(), random_of(), modules.clone()),
            groups: Groups::new(clock_of(), random_of()),
            policies: Policies::new(clock_of(), settings.sessions),
            passwords: Passwords::new(
                hasher,
                settings.log_in,
                Arc::clone(&sessions),
                clock_of(),
                random_of(),
                modules.clone(),
            ),
            log_in_codes: LogInCodes::new(clock_of(), random_of(), modules.clone()),
            activity: AccountActivity::new(clock_of()),
            audit: AuditLog,
            live: Live::new(settings.live, Arc::clone(&databases), clock_of()),
            sweeper: Sweeper::new(
                settings.sessions,
                Arc::clone(&databases),
                Arc::clone(&attempts),
                clock_of(),
                modules.clone(),
            ),
            databases,
            sessions,
            attempts,
            devices: Devices::default(),
            places,
            clock,
            random,
            settings,
            modules,
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
