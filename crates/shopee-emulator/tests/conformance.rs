//! Answers held against the platform's own machine-readable specifications.
//!
//! The folder is named by `SHOPEE_SPECS`, else it is `../shared/reference/shopee-api` beside the
//! workspace. Without it there is nothing to compare with, and every test says so and passes.

#![expect(clippy::unwrap_used, reason = "a broken helper is a broken test")]

#[expect(dead_code, reason = "this binary needs only part of it")]
#[path = "it/client.rs"]
mod client;
#[path = "conformance/endpoints.rs"]
mod endpoints;
#[path = "conformance/overrides.rs"]
mod overrides;
#[expect(dead_code, reason = "this binary needs only part of it")]
#[path = "it/receiver.rs"]
mod receiver;
#[path = "conformance/spec.rs"]
mod spec;

use std::collections::BTreeSet;
use std::time::Duration;

use client::{Caller, TOKEN, emulator};
use hawker_shopee_emulator::{
    CancelledBy, Emulator, EmulatorConfig, NewLine, NewOrder, OrderSn, PackedLine, PushSettings,
    ReturnOutcome, Shop, Standing,
};
use overrides::OVERRIDES;
use rust_decimal::Decimal;
use serde_json::json;
use spec::Spec;

fn cents(amount: i64) -> Decimal {
    Decimal::new(amount, 2)
}

/// One order at every place of its life, of every kind.
fn all_kinds(emulator: &Emulator) -> Vec<OrderSn> {
    let lines = || {
        [
            NewLine::new("POK-OBF-223-NM-EN", cents(1300))
                .times(2)
                .discounted_to(cents(1255)),
            NewLine::plain("DECK-BOX-01", cents(990)),
            NewLine::new("MTG-A", cents(500))
                .in_bundle(1)
                .discounted_to(cents(400)),
            NewLine::new("MTG-B", cents(500))
                .in_bundle(1)
                .discounted_to(cents(400)),
        ]
    };
    let new = || NewOrder::of(lines()).with_shipping_fee(cents(199));
    let placed = |order: NewOrder| emulator.place(order).unwrap();
    let paid = || placed(new().paid_at_once());

    let unpaid = placed(new());
    let cod = placed(new().cash_on_delivery());
    let held = placed(new().paid_at_once().held_for("SYSTEM_PENDING"));
    let invoiced = placed(new().paid_at_once().needing_invoice());
    emulator.upload_invoice(&invoiced).unwrap();
    let reduced = paid();
    emulator
        .partial_cancel(
            &reduced,
            &[PackedLine {
                line: 0,
                quantity: 1,
            }],
        )
        .unwrap();
    let asked = paid();
    emulator.request_cancel(&asked, "Changed my mind").unwrap();
    let cancelled = paid();
    emulator
        .cancel(&cancelled, CancelledBy::Seller, "Out of Stock")
        .unwrap();
    let split = paid();
    let unit = |line, quantity| PackedLine { line, quantity };
    let parts = vec![vec![unit(0, 2)], vec![unit(1, 1), unit(2, 1), unit(3, 1)]];
    emulator.split(&split, parts).unwrap();
    let returned = paid();
    let completed = paid();
    for sn in [&returned, &completed] {
        emulator.arrange_shipment(sn).unwrap();
        emulator.pick_up(sn).unwrap();
        emulator.deliver(sn).unwrap();
    }
    emulator.open_return(&returned, &[], "Wrong card").unwrap();
    emulator.complete(&completed).unwrap();
    emulator.set_note(&completed, "sleeve twice").unwrap();
    emulator
        .open_return(&completed, &[unit(0, 1)], "Bent")
        .unwrap();
    emulator
        .close_return(&completed, ReturnOutcome::Refunded)
        .unwrap();
    vec![
        unpaid, cod, held, invoiced, reduced, asked, cancelled, split, returned, completed,
    ]
}

#[tokio::test]
async fn order_details_conform() {
    let Some(spec) = Spec::load("v2.order.get_order_detail") else {
        return;
    };
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sns = all_kinds(&emulator);
    let numbers = sns
        .iter()
        .map(OrderSn::as_str)
        .collect::<Vec<_>>()
        .join(",");
    let fields = spec.optional_fields();
    assert!(fields.len() > 25, "{fields:?}");
    let asked = [
        ("order_sn_list", numbers.as_str()),
        ("response_optional_fields", &fields.join(",")),
        ("request_order_status_pending", "true"),
    ];
    let answer = caller.get("/api/v2/order/get_order_detail", &asked).await;
    spec.check(&answer);

    // What was asked for is there, as far as it exists in this market and at this status.
    let elsewhere = [
        "edt",
        "payment_info",
        "international_label",
        "return_request_due_date",
        "actual_shipping_fee",
        "total_amount",
    ];
    for order in answer.response()["order_list"].as_array().unwrap() {
        let missing: Vec<_> = fields
            .iter()
            .filter(|name| order.get(name.as_str()).is_none())
            .filter(|name| !elsewhere.contains(&name.as_str()))
            .collect();
        assert!(missing.is_empty(), "{}: {missing:?}", order["order_sn"]);
    }
}

#[tokio::test]
async fn basic_fields_of_order_details_conform() {
    let Some(spec) = Spec::load("v2.order.get_order_detail") else {
        return;
    };
    let emulator = emulator().await;
    let sn = all_kinds(&emulator).remove(0);
    let answer = Caller::of(&emulator).details(&[sn.as_str()], "").await;
    let order = answer.response()["order_list"][0].clone();
    let details = spec.json["params"]["response_params"].as_array().unwrap();
    let response = details
        .iter()
        .find(|field| field["name"] == "response")
        .unwrap();
    let by_default = response["children"][0]["children"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|field| {
            let about = field["description"].as_str().unwrap_or_default();
            about
                .trim_start_matches("<p>")
                .starts_with("Return by default")
        })
        .filter_map(|field| field["name"].as_str())
        // Bookings belong to advance fulfilment, which this shop does not take part in.
        .filter(|name| *name != "booking_sn");
    let mut count = 0;
    for name in by_default {
        assert!(order.get(name).is_some(), "{name} should come by default");
        count += 1;
    }
    assert!(
        count >= 9,
        "only {count} default fields were found in the specification"
    );
}

#[tokio::test]
async fn refusals_of_order_details_conform() {
    let Some(spec) = Spec::load("v2.order.get_order_detail") else {
        return;
    };
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let unknown = caller.details(&["2404098R48U37H"], "").await;
    spec.check_error(&unknown);
    let example = &spec.json["error_example"][0]["value"];
    assert_eq!(json!(unknown.message()), example["message"]);
    spec.check_error(&caller.details(&["A"; 51], "").await);
    emulator.set_rate_limit(Some(0));
    spec.check_error(&caller.details(&["A"], "").await);
    emulator.set_rate_limit(None);
    caller.clock_error = -1000;
    spec.check_error(&caller.details(&["A"], "").await);
    caller.clock_error = 0;
    emulator
        .set_standing(caller.shop_id, Standing::Banned)
        .unwrap();
    spec.check_error(&caller.details(&["A"], "").await);
    emulator
        .set_standing(caller.shop_id, Standing::Unlinked)
        .unwrap();
    spec.check_error(&caller.details(&["A"], "").await);
    emulator
        .set_standing(caller.shop_id, Standing::Linked)
        .unwrap();
    caller.token.push('x');
    spec.check_error(&caller.details(&["A"], "").await);
    caller.partner_key.push('x');
    spec.check_error(&caller.details(&["A"], "").await);
    caller.partner_id = 1;
    spec.check_error(&caller.details(&["A"], "").await);
}

#[tokio::test]
async fn gateway_texts_are_the_platforms_own() {
    let Some(spec) = Spec::load("v2.order.get_order_detail") else {
        return;
    };
    let emulator = emulator().await;
    let mut caller = Caller::of(&emulator);
    let texts: BTreeSet<String> = spec.json["common_error_list"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["description"].as_str())
        // Non-breaking spaces are the editor's, not the gateway's.
        .map(|text| text.trim().replace('\u{a0}', " "))
        .collect();
    let path = "/api/v2/order/get_order_detail";
    let mut answers = vec![
        caller.unsigned(path).await,
        caller.unsigned(&format!("{path}?partner_id=x")).await,
        caller.unsigned(&format!("{path}?partner_id=1")).await,
        caller
            .unsigned(&format!("{path}?partner_id=1&timestamp=x"))
            .await,
        caller
            .unsigned(&format!("{path}?partner_id=1&timestamp=1"))
            .await,
        caller
            .unsigned(&format!("{path}?partner_id=1&timestamp=1&sign=0"))
            .await,
        caller.unsigned("/api/v2/order/nothing").await,
    ];
    caller.clock_error = -1000;
    answers.push(caller.details(&["A"], "").await);
    caller.clock_error = 0;
    caller.token.push('x');
    answers.push(caller.details(&["A"], "").await);
    caller.shop_id = 4711;
    answers.push(caller.details(&["A"], "").await);
    caller.partner_key.push('x');
    answers.push(caller.details(&["A"], "").await);
    caller.partner_id = 1;
    answers.push(caller.details(&["A"], "").await);
    for answer in answers {
        assert!(texts.contains(&answer.message()), "{}", answer.text);
    }
}

#[tokio::test]
async fn order_lists_conform() {
    let Some(spec) = Spec::load("v2.order.get_order_list") else {
        return;
    };
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    all_kinds(&emulator);
    let (from, to) = (emulator.shop_time() - 3600, emulator.shop_time() + 3600);
    let (from, to) = (from.to_string(), to.to_string());
    let asked = |from, to| {
        [
            ("time_range_field", "update_time"),
            ("time_from", from),
            ("time_to", to),
            ("page_size", "3"),
            ("response_optional_fields", "order_status"),
        ]
    };
    let path = "/api/v2/order/get_order_list";
    let answer = caller.get(path, &asked(&from, &to)).await;
    assert_eq!(answer.response()["more"], true);
    spec.check(&answer);
    let refused = caller.get(path, &asked("0", &to)).await;
    spec.check_error(&refused);
    assert_eq!(
        json!(refused.message()),
        spec.json["error_example"][0]["value"]["message"]
    );
}

#[tokio::test]
async fn shop_info_conforms() {
    let Some(spec) = Spec::load("v2.shop.get_shop_info") else {
        return;
    };
    let emulator = emulator().await;
    let answer = Caller::of(&emulator)
        .get("/api/v2/shop/get_shop_info", &[])
        .await;
    spec.check(&answer);
}

#[tokio::test]
async fn escrows_conform() {
    let Some(spec) = Spec::load("v2.payment.get_escrow_detail") else {
        return;
    };
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let completed = all_kinds(&emulator).pop().unwrap();
    let path = "/api/v2/payment/get_escrow_detail";
    let answer = caller.get(path, &[("order_sn", completed.as_str())]).await;
    assert_eq!(answer.response()["order_sn"], json!(completed));
    spec.check(&answer);
    spec.check_error(&caller.get(path, &[("order_sn", "NONE")]).await);
    let nameless = caller.get(path, &[]).await;
    assert_eq!(
        json!(nameless.message()),
        spec.json["error_example"][0]["value"]["message"]
    );
}

#[tokio::test]
async fn lost_pushes_conform() {
    let Some(spec) = Spec::load("v2.push.get_lost_push_message") else {
        return;
    };
    let Some(confirm) = Spec::load("v2.push.confirm_consumed_lost_push_message") else {
        return;
    };
    // Nobody listens there: every push is lost at its first attempt.
    let pushes = PushSettings {
        retry_after: Vec::new(),
        ..PushSettings::default()
    };
    let config = EmulatorConfig {
        pushes,
        ..EmulatorConfig::default()
    }
    .with_token(TOKEN)
    .pushing_to("http://127.0.0.1:9/hook");
    let emulator = Emulator::start(config).await.unwrap();
    let caller = Caller::of(&emulator);
    emulator
        .place(NewOrder::of([NewLine::new("A", cents(100))]))
        .unwrap();
    tokio::time::timeout(Duration::from_mins(1), emulator.drained())
        .await
        .unwrap();
    let answer = caller
        .public("/api/v2/push/get_lost_push_message", None)
        .await;
    assert_eq!(
        answer.response()["push_message_list"][0]["shop_id"],
        json!(Shop::default().shop_id)
    );
    spec.check(&answer);
    let last = json!({ "last_message_id": answer.response()["last_message_id"] });
    let path = "/api/v2/push/confirm_consumed_lost_push_message";
    confirm.check(&caller.public(path, Some(last)).await);
    confirm.check_error(&caller.public(path, Some(json!({}))).await);
}

#[test]
fn every_override_has_a_reason() {
    assert!(OVERRIDES.iter().all(|entry| !entry.reason.is_empty()));
}
