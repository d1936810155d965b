//! Runs of jobs: one for each slot, never two of one scope at once, and none that is lost with its process.

use std::slice::from_ref;
use std::sync::Arc;

use hawker_domain::schedule::{JobScope, RunState, RunTrigger};
use serde_json::json;

use super::bench::{LEASE, PROFILE};
use super::crowd::{MANY, at_once};
use super::runs::{
    JOB, OTHER_JOB, again, claim, claim_this, counts, done, enqueue, finish, id, lease, must_claim,
    of_profile, scope_of, shown,
};
use super::{Outcome, StoreFixture};
use crate::schedules::{AttemptResult, ClaimedRun, NewRun, RunEnd};
use crate::testing::examples::{after_noon, noon};

/// Its trigger tells a run that somebody asked for from that of a slot.
pub async fn a_slot_has_one_run_whoever_asks_for_it(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    let first = of_profile(1, fixture.tenant(), PROFILE, 0);
    let repeated = NewRun {
        id: id(2),
        ..first.clone()
    };
    assert_eq!(enqueue(&runs, from_ref(&first)).await?, 1);
    let asked_for = NewRun {
        id: id(3),
        trigger: RunTrigger::Manual,
        ..first.clone()
    };
    let later = NewRun {
        id: id(4),
        slot: after_noon(60),
        ..first.clone()
    };
    let other_scope = of_profile(5, fixture.tenant(), "scp_second", 0);
    let other_job = NewRun {
        id: id(6),
        job: OTHER_JOB,
        ..first.clone()
    };
    let new = [repeated.clone(), asked_for, later, other_scope, other_job];
    assert_eq!(enqueue(&runs, &new).await?, 4);
    assert_eq!(enqueue(&runs, &new).await?, 0);
    let shown = runs.run(&fixture.tenant(), repeated.id).await?;
    assert_eq!(shown, None);
    Ok(())
}

/// Every process comes to the slot at the same time.
pub async fn of_many_that_enqueue_a_slot_one_does(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    let processes = (1..).take(MANY).map(|number| {
        let (runs, tenant) = (Arc::clone(&runs), fixture.tenant());
        async move { enqueue(&runs, &[of_profile(number, tenant, PROFILE, 0)]).await }
    });
    let added: u64 = at_once(processes).await.into_iter().sum::<Result<_, _>>()?;
    assert_eq!(added, 1);
    Ok(())
}

/// By scope; what somebody asked for is no slot.
pub async fn the_latest_slot_of_each_scope_is_told(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    assert_eq!(runs.latest_slots(JOB).await?, []);
    let theirs = scope_of(fixture.other_tenant(), "scp_theirs");
    let new = [
        of_profile(1, fixture.tenant(), PROFILE, 100),
        of_profile(2, fixture.tenant(), PROFILE, 50),
        NewRun {
            trigger: RunTrigger::Manual,
            ..of_profile(3, fixture.tenant(), PROFILE, 500)
        },
        NewRun {
            scope: theirs.clone(),
            ..of_profile(4, fixture.tenant(), PROFILE, 70)
        },
        NewRun {
            scope: JobScope::Installation,
            ..of_profile(5, fixture.tenant(), PROFILE, 30)
        },
        NewRun {
            job: OTHER_JOB,
            ..of_profile(6, fixture.tenant(), PROFILE, 900)
        },
    ];
    enqueue(&runs, &new).await?;
    let mut latest = runs.latest_slots(JOB).await?;
    latest.sort();
    let mut expected = vec![
        (JobScope::Installation, after_noon(30)),
        (scope_of(fixture.tenant(), PROFILE), after_noon(100)),
        (theirs, after_noon(70)),
    ];
    expected.sort();
    assert_eq!(latest, expected);
    Ok(())
}

/// As it was enqueued, and of the job that was asked for.
pub async fn the_run_that_waits_longest_is_claimed_first(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    assert_eq!(claim(&runs, 1, 0).await?, None);
    let arguments = json!({"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"});
    let second = NewRun {
        arguments,
        trigger: RunTrigger::Manual,
        ..of_profile(1, fixture.tenant(), "scp_second", 3)
    };
    let first = of_profile(2, fixture.tenant(), PROFILE, 2);
    let other_job = NewRun {
        job: OTHER_JOB,
        scope: JobScope::Installation,
        ..of_profile(3, fixture.tenant(), PROFILE, 1)
    };
    for (run, seconds) in [(&other_job, 1), (&first, 2), (&second, 3)] {
        let added = runs.enqueue(from_ref(run), after_noon(seconds)).await?;
        assert_eq!(added, 1);
    }
    assert_eq!(claim(&runs, 9, 1).await?, None, "nothing of the job is due");
    for (number, run) in [(1, first), (2, second)] {
        let claimed = ClaimedRun {
            run,
            lease: lease(number),
            attempt: 1,
            failures: 0,
            taken_over: 0,
            reached: None,
        };
        assert_eq!(claim(&runs, number, 10).await?, Some(claimed));
    }
    assert_eq!(claim(&runs, 3, 10).await?, None);
    Ok(())
}

/// A second run of the same scope waits for the first, whatever became due in the meantime.
pub async fn never_are_two_runs_of_a_scope_claimed(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    let slot = of_profile(1, fixture.tenant(), PROFILE, 0);
    let asked_for = NewRun {
        trigger: RunTrigger::Manual,
        ..of_profile(2, fixture.tenant(), PROFILE, 0)
    };
    let other = of_profile(3, fixture.tenant(), "scp_second", 0);
    let other_job = NewRun {
        job: OTHER_JOB,
        ..of_profile(4, fixture.tenant(), PROFILE, 0)
    };
    enqueue(&runs, &[slot, asked_for, other, other_job]).await?;
    let first = must_claim(&runs, 1, 0).await?;
    let second = must_claim(&runs, 2, 0).await?;
    assert_eq!([first.run.id, second.run.id], [id(1), id(3)]);
    assert_eq!(claim(&runs, 3, 0).await?, None);
    assert_eq!(claim_this(&runs, 2, 3, 0).await?, None);
    let unrelated = runs
        .claim(OTHER_JOB, "process", lease(4), noon(), noon() + LEASE)
        .await?;
    assert!(unrelated.is_some(), "another job does not matter");
    finish(&runs, &first, &done(), 10).await?;
    assert_eq!(must_claim(&runs, 5, 10).await?.run.id, id(2));
    Ok(())
}

/// They come at the same time, to two runs of one scope.
pub async fn of_many_processes_one_runs_a_scope(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    let new = [
        of_profile(1, fixture.tenant(), PROFILE, 0),
        of_profile(2, fixture.tenant(), PROFILE, 60),
    ];
    enqueue(&runs, &new).await?;
    let processes = (1..).take(MANY).map(|number| {
        let runs = Arc::clone(&runs);
        async move { claim(&runs, number, 0).await }
    });
    let claimed: Result<Vec<_>, _> = at_once(processes).await.into_iter().collect();
    let claimed: Vec<_> = claimed?.into_iter().flatten().collect();
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    Ok(())
}

/// Whoever asked for it waits at the command line; it need not be its turn.
pub async fn a_run_is_claimed_by_its_id_if_it_is_queued(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    let new = [
        of_profile(1, fixture.tenant(), "scp_second", 0),
        of_profile(2, fixture.tenant(), PROFILE, 0),
    ];
    enqueue(&runs, &new).await?;
    assert_eq!(claim_this(&runs, 9, 1, 0).await?, None, "there is none");
    let claimed = claim_this(&runs, 2, 1, 0).await?.expect("it is queued");
    assert_eq!((claimed.run.id, claimed.attempt), (id(2), 1));
    assert_eq!(claim_this(&runs, 2, 2, 0).await?, None, "it runs");
    finish(&runs, &claimed, &done(), 10).await?;
    assert_eq!(claim_this(&runs, 2, 3, 20).await?, None, "it is over");
    Ok(())
}

/// It counts as another attempt, and comes before whatever else the scope has.
pub async fn a_run_of_a_process_that_died_is_taken_over(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    let new = [
        of_profile(1, fixture.tenant(), PROFILE, 0),
        of_profile(2, fixture.tenant(), PROFILE, 60),
    ];
    enqueue(&runs, &new).await?;
    must_claim(&runs, 1, 0).await?;
    let end = LEASE.num_seconds();
    assert_eq!(claim(&runs, 2, end - 1).await?, None);
    let taken = must_claim(&runs, 3, end).await?;
    assert_eq!((taken.run.id, taken.attempt), (id(1), 2));
    assert_eq!(claim(&runs, 4, end).await?, None);
    Ok(())
}

/// With every sign of life.
pub async fn a_run_that_is_kept_alive_is_not_taken_over(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    enqueue(&runs, &[of_profile(1, fixture.tenant(), PROFILE, 0)]).await?;
    let claimed = must_claim(&runs, 1, 0).await?;
    let end = LEASE.num_seconds();
    let until = after_noon(3 * end);
    let so_far = counts(&[("pages", 2)]);
    let still_ours = runs
        .keep_alive(claimed.run.id, claimed.lease, &so_far, None, until)
        .await?;
    assert!(still_ours);
    assert_eq!(claim(&runs, 2, 2 * end).await?, None);
    let row = shown(&runs, fixture, 1).await?;
    assert_eq!(row.state, "running");
    assert_eq!(row.counts, json!({"pages": 2}));
    assert!(claim(&runs, 3, 3 * end).await?.is_some());
    Ok(())
}

/// And what a sign of life without a word of it leaves as it is.
pub async fn what_a_run_reached_is_told_to_its_next_attempt(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    enqueue(&runs, &[of_profile(1, fixture.tenant(), PROFILE, 0)]).await?;
    let first = must_claim(&runs, 1, 0).await?;
    assert_eq!(first.reached, None);
    let reached = json!({"updated_until": "2026-11-01T00:00:00Z", "counts": {"pages": 2}});
    for told in [Some(&reached), None] {
        let so_far = counts(&[("pages", 2)]);
        let until = after_noon(60);
        let kept = runs.keep_alive(first.run.id, first.lease, &so_far, told, until);
        assert!(kept.await?);
    }
    let failed = again(AttemptResult::Failed, 300);
    finish(&runs, &first, &failed, 10).await?;
    let second = must_claim(&runs, 2, 300).await?;
    assert_eq!(second.reached, Some(reached.clone()));
    let gone = 300 + LEASE.num_seconds();
    let third = must_claim(&runs, 3, gone).await?;
    assert_eq!(third.reached, Some(reached), "also where its process died");
    Ok(())
}

/// Another process has the run: what the first one says of it no longer counts.
pub async fn a_claim_that_was_lost_tells_nothing(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    enqueue(&runs, &[of_profile(1, fixture.tenant(), PROFILE, 0)]).await?;
    let lost = must_claim(&runs, 1, 0).await?;
    let end = LEASE.num_seconds();
    let held = must_claim(&runs, 2, end).await?;
    let so_far = counts(&[("pages", 99)]);
    let until = after_noon(9_000);
    let still_ours = runs
        .keep_alive(lost.run.id, lost.lease, &so_far, None, until)
        .await?;
    assert!(!still_ours);
    let still_ours = finish(&runs, &lost, &done(), end + 1).await?;
    assert!(!still_ours);
    let row = shown(&runs, fixture, 1).await?;
    assert_eq!((row.state.as_str(), row.finished_at), ("running", None));
    assert_ne!(row.counts, json!({"pages": 99}));
    assert!(finish(&runs, &held, &done(), end + 2).await?);
    let row = shown(&runs, fixture, 1).await?;
    assert_eq!(row.state, "done");
    assert_eq!(row.finished_at, Some(after_noon(end + 2)));
    let still_ours = runs
        .keep_alive(held.run.id, held.lease, &so_far, None, until)
        .await?;
    assert!(!still_ours, "it is over");
    Ok(())
}

/// And not before.
pub async fn a_run_that_is_tried_again_is_due_at_its_time(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    enqueue(&runs, &[of_profile(1, fixture.tenant(), PROFILE, 0)]).await?;
    let claimed = must_claim(&runs, 1, 0).await?;
    let again = again(AttemptResult::Failed, 300);
    finish(&runs, &claimed, &again, 10).await?;
    let row = shown(&runs, fixture, 1).await?;
    assert_eq!((row.state.as_str(), row.finished_at), ("queued", None));
    assert_eq!(row.next_attempt_at, Some(after_noon(300)));
    assert_eq!(row.error.as_deref(), Some("the marketplace did not answer"));
    assert_eq!(claim(&runs, 2, 299).await?, None);
    let claimed = must_claim(&runs, 3, 300).await?;
    assert_eq!(claimed.attempt, 2);
    finish(&runs, &claimed, &done(), 310).await?;
    assert_eq!(shown(&runs, fixture, 1).await?.error, None);
    Ok(())
}

/// Nothing comes of it by itself.
pub async fn a_run_that_is_over_is_not_claimed_again(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    let over = [
        RunState::Done,
        RunState::Failed,
        RunState::Panicked,
        RunState::TimedOut,
    ];
    for (number, state) in (1..).zip(over) {
        let slot = 60 * i64::from(number);
        enqueue(
            &runs,
            &[of_profile(number, fixture.tenant(), PROFILE, slot)],
        )
        .await?;
        let claimed = must_claim(&runs, number, 0).await?;
        let end = RunEnd { state, ..done() };
        finish(&runs, &claimed, &end, 10).await?;
        let row = shown(&runs, fixture, number).await?;
        assert_eq!(row.state, state.as_str());
        assert_eq!(row.next_attempt_at, None);
        assert_eq!(claim(&runs, number, 1_000_000).await?, None, "{state}");
    }
    Ok(())
}
