//! Escrows: when they can be read, and that they add up.

use std::time::Duration;

use hawker_shopee_emulator::{Emulator, MissingEscrows, OrderSn};
use rust_decimal::Decimal;
use serde_json::json;

use crate::client::{Caller, emulator};
use crate::goods::{money, one_card};

const ESCROW: &str = "/api/v2/payment/get_escrow_detail";

#[tokio::test]
async fn an_escrow_appears_some_time_after_completion_and_adds_up() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator.set_escrow_delay(Duration::from_mins(10));
    let order = one_card()
        .with_shipping_fee(money(199))
        .with_seller_voucher(money(100));
    let sn = emulator.place(order.paid_at_once()).unwrap();
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    emulator.complete(&sn).unwrap();
    let asked = [("order_sn", sn.as_str())];
    assert_eq!(caller.get(ESCROW, &asked).await.error(), "order_not_found");
    emulator.advance(Duration::from_mins(11));
    let income = caller.get(ESCROW, &asked).await.response()["order_income"].clone();
    let amount = |name: &str| income[name].to_string().parse::<Decimal>().unwrap();
    let expected = amount("original_cost_of_goods_sold") - amount("original_shopee_discount")
        + amount("seller_return_refund")
        + amount("shopee_discount")
        - amount("voucher_from_seller")
        + amount("buyer_paid_shipping_fee")
        - amount("actual_shipping_fee")
        + amount("shopee_shipping_rebate")
        - amount("seller_transaction_fee")
        - amount("service_fee")
        - amount("commission_fee");
    assert_eq!(amount("escrow_amount"), expected);
    assert_eq!(amount("commission_fee"), money(72));
    assert_eq!(
        caller.get(ESCROW, &[]).await.message(),
        "order_sn is required"
    );
}

fn completed(emulator: &Emulator) -> OrderSn {
    let sn = emulator.place(one_card().paid_at_once()).unwrap();
    emulator.arrange_shipment(&sn).unwrap();
    emulator.pick_up(&sn).unwrap();
    emulator.complete(&sn).unwrap();
    sn
}

#[tokio::test]
async fn a_batch_is_asked_for_by_post_and_by_get() {
    let path = "/api/v2/payment/get_escrow_detail_batch";
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let (one, other) = (completed(&emulator), completed(&emulator));
    let unfinished = emulator.place(one_card()).unwrap();
    emulator.set_missing_escrows(MissingEscrows::Omitted);
    let asked = [one.as_str(), unfinished.as_str(), other.as_str()];
    let joined = asked.join(",");
    let by_post = caller.post(path, json!({ "order_sn_list": asked })).await;
    let by_get = caller.get(path, &[("order_sn_list", &joined)]).await;
    let repeated = asked.map(|sn| ("order_sn_list", sn));
    let by_repetition = caller.get(path, &repeated).await;
    for answer in [by_post, by_get, by_repetition] {
        let list = answer.response();
        let list = list.as_array().unwrap().iter();
        let found: Vec<_> = list
            .map(|entry| entry["escrow_detail"]["order_sn"].clone())
            .collect();
        assert_eq!(found, [json!(one), json!(other)]);
    }
    let many = json!({ "order_sn_list": vec!["A"; 51] });
    assert_eq!(caller.post(path, many).await.error(), "exceed_max_limit");
    for wrong in [
        json!({}),
        json!({ "order_sn_list": "A" }),
        json!({ "order_sn_list": [] }),
    ] {
        let refused = caller.post(path, wrong).await;
        assert_eq!(
            refused.message(),
            "order_sn_list is required, format should be string[]"
        );
    }
}

#[tokio::test]
async fn a_batch_has_its_own_names_for_three_members_and_the_same_amounts() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let sn = completed(&emulator);
    let alone = caller.get(ESCROW, &[("order_sn", sn.as_str())]).await;
    let alone = alone.response()["order_income"].clone();
    let path = "/api/v2/payment/get_escrow_detail_batch";
    let batch = caller.post(path, json!({ "order_sn_list": [sn] })).await;
    let batch = batch.response()[0]["escrow_detail"]["order_income"].clone();
    let (alone, batch) = (alone.as_object().unwrap(), batch.as_object().unwrap());
    for (usual, in_batch) in [
        (
            "shipping_fee_discount_from_3pl",
            "shipping_fee_discount_from_pl",
        ),
        ("trade_in_bonus_by_seller", "trade_in_bonus_seller"),
        (
            "shipping_seller_protection_fee_amount",
            "shipping_seller_protection_fee_premium_amount",
        ),
    ] {
        assert_eq!(batch.get(in_batch), alone.get(usual), "{usual}");
        assert!(!batch.contains_key(usual) && !alone.contains_key(in_batch));
    }
    assert_eq!(batch.len(), alone.len());
    assert_eq!(batch["escrow_amount"], alone["escrow_amount"]);
}

#[tokio::test]
async fn payouts_are_listed_by_the_time_of_their_release() {
    let path = "/api/v2/payment/get_escrow_list";
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let start = emulator.shop_time();
    emulator.set_escrow_delay(Duration::from_hours(1));
    let sns: Vec<_> = (0..3)
        .map(|_| {
            let sn = completed(&emulator);
            emulator.advance(Duration::from_mins(10));
            sn
        })
        .collect();
    let list = async |from: i64, to: i64, page_no: &str| {
        let (from, to) = (from.to_string(), to.to_string());
        let query = [
            ("release_time_from", from.as_str()),
            ("release_time_to", to.as_str()),
            ("page_size", "2"),
            ("page_no", page_no),
        ];
        caller.get(path, &query).await
    };
    let day = 86_400;
    let early = list(start, start + day, "1").await.response();
    assert_eq!(early["escrow_list"], json!([]), "not released yet");
    emulator.advance(Duration::from_hours(2));
    let first = list(start, start + day, "1").await.response();
    assert_eq!(
        (
            first["escrow_list"].as_array().unwrap().len(),
            &first["more"]
        ),
        (2, &json!(true))
    );
    let payout = &first["escrow_list"][0];
    assert_eq!(payout["order_sn"], json!(sns[0]));
    let truth = emulator.escrow(&sns[0]).unwrap().escrow_amount;
    assert_eq!(
        payout["payout_amount"].to_string(),
        truth.normalize().to_string()
    );
    let at = payout["escrow_release_time"].as_i64().unwrap();
    assert_eq!(
        emulator.order(&sns[0]).unwrap().completed_at,
        Some(at - 3600)
    );
    let second = list(start, start + day, "2").await.response();
    assert_eq!(second["escrow_list"][0]["order_sn"], json!(sns[2]));
    assert_eq!(second["more"], false);
    let narrow = list(at, at, "1").await.response();
    assert_eq!(narrow["escrow_list"].as_array().unwrap().len(), 1);
    let reversed = list(at, at - 1, "1").await;
    assert!(
        reversed.message().contains("start date cannot be later"),
        "{}",
        reversed.text
    );
    let missing = caller.get(path, &[("release_time_from", "1")]).await;
    assert!(
        missing.message().contains("missing or invalid"),
        "{}",
        missing.text
    );
}
