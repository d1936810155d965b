//! Lists are filtered and paged; the backlog adds up.

use hawker_domain::event::{Disposition, EventOutcome, EventSource, NewEvent};
use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::EventId;
use hawker_domain::order::{OrderSnapshot, OrderStatus};
use hawker_domain::{ConnectorName, Environment};

use super::bench::{Bench, PROFILE, reports};
use super::{Outcome, StoreFixture};
use crate::StoreError;
use crate::exceptions::{Clearance, Remaining};
use crate::inbox::WorkResult;
use crate::testing::examples::{SKU, after_noon, noon, order_sn, profile_id, sku, snapshot};
use crate::views::{Backlog, BoundedCount, EventFilter, ExceptionFilter, OrderFilter, PageRequest};

fn page(limit: u32) -> PageRequest {
    PageRequest { limit, after: None }
}

/// Each row once, the last page without a next one.
pub async fn events_are_listed_newest_first_and_page_by_page(
    fixture: &dyn StoreFixture,
) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let mut newest_first = Vec::new();
    for seconds in 0..5 {
        let event = bench.push("250101AAA", seconds);
        newest_first.insert(0, event.id.to_string());
        bench.store(&[event]).await?;
    }
    let mut listed = Vec::new();
    let mut sizes = Vec::new();
    let mut request = page(2);
    loop {
        let part = bench
            .views
            .events(&bench.tenant, &EventFilter::default(), &request)
            .await?;
        sizes.push(part.rows.len());
        listed.extend(part.rows.into_iter().map(|row| row.id));
        match part.next {
            Some(next) => request.after = Some(next),
            None => break,
        }
    }
    assert_eq!(listed, newest_first);
    assert_eq!(sizes, [2, 2, 1]);
    Ok(())
}

/// By order, by state, by source, by code.
pub async fn events_are_filtered(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let of_order = bench.push("250101BBB", 0);
    let done = NewEvent {
        disposition: Disposition::Finished(EventOutcome::Recorded),
        ..bench.push("250101AAA", 1)
    };
    let polled = NewEvent {
        source: EventSource::Poll,
        verdict: None,
        ..bench.push("250101AAA", 2)
    };
    let mut other_code = bench.push("250101AAA", 3);
    other_code.content.code = 4;
    bench
        .store(&[
            of_order.clone(),
            done.clone(),
            polled.clone(),
            other_code.clone(),
        ])
        .await?;
    let any = EventFilter::default;
    let cases = [
        (
            EventFilter {
                order_sn: Some(order_sn("250101BBB")),
                ..any()
            },
            of_order.id,
        ),
        (
            EventFilter {
                processed: Some(true),
                ..any()
            },
            done.id,
        ),
        (
            EventFilter {
                source: Some("poll".into()),
                ..any()
            },
            polled.id,
        ),
        (
            EventFilter {
                code: Some(4),
                processed: Some(false),
                ..any()
            },
            other_code.id,
        ),
    ];
    for (filter, expected) in cases {
        let listed = bench
            .views
            .events(&bench.tenant, &filter, &page(10))
            .await?;
        let ids: Vec<_> = listed.rows.into_iter().map(|row| row.id).collect();
        assert_eq!(ids, [expected.to_string()], "{filter:?}");
    }
    Ok(())
}

/// With the filter of the list; beyond the bound it is only known that there are more.
pub async fn events_are_counted_up_to_a_bound(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let events = [
        bench.push("250101AAA", 0),
        bench.push("250101AAA", 1),
        bench.push("250101AAA", 2),
        bench.push("250101BBB", 3),
    ];
    bench.store(&events).await?;
    let all = EventFilter::default();
    let of_order = EventFilter {
        order_sn: Some(order_sn("250101AAA")),
        ..EventFilter::default()
    };
    for (filter, at_most, total, is_exact) in [
        (&all, 5, 4, true),
        (&all, 4, 4, true),
        (&all, 3, 3, false),
        (&of_order, 3, 3, true),
        (&of_order, 2, 2, false),
    ] {
        let counted = bench
            .views
            .event_count(&bench.tenant, filter, at_most)
            .await?;
        let expected = BoundedCount { total, is_exact };
        assert_eq!(counted, expected, "{filter:?} {at_most}");
    }
    Ok(())
}

/// By what the marketplace says, by how far we got, by whether they wait.
pub async fn orders_are_filtered(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    bench.add_variant(SKU).await?;
    let created = OrderSnapshot {
        updated_at: noon(),
        ..snapshot("250101AAA", OrderStatus::Shipped)
    };
    bench.refresh(created, 0).await?;
    hold(&bench, "250101BBB", 10).await?;
    bench.store(&[bench.push("250101CCC", 20)]).await?;
    let batch = bench.must_claim(after_noon(20)).await?;
    bench
        .finish(&batch, &WorkResult::GaveUp, after_noon(20))
        .await?;
    let any = OrderFilter::default;
    let cases = [
        (any(), &["250101AAA", "250101BBB", "250101CCC"][..]),
        (
            OrderFilter {
                marketplace_status: Some("SHIPPED".into()),
                ..any()
            },
            &["250101AAA"],
        ),
        (
            OrderFilter {
                sync_status: Some("created".into()),
                ..any()
            },
            &["250101AAA"],
        ),
        (
            OrderFilter {
                sync_status: Some("failed".into()),
                ..any()
            },
            &["250101CCC"],
        ),
        (
            OrderFilter {
                held: Some(true),
                ..any()
            },
            &["250101BBB"],
        ),
        (
            OrderFilter {
                held: Some(false),
                ..any()
            },
            &["250101AAA", "250101CCC"],
        ),
    ];
    for (filter, expected) in cases {
        let listed = bench
            .views
            .orders(&bench.tenant, &filter, &page(10))
            .await?;
        let mut numbers: Vec<_> = listed.rows.into_iter().map(|row| row.order_sn).collect();
        numbers.sort();
        assert_eq!(numbers, expected, "{filter:?}");
    }
    Ok(())
}

/// By state, by class, by order.
pub async fn exceptions_are_filtered(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let raised = [
        exception(&bench, "250101AAA", ErrorClass::SkuNotFound),
        exception(&bench, "250101BBB", ErrorClass::SkuNotFound),
        exception(&bench, "250101BBB", ErrorClass::Oversold),
    ];
    let mut uow = bench.begin().await?;
    uow.exceptions().raise(&raised, noon()).await?;
    let gone = Clearance {
        order: super::bench::key("250101AAA"),
        remaining: Remaining::default(),
    };
    uow.exceptions().clear(&[gone], noon()).await?;
    uow.commit().await?;
    let any = ExceptionFilter::default;
    let cases = [
        (
            ExceptionFilter {
                status: Some("resolved".into()),
                ..any()
            },
            raised[0].id,
        ),
        (
            ExceptionFilter {
                class: Some("oversold".into()),
                ..any()
            },
            raised[2].id,
        ),
        (
            ExceptionFilter {
                order_sn: Some(order_sn("250101BBB")),
                class: Some("sku_not_found".into()),
                ..any()
            },
            raised[1].id,
        ),
    ];
    for (filter, expected) in cases {
        let listed = bench
            .views
            .exceptions(&bench.tenant, &filter, &page(10))
            .await?;
        let ids: Vec<_> = listed.rows.into_iter().map(|row| row.id).collect();
        assert_eq!(ids, [expected.to_string()], "{filter:?}");
    }
    let order = bench
        .views
        .order(&bench.tenant, &order_sn("250101BBB"))
        .await?;
    assert!(order.is_none(), "an exception makes no order");
    Ok(())
}

/// Due, waiting, leased, held; alerts and exceptions.
pub async fn the_backlog_tells_how_much_work_waits(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let empty = bench.views.backlog(&bench.tenant, noon()).await?;
    assert_eq!(empty, Backlog::default());
    bench.store(&[bench.push("250101AAA", 0)]).await?;
    bench.must_claim(noon()).await?;
    hold(&bench, "250101BBB", 1).await?;
    bench.store(&[bench.push("250101CCC", 5)]).await?;
    let mut uow = bench.begin().await?;
    let raised = [
        exception(&bench, "250101BBB", ErrorClass::SkuNotFound),
        exception(&bench, "250101CCC", ErrorClass::SkuNotFound),
    ];
    uow.exceptions().raise(&raised, noon()).await?;
    uow.commit().await?;

    let backlog = bench.views.backlog(&bench.tenant, after_noon(10)).await?;
    assert_eq!(backlog.due, 2);
    assert_eq!(backlog.oldest_due_at, Some(noon()));
    assert_eq!(backlog.waiting, 1);
    assert_eq!(backlog.leased, 1);
    assert_eq!(backlog.held, 1);
    assert_eq!(backlog.alerts, 0);
    assert_eq!(backlog.exceptions, [("sku_not_found".to_owned(), 2)]);
    assert_eq!(backlog.orders, [("pending".to_owned(), 2)]);
    Ok(())
}

/// What is more than that is not counted, and takes no time.
pub async fn a_backlog_is_counted_up_to_a_limit(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::new(fixture).await?;
    let most = Backlog::COUNTED_MAX;
    let pushes: Vec<_> = (0..=most)
        .map(|number| bench.push(&format!("25{number:010}"), 0))
        .collect();
    bench.store(&pushes).await?;
    let backlog = bench.views.backlog(&bench.tenant, noon()).await?;
    assert_eq!((backlog.due, backlog.waiting), (most, 0));
    assert_eq!(backlog.oldest_due_at, Some(noon()));
    Ok(())
}

/// No error, nothing made up.
pub async fn what_does_not_exist_is_absent(fixture: &dyn StoreFixture) -> Outcome {
    let bench = Bench::bare(fixture);
    let event = bench
        .views
        .event(&bench.tenant, EventId::fresh(&bench.ids))
        .await?;
    assert!(event.is_none());
    let order = bench
        .views
        .order(&bench.tenant, &order_sn("250101AAA"))
        .await?;
    assert!(order.is_none());
    let listed = bench
        .views
        .orders(&bench.tenant, &OrderFilter::default(), &page(10))
        .await?;
    assert_eq!((listed.rows.len(), listed.next), (0, None));
    Ok(())
}

/// Leaves an order waiting for a SKU.
async fn hold(bench: &Bench, number: &str, seconds: i64) -> Result<(), StoreError> {
    bench.store(&[bench.push(number, seconds)]).await?;
    let batch = bench.must_claim(after_noon(seconds)).await?;
    let waits = WorkResult::Held {
        missing_skus: vec![sku("MISSING")],
    };
    let mut uow = bench.begin().await?;
    uow.inbox()
        .finish(&batch, &reports(&batch, &waits), after_noon(seconds))
        .await?;
    uow.commit().await
}

fn exception(bench: &Bench, number: &str, class: ErrorClass) -> RaisedException {
    let subject = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(PROFILE)),
        shop: None,
        order_sn: Some(order_sn(number)),
        event: None,
    };
    let cause = Cause {
        class,
        key: "sku:A".into(),
        message: "Something is to be done.".into(),
        due_at: None,
    };
    RaisedException::once(subject, cause, &bench.ids)
}
