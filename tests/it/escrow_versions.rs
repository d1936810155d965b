//! What is paid out changes, and every change is kept: so that a report is the same whenever it is
//! made, and what the formula does not explain is shown as just that.

use std::time::Duration;

use hawker_domain::schedule::JobName;
use hawker_shopee_emulator::{
    EmulatorConfig, Endpoint, EscrowRelease, NewLine, NewOrder, OrderSn, Region, ReturnOutcome,
    Shop,
};
use hawker_tests::{Bench, CARD, cards, until};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::Client;
use crate::past::{count, lived, none_arrives, ran, served, standing};

const DAY: Duration = Duration::from_hours(24);

/// Rather than wait until tomorrow, the operator asks for every payout at once.
const ASK_AGAIN: &str = "UPDATE tenant_default.connector_order SET escrow_due_at = now() WHERE escrow_due_at IS NOT NULL";

/// A shop some days ago whose money is released by hand, its service, and whoever looks at it.
async fn paying(config: EmulatorConfig) -> (Bench, Client) {
    let bench = served(config).await;
    bench.emulator.set_escrow_release(EscrowRelease::ByHand);
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    (bench, client)
}

fn exact(value: &Value) -> Decimal {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"));
    text.parse().expect("an amount")
}

/// Waits until an order's payout has so many versions; answers it.
async fn with_versions(bench: &Bench, client: &Client, sn: &OrderSn, versions: usize) -> Value {
    let look = async || {
        client
            .call("showEscrow")
            .with("sn", sn.as_str())
            .send()
            .await
    };
    let shown = until(
        &format!("{versions} versions of the payout of {sn}"),
        async || {
            let shown = Some(look().await)
                .filter(|reply| reply.status == 200)?
                .json();
            let kept = shown["versions"].as_array().expect("versions").len();
            (kept == versions).then_some(shown)
        },
        async || format!("{:?}\n{:#?}", look().await, bench.open_exceptions().await),
    )
    .await;
    let truth = bench.emulator.escrow(sn).expect("a payout");
    assert_eq!(
        exact(&shown["payout"]),
        truth.escrow_amount_after_adjustment,
        "{shown:#}"
    );
    assert_eq!(exact(&shown["unexplained"]), truth.unexplained, "{shown:#}");
    shown
}

/// Why there is each version.
fn causes(shown: &Value) -> Vec<&str> {
    let versions = shown["versions"].as_array().expect("versions").iter();
    versions
        .filter_map(|version| version["cause"].as_str())
        .collect()
}

async fn asked_for(client: &Client, sn: &OrderSn) {
    let asked = client.call("syncEscrow").with("sn", sn.as_str()).send();
    assert_eq!(asked.await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_payout_is_a_version_and_a_report_as_of_before_stays_the_same() {
    let (bench, client) = paying(standing(DAY * 20)).await;
    let shop = &bench.emulator;
    let sn = lived(&bench, NewOrder::of([cards(2)]), 4);
    bench.agrees().await;
    with_versions(&bench, &client, &sn, 1).await;
    let report = || {
        let call = client
            .call("reportEscrow")
            .with("by", "placed")
            .with("totals", "true");
        call.with("from", "2000-01-01").with("to", "2100-01-01")
    };
    let mut reports = vec![report().ok().await];

    shop.advance(DAY * 3);
    shop.adjust_escrow(&sn, Decimal::new(-325, 2), "Shipping fee adjustment")
        .unwrap();
    asked_for(&client, &sn).await;
    let adjusted = with_versions(&bench, &client, &sn, 2).await;
    assert_eq!(adjusted["adjustment"], "-3.25");
    assert_eq!(
        adjusted["adjustments"][0]["reason"],
        "Shipping fee adjustment"
    );
    reports.push(report().ok().await);

    shop.advance(DAY * 3);
    shop.release_escrow(&sn).unwrap();
    let run = ran(&bench, JobName::EscrowBackstopDaily, None).await;
    assert_eq!(count(&run, "noted"), 1, "{run:#?}");
    let released = with_versions(&bench, &client, &sn, 3).await;
    assert!(released["released_at"].is_string(), "{released:#}");
    reports.push(report().ok().await);

    // The buyer returns one after completion, and the order completes again.
    shop.advance(DAY * 3);
    shop.open_return(&sn, &[], "broke after a week").unwrap();
    shop.close_return(&sn, ReturnOutcome::Refunded).unwrap();
    bench.agrees().await;
    let returned = with_versions(&bench, &client, &sn, 4).await;
    assert_eq!(
        causes(&returned),
        ["captured", "adjustment", "released", "return"],
        "{returned:#}"
    );
    assert_eq!(returned["returns"].as_array().unwrap().len(), 1);
    reports.push(report().ok().await);

    let mut payouts: Vec<_> = reports
        .iter()
        .map(|made| &made["totals"][0]["payout"])
        .collect();
    payouts.dedup();
    assert_eq!(payouts.len(), 3, "released changes no amount: {payouts:?}");
    for made in &reports {
        let again = report().with("as_of", made["as_of"].clone()).ok().await;
        assert_eq!(&again, made);
    }
    // Nothing changed: nothing new is kept.
    let kept = "SELECT count(*) FROM tenant_default.shopee_escrow_version";
    let calls = || shop.stats().api.calls_to(Endpoint::EscrowDetailBatch);
    let before = calls();
    asked_for(&client, &sn).await;
    until(
        "the payout to be asked for again",
        async || (calls() > before).then_some(()),
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
    assert_eq!(bench.count(kept).await, 4);
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_formula_does_not_explain_is_shown_as_just_that() {
    let (bench, client) = paying(standing(DAY)).await;
    bench.emulator.charge_at_random(Some(11));
    let planted = Decimal::new(-173, 2);
    let sn = lived(&bench, NewOrder::of([cards(1)]), 3);
    bench.emulator.plant_unexplained(&sn, planted).unwrap();
    bench.emulator.complete(&sn).unwrap();
    let other = lived(&bench, NewOrder::of([cards(1)]), 4);
    let shown = with_versions(&bench, &client, &sn, 1).await;
    assert_eq!(shown["unexplained"], "-1.73");
    with_versions(&bench, &client, &other, 1).await;
    let report = client
        .call("reportEscrow")
        .with("by", "placed")
        .with("totals", "true");
    let report = report.with("from", "2000-01-01").with("to", "2100-01-01");
    let totals = &report.ok().await["totals"][0];
    assert_eq!(
        (
            &totals["orders"],
            &totals["unexplained_orders"],
            &totals["unexplained"]
        ),
        (&json!(2), &json!(1), &json!("-1.73"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn payouts_add_up_in_currencies_with_two_decimals_and_with_none() {
    for (region, profile, price, decimals) in [
        (Region::My, "TEST_MY", Decimal::new(10_937, 2), 2),
        (Region::Tw, "TEST_TW", Decimal::from(1_193), 2),
        (Region::Vn, "TEST_VN", Decimal::from(259_901), 0),
    ] {
        let shop = Shop {
            region,
            ..Shop::default()
        };
        let mut bench = Bench::of(EmulatorConfig {
            shops: vec![shop],
            ..standing(DAY)
        })
        .await;
        bench.add_card(CARD, 100).await;
        bench.settings = bench.settings.clone().with("SHOPEE_REGION", profile);
        bench.start_service().await;
        bench.emulator.charge_at_random(Some(5));
        let client = Client::of_everything(&bench.settings, &bench.origin()).await;
        for pieces in 1..=5 {
            let line = NewLine::new(CARD, price).times(pieces);
            let sn = lived(&bench, NewOrder::of([line]), 4);
            let shown = with_versions(&bench, &client, &sn, 1).await;
            assert_eq!(shown["currency"], region.currency());
            assert_eq!(exact(&shown["unexplained"]), Decimal::ZERO, "{shown:#}");
            let steps = shown["waterfall"].as_array().unwrap();
            let sum: Decimal = steps.iter().map(|step| exact(&step["effect"])).sum();
            assert_eq!(sum, exact(&shown["computed"]), "{shown:#}");
            let shown_with = exact(&shown["payout"]).scale();
            assert_eq!(shown_with, decimals, "{region:?}: {shown:#}");
        }
        assert!(bench.open_classes().await.is_empty(), "{region:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_five_payouts_take_three_calls() {
    let (bench, _) = paying(standing(DAY)).await;
    let shop = &bench.emulator;
    let completed: Vec<_> = (0..45)
        .map(|_| lived(&bench, NewOrder::of([cards(1)]), 4))
        .collect();
    bench.agrees().await;
    let until_kept = async |versions: i64| {
        until(
            "all payouts to be kept",
            async || {
                let kept = "SELECT count(*) FROM tenant_default.shopee_escrow_version";
                (bench.count(kept).await == versions).then_some(())
            },
            async || format!("{:#?}", bench.open_exceptions().await),
        )
        .await;
    };
    until_kept(45).await;
    for sn in &completed {
        shop.adjust_escrow(sn, Decimal::ONE, "A gift").unwrap();
    }
    let calls = || shop.stats().api.calls_to(Endpoint::EscrowDetailBatch);
    let before = calls();
    assert_eq!(bench.execute(ASK_AGAIN).await, 45);
    until_kept(90).await;
    assert_eq!(calls() - before, 3);
    assert_eq!(shop.stats().api.calls_to(Endpoint::EscrowDetail), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backstop_finds_payouts_that_nobody_asked_for_and_orders_that_nobody_knew() {
    let (bench, client) = paying(standing(DAY * 3)).await;
    let shop = &bench.emulator;
    shop.set_escrow_delay(Duration::from_hours(2));
    let forgotten = lived(&bench, NewOrder::of([cards(1)]), 4);
    bench.agrees().await;
    let patient = "SELECT count(*) FROM tenant_default.connector_order
                   WHERE escrow_due_at > now() + interval '30 minutes'";
    until(
        "the order to wait for its payout",
        async || (bench.count(patient).await == 1).then_some(()),
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
    // That is nobody's business; and now nobody would ask any more.
    assert!(bench.exceptions(None).await.is_empty());
    let forget = "UPDATE tenant_default.connector_order SET escrow_due_at = NULL";
    assert_eq!(bench.execute(forget).await, 1);
    shop.set_push_policy(none_arrives(false));
    let unheard_of = lived(&bench, NewOrder::of([cards(1)]).tracked_later(), 4);
    shop.advance(DAY);
    shop.release_escrow(&unheard_of).unwrap();

    let run = ran(&bench, JobName::EscrowBackstopDaily, None).await;
    assert_eq!(
        ["releases", "missing_made_due", "unknown_asked_for"].map(|of| count(&run, of)),
        [1, 1, 1],
        "{run:#?}"
    );
    with_versions(&bench, &client, &forgotten, 1).await;
    with_versions(&bench, &client, &unheard_of, 1).await;
    bench.agrees().await;
    // Its release was listed before we held it: the next run knows.
    ran(&bench, JobName::EscrowBackstopDaily, None).await;
    until(
        "the release to be known",
        async || {
            let call = client.call("showEscrow").with("sn", unheard_of.as_str());
            call.ok().await["released_at"].is_string().then_some(())
        },
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
    let open = bench.open_exceptions().await;
    assert!(open.is_empty(), "{open:#?}");
}
