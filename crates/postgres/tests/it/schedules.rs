//! Runs of jobs: what the database itself refuses, and processes that come at the same time.

use std::time::Duration;

use chrono::TimeDelta;
use hawker_domain::ids::{JobRunId, LeaseId};
use hawker_domain::schedule::{Counts, JobName, JobScope, RunState, RunTrigger};
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::schedules::{AttemptResult, ClaimedRun, NewRun, RunEnd, ScheduleLedger as _};
use hawker_ports::testing::examples::{after_noon, noon, profile_id};
use hawker_postgres::testing::TestDatabase;
use hawker_postgres::{PgOptions, PgStore};
use sqlx::{Connection as _, Executor as _};
use tokio::task::JoinSet;

use crate::workshop::wait_for_a_lock;

const JOB: JobName = JobName::ReconcileDaily;
const PROCESSES: u128 = 8;

fn run(number: u128, profile: &str, slot: i64) -> NewRun {
    NewRun {
        id: JobRunId::of(number),
        job: JOB,
        scope: JobScope::Profile {
            tenant: TenantSlug::default_tenant(),
            profile: profile_id(profile),
        },
        slot: after_noon(slot),
        trigger: RunTrigger::Schedule,
        arguments: serde_json::json!({}),
    }
}

async fn claim(store: &PgStore, lease: u128, now: Timestamp) -> anyhow::Result<Option<ClaimedRun>> {
    let until = now + TimeDelta::minutes(1);
    Ok(store
        .claim(JOB, "host:1", LeaseId::of(lease), now, until)
        .await?)
}

/// What many processes claim at the same time, the ids of the runs in order.
async fn claim_at_once(store: &PgStore, now: Timestamp) -> anyhow::Result<Vec<JobRunId>> {
    let mut processes = JoinSet::new();
    for number in 1..=PROCESSES {
        let store = store.clone();
        processes.spawn(async move { claim(&store, number, now).await });
    }
    let mut claimed = Vec::new();
    while let Some(run) = processes.join_next().await {
        claimed.extend(run??.map(|claimed| claimed.run.id));
    }
    claimed.sort();
    Ok(claimed)
}

#[tokio::test]
async fn of_many_runs_of_one_scope_one_is_claimed_by_many_processes() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let store = database.store();
    let mut runs: Vec<_> = (1..=20)
        .zip(0..)
        .map(|(number, slot)| run(number, "scp_first", slot))
        .collect();
    runs.push(run(30, "scp_second", 0));
    store.enqueue(&runs, noon()).await?;
    let claimed = claim_at_once(store, noon()).await?;
    let of_second = claimed.iter().filter(|id| **id == JobRunId::of(30)).count();
    assert_eq!((claimed.len(), of_second), (2, 1), "{claimed:?}");
    Ok(())
}

/// The other claim is not committed, so nothing of it is seen but its locks.
#[tokio::test]
async fn a_run_of_a_scope_that_is_just_being_claimed_is_left_alone() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let store = database.store().clone();
    let runs = [run(1, "scp_first", 0), run(2, "scp_first", 1)];
    store.enqueue(&runs, noon()).await?;
    let mut connection = database.pool().acquire().await?;
    let mut other = connection.begin().await?;
    sqlx::query(
        "UPDATE public.schedule_run
         SET state = 'running', lease = 'lease_9', lease_until = $2 WHERE id = $1",
    )
    .bind(JobRunId::of(1).to_string())
    .bind(after_noon(60))
    .execute(&mut *other)
    .await?;
    let mut claiming = JoinSet::new();
    claiming.spawn(async move { claim(&store, 1, noon()).await });
    wait_for_a_lock(&database).await?;
    other.commit().await?;
    let claimed = claiming.join_next().await.expect("the other process");
    assert_eq!(claimed??, None);
    let again = claim(database.store(), 2, after_noon(60)).await?;
    let again = again.map(|claimed| claimed.run.id);
    assert_eq!(again, Some(JobRunId::of(1)), "it was left behind meanwhile");
    Ok(())
}

#[tokio::test]
async fn two_running_runs_of_one_scope_are_refused_whoever_writes_them() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let runs = [run(1, "scp_first", 0), run(2, "scp_first", 1)];
    database.store().enqueue(&runs, noon()).await?;
    let by_hand = database
        .pool()
        .execute(
            "UPDATE public.schedule_run
             SET state = 'running', lease = 'lease_' || id, lease_until = now()",
        )
        .await;
    let error = by_hand.expect_err("the second is refused").to_string();
    assert!(error.contains("schedule_run_running_key"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_run_that_was_left_behind_is_taken_over_by_one_of_many() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let store = database.store();
    store
        .enqueue(&[run(1, "scp_first", 0), run(2, "scp_first", 1)], noon())
        .await?;
    let dead = claim(store, 100, noon()).await?.expect("a run is due");
    assert_eq!(claim_at_once(store, after_noon(59)).await?, []);
    let taken = claim_at_once(store, after_noon(60)).await?;
    assert_eq!(taken, [dead.run.id]);
    let end = RunEnd {
        result: AttemptResult::Worked,
        state: RunState::Done,
        again_at: None,
        counts: Counts::default(),
        error: None,
        took: Duration::from_mins(1),
    };
    let held = store
        .finish(dead.run.id, dead.lease, &end, after_noon(61))
        .await?;
    assert!(!held, "another process has it");
    let shown = store
        .run(&TenantSlug::default_tenant(), dead.run.id)
        .await?;
    let shown = shown.map(|run| (run.state, run.attempts));
    assert_eq!(shown, Some(("running".into(), 2)));
    Ok(())
}

/// As a restart of the server leaves it.
#[tokio::test]
async fn a_pool_whose_connections_were_all_lost_goes_on_with_new_ones() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let store = database.store();
    store.enqueue(&[run(1, "scp_first", 0)], noon()).await?;
    claim_at_once(store, after_noon(-1)).await?;
    assert!(store.pool().size() > 1, "several connections are idle");
    let other = PgStore::connect(&PgOptions::new(database.url()).connections_max(1)).await?;
    let lost: i64 = sqlx::query_scalar(
        "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .fetch_one(other.pool())
    .await?;
    assert!(lost > 1, "{lost} were lost");
    assert!(claim(store, 1, noon()).await?.is_some());
    Ok(())
}

#[tokio::test]
async fn a_run_for_a_tenant_that_is_gone_keeps_no_other_from_being_added() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let gone = NewRun {
        scope: JobScope::Profile {
            tenant: "gone".parse()?,
            profile: profile_id("scp_gone"),
        },
        ..run(1, "scp_first", 0)
    };
    let added = database
        .store()
        .enqueue(&[gone, run(2, "scp_first", 0)], noon())
        .await?;
    assert_eq!(added, 1);
    Ok(())
}

#[tokio::test]
async fn the_only_tenant_sees_all_of_a_run_of_the_installation() -> anyhow::Result<()> {
    let database = TestDatabase::new().await;
    let store = database.store();
    let everyones = NewRun {
        scope: JobScope::Installation,
        ..run(1, "scp_first", 0)
    };
    store.enqueue(&[everyones], noon()).await?;
    let claimed = claim(store, 1, noon()).await?.expect("a run is due");
    let mut counts = Counts::default();
    counts.add("stored", 12);
    let end = RunEnd {
        result: AttemptResult::Failed,
        state: RunState::Failed,
        again_at: None,
        counts,
        error: Some("app 1000001: the key is not accepted".into()),
        took: Duration::from_secs(1),
    };
    store
        .finish(claimed.run.id, claimed.lease, &end, noon())
        .await?;
    let tenant = TenantSlug::default_tenant();
    let shown = store.run(&tenant, claimed.run.id).await?.expect("the run");
    assert_eq!(shown.error, end.error);
    assert_eq!(shown.counts["stored"], 12);
    assert_eq!(store.latest_runs(&tenant).await?, [shown]);
    Ok(())
}
