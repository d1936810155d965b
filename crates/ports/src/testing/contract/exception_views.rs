//! The queue of exceptions as a person sees it: in lists, in groups, and one by one.

use chrono::TimeDelta;
use hawker_domain::exception::{ErrorClass, ExceptionStatus, RaisedException, Resolution};
use hawker_domain::ids::{EventId, ExceptionId, NoteId, RetryBatchId};
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_domain::{Currency, Environment};
use rust_decimal::Decimal;

use super::bench::{Bench, OTHER_PROFILE, PROFILE, some_day};
use super::exception_retries::{progress, retry};
use super::trouble::{clear, listed, of_order, of_profile, raise, raise_each};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::exception_desk::{ExceptionSelector, OperatorNote};
use crate::exceptions::Remaining;
use crate::testing::examples::{SHOP, after_noon, noon, profile_id, snapshot};
use crate::views::{
    Amount, BLOCKING, ExceptionFilter, ExceptionGroup, ExceptionSort, NoteRow, PageRequest,
};

const NUMBER: &str = "250101AAA";
const OTHER: &str = "250101BBB";
const THIRD: &str = "250101CCC";

/// With all that is known of it.
pub async fn exceptions_of_one_cause_are_one_group(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut raised = [NUMBER, OTHER, THIRD]
        .map(|number| of_order(&bench, number, ErrorClass::SkuNotFound, "sku:A"));
    raised[1].cause.due_at = Some(after_noon(7_200));
    raised[2].cause.due_at = Some(after_noon(3_600));
    raise(&bench, &raised, 0).await?;
    let again = RaisedException {
        occurrences: 4,
        ..of_order(&bench, OTHER, ErrorClass::SkuNotFound, "sku:A")
    };
    let again = RaisedException {
        cause: hawker_domain::exception::Cause {
            message: "in other words".into(),
            due_at: Some(after_noon(7_200)),
            ..again.cause.clone()
        },
        ..again
    };
    raise(&bench, &[again], 60).await?;
    snooze(&bench, &raised[0].id, 600).await?;
    let groups = groups(fixture, &bench, &ExceptionSelector::default(), 100).await?;
    let expected = ExceptionGroup {
        error_class: "sku_not_found".into(),
        cause: "sku:A".into(),
        environment: "sandbox".into(),
        open: 3,
        snoozed: 1,
        occurrences: 7,
        orders: 3,
        at_stake: Vec::new(),
        earliest_ship_by: None,
        earliest_due_at: Some(after_noon(3_600)),
        first_seen_at: noon(),
        last_seen_at: after_noon(60),
        message: "in other words".into(),
        examples: [NUMBER, OTHER, THIRD].map(String::from).to_vec(),
    };
    assert_eq!(groups, [expected]);
    Ok(())
}

/// By currency. An order is worth what it is worth once, and counts in each of its groups.
pub async fn a_group_tells_what_its_orders_are_worth(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let worth = |number: &str, currency, cents, hours| OrderSnapshot {
        currency,
        total: Some(Decimal::new(cents, 2)),
        ship_by: Some(noon() + TimeDelta::hours(hours)),
        ..snapshot(number, OrderStatus::ReadyToShip)
    };
    let malaysian = "MYR".parse::<Currency>().expect("a currency");
    bench
        .see(&worth(NUMBER, Currency::SGD, 2_690, 30), 0)
        .await?;
    bench
        .see(&worth(OTHER, Currency::SGD, 1_015, 20), 0)
        .await?;
    bench.see(&worth(THIRD, malaysian, 5_000, 40), 0).await?;
    let orders = [(NUMBER, "sku:A"), (OTHER, "sku:A"), (THIRD, "sku:A")];
    raise_each(&bench, &orders, 0).await?;
    // Another profile's exception of the same order is in the same group.
    raise_each(&bench, &[(NUMBER, "sku:B"), ("250101DDD", "sku:B")], 0).await?;
    let groups = groups(fixture, &bench, &ExceptionSelector::default(), 100).await?;
    let told: Vec<_> = groups
        .iter()
        .map(|group| (group.cause.as_str(), stakes(group), group.earliest_ship_by))
        .collect();
    let hours = |hours| Some(noon() + TimeDelta::hours(hours));
    assert_eq!(
        told,
        [
            (
                "sku:A",
                vec!["MYR 50.00".to_owned(), "SGD 37.05".to_owned()],
                hours(20)
            ),
            ("sku:B", vec!["SGD 26.90".to_owned()], hours(30)),
        ]
    );
    assert_eq!(groups[1].orders, 2, "also one of which nothing is known");
    let of_order = ExceptionFilter {
        order_sn: Some(hawker_domain::OrderSn::parse(OTHER).expect("a number")),
        ..ExceptionFilter::default()
    };
    let row = listed(&bench, &of_order).await?.remove(0);
    assert_eq!(row.order_total, Some(Decimal::new(1_015, 2)));
    assert_eq!(row.currency.as_deref(), Some("SGD"));
    assert_eq!(row.ship_by, hours(20));
    Ok(())
}

/// By whichever deadline is earlier; then those with most.
pub async fn groups_that_must_be_done_first_come_first(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let shipped = OrderSnapshot {
        ship_by: Some(after_noon(5_000)),
        ..snapshot(NUMBER, OrderStatus::ReadyToShip)
    };
    bench.see(&shipped, 0).await?;
    let mut due = of_order(&bench, OTHER, ErrorClass::ActionRequired, "answer");
    due.cause.due_at = Some(after_noon(4_000));
    let mut later = of_order(&bench, OTHER, ErrorClass::ActionRequired, "arrange");
    later.cause.due_at = Some(after_noon(6_000));
    let raised = [
        of_order(&bench, OTHER, ErrorClass::Unknown, "one"),
        of_order(&bench, OTHER, ErrorClass::Unknown, "two"),
        of_order(&bench, THIRD, ErrorClass::Unknown, "two"),
        later,
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A"),
        due,
    ];
    raise(&bench, &raised, 0).await?;
    let groups = groups(fixture, &bench, &ExceptionSelector::default(), 100).await?;
    let causes: Vec<_> = groups.iter().map(|group| group.cause.as_str()).collect();
    assert_eq!(causes, ["answer", "sku:A", "arrange", "two", "one"]);
    Ok(())
}

/// They name no order, and every order suffers of them.
pub async fn groups_that_keep_everything_from_going_on_come_before_all(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut due = of_order(&bench, NUMBER, ErrorClass::ActionRequired, "answer");
    due.cause.due_at = Some(after_noon(4_000));
    let mut raised = vec![due];
    for class in BLOCKING {
        let mut blocking = of_profile(&bench, PROFILE, class.as_str());
        blocking.cause.class = class;
        raised.push(blocking);
    }
    raise(&bench, &raised, 0).await?;
    let groups = groups(fixture, &bench, &ExceptionSelector::default(), 100).await?;
    let causes: Vec<_> = groups.iter().map(|group| group.cause.as_str()).collect();
    assert_eq!(causes.len(), 5);
    assert_eq!(causes.last(), Some(&"answer"), "{causes:?}");
    Ok(())
}

/// More than anybody looks through are not told; how many there are is.
pub async fn groups_that_are_left_out_are_counted(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let causes: Vec<_> = (0..503).map(|number| format!("sku:{number}")).collect();
    let raised: Vec<_> = causes
        .iter()
        .map(|cause| of_order(&bench, NUMBER, ErrorClass::SkuNotFound, cause))
        .chain([of_profile(&bench, PROFILE, "push-signature")])
        .collect();
    raise(&bench, &raised, 0).await?;
    let views = fixture.exception_views();
    let all = ExceptionSelector::default();
    let found = views
        .exception_groups(&bench.tenant, &all, after_noon(100))
        .await?;
    assert_eq!((found.groups.len(), found.total), (500, 504));
    assert_eq!(found.groups[0].cause, "push-signature");
    Ok(())
}

/// Page by page: by their own deadline or their order's, then without one. What is closed must not be done
/// any more, and is listed where it is asked for.
pub async fn exceptions_are_listed_by_their_deadlines(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let shipped = OrderSnapshot {
        ship_by: Some(after_noon(5_000)),
        ..snapshot(NUMBER, OrderStatus::ReadyToShip)
    };
    bench.see(&shipped, 0).await?;
    let due = |cause: &str, seconds| {
        let mut due = of_order(&bench, OTHER, ErrorClass::ActionRequired, cause);
        due.cause.due_at = Some(after_noon(seconds));
        due
    };
    let raised = [
        of_order(&bench, OTHER, ErrorClass::Unknown, "first"),
        due("late", 6_000),
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "ship"),
        of_order(&bench, THIRD, ErrorClass::Unknown, "second"),
        due("early", 4_000),
        due("done", 3_000),
        due("left", 2_000),
    ];
    raise(&bench, &raised, 0).await?;
    let mut uow = bench.begin().await?;
    for (raised, status) in [
        (&raised[5], ExceptionStatus::Resolved),
        (&raised[6], ExceptionStatus::WontFix),
    ] {
        let by = Resolution {
            at: after_noon(10),
            by: "Mei".into(),
        };
        let desk = uow.exception_desk();
        desk.close(&[raised.id], status, &by).await?;
    }
    uow.commit().await?;
    let filter = ExceptionFilter {
        sort: ExceptionSort::Due,
        ..ExceptionFilter::default()
    };
    let (mut told, mut after) = (Vec::new(), None);
    loop {
        let page = PageRequest { limit: 2, after };
        let page = bench.views.exceptions(&bench.tenant, &filter, &page);
        let page = page.await?;
        told.extend(page.rows.into_iter().map(|row| row.cause));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(told, ["early", "ship", "late", "first", "second"]);
    let left = ExceptionFilter {
        status: Some(ExceptionStatus::WontFix.to_string()),
        ..filter
    };
    let left = listed(&bench, &left).await?;
    assert_eq!(
        left.iter().map(|row| &*row.cause).collect::<Vec<_>>(),
        ["left"]
    );
    Ok(())
}

/// What is closed is in no group; environments are groups of their own.
pub async fn groups_are_of_what_is_open_and_asked_for(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut live = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    live.subject.environment = Environment::Live;
    let raised = [
        of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A"),
        of_profile(&bench, OTHER_PROFILE, "push-signature"),
        of_order(&bench, OTHER, ErrorClass::Oversold, "sku:A"),
        live,
    ];
    raise(&bench, &raised, 0).await?;
    clear(&bench, OTHER, Remaining::default(), 10).await?;
    let all = groups(fixture, &bench, &ExceptionSelector::default(), 100).await?;
    let mut told: Vec<_> = all
        .iter()
        .map(|group| format!("{} {}", group.environment, group.error_class))
        .collect();
    told.sort();
    let expected = [
        "live sku_not_found",
        "sandbox signature_mismatch",
        "sandbox sku_not_found",
    ];
    assert_eq!(told, expected);
    let of_profile = all.iter().find(|group| group.orders == 0);
    let of_profile = of_profile.expect("a profile has no order");
    assert_eq!((of_profile.open, of_profile.examples.len()), (1, 0));
    let in_live = ExceptionSelector {
        environment: Some(Environment::Live),
        ..ExceptionSelector::default()
    };
    let asked_for = groups(fixture, &bench, &in_live, 100).await?;
    assert_eq!(asked_for.len(), 1);
    Ok(())
}

/// Its notes, its retries, and what was before.
pub async fn an_exception_is_shown_with_its_history(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let event = EventId::fresh(&bench.ids);
    let mut earlier = Vec::new();
    for time in 0..3 {
        let mut raised = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
        raised.subject.event = Some(event);
        earlier.push(raised.id);
        raise(&bench, &[raised], time * 100).await?;
        if time < 2 {
            clear(&bench, NUMBER, Remaining::default(), time * 100 + 50).await?;
        }
    }
    // Neither another cause nor another order is its history.
    raise_each(&bench, &[(NUMBER, "sku:B"), (OTHER, "sku:A")], 0).await?;
    let id = earlier[2];
    let notes = [("seen", 210), ("asked the supplier", 220)].map(|(text, seconds)| OperatorNote {
        id: NoteId::fresh(&bench.ids),
        exception: id,
        at: after_noon(seconds),
        by: "Mei".into(),
        text: text.into(),
    });
    let batches = [(); 2].map(|()| RetryBatchId::fresh(&bench.ids));
    let mut uow = bench.begin().await?;
    let desk = uow.exception_desk();
    desk.note(&notes).await?;
    desk.note_retry(batches[0], &[id], after_noon(230)).await?;
    desk.note_retry(batches[1], &[id], after_noon(260)).await?;
    uow.commit().await?;
    let again = of_order(&bench, NUMBER, ErrorClass::SkuNotFound, "sku:A");
    raise(&bench, &[again], 240).await?;

    let views = fixture.exception_views();
    let detail = views
        .exception(&bench.tenant, id)
        .await?
        .expect("it exists");
    assert_eq!(detail.summary.id, id.to_string());
    assert_eq!(detail.summary.raw_event_id, Some(event.to_string()));
    assert_eq!(detail.profile_id.as_deref(), Some(PROFILE));
    assert_eq!(detail.shop_id, Some(SHOP.0));
    let expected = notes.map(|note| NoteRow {
        at: note.at,
        by: note.by,
        text: note.text,
    });
    assert_eq!(detail.notes, expected);
    let retries: Vec<_> = detail
        .retries
        .iter()
        .map(|retry| (retry.batch.as_str(), retry.at, retry.result.as_str()))
        .collect();
    assert_eq!(
        retries,
        [
            (batches[0].to_string().as_str(), after_noon(230), "failed"),
            (batches[1].to_string().as_str(), after_noon(260), "waiting"),
        ]
    );
    let before: Vec<_> = detail
        .before
        .iter()
        .map(|row| (row.id.as_str(), row.status.as_str()))
        .collect();
    assert_eq!(
        before,
        [
            (earlier[1].to_string().as_str(), "resolved"),
            (earlier[0].to_string().as_str(), "resolved"),
        ]
    );
    Ok(())
}

/// Neither an exception nor a retry is made up, and none of another tenant is shown.
pub async fn what_nobody_may_see_is_absent(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let theirs = Bench::of_other_tenant(fixture).await?;
    let ids = raise_each(&bench, &[(NUMBER, "sku:A")], 0).await?;
    let batch = RetryBatchId::fresh(&bench.ids);
    retry(&bench, batch, &ids, 10).await?;
    let views = fixture.exception_views();
    let unknown = ExceptionId::fresh(&bench.ids);
    assert!(views.exception(&bench.tenant, unknown).await?.is_none());
    assert!(views.exception(&theirs.tenant, ids[0]).await?.is_none());
    let never = RetryBatchId::fresh(&bench.ids);
    assert_eq!(progress(fixture, &bench, never, 10, None).await?, None);
    assert_eq!(progress(fixture, &theirs, batch, 10, None).await?, None);
    let all = ExceptionSelector::default();
    assert!(groups(fixture, &theirs, &all, 100).await?.is_empty());
    Ok(())
}

/// By cause and by person, and out of sight or not.
pub async fn the_list_of_exceptions_is_narrowed_down(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let orders = [(NUMBER, "sku:A"), (OTHER, "sku:A"), (OTHER, "sku:B")];
    let ids = raise_each(&bench, &orders, 0).await?;
    let mut uow = bench.begin().await?;
    let desk = uow.exception_desk();
    desk.assign(&ids[..1], Some("Mei")).await?;
    desk.snooze(&ids[1..2], Some(some_day())).await?;
    uow.commit().await?;
    let any = ExceptionFilter::default;
    let cases: [(ExceptionFilter, &[usize]); 7] = [
        (
            ExceptionFilter {
                environment: Some(Environment::Live),
                ..any()
            },
            &[],
        ),
        (
            ExceptionFilter {
                environment: Some(Environment::Sandbox),
                profile: Some(profile_id(PROFILE)),
                ..any()
            },
            &[0, 2],
        ),
        (
            ExceptionFilter {
                profile: Some(profile_id(OTHER_PROFILE)),
                ..any()
            },
            &[],
        ),
        (any(), &[0, 2]),
        (
            ExceptionFilter {
                cause: Some("sku:A".into()),
                ..any()
            },
            &[0],
        ),
        (
            ExceptionFilter {
                cause: Some("sku:A".into()),
                with_snoozed: true,
                ..any()
            },
            &[0, 1],
        ),
        (
            ExceptionFilter {
                assignee: Some("Mei".into()),
                ..any()
            },
            &[0],
        ),
    ];
    for (filter, expected) in cases {
        let rows = listed(&bench, &filter).await?;
        let mut told: Vec<_> = rows.into_iter().map(|row| row.id).collect();
        told.sort();
        let expected: Vec<_> = expected.iter().map(|it| ids[*it].to_string()).collect();
        assert_eq!(told, expected, "{filter:?}");
    }
    Ok(())
}

fn stakes(group: &ExceptionGroup) -> Vec<String> {
    let mut told: Vec<_> = group
        .at_stake
        .iter()
        .map(|Amount { currency, amount }| format!("{currency} {amount:.2}"))
        .collect();
    told.sort();
    told
}

async fn groups(
    fixture: &dyn StoreFixture,
    bench: &Bench,
    selector: &ExceptionSelector,
    seconds: i64,
) -> Result<Vec<ExceptionGroup>, StoreError> {
    let views = fixture.exception_views();
    let now = after_noon(seconds);
    let found = views.exception_groups(&bench.tenant, selector, now).await?;
    let told: i64 = found.groups.iter().map(|_| 1).sum();
    assert_eq!(found.total, told, "none is left out");
    Ok(found.groups)
}

async fn snooze(bench: &Bench, id: &ExceptionId, seconds: i64) -> Outcome {
    let mut uow = bench.begin().await?;
    let until = Some(after_noon(seconds));
    uow.exception_desk().snooze(&[*id], until).await?;
    uow.commit().await
}
