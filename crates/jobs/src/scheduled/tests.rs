//! Behaviour of planning and running, on the in-memory ledger and in paused time.

mod endings;
mod planning;

use std::sync::Mutex;

use hawker_domain::ids::JobRunId;
use hawker_domain::schedule::{JobScope, RunState, RunTrigger};
use hawker_domain::{ConnectorName, TenantSlug, Timestamp};
use hawker_ports::schedules::{RunFilter, RunRow};
use hawker_ports::testing::{Counted, InMemoryStore, RecordingMetrics, SequentialIds};
use hawker_ports::views::{ExceptionFilter, PageRequest, Views as _};
use tokio::time::{Instant, sleep};

use super::*;
use crate::testing::{GRACE, Tenants, unavailable};

/// What a run of the job does.
#[derive(Clone, Copy)]
enum Deed {
    Work,
    WorkFor(Duration),
    Hang,
    Panic,
    FailOnce,
    Fail,
    FailForGood,
    /// Told to wait for so long, each time.
    Wait(Duration),
    /// The same so often; it fails after that.
    WaitThenFail(Duration, usize),
}

struct Job {
    name: JobName,
    deed: Deed,
    runs: Mutex<Vec<Timestamp>>,
    /// What each run was told that the one before had reached.
    resumed: Mutex<Vec<Option<serde_json::Value>>>,
}

impl Job {
    fn doing(deed: Deed) -> Arc<Self> {
        Self::named(JobName::LostPushRecovery, deed)
    }

    fn named(name: JobName, deed: Deed) -> Arc<Self> {
        Arc::new(Self {
            name,
            deed,
            runs: Mutex::default(),
            resumed: Mutex::default(),
        })
    }

    fn runs(&self) -> Vec<Timestamp> {
        self.runs.lock().unwrap().clone()
    }
}

#[async_trait]
impl ScheduledJob for Job {
    fn name(&self) -> JobName {
        self.name
    }

    fn limit(&self) -> Duration {
        Duration::from_mins(10)
    }

    fn runs_for(&self) -> RunsFor {
        RunsFor::Installation
    }

    async fn run(&self, run: &NewRun, progress: &dyn Progress) -> Result<Counts, JobError> {
        let nth = {
            let mut runs = self.runs.lock().unwrap();
            runs.push(run.slot);
            runs.len()
        };
        let mut counts = Counts::default();
        counts.add("done", 1);
        progress.tell(&counts);
        self.resumed.lock().unwrap().push(progress.resumes());
        progress.reached(serde_json::json!(nth));
        match self.deed {
            Deed::WorkFor(time) => {
                let until = Instant::now() + time;
                while Instant::now() < until && !progress.is_stopping() {
                    sleep(Duration::from_secs(1)).await;
                }
                if progress.is_stopping() {
                    std::future::pending::<()>().await;
                }
            }
            Deed::Hang => std::future::pending().await,
            Deed::Panic => panic!("the belt broke"),
            Deed::FailOnce if nth == 1 => return Err(unavailable().into()),
            Deed::Fail => return Err(unavailable().into()),
            Deed::WaitThenFail(_, times) if nth > times => return Err(unavailable().into()),
            Deed::FailForGood => {
                return Err(JobError::Failed {
                    counts,
                    why: "the app has no key".into(),
                    of_tenants: Vec::new(),
                    is_passing: false,
                    retry_after: None,
                });
            }
            Deed::Wait(wait) | Deed::WaitThenFail(wait, _) => {
                return Err(JobError::Failed {
                    counts,
                    why: "all calls of the day are used up".into(),
                    of_tenants: Vec::new(),
                    is_passing: true,
                    retry_after: Some(wait),
                });
            }
            Deed::Work | Deed::FailOnce => {}
        }
        Ok(counts)
    }
}

/// Shows the time that passes in the test.
struct PausedClock {
    began: Instant,
    at: Timestamp,
}

impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        self.at + chrono::TimeDelta::from_std(self.began.elapsed()).unwrap()
    }
}

#[derive(Clone)]
struct Bench {
    store: Arc<InMemoryStore>,
    clock: Arc<PausedClock>,
    ids: Arc<SequentialIds>,
    metrics: Arc<RecordingMetrics>,
}

impl Bench {
    fn new() -> Self {
        Self {
            store: Arc::new(InMemoryStore::default()),
            clock: Arc::new(PausedClock {
                began: Instant::now(),
                at: "2026-11-21T07:20:00Z".parse().unwrap(),
            }),
            ids: Arc::new(SequentialIds::default()),
            metrics: Arc::default(),
        }
    }

    fn ports(&self, process: &str) -> SchedulerPorts {
        SchedulerPorts {
            ledger: self.store.clone(),
            profiles: Arc::new(ScheduledProfiles {
                store: self.store.clone(),
                tenants: Tenants::named(&["default"]),
                connector: ConnectorName::Shopee,
            }),
            report: Arc::new(ReportJob {
                store: self.store.clone(),
                tenants: Tenants::named(&["default"]),
                clock: self.clock.clone(),
                ids: self.ids.clone(),
                connector: ConnectorName::Shopee,
            }),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
            process: process.to_owned(),
        }
    }

    fn start(&self, process: &str, jobs: &[&Arc<Job>]) -> Scheduler {
        self.start_at("0 * * * *", process, jobs)
    }

    fn start_at(&self, schedule: &str, process: &str, jobs: &[&Arc<Job>]) -> Scheduler {
        let planned = jobs
            .iter()
            .map(|job| Planned {
                job: Arc::clone(job) as Arc<dyn ScheduledJob>,
                schedule: Some(schedule.parse().unwrap()),
            })
            .collect();
        Scheduler::start(planned, &self.ports(process), Handle::current())
    }

    /// A run that somebody asked for.
    async fn asked_for(&self, job: JobName) -> NewRun {
        let now = self.clock.now();
        let run = NewRun {
            id: JobRunId::fresh(&*self.ids),
            job,
            scope: JobScope::Installation,
            slot: now,
            trigger: RunTrigger::Manual,
            arguments: serde_json::json!({}),
        };
        let new = std::slice::from_ref(&run);
        self.store.enqueue(new, now).await.unwrap();
        run
    }

    async fn rows(&self) -> Vec<RunRow> {
        let page = PageRequest {
            limit: 100,
            after: None,
        };
        let tenant = TenantSlug::default_tenant();
        let filter = RunFilter::default();
        let runs = self.store.runs(&tenant, &filter, &page).await;
        runs.unwrap().rows
    }

    async fn states(&self) -> Vec<String> {
        self.rows().await.into_iter().map(|row| row.state).collect()
    }

    /// The results of the attempts at a job, as they were counted.
    fn counted(&self, job: JobName) -> Vec<&'static str> {
        let counted = self.metrics.counted().into_iter();
        let results = counted.filter_map(|counted| match counted {
            Counted::JobRan(of, result) if of == job.as_str() => Some(result),
            _ => None,
        });
        results.collect()
    }

    async fn open_exceptions(&self) -> Vec<String> {
        let filter = ExceptionFilter {
            status: Some("open".into()),
            ..ExceptionFilter::default()
        };
        let page = PageRequest {
            limit: 10,
            after: None,
        };
        let tenant = TenantSlug::default_tenant();
        let open = self.store.exceptions(&tenant, &filter, &page).await;
        open.unwrap()
            .rows
            .into_iter()
            .map(|row| row.message)
            .collect()
    }
}

fn at(time: &str) -> Timestamp {
    format!("2026-11-21T{time}:00Z").parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn of_many_processes_one_runs_a_slot() {
    let bench = Bench::new();
    let job = Job::doing(Deed::Work);
    let processes = ["a", "b", "c"].map(|name| bench.start(name, &[&job]));
    sleep(Duration::from_mins(101)).await;
    assert_eq!(job.runs(), [at("07:00"), at("08:00"), at("09:00")]);
    assert_eq!(bench.states().await, ["done", "done", "done"]);
    for process in processes {
        assert_eq!(process.stop(GRACE).await, Stopped { cut_off: 0 });
    }
}

#[tokio::test(start_paused = true)]
async fn slots_that_were_missed_are_one_run() {
    let bench = Bench::new();
    let job = Job::doing(Deed::Work);
    let first = bench.start("first", &[&job]);
    sleep(Duration::from_mins(1)).await;
    first.stop(GRACE).await;
    sleep(Duration::from_hours(5)).await;
    let second = bench.start("second", &[&job]);
    sleep(Duration::from_mins(1)).await;
    assert_eq!(job.runs(), [at("07:00"), at("12:00")]);
    second.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_tried_again_within_its_slot() {
    let bench = Bench::new();
    let job = Job::doing(Deed::FailOnce);
    let scheduler = bench.start("a", &[&job]);
    sleep(Duration::from_mins(3)).await;
    assert_eq!(job.runs(), [at("07:00"), at("07:00")]);
    let rows = bench.rows().await;
    assert_eq!((rows[0].state.as_str(), rows[0].attempts), ("done", 2));
    assert_eq!(rows[0].error, None, "it is over");
    let resumed = job.resumed.lock().unwrap().clone();
    assert_eq!(resumed, [None, Some(serde_json::json!(1))], "where it was");
    scheduler.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_is_no_reason_to_give_a_slot_up_at_once() {
    let bench = Bench::new();
    let job = Job::doing(Deed::Fail);
    let scheduler = bench.start("a", &[&job]);
    sleep(Duration::from_mins(2)).await;
    assert_eq!(bench.states().await, ["queued"]);
    assert_eq!(bench.open_exceptions().await, [""; 0]);
    scheduler.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_stopped_leaves_its_run_to_the_next() {
    let bench = Bench::new();
    let long = Job::doing(Deed::WorkFor(Duration::from_mins(5)));
    let first = bench.start("first", &[&long]);
    sleep(Duration::from_secs(20)).await;
    assert_eq!(bench.states().await, ["running"]);
    assert_eq!(first.stop(GRACE).await, Stopped { cut_off: 0 });
    assert_eq!(bench.states().await, ["queued"]);
    let second = bench.start("second", &[&long]);
    sleep(Duration::from_mins(6)).await;
    let rows = bench.rows().await;
    assert_eq!(rows[0].state, "done");
    assert_eq!(rows[0].process.as_deref(), Some("second"));
    assert_eq!(rows[0].attempts, 1, "what is given back is not counted");
    second.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_process_died_is_taken_over() {
    let bench = Bench::new();
    let long = Job::doing(Deed::WorkFor(Duration::from_mins(2)));
    let dying = bench.start("dying", &[&long]);
    sleep(Duration::from_secs(20)).await;
    dying.stop(Duration::ZERO).await;
    assert_eq!(bench.states().await, ["running"], "nobody ended it");
    let next = bench.start("next", &[&long]);
    sleep(Duration::from_mins(4)).await;
    let rows = bench.rows().await;
    assert_eq!((rows[0].state.as_str(), rows[0].attempts), ("done", 2));
    next.stop(GRACE).await;
}

#[tokio::test(start_paused = true)]
async fn a_run_that_somebody_asked_for_is_done_beside_the_schedule() {
    let bench = Bench::new();
    let job = Job::doing(Deed::Work);
    let run = bench.asked_for(job.name).await;
    let runner = JobRunner::new(job.clone(), bench.ports("terminal"));
    let nobody = hawker_ports::progress::NoProgress;
    let end = runner.run_this(run.id, &nobody).await.unwrap();
    assert_eq!((end.state, end.counts.of("done")), (RunState::Done, 1));
    assert!(matches!(
        runner.run_this(run.id, &nobody).await,
        Err(RunError::Taken)
    ));
    let scheduler = bench.start("a", &[&job]);
    sleep(Duration::from_mins(1)).await;
    assert_eq!(job.runs(), [run.slot, at("07:00")]);
    scheduler.stop(GRACE).await;
}
