//! Who is told of a job that failed, and for whom jobs run.

use std::sync::Arc;

use chrono::TimeDelta;
use hawker_domain::ids::JobRunId;
use hawker_domain::schedule::{JobName, JobScope, RunTrigger};
use hawker_domain::{ConnectorName, TenantSlug};
use hawker_ports::StoreError;
use hawker_ports::schedules::{NewRun, WITHHELD};
use hawker_ports::testing::examples::{noon, tenant};
use hawker_ports::testing::{FrozenClock, InMemoryStore, SequentialIds};
use hawker_ports::views::{ExceptionFilter, PageRequest, Views as _};
use hawker_usecases::report_job::RunFailure;
use hawker_usecases::{ReportJob, ScheduledProfiles};

use crate::operators::usual;
use crate::world::World;

/// An installation for some merchants.
struct Installation {
    store: Arc<InMemoryStore>,
    clock: Arc<FrozenClock>,
    report: ReportJob,
}

impl Installation {
    fn of(tenants: &[&str]) -> Self {
        let store = Arc::new(InMemoryStore::with_tenants(
            tenants.iter().map(|name| tenant(name)),
        ));
        let clock = Arc::new(FrozenClock::at(noon()));
        let report = ReportJob {
            store: store.clone(),
            tenants: store.clone(),
            clock: clock.clone(),
            ids: Arc::new(SequentialIds::default()),
            connector: ConnectorName::Shopee,
        };
        Self {
            store,
            clock,
            report,
        }
    }

    /// The messages of what is open.
    async fn told(&self, to: &str) -> Vec<String> {
        let filter = ExceptionFilter {
            status: Some("open".into()),
            ..ExceptionFilter::default()
        };
        let page = PageRequest {
            limit: 10,
            after: None,
        };
        let open = self.store.exceptions(&tenant(to), &filter, &page).await;
        let rows = open.unwrap().rows.into_iter();
        rows.map(|row| row.message).collect()
    }
}

fn everyones() -> NewRun {
    NewRun {
        id: JobRunId::of(1),
        job: JobName::LostPushRecovery,
        scope: JobScope::Installation,
        slot: noon(),
        trigger: RunTrigger::Schedule,
        arguments: serde_json::json!({}),
    }
}

fn failure(of_tenants: &[(&str, &str)]) -> RunFailure {
    let of_tenants = of_tenants.iter();
    RunFailure {
        why: "app 1: no key; app 2: profile prof_theirs has no key".into(),
        of_tenants: of_tenants
            .map(|(of, why)| (tenant(of), (*why).to_owned()))
            .collect(),
    }
}

#[tokio::test]
async fn of_a_job_for_all_tenants_each_is_told_what_is_its_own() {
    let all = Installation::of(&["cards", "shoes", "tea"]);
    let failed = failure(&[
        ("cards", "app 1: no key"),
        ("shoes", "app 2: no key"),
        ("cards", "app 3: no key"),
    ]);
    all.report.failed(&everyones(), &failed).await.unwrap();
    let told = all.told("cards").await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("app 1: no key; app 3: no key"), "{told:?}");
    assert!(!told[0].contains("app 2"), "{told:?}");
    assert!(all.told("shoes").await[0].contains("app 2: no key"));
    assert_eq!(all.told("tea").await, [""; 0], "for it the job works");
    let shoes = failure(&[("shoes", "app 2: no key")]);
    all.clock.advance(TimeDelta::hours(1));
    all.report.failed(&everyones(), &shoes).await.unwrap();
    assert_eq!(all.told("cards").await, [""; 0], "it works again");
    assert_eq!(all.told("shoes").await.len(), 1);
}

#[tokio::test]
async fn a_cause_that_may_be_anybodys_is_told_to_nobody_but_an_only_tenant() {
    let several = Installation::of(&["cards", "shoes"]);
    several
        .report
        .failed(&everyones(), &failure(&[]))
        .await
        .unwrap();
    for to in ["cards", "shoes"] {
        let told = several.told(to).await;
        assert!(told[0].contains(WITHHELD), "{told:?}");
        assert!(!told[0].contains("prof_theirs"), "{told:?}");
    }
    let alone = Installation::of(&["cards"]);
    alone
        .report
        .failed(&everyones(), &failure(&[]))
        .await
        .unwrap();
    assert!(alone.told("cards").await[0].contains("prof_theirs"));
}

#[tokio::test]
async fn a_tenant_that_cannot_be_told_keeps_no_other_from_being_told() {
    let all = Installation::of(&["cards", "shoes"]);
    let corrupt = StoreError::Corrupt {
        entity: "profile",
        id: "prof_cards".into(),
        cause: "a word that is none".into(),
    };
    all.store.fail_next_begin(corrupt);
    all.report
        .failed(&everyones(), &failure(&[]))
        .await
        .unwrap();
    assert_eq!(all.told("cards").await.len(), 0);
    assert_eq!(all.told("shoes").await.len(), 1);
    all.store
        .fail_next_begin(StoreError::Unavailable("connection refused".into()));
    let told = all.report.failed(&everyones(), &failure(&[])).await;
    assert!(
        told.is_err_and(|error| error.is_passing()),
        "it is told again"
    );
    all.clock.advance(TimeDelta::hours(1));
    all.report.worked(&everyones()).await.unwrap();
    assert_eq!(all.told("shoes").await, [""; 0]);
}

#[tokio::test]
async fn the_command_that_is_named_runs_the_same_again() {
    let all = Installation::of(&["default", "shoes"]);
    for (of, asked, command) in [
        (
            "default",
            serde_json::json!({ "from": "2026-01-01T00:00:00Z", "to": "2026-01-03T00:00:00Z" }),
            "`hawker jobs run reconcile-daily --profile prof_sandbox --from 2026-01-01T00:00:00Z --to 2026-01-03T00:00:00Z`",
        ),
        (
            "shoes",
            serde_json::json!({}),
            "`hawker --tenant shoes jobs run reconcile-daily --profile prof_sandbox`",
        ),
    ] {
        let run = NewRun {
            job: JobName::ReconcileDaily,
            scope: JobScope::Profile {
                tenant: tenant(of),
                profile: usual(),
            },
            arguments: asked,
            ..everyones()
        };
        all.report.failed(&run, &failure(&[])).await.unwrap();
        let told = all.told(of).await;
        assert!(told[0].contains(command), "{told:?}");
    }
}

#[tokio::test]
async fn a_tenant_that_cannot_be_read_keeps_no_other_from_being_planned() {
    let world = World::new().await;
    let tenants = Installation::of(&["another", "default"]).store;
    let scheduled = ScheduledProfiles {
        store: world.store.clone(),
        tenants,
        connector: ConnectorName::Shopee,
    };
    let found = scheduled.all().await.unwrap();
    let profiles: Vec<_> = found.profiles.iter().map(|one| &one.profile).collect();
    assert_eq!(profiles, [&usual()]);
    assert_eq!(found.readable, [TenantSlug::default_tenant()]);
    let [(unreadable, error)] = found.unreadable.as_slice() else {
        panic!("one tenant cannot be read: {found:?}");
    };
    assert_eq!(*unreadable, tenant("another"));
    assert!(matches!(error, StoreError::NoSuchTenant(_)), "{error:?}");
}
