//! For each day, what the marketplace lists and what is held: in parts, again and again, and told as it
//! is now.

use chrono::{NaiveDate, TimeDelta};
use hawker_domain::completeness::{Day, Window};
use hawker_domain::event::{EventSource, NewEvent};
use hawker_domain::{Timestamp, Zone};

use super::bench::{Bench, OTHER_PROFILE, PROFILE};
use super::holding::{orders, orders_of, placed};
use super::standing::unasked;
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::reconciliation::{DayDifference, StandingDifference, Watermark};
use crate::testing::examples::{after_noon, noon, order_sn, profile_id};
use crate::views::{CompletenessQuery, CompletenessRow, MissingOrders};

/// Either way round.
pub async fn a_day_differs_in_what_one_side_alone_has(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.see(&placed("250101AAA", 60), 0).await?;
    bench.see(&placed("250101BBB", 30), 1).await?;
    let differs = note(&bench, whole(), &["250101AAA", "250101CCC"], 10).await?;
    assert_eq!(differs, difference(&["250101CCC"], &["250101BBB"]));
    let row = today(fixture, &bench).await?;
    assert_eq!((row.listed, row.held), (Some(2), 2));
    assert_eq!((row.missing, row.unlisted), (1, 1));
    assert_eq!(row.checked_at, Some(after_noon(10)));
    Ok(())
}

/// An order belongs to the day on which it was placed, of whichever day the others are.
pub async fn only_what_was_placed_within_the_part_is_expected_on_its_list(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    // The part ends at ten: one before its beginning, the first and the last of it, one at its end.
    for (number, minutes_before) in [
        ("250101AAA", 721),
        ("250101BBB", 720),
        ("250101CCC", 121),
        ("250101DDD", 120),
    ] {
        bench.see(&placed(number, minutes_before), 0).await?;
    }
    let differs = note(&bench, part(0, 10), &[], 10).await?;
    assert_eq!(differs, difference(&[], &["250101BBB", "250101CCC"]));
    Ok(())
}

/// An order is another profile's, or another environment's.
pub async fn orders_of_another_profile_are_not_expected_on_the_list(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let other = NewEvent {
        profile: Some(profile_id(OTHER_PROFILE)),
        ..bench.push("250101AAA", 0)
    };
    bench
        .see_by(other, &placed("250101AAA", 60), noon())
        .await?;
    let differs = note(&bench, whole(), &[], 10).await?;
    assert_eq!(differs, DayDifference::default());
    assert_eq!(today(fixture, &bench).await?.held, 0);
    let mut uow = bench.begin().await?;
    let differs = uow
        .reconciliation()
        .note_day(&orders_of(OTHER_PROFILE), &day(), whole(), &[], noon())
        .await?;
    assert_eq!(differs, difference(&[], &["250101AAA"]));
    Ok(())
}

/// Whoever was interrupted asks for the whole day again.
pub async fn noting_a_day_again_changes_nothing(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.see(&placed("250101AAA", 60), 0).await?;
    bench.see(&placed("250101BBB", 30), 1).await?;
    let listed = ["250101AAA", "250101CCC", "250101AAA"];
    let first = note(&bench, whole(), &listed, 10).await?;
    let once = today(fixture, &bench).await?;
    let again = note(&bench, whole(), &listed, 500).await?;
    assert_eq!(again, first);
    let twice = CompletenessRow {
        checked_at: Some(after_noon(500)),
        ..once
    };
    assert_eq!(today(fixture, &bench).await?, twice);
    let standing = standing(&bench, 11).await?;
    assert_eq!(standing.len(), 1, "found first when it was first noted");
    Ok(())
}

/// However long it took.
pub async fn a_missing_order_that_arrives_is_no_longer_missing(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    note(&bench, whole(), &["250101AAA", "250101BBB"], 0).await?;
    assert_eq!(today(fixture, &bench).await?.missing, 2);
    bench.see(&placed("250101AAA", 60), 10).await?;
    let row = today(fixture, &bench).await?;
    assert_eq!((row.listed, row.held, row.missing), (Some(2), 1, 1));
    let left = standing(&bench, 100).await?;
    let missing: Vec<_> = left.iter().map(|left| left.missing).collect();
    assert_eq!(missing, [1]);
    bench.see(&placed("250101BBB", 60), 200).await?;
    assert_eq!(standing(&bench, 1_000).await?, []);
    let row = today(fixture, &bench).await?;
    assert_eq!((row.held, row.missing, row.unlisted), (2, 0, 0));
    Ok(())
}

/// The list may lag behind.
pub async fn an_unlisted_order_that_is_listed_later_is_no_difference(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.see(&placed("250101AAA", 60), 0).await?;
    note(&bench, whole(), &[], 10).await?;
    assert_eq!(today(fixture, &bench).await?.unlisted, 1);
    let differs = note(&bench, whole(), &["250101AAA"], 20).await?;
    assert_eq!(differs, DayDifference::default());
    assert_eq!(standing(&bench, 1_000).await?, []);
    let row = today(fixture, &bench).await?;
    assert_eq!((row.listed, row.unlisted), (Some(1), 0));
    Ok(())
}

/// What a day's other parts listed stays; what is not listed is told of once the day is whole.
pub async fn a_day_is_compared_in_parts(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for (number, minutes_before) in [("250101AAA", 600), ("250101BBB", 60), ("250101CCC", 540)] {
        bench.see(&placed(number, minutes_before), 0).await?;
    }
    note(&bench, part(0, 11), &["250101AAA", "250101DDD"], 10).await?;
    let row = today(fixture, &bench).await?;
    assert_eq!((row.listed, row.missing, row.unlisted), (Some(2), 1, 0));
    assert_eq!(row.listed_until, Some(part(0, 11).to));
    let second = note(&bench, part(11, 24), &["250101BBB", "250101EEE"], 20).await?;
    assert_eq!(second, difference(&["250101EEE"], &[]));
    let row = today(fixture, &bench).await?;
    assert_eq!((row.listed, row.held), (Some(4), 3));
    assert_eq!((row.missing, row.unlisted), (2, 1));
    assert_eq!(row.listed_until, Some(whole().to));
    Ok(())
}

/// An order that is gone from the list was listed wrongly; those of other parts are not concerned.
pub async fn a_later_look_replaces_what_the_same_part_listed(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    note(&bench, part(0, 10), &["250101AAA", "250101BBB"], 10).await?;
    note(&bench, part(10, 24), &["250101CCC"], 11).await?;
    note(&bench, part(0, 10), &["250101BBB"], 20).await?;
    let row = today(fixture, &bench).await?;
    assert_eq!((row.listed, row.missing), (Some(2), 2));
    note(&bench, whole(), &["250101CCC"], 30).await?;
    let row = today(fixture, &bench).await?;
    assert_eq!((row.listed, row.missing), (Some(1), 1));
    Ok(())
}

/// A shop that was connected anew: its orders are fetched for the new profile, and are missing there
/// until they are.
pub async fn an_order_that_another_profile_holds_is_missing_on_its_day(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let other = NewEvent {
        profile: Some(profile_id(OTHER_PROFILE)),
        ..bench.push("250101AAA", 0)
    };
    bench
        .see_by(other, &placed("250101AAA", 60), noon())
        .await?;
    let differs = note(&bench, whole(), &["250101AAA"], 10).await?;
    assert_eq!(differs, difference(&["250101AAA"], &[]));
    let row = today(fixture, &bench).await?;
    assert_eq!((row.listed, row.held, row.missing), (Some(1), 0, 1));
    assert_eq!(standing(&bench, 100).await?, [], "it is here all the same");
    assert!(unasked(&bench, 100, 0).await?.is_empty());
    bench.see(&placed("250101AAA", 60), 200).await?;
    let row = today(fixture, &bench).await?;
    assert_eq!((row.listed, row.held, row.missing), (Some(1), 1, 0));
    Ok(())
}

/// By the road of the first event, from being placed to being received; what comes later changes
/// neither.
pub async fn a_day_tells_by_which_road_and_how_late_its_orders_came(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    for (number, source, seconds) in [
        ("250101AAA", EventSource::Webhook, 5),
        ("250101BBB", EventSource::Webhook, 10),
        ("250101CCC", EventSource::Poll, 600),
        ("250101EEE", EventSource::Manual, 20),
        ("250101FFF", EventSource::Reconcile, 30),
    ] {
        let event = match source {
            EventSource::Webhook => bench.push(number, seconds),
            other => bench.heard_by(other, number, seconds),
        };
        let now = after_noon(seconds);
        bench.see_by(event, &placed(number, 0), now).await?;
    }
    bench.see(&placed("250101CCC", 0), 10_000).await?;
    // Two roads lead to it before anybody works on it.
    let first = bench.heard_by(EventSource::Reconcile, "250101DDD", 9_000);
    bench.store(&[first]).await?;
    let second = bench.push("250101DDD", 9_400);
    bench
        .see_by(second, &placed("250101DDD", 0), after_noon(10_500))
        .await?;
    let row = today(fixture, &bench).await?;
    assert_eq!((row.by_webhook, row.by_poll), (2, 1));
    assert_eq!((row.by_reconcile, row.by_manual), (2, 1));
    assert_eq!(row.median_delay_s, Some(20));
    assert_eq!(row.longest_delay_s, Some(9_000));
    for (number, source) in [("250101CCC", "poll"), ("250101EEE", "manual")] {
        let shown = bench.views.order(&bench.tenant, &order_sn(number)).await?;
        let shown = shown.expect("the order has a record").summary;
        assert_eq!(shown.first_source.as_deref(), Some(source));
    }
    Ok(())
}

/// Days of the shop's zone, each of them, whether the marketplace was asked or not.
pub async fn every_day_that_is_asked_for_is_told(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.see(&placed("250101AAA", 721), 0).await?;
    bench.see(&placed("250101BBB", 720), 1).await?;
    note(&bench, whole(), &["250101BBB"], 10).await?;
    let days = days(fixture, &bench, Zone::Asia__Singapore, date(4), date(6)).await?;
    let told: Vec<_> = days
        .iter()
        .map(|row| (row.day, row.listed, row.held))
        .collect();
    assert_eq!(
        told,
        [
            (date(4), None, 1),
            (date(5), Some(1), 1),
            (date(6), None, 0)
        ]
    );
    let empty = &days[2];
    assert_eq!((empty.median_delay_s, empty.longest_delay_s), (None, None));
    assert_eq!((empty.listed_until, empty.checked_at), (None, None));
    assert_eq!((empty.missing, empty.unlisted), (0, 0));
    Ok(())
}

/// Those of all days together, and until when its orders were compared.
pub async fn missing_orders_are_told_of_every_profile_that_was_compared(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let completeness = fixture.completeness();
    let none = completeness.missing_orders(&bench.tenant).await?;
    assert_eq!(none, [], "nothing was compared");
    let mut uow = bench.begin().await?;
    for profile in [PROFILE, OTHER_PROFILE] {
        let mark = Watermark {
            updated_until: Some(after_noon(50)),
            created_until: Some(after_noon(50)),
        };
        uow.reconciliation()
            .advance(&profile_id(profile), mark, after_noon(50))
            .await?;
    }
    uow.commit().await?;
    note(&bench, whole(), &["250101AAA", "250101BBB"], 60).await?;
    let yesterday = Day::of(date(4), Zone::Asia__Singapore).expect("a day");
    let mut uow = bench.begin().await?;
    uow.reconciliation()
        .note_day(
            &orders(),
            &yesterday,
            yesterday.window,
            &[order_sn("250101CCC")],
            after_noon(60),
        )
        .await?;
    uow.commit().await?;
    bench.see(&placed("250101AAA", 60), 70).await?;
    let mut told = completeness.missing_orders(&bench.tenant).await?;
    told.sort_by(|a, b| a.profile.cmp(&b.profile));
    let expected = [(PROFILE, 2), (OTHER_PROFILE, 0)].map(|(profile, missing)| MissingOrders {
        profile: profile_id(profile),
        missing,
        compared_until: Some(after_noon(50)),
    });
    assert_eq!(told, expected);
    Ok(())
}

/// Their numbers are nobody else's matter.
pub async fn days_of_another_tenant_are_not_seen(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    note(&bench, whole(), &["250101AAA"], 0).await?;
    assert_eq!(standing(&theirs, 1_000).await?, []);
    let row = today(fixture, &theirs).await?;
    assert_eq!((row.listed, row.missing), (None, 0));
    let told = fixture.completeness();
    assert_eq!(told.missing_orders(&theirs.tenant).await?, []);
    Ok(())
}

fn date(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, day).expect("a date")
}

/// The day of [`noon`] in Singapore.
pub(super) fn day() -> Day {
    Day::of(date(5), Zone::Asia__Singapore).expect("a day")
}

pub(super) fn whole() -> Window {
    day().window
}

/// From one full hour of the day to another.
fn part(from: i64, to: i64) -> Window {
    let at = |hours| -> Timestamp { whole().from + TimeDelta::hours(hours) };
    Window {
        from: at(from),
        to: at(to),
    }
}

fn difference(missing: &[&str], unlisted: &[&str]) -> DayDifference {
    DayDifference {
        missing: missing.iter().map(|number| order_sn(number)).collect(),
        unlisted: unlisted.iter().map(|number| order_sn(number)).collect(),
    }
}

/// In the order of their numbers.
pub(super) async fn note(
    bench: &Bench,
    compared: Window,
    listed: &[&str],
    seconds: i64,
) -> Result<DayDifference, StoreError> {
    let listed: Vec<_> = listed.iter().map(|number| order_sn(number)).collect();
    let mut uow = bench.begin().await?;
    let mut differs = uow
        .reconciliation()
        .note_day(&orders(), &day(), compared, &listed, after_noon(seconds))
        .await?;
    uow.commit().await?;
    differs.missing.sort();
    differs.unlisted.sort();
    Ok(differs)
}

pub(super) async fn standing(
    bench: &Bench,
    found_before: i64,
) -> Result<Vec<StandingDifference>, StoreError> {
    let mut uow = bench.begin().await?;
    let standing = uow
        .reconciliation()
        .standing(after_noon(found_before))
        .await?;
    uow.commit().await?;
    Ok(standing)
}

async fn days(
    fixture: &dyn StoreFixture,
    bench: &Bench,
    zone: Zone,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<CompletenessRow>, StoreError> {
    let query = CompletenessQuery {
        profile: profile_id(PROFILE),
        zone,
        from,
        to,
    };
    fixture
        .completeness()
        .completeness(&bench.tenant, &query)
        .await
}

/// The day of [`noon`] as it is told.
async fn today(fixture: &dyn StoreFixture, bench: &Bench) -> Result<CompletenessRow, StoreError> {
    let zone = Zone::Asia__Singapore;
    let mut days = days(fixture, bench, zone, date(5), date(5)).await?;
    assert_eq!(days.len(), 1, "one day was asked for");
    Ok(days.remove(0))
}
