use std::collections::VecDeque;
use std::sync::Mutex;

use hawker_ports::testing::{Counted, RecordingMetrics};
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::*;
use crate::tasks::Stopped;
use crate::testing::{GRACE, Notes, tenant, unavailable};

/// Journals of which each portion is a batch, and whose files take time.
#[derive(Default)]
struct FakeJournals {
    portions: Mutex<VecDeque<Result<Filed, StoreError>>>,
    filed: Notes<TenantSlug>,
    room: Mutex<f64>,
}

#[async_trait]
impl FileEvents for FakeJournals {
    async fn file(&self, tenant: &TenantSlug) -> Result<Filed, StoreError> {
        sleep(Duration::from_millis(5)).await;
        self.filed.add(tenant.clone());
        let next = self.portions.lock().expect("no panic").pop_front();
        next.unwrap_or_else(|| Ok(Filed::default()))
    }

    fn room(&self) -> f64 {
        *self.room.lock().expect("no panic")
    }
}

const fn batch(stored: u32, duplicates: u32) -> Filed {
    Filed {
        batches: 1,
        stored,
        duplicates,
    }
}

struct Fixture {
    file: Arc<FakeJournals>,
    due: Arc<DueTenants>,
    journals: Arc<DueTenants>,
    metrics: Arc<RecordingMetrics>,
    filing: JournalFiling,
}

impl Fixture {
    fn with(portions: impl IntoIterator<Item = Result<Filed, StoreError>>) -> Self {
        let file = Arc::new(FakeJournals {
            portions: Mutex::new(portions.into_iter().collect()),
            ..FakeJournals::default()
        });
        let due = Arc::new(DueTenants::for_workers(1));
        let journals = Arc::new(DueTenants::for_workers(1));
        let metrics = Arc::new(RecordingMetrics::default());
        Self {
            filing: JournalFiling::new(
                file.clone(),
                due.clone(),
                journals.clone(),
                metrics.clone(),
            ),
            journals,
            file,
            due,
            metrics,
        }
    }

    fn start(&self) -> JournalFiler {
        JournalFiler::start(self.filing.clone(), Handle::current())
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_is_filed_portion_by_portion_until_nothing_is_in_it() {
    let fixture = Fixture::with([Ok(batch(3, 0)), Ok(batch(1, 2))]);
    let filer = fixture.start();
    fixture.journals.add(&tenant("default"));
    assert_eq!(fixture.due.next().await, tenant("default"));
    assert_eq!(filer.stop(GRACE).await, Stopped { cut_off: 0 });
    assert_eq!(fixture.file.filed.all().len(), 3);
    let counted = [(3, 0), (1, 2)].map(|(stored, duplicates)| {
        Counted::PushesStored(IntakeCounts {
            stored,
            duplicates,
            ..IntakeCounts::default()
        })
    });
    assert_eq!(fixture.metrics.counted(), counted);
}

#[tokio::test(start_paused = true)]
async fn what_was_put_down_before_the_stop_is_filed() {
    let fixture = Fixture::with([Ok(batch(1, 0)), Ok(batch(1, 0))]);
    let filer = fixture.start();
    fixture.journals.add(&tenant("one"));
    fixture.journals.add(&tenant("other"));
    assert_eq!(filer.stop(GRACE).await, Stopped { cut_off: 0 });
    let expected = ["one", "other", "one", "other"].map(tenant);
    assert_eq!(fixture.file.filed.all(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_be_filed_is_tried_again_by_itself() {
    let fixture = Fixture::with([Err(unavailable()), Err(unavailable()), Ok(batch(1, 0))]);
    let filer = fixture.start();
    fixture.journals.add(&tenant("default"));
    assert_eq!(fixture.due.next().await, tenant("default"));
    assert_eq!(filer.stop(GRACE).await, Stopped { cut_off: 0 });
}

#[tokio::test(start_paused = true)]
async fn repetitions_alone_are_no_work() {
    let fixture = Fixture::with([Ok(batch(0, 2))]);
    let filed = fixture.filing.run_once(&tenant("default")).await;
    assert_eq!(filed.expect("it is filed"), 1);
    assert!(!fixture.due.has(&tenant("default")));
}

/// Another process may have put it down, and died.
#[tokio::test(start_paused = true)]
async fn what_another_process_put_down_is_found_by_looking() {
    let fixture = Fixture::with([Ok(batch(2, 0))]);
    let filed = fixture.filing.run_once(&tenant("default")).await;
    assert_eq!(filed.expect("it is filed"), 1);
    assert!(fixture.due.has(&tenant("default")));
    let knows = fixture.journals.has(&tenant("default"));
    assert!(knows, "whoever files goes on without a pause");
}

/// More events than any worker has done soon.
const A_LOT: u32 = 100_000;

impl Fixture {
    /// How long two portions take, where a push comes while the first is filed.
    async fn two_portions(self) -> Duration {
        let filer = self.start();
        let began = Instant::now();
        self.journals.add(&tenant("default"));
        sleep(Duration::from_millis(2)).await;
        self.journals.add(&tenant("default"));
        while self.file.filed.all().len() < 2 {
            sleep(Duration::from_millis(1)).await;
        }
        let took = began.elapsed();
        filer.stop(GRACE).await;
        took
    }

    fn with_room(self, room: f64) -> Self {
        *self.file.room.lock().expect("no panic") = room;
        self
    }
}

fn about(took: Duration, expected_ms: u64) -> bool {
    took.abs_diff(Duration::from_millis(expected_ms)) <= Duration::from_millis(5)
}

#[tokio::test(start_paused = true)]
async fn filing_gives_way_to_pushes_the_longer_the_more_room_there_is() {
    for (room, rested_ms) in [(1.0, 160), (0.5, 80), (0.0, 0)] {
        let fixture = Fixture::with([Ok(batch(1, 0)), Ok(batch(1, 0))]).with_room(room);
        fixture.due.filed(&tenant("default"), A_LOT);
        let took = fixture.two_portions().await;
        assert!(about(took, 5 + rested_ms + 5), "{room}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn filing_gives_no_way_while_workers_have_less_than_full_batches() {
    let fixture = Fixture::with([Ok(batch(0, 1)), Ok(batch(0, 1))]).with_room(1.0);
    let took = fixture.two_portions().await;
    assert!(about(took, 10), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn workers_that_run_low_do_not_wait_until_filing_has_given_way() {
    let fixture = Fixture::with([Ok(batch(1, 0)), Ok(batch(1, 0))]).with_room(1.0);
    fixture.due.filed(&tenant("default"), A_LOT);
    let due = Arc::clone(&fixture.due);
    let run_low = async {
        sleep(Duration::from_millis(50)).await;
        due.worked(&tenant("default"), 3, true);
    };
    let (took, ()) = tokio::join!(fixture.two_portions(), run_low);
    assert!(about(took, 50 + 5), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_journal_whose_workers_have_enough_holds_up_no_other() {
    let fixture = Fixture::with([Ok(batch(1, 0)), Ok(batch(1, 0))]).with_room(1.0);
    fixture.due.filed(&tenant("busy"), A_LOT);
    let filer = fixture.start();
    let began = Instant::now();
    fixture.journals.add(&tenant("busy"));
    sleep(Duration::from_millis(2)).await;
    fixture.journals.add(&tenant("busy"));
    sleep(Duration::from_millis(10)).await;
    fixture.journals.add(&tenant("quiet"));
    while fixture.file.filed.all().len() < 2 {
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(fixture.file.filed.all(), ["busy", "quiet"].map(tenant));
    assert!(about(began.elapsed(), 12 + 5), "{:?}", began.elapsed());
    filer.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_stops_does_not_give_way() {
    let fixture = Fixture::with([Ok(batch(1, 0)), Ok(batch(1, 0))]).with_room(1.0);
    fixture.due.filed(&tenant("default"), A_LOT);
    let filer = fixture.start();
    fixture.journals.add(&tenant("default"));
    sleep(Duration::from_millis(2)).await;
    fixture.journals.add(&tenant("default"));
    sleep(Duration::from_millis(10)).await;
    let began = Instant::now();
    assert_eq!(filer.stop(GRACE).await, Stopped { cut_off: 0 });
    assert!(began.elapsed() < Duration::from_millis(50));
    assert_eq!(fixture.file.filed.all().len(), 3);
}

/// What is acknowledged is to be seen soon, whatever else comes.
#[tokio::test(start_paused = true)]
async fn a_journal_that_is_not_empty_for_seconds_is_filed_without_a_rest() {
    let portions = (0..3_000).map(|_| Ok(batch(1, 0)));
    let fixture = Fixture::with(portions).with_room(1.0);
    fixture.due.filed(&tenant("default"), A_LOT);
    let filer = fixture.start();
    let mut counts = Vec::new();
    for _ in 0..8 {
        let until = Instant::now() + Duration::from_secs(1);
        while Instant::now() < until {
            fixture.journals.add(&tenant("default"));
            sleep(Duration::from_millis(1)).await;
        }
        counts.push(fixture.file.filed.all().len());
    }
    let in_each = counts
        .windows(2)
        .map(|of| of[1] - of[0])
        .collect::<Vec<_>>();
    assert!(in_each[0] < 10, "{in_each:?}");
    assert!(in_each[6] > 100, "{in_each:?}");
    filer.stop(GRACE).await;
}
