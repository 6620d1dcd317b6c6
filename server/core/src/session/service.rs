//! Resumes sessions.

use std::sync::Arc;

use time::OffsetDateTime;

use super::{
    Activity, Bearer, Caller, Computer, Context, DebugMode, EndCause, EndedSession, Pending,
    Resumed, SaveContextError, SessionId, SessionSettings, SessionToken, TokenHash,
    store::{self, End, Found, Touch, TouchOf},
    token::Standing,
};
use crate::{
    StoreError,
    access::{self, Catalog, Resource, Rights, Verb},
    client::Client,
    clock::Clock,
    company::{CompanyDefaults, CompanyId},
    database::{Database, Databases, SystemTx},
    module::{Modules, SessionEnded},
    random::Random,
    user::{self, User, UserId},
};

/// The time after log-in in which a session may be ended because the browser kept no cookie.
const UNKEPT: time::Duration = time::Duration::minutes(1);

/// What a user has by groups and companies.
struct Environment {
    rights: Arc<Rights>,
    defaults: Option<Arc<CompanyDefaults>>,
    settings: SessionSettings,
}

/// What a user has by groups and companies, with their names.
pub(crate) struct UserAccess {
    /// The settings of sessions, with the policies.
    pub settings: SessionSettings,
    /// The companies that the user may work for, the default one first.
    pub companies: Vec<CompanyId>,
    catalog: Arc<Catalog>,
    rights: Arc<Rights>,
}

impl UserAccess {
    /// The technical names of the groups, also of those that other groups imply.
    pub(crate) fn group_names(&self) -> Vec<String> {
        self.catalog.names_of(&self.rights)
    }
}

/// The service of the sessions.
pub struct Sessions {
    pub(crate) settings: SessionSettings,
    databases: Arc<Databases>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) modules: Modules,
}

impl Sessions {
    pub(crate) fn new(
        settings: SessionSettings,
        databases: Arc<Databases>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        modules: Modules,
    ) -> Self {
        Self {
            settings,
            databases,
            clock,
            random,
            modules,
        }
    }

    /// Runs two statements, as the look-up of an unknown token does. So the time of an answer does not reveal whether a
    /// database exists.
    pub async fn resume_in_no_database(&self) -> Result<(), StoreError> {
        self.databases.ping().await?;
        self.databases.ping().await
    }

    /// Looks up a token. Every request starts here, with one SQL statement that it shares with the requests that come
    /// in at the same moment. A second statement runs if there is something to write, or if the token is no longer the
    /// session's own. Nothing is cached, so that a revoke takes effect at once.
    pub async fn resume(
        &self,
        database: &Database,
        token: &SessionToken,
        client: &Client,
        activity: Activity,
    ) -> Result<Resumed, StoreError> {
        let now = self.clock.now();
        let found = self
            .find(database, token.hash(), client, now, activity)
            .await?;
        let Some(found) = found else {
            return Ok(Resumed::Unknown);
        };
        let (found, environment) = self.environment(database, found).await?;
        let Environment {
            rights,
            defaults,
            settings,
        } = environment;
        let expiry = found.session.expiry;
        if let Some((at, cause)) = found.end {
            return Ok(Resumed::Ended(ended(found, &settings, at, cause)));
        }
        // Record the expiry when it is first seen. Otherwise a clock that is set back, or another node's
        // slower clock, would revive the session.
        if expiry.has_come(now) {
            return self
                .end_found(database, found, &settings, expiry.at, expiry.rule.into())
                .await;
        }
        // Two clients have the token. One of them is not the person, and the server cannot tell which.
        if found.token.standing == Standing::Stale {
            let cause = EndCause::TokenReused;
            return self.end_found(database, found, &settings, now, cause).await;
        }
        let bearer = Bearer {
            database: database.clone(),
            client: client.clone(),
            token: found.token,
            session: found.session,
            user: found.user,
            preferences: found.preferences,
            context: found.context,
            companies: found.companies,
            debug: if rights.may(Verb::Read, Resource::DEBUG_MODE) {
                found.debug
            } else {
                DebugMode::Off
            },
            rights,
            defaults,
            settings,
        };
        Ok(match found.step {
            None => Resumed::Live(Arc::new(Caller::new(bearer))),
            Some(step) => Resumed::Pending(Arc::new(Pending::new(bearer, step))),
        })
    }

    /// The session of a token. Most requests only read, in a statement that they share. A request that has something to
    /// write runs its own statement, which looks up the session again. A token that is not the session's own costs one more
    /// statement before.
    ///
    /// This order misses no token: a token is first a session's own and later a replaced one, never the other way round,
    /// and both change in one transaction.
    async fn find(
        &self,
        database: &Database,
        token: TokenHash,
        client: &Client,
        now: OffsetDateTime,
        activity: Activity,
    ) -> Result<Option<Found>, StoreError> {
        if let Some(found) = store::read_by_own(database, token).await? {
            let (found, environment) = self.environment(database, found).await?;
            let touch = touch(&environment.settings, now, activity);
            let is_due = !found.is_token_used || touch.is_due(&found, client);
            if found.end.is_some() || found.session.expiry.has_come(now) || !is_due {
                return Ok(Some(found));
            }
            let found = store::find_by_own(database, token, client, &touch).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        // The first look-up of a replaced token writes nothing: the policies are known only with the user, and activity on a
        // session that is over by them must not be written.
        let nowhere = Client {
            address: None,
            time_zone: None,
            ..client.clone()
        };
        let look = touch(&self.settings, now, Activity::Background);
        let found = store::find_by_superseded(database, token, &nowhere, &look).await?;
        let Some(found) = found else {
            return Ok(None);
        };
        let (found, environment) = self.environment(database, found).await?;
        let touch = touch(&environment.settings, now, activity);
        if found.end.is_some()
            || found.session.expiry.has_come(now)
            || !touch.is_due(&found, client)
        {
            return Ok(Some(found));
        }
        store::find_by_superseded(database, token, client, &touch).await
    }

    /// What a look-up found, with the expiry that the policies permit, and what the user has by groups and companies.
    async fn environment(
        &self,
        database: &Database,
        found: Found,
    ) -> Result<(Found, Environment), StoreError> {
        let catalog = access::catalog_of(database, found.access_version).await?;
        let rights = catalog.rights_of(&found.groups);
        let policies = rights.policies_for(found.companies.allowed());
        let settings = self.settings.under(policies);
        let main = found.companies.main();
        let environment = Environment {
            defaults: main.and_then(|main| catalog.defaults_of(main)),
            rights,
            settings,
        };
        if found.end.is_some() {
            // The end is told as it was.
            return Ok((found, environment));
        }
        let session = found.session.under(&settings);
        Ok((Found { session, ..found }, environment))
    }

    /// The groups, the companies and the settings of a user, in a transaction that may hold locks.
    pub(crate) async fn access_of(
        &self,
        tx: &mut SystemTx,
        database: &Database,
        user: UserId,
    ) -> Result<UserAccess, StoreError> {
        let (groups, companies, version) = user::store::access(tx, user).await?;
        let catalog = access::catalog_in(tx, database, version).await?;
        let rights = catalog.rights_of(&groups);
        Ok(UserAccess {
            settings: self.settings.under(rights.policies_for(&companies)),
            companies,
            catalog,
            rights,
        })
    }

    /// Ends the session of a browser that has not kept its cookie and so cannot use the session. `token` is the hash of
    /// the token that the log-in issued. This works only within a minute of the log-in, so that an address in a
    /// browser's history ends nothing.
    pub async fn end_unkept(
        &self,
        database: &Database,
        token: TokenHash,
        client: &Client,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let touch = touch(&self.settings, now, Activity::Background);
        let found = store::find_by_own(database, token, client, &touch).await?;
        if let Some(found) = found
            && found.end.is_none()
            && now - found.session.created_at < UNKEPT
        {
            let settings = &self.settings;
            self.end_found(database, found, settings, now, EndCause::LoggedOut)
                .await?;
        }
        Ok(())
    }

    /// Ends the session that the look-up of a token found.
    async fn end_found(
        &self,
        database: &Database,
        found: Found,
        settings: &SessionSettings,
        at: OffsetDateTime,
        cause: EndCause,
    ) -> Result<Resumed, StoreError> {
        let id = found.session.id;
        let end = End {
            at,
            cause,
            by: None,
        };
        let mut tx = database.system().await?;
        let ended_now = store::end_one(&mut tx, id, end).await?;
        tx.commit().await?;
        if ended_now.is_some() {
            self.ended(database, &found.user, &[id], cause);
        }
        Ok(Resumed::Ended(ended(found, settings, at, cause)))
    }

    /// Saves the context of the caller's session. Only the keys that the request has changed are written, so that two
    /// requests that change different keys both succeed. If the session has ended meanwhile, nothing is saved, and that
    /// is no error.
    pub async fn save_context(
        &self,
        caller: &Caller,
        context: &Context,
    ) -> Result<(), SaveContextError> {
        context.check()?;
        let Some(change) = caller.context.change_to(context) else {
            return Ok(());
        };
        let mut tx = caller.transaction().await?;
        store::change_context(&mut tx, caller.session.id, &change).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends the caller's own session, whether or not its log-in is finished.
    pub async fn log_out(&self, caller: &Bearer) -> Result<(), StoreError> {
        let end = End {
            at: self.clock.now(),
            cause: EndCause::LoggedOut,
            by: None,
        };
        let mut tx = caller.transaction().await?;
        let ended = store::end_own(&mut tx, caller.session.id, end).await?;
        tx.commit().await?;
        if ended {
            self.ended(
                &caller.database,
                &caller.user,
                &[caller.session.id],
                end.cause,
            );
        }
        Ok(())
    }

    /// Tells the modules of ended sessions. Call this after the commit.
    pub(crate) fn ended(
        &self,
        database: &Database,
        user: &User,
        ids: &[SessionId],
        cause: EndCause,
    ) {
        let ended = ids.iter().map(|id| SessionEnded::new(user, *id, cause));
        self.modules.observe(database, ended);
    }
}

fn ended(
    found: Found,
    settings: &SessionSettings,
    at: OffsetDateTime,
    cause: EndCause,
) -> EndedSession {
    EndedSession {
        most_of_user: settings.most_of_user,
        cause,
        at,
        by: found.ended_by,
        timeout: found.session.timeout(),
        time_zone: found.session.time_zone,
        preferences: found.preferences,
    }
}

fn touch(settings: &SessionSettings, now: OffsetDateTime, activity: Activity) -> Touch {
    let touch_of = |computer| TouchOf {
        due_before: now - settings.touch_interval(computer),
        idle_expires_at: settings.idle_expiry(now, computer),
    };
    Touch {
        now,
        is_activity: activity == Activity::Person,
        personal: touch_of(Computer::Own),
        shared: touch_of(Computer::Shared),
        grace_since: now - settings.rotation_grace,
    }
}
