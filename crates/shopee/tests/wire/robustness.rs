//! What holds for every call: no bytes make reading its answer panic, and whatever succeeds on an
//! endpoint that changes something is never taken for a failure that may be repeated.

use super::every::{Visitor, every_call};
use hawker_domain::Timestamp;
use hawker_ports::MarketplaceError;
use hawker_shopee::calls::order::PackageDetailWire;
use hawker_shopee::calls::payment::WalletTransactionWire;
use hawker_shopee::calls::product::{ItemWire, ModelWire};
use hawker_shopee::calls::push::LostPushWire;
use hawker_shopee::calls::returns::ReturnWire;
use hawker_shopee::calls::shop::WarehouseWire;
use hawker_shopee::client::{Call, understand};
use hawker_shopee::wire::Verbatim;
use proptest::prelude::*;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Reads one answer as that of every call.
struct Reading {
    status: StatusCode,
    content_type: Option<&'static str>,
    body: Vec<u8>,
}

impl Visitor for Reading {
    fn visit<C: Call>(&mut self, _: &C) {
        let now = Timestamp::from_timestamp(1_655_714_431, 0).expect("a time");
        let answer = understand::<C>(self.status, self.content_type, self.body.clone(), now);
        match answer {
            Ok(_) => {}
            Err(
                MarketplaceError::Unavailable { endpoint, .. }
                | MarketplaceError::Malformed { endpoint, .. },
            ) => assert!(C::ENDPOINT.is_repeatable, "{endpoint} may have happened"),
            Err(MarketplaceError::MaybeApplied { endpoint, .. }) => {
                assert!(!C::ENDPOINT.is_repeatable, "{endpoint} changes nothing");
            }
            Err(refused) => assert_eq!(refused.endpoint(), C::ENDPOINT.name),
        }
    }
}

fn statuses() -> impl Strategy<Value = StatusCode> {
    prop::sample::select(vec![200, 204, 302, 400, 403, 404, 408, 418, 429, 500, 503])
        .prop_map(|status| StatusCode::from_u16(status).expect("a status"))
}

fn content_types() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![
        None,
        Some("application/json"),
        Some("application/pdf"),
        Some("text/html; charset=utf-8"),
    ])
}

/// Names that replies use, so that arbitrary values meet the members that are read.
fn names() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "error",
        "message",
        "response",
        "warning",
        "request_id",
        "order_list",
        "order_sn",
        "more",
        "next_cursor",
        "pagination",
        "package_list",
        "packages_list",
        "item_list",
        "update_time",
        "escrow_detail",
        "escrow_list",
        "payout_list",
        "transaction_list",
        "income_detail_list",
        "list",
        "next_page",
        "access_token",
        "refresh_token",
        "expire_in",
        "shop_id_list",
        "authed_shop_list",
        "shop_id",
        "ip_list",
        "push_message_list",
        "blocked_shop_id",
        "live_push_status",
        "result",
        "location_id",
        "logistics_channel_list",
        "info_needed",
        "pickup",
        "address_list",
        "time_slot_list",
        "tracking_info",
        "result_list",
        "item",
        "stock_info_v2",
        "seller_stock",
        "price_info",
        "model",
        "tier_variation",
        "item_id_list",
        "return",
        "refund_amount",
        "negotiation",
    ])
    .prop_map(str::to_owned)
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        ".{0,12}".prop_map(Value::from),
        "[-+0-9eE.]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(names(), inner, 0..8)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_reading_an_answer_panic(
        status in statuses(),
        content_type in content_types(),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        every_call(&mut Reading { status, content_type, body });
    }

    #[test]
    fn no_json_makes_reading_an_answer_panic(
        status in statuses(),
        content_type in content_types(),
        value in values(),
        wraps in any::<bool>(),
    ) {
        let body = if wraps { json!({"error": "", "response": value}) } else { value };
        every_call(&mut Reading { status, content_type, body: body.to_string().into_bytes() });
    }

    #[test]
    fn no_json_makes_reading_what_was_kept_panic(value in values()) {
        kept(&value.to_string());
    }
}

/// Whether JSON can be read as each of the parts of replies that are kept whole.
fn kept(json: &str) -> [bool; 7] {
    fn is_read<T: DeserializeOwned>(json: &str) -> bool {
        let part: Result<Verbatim<T>, _> = serde_json::from_str(json);
        part.is_ok_and(|part| part.read().is_ok())
    }
    [
        is_read::<PackageDetailWire>(json),
        is_read::<WalletTransactionWire>(json),
        is_read::<WarehouseWire>(json),
        is_read::<ItemWire>(json),
        is_read::<ModelWire>(json),
        is_read::<ReturnWire>(json),
        is_read::<LostPushWire>(json),
    ]
}

#[test]
fn nesting_does_not_exhaust_the_stack() {
    for (open, close) in [("[", "]"), (r#"{"response":"#, "}")] {
        let nested = format!("{}7{}", open.repeat(100_000), close.repeat(100_000));
        let body = format!(r#"{{"error":"","response":{nested}}}"#).into_bytes();
        every_call(&mut Reading {
            status: StatusCode::OK,
            content_type: None,
            body,
        });
        kept(&nested);
    }
}

/// What every success on an endpoint that only says "done" looks like.
#[test]
fn what_succeeds_without_a_payload_is_a_success_where_something_was_changed() {
    struct Succeeding(Vec<&'static str>);

    impl Visitor for Succeeding {
        fn visit<C: Call>(&mut self, _: &C) {
            let body = br#"{"error":"","message":"","request_id":"req-1"}"#.to_vec();
            let answer = understand::<C>(
                StatusCode::OK,
                Some("application/json"),
                body,
                Timestamp::MIN_UTC,
            );
            if let Ok(answer) = answer
                && !C::ENDPOINT.is_repeatable
            {
                assert_eq!(answer.request_id.as_deref(), Some("req-1"));
                self.0.push(C::ENDPOINT.name);
            }
        }
    }

    let mut succeeding = Succeeding(Vec::new());
    every_call(&mut succeeding);
    succeeding.0.dedup();
    assert_eq!(
        succeeding.0,
        [
            "order.cancel_order",
            "order.handle_buyer_cancellation",
            "order.set_note",
            "order.split_order",
            "order.unsplit_order",
            // The pair itself is looked for by whoever needs one.
            "public.get_access_token",
            "public.refresh_access_token",
            "public.get_token_by_resend_code",
            "push.set_app_push_config",
        ]
    );
}
