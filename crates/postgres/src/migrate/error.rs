//! Why a migration did not succeed.

use super::plane::CONTROL_SCHEMA;

/// Why the control plane or a tenant could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database cannot be reached.
    #[error("the database cannot be reached")]
    Unreachable(#[source] sqlx::Error),
    /// A statement of the migrator itself failed.
    #[error("the schema `{schema}` cannot be set up")]
    Setup {
        /// Which schema.
        schema: String,
        /// What the database said.
        #[source]
        cause: sqlx::Error,
    },
    /// A migration failed, or an applied one is not the one that this build knows.
    #[error("the schema `{schema}` cannot be brought up to date")]
    Migration {
        /// Which schema.
        schema: String,
        /// Which migration, and what the database said.
        #[source]
        cause: Box<sqlx::migrate::MigrateError>,
    },
    /// A schema of that name is there, and its tables were not made by this migrator.
    #[error("the schema `{schema}` exists and belongs to something else")]
    Foreign {
        /// Which schema.
        schema: String,
    },
}

impl MigrateError {
    /// The control plane could not be read or written.
    pub(super) fn control(cause: sqlx::Error) -> Self {
        Self::Setup {
            schema: CONTROL_SCHEMA.to_owned(),
            cause,
        }
    }
}
