//! Why a command was refused, in the language of the person who typed it.
//!
//! A refusal that the person can do something about has a text. What PostgreSQL and the operating system answer, and
//! what is wrong with a schema, stays as it is: it is searched for and quoted.

use std::error::Error;

use latchkey_core::{
    account::{
        ArchiveCompanyError, ChangeGroupsError, ChangeRulesError, CreateUserError,
        MOST_COMPANIES_OF_USER, RenameUserError, SetCompaniesError, SetPasswordError,
        SetPolicyError,
    },
    database::{AdoptError, BrokenDatabase, CreateDatabaseError, OpenDatabaseError},
    user::{InvalidPassword, MAXIMUM_BYTES, OwnWord},
};

use super::policy_value;
use crate::{log::neutral, text::text};

/// The words for an error or one of its causes.
pub(super) fn of(error: &(dyn Error + 'static)) -> String {
    let known = of_kind(error, create_user)
        .or_else(|| of_kind(error, rename_user))
        .or_else(|| of_kind(error, set_password))
        .or_else(|| of_kind(error, create_database))
        .or_else(|| of_kind(error, open_database))
        .or_else(|| of_kind(error, archive_company))
        .or_else(|| of_kind(error, set_companies))
        .or_else(|| of_kind(error, change_groups))
        .or_else(|| of_kind(error, change_rules))
        .or_else(|| of_kind(error, set_policy))
        .or_else(|| of_kind(error, adopt));
    known.unwrap_or_else(|| error.to_string())
}

fn of_kind<E: Error + 'static>(
    error: &(dyn Error + 'static),
    words: fn(&E) -> Option<String>,
) -> Option<String> {
    error.downcast_ref().and_then(words)
}

fn create_user(error: &CreateUserError) -> Option<String> {
    match error {
        CreateUserError::LooksLike(other) => Some(text().login_looks_like(&neutral(other))),
        CreateUserError::Password(refusal) => Some(password(*refusal)),
        CreateUserError::Database(refusal) => create_database(refusal),
        CreateUserError::Companies(refusal) => set_companies(refusal),
        // clap has parsed the login, and the commands name the login that is taken.
        CreateUserError::Login(_)
        | CreateUserError::LoginTaken
        | CreateUserError::Overloaded(_)
        | CreateUserError::Store(_) => None,
    }
}

fn rename_user(error: &RenameUserError) -> Option<String> {
    match error {
        RenameUserError::LooksLike(other) => Some(text().login_looks_like(&neutral(other))),
        RenameUserError::LoginTaken | RenameUserError::Store(_) => None,
    }
}

fn set_password(error: &SetPasswordError) -> Option<String> {
    match error {
        SetPasswordError::Password(refusal) => Some(password(*refusal)),
        SetPasswordError::Overloaded(_) | SetPasswordError::Store(_) => None,
    }
}

fn password(refusal: InvalidPassword) -> String {
    let (text, number) = (text(), |number| u32::try_from(number).unwrap_or(u32::MAX));
    let plain = match refusal {
        InvalidPassword::TooShort { minimum } => return text.password_too_short(number(minimum)),
        InvalidPassword::TooLong => return text.password_too_long(number(MAXIMUM_BYTES)),
        InvalidPassword::TooCommon => text.password_too_common(),
        InvalidPassword::ContainsOwn(OwnWord::Login) => text.password_contains_login(),
        InvalidPassword::ContainsOwn(OwnWord::Name) => text.password_contains_name(),
        InvalidPassword::ContainsOwn(OwnWord::Database) => text.password_contains_database(),
        InvalidPassword::ContainsOwn(OwnWord::Product) => text.password_contains_product(),
        InvalidPassword::Unchanged => text.password_unchanged(),
    };
    plain.to_owned()
}

fn create_database(error: &CreateDatabaseError) -> Option<String> {
    match error {
        CreateDatabaseError::Exists => Some(text().database_exists().to_owned()),
        CreateDatabaseError::LooksLike(other) => Some(text().database_looks_like(other.as_str())),
        CreateDatabaseError::Migrate(_) | CreateDatabaseError::Store(_) => None,
    }
}

fn open_database(error: &OpenDatabaseError) -> Option<String> {
    match error {
        OpenDatabaseError::Broken(BrokenDatabase::Incomplete) => {
            Some(text().database_incomplete().to_owned())
        }
        // The commands name the database that is unknown.
        OpenDatabaseError::Unknown
        | OpenDatabaseError::Broken(BrokenDatabase::Migrate(_))
        | OpenDatabaseError::Store(_) => None,
    }
}

fn archive_company(error: &ArchiveCompanyError) -> Option<String> {
    match error {
        ArchiveCompanyError::Last => Some(text().company_last().to_owned()),
        ArchiveCompanyError::OnlyOneOfUsers(users) => Some(text().company_only(*users)),
        ArchiveCompanyError::Store(_) => None,
    }
}

fn set_companies(error: &SetCompaniesError) -> Option<String> {
    match error {
        SetCompaniesError::NoneInUse => Some(text().company_none_in_use().to_owned()),
        SetCompaniesError::TooMany => {
            let most = u32::try_from(MOST_COMPANIES_OF_USER).unwrap_or(u32::MAX);
            Some(text().company_most(&most.to_string()))
        }
        SetCompaniesError::Store(_) => None,
    }
}

fn change_groups(error: &ChangeGroupsError) -> Option<String> {
    let text = text();
    match error {
        ChangeGroupsError::Taken => Some(text.group_taken().to_owned()),
        ChangeGroupsError::BuiltIn => Some(text.group_built_in().to_owned()),
        ChangeGroupsError::Gone => Some(text.group_gone().to_owned()),
        ChangeGroupsError::UserGone => Some(text.group_user_gone().to_owned()),
        ChangeGroupsError::Circle => Some(text.group_circle().to_owned()),
        ChangeGroupsError::LastAdministrator => Some(text.group_last_administrator().to_owned()),
        ChangeGroupsError::HasRules => Some(text.group_has_rule().to_owned()),
        ChangeGroupsError::NoSuchRight => Some(text.group_no_such_right().to_owned()),
        ChangeGroupsError::UserAndPortal => Some(text.group_user_and_portal().to_owned()),
        ChangeGroupsError::Store(_) => None,
    }
}

fn change_rules(error: &ChangeRulesError) -> Option<String> {
    match error {
        ChangeRulesError::Taken => Some(text().rule_taken().to_owned()),
        ChangeRulesError::Unknown => Some(text().rule_unknown().to_owned()),
        ChangeRulesError::GroupGone => Some(text().group_gone().to_owned()),
        ChangeRulesError::Store(_) => None,
    }
}

fn set_policy(error: &SetPolicyError) -> Option<String> {
    match error {
        SetPolicyError::NotStricter(setting, value) => {
            let value = policy_value::shown(*setting, *value);
            Some(if setting.is_stricter_if_larger() {
                text().policy_not_larger(&value)
            } else {
                text().policy_not_stricter(&value)
            })
        }
        SetPolicyError::TooLarge(setting, most) => {
            Some(text().policy_too_large(&policy_value::shown(*setting, *most)))
        }
        SetPolicyError::TooSmall(setting, least) => {
            Some(text().policy_too_small(&policy_value::shown(*setting, *least)))
        }
        SetPolicyError::Gone => Some(text().policy_gone().to_owned()),
        SetPolicyError::Store(_) => None,
    }
}

fn adopt(error: &AdoptError) -> Option<String> {
    match error {
        AdoptError::Unknown => Some(text().adopt_unknown().to_owned()),
        AdoptError::InUse(programs) => Some(text().adopt_in_use(&neutral(&programs.join(", ")))),
        AdoptError::NotOurs => Some(text().adopt_not_ours().to_owned()),
        AdoptError::Newer { there, known } => {
            Some(text().adopt_newer(&known.to_string(), &there.to_string()))
        }
        AdoptError::OtherMigration(_)
        | AdoptError::InPart(_)
        | AdoptError::MayNotOwn(_)
        | AdoptError::Migrate(_)
        | AdoptError::Store(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_what_the_error_itself_says() {
        let mut refusals: Vec<Box<dyn Error>> = vec![
            Box::new(CreateUserError::LooksLike("ada".to_owned())),
            Box::new(RenameUserError::LooksLike("ada".to_owned())),
            Box::new(CreateDatabaseError::Exists),
            Box::new(CreateDatabaseError::LooksLike("acme".parse().unwrap())),
            Box::new(OpenDatabaseError::Broken(BrokenDatabase::Incomplete)),
            Box::new(ArchiveCompanyError::Last),
            Box::new(ArchiveCompanyError::OnlyOneOfUsers(1)),
            Box::new(ArchiveCompanyError::OnlyOneOfUsers(2)),
            Box::new(SetCompaniesError::NoneInUse),
            Box::new(SetCompaniesError::TooMany),
            Box::new(ChangeGroupsError::Taken),
            Box::new(ChangeGroupsError::BuiltIn),
            Box::new(ChangeGroupsError::Gone),
            Box::new(ChangeGroupsError::UserGone),
            Box::new(ChangeGroupsError::Circle),
            Box::new(ChangeGroupsError::UserAndPortal),
            Box::new(ChangeRulesError::Taken),
            Box::new(ChangeRulesError::Unknown),
            Box::new(AdoptError::Unknown),
            Box::new(AdoptError::InUse(vec!["psql".to_owned()])),
            Box::new(AdoptError::NotOurs),
            Box::new(AdoptError::Newer { there: 9, known: 3 }),
        ];
        for password in [
            InvalidPassword::TooShort { minimum: 15 },
            InvalidPassword::TooLong,
            InvalidPassword::TooCommon,
            InvalidPassword::ContainsOwn(OwnWord::Login),
            InvalidPassword::ContainsOwn(OwnWord::Name),
            InvalidPassword::ContainsOwn(OwnWord::Database),
            InvalidPassword::ContainsOwn(OwnWord::Product),
            InvalidPassword::Unchanged,
        ] {
            refusals.push(Box::new(SetPasswordError::from(password)));
        }
        for refusal in refusals {
            assert_eq!(of(&*refusal), refusal.to_string());
        }
    }
}
