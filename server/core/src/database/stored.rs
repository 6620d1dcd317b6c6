//! Words that PostgreSQL stores for the variants of a type.

use std::str::FromStr;

use sqlx::{
    Decode, Postgres, Type,
    error::BoxDynError,
    postgres::{PgHasArrayType, PgTypeInfo, PgValueRef},
};

use crate::StoreError;

/// A value that PostgreSQL stores as a word. A newer version of Latchkey may have written a word that this version does
/// not know. Such a word is an error when the value is used, and not when the row is read: one statement may read rows
/// for several requests.
#[derive(Debug)]
pub(crate) struct Stored<T>(Result<T, String>);

impl<T> Stored<T> {
    /// The value. An unknown word is an error.
    pub(crate) fn known(self) -> Result<T, StoreError> {
        self.0
            .map_err(|word| sqlx::Error::Decode(format!("unknown word {word:?}").into()).into())
    }
}

impl<T> Type<Postgres> for Stored<T> {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }

    fn compatible(info: &PgTypeInfo) -> bool {
        <str as Type<Postgres>>::compatible(info)
    }
}

impl<T> PgHasArrayType for Stored<T> {
    fn array_type_info() -> PgTypeInfo {
        <String as PgHasArrayType>::array_type_info()
    }
}

impl<'r, T: FromStr> Decode<'r, Postgres> for Stored<T> {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let word = <&str as Decode<Postgres>>::decode(value)?;
        Ok(Self(word.parse().map_err(|_unknown| word.to_owned())))
    }
}
