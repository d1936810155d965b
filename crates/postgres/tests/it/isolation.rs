//! What keeps tenants apart: grants, not what a pooled connection remembers.

use std::borrow::Cow;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use hawker_domain::TenantSlug;
use hawker_ports::testing::SequentialIds;
use hawker_ports::testing::examples::{self, noon};
use hawker_ports::views::{EventFilter, PageRequest, Views as _};
use hawker_ports::{Store as _, StoreError};
use hawker_postgres::migrate::{self, Silent};
use hawker_postgres::testing::TestDatabase;
use hawker_postgres::{PgOptions, PgStore};
use sqlx::{AssertSqlSafe, Executor as _};

use crate::workshop::Workshop;

struct TwoTenants {
    database: TestDatabase,
    ours: TenantSlug,
    theirs: TenantSlug,
}

impl TwoTenants {
    async fn new() -> anyhow::Result<Self> {
        let database = TestDatabase::new().await;
        let theirs: TenantSlug = "theirs".parse()?;
        migrate::create_tenant(database.store(), &theirs, &Silent).await?;
        Ok(Self {
            database,
            ours: TenantSlug::default_tenant(),
            theirs,
        })
    }
}

/// Polls a future so many times and then drops it, wherever it is by then.
async fn abandoned_after<F: Future>(polls: u32, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            // Nothing may ever wake it again.
            Poll::Pending if left == 0 => Poll::Ready(None),
            polled => polled.map(Some),
        }
    })
    .await
}

async fn write(
    store: &PgStore,
    tenant: &TenantSlug,
    ids: &SequentialIds,
) -> Result<(), StoreError> {
    let mut uow = store.begin(tenant).await?;
    let event = examples::push("scp_first", "250101AAA", noon(), ids);
    uow.inbox().store(&[event]).await?;
    uow.inbox().unverified_rows(None, 10).await?;
    uow.commit().await
}

async fn events(store: &PgStore, tenant: &TenantSlug) -> anyhow::Result<usize> {
    let page = PageRequest {
        limit: 500,
        after: None,
    };
    let rows = store
        .events(tenant, &EventFilter::default(), &page)
        .await?
        .rows;
    Ok(rows.len())
}

#[tokio::test]
async fn requests_that_are_dropped_half_way_leave_nothing_to_the_next_tenant() -> anyhow::Result<()>
{
    let TwoTenants {
        database,
        ours,
        theirs,
    } = TwoTenants::new().await?;
    let store = PgStore::connect(&PgOptions::new(database.url()).connections_max(1)).await?;
    let ids = SequentialIds::default();
    write(&store, &theirs, &ids).await?;
    let theirs_before = events(&store, &theirs).await?;
    let mut committed = 0;
    // Dropped at every point at which it waits until it is quick enough to be done; several times,
    // because the points at which it waits are not always the same.
    while committed < 10 {
        for polls in 1.. {
            let done = abandoned_after(polls, write(&store, &ours, &ids)).await;
            assert_eq!(
                events(&store, &theirs).await?,
                theirs_before,
                "after {polls} polls"
            );
            let (user, path): (String, String) =
                sqlx::query_as("SELECT current_user::text, current_setting('search_path')")
                    .fetch_one(store.pool())
                    .await?;
            assert!(
                !user.starts_with("hawker_tenant_"),
                "{user} after {polls} polls"
            );
            assert!(!path.contains("tenant_"), "{path} after {polls} polls");
            if let Some(done) = done {
                done?;
                committed += 1;
                break;
            }
        }
    }
    // What was dropped during its commit may have been kept; nothing else.
    assert!(events(&store, &ours).await? >= committed);
    Ok(())
}

#[tokio::test]
async fn a_unit_of_work_that_failed_gives_back_a_clean_connection() -> anyhow::Result<()> {
    let TwoTenants { database, ours, .. } = TwoTenants::new().await?;
    let store = PgStore::connect(&PgOptions::new(database.url()).connections_max(1)).await?;
    let nobody: TenantSlug = "nobody".parse()?;
    for _ in 0..3 {
        let refused = store.begin(&nobody).await.err();
        assert!(
            matches!(refused, Some(StoreError::NoSuchTenant(_))),
            "{refused:?}"
        );
        assert_eq!(events(&store, &ours).await?, 0);
    }
    Ok(())
}

#[tokio::test]
async fn the_role_of_a_tenant_is_refused_outside_its_schema() -> anyhow::Result<()> {
    let TwoTenants {
        database,
        ours,
        theirs,
    } = TwoTenants::new().await?;
    let schema = theirs.schema();
    let refused = [
        format!("SELECT * FROM {schema}.connector_event"),
        format!("INSERT INTO {schema}.product (title) VALUES ('x')"),
        "SELECT * FROM public.tenant".to_owned(),
        "SELECT * FROM public.connector_route".to_owned(),
        "DELETE FROM public.connector_route".to_owned(),
        "SELECT * FROM public.shopee_raw_event".to_owned(),
        "SELECT * FROM public.hawker_migration".to_owned(),
        "CREATE TABLE public.mine (id int)".to_owned(),
        "CREATE TABLE mine (id int)".to_owned(),
        "DROP TABLE connector_event".to_owned(),
        "SELECT * FROM hawker_migration".to_owned(),
        "UPDATE stock_level SET on_hand = 1".to_owned(),
        "INSERT INTO stock_level (variant_id, location_id) VALUES ('a', 'b')".to_owned(),
        "SELECT * FROM public.api_token".to_owned(),
        "UPDATE public.api_token SET tenant_slug = 'default'".to_owned(),
        "SELECT * FROM public.shopee_auth_token".to_owned(),
        format!("SELECT * FROM {schema}.connector_profile"),
        format!("SELECT * FROM {schema}.connector_token"),
        format!("SELECT * FROM {schema}.connector_authorisation"),
        format!("SELECT * FROM {schema}.connector_watch"),
        format!("SELECT * FROM {schema}.connector_call"),
        format!("SELECT * FROM {schema}.audit_entry"),
        format!("SELECT * FROM {schema}.api_request"),
        "UPDATE audit_entry SET actor = 'nobody'".to_owned(),
        "DELETE FROM audit_entry".to_owned(),
        "TRUNCATE audit_entry".to_owned(),
        "UPDATE shopee_escrow_version SET escrow_amount = 1".to_owned(),
        "DELETE FROM shopee_escrow_version".to_owned(),
        "SELECT * FROM public.schedule_run".to_owned(),
        "UPDATE public.schedule_run SET tenant_slug = 'default'".to_owned(),
        "SELECT * FROM public.alert_sink".to_owned(),
        "UPDATE public.alert_sink SET not_before = now()".to_owned(),
        format!("SELECT * FROM {schema}.shopee_escrow_version"),
        format!("SELECT * FROM {schema}.connector_day"),
        format!("SELECT * FROM {schema}.connector_day_order"),
        format!("SELECT * FROM {schema}.connector_reconciliation"),
        "DELETE FROM stock_ledger".to_owned(),
        "UPDATE stock_ledger SET on_hand_delta = 1".to_owned(),
    ];
    for statement in refused {
        let mut connection = database.pool().acquire().await?;
        connection
            .execute(sqlx::raw_sql(AssertSqlSafe(format!(
                "BEGIN; SET LOCAL search_path TO {}; SET LOCAL ROLE {}",
                ours.schema(),
                ours.role()
            ))))
            .await?;
        let answer = connection.execute(AssertSqlSafe(statement.as_str())).await;
        let code = answer.err().and_then(|error| {
            error
                .as_database_error()
                .and_then(|error| error.code().map(Cow::into_owned))
        });
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
        connection.execute("ROLLBACK").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_failed_statement_makes_the_commit_refuse() -> anyhow::Result<()> {
    let TwoTenants { database, ours, .. } = TwoTenants::new().await?;
    let ids = SequentialIds::default();
    let mut uow = database.store().begin(&ours).await?;
    let event = examples::push("scp_first", "250101AAA", noon(), &ids);
    uow.inbox().store(&[event]).await?;
    // There is no such profile.
    let refused = uow
        .tokens()
        .keep(&examples::token("scp_none", &ids), noon())
        .await;
    assert!(
        matches!(refused, Err(StoreError::Refused { .. })),
        "{refused:?}"
    );
    let after = uow.inbox().unverified_rows(None, 1).await;
    assert!(matches!(after, Err(StoreError::Poisoned)), "{after:?}");
    assert!(matches!(uow.commit().await, Err(StoreError::Poisoned)));
    assert_eq!(events(database.store(), &ours).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_call_that_was_given_up_makes_the_commit_refuse() -> anyhow::Result<()> {
    let TwoTenants { database, ours, .. } = TwoTenants::new().await?;
    let ids = SequentialIds::default();
    let mut uow = database.store().begin(&ours).await?;
    let event = examples::push("scp_first", "250101AAA", noon(), &ids);
    // Whoever holds the table keeps the call from being quicker than it is given up.
    let mut holder = database.pool().acquire().await?;
    let lock = format!("BEGIN; LOCK TABLE {}.connector_event", ours.schema());
    holder.execute(AssertSqlSafe(lock)).await?;
    assert!(
        abandoned_after(1, uow.inbox().store(&[event]))
            .await
            .is_none()
    );
    holder.execute("ROLLBACK").await?;
    assert!(matches!(uow.commit().await, Err(StoreError::Poisoned)));
    Ok(())
}

/// They are called without a transaction that could take the role.
#[tokio::test]
async fn what_takes_pushes_in_has_no_more_rights_than_its_tenant() -> anyhow::Result<()> {
    let workshop = Workshop::new().await?;
    let settings: Vec<Option<Vec<String>>> = sqlx::query_scalar(
        "SELECT proconfig FROM pg_proc
         WHERE pronamespace = 'tenant_default'::regnamespace
           AND proname IN ('connector_event_take_in', 'connector_event_journal_put',
                           'connector_event_journal_file')",
    )
    .fetch_all(workshop.database.pool())
    .await?;
    assert_eq!(settings.len(), 4);
    let role = format!("role={}", workshop.tenant.role());
    for settings in settings {
        assert!(settings.is_some_and(|all| all.contains(&role)));
    }
    Ok(())
}
