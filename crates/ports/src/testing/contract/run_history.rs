//! Runs as a person sees them, and how long they are remembered.

use std::slice::from_ref;
use std::time::Duration;

use hawker_domain::schedule::{JobScope, RunState, RunTrigger};
use serde_json::json;

use super::bench::PROFILE;
use super::runs::{
    JOB, OTHER_JOB, all_pages, counts, done, enqueue, finish, id, must_claim, of_profile, scope_of,
    shown,
};
use super::{Outcome, StoreFixture};
use crate::schedules::{AttemptResult, NewRun, RunEnd, RunFilter, RunRow, WITHHELD};
use crate::testing::examples::{after_noon, noon};
use crate::views::PageRequest;

/// From the first attempt to the last.
pub async fn a_run_is_shown_as_it_went(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    let new = NewRun {
        trigger: RunTrigger::Manual,
        arguments: json!({"from": "2026-01-01T00:00:00Z"}),
        ..of_profile(1, fixture.tenant(), PROFILE, 5)
    };
    enqueue(&runs, &[new]).await?;
    let claimed = must_claim(&runs, 1, 10).await?;
    let end = RunEnd {
        result: AttemptResult::Failed,
        state: RunState::Failed,
        again_at: None,
        counts: counts(&[("listed", 120), ("pages", 2)]),
        error: Some("the shop has to be authorised again".into()),
        took: Duration::from_millis(2_500),
    };
    finish(&runs, &claimed, &end, 20).await?;
    let expected = RunRow {
        id: id(1).to_string(),
        job: "reconcile-daily".into(),
        profile_id: Some(PROFILE.into()),
        slot: after_noon(5),
        trigger: "manual".into(),
        arguments: json!({"from": "2026-01-01T00:00:00Z"}),
        state: "failed".into(),
        attempts: 1,
        started_at: Some(after_noon(10)),
        finished_at: Some(after_noon(20)),
        took_ms: Some(2_500),
        counts: json!({"listed": 120, "pages": 2}),
        error: Some("the shop has to be authorised again".into()),
        next_attempt_at: None,
        process: Some("process 1".into()),
    };
    assert_eq!(shown(&runs, fixture, 1).await?, expected);
    Ok(())
}

/// A tenant sees its own runs and those of the whole installation, and no one else's.
pub async fn runs_are_listed_for_a_tenant_newest_first_and_page_by_page(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let runs = fixture.schedules();
    let ours = |number, seconds| of_profile(number, fixture.tenant(), PROFILE, seconds);
    let new = [
        ours(1, 0),
        NewRun {
            job: OTHER_JOB,
            scope: JobScope::Installation,
            ..ours(2, 0)
        },
        of_profile(3, fixture.other_tenant(), "scp_theirs", 0),
        ours(4, 60),
        ours(5, 120),
    ];
    for (run, seconds) in new.iter().zip(1..) {
        runs.enqueue(from_ref(run), after_noon(seconds)).await?;
    }
    let claimed = must_claim(&runs, 1, 100).await?;
    assert_eq!(claimed.run.id, id(1));
    let all = RunFilter::default;
    let of_job = |job| RunFilter {
        job: Some(job),
        ..all()
    };
    let in_state = |state| RunFilter {
        state: Some(state),
        ..all()
    };
    for (tenant, filter, expected) in [
        (fixture.tenant(), all(), &[5, 4, 2, 1][..]),
        (fixture.other_tenant(), all(), &[3, 2]),
        (fixture.tenant(), of_job(OTHER_JOB), &[2]),
        (fixture.tenant(), in_state(RunState::Running), &[1]),
        (fixture.tenant(), in_state(RunState::Queued), &[5, 4, 2]),
        (fixture.tenant(), in_state(RunState::Failed), &[]),
    ] {
        let expected: Vec<_> = expected
            .iter()
            .map(|number| id(*number).to_string())
            .collect();
        let told = all_pages(&runs, &tenant, &filter).await?;
        assert_eq!(told, expected, "{tenant} {filter:?}");
    }
    let theirs = runs.run(&fixture.tenant(), id(3)).await?;
    assert_eq!(theirs, None);
    let everyones = runs.run(&fixture.other_tenant(), id(2)).await?;
    assert!(everyones.is_some_and(|run| run.profile_id.is_none()));
    Ok(())
}

/// But never what tells until when there were slots, and nothing that is not over.
pub async fn runs_that_were_over_long_ago_are_forgotten(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    let ours = |number, seconds| of_profile(number, fixture.tenant(), PROFILE, seconds);
    for (run, seconds) in [(ours(1, 0), 0), (ours(2, 60), 60), (ours(3, 120), 120)] {
        enqueue(&runs, &[run]).await?;
        let claimed = must_claim(&runs, 1, seconds).await?;
        finish(&runs, &claimed, &done(), seconds + 10).await?;
    }
    enqueue(&runs, &[of_profile(4, fixture.tenant(), "scp_second", 0)]).await?;
    assert_eq!(runs.forget(after_noon(70)).await?, 1, "one was over before");
    assert_eq!(runs.forget(after_noon(1_000_000)).await?, 1);
    assert_eq!(runs.forget(after_noon(1_000_000)).await?, 0);
    let all = RunFilter::default();
    let mut left = all_pages(&runs, &fixture.tenant(), &all).await?;
    left.sort();
    assert_eq!(left, [id(3).to_string(), id(4).to_string()]);
    Ok(())
}

/// A slot that was run must not look like one that was missed because somebody ran the job since.
pub async fn the_latest_slot_is_known_whatever_is_forgotten(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    let slot = of_profile(1, fixture.tenant(), PROFILE, 0);
    let asked_for = NewRun {
        trigger: RunTrigger::Manual,
        ..of_profile(2, fixture.tenant(), PROFILE, 60)
    };
    for (run, seconds) in [(slot, 0), (asked_for, 60)] {
        enqueue(&runs, &[run]).await?;
        let claimed = must_claim(&runs, 1, seconds).await?;
        finish(&runs, &claimed, &done(), seconds + 10).await?;
    }
    runs.forget(after_noon(1_000_000)).await?;
    let latest = runs.latest_slots(JOB).await?;
    assert_eq!(latest, [(scope_of(fixture.tenant(), PROFILE), noon())]);
    Ok(())
}

/// However many runs there were of others in the meantime.
pub async fn the_newest_run_of_each_scope_is_told(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    assert_eq!(runs.latest_runs(&fixture.tenant()).await?, []);
    let ours = |number, profile, seconds| of_profile(number, fixture.tenant(), profile, seconds);
    let manual = NewRun {
        trigger: RunTrigger::Manual,
        ..ours(3, PROFILE, 120)
    };
    let everyones = |number, seconds| NewRun {
        job: OTHER_JOB,
        scope: JobScope::Installation,
        ..ours(number, PROFILE, seconds)
    };
    let new = [
        ours(1, PROFILE, 60),
        ours(2, PROFILE, 0),
        manual,
        ours(4, "scp_second", 0),
        everyones(5, 900),
        everyones(6, 300),
        of_profile(7, fixture.other_tenant(), "scp_theirs", 600),
    ];
    enqueue(&runs, &new).await?;
    for (tenant, expected) in [
        (fixture.tenant(), &[5, 3, 4][..]),
        (fixture.other_tenant(), &[5, 7]),
    ] {
        let expected: Vec<_> = expected
            .iter()
            .map(|number| id(*number).to_string())
            .collect();
        let told = runs.latest_runs(&tenant).await?.into_iter();
        assert_eq!(told.map(|run| run.id).collect::<Vec<_>>(), expected);
    }
    let slot_passed = runs.latest_slots(JOB).await?;
    let ours = scope_of(fixture.tenant(), PROFILE);
    assert!(
        slot_passed.contains(&(ours, after_noon(60))),
        "{slot_passed:?}"
    );
    Ok(())
}

/// It counts and names what belongs to all of them.
pub async fn a_run_for_several_tenants_tells_none_of_them_the_details(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let runs = fixture.schedules();
    let everyones = NewRun {
        scope: JobScope::Installation,
        ..of_profile(1, fixture.tenant(), PROFILE, 0)
    };
    enqueue(&runs, &[everyones]).await?;
    let claimed = must_claim(&runs, 1, 0).await?;
    let end = RunEnd {
        result: AttemptResult::Failed,
        state: RunState::Failed,
        counts: counts(&[("stored", 12)]),
        error: Some("app 1000001: the partner key of profile scp_theirs cannot be read".into()),
        ..done()
    };
    finish(&runs, &claimed, &end, 1).await?;
    for tenant in [fixture.tenant(), fixture.other_tenant()] {
        let all = RunFilter::default();
        let page = PageRequest {
            limit: 10,
            after: None,
        };
        let mut told = runs.runs(&tenant, &all, &page).await?.rows;
        told.extend(runs.run(&tenant, id(1)).await?);
        told.extend(runs.latest_runs(&tenant).await?);
        assert_eq!(told.len(), 3);
        for run in told {
            assert_eq!(run.error.as_deref(), Some(WITHHELD));
            assert_eq!((run.counts, run.state.as_str()), (json!({}), "failed"));
        }
    }
    Ok(())
}
