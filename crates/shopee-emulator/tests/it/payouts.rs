//! Money after completion: the whole formula, what it does not explain, adjustments, release.

use std::time::Duration;

use hawker_shopee_emulator::{
    Emulator, EmulatorConfig, EscrowRelease, MissingEscrows, NewLine, NewOrder, OrderSn,
    PackedLine, Region, ReturnOutcome, Shop,
};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::{Caller, TOKEN, emulator};
use crate::goods::{money, one_card, placed};

const ESCROW: &str = "/api/v2/payment/get_escrow_detail";
const BATCH: &str = "/api/v2/payment/get_escrow_detail_batch";
const LIST: &str = "/api/v2/payment/get_escrow_list";

/// The published formula, as the specification of `escrow_amount` has it.
const PLUS: [&str; 8] = [
    "original_cost_of_goods_sold",
    "seller_return_refund",
    "shopee_discount",
    "buyer_paid_shipping_fee",
    "shopee_shipping_rebate",
    "shipping_fee_discount_from_3pl",
    "rsf_seller_protection_fee_claim_amount",
    "buyer_paid_packaging_fee",
];
const MINUS: [&str; 29] = [
    "original_shopee_discount",
    "voucher_from_seller",
    "seller_coin_cash_back",
    "actual_shipping_fee",
    "reverse_shipping_fee",
    "final_return_to_seller_shipping_fee",
    "seller_transaction_fee",
    "service_fee",
    "commission_fee",
    "campaign_fee",
    "shipping_seller_protection_fee_amount",
    "delivery_seller_protection_fee_premium_amount",
    "final_escrow_product_gst",
    "order_ams_commission_fee",
    "escrow_tax",
    "sales_tax_on_lvg",
    "reverse_shipping_fee_sst",
    "shipping_fee_sst",
    "withholding_tax",
    "overseas_return_service_fee",
    "vat_on_imported_goods",
    "withholding_vat_tax",
    "withholding_pit_tax",
    "withholding_cit_tax",
    "seller_order_processing_fee",
    "trade_in_bonus_by_seller",
    "fbs_fee",
    "ads_escrow_top_up_fee_or_technical_support_fee",
    "th_import_duty",
];

fn amount(income: &Value, name: &str) -> Decimal {
    match &income[name] {
        Value::Null => Decimal::ZERO,
        number => number.to_string().parse().unwrap(),
    }
}

fn formula(income: &Value) -> Decimal {
    let sum = |names: &[&str]| {
        names
            .iter()
            .map(|name| amount(income, name))
            .sum::<Decimal>()
    };
    sum(&PLUS) - sum(&MINUS)
}

async fn in_region(region: Region) -> Emulator {
    let config = EmulatorConfig {
        shops: vec![Shop {
            region,
            ..Shop::default()
        }],
        ..EmulatorConfig::default()
    };
    let config = config.with_token(TOKEN).at_speed(0.0);
    Emulator::start(config).await.unwrap()
}

fn complete(emulator: &Emulator, order: NewOrder) -> OrderSn {
    let sn = emulator.place(order.paid_at_once()).unwrap();
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    emulator.deliver(&sn).unwrap();
    emulator.complete(&sn).unwrap();
    sn
}

async fn income(caller: &Caller, sn: &OrderSn) -> Value {
    let asked = [("order_sn", sn.as_str())];
    caller.get(ESCROW, &asked).await.response()["order_income"].clone()
}

async fn payouts(caller: &Caller, emulator: &Emulator) -> Vec<Value> {
    let (from, to) = (
        emulator.shop_time() - 86_400 * 30,
        emulator.shop_time() + 60,
    );
    let (from, to) = (from.to_string(), to.to_string());
    let query = [
        ("release_time_from", from.as_str()),
        ("release_time_to", to.as_str()),
    ];
    let list = caller.get(LIST, &query).await.response();
    list["escrow_list"].as_array().unwrap().clone()
}

#[tokio::test]
async fn random_charges_obey_the_formula_in_every_currency() {
    for (region, price, decimals) in [
        (Region::Sg, money(8855), 2),
        (Region::Vn, 125_000.into(), 0),
    ] {
        let emulator = in_region(region).await;
        let caller = Caller::of(&emulator);
        emulator.charge_at_random(Some(9));
        let mut charged = std::collections::BTreeSet::new();
        for _ in 0..12 {
            let order = NewOrder::of([NewLine::new("A", price).times(2)]);
            let sn = complete(&emulator, order);
            let unit = PackedLine {
                line: 0,
                quantity: 1,
            };
            emulator.open_return(&sn, &[unit], "Damaged").unwrap();
            emulator.close_return(&sn, ReturnOutcome::Refunded).unwrap();
            let income = income(&caller, &sn).await;
            assert_eq!(
                amount(&income, "escrow_amount"),
                formula(&income),
                "{income:#}"
            );
            let parts = PLUS.iter().chain(&MINUS);
            for part in parts.filter(|part| !amount(&income, part).is_zero()) {
                assert!(
                    amount(&income, part).normalize().scale() <= decimals,
                    "{part}"
                );
                charged.insert(*part);
            }
            let truth = emulator.escrow(&sn).unwrap();
            assert_eq!(truth.escrow_amount, amount(&income, "escrow_amount"));
        }
        assert!(charged.len() > 30, "{region:?}: {charged:?}");
        assert_eq!(
            charged.contains("withholding_cit_tax"),
            region == Region::Vn
        );
    }
}

#[tokio::test]
async fn an_order_costs_nothing_for_a_return_that_it_has_not_had() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator.charge_at_random(Some(9));
    let sns: Vec<_> = (0..8).map(|_| complete(&emulator, one_card())).collect();
    for sn in &sns {
        let income = income(&caller, sn).await;
        assert!(amount(&income, "reverse_shipping_fee").is_zero());
    }
    let returned = sns.iter().map(|sn| {
        emulator.open_return(sn, &[], "Damaged").unwrap();
        emulator.close_return(sn, ReturnOutcome::Refunded).unwrap();
        emulator.escrow(sn).unwrap().charges.reverse_shipping_fee
    });
    assert!(returned.sum::<Decimal>() > Decimal::ZERO);
}

#[tokio::test]
async fn an_unexplained_amount_is_in_the_escrow_and_in_no_part_of_it() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = complete(&emulator, one_card());
    emulator.plant_unexplained(&sn, money(-123)).unwrap();
    let income = income(&caller, &sn).await;
    assert_eq!(
        amount(&income, "escrow_amount") - formula(&income),
        money(-123)
    );
    assert_eq!(emulator.escrow(&sn).unwrap().unexplained, money(-123));
}

#[tokio::test]
async fn a_late_adjustment_changes_the_payout_and_nothing_else() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let open = placed(&emulator);
    emulator
        .adjust_escrow(&open, money(-100), "Too early")
        .unwrap_err();
    let sn = complete(&emulator, one_card());
    let before = income(&caller, &sn).await;
    assert!(before.get("order_adjustment").is_none());
    let order = emulator.order(&sn).unwrap();
    let arisen = emulator.stats().pushes.unsent;
    emulator.advance(Duration::from_hours(24 * 20));
    emulator
        .adjust_escrow(&sn, money(-250), "Shipping fee")
        .unwrap();
    emulator.adjust_escrow(&sn, money(50), "Goodwill").unwrap();
    let after = income(&caller, &sn).await;
    assert_eq!(after["escrow_amount"], before["escrow_amount"]);
    assert_eq!(amount(&after, "total_adjustment_amount"), money(-200));
    assert_eq!(
        amount(&after, "escrow_amount_after_adjustment"),
        amount(&after, "escrow_amount") - money(200)
    );
    let adjustment = json!({
        "amount": -2.5,
        "date": emulator.shop_time(),
        "currency": "SGD",
        "adjustment_reason": "Shipping fee",
    });
    assert_eq!(after["order_adjustment"][0], adjustment);
    assert_eq!(emulator.order(&sn).unwrap().update_time, order.update_time);
    assert_eq!(
        emulator.stats().pushes.unsent,
        arisen,
        "no push tells of it"
    );
    let truth = emulator.escrow(&sn).unwrap();
    let payout = payouts(&caller, &emulator).await.remove(0);
    assert_eq!(
        amount(&payout, "payout_amount"),
        truth.escrow_amount_after_adjustment
    );
}

#[tokio::test]
async fn escrows_are_released_by_hand_or_some_time_after_completion() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator.set_escrow_release(EscrowRelease::ByHand);
    let sn = complete(&emulator, one_card());
    emulator.advance(Duration::from_hours(240));
    assert_eq!(payouts(&caller, &emulator).await, [] as [Value; 0]);
    assert_eq!(emulator.escrow(&sn).unwrap().released_at, None);
    income(&caller, &sn).await;
    emulator.release_escrow(&sn).unwrap();
    emulator.release_escrow(&sn).unwrap_err();
    let payout = payouts(&caller, &emulator).await.remove(0);
    assert_eq!(payout["escrow_release_time"], emulator.shop_time());
    assert_eq!(
        emulator.escrow(&sn).unwrap().released_at,
        Some(emulator.shop_time())
    );

    emulator.set_escrow_release(EscrowRelease::After(Duration::from_hours(48)));
    let other = complete(&emulator, one_card());
    assert_eq!(payouts(&caller, &emulator).await.len(), 1);
    emulator.advance(Duration::from_hours(49));
    let completed_at = emulator.order(&other).unwrap().completed_at.unwrap();
    let released_at = emulator.escrow(&other).unwrap().released_at;
    assert_eq!(released_at, Some(completed_at + 48 * 3600));
    assert_eq!(payouts(&caller, &emulator).await.len(), 2);
}

#[tokio::test]
async fn a_return_after_completion_lowers_the_escrow_and_moves_the_order_on() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let order = NewOrder::of([NewLine::new("A", money(1000)).times(2)]);
    let sn = complete(&emulator, order);
    let before = (emulator.order(&sn).unwrap(), income(&caller, &sn).await);
    emulator.advance(Duration::from_hours(100));
    let unit = PackedLine {
        line: 0,
        quantity: 1,
    };
    emulator.open_return(&sn, &[unit], "Damaged").unwrap();
    emulator.close_return(&sn, ReturnOutcome::Refunded).unwrap();
    let after = (emulator.order(&sn).unwrap(), income(&caller, &sn).await);
    assert!(after.0.update_time > before.0.update_time);
    assert_eq!(after.0.lines[0].returned, 1);
    assert_eq!(amount(&after.1, "seller_return_refund"), money(-1000));
    assert!(amount(&after.1, "escrow_amount") < amount(&before.1, "escrow_amount"));
}

#[tokio::test]
async fn a_batch_marks_what_it_has_no_escrow_of() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let (ready, unfinished) = (complete(&emulator, one_card()), placed(&emulator));
    let asked = json!({ "order_sn_list": [ready, unfinished, "NONE"] });
    let list = caller.post(BATCH, asked.clone()).await.response();
    assert_eq!(list[0]["escrow_detail"]["order_sn"], json!(ready));
    assert!(list[0].get("fail_error").is_none());
    for (entry, sn) in [(&list[1], unfinished.as_str()), (&list[2], "NONE")] {
        let expected = json!({
            "escrow_detail": { "order_sn": sn, "return_order_sn_list": [] },
            "fail_error": "order_not_found",
            "fail_message": "The order info not found.",
        });
        assert_eq!(entry, &expected);
    }
    let nothing = json!({ "order_sn_list": ["NONE"] });
    let answer = caller.post(BATCH, nothing).await.json();
    assert_eq!(answer["error"], "");
    assert!(answer.get("response").is_none());
    assert_eq!(
        answer["escrow_detail_list"][0]["fail_error"],
        "order_not_found"
    );
    emulator.set_missing_escrows(MissingEscrows::Omitted);
    let list = caller.post(BATCH, asked).await.response();
    assert_eq!(list.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn escrows_can_be_seen_and_changed_over_http() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let release = json!({ "escrow_release": "by_hand", "random_charges": 4 });
    assert_eq!(caller.control("/switches", Some(release)).await.status, 200);
    let sn = complete(&emulator, one_card());
    let path = format!("/escrows/{sn}");
    let seen = caller.control(&path, None).await.json();
    assert_eq!(seen["released_at"], Value::Null);
    let change = json!({
        "adjust": { "amount": -1.5, "reason": "Late" }, "unexplained": 0.5, "release": true,
    });
    let changed = caller.control(&path, Some(change)).await.json();
    assert_eq!(changed["total_adjustment_amount"], -1.5);
    assert_eq!(changed["unexplained"], 0.5);
    assert_eq!(
        changed["released_at"],
        emulator.order(&sn).unwrap().update_time
    );
    let again = caller
        .control(&path, Some(json!({ "release": true })))
        .await;
    assert_eq!(again.status, 409);
    assert_eq!(caller.control("/escrows/NONE", None).await.status, 404);
}
