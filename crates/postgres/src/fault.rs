//! From what Postgres and sqlx say to what a use case can act on.

use std::error::Error as StdError;
use std::fmt;
use std::str::FromStr;

use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use sqlx::error::DatabaseError;

/// Why a statement did not succeed, or its rows cannot be understood.
#[derive(Debug)]
pub(crate) enum Fault {
    Sql(sqlx::Error),
    /// A stored row is not what this version understands.
    Corrupt {
        entity: &'static str,
        id: String,
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// What was to be written contradicts what is stored.
    Refused(String),
    /// It was looked at, and said what it is, already.
    Told(StoreError),
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

impl Fault {
    /// A row that breaks a rule which is not the text of one column.
    pub(crate) fn corrupt(
        entity: &'static str,
        id: impl fmt::Display,
        cause: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Corrupt {
            entity,
            id: id.to_string(),
            cause: cause.into(),
        }
    }

    /// What the caller of a port is told; `entity` names what was worked on.
    pub(crate) fn into_store_error(self, entity: &'static str) -> StoreError {
        match self {
            Self::Sql(error) => store_error(error, entity),
            Self::Corrupt { entity, id, cause } => StoreError::Corrupt { entity, id, cause },
            Self::Refused(why) => StoreError::Refused {
                entity,
                cause: why.into(),
            },
            Self::Told(error) => error,
        }
    }
}

/// Reads a value of ours from its stored text.
pub(crate) fn read<T>(entity: &'static str, id: &str, text: &str) -> Result<T, Fault>
where
    T: FromStr,
    T::Err: StdError + Send + Sync + 'static,
{
    text.parse()
        .map_err(|error: T::Err| Fault::corrupt(entity, id, error))
}

/// The index that lets one profile of an environment be active.
const ONE_ACTIVE_PROFILE: &str = "connector_profile_active_per_env";

/// Classifies by SQLSTATE: what passes by itself, what never will, and what concerns the connection.
pub(crate) fn store_error(error: sqlx::Error, entity: &'static str) -> StoreError {
    let Some(code) = sql_state(&error) else {
        return match error {
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::TypeNotFound { .. } => StoreError::Corrupt {
                entity,
                id: "?".to_owned(),
                cause: Box::new(error),
            },
            sqlx::Error::RowNotFound
            | sqlx::Error::Encode(_)
            | sqlx::Error::InvalidArgument(_)
            | sqlx::Error::Configuration(_) => StoreError::Refused {
                entity,
                cause: Box::new(error),
            },
            _ => StoreError::Unavailable(Box::new(error)),
        };
    };
    match code.as_str() {
        // Serialisation failure, deadlock, lock not available, a schema that changed under a
        // prepared statement.
        "40001" | "40P01" | "55P03" | "0A000" => StoreError::Conflict {
            entity,
            cause: Some(Box::new(error)),
        },
        // Somebody else made another profile the active one.
        "23505" if constraint(&error) == Some(ONE_ACTIVE_PROFILE) => StoreError::Conflict {
            entity,
            cause: Some(Box::new(error)),
        },
        code if is_unavailable(code) => StoreError::Unavailable(Box::new(error)),
        _ => StoreError::Refused {
            entity,
            cause: Box::new(error),
        },
    }
}

/// Connection exceptions, too few resources, operator intervention, failures of the system; a table,
/// column or function that is not there yet, because migrations have not run.
fn is_unavailable(code: &str) -> bool {
    ["08", "53", "57", "58", "XX"].iter().any(|class| code.starts_with(class))
        // The transaction was ended from outside, or a server in recovery does not write.
        || matches!(code, "25006" | "25P03" | "25P04" | "42P01" | "42703" | "42883")
}

/// The failure to open a transaction for a tenant.
pub(crate) fn begin_error(error: sqlx::Error, tenant: &TenantSlug) -> StoreError {
    if is_without_tenant(&error) {
        StoreError::NoSuchTenant(tenant.clone())
    } else {
        store_error(error, "transaction")
    }
}

/// The failure of a statement that begins, stores and commits by itself.
pub(crate) fn call_error(error: sqlx::Error, tenant: &TenantSlug) -> StoreError {
    if is_without_tenant(&error) {
        StoreError::NoSuchTenant(tenant.clone())
    } else {
        commit_error(error)
    }
}

/// No such schema, no such role (as a value, or as an object).
fn is_without_tenant(error: &sqlx::Error) -> bool {
    let code = sql_state(error);
    matches!(code.as_deref(), Some("3F000" | "22023" | "42704"))
}

/// The failure of a commit. Only an answer from the server says that nothing was kept.
pub(crate) fn commit_error(error: sqlx::Error) -> StoreError {
    match sql_state(&error) {
        Some(code) if !is_unavailable(&code) => store_error(error, "transaction"),
        _ => StoreError::CommitUnknown(Box::new(error)),
    }
}

/// Whether what a row refers to does not exist.
pub(crate) fn is_missing_reference(error: &sqlx::Error) -> bool {
    sql_state(error).as_deref() == Some("23503")
}

/// Whether a rule of the schema with this name refused it.
pub(crate) fn violates(error: &sqlx::Error, rule: &str) -> bool {
    constraint(error) == Some(rule)
}

fn constraint(error: &sqlx::Error) -> Option<&str> {
    error
        .as_database_error()
        .and_then(DatabaseError::constraint)
}

fn sql_state(error: &sqlx::Error) -> Option<String> {
    error
        .as_database_error()
        .and_then(DatabaseError::code)
        .map(std::borrow::Cow::into_owned)
}
