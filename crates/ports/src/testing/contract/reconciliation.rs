//! What the marketplace lists is compared with what is held; how far that went is never forgotten.

use hawker_domain::event::{EventOutcome, EventSource, NewEvent};
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_domain::{Environment, Timestamp};

use super::bench::{Bench, OTHER_PROFILE, PROFILE, key};
use super::holding::{orders, orders_of, placed};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::inbox::WorkResult;
use crate::reconciliation::{Comparison, Difference, OrdersOf, Watermark};
use crate::recovery::ListedOrder;
use crate::testing::examples::{after_noon, forged, noon, order_sn, profile_id, sku};

const NUMBER: &str = "250101AAA";

/// Everything of it is still to be compared.
pub async fn a_profile_that_was_never_compared_has_no_watermark(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    assert_eq!(watermark(&bench, PROFILE).await?, Watermark::default());
    Ok(())
}

/// Neither of both, and what is not said leaves what was said.
pub async fn a_watermark_never_moves_back(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for (updated, created, expected) in [
        (Some(10), None, mark(Some(10), None)),
        (None, Some(20), mark(Some(10), Some(20))),
        (Some(5), Some(30), mark(Some(10), Some(30))),
        (Some(40), Some(7), mark(Some(40), Some(30))),
        (None, None, mark(Some(40), Some(30))),
    ] {
        advance(&bench, PROFILE, mark(updated, created)).await?;
        assert_eq!(watermark(&bench, PROFILE).await?, expected);
    }
    Ok(())
}

/// However alike their shops are.
pub async fn a_watermark_is_of_one_profile(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    advance(&bench, PROFILE, mark(Some(10), Some(20))).await?;
    advance(&bench, OTHER_PROFILE, mark(Some(5), None)).await?;
    assert_eq!(watermark(&bench, PROFILE).await?, mark(Some(10), Some(20)));
    assert_eq!(watermark(&bench, OTHER_PROFILE).await?, mark(Some(5), None));
    assert_eq!(watermark(&theirs, PROFILE).await?, Watermark::default());
    Ok(())
}

/// Whether nobody has heard of it, or somebody has and could not see it.
pub async fn an_order_that_was_never_seen_is_missing(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let unseen = WorkResult::Done(EventOutcome::Unchanged);
    bench
        .work_by(bench.push("250101BBB", 0), None, &unseen, noon())
        .await?;
    let listed = [listed(NUMBER, None), listed("250101BBB", None)];
    let expected = Comparison {
        differing: vec![
            (order_sn(NUMBER), Difference::Missing),
            (order_sn("250101BBB"), Difference::Missing),
        ],
        ..Comparison::default()
    };
    assert_eq!(compare(&bench, &listed, None).await?, expected);
    Ok(())
}

/// A status that the list does not tell says nothing.
pub async fn an_order_with_another_status_differs(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.see(&placed(NUMBER, 60), 0).await?;
    for (status, difference) in [
        (None, None),
        (Some(OrderStatus::ReadyToShip), None),
        (Some(OrderStatus::Shipped), Some(Difference::OtherStatus)),
        (
            Some(OrderStatus::Other("MADE_UP".into())),
            Some(Difference::OtherStatus),
        ),
    ] {
        let compared = compare(&bench, &[listed(NUMBER, status.clone())], None).await?;
        assert_eq!(compared, only(difference), "{status:?}");
    }
    Ok(())
}

/// The list does not tell when it changed: whatever its status and its own time are, it may have changed
/// after it was fetched. Something older that comes later, from a copy that lags behind, tells nothing.
pub async fn an_order_that_was_fetched_before_the_window_ended_differs(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let told = OrderSnapshot {
        updated_at: after_noon(90),
        ..placed(NUMBER, 60)
    };
    bench.see(&told, 100).await?;
    let lagging = OrderSnapshot {
        updated_at: after_noon(80),
        ..placed(NUMBER, 60)
    };
    bench.see(&lagging, 120).await?;
    let same = listed(NUMBER, Some(OrderStatus::ReadyToShip));
    for (since, difference) in [
        (None, None),
        (Some(99), None),
        (Some(100), None),
        (Some(101), Some(Difference::Older)),
    ] {
        let since = since.map(after_noon);
        let compared = compare(&bench, std::slice::from_ref(&same), since).await?;
        assert_eq!(compared, only(difference), "{since:?}");
    }
    bench.see(&told, 130).await?;
    let compared = compare(&bench, &[same], Some(after_noon(130))).await?;
    assert_eq!(compared, only(None), "fetched again, and unchanged");
    Ok(())
}

/// It is to be fetched already: asked for since, being worked on, or to be tried again later.
pub async fn an_order_that_an_event_waits_for_is_not_asked_for_again(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let waiting = Comparison {
        waiting: 1,
        ..Comparison::default()
    };
    let page = [listed(NUMBER, None)];
    bench.store(&[bench.push(NUMBER, 0)]).await?;
    assert_eq!(compare(&bench, &page, None).await?, waiting, "due");
    let batch = bench.must_claim(noon()).await?;
    assert_eq!(compare(&bench, &page, None).await?, waiting, "leased");
    let later = WorkResult::TryAgain {
        at: after_noon(600),
    };
    bench.finish(&batch, &later, after_noon(1)).await?;
    assert_eq!(compare(&bench, &page, None).await?, waiting, "tried again");
    Ok(())
}

/// Nothing else would ever fetch it: the event that gave up and the one that cannot be trusted wait
/// for a person.
pub async fn an_order_that_nothing_is_tried_for_is_asked_for_again(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench
        .work_by(
            bench.push("250101BBB", 0),
            None,
            &WorkResult::GaveUp,
            noon(),
        )
        .await?;
    let held = WorkResult::Held {
        missing_skus: vec![sku("MISSING-1")],
    };
    let told = placed("250101CCC", 60);
    bench
        .work_by(
            bench.push("250101CCC", 1),
            Some(&told),
            &held,
            after_noon(1),
        )
        .await?;
    let forgery = forged(&bench.push("250101DDD", 2), &bench.ids);
    bench.store(&[forgery]).await?;
    let page = [
        listed("250101BBB", None),
        listed("250101CCC", Some(OrderStatus::Cancelled)),
        listed("250101DDD", None),
    ];
    let compared = compare(&bench, &page, None).await?;
    let expected = Comparison {
        differing: vec![
            (order_sn("250101BBB"), Difference::Missing),
            (order_sn("250101CCC"), Difference::OtherStatus),
            (order_sn("250101DDD"), Difference::Missing),
        ],
        ..Comparison::default()
    };
    assert_eq!(compared, expected);
    Ok(())
}

/// Pages overlap while orders change.
pub async fn an_order_that_is_listed_twice_is_one_difference(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.see(&placed("250101BBB", 60), 0).await?;
    let page = [
        listed(NUMBER, None),
        listed("250101BBB", None),
        listed(NUMBER, None),
        listed("250101BBB", None),
    ];
    let expected = Comparison {
        agreeing: 1,
        ..only(Some(Difference::Missing))
    };
    assert_eq!(compare(&bench, &page, None).await?, expected);
    Ok(())
}

/// And nothing is wrong where nothing is listed.
pub async fn an_empty_page_differs_in_nothing(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.see(&placed(NUMBER, 60), 0).await?;
    assert_eq!(compare(&bench, &[], None).await?, Comparison::default());
    Ok(())
}

/// The number is the same, the order is not. One that another profile holds is fetched for this one,
/// and is this one's from then on: the shop was connected anew.
pub async fn orders_are_compared_within_their_environment_tenant_and_profile(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    bench.see(&placed(NUMBER, 60), 0).await?;
    let page = [listed(NUMBER, Some(OrderStatus::ReadyToShip))];
    let live = OrdersOf {
        environment: Environment::Live,
        ..orders()
    };
    for (bench, of, difference) in [
        (&bench, orders(), None),
        (&bench, orders_of(OTHER_PROFILE), Some(Difference::Missing)),
        (&bench, live, Some(Difference::Missing)),
        (&theirs, orders(), Some(Difference::Missing)),
    ] {
        let mut uow = bench.begin().await?;
        let compared = uow.reconciliation().compare(&of, &page, None).await?;
        assert_eq!(compared, only(difference), "{of:?}");
    }
    let event = NewEvent {
        profile: Some(profile_id(OTHER_PROFILE)),
        ..bench.push(NUMBER, 10)
    };
    bench
        .see_by(event, &placed(NUMBER, 60), after_noon(10))
        .await?;
    let mut uow = bench.begin().await?;
    let theirs = orders_of(OTHER_PROFILE);
    let compared = uow.reconciliation().compare(&theirs, &page, None).await?;
    assert_eq!(compared, only(None));
    Ok(())
}

/// An order that is asked for by a hint of ours is waited for, and agrees once it was seen.
pub async fn an_order_that_was_missing_agrees_once_it_was_fetched(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let page = [listed(NUMBER, Some(OrderStatus::ReadyToShip))];
    let hint = NewEvent::own_hint(
        &key(NUMBER),
        profile_id(PROFILE),
        EventSource::Reconcile,
        noon(),
        &bench.ids,
    );
    assert_eq!(
        compare(&bench, &page, None).await?,
        only(Some(Difference::Missing))
    );
    let told = placed(NUMBER, 60);
    bench.see_by(hint, &told, noon()).await?;
    assert_eq!(compare(&bench, &page, Some(noon())).await?, only(None));
    Ok(())
}

fn listed(number: &str, status: Option<OrderStatus>) -> ListedOrder {
    ListedOrder {
        order_sn: order_sn(number),
        status,
    }
}

/// What comparing [`NUMBER`] alone comes to.
fn only(difference: Option<Difference>) -> Comparison {
    Comparison {
        agreeing: u64::from(difference.is_none()),
        differing: difference
            .map(|difference| (order_sn(NUMBER), difference))
            .into_iter()
            .collect(),
        waiting: 0,
    }
}

fn mark(updated: Option<i64>, created: Option<i64>) -> Watermark {
    Watermark {
        updated_until: updated.map(after_noon),
        created_until: created.map(after_noon),
    }
}

async fn watermark(bench: &Bench, profile: &str) -> Result<Watermark, StoreError> {
    let mut uow = bench.begin().await?;
    uow.reconciliation().watermark(&profile_id(profile)).await
}

async fn advance(bench: &Bench, profile: &str, mark: Watermark) -> Outcome {
    let mut uow = bench.begin().await?;
    uow.reconciliation()
        .advance(&profile_id(profile), mark, after_noon(100))
        .await?;
    uow.commit().await
}

async fn compare(
    bench: &Bench,
    listed: &[ListedOrder],
    fetched_since: Option<Timestamp>,
) -> Result<Comparison, StoreError> {
    let mut uow = bench.begin().await?;
    uow.reconciliation()
        .compare(&orders(), listed, fetched_since)
        .await
}
