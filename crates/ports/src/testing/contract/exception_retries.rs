//! How a retry of exceptions goes: read off the exceptions, and off what was tried since.

use hawker_domain::event::{EventOutcome, EventSource, NewEvent};
use hawker_domain::exception::{ErrorClass, RaisedException};
use hawker_domain::ids::{ExceptionId, ProfileId, RetryBatchId};

use super::bench::{Bench, OTHER_PROFILE, PROFILE};
use super::completeness::{note, whole};
use super::holding::placed;
use super::trouble::{clear, of_order, of_profile, raise, raise_each};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::exceptions::Remaining;
use crate::inbox::WorkResult;
use crate::testing::examples::after_noon;
use crate::views::{PageRequest, RetriedRow, RetryProgress};

const NUMBER: &str = "250101AAA";
const OTHER: &str = "250101BBB";
const THIRD: &str = "250101CCC";

/// Each is resolved, failed or waits; item by item and page by page.
pub async fn a_retry_tells_how_it_goes(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let orders = [NUMBER, OTHER, THIRD].map(|number| (number, "sku:A"));
    let ids = raise_each(&bench, &orders, 0).await?;
    let batch = RetryBatchId::fresh(&bench.ids);
    retry(&bench, batch, &ids[..2], 100).await?;
    // A portion of the same batch; what is in it twice is in it once.
    retry(&bench, batch, &ids[1..], 110).await?;
    clear(&bench, OTHER, Remaining::default(), 120).await?;
    let again = of_order(&bench, THIRD, ErrorClass::SkuNotFound, "sku:A");
    raise(&bench, &[again], 130).await?;

    let item = |place: usize, result: &str| RetriedRow {
        exception_id: ids[place].to_string(),
        order_sn: Some(orders[place].0.to_owned()),
        result: result.into(),
        message: "sku_not_found because of sku:A".into(),
    };
    let first = progress(fixture, &bench, batch, 2, None).await?;
    let first = first.expect("it was retried");
    assert_eq!(
        (first.batch, first.at),
        (batch.to_string(), after_noon(100))
    );
    let counts = (first.retried, first.resolved, first.failed, first.waiting);
    assert_eq!(counts, (3, 1, 1, 1));
    assert_eq!(first.items.rows, [item(0, "waiting"), item(1, "resolved")]);
    let rest = progress(fixture, &bench, batch, 2, first.items.next).await?;
    let rest = rest.expect("it was retried");
    assert_eq!(rest.retried, 3, "all are counted on every page");
    assert_eq!(
        (rest.items.rows, rest.items.next),
        (vec![item(2, "failed")], None)
    );
    Ok(())
}

/// What stands is not always told once more: its order was worked on since, its profile looked at.
pub async fn a_retry_that_changed_nothing_failed(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let raised = [
        of_order(&bench, NUMBER, ErrorClass::Oversold, "sku:A"),
        of_order(&bench, NUMBER, ErrorClass::EscrowFetchFailed, "fetch"),
        of_order(&bench, OTHER, ErrorClass::Oversold, "sku:A"),
        of_profile(&bench, PROFILE, "push-signature"),
        of_profile(&bench, OTHER_PROFILE, "push-signature"),
    ];
    raise(&bench, &raised, 0).await?;
    let profile = bench.profile(PROFILE).await?;
    work_on(&bench, NUMBER, 50).await?;
    look_at(&bench, &profile.id, 50).await?;
    let batch = RetryBatchId::fresh(&bench.ids);
    let ids = raised.map(|raised| raised.id);
    retry(&bench, batch, &ids, 100).await?;
    let before = results(fixture, &bench, batch).await?;
    assert_eq!(before, ["waiting"; 5], "what was done before says nothing");

    work_on(&bench, NUMBER, 200).await?;
    look_at(&bench, &profile.id, 200).await?;
    let after = results(fixture, &bench, batch).await?;
    // Work on an order says nothing about its payout.
    assert_eq!(after, ["failed", "waiting", "waiting", "failed", "waiting"]);
    clear(&bench, NUMBER, Remaining::default(), 300).await?;
    let cleared = results(fixture, &bench, batch).await?;
    assert_eq!(cleared[0], "resolved", "by whatever path");
    Ok(())
}

/// It is told once, however often it is compared.
pub async fn a_retry_of_a_day_that_still_differs_when_it_is_compared_failed(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    note(&bench, whole(), &[NUMBER], 10).await?;
    let raised = [
        of_day(&bench, PROFILE, "day:2026-01-05"),
        of_day(&bench, PROFILE, "day:2026-01-04"),
        of_day(&bench, PROFILE, "by hand"),
        of_day(&bench, OTHER_PROFILE, "day:2026-01-05"),
    ];
    raise(&bench, &raised, 20).await?;
    let batch = RetryBatchId::fresh(&bench.ids);
    retry(&bench, batch, &raised.map(|raised| raised.id), 100).await?;
    let before = results(fixture, &bench, batch).await?;
    assert_eq!(before, ["waiting"; 4], "what was found before says nothing");

    note(&bench, whole(), &[NUMBER], 200).await?;
    let after = results(fixture, &bench, batch).await?;
    assert_eq!(after, ["failed", "waiting", "waiting", "waiting"]);
    bench.see(&placed(NUMBER, 60), 300).await?;
    let held = results(fixture, &bench, batch).await?;
    assert_eq!(held[0], "waiting", "it differs no more, and is told soon");
    Ok(())
}

/// Whatever is about to be tried by itself is under way.
pub async fn a_retry_of_a_day_whose_orders_were_asked_for_in_vain_failed(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    note(&bench, whole(), &[NUMBER, OTHER], 10).await?;
    let raised = of_day(&bench, PROFILE, "day:2026-01-05");
    let id = raised.id;
    raise(&bench, &[raised], 20).await?;
    let batch = RetryBatchId::fresh(&bench.ids);
    retry(&bench, batch, &[id], 100).await?;
    let asked = |number| bench.heard_by(EventSource::Manual, number, 100);
    let in_vain = WorkResult::Done(EventOutcome::Unchanged);
    let work = async |event: NewEvent, seconds| {
        let at = after_noon(seconds);
        bench.work_by(event, None, &in_vain, at).await
    };
    work(asked(NUMBER), 110).await?;
    bench.store(&[asked(OTHER)]).await?;
    let one = results(fixture, &bench, batch).await?;
    assert_eq!(one, ["waiting"], "another one is asked for");

    let claimed = bench.must_claim(after_noon(120)).await?;
    bench.finish(&claimed, &in_vain, after_noon(120)).await?;
    let both = results(fixture, &bench, batch).await?;
    assert_eq!(both, ["failed"]);
    Ok(())
}

/// A day whose orders are not complete.
fn of_day(bench: &Bench, profile: &str, cause: &str) -> RaisedException {
    let mut raised = of_profile(bench, profile, cause);
    raised.cause.class = ErrorClass::OrdersMissing;
    raised
}

/// An event of the order is taken up and done.
async fn work_on(bench: &Bench, number: &str, seconds: i64) -> Outcome {
    bench.store(&[bench.push(number, seconds)]).await?;
    let batch = bench.must_claim(after_noon(seconds)).await?;
    let done = WorkResult::Done(EventOutcome::Unchanged);
    bench.finish(&batch, &done, after_noon(seconds)).await
}

async fn look_at(bench: &Bench, profile: &ProfileId, seconds: i64) -> Outcome {
    let mut uow = bench.begin().await?;
    let (now, next) = (after_noon(seconds), after_noon(seconds + 900));
    uow.watches().note_look(profile, next, now).await?;
    uow.commit().await
}

/// The result of each exception of a retry, in the order of their ids.
async fn results(
    fixture: &dyn StoreFixture,
    bench: &Bench,
    batch: RetryBatchId,
) -> Result<Vec<String>, StoreError> {
    let told = progress(fixture, bench, batch, 100, None).await?;
    let told = told.expect("it was retried");
    Ok(told.items.rows.into_iter().map(|row| row.result).collect())
}

pub(super) async fn progress(
    fixture: &dyn StoreFixture,
    bench: &Bench,
    batch: RetryBatchId,
    limit: u32,
    after: Option<String>,
) -> Result<Option<RetryProgress>, StoreError> {
    let page = PageRequest { limit, after };
    let views = fixture.exception_views();
    views.retry_progress(&bench.tenant, batch, &page).await
}

pub(super) async fn retry(
    bench: &Bench,
    batch: RetryBatchId,
    ids: &[ExceptionId],
    seconds: i64,
) -> Outcome {
    let mut uow = bench.begin().await?;
    let desk = uow.exception_desk();
    desk.note_retry(batch, ids, after_noon(seconds)).await?;
    uow.commit().await
}
