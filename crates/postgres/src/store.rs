//! The pool, and the way from it to a transaction that is bound to one tenant.

mod session;

use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use hawker_domain::event::NewEvent;
use hawker_domain::{ConnectorName, TenantSlug, Timestamp};
use hawker_ports::inbox::{Filed, StoredAs};
use hawker_ports::profiles::ProfilesVersion;
use hawker_ports::{Store, StoreError, UnitOfWork};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgPool, Postgres};

pub(crate) use session::{Access, Session};

use crate::fault::store_error;
use crate::inbox::{JournalPlace, JournalPlaces, file_at_once, put_in_journal, store_at_once};
use crate::unit_of_work::PgUnitOfWork;

/// How to reach the database and how much of it to use.
#[derive(Clone, Debug)]
pub struct PgOptions {
    url: String,
    connections_max: u32,
    acquire_timeout: Duration,
    application_name: String,
}

/// Distinct statements of this crate, with room to spare: none is ever prepared twice.
const STATEMENTS_CACHED: usize = 256;

impl PgOptions {
    /// The database at `url`, with the defaults of a service of moderate size.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections_max: 16,
            acquire_timeout: Duration::from_secs(5),
            application_name: "hawker".to_owned(),
        }
    }

    /// At most so many connections.
    #[must_use]
    pub fn connections_max(mut self, connections: u32) -> Self {
        self.connections_max = connections;
        self
    }

    /// How long a caller waits for a connection before the database counts as unavailable.
    #[must_use]
    pub fn acquire_timeout(mut self, timeout: Duration) -> Self {
        self.acquire_timeout = timeout;
        self
    }

    /// The name under which the server lists the connections.
    #[must_use]
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.application_name = name.into();
        self
    }

    pub(crate) fn connect_options(&self) -> Result<PgConnectOptions, sqlx::Error> {
        Ok(PgConnectOptions::from_str(&self.url)?
            .application_name(&self.application_name)
            .statement_cache_capacity(STATEMENTS_CACHED))
    }
}

/// The store on Postgres. Also the tenant directory, the read models and the health of the
/// database: all share one pool. Cheap to clone.
#[derive(Clone, Debug)]
pub struct PgStore {
    pool: PgPool,
    journal_places: JournalPlaces,
}

impl PgStore {
    /// Opens the pool and a first connection, so that a wrong URL is told at once.
    pub async fn connect(options: &PgOptions) -> Result<Self, StoreError> {
        let connect = options
            .connect_options()
            .map_err(|error| store_error(error, "database URL"))?;
        let pool = Self::pool_options(options)
            .connect_with(connect)
            .await
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        Ok(Self::on(pool))
    }

    /// Prepares the pool without connecting: for a service that starts before its database.
    pub fn connect_lazy(options: &PgOptions) -> Result<Self, StoreError> {
        let connect = options
            .connect_options()
            .map_err(|error| store_error(error, "database URL"))?;
        let pool = Self::pool_options(options).connect_lazy_with(connect);
        Ok(Self::on(pool))
    }

    fn on(pool: PgPool) -> Self {
        Self {
            pool,
            journal_places: JournalPlaces::default(),
        }
    }

    fn pool_options(options: &PgOptions) -> PgPoolOptions {
        PgPoolOptions::new()
            .max_connections(options.connections_max)
            .acquire_timeout(options.acquire_timeout)
            // `Session::open` notices a connection that was lost, and takes another; asking first
            // would cost a round trip on every push.
            .test_before_acquire(false)
    }

    /// The pool, bound to no tenant: for the control plane and for tests.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(crate) fn journal_place(&self, tenant: &TenantSlug) -> JournalPlace {
        self.journal_places.of(tenant)
    }

    /// Closes every connection once it is free; nothing can be begun from here on.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A connection bound to no tenant that answers: of the idle ones, every one may have been lost in a
    /// restart of the server.
    pub(crate) async fn control(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let mut may_be_lost = self.pool.size();
        loop {
            let mut connection = self.pool.acquire().await?;
            match connection.ping().await {
                Ok(()) => return Ok(connection),
                Err(_) if may_be_lost > 0 => {
                    may_be_lost -= 1;
                    connection.close_on_drop();
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) async fn session(
        &self,
        tenant: &TenantSlug,
        access: Access,
    ) -> Result<Session, StoreError> {
        Session::open(&self.pool, tenant, access).await
    }
}

#[async_trait]
impl Store for PgStore {
    async fn begin(&self, tenant: &TenantSlug) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let session = self.session(tenant, Access::ReadWrite).await?;
        Ok(Box::new(PgUnitOfWork::new(
            session,
            self.journal_place(tenant),
        )))
    }

    async fn store_at_once(
        &self,
        tenant: &TenantSlug,
        connector: ConnectorName,
        profiles: &ProfilesVersion,
        events: &[NewEvent],
    ) -> Result<Option<Vec<StoredAs>>, StoreError> {
        store_at_once(self, tenant, connector, profiles, events).await
    }

    async fn put_in_journal(
        &self,
        tenant: &TenantSlug,
        connector: ConnectorName,
        profiles: &ProfilesVersion,
        events: &[NewEvent],
    ) -> Result<bool, StoreError> {
        put_in_journal(self, tenant, connector, profiles, events).await
    }

    async fn file_journal_at_once(
        &self,
        tenant: &TenantSlug,
        now: Timestamp,
        batches_max: u32,
    ) -> Result<Option<Filed>, StoreError> {
        file_at_once(self, tenant, now, batches_max).await
    }
}
