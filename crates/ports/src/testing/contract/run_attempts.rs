//! Attempts of a run: those that failed, that were told to wait, that were given back, and those whose
//! process went without a word are told apart.

use super::bench::{LEASE, PROFILE};
use super::runs::{again, claim_this, done, enqueue, finish, must_claim, of_profile, shown};
use super::{Outcome, StoreFixture};
use crate::schedules::AttemptResult;

/// Whatever else its attempts come to.
pub async fn only_failures_of_a_run_are_counted_as_such(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    enqueue(&runs, &[of_profile(1, fixture.tenant(), PROFILE, 0)]).await?;
    let ends = [
        (AttemptResult::Failed, 1),
        (AttemptResult::Postponed, 1),
        (AttemptResult::GivenBack, 1),
        (AttemptResult::Failed, 2),
    ];
    for ((result, failures), number) in ends.into_iter().zip(1..) {
        let seconds = i64::from(number);
        let claimed = must_claim(&runs, number, seconds).await?;
        assert!(finish(&runs, &claimed, &again(result, seconds + 1), seconds).await?);
        let next = claim_this(&runs, 1, 100 + number, seconds + 1).await?;
        let next = next.expect("it waits for another attempt");
        assert_eq!(next.failures, failures, "{result:?}");
        let as_it_was = again(AttemptResult::GivenBack, seconds + 1);
        assert!(finish(&runs, &next, &as_it_was, seconds + 1).await?);
    }
    Ok(())
}

/// A process that goes in an orderly way leaves no trace of it.
pub async fn an_attempt_that_is_given_back_is_not_counted(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    enqueue(&runs, &[of_profile(1, fixture.tenant(), PROFILE, 0)]).await?;
    let claimed = must_claim(&runs, 1, 0).await?;
    finish(&runs, &claimed, &again(AttemptResult::GivenBack, 0), 1).await?;
    assert_eq!(shown(&runs, fixture, 1).await?.attempts, 0);
    let claimed = must_claim(&runs, 2, 1).await?;
    assert_eq!((claimed.attempt, claimed.failures), (1, 0));
    finish(&runs, &claimed, &again(AttemptResult::Postponed, 2), 2).await?;
    assert_eq!(must_claim(&runs, 3, 2).await?.attempt, 2);
    Ok(())
}

/// In a row: an attempt that its process ended begins anew.
pub async fn a_run_tells_how_often_it_was_taken_over(fixture: &dyn StoreFixture) -> Outcome {
    let runs = fixture.schedules();
    enqueue(&runs, &[of_profile(1, fixture.tenant(), PROFILE, 0)]).await?;
    let end = LEASE.num_seconds();
    for (number, taken_over) in (1..).zip([0, 1, 2]) {
        let claimed = must_claim(&runs, number, i64::from(number) * end).await?;
        assert_eq!((claimed.taken_over, claimed.failures), (taken_over, 0));
    }
    let seconds = 4 * end;
    let claimed = must_claim(&runs, 4, seconds).await?;
    assert_eq!(claimed.taken_over, 3);
    finish(
        &runs,
        &claimed,
        &again(AttemptResult::Failed, seconds),
        seconds,
    )
    .await?;
    let claimed = must_claim(&runs, 5, seconds).await?;
    assert_eq!((claimed.taken_over, claimed.failures), (0, 1));
    finish(&runs, &claimed, &done(), seconds).await?;
    Ok(())
}
