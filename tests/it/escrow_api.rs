//! Payouts over HTTP: they add up, and a report can be made again to the cent.

use hawker_shopee_emulator::{NewOrder, OrderSn};
use hawker_tests::{Bench, cards, until};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::Client;

/// An order with vouchers, completed, and its payout as it is shown once it was captured.
async fn paid_out(bench: &Bench, client: &Client) -> (OrderSn, Value) {
    let shop = &bench.emulator;
    let order = NewOrder::of([cards(2)])
        .with_shipping_fee(Decimal::new(199, 2))
        .with_seller_voucher(Decimal::new(257, 2))
        .with_shopee_voucher(Decimal::new(113, 2));
    let sn = shop.place(order.paid_at_once()).expect("an order");
    shop.arrange_shipment(&sn).expect("it is arranged");
    shop.pick_up(&sn).expect("it is picked up");
    shop.complete(&sn).expect("it is completed");
    let looked = async || {
        let call = client.call("showEscrow").with("sn", sn.as_str());
        call.send().await
    };
    let shown = until(
        "the payout to be captured",
        async || Some(looked().await).filter(|reply| reply.status == 200),
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
    (sn, shown.json())
}

fn amount(value: &Value) -> Decimal {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"));
    text.parse().expect("an amount")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_is_told_step_by_step_and_adds_up_to_what_the_marketplace_pays() {
    let bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    let (sn, shown) = paid_out(&bench, &client).await;
    let truth = bench.emulator.escrow(&sn).expect("a payout");
    assert_eq!(amount(&shown["escrow_amount"]), truth.escrow_amount);
    let steps = shown["waterfall"].as_array().expect("steps");
    let sum: Decimal = steps.iter().map(|step| amount(&step["effect"])).sum();
    assert_eq!(sum, amount(&shown["computed"]), "{shown:#}");
    assert_eq!(shown["unexplained"], "0.00", "{shown:#}");
    assert_eq!(shown["versions"][0]["cause"], "captured");
    let synced = client.call("syncEscrow").with("sn", sn.as_str()).send();
    assert_eq!(synced.await.status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_the_same_as_json_and_as_a_table_and_can_be_made_again() {
    let bench = Bench::start().await;
    let client = Client::of_everything(&bench.settings, &bench.origin()).await;
    let (first, shown) = paid_out(&bench, &client).await;
    let report = || {
        let call = client
            .call("reportEscrow")
            .with("by", "placed")
            .with("totals", "true");
        call.with("from", "2000-01-01").with("to", "2100-01-01")
    };
    let before = report().ok().await;
    assert_eq!(before["items"][0]["order_sn"], first.as_str());
    let total = &before["totals"][0];
    assert_eq!(
        (&total["currency"], &total["orders"], &total["payout"]),
        (&json!("SGD"), &json!(1), &shown["payout"]),
        "{before:#}"
    );

    paid_out(&bench, &client).await;
    assert_eq!(report().ok().await["totals"][0]["orders"], 2);
    let again = report().with("as_of", before["as_of"].clone()).ok().await;
    assert_eq!(again, before);

    let table = report().with("format", "csv").send().await;
    assert_eq!(
        table.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    let lines: Vec<_> = table.text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 3, "{}", table.text);
    let place = lines[0].split(',').position(|name| name == "payout");
    let payouts = lines[1..].iter().map(|line| {
        let cell = line.split(',').nth(place.expect("a column"));
        cell.expect("a cell").parse::<Decimal>().expect("an amount")
    });
    let total = amount(&report().ok().await["totals"][0]["payout"]);
    assert_eq!(payouts.sum::<Decimal>(), total);
}
