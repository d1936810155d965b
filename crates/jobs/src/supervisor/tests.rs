use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use hawker_ports::StoreError;
use hawker_ports::testing::{Counted, FrozenClock, RecordingMetrics};
use tokio::time::sleep;

use super::*;
use crate::testing::{GRACE, Notes, Tenants, tenant, unavailable};

/// Has `waiting` things to do for every tenant, four in a portion.
#[derive(Default)]
struct Chores {
    waiting: AtomicU64,
    takes: Duration,
    runs: Notes<TenantSlug>,
}

#[async_trait]
impl Reconciler for Chores {
    fn name(&self) -> &'static str {
        "chores"
    }

    fn interval(&self) -> Duration {
        Duration::from_secs(10)
    }

    async fn run_once(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let nth = self.runs.add(tenant.clone());
        sleep(self.takes).await;
        match tenant.as_str() {
            "failing" => return Err(unavailable()),
            "panicking" => panic!("the chores panic"),
            "recovering" if nth == 1 => return Err(unavailable()),
            _ => {}
        }
        let left = self.waiting.load(Ordering::SeqCst);
        let portion = left.min(4);
        self.waiting.store(left - portion, Ordering::SeqCst);
        Ok(portion)
    }
}

struct Fixture {
    chores: Arc<Chores>,
    metrics: Arc<RecordingMetrics>,
    supervisor: Supervisor,
}

impl Fixture {
    fn start(chores: Chores, tenants: &[&str]) -> Self {
        let chores = Arc::new(chores);
        let metrics = Arc::new(RecordingMetrics::default());
        let clock: Arc<dyn Clock> = Arc::new(FrozenClock::default());
        let supervisor = Supervisor::start(
            [Arc::clone(&chores) as Arc<dyn Reconciler>],
            &Tenants::named(tenants),
            &clock,
            &(Arc::clone(&metrics) as Arc<dyn Metrics>),
            Handle::current(),
        );
        Self {
            chores,
            metrics,
            supervisor,
        }
    }

    fn results(&self) -> Vec<(String, RunResult)> {
        let runs = self.supervisor.last_runs().into_iter();
        runs.map(|run| (run.tenant.to_string(), run.result))
            .collect()
    }
}

fn done(items: u64) -> RunResult {
    RunResult::Done { items }
}

fn failed(error: &str) -> RunResult {
    RunResult::Failed {
        error: error.to_owned(),
    }
}

#[tokio::test(start_paused = true)]
async fn every_tenant_has_its_run_at_the_start_and_after_every_interval() {
    let fixture = Fixture::start(Chores::default(), &["a", "b"]);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(fixture.chores.runs.all(), [tenant("a"), tenant("b")]);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(fixture.chores.runs.all().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn looking_in_vain_takes_a_small_part_of_the_time() {
    let chores = Chores {
        takes: Duration::from_secs(1),
        ..Chores::default()
    };
    let fixture = Fixture::start(chores, &["a", "b"]);
    sleep(Duration::from_millis(21_900)).await;
    assert_eq!(fixture.chores.runs.all().len(), 2);
    sleep(Duration::from_millis(200)).await;
    assert_eq!(fixture.chores.runs.all().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_alone_is_looked_at_after_every_interval() {
    let chores = Chores {
        takes: Duration::from_secs(1),
        ..Chores::default()
    };
    let fixture = Fixture::start(chores, &["a"]);
    sleep(Duration::from_millis(10_100)).await;
    assert_eq!(fixture.chores.runs.all().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn work_that_was_done_is_no_reason_to_rest() {
    let chores = Chores {
        waiting: 8.into(),
        takes: Duration::from_secs(1),
        ..Chores::default()
    };
    let fixture = Fixture::start(chores, &["a"]);
    sleep(Duration::from_millis(10_100)).await;
    assert_eq!(fixture.results(), [("a".to_owned(), done(8))]);
    assert_eq!(
        fixture.chores.runs.all().len(),
        4,
        "three portions, and the next run"
    );
}

#[tokio::test(start_paused = true)]
async fn portions_follow_each_other_until_nothing_is_left() {
    let chores = Chores {
        waiting: 10.into(),
        ..Chores::default()
    };
    let fixture = Fixture::start(chores, &["a"]);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(fixture.chores.runs.all().len(), 4);
    assert_eq!(fixture.results(), [("a".to_owned(), done(10))]);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_fails_or_panics_is_remembered_and_stops_no_other() {
    let fixture = Fixture::start(Chores::default(), &["failing", "panicking", "well"]);
    sleep(Duration::from_secs(1)).await;
    let expected = [
        (
            "failing".to_owned(),
            failed("the database cannot be reached"),
        ),
        (
            "panicking".to_owned(),
            failed("the work panicked: the chores panic"),
        ),
        ("well".to_owned(), done(0)),
    ];
    assert_eq!(fixture.results(), expected);
    let counted = ["failed", "panicked", "ok"].map(|result| Counted::JobRan("chores", result));
    assert_eq!(fixture.metrics.counted(), counted);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_failed_is_tried_again_at_the_next_interval() {
    let fixture = Fixture::start(Chores::default(), &["recovering"]);
    sleep(Duration::from_secs(11)).await;
    assert_eq!(fixture.results(), [("recovering".to_owned(), done(0))]);
}

#[tokio::test(start_paused = true)]
async fn a_last_run_says_when_it_was_and_how_long_it_took() {
    let takes = Duration::from_secs(2);
    let fixture = Fixture::start(
        Chores {
            takes,
            ..Chores::default()
        },
        &["a"],
    );
    sleep(Duration::from_secs(3)).await;
    let runs = fixture.supervisor.last_runs();
    let at = FrozenClock::default().now();
    assert_eq!(
        runs.first().map(|run| (run.job, run.at, run.took)),
        Some(("chores", at, takes))
    );
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_for_the_portion_in_hand_and_starts_no_other() {
    let takes = Duration::from_secs(2);
    let chores = Chores {
        waiting: 100.into(),
        takes,
        ..Chores::default()
    };
    let fixture = Fixture::start(chores, &["a", "b"]);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(fixture.supervisor.stop(GRACE).await, Stopped { cut_off: 0 });
    assert_eq!(fixture.chores.runs.all(), [tenant("a")]);
    assert_eq!(fixture.results(), [("a".to_owned(), done(4))]);
}
