//! One transaction of one tenant on a pooled connection.
//!
//! The transaction is opened with search path and role in a single round trip. sqlx's own
//! `Transaction` is not used for it: when the future that opens one is dropped half-way, or one of
//! the statements after `BEGIN` fails, it hands the connection back with the transaction open. Here
//! whatever was begun and not committed is rolled back before anybody gets the connection again.

use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::{AssertSqlSafe, Executor, PgConnection, PgPool, Postgres};

use crate::fault::{begin_error, commit_error, store_error};

/// Whether a transaction may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    ReadOnly,
    ReadWrite,
}

impl Access {
    const fn as_sql(self) -> &'static str {
        match self {
            Self::ReadOnly => "READ ONLY",
            Self::ReadWrite => "READ WRITE",
        }
    }
}

/// No statement of ours takes anywhere near this long; one that does is stuck.
const STATEMENT_SECONDS_MAX: u32 = 30;

/// A transaction that waits for its process longer than this was forgotten, and holds locks.
const IDLE_SECONDS_MAX: u32 = 60;

/// An open transaction. Dropping it rolls back.
#[derive(Debug)]
pub(crate) struct Session {
    /// Present until the transaction has ended.
    connection: Option<PoolConnection<Postgres>>,
}

impl Session {
    pub(crate) async fn open(
        pool: &PgPool,
        tenant: &TenantSlug,
        access: Access,
    ) -> Result<Self, StoreError> {
        let statements = begin_statements(tenant, access);
        // Every idle connection may have been lost in a restart of the server, not one more.
        let mut may_be_lost = pool.size();
        loop {
            let connection = pool
                .acquire()
                .await
                .map_err(|error| store_error(error, "connection"))?;
            let mut session = Self {
                connection: Some(connection),
            };
            let begun = match &mut session.connection {
                Some(connection) => connection
                    .execute(sqlx::raw_sql(AssertSqlSafe(statements.as_str())))
                    .await
                    .map_err(|error| begin_error(error, tenant)),
                None => Err(StoreError::Poisoned),
            };
            match begun {
                Ok(_) => return Ok(session),
                // Nothing can have happened yet: another connection is as good.
                Err(StoreError::Unavailable(_)) if may_be_lost > 0 => {
                    may_be_lost -= 1;
                    session.discard();
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// The connection; none once the transaction has ended.
    pub(crate) fn connection(&mut self) -> Result<&mut PgConnection, StoreError> {
        self.connection.as_deref_mut().ok_or(StoreError::Poisoned)
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.connection()?
            .execute("COMMIT")
            .await
            .map_err(commit_error)?;
        self.connection = None;
        Ok(())
    }

    fn discard(mut self) {
        if let Some(mut connection) = self.connection.take() {
            connection.close_on_drop();
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else {
            return;
        };
        // Like the pool's own return of a connection: in the background, before the next use.
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(async move {
                    if connection.execute("ROLLBACK").await.is_err() {
                        connection.close_on_drop();
                    }
                });
            }
            Err(_) => connection.close_on_drop(),
        }
    }
}

/// How statements that write are planned: by their indexes, and once for all parameters. Each of them
/// touches few rows by a key, and so do the checks of foreign keys behind it. What a table held when
/// such a plan was made says nothing about what it holds now: a shop's first backlog fills empty tables
/// within seconds, and a plan that was right for an empty table scans a full one. No bitmaps either: they read all
/// that an index has for a key before the first row of it is used, where in its order the first would have been enough.
const PLANS_OF_WRITES: &str = ", set_config('enable_seqscan', 'off', true), \
     set_config('enable_bitmapscan', 'off', true), \
     set_config('plan_cache_mode', 'force_generic_plan', true)";

/// How lists that people read are planned: each for what is asked for. A filter that one row in a million
/// passes wants another index than one that nearly all pass.
const PLANS_OF_READS: &str = ", set_config('plan_cache_mode', 'force_custom_plan', true)";

/// Both names come from a validated slug. The cast fails where the schema is missing: a search path
/// would take the name in silence. One statement sets everything: it is parsed with every transaction.
fn begin_statements(tenant: &TenantSlug, access: Access) -> String {
    let plans = match access {
        Access::ReadOnly => PLANS_OF_READS,
        Access::ReadWrite => PLANS_OF_WRITES,
    };
    format!(
        "BEGIN {access}; \
         SELECT '\"{schema}\"'::regnamespace, \
         set_config('search_path', '\"{schema}\"', true), \
         set_config('role', '{role}', true), \
         set_config('statement_timeout', '{STATEMENT_SECONDS_MAX}s', true), \
         set_config('idle_in_transaction_session_timeout', '{IDLE_SECONDS_MAX}s', true)\
         {plans}",
        access = access.as_sql(),
        schema = tenant.schema(),
        role = tenant.role(),
    )
}
