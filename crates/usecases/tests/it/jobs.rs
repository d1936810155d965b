//! A person asks for runs of jobs.

use chrono::TimeDelta;
use hawker_domain::completeness::Window;
use hawker_domain::ids::{JobRunId, LeaseId, ProfileId};
use hawker_domain::schedule::JobName;
use hawker_ports::schedules::{RunRow, ScheduleLedger as _};
use hawker_ports::testing::examples::noon;
use hawker_usecases::ManageJobs;
use hawker_usecases::manage_jobs::AskJobError;

use crate::operators::{anna, id, usual};
use crate::world::{PROFILE, World};

impl World {
    async fn ask_job(
        &self,
        job: JobName,
        profile: Option<&ProfileId>,
        window: Option<Window>,
    ) -> Result<JobRunId, AskJobError> {
        let jobs = ManageJobs {
            ledger: self.store.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        };
        jobs.ask(&self.tenant, &anna(), job, profile, window).await
    }

    async fn job_run(&self, run: JobRunId) -> RunRow {
        let found = self.store.run(&self.tenant, run).await.unwrap();
        found.expect("the run")
    }
}

fn yesterday() -> Window {
    Window {
        from: noon() - TimeDelta::days(2),
        to: noon() - TimeDelta::days(1),
    }
}

#[tokio::test]
async fn a_run_of_the_active_profile_is_queued_and_audited() {
    let world = World::new().await;
    let run = world.ask_job(JobName::ReconcileDaily, None, Some(yesterday()));
    let row = world.job_run(run.await.unwrap()).await;
    assert_eq!(
        (row.job.as_str(), row.state.as_str()),
        ("reconcile-daily", "queued")
    );
    assert_eq!(row.profile_id.as_deref(), Some(PROFILE));
    assert_eq!((row.trigger.as_str(), row.slot), ("manual", noon()));
    let window = serde_json::to_value(yesterday().from).unwrap();
    assert_eq!(row.arguments["from"], window);

    let log = world.store.audit_log(&world.tenant).unwrap();
    let entry = log.last().unwrap();
    assert_eq!(
        (entry.action, entry.subject.as_str()),
        ("job.asked", "job:reconcile-daily")
    );
    assert_eq!(entry.details["run"], row.id);
    assert_eq!(entry.details["arguments"], row.arguments);
}

#[tokio::test]
async fn without_a_window_nothing_is_asked_for_but_the_run() {
    let world = World::new().await;
    let profile = usual();
    let run = world.ask_job(JobName::EscrowBackstopDaily, Some(&profile), None);
    let row = world.job_run(run.await.unwrap()).await;
    assert_eq!(row.arguments, serde_json::json!({}));
}

#[tokio::test]
async fn a_job_of_the_installation_takes_no_profile_and_no_window() {
    let world = World::new().await;
    for job in [JobName::LostPushRecovery, JobName::InboxRetention] {
        let row = world
            .job_run(world.ask_job(job, None, None).await.unwrap())
            .await;
        assert_eq!(row.profile_id, None);
        let error = world.ask_job(job, Some(&usual()), None).await.unwrap_err();
        assert!(matches!(error, AskJobError::NotOfAProfile(_)), "{error}");
        let error = world
            .ask_job(job, None, Some(yesterday()))
            .await
            .unwrap_err();
        assert!(matches!(error, AskJobError::NoWindow(_)), "{error}");
    }
}

#[tokio::test]
async fn a_profile_that_does_not_exist_is_named() {
    let world = World::new().await;
    let gone = id("prof_gone");
    let asked = world
        .ask_job(JobName::ReconcileDaily, Some(&gone), None)
        .await;
    let error = asked.unwrap_err();
    assert_eq!(error.to_string(), "there is no profile `prof_gone`");
    assert!(world.store.audit_log(&world.tenant).unwrap().is_empty());
}

#[tokio::test]
async fn a_window_that_is_none_is_refused() {
    let world = World::new().await;
    let backwards = Window {
        from: yesterday().to,
        to: yesterday().from,
    };
    let to_come = Window {
        from: noon() + TimeDelta::hours(1),
        to: noon() + TimeDelta::hours(2),
    };
    for window in [backwards, to_come] {
        let asked = world
            .ask_job(JobName::ReconcileDaily, None, Some(window))
            .await;
        assert!(matches!(asked, Err(AskJobError::BadWindow)));
    }
}

#[tokio::test]
async fn whoever_asks_for_what_waits_already_means_that_run() {
    let world = World::new().await;
    let job = JobName::ReconcileDaily;
    let first = world.ask_job(job, None, None).await.unwrap();
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(world.ask_job(job, None, None).await.unwrap(), first);
    let another = world.ask_job(job, None, Some(yesterday())).await.unwrap();
    assert_ne!(another, first, "of another stretch of time");

    // What has begun looks at what there was: whoever asks now wants to know what there is.
    let (lease, now) = (LeaseId::fresh(&*world.ids), world.now());
    let claimed = world.store.claim_this(first, "another", lease, now, now);
    assert!(claimed.await.unwrap().is_some());
    world.clock.advance(TimeDelta::seconds(1));
    let next = world.ask_job(job, None, None).await.unwrap();
    assert_ne!(next, first);
}
