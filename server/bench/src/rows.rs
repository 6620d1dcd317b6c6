//! A database with many sessions, and a core with a clock that stands still.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use latchkey_core::{
    Core, Parts,
    account::{NewUser, PasswordOrigin},
    attempt::TypedCode,
    client::{Agent, Client},
    clock::{Clock, SystemClock},
    database::{Database, DatabaseName},
    device::RememberDevice,
    language::LanguageCode,
    log_in::LogInAttempt,
    place::Places,
    random::SystemRandom,
    session::{Activity, Computer, Resumed, SessionToken},
    settings::Settings,
    user::{Login, Password, Role},
};
use sqlx::{Connection as _, PgConnection};
use time::OffsetDateTime;

use crate::stage::{PASSWORD, Stage};

const FILL: &str = include_str!("../data/rows.sql");
const ADA: &str = "ada@example.com";
/// One in this many sessions is live.
const LIVE_IN: u64 = 10;

/// Sessions of a database. Because no time passes, looking them up writes nothing.
pub struct Rows {
    pub core: Core,
    pub database: Database,
    live: u64,
    /// Number of look-ups so far.
    chosen: AtomicU64,
}

struct Still(OffsetDateTime);

impl Clock for Still {
    fn now(&self) -> OffsetDateTime {
        self.0
    }
}

impl Rows {
    /// Creates `count` sessions in a new database, and Ada.
    pub async fn fill(stage: &Stage, count: u32) -> Result<Self> {
        let start = Instant::now();
        let now = SystemClock.now();
        let core = Core::new(Parts {
            server: stage.postgres("postgres").parse()?,
            settings: Settings::default(),
            clock: Arc::new(Still(now)),
            random: Arc::new(SystemRandom),
            modules: Vec::new(),
            places: Places::default(),
        })?;
        let name: DatabaseName = format!("rows_{count}").parse()?;
        let ada = NewUser {
            login: Login::new(ADA)?,
            name: "Ada".to_owned(),
            password: PasswordOrigin::Given(Password::new(PASSWORD.to_owned())),
            role: Role::Administrator,
            companies: Vec::new(),
        };
        core.users.create_database(&name, ada).await?;
        let mut connection = PgConnection::connect(&stage.postgres(name.as_str())).await?;
        sqlx::query("select set_config('bench.rows', $1, false), set_config('bench.now', $2::timestamptz::text, false)")
            .bind(count.to_string())
            .bind(now)
            .execute(&mut connection)
            .await?;
        sqlx::raw_sql(FILL).execute(&mut connection).await?;
        sqlx::raw_sql("vacuum analyze")
            .execute(&mut connection)
            .await?;
        let size: String =
            sqlx::query_scalar("select pg_size_pretty(pg_database_size(current_database()))")
                .fetch_one(&mut connection)
                .await?;
        connection.close().await?;
        eprintln!(
            "  {count} sessions: {size}, made in {:.0} s",
            start.elapsed().as_secs_f64()
        );
        let database = core.databases.open_any(&name).await?;
        Ok(Self {
            core,
            database,
            live: u64::from(count) / LIVE_IN,
            chosen: 0.into(),
        })
    }

    /// Looks up a live session, each time another one. Returns the seconds that the look-up took.
    pub async fn look_up(&self) -> Result<f64> {
        // Knuth's multiplier sends neighbouring numbers far apart.
        let chosen = self.chosen.fetch_add(1, Relaxed);
        let number = (chosen.wrapping_mul(2_654_435_761) % self.live + 1) * LIVE_IN;
        let mut token = [0; 16];
        for (place, byte) in token.iter_mut().zip(number.to_be_bytes().repeat(2)) {
            *place = byte;
        }
        let (token, client) = (SessionToken::from_bytes(token), client());
        let start = Instant::now();
        let found = self
            .core
            .sessions
            .resume(&self.database, &token, &client, Activity::Person);
        let Resumed::Live(_) = found.await? else {
            bail!("session {number} is not live");
        };
        Ok(start.elapsed().as_secs_f64())
    }

    /// Logs Ada in. Returns the seconds that the log-in took.
    pub async fn log_in(&self) -> Result<f64> {
        let attempt = LogInAttempt {
            login: ADA.to_owned(),
            password: Password::new(PASSWORD.to_owned()),
            client: client(),
            language: LanguageCode::default(),
            computer: Computer::Own,
            replaces: None,
            devices: Vec::new(),
            remember_device: RememberDevice::No,
            code: TypedCode::None,
        };
        let start = Instant::now();
        self.core
            .log_in
            .attempt(&self.database, attempt)
            .await
            .context("Ada may log in")?;
        Ok(start.elapsed().as_secs_f64())
    }
}

fn client() -> Client {
    Client {
        address: "203.0.113.7".parse().ok(),
        agent: Agent::from_header(
            b"Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
        ),
        time_zone: None,
    }
}
