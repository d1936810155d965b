//! Payouts: asked for one by one, exact to the last digit, and kept as they came.

use hawker_ports::Marketplace;
use hawker_ports::marketplace::{EscrowAnswer, MarketplaceError};
use hawker_shopee::sign::{Identity, sign};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::*;

const ORDER: &str = "260319SGD00071";
const DOLLARS: &str = include_str!("../fixtures/escrow_in_dollars.json");

async fn asked(bench: &Bench) -> Result<Option<EscrowAnswer>, MarketplaceError> {
    bench
        .marketplace
        .escrow_detail(&bench.access(), &sn(ORDER))
        .await
}

/// What becomes of an answer whose `response` is this.
async fn answer_to(response: Value) -> Result<Option<EscrowAnswer>, MarketplaceError> {
    let reply = json!({"error": "", "message": "", "response": response});
    let bench = Bench::new(move |_| Answer::json(200, &reply));
    asked(&bench).await
}

fn reason(answer: Result<Option<EscrowAnswer>, MarketplaceError>) -> String {
    match answer {
        Err(MarketplaceError::Malformed { endpoint, reason }) => {
            assert_eq!(endpoint, "payment.get_escrow_detail");
            reason
        }
        other => panic!("not a complaint: {other:?}"),
    }
}

fn amount(text: &str) -> Decimal {
    text.parse().expect("an amount")
}

#[tokio::test]
async fn a_payout_is_read_exactly_and_kept_as_it_came() {
    let bench = Bench::new(|_| Answer::new(200, DOLLARS));
    let EscrowAnswer { amounts, payload } = asked(&bench).await.unwrap().unwrap();
    assert_eq!(amounts.escrow_amount, amount("84.3"));
    assert_eq!(amounts.original_price, amount("95"));
    assert_eq!(amounts.seller_discount, amount("7"));
    assert_eq!(amounts.voucher_from_seller, amount("0.57"));
    assert_eq!(amounts.voucher_from_shopee, amount("2.93"));
    assert_eq!(amounts.commission_fee, amount("1.4"));
    assert_eq!(amounts.seller_transaction_fee, amount("1.73"));
    assert_eq!(amounts.actual_shipping_fee, amount("1.99"));
    assert_eq!(amounts.buyer_total_amount, amount("86.49"));
    assert!(DOLLARS.contains(&payload), "verbatim, digit for digit");
    assert!(payload.contains(r#""escrow_amount": 84.30"#));
    assert!(payload.contains("buyer_payment_info"));
    assert_eq!(bench.results(), ["ok"]);
}

#[tokio::test]
async fn the_call_is_signed_on_behalf_of_the_shop() {
    let bench = Bench::new(|_| Answer::new(200, DOLLARS));
    asked(&bench).await.unwrap();
    let [request] = bench.server.requests().try_into().unwrap();
    assert_eq!(request.method, "GET");
    assert_eq!(request.query("order_sn"), ORDER);
    let access = bench.access();
    let path = request.url.path();
    assert!(path.ends_with("/payment/get_escrow_detail"), "{path}");
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
}

#[tokio::test]
async fn a_payout_that_is_not_there_yet_is_no_failure() {
    for code in [
        "order_not_found",
        "income_not_found",
        "common.error_not_found",
        "payment.order_not_found",
    ] {
        let reply = json!({"error": code, "message": "Order SN provided is invalid"});
        let bench = Bench::new(move |_| Answer::json(200, &reply));
        assert_eq!(asked(&bench).await.unwrap(), None, "{code}");
        assert_eq!(bench.results(), ["not_found"], "{code}: asked once");
    }
}

#[tokio::test]
async fn a_part_that_is_left_out_did_not_occur() {
    let answer = answer_to(json!({
        "order_sn": ORDER,
        "order_income": {"escrow_amount": 9, "original_price": 10, "buyer_total_amount": 10},
    }));
    let amounts = answer.await.unwrap().unwrap().amounts;
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
    let whole = json!({"escrow_amount": 9, "original_price": 10, "buyer_total_amount": 10});
    for sum in ["escrow_amount", "original_price", "buyer_total_amount"] {
        let mut income = whole.clone();
        income.as_object_mut().unwrap().remove(sum);
        let complaint = reason(answer_to(json!({"order_income": income})).await);
        assert_eq!(complaint, format!("`order_income.{sum}` is missing"));
    }
}

#[tokio::test]
async fn what_is_no_payout_is_complained_about() {
    let income = json!({"escrow_amount": "a lot", "original_price": 1, "buyer_total_amount": 1});
    for (response, complaint) in [
        (json!(null), "`response` is not an object"),
        (json!("none"), "`response` is not an object"),
        (json!({}), "`order_income` is missing"),
        (
            json!({"order_income": 7}),
            "`order_income` is not an object",
        ),
        (
            json!({"order_income": income}),
            r#"`order_income.escrow_amount` is not an amount: "a lot""#,
        ),
        (
            json!({"order_sn": "Z9", "order_income": {}}),
            "`order_sn` is not the order asked for: Z9",
        ),
    ] {
        assert_eq!(reason(answer_to(response).await), complaint);
    }
}

#[tokio::test]
async fn a_refusal_is_not_taken_for_a_payout_that_is_not_there_yet() {
    let reply = json!({"error": "error_api_permission", "message": "no permission"});
    let bench = Bench::new(move |_| Answer::json(200, &reply));
    let refused = asked(&bench).await.unwrap_err();
    assert!(
        matches!(refused, MarketplaceError::Misconfigured { .. }),
        "{refused:?}"
    );
}
