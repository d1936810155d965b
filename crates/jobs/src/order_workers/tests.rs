use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use hawker_ports::StoreError;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

use super::*;
use crate::testing::{GRACE, Notes, Tenants, tenant, unavailable};

/// Batches that wait, by tenant.
#[derive(Default)]
struct FakeWork {
    batch_takes: Duration,
    /// What a look at a tenant takes that has nothing to do.
    look_takes: Duration,
    waiting: Mutex<HashMap<TenantSlug, u32>>,
    failures: Mutex<HashMap<TenantSlug, u32>>,
    panics: Mutex<HashMap<TenantSlug, u32>>,
    done: Notes<(TenantSlug, Instant)>,
    tried: Notes<(TenantSlug, Instant)>,
    one_done: Notify,
}

fn take_one(of: &Mutex<HashMap<TenantSlug, u32>>, tenant: &TenantSlug) -> bool {
    let mut of = of.lock().expect("no test panics while it holds this");
    of.get_mut(tenant).is_some_and(|left| {
        let any = *left > 0;
        *left = left.saturating_sub(1);
        any
    })
}

fn some(of: &[(&str, u32)]) -> Mutex<HashMap<TenantSlug, u32>> {
    Mutex::new(
        of.iter()
            .map(|(name, count)| (tenant(name), *count))
            .collect(),
    )
}

#[async_trait]
impl WorkOnOrders for FakeWork {
    async fn work(&self, tenant: &TenantSlug, _: Stopping) -> Result<Refreshed, StoreError> {
        self.tried.add((tenant.clone(), Instant::now()));
        if take_one(&self.failures, tenant) {
            return Err(unavailable());
        }
        assert!(!take_one(&self.panics, tenant), "the work panics");
        if !take_one(&self.waiting, tenant) {
            sleep(self.look_takes).await;
            return Ok(Refreshed::NothingDue);
        }
        sleep(self.batch_takes).await;
        self.done.add((tenant.clone(), Instant::now()));
        self.one_done.notify_one();
        Ok(Refreshed::Worked {
            events: 50,
            found_all: false,
        })
    }
}

struct Fixture {
    work: Arc<FakeWork>,
    due: Arc<DueTenants>,
    workers: OrderWorkers,
    began: Instant,
}

impl Fixture {
    fn start(work: FakeWork, tenants: &[&str], workers: usize) -> Self {
        let work = Arc::new(work);
        let due = Arc::new(DueTenants::for_workers(workers));
        let workers = OrderWorkers::start(
            &(Arc::clone(&work) as Arc<dyn WorkOnOrders>),
            Tenants::named(tenants),
            &due,
            workers,
            Handle::current(),
        );
        Self {
            work,
            due,
            workers,
            began: Instant::now(),
        }
    }

    /// Waits until so many batches are done; answers whose they were and when.
    async fn done(&self, batches: usize) -> Vec<(String, Duration)> {
        let all = async {
            while self.work.done.all().len() < batches {
                self.work.one_done.notified().await;
            }
        };
        timeout(GRACE, all)
            .await
            .expect("the batches are done in time");
        let done = self.work.done.all();
        done.iter()
            .map(|(tenant, at)| (tenant.to_string(), *at - self.began))
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn what_waits_when_the_process_starts_is_worked_on_at_once() {
    let waiting = some(&[("default", 3)]);
    let fixture = Fixture::start(
        FakeWork {
            waiting,
            ..FakeWork::default()
        },
        &["default"],
        2,
    );
    let done = fixture.done(3).await;
    assert!(done.iter().all(|(_, at)| at.is_zero()), "{done:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wake_up_is_served_before_the_next_sweep() {
    let fixture = Fixture::start(FakeWork::default(), &["default"], 2);
    sleep(Duration::from_millis(300)).await;
    *fixture.work.waiting.lock().expect("unpoisoned") = HashMap::from([(tenant("default"), 1)]);
    fixture.due.add(&tenant("default"));
    assert_eq!(
        fixture.done(1).await,
        [("default".to_owned(), Duration::from_millis(300))]
    );
}

#[tokio::test(start_paused = true)]
async fn work_that_nobody_told_of_is_found_by_the_sweep() {
    let fixture = Fixture::start(FakeWork::default(), &["default"], 2);
    sleep(Duration::from_millis(300)).await;
    *fixture.work.waiting.lock().expect("unpoisoned") = HashMap::from([(tenant("default"), 1)]);
    assert_eq!(fixture.done(1).await, [("default".to_owned(), SWEEP_EVERY)]);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_with_a_huge_backlog_takes_turns_with_the_others() {
    let work = FakeWork {
        batch_takes: Duration::from_millis(100),
        waiting: some(&[("huge", 100), ("small", 2)]),
        ..FakeWork::default()
    };
    let fixture = Fixture::start(work, &["huge", "small"], 1);
    let done = fixture.done(4).await;
    let turns: Vec<_> = done.iter().map(|(tenant, _)| tenant.as_str()).collect();
    assert_eq!(turns, ["huge", "small", "huge", "small"]);
}

#[tokio::test(start_paused = true)]
async fn an_idle_worker_joins_in_on_a_backlog() {
    let work = FakeWork {
        batch_takes: Duration::from_millis(10),
        waiting: some(&[("default", 21)]),
        ..FakeWork::default()
    };
    let fixture = Fixture::start(work, &["default"], 2);
    let done = fixture.done(21).await;
    // The first batch alone, then two at a time.
    assert_eq!(
        done.last().map(|(_, at)| *at),
        Some(Duration::from_millis(110))
    );
}

#[tokio::test(start_paused = true)]
async fn idle_workers_ask_once_per_sweep() {
    let fixture = Fixture::start(FakeWork::default(), &["default"], 4);
    sleep(Duration::from_millis(10_500)).await;
    assert_eq!(fixture.work.tried.all().len(), 11);
}

#[tokio::test(start_paused = true)]
async fn many_tenants_without_work_are_not_asked_all_the_time() {
    let names: Vec<_> = (0..50).map(|n| format!("t{n}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let work = FakeWork {
        look_takes: Duration::from_millis(10),
        ..FakeWork::default()
    };
    let fixture = Fixture::start(work, &names, 1);
    sleep(Duration::from_millis(10_500)).await;
    assert_eq!(
        fixture.work.tried.all().len(),
        100,
        "at the start, and a second later"
    );
    sleep(Duration::from_secs(1)).await;
    assert_eq!(fixture.work.tried.all().len(), 150);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_whose_store_fails_is_tried_ever_more_rarely_and_delays_no_other() {
    let work = FakeWork {
        failures: some(&[("ill", u32::MAX)]),
        waiting: some(&[("well", 5)]),
        ..FakeWork::default()
    };
    let fixture = Fixture::start(work, &["ill", "well"], 1);
    let done = fixture.done(5).await;
    assert!(done.iter().all(|(_, at)| at.is_zero()), "{done:?}");
    sleep(Duration::from_mins(1)).await;
    let tries = fixture.work.tried.all();
    let tries = tries.iter().filter(|(of, _)| *of == tenant("ill")).count();
    assert!((12..=30).contains(&tries), "{tries} tries in a minute");
}

#[tokio::test(start_paused = true)]
async fn a_failing_store_that_comes_back_is_worked_on_within_seconds() {
    let work = FakeWork {
        failures: some(&[("default", 20)]),
        waiting: some(&[("default", 1)]),
        ..FakeWork::default()
    };
    let fixture = Fixture::start(work, &["default"], 2);
    fixture.done(1).await;
    let tries = fixture.work.tried.all();
    let last_failure = tries[19].1;
    let success = tries[20].1;
    assert!(success - last_failure <= BACK_OFF.longest + SWEEP_EVERY);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_panics_costs_no_worker() {
    let work = FakeWork {
        panics: some(&[("default", 5)]),
        waiting: some(&[("default", 4)]),
        ..FakeWork::default()
    };
    let fixture = Fixture::start(work, &["default"], 1);
    assert_eq!(fixture.done(4).await.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn stopping_finishes_the_batch_in_hand_and_claims_no_other() {
    let work = FakeWork {
        batch_takes: Duration::from_secs(2),
        waiting: some(&[("default", 9)]),
        ..FakeWork::default()
    };
    let fixture = Fixture::start(work, &["default"], 1);
    sleep(Duration::from_secs(1)).await;
    let stopped = fixture.workers.stop(GRACE).await;
    assert_eq!(stopped, Stopped { cut_off: 0 });
    assert_eq!(fixture.work.done.all().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_does_not_end_in_time_is_cut_off() {
    let work = FakeWork {
        batch_takes: GRACE,
        waiting: some(&[("default", 1)]),
        ..FakeWork::default()
    };
    let fixture = Fixture::start(work, &["default"], 2);
    sleep(Duration::from_secs(1)).await;
    let stopped = fixture.workers.stop(Duration::from_secs(5)).await;
    assert_eq!(stopped, Stopped { cut_off: 1 });
    assert_eq!(fixture.began.elapsed(), Duration::from_secs(6));
}
