//! Payouts: asked for in batches, exact to the last digit, kept as they came, and not harmed by one
//! another.

use std::collections::BTreeSet;

use hawker_ports::Marketplace;
use hawker_ports::marketplace::{EscrowAnswer, EscrowFault, FetchedEscrow, MarketplaceError};
use hawker_shopee::sign::{Identity, sign};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;

mod batches;
mod income;

const ORDER: &str = "260319SGD00071";
const DOLLARS: &str = include_str!("../fixtures/escrow_in_dollars.json");

async fn asked(bench: &Bench, orders: &[&str]) -> Result<Vec<FetchedEscrow>, MarketplaceError> {
    let orders: Vec<OrderSn> = orders.iter().map(|order| sn(order)).collect();
    bench
        .marketplace
        .escrow_details(&bench.access(), &orders)
        .await
}

/// The reply of a batch with these elements, as text: amounts keep their digits.
fn batch(details: &[&str]) -> String {
    let entries: Vec<String> = details
        .iter()
        .map(|detail| format!(r#"{{"escrow_detail": {detail}}}"#))
        .collect();
    format!(
        r#"{{"error": "", "message": "", "response": [{}]}}"#,
        entries.join(",")
    )
}

/// `response` of the fixture, as it stands there.
fn dollars() -> &'static str {
    let start = DOLLARS.find("{\n    \"order_sn\"").expect("a payout");
    DOLLARS[start..]
        .trim_end()
        .strip_suffix('}')
        .expect("an envelope")
        .trim_end()
}

/// What becomes of the payout of `ORDER` when it is this.
async fn answer_to(detail: &str) -> Result<EscrowAnswer, String> {
    let reply = batch(&[detail]);
    let bench = Bench::new(move |_| Answer::new(200, reply.clone()));
    let fetched = asked(&bench, &[ORDER]).await.expect("payouts");
    let [fetched] = fetched.try_into().expect("one payout");
    assert_eq!(fetched.order_sn, sn(ORDER));
    fetched.answer.map_err(|complaint| complaint.to_string())
}

/// The smallest payout that is one, with some members more in its income.
fn payout(order_sn: &str, more: &Value) -> Value {
    let mut income = json!({
        "escrow_amount": 9, "original_price": 10, "buyer_total_amount": 10,
        "total_adjustment_amount": 0,
    });
    let members = more.as_object().expect("members").clone();
    income.as_object_mut().expect("members").extend(members);
    json!({"order_sn": order_sn, "order_income": income})
}

fn amount(text: &str) -> Decimal {
    text.parse().expect("an amount")
}

#[tokio::test]
async fn a_payout_is_read_exactly_and_kept_as_it_came() {
    let EscrowAnswer {
        amounts, payload, ..
    } = answer_to(dollars()).await.unwrap();
    assert_eq!(amounts.escrow_amount, amount("84.3"));
    assert_eq!(amounts.original_price, amount("95"));
    assert_eq!(amounts.seller_discount, amount("7"));
    assert_eq!(amounts.voucher_from_seller, amount("0.57"));
    assert_eq!(amounts.voucher_from_shopee, amount("2.93"));
    assert_eq!(amounts.commission_fee, amount("1.4"));
    assert_eq!(amounts.seller_transaction_fee, amount("1.73"));
    assert_eq!(amounts.actual_shipping_fee, amount("1.99"));
    assert_eq!(amounts.buyer_total_amount, amount("86.49"));
    assert_eq!(payload, dollars(), "verbatim, digit for digit");
    assert!(payload.contains(r#""escrow_amount": 84.30"#));
    assert!(payload.contains("buyer_payment_info"));
}

#[tokio::test]
async fn the_call_is_signed_on_behalf_of_the_shop() {
    let bench = Bench::new(|_| Answer::new(200, batch(&[dollars()])));
    asked(&bench, &[ORDER]).await.unwrap();
    let request = bench.request();
    assert_eq!(request.method, "POST");
    assert_eq!(request.body, format!(r#"{{"order_sn_list":["{ORDER}"]}}"#));
    let access = bench.access();
    let path = request.url.path();
    assert!(path.ends_with("/payment/get_escrow_detail_batch"), "{path}");
    let identity = Identity::Shop {
        shop: access.shop,
        access_token: &access.access_token,
    };
    let expected = sign(
        &access.partner_key,
        access.partner_id,
        path,
        TIMESTAMP,
        identity,
    );
    assert_eq!(request.query("sign"), expected);
    assert_eq!(bench.results(), ["ok"]);
}

#[tokio::test]
async fn a_part_that_is_left_out_did_not_occur() {
    let answer = answer_to(&payout(ORDER, &json!({})).to_string())
        .await
        .unwrap();
    let amounts = answer.amounts;
    for part in [
        amounts.seller_discount,
        amounts.shopee_discount,
        amounts.voucher_from_seller,
        amounts.voucher_from_shopee,
        amounts.commission_fee,
        amounts.service_fee,
        amounts.seller_transaction_fee,
        amounts.actual_shipping_fee,
        amounts.seller_lost_compensation,
    ] {
        assert_eq!(part, Decimal::ZERO);
    }
}

#[tokio::test]
async fn a_sum_that_is_left_out_is_complained_about_by_its_name() {
    for sum in ["escrow_amount", "original_price", "buyer_total_amount"] {
        let detail = payout(ORDER, &json!({sum: null}));
        let complaint = answer_to(&detail.to_string()).await.unwrap_err();
        let member = format!("`order_income.{sum}`");
        assert!(
            complaint.contains(&member) && complaint.ends_with("is missing"),
            "{complaint}"
        );
    }
}

#[tokio::test]
async fn what_the_buyer_paid_is_found_where_the_table_of_the_batch_has_it() {
    let mut detail = payout(ORDER, &json!({"buyer_total_amount": null}));
    detail["buyer_payment_info"] = json!({"buyer_total_amount": 86.49});
    let answer = answer_to(&detail.to_string()).await.unwrap();
    assert_eq!(answer.amounts.buyer_total_amount, amount("86.49"));
    detail["order_income"]["buyer_total_amount"] = json!(80);
    let answer = answer_to(&detail.to_string()).await.unwrap();
    assert_eq!(
        answer.amounts.buyer_total_amount,
        amount("80"),
        "what it came to in the end"
    );
}

#[tokio::test]
async fn what_is_no_payout_is_complained_about() {
    for (income, complaint) in [
        (
            json!(null),
            "`order_income` of the marketplace's order is missing",
        ),
        (
            json!(7),
            "`order_income` of the marketplace's order is not an object",
        ),
        (
            json!({"escrow_amount": "a lot", "original_price": 1, "buyer_total_amount": 1}),
            r#"`order_income.escrow_amount` of the marketplace's order is not an amount: "a lot""#,
        ),
        (
            json!({"escrow_amount": 1, "original_price": 1, "buyer_total_amount": 1e30}),
            "`order_income.buyer_total_amount` of the marketplace's order is not an amount: 1e+30",
        ),
    ] {
        let detail = json!({"order_sn": ORDER, "order_income": income});
        let told = answer_to(&detail.to_string()).await.unwrap_err();
        assert_eq!(told, format!("the field {complaint}"));
    }
}

#[tokio::test]
async fn a_refusal_is_not_taken_for_a_payout_that_is_not_there_yet() {
    let reply = json!({"error": "error_api_permission", "message": "no permission"});
    let bench = Bench::new(move |_| Answer::json(200, &reply));
    let refused = asked(&bench, &[ORDER]).await.unwrap_err();
    assert!(
        matches!(refused, MarketplaceError::Misconfigured { .. }),
        "{refused:?}"
    );
}
