//! What a push says (shopee.md §4.2, §4.6). `data` is a JSON object in a webhook; in the queue of
//! lost pushes it is a string that holds the whole original envelope, so that the order number is
//! one level deeper. All of these shapes are read, and wrappers may be nested.

use std::borrow::Cow;

use hawker_domain::event::{PushCode, PushContent, Tracking};
use hawker_domain::{OrderSn, ShopId};
use serde_json::value::RawValue;

use super::content_key;
use crate::json;

/// Genuine pushes nest four levels. Deeper than this is unreadable; Postgres would refuse such a
/// value when its stack is used up.
const NESTING_MAX: usize = 128;

/// Envelopes within envelopes that are followed: a lost push has one.
const WRAPPERS_MAX: usize = 3;

/// The longest text that is taken over from a push (message id, parcel, tracking number); genuine
/// ones have up to 36 characters.
const TEXT_CHARS_MAX: usize = 128;

/// Reads `body`. What is not readable is left out, and where nothing is, the key is one of bytes.
pub(super) fn read(body: &[u8]) -> PushContent {
    let json = std::str::from_utf8(body)
        .ok()
        .filter(|json| json::nesting(json) <= NESTING_MAX);
    let content = json.and_then(|json| Envelope::default().enclosing(json, WRAPPERS_MAX));
    content.unwrap_or_else(|| PushContent {
        content_key: content_key::of_bytes(body),
        is_ping: body.is_empty(),
        is_json: json.is_some_and(json::is_well_formed),
        ..PushContent::default()
    })
}

/// What the envelopes around the innermost `data` say; an outer one goes before an inner one.
#[derive(Default)]
struct Envelope {
    code: Option<i64>,
    shop: Option<i64>,
    partner_id: Option<i64>,
    message_id: Option<String>,
    order_sn: Option<String>,
    /// The one exception: an outer envelope says when the push was lost, the inner one when it was
    /// sent.
    sent_at: Option<i64>,
}

impl Envelope {
    /// Reads the envelope in `json`, which stands inside `self`. `None` where it is no object.
    fn enclosing(self, json: &str, wrappers_left: usize) -> Option<PushContent> {
        let [
            code,
            shop,
            partner_id,
            message_id,
            legacy_sn,
            order_sn,
            timestamp,
            data,
        ] = json::pick(
            json,
            [
                "code",
                "shop_id",
                "partner_id",
                "msg_id",
                "ordersn",
                "order_sn",
                "timestamp",
                "data",
            ],
        )
        .ok()?;
        let this = Self {
            code: self.code.or_else(|| json::integer(code?)),
            shop: self.shop.or_else(|| json::integer(shop?)),
            partner_id: self.partner_id.or_else(|| json::integer(partner_id?)),
            message_id: self.message_id.or_else(|| text(message_id?)),
            order_sn: self
                .order_sn
                .or_else(|| number_of_order(legacy_sn, order_sn)),
            sent_at: timestamp.and_then(json::integer).or(self.sent_at),
        };
        let data = match data {
            Some(raw) => json::string(raw).unwrap_or(Cow::Borrowed(raw.get())),
            None => Cow::Borrowed("null"),
        };
        Some(match Payload::parse(&data) {
            Some(payload) if payload.is_envelope && wrappers_left > 0 => {
                this.enclosing(&data, wrappers_left - 1)?
            }
            payload => this.content(&data, payload.unwrap_or_default()),
        })
    }

    fn content(self, data: &str, payload: Payload<'_>) -> PushContent {
        // A code beyond 32 bits is none that we could store; the key still tells it apart.
        let code = self
            .code
            .and_then(|code| i32::try_from(code).ok())
            .unwrap_or_default();
        let order_sn = payload.order_sn.or(self.order_sn);
        let meaning = match (PushCode(code), &order_sn) {
            (PushCode::ORDER_STATUS, Some(order_sn)) => content_key::meaning_of_status([
                order_sn,
                &payload.status,
                &payload.update_time,
                &payload.completed_scenario,
            ]),
            _ => content_key::canonical(data),
        };
        let order = order_sn.as_deref().and_then(OrderSn::parse);
        PushContent {
            content_key: content_key::of_meaning(order.as_ref(), self.shop, self.code, &meaning),
            code,
            is_ping: self.code == Some(0),
            shop: self.shop.map(ShopId),
            partner_id: self.partner_id,
            message_id: self.message_id,
            order_sn: order,
            updated_at: payload.update_time.parse().ok().and_then(json::moment),
            tracking: payload
                .tracking
                .filter(|_| PushCode(code) == PushCode::TRACKING_NUMBER),
            sent_at: self.sent_at.and_then(json::moment),
            authorised_shops: match PushCode(code) {
                PushCode::AUTHORISED | PushCode::AUTHORISATION_CANCELLED => {
                    shop_ids(&payload.authorised_shops)
                }
                _ => Vec::new(),
            },
            expiring_shops: match PushCode(code) {
                PushCode::AUTHORISATION_EXPIRY => shop_ids(payload.expiring_shops.as_slice()),
                _ => Vec::new(),
            },
            expires_before: payload
                .expire_before
                .filter(|_| PushCode(code) == PushCode::AUTHORISATION_EXPIRY)
                .and_then(json::integer)
                .and_then(json::moment),
            is_json: true,
        }
    }
}

/// The members of `data` that we use.
#[derive(Default)]
struct Payload<'a> {
    /// It has a code and data of its own: it is an envelope again.
    is_envelope: bool,
    order_sn: Option<String>,
    status: Cow<'a, str>,
    update_time: Cow<'a, str>,
    completed_scenario: Cow<'a, str>,
    tracking: Option<Tracking>,
    /// What may name shops, or lists of them: the documents have three names for it.
    authorised_shops: Vec<&'a RawValue>,
    expiring_shops: Option<&'a RawValue>,
    expire_before: Option<&'a RawValue>,
}

impl<'a> Payload<'a> {
    fn parse(data: &'a str) -> Option<Self> {
        let [
            code,
            inner,
            legacy_sn,
            order_sn,
            status,
            update_time,
            completed_scenario,
            package_number,
            tracking_no,
            one_shop,
            several_shops,
            gone_shop,
            expiring_shops,
            expire_before,
        ] = json::pick(
            data,
            [
                "code",
                "data",
                "ordersn",
                "order_sn",
                "status",
                "update_time",
                "completed_scenario",
                "package_number",
                "tracking_no",
                "shop_id",
                "shop_id_list",
                "shopid",
                "shop_expire_soon",
                "expire_before",
            ],
        )
        .ok()?;
        let tracking = tracking_no.and_then(text).map(|tracking_number| Tracking {
            package_number: package_number.and_then(text).unwrap_or_default(),
            tracking_number,
            is_pushed: true,
        });
        Some(Self {
            is_envelope: inner.is_some() && code.and_then(json::integer).is_some(),
            order_sn: number_of_order(legacy_sn, order_sn),
            status: loose(status),
            update_time: loose(update_time),
            completed_scenario: loose(completed_scenario),
            tracking,
            authorised_shops: [one_shop, several_shops, gone_shop]
                .into_iter()
                .flatten()
                .collect(),
            expiring_shops,
            expire_before,
        })
    }
}

/// The platform has two names for it, `ordersn` and `order_sn` (shopee.md §4.2).
fn number_of_order(legacy_sn: Option<&RawValue>, order_sn: Option<&RawValue>) -> Option<String> {
    legacy_sn.and_then(text).or_else(|| order_sn.and_then(text))
}

/// A text that is short, not blank, and holds nothing that a database could not.
fn text(raw: &RawValue) -> Option<String> {
    let text = json::scalar(raw)?;
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX;
    (fits && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

/// A part of a key: whole numbers in one form whether they came as text or not.
fn loose(raw: Option<&RawValue>) -> Cow<'_, str> {
    let Some(raw) = raw else {
        return Cow::Borrowed("");
    };
    match (json::integer(raw), json::scalar(raw)) {
        (Some(number), _) => Cow::Owned(number.to_string()),
        (None, Some(text)) => text,
        (None, None) => Cow::Borrowed(raw.get()),
    }
}

/// The ids in values that are an id or a list of ids, each once.
fn shop_ids(values: &[&RawValue]) -> Vec<ShopId> {
    let ids = values.iter().flat_map(|raw| {
        serde_json::from_str::<Vec<&RawValue>>(raw.get())
            .unwrap_or_else(|_| vec![raw])
            .into_iter()
            .filter_map(json::integer)
    });
    let mut shops: Vec<ShopId> = ids.map(ShopId).collect();
    shops.sort_unstable();
    shops.dedup();
    shops
}
