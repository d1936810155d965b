//! Replies and their translation: no damage makes reading panic, and what cannot be understood is
//! complained about by the member at fault, in a few words that quote nobody.

use hawker_domain::escrow::{Income, computed};
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::NormalizationError;
use hawker_shopee::calls::order::{GetOrderDetail, GetOrderList};
use hawker_shopee::calls::payment::{GetEscrowDetail, GetEscrowDetailBatch, GetEscrowList};
use hawker_shopee::calls::push::GetLostPushMessage;
use hawker_shopee::client::{Answer, Call, understand};
use hawker_shopee::translate::{escrow_answer, order_snapshot};
use proptest::prelude::*;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::damage::{damaged, names, values};

/// A name of a buyer, which no complaint may carry.
const BUYER: &str = "kopi_collector";

macro_rules! replies {
    ($($fixture:literal),* $(,)?) => {
        [$(include_str!(concat!("../fixtures/", $fixture, ".json"))),*]
            .map(|text| serde_json::from_str::<Value>(text).expect("the fixture is JSON"))
            .to_vec()
    };
}

fn orders() -> Vec<Value> {
    let replies = replies![
        "bundle_at_price_zero",
        "cash_on_delivery",
        "dong_without_decimals",
        "masked_address",
        "nulls_and_missing",
        "numbers_as_text",
        "partial_cancel",
        "split_packages",
        "unknown_status",
        "without_variations",
    ];
    replies
        .into_iter()
        .map(|mut reply| reply["response"]["order_list"][0].take())
        .collect()
}

fn payouts() -> Vec<Value> {
    let mut payouts: Vec<Value> = replies!["escrow_in_dollars"]
        .into_iter()
        .map(|mut reply| reply["response"].take())
        .collect();
    let mut adjusted = payouts[0].clone();
    adjusted["return_order_sn_list"] = json!(["R1"]);
    adjusted["order_income"]["order_adjustment"] = json!([
        {"amount": -10.1, "date": 1_688_107_565, "currency": "SGD", "adjustment_reason": "late"},
    ]);
    adjusted["order_income"]["total_adjustment_amount"] = json!(-10.1);
    payouts.push(adjusted);
    payouts
}

/// A complaint says where and what, and not at length.
fn is_a_reason(complaint: &NormalizationError) -> Result<(), TestCaseError> {
    let NormalizationError { field, fault } = complaint;
    prop_assert!(!field.is_empty() && !fault.is_empty(), "{:?}", complaint);
    prop_assert!(
        field.chars().count() <= 200,
        "the name of a member is quoted at length"
    );
    prop_assert!(
        fault.chars().count() <= 200,
        "{} characters",
        fault.chars().count()
    );
    prop_assert!(
        !complaint.to_string().contains(BUYER),
        "a complaint names the buyer"
    );
    Ok(())
}

fn order_is_translated(json: &str) -> Result<(), TestCaseError> {
    match order_snapshot(json) {
        Ok(order) => {
            for line in &order.lines {
                prop_assert!(line.quantity > 0 || line.cancelled_quantity <= line.quantity);
            }
            Ok(())
        }
        Err(complaint) => is_a_reason(&complaint),
    }
}

fn payout_is_translated(json: &str) -> Result<(), TestCaseError> {
    let asked = OrderSn::parse("260319SGD00071").expect("an order number");
    match escrow_answer(json, &asked) {
        Ok(answer) => {
            prop_assert_eq!(&answer.payload, json, "it is kept as it came");
            // No sum of what was let in is beyond what can be held.
            let income = &answer.income;
            let _ = answer.amounts.escrow_amount - computed(income) + income.adjusted();
            let told = serde_json::to_string(income).expect("it can be written");
            let read: Option<Income> = serde_json::from_str(&told).ok();
            prop_assert_eq!(read.as_ref(), Some(income), "as it is stored");
            Ok(())
        }
        Err(complaint) => is_a_reason(&complaint),
    }
}

/// What the client makes of a body. A refusal has a reason as well.
fn understood<C: Call>(body: Vec<u8>) -> Result<Option<Answer<C::Reply>>, TestCaseError> {
    let now = Timestamp::from_timestamp(1_655_714_431, 0).expect("a time");
    match understand::<C>(StatusCode::OK, Some("application/json"), body, now) {
        Ok(answer) => Ok(Some(answer)),
        Err(error) => {
            let told = error.to_string();
            prop_assert!(told.len() > error.endpoint().len(), "{}", told);
            if let MarketplaceError::Malformed { reason, .. } = &error {
                prop_assert!(
                    !reason.is_empty() && reason.chars().count() <= 400,
                    "{}",
                    reason
                );
            }
            Ok(None)
        }
    }
}

fn reply_of(response: &Value) -> Value {
    json!({"error": "", "message": "", "request_id": "req-1", "response": response})
}

proptest! {
    #[test]
    fn any_bytes_are_translated_or_refused_with_a_reason(json in any::<String>()) {
        order_is_translated(&json)?;
        payout_is_translated(&json)?;
    }

    #[test]
    fn any_json_is_translated_or_refused_with_a_reason(
        value in values(names(&[orders(), payouts()].concat())),
    ) {
        let json = value.to_string();
        order_is_translated(&json)?;
        payout_is_translated(&json)?;
    }

    #[test]
    fn a_damaged_order_is_translated_or_refused_with_a_reason(body in damaged(orders())) {
        order_is_translated(&String::from_utf8_lossy(&body))?;
    }

    #[test]
    fn a_damaged_payout_is_translated_or_refused_with_a_reason(body in damaged(payouts())) {
        payout_is_translated(&String::from_utf8_lossy(&body))?;
    }

    #[test]
    fn a_damaged_reply_with_orders_is_read_or_refused_with_a_reason(
        body in damaged(vec![reply_of(&json!({"order_list": orders()}))]),
    ) {
        if let Some(answer) = understood::<GetOrderDetail>(body)? {
            for order in answer.reply.order_list.0 {
                order_is_translated(order.get())?;
            }
        }
    }

    #[test]
    fn a_damaged_reply_with_payouts_is_read_or_refused_with_a_reason(
        body in damaged({
            let entries: Vec<Value> = payouts()
                .into_iter()
                .map(|payout| json!({"escrow_detail": payout}))
                .collect();
            let mark = json!({"escrow_detail": {"order_sn": "A1"}, "fail_error": "order_not_found"});
            vec![reply_of(&json!(entries)), json!({"error": "", "escrow_detail_list": [mark]})]
        }),
    ) {
        if let Some(answer) = understood::<GetEscrowDetailBatch>(body.clone())? {
            let entries = answer.reply.entries();
            for entry in entries.into_iter().flatten() {
                if let Some(detail) = entry.read().ok().and_then(|entry| entry.escrow_detail) {
                    payout_is_translated(detail.get())?;
                }
            }
        }
        understood::<GetEscrowDetail>(body)?;
    }

    #[test]
    fn a_damaged_list_is_read_or_refused_with_a_reason(
        body in damaged(vec![
            reply_of(&json!({"more": true, "next_cursor": "20", "order_list": [
                {"order_sn": "A1", "order_status": "SHIPPED"}, {"order_sn": "B2"},
            ]})),
            reply_of(&json!({"more": true, "escrow_list": [
                {"order_sn": "A1", "payout_amount": 5733.04, "escrow_release_time": 1_651_849_648},
            ]})),
            reply_of(&json!({"has_next_page": true, "last_message_id": 7, "push_message_list": [
                {"shop_id": 1, "code": 3, "timestamp": 1_660_123_127, "data": "{\"code\":3}"}, null,
            ]})),
        ]),
    ) {
        understood::<GetOrderList>(body.clone())?;
        understood::<GetEscrowList>(body.clone())?;
        understood::<GetLostPushMessage>(body)?;
    }
}
