//! Comparing lists: what no push told of is found, from where the last run ended, in the shop's own
//! days, and for a shop that is new here with all of its history.

use std::time::Duration;

use chrono::DateTime;
use hawker_domain::schedule::JobName;
use hawker_shopee_emulator::{
    CancelledBy, EmulatorConfig, Endpoint, Fault, NewLine, NewOrder, PackedLine, Region, Shop,
};
use hawker_tests::{Bench, CARD, cards, until};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::Client;
use crate::past::{asked, count, go_on, lived, none_arrives, ran, run_of, served, standing};

const HOUR: Duration = Duration::from_hours(1);

const DAY: Duration = Duration::from_hours(24);

/// Marks that have come as far as now.
const AT_NOW: &str = "SELECT count(*) FROM tenant_default.connector_reconciliation
                      WHERE updated_until > now() - interval '10 minutes'
                        AND created_until > now() - interval '10 minutes'";

/// An order of so many cards. Its parcel has no tracking number yet: a push alone tells it.
fn checkout(pieces: u32) -> NewOrder {
    NewOrder::of([cards(pieces)]).tracked_later()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_finds_every_order_and_every_change_that_no_push_told_of() {
    let bench = served(standing(HOUR * 30)).await;
    let shop = &bench.emulator;
    let known: Vec<_> = (0..4)
        .map(|stage| lived(&bench, checkout(1), stage))
        .collect();
    bench.agrees().await;
    shop.set_push_policy(none_arrives(false));
    shop.advance(HOUR);
    for (stage, sn) in known.iter().enumerate().skip(1) {
        go_on(&bench, sn, stage, 4);
    }
    shop.cancel(&known[0], CancelledBy::Buyer, "changed my mind")
        .unwrap();
    let mut unheard_of = Vec::new();
    for _ in 0..3 {
        shop.advance(HOUR * 8);
        for stage in 0..5 {
            unheard_of.push(lived(&bench, checkout(2), stage));
        }
    }

    let run = ran(&bench, JobName::ReconcileDaily, None).await;
    assert_eq!(run.state, "done", "{run:#?}");
    assert_eq!(
        ["missing", "other_status", "asked_for"].map(|of| count(&run, of)),
        [15, 4, 19],
        "{run:#?}"
    );
    bench.agrees().await;
    assert_eq!(bench.count(AT_NOW).await, 1);
    let completed = &unheard_of[4];
    let whole_life = [
        "created",
        "payment_captured",
        "shipment_created",
        "fulfilled",
        "completed",
    ];
    assert_eq!(bench.steps(completed.as_str()).await, whole_life);
    for (sn, road) in [(&known[2], "webhook"), (completed, "reconcile")] {
        let order = bench.known_order(sn.as_str()).await;
        assert_eq!(order.summary.first_source.as_deref(), Some(road));
    }

    // The next run has nothing to ask for, and does not begin at the beginning.
    let before = shop.stats().api.calls_to(Endpoint::OrderList);
    let next = ran(&bench, JobName::ReconcileDaily, None).await;
    assert_eq!(count(&next, "asked_for"), 0, "{next:#?}");
    assert!(shop.stats().api.calls_to(Endpoint::OrderList) - before <= 4);
    let late = lived(&bench, checkout(1), 1);
    let last = ran(&bench, JobName::ReconcileDaily, None).await;
    assert_eq!(count(&last, "missing"), 1, "{last:#?}");
    bench.agrees().await;
    assert!(bench.order(late.as_str()).await.is_some());
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_left_the_status_alone_is_found_too() {
    let bench = served(standing(HOUR * 30)).await;
    let shop = &bench.emulator;
    let sn = lived(&bench, checkout(3), 1);
    bench.agrees().await;
    shop.set_push_policy(none_arrives(false));
    shop.advance(HOUR);
    let unit = PackedLine {
        line: 0,
        quantity: 1,
    };
    shop.partial_cancel(&sn, &[unit]).unwrap();
    let run = ran(&bench, JobName::ReconcileDaily, None).await;
    assert_eq!(count(&run, "older"), 1, "{run:#?}");
    bench.agrees().await;
    assert_eq!(bench.stock(CARD).await, (1_000, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_half_way_goes_on_in_the_next_process() {
    let mut bench = served(standing(DAY * 20)).await;
    bench.emulator.set_push_policy(none_arrives(false));
    for _ in 0..9 {
        lived(&bench, checkout(1), 4);
        bench.emulator.advance(DAY * 2);
    }
    let slow = Fault::Slow { millis: 400 };
    let shop = &bench.emulator;
    shop.fail_next(Endpoint::OrderList, slow, 1_000);
    let id = asked(&bench, JobName::ReconcileDaily, None).await;
    let lists = || bench.emulator.stats().api.calls_to(Endpoint::OrderList);
    until(
        "the run to be under way",
        async || (lists() >= 5).then_some(()),
        async || format!("{:#?}", run_of(&bench, id).await),
    )
    .await;
    bench.stop_services().await;
    let stopped = run_of(&bench, id).await;
    assert_eq!(stopped.state, "queued", "{stopped:#?}");
    let halfway = bench.emulator.stats().api.calls_to(Endpoint::OrderList);
    assert!(halfway < 20, "it was stopped: {halfway} lists");
    let kept = "SELECT count(*) FROM tenant_default.connector_reconciliation
                WHERE updated_until IS NOT NULL";
    assert_eq!(bench.count(kept).await, 1, "what was done is kept");

    bench.emulator.clear_faults();
    bench.start_another_service();
    until(
        "the run to be over",
        async || Some(run_of(&bench, id).await).filter(|run| run.state == "done"),
        async || format!("{:#?}", run_of(&bench, id).await),
    )
    .await;
    bench.agrees().await;
    assert_eq!(bench.count(AT_NOW).await, 1);
    // What had been compared by the time of change was not compared again.
    let all = bench.emulator.stats().api.calls_to(Endpoint::OrderList);
    assert!(all - halfway <= 33, "{all} lists, of these {halfway} first");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_every_market_are_in_its_currency_and_on_its_own_days() {
    for (region, profile, price) in [
        (Region::My, "TEST_MY", Decimal::new(1_990, 2)),
        (Region::Tw, "TEST_TW", Decimal::from(590)),
        (Region::Vn, "TEST_VN", Decimal::from(250_000)),
    ] {
        let config = standing(Duration::ZERO);
        let shop = Shop {
            region,
            ..Shop::default()
        };
        // Half past four in the afternoon of yesterday: past midnight in some markets.
        let today = config.shop_time.unwrap() / 86_400 * 86_400;
        let placed_at = today - 27_000;
        let mut bench = Bench::of(EmulatorConfig {
            shops: vec![shop],
            shop_time: Some(placed_at),
            ..config
        })
        .await;
        bench.add_card(CARD, 100).await;
        bench.settings = bench.settings.clone().with("SHOPEE_REGION", profile);
        bench.start_service().await;
        bench.emulator.set_push_policy(none_arrives(false));
        let line = NewLine::new(CARD, price).times(2);
        let sn = lived(&bench, NewOrder::of([line]).tracked_later(), 4);

        let run = ran(&bench, JobName::ReconcileDaily, None).await;
        assert_eq!(count(&run, "missing"), 1, "{region:?}: {run:#?}");
        bench.agrees().await;
        let order = bench.known_order(sn.as_str()).await.summary;
        assert_eq!(order.currency.as_deref(), Some(region.currency()));
        assert_eq!(order.total, Some(price * Decimal::TWO));
        let client = Client::of_everything(&bench.settings, &bench.origin()).await;
        let shown = client.call("showCompleteness").ok().await;
        let placed = DateTime::from_timestamp(placed_at, 0).unwrap();
        let day = placed.with_timezone(&region.zone()).date_naive();
        let days = shown["days"].as_array().unwrap().iter();
        let held: Vec<_> = days.filter(|day| day["held"] != 0).collect();
        assert_eq!(held.len(), 1, "{shown:#}");
        assert_eq!(
            (&held[0]["day"], &held[0]["listed"], &held[0]["missing"]),
            (&json!(day.to_string()), &json!(1), &json!(0)),
            "{region:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_is_asked_for_is_compared_and_nothing_else() {
    let bench = served(standing(DAY * 60)).await;
    let shop = &bench.emulator;
    shop.set_push_policy(none_arrives(false));
    let before = lived(&bench, checkout(1), 1);
    shop.advance(DAY * 10);
    let from = shop.shop_time();
    let within = lived(&bench, checkout(1), 2);
    shop.advance(DAY * 20);
    let to = shop.shop_time();
    shop.advance(DAY * 5);
    let after = lived(&bench, checkout(1), 3);

    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    let moment = |at| json!(DateTime::from_timestamp(at, 0).unwrap().to_rfc3339());
    let call = client.call("runJob").with("job", "reconcile-daily");
    let run = call.with("from", moment(from)).with("to", moment(to));
    let run = run.ok().await;
    let id = run["run_id"].as_str().unwrap().to_owned();
    let look = async || client.call("showJobRun").with("id", &*id).ok().await;
    let over = until(
        "the run to be over",
        async || Some(look().await).filter(|run| run["finished_at"].is_string()),
        async || format!("{:#}", look().await),
    )
    .await;
    assert_eq!(over["state"], "done", "{over:#}");
    bench.settled().await;
    assert!(bench.order(within.as_str()).await.is_some());
    for outside in [&before, &after] {
        assert!(bench.order(outside.as_str()).await.is_none(), "{outside}");
    }
    // It leaves gaps, so that the schedule begins where it would have begun.
    let moved = "SELECT count(*) FROM tenant_default.connector_reconciliation
                 WHERE updated_until > now() - interval '26 days'";
    assert_eq!(bench.count(moved).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_shop_comes_in_by_itself_once_it_is_authorised() {
    let mut bench = Bench::of(standing(DAY * 25)).await;
    bench.add_card(CARD, 100).await;
    bench
        .execute("DELETE FROM tenant_default.connector_token")
        .await;
    bench.settings = bench
        .settings
        .clone()
        .without("SHOPEE_ACCESS_TOKEN")
        .without("SHOPEE_REFRESH_TOKEN")
        .with("HAWKER_RECONCILE_SCHEDULE", "0 3 * * *");
    bench.emulator.set_push_url(None);
    for stage in 0..5 {
        lived(&bench, checkout(1), stage);
        bench.emulator.advance(DAY * 4);
    }
    bench.start_service().await;
    let runs = bench.count("SELECT count(*) FROM schedule_run").await;
    assert_eq!(runs, 0, "there is nothing to run for");

    bench.authorise().await;
    until(
        "all orders of before to be there",
        async || {
            let orders = bench.count("SELECT count(*) FROM tenant_default.sales_order");
            (orders.await == 5).then_some(())
        },
        async || {
            let run: Option<Value> = sqlx::query_scalar("SELECT to_jsonb(r) FROM schedule_run r")
                .fetch_optional(bench.store.pool())
                .await
                .expect("the ledger");
            format!("{run:#?}\n{:#?}", bench.open_exceptions().await)
        },
    )
    .await;
    bench.agrees().await;
    let by_schedule = "SELECT count(*) FROM schedule_run WHERE trigger = 'schedule'";
    assert_eq!(bench.count(by_schedule).await, 1);
}
