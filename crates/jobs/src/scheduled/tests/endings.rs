//! How runs end that do not come to their end: what is kept, who is told, and what is tried again.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_job_that_hangs_is_ended_and_harms_no_other() {
    let bench = Bench::new();
    let hanging = Job::named(JobName::ReconcileDaily, Deed::Hang);
    let working = Job::doing(Deed::Work);
    let scheduler = bench.start("a", &[&hanging, &working]);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(working.runs(), [at("07:00")]);
    sleep(Duration::from_mins(11)).await;
    let rows = bench.rows().await;
    let hung = rows
        .iter()
        .find(|row| row.job == "reconcile-daily")
        .unwrap();
    let error = hung.error.as_deref().unwrap_or_default();
    assert!(error.contains("longer than it may"), "{error}");
    assert_eq!(hung.counts["done"], 1, "what was told is kept");
    assert_eq!(hung.state, "timed_out", "it is over");
    assert_eq!(bench.counted(hanging.name), ["timed_out"]);
    let told = bench.open_exceptions().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("longer than it may"), "{told:?}");
    scheduler.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_kept_as_a_result_and_told_when_it_lasts() {
    let bench = Bench::new();
    let panicking = Job::named(JobName::ReconcileDaily, Deed::Panic);
    let working = Job::doing(Deed::Work);
    let scheduler = bench.start("a", &[&panicking, &working]);
    sleep(Duration::from_secs(10)).await;
    assert_eq!(bench.counted(panicking.name), ["panicked"], "at once");
    sleep(Duration::from_mins(39)).await;
    assert_eq!(working.runs(), [at("07:00")]);
    assert_eq!(panicking.runs().len(), 5, "as often as it is tried");
    let rows = bench.rows().await;
    let row = rows
        .iter()
        .find(|row| row.job == "reconcile-daily")
        .unwrap();
    assert_eq!(row.state, "panicked");
    assert!(row.error.as_deref().unwrap().contains("the belt broke"));
    let told = bench.open_exceptions().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("reconcile-daily"), "{told:?}");
    scheduler.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn the_exception_of_a_job_is_over_when_it_works_again() {
    let bench = Bench::new();
    let failing = Job::doing(Deed::FailForGood);
    let scheduler = bench.start("a", &[&failing]);
    sleep(Duration::from_mins(1)).await;
    assert_eq!(failing.runs().len(), 1, "trying again changes nothing");
    assert_eq!(bench.open_exceptions().await.len(), 1);
    scheduler.stop(GRACE).await;
    let working = Job::doing(Deed::Work);
    let scheduler = bench.start("a", &[&working]);
    sleep(Duration::from_hours(1)).await;
    assert_eq!(bench.open_exceptions().await, [""; 0]);
    scheduler.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_before_it_is_kept() {
    let bench = Bench::new();
    let failing = Job::doing(Deed::FailForGood);
    bench.store.fail_next_begin(unavailable());
    let scheduler = bench.start_at("0 7 * * *", "a", &[&failing]);
    sleep(Duration::from_secs(30)).await;
    assert_eq!(bench.open_exceptions().await, [""; 0]);
    assert_eq!(bench.states().await, ["running"], "nobody was told yet");
    sleep(Duration::from_mins(2)).await;
    assert_eq!(bench.open_exceptions().await.len(), 1);
    assert_eq!(bench.states().await, ["failed"]);
    scheduler.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_was_asked_for_is_kept_and_is_no_failure() {
    let bench = Bench::new();
    let waiting = Job::doing(Deed::WaitThenFail(Duration::from_hours(3), 7));
    let scheduler = bench.start_at("0 7 * * *", "a", &[&waiting]);
    sleep(Duration::from_mins(179)).await;
    assert_eq!(waiting.runs().len(), 1, "not before");
    sleep(Duration::from_hours(18)).await;
    let rows = bench.rows().await;
    assert_eq!((rows[0].state.as_str(), rows[0].attempts), ("queued", 7));
    while waiting.runs().len() < 8 {
        sleep(Duration::from_secs(10)).await;
    }
    sleep(Duration::from_secs(10)).await;
    let rows = bench.rows().await;
    assert_eq!(rows[0].state, "queued", "the first failure is tried again");
    assert_eq!(bench.open_exceptions().await, [""; 0]);
    scheduler.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_put_off_for_ever_is_told_of() {
    let bench = Bench::new();
    let waiting = Job::doing(Deed::Wait(Duration::from_hours(3)));
    let scheduler = bench.start_at("0 7 * * *", "a", &[&waiting]);
    sleep(Duration::from_hours(45)).await;
    assert_eq!(bench.open_exceptions().await.len(), 1);
    let states = bench.states().await;
    assert_eq!(states, ["queued", "failed"], "that of today still waits");
    scheduler.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_processes_die_again_and_again_is_given_up_and_told_of() {
    let bench = Bench::new();
    let deadly = Job::doing(Deed::Hang);
    for name in ["a", "b", "c", "d", "e"] {
        let dying = bench.start(name, &[&deadly]);
        sleep(Duration::from_secs(20)).await;
        dying.stop(Duration::ZERO).await;
        sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(deadly.runs().len(), 5);
    assert_eq!(bench.open_exceptions().await, [""; 0]);
    let last = bench.start("f", &[&deadly]);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(deadly.runs().len(), 5, "it is not begun once more");
    assert_eq!(bench.states().await, ["failed"]);
    let told = bench.open_exceptions().await;
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("5 processes in a row died"), "{told:?}");
    last.stop(GRACE).await;
}

/// Fails, but only after another process took the run over.
struct Robbed(Bench);

#[async_trait]
impl ScheduledJob for Robbed {
    fn name(&self) -> JobName {
        JobName::LostPushRecovery
    }

    fn limit(&self) -> Duration {
        Duration::from_mins(10)
    }

    fn runs_for(&self) -> RunsFor {
        RunsFor::Installation
    }

    async fn run(&self, run: &NewRun, _: &dyn Progress) -> Result<Counts, JobError> {
        let Bench {
            store, clock, ids, ..
        } = &self.0;
        let lease = hawker_domain::ids::LeaseId::fresh(&**ids);
        let later = clock.now() + chrono::TimeDelta::hours(1);
        let until = later + chrono::TimeDelta::hours(1);
        let taken = store.claim(run.job, "thief", lease, later, until).await?;
        assert_eq!(taken.map(|taken| taken.run.id), Some(run.id));
        Err(JobError::Failed {
            counts: Counts::default(),
            why: "the app has no key".into(),
            of_tenants: Vec::new(),
            is_passing: false,
            retry_after: None,
        })
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_run_that_another_process_took_over_nothing_is_told() {
    let bench = Bench::new();
    let run = bench.asked_for(JobName::LostPushRecovery).await;
    let robbed = Arc::new(Robbed(bench.clone()));
    let runner = JobRunner::new(robbed, bench.ports("robbed"));
    let nobody = hawker_ports::progress::NoProgress;
    let ended = runner.run_this(run.id, &nobody).await;
    assert!(matches!(ended, Err(RunError::Taken)), "{ended:?}");
    assert_eq!(bench.open_exceptions().await, [""; 0]);
    assert_eq!(bench.counted(run.job), [""; 0]);
    let rows = bench.rows().await;
    assert_eq!(
        (rows[0].state.as_str(), rows[0].process.as_deref()),
        ("running", Some("thief"))
    );
}
