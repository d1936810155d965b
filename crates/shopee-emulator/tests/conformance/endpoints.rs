//! Every endpoint, called as its own specification says: the path of its URL, its method, its kind
//! of signature. What is asked for stands here; everything else comes from the specification.

use std::collections::BTreeSet;

use hawker_shopee_emulator::{
    ApiType, Consent, Controls, Emulator, Endpoint, LivePushStatus, OrderSn, Warehouse,
};
use serde_json::{Value, json};

use crate::all_kinds;
use crate::client::{Answer, Caller, emulator};
use crate::receiver::Receiver;
use crate::spec::{self, Spec};

/// What a call asks for; a GET has no body.
#[derive(Default)]
struct Asked {
    query: Vec<(&'static str, String)>,
    body: Value,
}

impl Asked {
    fn query(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self {
            query: pairs.into_iter().collect(),
            body: Value::Null,
        }
    }

    fn body(body: Value) -> Self {
        Self {
            query: Vec::new(),
            body,
        }
    }
}

/// A shop in which something of everything has happened.
struct Stage {
    emulator: Emulator,
    caller: Caller,
    receiver: Receiver,
    sns: Vec<OrderSn>,
}

impl Stage {
    async fn set() -> Self {
        let emulator = emulator().await;
        let caller = Caller::of(&emulator);
        let sns = all_kinds(&emulator);
        let warehouses = vec![Warehouse::new("SGZ", "Bedok")];
        emulator
            .set_warehouses(caller.shop_id, Some(warehouses))
            .unwrap();
        emulator.set_live_push_status(LivePushStatus::Suspended);
        Self {
            emulator,
            caller,
            receiver: Receiver::start(),
            sns,
        }
    }

    /// The order that was completed, shipped, and partly returned.
    fn completed(&self) -> &OrderSn {
        self.sns.last().unwrap()
    }

    fn listing(&self) -> (i64, i64) {
        let order = self.emulator.order(self.completed()).unwrap();
        let plain = &order.lines[1].listing;
        let varied = &order.lines[0].listing;
        (plain.item_id, varied.item_id)
    }
}

#[tokio::test]
async fn every_endpoint_answers_and_refuses_as_its_specification_says() {
    let mut problems = Vec::new();
    for endpoint in Endpoint::ALL.iter().copied() {
        let Some(spec) = Spec::load(&spec_name(endpoint)) else {
            return;
        };
        assert_eq!(spec.path(), endpoint.path(), "{endpoint}");
        let signed_for = match spec.json["api_type"].as_str() {
            Some("Public") => ApiType::Public,
            Some("Shop") => ApiType::Shop,
            other => panic!("{endpoint}: {other:?}"),
        };
        assert_eq!(endpoint.api_type(), signed_for, "{endpoint}");
        let stage = Stage::set().await;
        let (good, bad) = asked_of(endpoint, &stage);
        let answer = call(&spec, &stage.caller, &good).await;
        assert_eq!(answer.status, 200, "{endpoint}: {}", answer.text);
        assert!(answer.error().is_empty(), "{endpoint}: {}", answer.text);
        problems.extend(spec.problems(&answer));
        if let Some(bad) = bad {
            spec.check_error(&call(&spec, &stage.caller, &bad).await);
        }
        let mut stranger = stage.caller.clone();
        stranger.partner_key.push('x');
        spec.check_error(&call(&spec, &stranger, &good).await);
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[tokio::test]
async fn every_endpoint_is_known_by_its_own_method_only() {
    let Some(_) = Spec::load("v2.shop.get_shop_info") else {
        return;
    };
    for endpoint in Endpoint::ALL.iter().copied() {
        // Its specification says GET, and every client uses POST: both are served.
        if endpoint == Endpoint::EscrowDetailBatch {
            continue;
        }
        let spec = Spec::load(&spec_name(endpoint)).unwrap();
        let stage = Stage::set().await;
        let path = endpoint.path();
        let other = if spec.is_post() {
            stage.caller.get(&path, &[]).await
        } else {
            stage.caller.post(&path, json!({})).await
        };
        assert!(
            other.message().starts_with("Permission denied."),
            "{endpoint}: {}",
            other.text
        );
    }
}

/// Specifications that nobody answers to here, which all change something or are beyond the
/// world of this shop.
const NOT_SERVED: [&str; 17] = [
    "v2.logistics.create_shipping_document",
    "v2.logistics.download_shipping_document",
    "v2.logistics.get_shipping_document_parameter",
    "v2.logistics.get_shipping_document_result",
    "v2.logistics.get_shipping_parameter",
    "v2.logistics.ship_order",
    "v2.order.cancel_order",
    "v2.order.handle_buyer_cancellation",
    "v2.order.set_note",
    "v2.order.split_order",
    "v2.order.unsplit_order",
    "v2.payment.get_income_detail",
    "v2.payment.get_payout_info",
    "v2.payment.get_wallet_transaction_list",
    "v2.product.search_item",
    "v2.product.update_price",
    "v2.product.update_stock",
];

#[test]
fn every_specification_is_served_or_known_not_to_be() {
    let Some(all) = spec::names() else { return };
    let served: BTreeSet<String> = Endpoint::ALL.iter().copied().map(spec_name).collect();
    let not_served: BTreeSet<String> = NOT_SERVED.map(str::to_owned).into();
    assert!(served.is_disjoint(&not_served));
    let known: BTreeSet<String> = served.union(&not_served).cloned().collect();
    assert_eq!(all, known);
}

/// The specification's file; those of the tokens are filed by their purpose.
fn spec_name(endpoint: Endpoint) -> String {
    match endpoint {
        Endpoint::TokenGet => "v2.public.get_access_token".to_owned(),
        Endpoint::TokenRefresh => "v2.public.refresh_access_token".to_owned(),
        other => format!("v2.{}", other.name().replace('/', ".")),
    }
}

async fn call(spec: &Spec, caller: &Caller, asked: &Asked) -> Answer {
    let path = spec.path();
    let pairs = asked.query.iter();
    let query: Vec<_> = pairs.map(|(key, value)| (*key, value.as_str())).collect();
    let for_app = spec.json["api_type"] == "Public";
    match (for_app, spec.is_post()) {
        (true, true) => caller.public(&path, Some(asked.body.clone())).await,
        (true, false) => caller.try_public(&path, &query, None).await.unwrap(),
        (false, true) => caller.post(&path, asked.body.clone()).await,
        (false, false) => caller.get(&path, &query).await,
    }
}

/// A call that succeeds, and where parameters can be wrong, one that does not.
fn asked_of(endpoint: Endpoint, stage: &Stage) -> (Asked, Option<Asked>) {
    use Endpoint as E;

    let nothing = Asked::default;
    let one = |name, value: &str| Asked::query([(name, value.to_owned())]);
    let sn = stage.completed().as_str();
    match endpoint {
        E::TokenGet | E::TokenRefresh | E::TokenResend => asked_of_tokens(endpoint, stage),
        E::ShopsByPartner => (nothing(), Some(one("page_size", "101"))),
        E::MerchantsByPartner => {
            let consent = Consent::of_shop(stage.caller.shop_id).with_merchants([31]);
            stage.emulator.issue_code(&consent).unwrap();
            (nothing(), Some(one("page_no", "0")))
        }
        E::ShopInfo
        | E::ShopProfile
        | E::IpRanges
        | E::ChannelList
        | E::PushConfig
        | E::LostPushes => (nothing(), None),
        E::Warehouses => (nothing(), Some(one("warehouse_type", "2"))),
        E::SetPushConfig => (
            Asked::body(json!({
                "callback_url": stage.receiver.url,
                "set_push_config_on": [1, 2, 3],
                "set_push_config_off": [10],
                "blocked_shop_id_list": [],
            })),
            Some(Asked::body(json!({ "callback_url": "nowhere" }))),
        ),
        E::ConfirmLostPushes => (
            Asked::body(json!({ "last_message_id": 1 })),
            Some(Asked::body(json!({}))),
        ),
        E::OrderDetail => (one("order_sn_list", sn), Some(one("order_sn_list", "NONE"))),
        E::OrderList => asked_of_list(stage),
        E::ShipmentList => (one("page_size", "20"), Some(one("page_size", "101"))),
        E::PackageDetail => {
            let orders = stage.emulator.orders().into_iter();
            let packages = orders.flat_map(|order| order.packages);
            let numbers: Vec<_> = packages
                .map(|package| package.package_number.to_string())
                .collect();
            (
                one("package_number_list", &numbers.join(",")),
                Some(one("package_number_list", "NONE")),
            )
        }
        E::PackageSearch => (
            Asked::body(json!({
                "filter": { "package_status": 0 },
                "pagination": { "page_size": 2, "cursor": "" },
                "sort": { "sort_type": 1, "ascending": false },
            })),
            Some(Asked::body(json!({ "pagination": { "page_size": 0 } }))),
        ),
        E::EscrowDetail | E::TrackingNumber | E::TrackingInfo => {
            (one("order_sn", sn), Some(one("order_sn", "NONE")))
        }
        E::EscrowDetailBatch => (one("order_sn_list", sn), Some(nothing())),
        E::EscrowList => {
            let now = stage.emulator.shop_time();
            let window = |from: i64, to: i64| {
                Asked::query([
                    ("release_time_from", from.to_string()),
                    ("release_time_to", to.to_string()),
                ])
            };
            (window(now - 60, now + 60), Some(window(now, now - 1)))
        }
        E::ReturnList => (
            Asked::query([("page_no", "0".to_owned()), ("page_size", "9".to_owned())]),
            Some(nothing()),
        ),
        E::ReturnDetail => {
            let order = stage.emulator.order(stage.completed()).unwrap();
            let return_sn = order.returns[0].return_sn.as_str();
            (one("return_sn", return_sn), Some(one("return_sn", "NONE")))
        }
        E::ItemList => (
            Asked::query([
                ("offset", "0".to_owned()),
                ("page_size", "2".to_owned()),
                ("item_status", "NORMAL".to_owned()),
                ("item_status", "UNLIST".to_owned()),
            ]),
            Some(nothing()),
        ),
        E::ItemBaseInfo => {
            let (plain, varied) = stage.listing();
            let ids = [plain, varied].map(|id| ("item_id_list", id.to_string()));
            (Asked::query(ids), Some(one("item_id_list", "1")))
        }
        E::ModelList => {
            let (_, varied) = stage.listing();
            let id = varied.to_string();
            (one("item_id", &id), Some(one("item_id", "1")))
        }
    }
}

fn asked_of_tokens(endpoint: Endpoint, stage: &Stage) -> (Asked, Option<Asked>) {
    let (partner_id, shop_id) = (stage.caller.partner_id, stage.caller.shop_id);
    let controls: &Controls = &stage.emulator;
    match endpoint {
        Endpoint::TokenGet => {
            let consent = Consent::of_main_account(7, [shop_id]).with_merchants([31]);
            let code = controls.issue_code(&consent).unwrap();
            let body = |code: &str| {
                Asked::body(json!({
                    "code": code, "partner_id": partner_id, "main_account_id": 7,
                }))
            };
            (body(&code), Some(body("wrong")))
        }
        Endpoint::TokenRefresh => {
            let pair = controls.issue_tokens(shop_id).unwrap();
            let body = |token: &str| {
                Asked::body(json!({
                    "refresh_token": token, "partner_id": partner_id, "shop_id": shop_id,
                }))
            };
            (body(&pair.refresh_token), Some(body("wrong")))
        }
        _ => {
            let code = controls.issue_resend_code(shop_id).unwrap();
            let body = |code: &str| Asked::body(json!({ "resend_code": code }));
            (body(&code), Some(body("wrong")))
        }
    }
}

fn asked_of_list(stage: &Stage) -> (Asked, Option<Asked>) {
    let now = stage.emulator.shop_time();
    let window = |from: i64| {
        Asked::query([
            ("time_range_field", "update_time".to_owned()),
            ("time_from", from.to_string()),
            ("time_to", (now + 60).to_string()),
            ("page_size", "3".to_owned()),
        ])
    };
    (window(now - 60), Some(window(0)))
}
