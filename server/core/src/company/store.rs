//! SQL on the tables of companies and of the users who work for them. No other file names the tables.

use std::collections::{HashMap, HashSet};

use latchkey_words::UserId;
use time::OffsetDateTime;

use super::{Colour, Company, CompanyId, CompanyProfile, CompanyRecord, Logo, LogoId, key};
use crate::{
    DisplayedName, StoreError,
    client::TimeZoneName,
    database::{Database, ScopedTx, SystemTx},
    language::LanguageCode,
};

/// A company to insert.
pub(crate) struct NewCompany<'a> {
    pub id: CompanyId,
    pub name: &'a DisplayedName,
    pub colour: Option<&'a Colour>,
    pub now: OffsetDateTime,
}

/// A macro, because each `query!` has its own row type with the same fields.
macro_rules! company {
    ($row:ident) => {
        Company {
            id: CompanyId::new($row.id),
            name: $row.name,
            // The table's constraints and the types accept the same texts.
            profile: CompanyProfile {
                colour: $row.colour.and_then(|colour| colour.parse().ok()),
                language: $row.language.and_then(|code| code.parse().ok()),
                time_zone: $row
                    .time_zone
                    .and_then(|zone| TimeZoneName::from_browser(&zone)),
            },
            logo: $row.logo_id.map(LogoId::new),
        }
    };
}

/// Inserts a company; `false` if another company has the name.
pub(crate) async fn insert(tx: &mut SystemTx, new: &NewCompany<'_>) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into companies (id, name, name_key, colour, created_at) values ($1, $2, $3, $4, $5)
        on conflict on constraint companies_name_key_unique do nothing",
        new.id.as_uuid(),
        new.name.as_str(),
        key(new.name),
        new.colour.map(Colour::as_str),
        new.now,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The company with this name, in any spelling, whether or not it is archived.
pub(crate) async fn find(
    database: &Database,
    name: &DisplayedName,
) -> Result<Option<Company>, StoreError> {
    let row = sqlx::query!(
        "select id, name, colour, language, time_zone, logo_id from companies where name_key = $1",
        key(name)
    )
    .fetch_optional(database.system_pool())
    .await?;
    Ok(row.map(|row| company!(row)))
}

/// All companies, the oldest first.
pub(crate) async fn list(database: &Database) -> Result<Vec<CompanyRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"select id, name, colour, language, time_zone, logo_id, created_at, archived_at,
            (select count(*) from user_companies where company_id = companies.id) as "users!"
        from companies order by created_at, id"#
    )
    .fetch_all(database.system_pool())
    .await?;
    let record = rows.into_iter().map(|row| CompanyRecord {
        created_at: row.created_at,
        archived_at: row.archived_at,
        users: u32::try_from(row.users).unwrap_or(u32::MAX),
        company: company!(row),
    });
    Ok(record.collect())
}

/// The companies that the transaction may see, archived ones too, and whether each is one of the transaction's user.
pub(crate) async fn list_seen(tx: &mut ScopedTx) -> Result<HashMap<CompanyId, bool>, StoreError> {
    let rows = sqlx::query!(
        r#"select c.id, exists (select from user_companies where company_id = c.id) as "is_own!"
        from companies c"#
    )
    .fetch_all(tx.connection())
    .await?;
    let seen = rows
        .into_iter()
        .map(|row| (CompanyId::new(row.id), row.is_own));
    Ok(seen.collect())
}

/// Whether a company, archived or not, is one of a user; `None` if there is no such company.
pub(crate) async fn is_of_user(
    tx: &mut SystemTx,
    id: CompanyId,
    user: UserId,
) -> Result<Option<bool>, StoreError> {
    let is_own = sqlx::query_scalar!(
        r#"select exists (select from user_companies where company_id = c.id and user_id = $2) as "is_own!"
        from companies c where c.id = $1"#,
        id.as_uuid(),
        user.as_uuid(),
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(is_own)
}

/// The companies in use that the transaction's user may work for, the default one first.
pub(crate) async fn list_own(tx: &mut ScopedTx) -> Result<Vec<Company>, StoreError> {
    let rows = sqlx::query!(
        "select c.id, c.name, c.colour, c.language, c.time_zone, c.logo_id
        from companies c join user_companies uc on uc.company_id = c.id
        where c.archived_at is null
        order by uc.is_default desc, c.created_at, c.id"
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| company!(row)).collect())
}

/// The companies in use that the transaction may see, the oldest first.
pub(crate) async fn list_visible(tx: &mut ScopedTx) -> Result<Vec<Company>, StoreError> {
    let rows = sqlx::query!(
        "select id, name, colour, language, time_zone, logo_id
        from companies where archived_at is null order by created_at, id"
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| company!(row)).collect())
}

/// The companies in use.
pub(crate) async fn list_in_use(tx: &mut SystemTx) -> Result<Vec<CompanyId>, StoreError> {
    let ids = sqlx::query_scalar!("select id from companies where archived_at is null")
        .fetch_all(tx.connection())
        .await?;
    Ok(ids.into_iter().map(CompanyId::new).collect())
}

/// The companies of a user: those in use, the default one first; and the archived ones.
pub(crate) async fn of_user(
    tx: &mut SystemTx,
    user: UserId,
) -> Result<(Vec<CompanyId>, Vec<CompanyId>), StoreError> {
    let rows = sqlx::query!(
        r#"select c.id, c.archived_at is null as "is_in_use!"
        from user_companies uc join companies c on c.id = uc.company_id
        where uc.user_id = $1
        order by uc.is_default desc, c.created_at, c.id"#,
        user.as_uuid(),
    )
    .fetch_all(tx.connection())
    .await?;
    let rows = rows.into_iter();
    let rows = rows.map(|row| (CompanyId::new(row.id), row.is_in_use));
    let (in_use, archived): (Vec<_>, Vec<_>) = rows.partition(|(_, is_in_use)| *is_in_use);
    let ids = |rows: Vec<(CompanyId, bool)>| rows.into_iter().map(|(id, _)| id).collect();
    Ok((ids(in_use), ids(archived)))
}

/// The names of those companies in use that the transaction may see; none where it sees one company at most.
pub(crate) async fn names(
    tx: &mut ScopedTx,
    ids: HashSet<CompanyId>,
) -> Result<HashMap<CompanyId, String>, StoreError> {
    let ids: Vec<_> = ids.into_iter().map(CompanyId::as_uuid).collect();
    let rows = sqlx::query!(
        "select id, name from companies
        where id = any($1) and archived_at is null
            and (select count(*) > 1 from companies where archived_at is null)",
        &ids,
    )
    .fetch_all(tx.connection())
    .await?;
    let names = rows
        .into_iter()
        .map(|row| (CompanyId::new(row.id), row.name));
    Ok(names.collect())
}

/// Gives a company another name; `false` if another company has the name.
pub(crate) async fn rename(
    tx: &mut SystemTx,
    id: CompanyId,
    name: &DisplayedName,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update companies set name = $2, name_key = $3 where id = $1",
        id.as_uuid(),
        name.as_str(),
        key(name),
    )
    .execute(tx.connection())
    .await;
    match done {
        Ok(_) => Ok(true),
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The profile of a company; the empty one if there is no such company.
pub(crate) async fn profile(
    tx: &mut SystemTx,
    id: CompanyId,
) -> Result<CompanyProfile, StoreError> {
    let row = sqlx::query!(
        "select id, name, colour, language, time_zone, logo_id from companies where id = $1",
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| company!(row).profile).unwrap_or_default())
}

/// Gives a company another profile.
pub(crate) async fn set_profile(
    tx: &mut SystemTx,
    id: CompanyId,
    profile: &CompanyProfile,
) -> Result<(), StoreError> {
    let language = profile.language.as_ref().map(LanguageCode::as_str);
    let time_zone = profile.time_zone.as_ref().map(TimeZoneName::as_str);
    sqlx::query!(
        "update companies set colour = $2, language = $3, time_zone = $4 where id = $1",
        id.as_uuid(),
        profile.colour.as_ref().map(Colour::as_str),
        language,
        time_zone,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Gives a company another logo, or none.
pub(crate) async fn set_logo(
    tx: &mut SystemTx,
    id: CompanyId,
    logo: Option<(LogoId, &Logo)>,
) -> Result<(), StoreError> {
    let company = id.as_uuid();
    sqlx::query!("delete from company_logos where company_id = $1", company)
        .execute(tx.connection())
        .await?;
    if let Some((logo, picture)) = logo {
        sqlx::query!(
            "insert into company_logos (id, company_id, png) values ($1, $2, $3)",
            logo.as_uuid(),
            company,
            picture.as_png(),
        )
        .execute(tx.connection())
        .await?;
    }
    sqlx::query!(
        "update companies set logo_id = $2 where id = $1",
        company,
        logo.map(|(logo, _)| logo.as_uuid()),
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The logo of a company that the transaction may see.
pub(crate) async fn logo(
    tx: &mut ScopedTx,
    id: CompanyId,
) -> Result<Option<(LogoId, Logo)>, StoreError> {
    let row = sqlx::query!(
        "select id, png from company_logos where company_id = $1",
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| (LogoId::new(row.id), Logo::from_stored(row.png))))
}

/// Archives a company from `archived_at` on; `None` puts it to use again.
pub(crate) async fn set_archived(
    tx: &mut SystemTx,
    id: CompanyId,
    archived_at: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update companies set archived_at = $2
        where id = $1 and (archived_at is null) = ($2::timestamptz is not null)",
        id.as_uuid(),
        archived_at,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Locks all companies, before any user: whatever changes companies, or who may work for them, does so one after the other.
pub(crate) async fn lock(tx: &mut SystemTx) -> Result<(), StoreError> {
    sqlx::query!("select id from companies order by id for update")
        .fetch_all(tx.connection())
        .await?;
    Ok(())
}

/// The number of companies in use, or `most` if there are more.
pub(crate) async fn count_in_use_at_most(
    database: &Database,
    most: u32,
) -> Result<u32, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
            select from companies where archived_at is null limit $1
        ) counted"#,
        i64::from(most)
    )
    .fetch_one(database.system_pool())
    .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Number of companies in use.
pub(crate) async fn count_in_use(tx: &mut SystemTx) -> Result<i64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from companies where archived_at is null"#
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(count)
}

/// Sets the companies that a user may work for. The first one is the default.
pub(crate) async fn set_of_user(
    tx: &mut SystemTx,
    user: UserId,
    companies: &[CompanyId],
) -> Result<(), StoreError> {
    let ids: Vec<_> = companies.iter().map(|company| company.as_uuid()).collect();
    sqlx::query!(
        "delete from user_companies where user_id = $1",
        user.as_uuid()
    )
    .execute(tx.connection())
    .await?;
    sqlx::query!(
        "insert into user_companies (user_id, company_id, is_default)
        select $1, id, number = 1 from unnest($2::uuid[]) with ordinality named (id, number)",
        user.as_uuid(),
        &ids,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Makes a company the default one of a user; `false` if the user may not work for it, or if it is archived.
pub(crate) async fn set_default(
    tx: &mut SystemTx,
    user: UserId,
    company: CompanyId,
) -> Result<bool, StoreError> {
    // One default at a time: the index refuses a second one within a statement, too.
    sqlx::query!(
        "update user_companies set is_default = false
        where user_id = $1 and is_default and company_id <> $2",
        user.as_uuid(),
        company.as_uuid(),
    )
    .execute(tx.connection())
    .await?;
    let done = sqlx::query!(
        "update user_companies uc set is_default = true from companies c
        where uc.user_id = $1 and uc.company_id = $2 and c.id = $2 and c.archived_at is null",
        user.as_uuid(),
        company.as_uuid(),
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The companies that a user may work for, the default one first, archived ones too.
pub(crate) async fn list_of_user(
    database: &Database,
    user: UserId,
) -> Result<Vec<Company>, StoreError> {
    let rows = sqlx::query!(
        "select c.id, c.name, c.colour, c.language, c.time_zone, c.logo_id
        from companies c join user_companies uc on uc.company_id = c.id
        where uc.user_id = $1
        order by uc.is_default desc, c.created_at, c.id",
        user.as_uuid(),
    )
    .fetch_all(database.system_pool())
    .await?;
    Ok(rows.into_iter().map(|row| company!(row)).collect())
}
