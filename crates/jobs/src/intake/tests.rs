use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_ports::pushes::IntakeCounts;
use hawker_ports::testing::{Counted, RecordingMetrics};
use hawker_usecases::receive_pushes::Received;
use tokio::time::{Instant, sleep};

use super::*;
use crate::testing::{GRACE, Notes, push, tenant, unavailable};

/// A store whose commits take time and which dislikes some bodies.
#[derive(Default)]
struct FakeStore {
    commit_takes: Duration,
    committed: Notes<Vec<String>>,
    conflicts: AtomicU32,
    outage: AtomicU32,
    /// Whether it only puts down what comes.
    puts_down: bool,
}

fn used_up(count: &AtomicU32) -> bool {
    count
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        })
        .is_err()
}

#[async_trait]
impl StorePushes for FakeStore {
    async fn store(
        &self,
        tenant: &TenantSlug,
        batch: &[ReceivedPush],
    ) -> Result<Received, StoreError> {
        assert!(
            batch.iter().all(|push| push.tenant == *tenant),
            "a push of another tenant"
        );
        let takes = if tenant.as_str() == "slow" {
            GRACE
        } else {
            self.commit_takes
        };
        sleep(takes).await;
        let bodies: Vec<_> = batch
            .iter()
            .map(|push| String::from_utf8_lossy(&push.body).into_owned())
            .collect();
        assert!(
            !bodies.iter().any(|body| body == "panic"),
            "a body that panics"
        );
        if bodies.iter().any(|body| body == "poison") {
            return Err(StoreError::Refused {
                entity: "an event",
                cause: "no".into(),
            });
        }
        if !used_up(&self.conflicts) {
            return Err(StoreError::Conflict {
                entity: "an event",
                cause: None,
            });
        }
        if !used_up(&self.outage) {
            return Err(unavailable());
        }
        let stored = u32::try_from(bodies.len()).expect("a small batch");
        self.committed.add(bodies);
        let counts = IntakeCounts {
            stored,
            ..IntakeCounts::default()
        };
        Ok(Received {
            counts,
            is_work_due: !self.puts_down,
            is_journalled: self.puts_down,
        })
    }
}

struct Fixture {
    store: Arc<FakeStore>,
    due: Arc<DueTenants>,
    journals: Arc<DueTenants>,
    metrics: Arc<RecordingMetrics>,
    intake: Intake,
}

impl Fixture {
    fn over(store: FakeStore) -> Self {
        let store = Arc::new(store);
        let due = Arc::new(DueTenants::for_workers(1));
        let journals = Arc::new(DueTenants::for_workers(1));
        let metrics = Arc::new(RecordingMetrics::default());
        let intake = Intake::new(
            Arc::clone(&store) as Arc<dyn StorePushes>,
            Arc::clone(&due),
            Arc::clone(&journals),
            Arc::clone(&metrics) as Arc<dyn Metrics>,
        );
        Self {
            store,
            due,
            journals,
            metrics,
            intake,
        }
    }

    fn new() -> Self {
        Self::over(FakeStore::default())
    }

    async fn accept_all(&self, bodies: &[&str]) -> Vec<Answer> {
        join_all(bodies.iter().map(|body| self.accept("default", body))).await
    }

    async fn accept(&self, tenant: &str, body: &str) -> Answer {
        self.intake.accept(push(tenant, body)).await.into()
    }
}

/// An answer that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Stored,
    Full,
    NotStored,
    Stopping,
}

impl From<Result<(), IntakeError>> for Answer {
    fn from(result: Result<(), IntakeError>) -> Self {
        match result {
            Ok(()) => Self::Stored,
            Err(IntakeError::Full) => Self::Full,
            Err(IntakeError::NotStored { .. }) => Self::NotStored,
            Err(IntakeError::Stopping) => Self::Stopping,
        }
    }
}

fn number_of(answers: &[Answer], wanted: Answer) -> usize {
    answers.iter().filter(|answer| **answer == wanted).count()
}

#[tokio::test(start_paused = true)]
async fn pushes_that_come_together_share_commits_of_a_bounded_size() {
    let fixture = Fixture::new();
    let answers = fixture.accept_all(&["{}"; 300]).await;
    assert_eq!(number_of(&answers, Answer::Stored), 300);
    let sizes: Vec<_> = fixture.store.committed.all().iter().map(Vec::len).collect();
    assert_eq!(sizes, [BATCH_PUSHES_MAX, 300 - BATCH_PUSHES_MAX]);
}

#[tokio::test(start_paused = true)]
async fn many_that_wait_are_stored_by_two_writers_at_once() {
    let commit_takes = Duration::from_millis(40);
    let fixture = Fixture::over(FakeStore {
        commit_takes,
        ..FakeStore::default()
    });
    let began = Instant::now();
    // The first one's writer is alone until as many wait as another one is worth.
    let many = vec!["{}"; BATCH_PUSHES_MAX + ANOTHER_WRITER_AT];
    let answers = fixture.accept_all(&many).await;
    assert_eq!(number_of(&answers, Answer::Stored), many.len());
    assert_eq!(began.elapsed(), commit_takes);
}

#[tokio::test(start_paused = true)]
async fn a_few_that_wait_are_left_to_the_one_writer() {
    let commit_takes = Duration::from_millis(40);
    let fixture = Fixture::over(FakeStore {
        commit_takes,
        ..FakeStore::default()
    });
    let first = fixture.accept("default", "{}");
    let rest = async {
        sleep(commit_takes / 2).await;
        fixture.accept_all(&["{}"; ANOTHER_WRITER_AT - 1]).await
    };
    let began = Instant::now();
    tokio::join!(first, rest);
    assert_eq!(began.elapsed(), commit_takes * 2);
}

/// It is work, and counted, once it is filed.
#[tokio::test(start_paused = true)]
async fn what_was_only_put_down_is_told_to_whoever_files_it() {
    let fixture = Fixture::over(FakeStore {
        puts_down: true,
        ..FakeStore::default()
    });
    assert_eq!(fixture.accept("default", "{}").await, Answer::Stored);
    assert!(fixture.journals.has(&tenant("default")));
    assert!(!fixture.due.has(&tenant("default")));
    assert_eq!(fixture.metrics.counted(), []);
}

#[tokio::test(start_paused = true)]
async fn huge_bodies_are_spread_over_several_commits() {
    let fixture = Fixture::new();
    let huge = "x".repeat(BATCH_BYTES_MAX / 2);
    let answers = fixture.accept_all(&[huge.as_str(); 5]).await;
    assert_eq!(number_of(&answers, Answer::Stored), 5);
    let sizes: Vec<_> = fixture.store.committed.all().iter().map(Vec::len).collect();
    assert_eq!(sizes, [2, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_answered_before_the_commit() {
    let commit_takes = Duration::from_millis(40);
    let fixture = Fixture::over(FakeStore {
        commit_takes,
        ..FakeStore::default()
    });
    let began = Instant::now();
    assert_eq!(fixture.accept("default", "{}").await, Answer::Stored);
    assert!(began.elapsed() >= commit_takes);
    assert_eq!(fixture.store.committed.all(), [["{}"]]);
}

#[tokio::test(start_paused = true)]
async fn what_was_stored_is_counted_and_wakes_the_workers() {
    let fixture = Fixture::new();
    fixture.accept("default", "{}").await;
    assert_eq!(fixture.due.next().await, tenant("default"));
    let counts = IntakeCounts {
        stored: 1,
        ..IntakeCounts::default()
    };
    assert_eq!(fixture.metrics.counted(), [Counted::PushesStored(counts)]);
}

#[tokio::test(start_paused = true)]
async fn more_pushes_than_may_wait_are_refused_at_once() {
    let fixture = Fixture::new();
    let slow = (0..QUEUE_PUSHES_MAX).map(|_| fixture.accept("slow", "{}"));
    let refused = async {
        let began = Instant::now();
        let answer = fixture.accept("slow", "{}").await;
        (answer, began.elapsed())
    };
    let (_, (answer, took)) = tokio::join!(join_all(slow), refused);
    assert_eq!((answer, took), (Answer::Full, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn more_bytes_than_may_wait_are_refused() {
    let fixture = Fixture::new();
    let mebibyte = "x".repeat(1024 * 1024);
    let fitting = QUEUE_BYTES_MAX / mebibyte.len();
    let pushes = (0..=fitting).map(|_| fixture.accept("slow", &mebibyte));
    let answers = join_all(pushes).await;
    assert_eq!(number_of(&answers, Answer::Full), 1);
    assert_eq!(answers.last(), Some(&Answer::Full));
}

#[tokio::test(start_paused = true)]
async fn the_room_of_stored_pushes_is_free_again() {
    let fixture = Fixture::new();
    for _ in 0..3 {
        let answers = fixture.accept_all(&vec!["{}"; QUEUE_PUSHES_MAX]).await;
        assert_eq!(number_of(&answers, Answer::Stored), QUEUE_PUSHES_MAX);
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_that_the_store_refuses_harms_no_other() {
    use Answer::{NotStored, Stored};
    let fixture = Fixture::new();
    let answers = fixture.accept_all(&["a", "b", "poison", "c", "d"]).await;
    assert_eq!(answers, [Stored, Stored, NotStored, Stored, Stored]);
    assert_eq!(fixture.store.committed.all().concat(), ["a", "b", "c", "d"]);
}

#[tokio::test(start_paused = true)]
async fn a_push_that_makes_the_work_panic_harms_no_other() {
    use Answer::{NotStored, Stored};
    let fixture = Fixture::new();
    assert_eq!(
        fixture.accept_all(&["a", "panic", "b"]).await,
        [Stored, NotStored, Stored]
    );
    assert_eq!(fixture.accept("default", "c").await, Stored);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_tried_again_before_anybody_is_told() {
    let conflicts = AtomicU32::new(CONFLICTS_SURVIVED);
    let fixture = Fixture::over(FakeStore {
        conflicts,
        ..FakeStore::default()
    });
    assert_eq!(fixture.accept_all(&["a", "b"]).await, [Answer::Stored; 2]);
}

#[tokio::test(start_paused = true)]
async fn each_further_writer_needs_more_that_wait() {
    let commit_takes = Duration::from_millis(40);
    let fixture = Fixture::over(FakeStore {
        commit_takes,
        ..FakeStore::default()
    });
    // Everybody has one push in hand before the next ones come.
    let pushes = [1, ANOTHER_WRITER_AT, 2 * ANOTHER_WRITER_AT - 1];
    let began = Instant::now();
    let waves = pushes.iter().enumerate().map(|(wave, pushes)| {
        let fixture = &fixture;
        async move {
            sleep(Duration::from_millis(wave as u64)).await;
            fixture.accept_all(&vec!["{}"; *pushes]).await;
        }
    });
    join_all(waves).await;
    let sizes: Vec<_> = fixture.store.committed.all().iter().map(Vec::len).collect();
    assert_eq!(
        sizes, pushes,
        "two writers, and the third wave by the first of them"
    );
    assert_eq!(began.elapsed(), commit_takes * 2);
}

/// One less than a batch is tried.
const CONFLICTS_SURVIVED: u32 = 2;

#[tokio::test(start_paused = true)]
async fn while_the_database_is_away_everybody_is_told_at_once_and_afterwards_all_is_well() {
    let fixture = Fixture::over(FakeStore {
        outage: AtomicU32::new(1),
        ..FakeStore::default()
    });
    let began = Instant::now();
    assert_eq!(
        fixture.accept_all(&["a", "b"]).await,
        [Answer::NotStored; 2]
    );
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(fixture.accept("default", "a").await, Answer::Stored);
}

#[tokio::test(start_paused = true)]
async fn a_slow_commit_is_answered_as_not_stored_in_time_and_goes_on() {
    let commit_takes = PUSH_BUDGET * 2;
    let fixture = Fixture::over(FakeStore {
        commit_takes,
        ..FakeStore::default()
    });
    let began = Instant::now();
    assert_eq!(fixture.accept("default", "{}").await, Answer::NotStored);
    assert_eq!(began.elapsed(), PUSH_BUDGET);
    fixture.intake.stop(GRACE).await;
    assert_eq!(fixture.store.committed.all(), [["{}"]]);
}

#[tokio::test(start_paused = true)]
async fn a_tenant_with_a_slow_store_holds_up_no_other() {
    let fixture = Fixture::new();
    let quick = async {
        let began = Instant::now();
        (fixture.accept("quick", "{}").await, began.elapsed())
    };
    let (slow, quick) = tokio::join!(fixture.accept("slow", "{}"), quick);
    assert_eq!(slow, Answer::NotStored);
    assert_eq!(quick, (Answer::Stored, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn stopping_stores_what_waits_and_refuses_what_comes() {
    let commit_takes = Duration::from_millis(100);
    let fixture = Fixture::over(FakeStore {
        commit_takes,
        ..FakeStore::default()
    });
    let stop = async {
        let stopped = fixture.intake.stop(GRACE).await;
        (stopped, fixture.accept("default", "late").await)
    };
    let (waiting, (stopped, late)) = tokio::join!(fixture.accept_all(&["{}"; 500]), stop);
    assert_eq!(number_of(&waiting, Answer::Stored), 500);
    assert_eq!((stopped.cut_off, late), (0, Answer::Stopping));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_stored_while_stopping_is_answered_all_the_same() {
    let fixture = Fixture::new();
    let grace = Duration::from_secs(1);
    let began = Instant::now();
    let waiting = async {
        let answers = join_all((0..300).map(|_| fixture.accept("slow", "{}"))).await;
        (number_of(&answers, Answer::NotStored), began.elapsed())
    };
    let (waiting, stopped) = tokio::join!(waiting, fixture.intake.stop(grace));
    assert_eq!(waiting, (300, grace));
    assert_eq!(stopped.cut_off, 2, "both writers");
}
