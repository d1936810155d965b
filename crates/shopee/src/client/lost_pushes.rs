//! The [`LostPushes`] port: the app's queue of pushes that no attempt could deliver (shopee.md §4.7).
//!
//! Whatever an entry looks like, it becomes a push: one that were left out would be confirmed with the
//! others and be gone, and one that were refused would block the queue for good.

use std::borrow::Cow;

use async_trait::async_trait;
use hawker_domain::ShopId;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::AppAccess;
use hawker_ports::pushes::PushReader;
use hawker_ports::recovery::{LostPush, LostPushPage, LostPushes};
use serde_json::value::RawValue;

use super::marketplace::ShopeeMarketplace;
use crate::calls::push::{ConfirmConsumedLostPushMessage, GetLostPushMessage, LostPushesWire};
use crate::json;
use crate::push::ShopeePushes;

#[async_trait]
impl LostPushes for ShopeeMarketplace {
    async fn lost_pushes(&self, app: &AppAccess) -> Result<LostPushPage, MarketplaceError> {
        let deadline = self.api.deadline();
        let answer = self.api.typed(app.into(), &GetLostPushMessage, deadline);
        Ok(page(&answer.await?.reply))
    }

    async fn confirm_lost_pushes(
        &self,
        app: &AppAccess,
        last_message_id: i64,
    ) -> Result<(), MarketplaceError> {
        let call = ConfirmConsumedLostPushMessage { last_message_id };
        let deadline = self.api.deadline();
        self.api.typed(app.into(), &call, deadline).await.map(drop)
    }
}

/// Of an empty list there is nothing to confirm, whatever id comes with it.
fn page(wire: &LostPushesWire) -> LostPushPage {
    let entries = &wire.push_message_list;
    LostPushPage {
        pushes: entries
            .iter()
            .flatten()
            .map(|kept| lost_push(kept.json()))
            .collect(),
        has_more: wire.has_next_page.unwrap_or(false),
        last_message_id: wire.last_message_id.filter(|_| !entries.is_empty()),
    }
}

/// The push that an entry, given as JSON, holds.
fn lost_push(entry: &str) -> LostPush {
    let [shop, code, timestamp, data] =
        json::pick(entry, ["shop_id", "code", "timestamp", "data"]).unwrap_or_default();
    let body = data.map_or(Cow::Borrowed(entry), |data| original(data, entry));
    let body = body.into_owned().into_bytes();
    LostPush {
        shop: shop
            .and_then(json::integer)
            .filter(|id| *id > 0)
            .map(ShopId),
        code: code
            .and_then(json::integer)
            .and_then(|code| i32::try_from(code).ok())
            .unwrap_or_else(|| ShopeePushes.read(&body).code),
        lost_at: timestamp.and_then(json::integer).and_then(json::moment),
        body,
    }
}

/// The original is a text in the entry, or the object itself, as the platform's sample shows it. Where
/// it is neither, or only what was within the original, the whole entry stands for it: it is read as
/// an envelope around one.
fn original<'a>(data: &'a RawValue, entry: &'a str) -> Cow<'a, str> {
    let original = if data.get().starts_with('{') {
        Some(Cow::Borrowed(data.get()))
    } else {
        json::string(data).filter(|text| !text.trim().is_empty())
    };
    original
        .filter(|original| !is_bare(original))
        .unwrap_or(Cow::Borrowed(entry))
}

/// An object without an envelope around it: alone it would tell neither what it is about nor itself
/// apart from others, and the second of two would be taken for a repetition of the first.
fn is_bare(original: &str) -> bool {
    json::pick(original, ["code", "data"])
        .is_ok_and(|[code, data]| code.is_none() && data.is_none())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn two_entries_without_an_envelope_are_two_pushes_with_the_keys_of_their_webhooks() {
        let content = |order_sn: &str| json!({"ordersn": order_sn, "status": "UNPAID"});
        let read = |data: Value| {
            let entry = json!({"shop_id": 7, "code": 3, "timestamp": 9, "data": data});
            ShopeePushes.read(&lost_push(&entry.to_string()).body)
        };
        for order_sn in ["2404098R48U37H", "2404098R48U37J"] {
            let pushed =
                json!({"shop_id": 7, "code": 3, "timestamp": 5, "data": content(order_sn)});
            let pushed = ShopeePushes.read(pushed.to_string().as_bytes());
            for data in [
                content(order_sn),
                Value::from(content(order_sn).to_string()),
            ] {
                let lost = read(data);
                assert_eq!(lost.content_key, pushed.content_key);
                assert_eq!(lost.order_sn, pushed.order_sn);
            }
        }
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        let names = prop::sample::select(vec!["shop_id", "code", "timestamp", "data", "ordersn"]);
        leaf.prop_recursive(4, 32, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(names.clone().prop_map(str::to_owned), inner, 0..6)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_original_is_handed_on_whatever_it_is(original in any::<String>(), code in any::<i32>()) {
            prop_assume!(!original.trim().is_empty());
            let push = lost_push(&json!({"code": code, "data": &original}).to_string());
            prop_assert_eq!(push.body, original.into_bytes());
            prop_assert_eq!(push.code, code);
        }

        #[test]
        fn every_entry_becomes_a_push_that_holds_something(entry in values()) {
            let entry = entry.to_string();
            let push = lost_push(&entry);
            prop_assert!(!push.body.is_empty());
            let part = String::from_utf8(push.body).expect("text");
            let is_told = entry.contains(&part)
                || entry.contains(&Value::from(part).to_string());
            prop_assert!(is_told, "nothing is made up");
        }

        #[test]
        fn no_text_in_place_of_an_entry_makes_it_panic(entry in any::<String>()) {
            prop_assert_eq!(lost_push(&entry).body.is_empty(), entry.is_empty());
        }
    }
}
