//! The samples of the platform's own specifications become the right orders, payouts and pushes, and
//! their refusals are of the right class.

use super::samples::{sample, specification};
use hawker_domain::catalogue::Sku;
use hawker_domain::escrow::{EscrowAmounts, FORMULA, Sign, computed};
use hawker_domain::order::snapshot::{LineKey, ListingRef, LogisticsStatus, Package, SnapshotLine};
use hawker_domain::order::{Address, FulfilledBy, OrderSnapshot, OrderStatus, PriceBasis};
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_ports::pushes::PushReader;
use hawker_shopee::calls::payment::{EscrowBatchWire, EscrowOfBatchWire};
use hawker_shopee::client::RefusalClass;
use hawker_shopee::push::ShopeePushes;
use hawker_shopee::translate::{escrow_answer, order_snapshot};
use hawker_shopee::wire::OrderListWire;
use rust_decimal::Decimal;
use serde_json::Value;

fn at(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_timestamp(seconds, 0)
}

#[test]
fn the_sample_order_is_understood_in_every_part() {
    let Some(specification) = specification("order.get_order_detail") else {
        return;
    };
    let response = sample(&specification, "response_sample")["response"].to_string();
    let list: OrderListWire = serde_json::from_str(&response).unwrap();
    let [order] = list.order_list.0.try_into().unwrap();
    let snapshot = order_snapshot(order.get()).unwrap();

    assert_eq!(
        snapshot,
        OrderSnapshot {
            order_sn: OrderSn::parse("2404098R48U37H").unwrap(),
            status: OrderStatus::Completed,
            currency: "VND".parse().unwrap(),
            cash_on_delivery: true,
            total: Some(32119.into()),
            created_at: at(1_712_601_591).unwrap(),
            updated_at: at(1_713_139_948).unwrap(),
            paid_at: at(1_712_817_766),
            ship_by: at(1_712_671_200),
            picked_up_at: at(1_712_726_577),
            buyer_id: Some(1_170_319_091),
            buyer_username: Some("xt4fdsf96j".into()),
            address: Some(Address {
                name: Some("P******n".into()),
                phone: Some("******64".into()),
                full_address: Some("Ấp******".into()),
                town: None,
                district: Some("Xã Phong Thạnh Tây B".into()),
                city: Some("Huyện Phước Long".into()),
                state: Some("Bạc Liêu".into()),
                postal_code: None,
                country_code: Some("vn".into()),
            }),
            payment_method: Some("Cash on Delivery".into()),
            shipping_carrier: Some("Giao Hàng Nhanh".into()),
            message_to_seller: None,
            note: None,
            fulfilled_by: FulfilledBy::Seller,
            cancellation: None,
            lines: vec![SnapshotLine {
                key: LineKey("23620853561:23620853561:221404189791:0".into()),
                listing: ListingRef {
                    item_id: 23_620_853_561,
                    model_id: 221_404_189_791,
                },
                sku: Sku::parse("QAZ-SADOER-05"),
                title: snapshot.lines[0].title.clone(),
                quantity: 1,
                cancelled_quantity: 0,
                unit_price: 48000.into(),
                original_price: 300_000.into(),
                price_basis: PriceBasis::Discounted,
            }],
            packages: vec![Package {
                number: "OFG166300791210964".into(),
                logistics: LogisticsStatus::DeliveryDone,
                carrier: Some("5-Day Delivery (SPX)".into()),
            }],
        }
    );
    let title = &snapshot.lines[0].title;
    assert!(
        title.contains("Kem nở ngực SADOER") && title.ends_with(" — 60g（Papaya）"),
        "{title}"
    );
}

#[test]
fn the_sample_refusal_of_an_unknown_order_says_that_it_is_not_there() {
    let Some(specification) = specification("order.get_order_detail") else {
        return;
    };
    let refusal = sample(&specification, "error_example");
    assert_eq!(
        RefusalClass::of(
            refusal["error"].as_str().unwrap(),
            refusal["message"].as_str().unwrap()
        ),
        RefusalClass::NotFound
    );
}

#[test]
fn no_refusal_that_every_endpoint_may_give_is_taken_for_one_of_the_business() {
    let Some(specification) = specification("order.get_order_detail") else {
        return;
    };
    for refusal in specification["common_error_list"].as_array().unwrap() {
        let (code, message) = (
            refusal["name"].as_str().unwrap(),
            refusal["description"].as_str().unwrap(),
        );
        let expected = match (code, message) {
            ("error_rate_limit", _) => RefusalClass::Throttled,
            ("error_limit", _) => RefusalClass::DailyQuota,
            ("error_auth", "System error, please try again later.") => RefusalClass::Transient,
            ("error_auth", "Invalid access_token.") | ("invalid_acceess_token", _) => {
                RefusalClass::TokenInvalid
            }
            ("error_auth", "Invalid partner_id or shopid.")
            | ("shop_no_linked" | "partner_shop_no_link", _) => RefusalClass::Reauthorise,
            ("error_param", "Timestamp is expired.") => RefusalClass::Clock,
            // Requests of ours are complete: these would be mistakes of this program.
            ("error_param", message)
                if !message.contains("artner_id")
                    && (message.contains("There is no") || message.contains("imestamp")) =>
            {
                RefusalClass::Business
            }
            _ => {
                let class = RefusalClass::of(code, message);
                assert!(
                    matches!(class, RefusalClass::Misconfigured(_)),
                    "{code}: {message}: {class:?}"
                );
                continue;
            }
        };
        assert_eq!(
            RefusalClass::of(code, message),
            expected,
            "{code}: {message}"
        );
    }
}

#[test]
fn the_sample_of_a_lost_push_is_the_push_that_was_lost() {
    let Some(specification) = specification("push.get_lost_push_message") else {
        return;
    };
    let reply = sample(&specification, "response_sample");
    let [lost] = &reply["response"]["push_message_list"].as_array().unwrap()[..] else {
        panic!("the sample holds one message");
    };
    let pushed = ShopeePushes.read(lost["data"].to_string().as_bytes());
    assert_eq!(pushed.code, 3);
    assert_eq!(pushed.shop, Some(ShopId(727_720_655)));
    assert_eq!(pushed.order_sn, OrderSn::parse("220810QSK8S7BX"));
    assert_eq!(pushed.updated_at, at(1_660_123_127));
    assert_eq!(pushed.message_id, None);
    assert!(pushed.is_json);

    // The specification shows the string as the object that it holds; the platform sends a string.
    let mut as_sent = lost.clone();
    as_sent["data"] = Value::from(lost["data"].to_string());
    for message in [lost, &as_sent] {
        assert_eq!(ShopeePushes.read(message.to_string().as_bytes()), pushed);
    }
}

#[test]
fn the_sample_payout_is_understood() {
    let Some(specification) = specification("payment.get_escrow_detail") else {
        return;
    };
    let response = sample(&specification, "response_sample")["response"].to_string();
    let asked = OrderSn::parse("220725D58XURJS").unwrap();
    let answer = escrow_answer(&response, &asked).unwrap();
    let tenth = Decimal::new(1, 1);
    assert_eq!(
        answer.amounts,
        EscrowAmounts {
            escrow_amount: 100.into(),
            original_price: 139.into(),
            seller_discount: 10.into(),
            shopee_discount: 10.into(),
            voucher_from_seller: 10.into(),
            voucher_from_shopee: 10.into(),
            commission_fee: tenth,
            service_fee: tenth,
            seller_transaction_fee: tenth,
            actual_shipping_fee: 10.into(),
            seller_lost_compensation: tenth,
            buyer_total_amount: 99.into(),
        }
    );
    assert_eq!(answer.payload, response);
}

#[test]
fn every_way_to_say_that_there_is_no_payout_yet_is_recognised() {
    let Some(specification) = specification("payment.get_escrow_detail") else {
        return;
    };
    for refusal in specification["error_list"].as_array().unwrap() {
        let code = refusal["name"].as_str().unwrap();
        let message = refusal["description"].as_str().unwrap();
        if code.contains("not_found") {
            let class = RefusalClass::of(code, message);
            assert_eq!(class, RefusalClass::NotFound, "{code}: {message}");
        }
    }
}

/// The elements of a sample of the batch.
fn batch(sample: &Value) -> Vec<EscrowOfBatchWire> {
    let reply: EscrowBatchWire = serde_json::from_value(sample.clone()).expect("a reply");
    let entries = reply.entries().expect("a list");
    entries
        .map(|entry| entry.read().expect("an entry"))
        .collect()
}

#[test]
fn the_sample_batch_of_payouts_is_understood_and_explained_by_the_formula() {
    let Some(specification) = specification("payment.get_escrow_detail_batch") else {
        return;
    };
    let [entry] = batch(&sample(&specification, "response_sample"))
        .try_into()
        .expect("one payout");
    let detail = entry.escrow_detail.expect("a payout");
    let asked = OrderSn::parse("2405017HD347PQ").unwrap();
    let answer = escrow_answer(detail.get(), &asked).unwrap();
    assert_eq!(answer.amounts.escrow_amount, 37719.into());
    assert_eq!(computed(&answer.income), 37719.into());
    assert_eq!(answer.income.part("seller_return_refund"), (-28900).into());
    let voucher = answer.income.part("buyer_payment_info.shopee_voucher");
    assert_eq!(voucher, (-5260).into());
    assert_eq!(answer.income.returns, ["2405060KVC6EQB3"]);

    let [mark] = batch(&sample(&specification, "error_example"))
        .try_into()
        .expect("one mark");
    let code = mark.fail_error.0.expect("a mark");
    assert_eq!(RefusalClass::of(&code, ""), RefusalClass::NotFound);
}

/// The formula in the description of an amount, from its first sign on.
fn formula_of(api: &str) -> Option<String> {
    let specification = specification(api)?;
    let described = described(&specification["params"]["response_params"], "escrow_amount");
    let text = described
        .expect("the amount is described")
        .replace("&nbsp;", "");
    let start = text.find("escrow_amount=").expect("a formula") + "escrow_amount=".len();
    let formula = text[start..].split('<').next().unwrap_or_default();
    let formula: String = formula.split_whitespace().collect();
    Some(format!("+{formula}"))
}

fn ours(is_meant: impl Fn(&str) -> bool) -> String {
    let parts = FORMULA.iter().filter(|(name, _)| is_meant(name));
    let signed = parts.map(|(name, sign)| match sign {
        Sign::Plus => format!("+{name}"),
        Sign::Minus => format!("-{name}"),
    });
    signed.collect()
}

/// But for the part that only the batch's formula has.
#[test]
fn the_formula_is_that_of_the_specification() {
    let Some(published) = formula_of("payment.get_escrow_detail") else {
        return;
    };
    let ours = ours(|name| name != "fsf_seller_protection_fee_claim_amount");
    assert_eq!(ours, published);
}

/// By its usual names, and without its slips of the pen.
#[test]
fn the_formula_is_that_of_the_specification_of_the_batch() {
    let Some(published) = formula_of("payment.get_escrow_detail_batch") else {
        return;
    };
    let published = published
        .replace("+shopee_discounts-", "+shopee_discount-")
        .replace("-order_ams_commissionfee-", "-order_ams_commission_fee-")
        .replace(
            "-shipping_seller_protection_fee_premium_amount-",
            "-shipping_seller_protection_fee_amount-",
        )
        .replace("-trade_in_bonus_seller-", "-trade_in_bonus_by_seller-");
    assert_eq!(ours(|_| true), published);
}

/// The description of a member at whatever depth.
fn described<'s>(members: &'s Value, name: &str) -> Option<&'s str> {
    members.as_array()?.iter().find_map(|member| {
        if member["name"] == name {
            return member["description"].as_str();
        }
        described(&member["children"], name)
    })
}
