//! Everything that a payout is made of.

use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Adjustment, Escrow};
use hawker_domain::{ConnectorName, Currency, Environment};

use super::*;

#[tokio::test]
async fn every_figure_is_a_part_under_its_name() {
    let income = answer_to(dollars()).await.unwrap().income;
    let expected = [
        ("actual_shipping_fee", "1.99"),
        ("bcrs_deposit", "0"),
        ("buyer_paid_shipping_fee", "1.99"),
        ("buyer_payment_info.buyer_total_amount", "86.49"),
        ("buyer_total_amount", "86.49"),
        ("coins", "0.01"),
        ("commission_fee", "1.4"),
        ("escrow_amount", "84.3"),
        ("escrow_amount_after_adjustment", "84.3"),
        ("order_original_price", "95"),
        ("original_price", "95"),
        ("seller_discount", "7"),
        ("seller_transaction_fee", "1.73"),
        ("voucher_from_seller", "0.57"),
        ("voucher_from_shopee", "2.93"),
    ];
    let parts: Vec<_> = income
        .parts
        .iter()
        .map(|(name, part)| (name.as_str(), part.to_string()))
        .collect();
    assert_eq!(parts, expected.map(|(name, part)| (name, part.to_owned())));
    assert!(income.adjustments.is_empty() && income.returns.is_empty());
    assert!(!income.is_converted);
}

#[tokio::test]
async fn what_is_no_figure_is_no_part() {
    let detail = payout(
        ORDER,
        &json!({
            "instalment_plan": "12", "tax_registration_code": "8881234567",
            "buyer_payment_method": "7", "seller_voucher_code": ["57"], "items": [{"item_id": 1}],
            "net_commission_fee_info_list": {"fee_amount": 0.1}, "is_new": true,
            "a_fee_of_tomorrow": "0.35", "a_name_of_tomorrow": "N/A", "withholding_tax": null,
        }),
    );
    let parts = answer_to(&detail.to_string()).await.unwrap().income.parts;
    let names: Vec<_> = parts.keys().map(String::as_str).collect();
    let expected = [
        "a_fee_of_tomorrow",
        "buyer_total_amount",
        "escrow_amount",
        "original_price",
        "total_adjustment_amount",
    ];
    assert_eq!(names, expected);
    assert_eq!(parts["a_fee_of_tomorrow"], amount("0.35"));
}

#[tokio::test]
async fn a_part_of_the_sum_has_to_be_an_amount() {
    for (name, value, complaint) in [
        ("campaign_fee", r#""a lot""#, r#"not an amount: "a lot""#),
        ("fbs_fee", "[1]", "not an amount: [1]"),
        ("total_adjustment_amount", "1e20", "not an amount: 1e20"),
        (
            "exchange_rate",
            "1e300",
            "not a number that can be held exactly: 1e300",
        ),
    ] {
        let detail = format!(
            r#"{{"order_sn": "{ORDER}", "order_income": {{"escrow_amount": 9, "original_price": 10,
               "buyer_total_amount": 10, "{name}": {value}}}}}"#
        );
        let told = answer_to(&detail).await.unwrap_err();
        let expected =
            format!("the field `order_income.{name}` of the marketplace's order is {complaint}");
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn the_other_names_of_the_batch_are_the_usual_ones_with_us() {
    let more = json!({"shipping_fee_discount_from_pl": 1.5, "trade_in_bonus_seller": 2.5});
    let parts = answer_to(&payout(ORDER, &more).to_string())
        .await
        .unwrap()
        .income
        .parts;
    assert_eq!(parts["shipping_fee_discount_from_3pl"], amount("1.5"));
    assert_eq!(parts["trade_in_bonus_by_seller"], amount("2.5"));
    assert_eq!(parts.len(), 6, "each once");
    let more = json!({"shipping_seller_protection_fee_premium_amount": 0.5});
    let parts = answer_to(&payout(ORDER, &more).to_string())
        .await
        .unwrap()
        .income
        .parts;
    assert_eq!(
        parts["shipping_seller_protection_fee_amount"],
        amount("0.5")
    );
    let both = json!({"trade_in_bonus_seller": 1, "trade_in_bonus_by_seller": 2});
    let parts = answer_to(&payout(ORDER, &both).to_string())
        .await
        .unwrap()
        .income
        .parts;
    assert_eq!(parts["trade_in_bonus_by_seller"], amount("2"));
    assert_eq!(
        parts["trade_in_bonus_seller"],
        amount("1"),
        "nothing vanishes"
    );
}

#[tokio::test]
async fn what_has_another_name_in_a_batch_is_explained_as_in_the_answer_for_one() {
    let batch = json!({
        "escrow_amount": 98.5, "original_cost_of_goods_sold": 100,
        "shipping_fee_discount_from_pl": 1.5, "trade_in_bonus_seller": 2.5,
        "shipping_seller_protection_fee_premium_amount": 0.5,
    });
    let answer = answer_to(&payout(ORDER, &batch).to_string()).await.unwrap();
    let key = OrderKey {
        connector: ConnectorName::Shopee,
        environment: Environment::Live,
        order_sn: sn(ORDER),
    };
    let EscrowAnswer {
        amounts,
        income,
        payload,
    } = answer;
    let now = super::at(TIMESTAMP);
    let escrow = Escrow::captured(key, Currency::SGD, amounts, income, payload, now);
    assert_eq!(escrow.unexplained(), Some(Decimal::ZERO));
}

#[tokio::test]
async fn adjustments_are_read_in_their_order_and_returns_by_their_number() {
    let mut detail = payout(
        ORDER,
        &json!({
            "total_adjustment_amount": -3.5,
            "order_adjustment": [
                {"amount": 10.1, "date": 1_688_107_565, "currency": "TWD", "adjustment_reason": " "},
                {"amount": "-13.60", "adjustment_reason": "Lost parcel", "currency": "?"},
            ],
        }),
    );
    detail["return_order_sn_list"] = json!(["2405060KVC6EQB3", null, "R2"]);
    let income = answer_to(&detail.to_string()).await.unwrap().income;
    assert_eq!(
        income.adjustments,
        [
            Adjustment {
                amount: amount("10.1"),
                at: Some(super::at(1_688_107_565)),
                currency: Some("TWD".parse().unwrap()),
                reason: String::new(),
            },
            Adjustment {
                amount: amount("-13.6"),
                at: None,
                currency: None,
                reason: "Lost parcel".into(),
            },
        ]
    );
    assert_eq!(income.adjusted(), amount("-3.5"));
    assert_eq!(income.returns, ["2405060KVC6EQB3", "R2"]);

    detail["order_income"]["order_adjustment"] = json!([{"date": 1_688_107_565}]);
    let told = answer_to(&detail.to_string()).await.unwrap_err();
    assert!(
        told.contains("`order_income.order_adjustment[0].amount`"),
        "{told}"
    );
}

#[tokio::test]
async fn a_payout_is_converted_where_a_currency_says_so() {
    for (more, expected) in [
        (
            json!({"pri_currency": "TWD", "exchange_rate": 0.041_234_567_891}),
            true,
        ),
        (json!({"aff_currency": "SGD"}), true),
        (json!({"pri_currency": "", "aff_currency": null}), false),
        (json!({"pri_currency": "-", "exchange_rate": 1}), false),
    ] {
        let income = answer_to(&payout(ORDER, &more).to_string())
            .await
            .unwrap()
            .income;
        assert_eq!(income.is_converted, expected, "{more}");
    }
}

#[tokio::test]
async fn a_member_with_a_name_without_end_is_named_by_its_beginning() {
    let name = "é".repeat(100_000);
    let income = format!(
        r#"{{"escrow_amount": 9, "original_price": 10, "buyer_total_amount": 10, "{name}": 1e300}}"#
    );
    let detail = format!(r#"{{"order_sn": "{ORDER}", "order_income": {income}}}"#);
    let told = answer_to(&detail).await.unwrap_err();
    let begins = format!("`order_income.{}`", "é".repeat(80));
    assert!(told.contains(&begins), "{} bytes", told.len());
}
