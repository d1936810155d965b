//! Plain examples to fill a store or a fake with: one shop, its profile, orders of trading cards.
//! Each is whole and valid; a test changes what it is about.

use chrono::{DateTime, TimeDelta};
use hawker_domain::catalogue::Sku;
use hawker_domain::event::{
    Disposition, EventSource, KeySlot, NewEvent, PushCode, PushContent, SignatureScheme, Verdict,
};
use hawker_domain::ids::{EventId, ProfileId, TokenId};
use hawker_domain::order::snapshot::{LineKey, ListingRef, LogisticsStatus, Package, SnapshotLine};
use hawker_domain::order::{Address, FulfilledBy, OrderSnapshot, OrderStatus, PriceBasis};
use hawker_domain::profile::Region;
use hawker_domain::token::REFRESH_TOKEN_LIFE;
use hawker_domain::{
    ConnectorName, Currency, Environment, IdSource, OrderSn, ShopId, TenantSlug, Timestamp,
};
use rust_decimal::Decimal;

use crate::Sealed;
use crate::profiles::{NewProfile, Profile};
use crate::shops::{ShopDetails, Warehouse};
use crate::tokens::{NewToken, TokenKey};

/// The shop of all examples.
pub const SHOP: ShopId = ShopId(5_000_000_001);

/// The SKU that the lines of [`snapshot`] carry.
pub const SKU: &str = "POK-OBF-223-NM-EN";

/// When examples happen: noon in Singapore on 5 January 2026.
pub fn noon() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_767_585_600)
}

/// So many seconds after [`noon`].
pub fn after_noon(seconds: i64) -> Timestamp {
    noon() + TimeDelta::seconds(seconds)
}

/// The tenant with this name.
///
/// # Panics
/// The text is not a tenant's name.
pub fn tenant(text: &str) -> TenantSlug {
    text.parse().expect("the name of a tenant")
}

/// The order with this number.
///
/// # Panics
/// The text is not an order number.
pub fn order_sn(text: &str) -> OrderSn {
    OrderSn::parse(text).expect("an order number")
}

/// The SKU with this text.
///
/// # Panics
/// The text is not a SKU.
pub fn sku(text: &str) -> Sku {
    Sku::parse(text).expect("a SKU")
}

/// The profile with this id.
///
/// # Panics
/// The text is not a profile's id.
pub fn profile_id(text: &str) -> ProfileId {
    ProfileId::parse(text).expect("the id of a profile")
}

/// An order of two cards, as the marketplace describes it at [`noon`]. What the status implies is
/// there: a payment from `READY_TO_SHIP` on, a package from `PROCESSED` on, a pickup from `SHIPPED`
/// on.
pub fn snapshot(number: &str, status: OrderStatus) -> OrderSnapshot {
    let implied = status.implied();
    let is_paid = implied.is_some_and(|implied| implied.paid_unless_cod);
    let is_arranged = implied.is_some_and(|implied| implied.shipment_arranged);
    let has_left = implied.is_some_and(|implied| implied.goods_left);
    let placed_at = noon() - TimeDelta::hours(6);
    let logistics = match (&status, has_left) {
        (OrderStatus::RetryShip, _) => LogisticsStatus::PickupFailed,
        (OrderStatus::Shipped, _) => LogisticsStatus::PickupDone,
        (_, true) => LogisticsStatus::DeliveryDone,
        (_, false) => LogisticsStatus::RequestCreated,
    };
    let package = Package {
        number: format!("OFG{number}"),
        logistics,
        carrier: Some("Ninja Van".into()),
    };
    OrderSnapshot {
        order_sn: order_sn(number),
        status,
        currency: Currency::SGD,
        cash_on_delivery: false,
        total: is_paid.then(|| Decimal::new(2690, 2)),
        created_at: placed_at,
        updated_at: noon(),
        paid_at: is_paid.then(|| placed_at + TimeDelta::minutes(2)),
        ship_by: is_paid.then(|| placed_at + TimeDelta::days(2)),
        picked_up_at: has_left.then(|| noon() - TimeDelta::minutes(30)),
        buyer_id: Some(700_001),
        buyer_username: Some("kopi_collector".into()),
        address: Some(address()),
        payment_method: Some("Credit Card".into()),
        shipping_carrier: Some("Ninja Van".into()),
        message_to_seller: None,
        note: None,
        fulfilled_by: FulfilledBy::Seller,
        cancellation: None,
        lines: vec![line("1", SKU, 2)],
        packages: is_arranged.then_some(package).into_iter().collect(),
    }
}

/// A line of `quantity` pieces of a SKU; lines with different keys come from different listings.
pub fn line(key: &str, sku_text: &str, quantity: u32) -> SnapshotLine {
    let number = key
        .bytes()
        .fold(0, |number, byte| number * 256 + i64::from(byte));
    SnapshotLine {
        key: LineKey(key.into()),
        listing: ListingRef {
            item_id: 880_000 + number,
            model_id: 0,
        },
        sku: Some(sku(sku_text)),
        title: format!("Card {sku_text}"),
        quantity,
        cancelled_quantity: 0,
        unit_price: Decimal::new(1295, 2),
        original_price: Decimal::new(1490, 2),
        price_basis: PriceBasis::Discounted,
    }
}

/// A readable address.
pub fn address() -> Address {
    Address {
        name: Some("Tan Wei Ling".into()),
        phone: Some("6591234567".into()),
        full_address: Some("12 Toa Payoh Lorong 4, #05-67, Singapore 310012".into()),
        city: Some("Singapore".into()),
        postal_code: Some("310012".into()),
        country_code: Some("sg".into()),
        ..Address::default()
    }
}

/// A sandbox profile of [`SHOP`] with sealed keys.
pub fn profile(id: &str) -> NewProfile {
    NewProfile {
        id: profile_id(id),
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        display_name: "Card shop".into(),
        region: Region::TestSg,
        base_url_override: None,
        registered_url: Some("https://hub.example/connectors/shopee/webhook".into()),
        partner_id: Some(1_000_001),
        shop: Some(SHOP),
        partner_key: Some(sealed("partner-key")),
        push_key: Some(sealed("push-key")),
        accepts_body_only: true,
    }
}

/// A sandbox profile as a person begins it, at [`noon`]: without anything that may be left out.
pub fn blank_profile(id: &str) -> Profile {
    Profile {
        id: profile_id(id),
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        display_name: format!("Shop {id}"),
        region: Region::TestSg,
        base_url_override: None,
        registered_url: None,
        partner_id: None,
        shop: None,
        partner_key: None,
        partner_key_ends_at: None,
        push_key: None,
        previous_push_key: None,
        accepts_body_only: false,
        is_active: false,
        version: 0,
        created_at: noon(),
        updated_at: noon(),
        deleted_at: None,
    }
}

/// A token pair for a profile of [`SHOP`] that is good for four hours from [`noon`].
pub fn token(profile: &str, ids: &dyn IdSource) -> NewToken {
    NewToken {
        id: TokenId::fresh(ids),
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: profile_id(profile),
        partner_id: Some(1_000_001),
        shop: SHOP,
        access_token: sealed("access-token"),
        refresh_token: sealed("refresh-token"),
        expires_at: noon() + TimeDelta::hours(4),
        refresh_token_ends_at: noon() + REFRESH_TOKEN_LIFE,
        authorisation_ends_at: None,
        main_account: None,
        shops: Vec::new(),
        merchants: Vec::new(),
        suppliers: Vec::new(),
        payload: serde_json::Map::new(),
    }
}

/// Whose pair [`token`] is.
pub fn token_key() -> TokenKey {
    TokenKey {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        shop: SHOP,
    }
}

/// What the marketplace says of [`SHOP`]: authorised at [`noon`] for a year.
pub fn shop_info() -> ShopDetails {
    ShopDetails {
        name: "Card shop".into(),
        region: "SG".into(),
        status: "NORMAL".into(),
        authorised_at: Some(noon()),
        authorisation_ends_at: Some(noon() + TimeDelta::days(365)),
        merchant: None,
        is_cross_border: false,
    }
}

/// A warehouse for pickups with this id.
pub fn warehouse(location_id: &str) -> Warehouse {
    Warehouse {
        location_id: location_id.into(),
        name: Some(format!("Warehouse {location_id}")),
        kind: Some(1),
        address: serde_json::Map::new(),
    }
}

/// A secret as [`PlainSealer`](super::PlainSealer) seals it.
pub fn sealed(secret: &str) -> Sealed {
    Sealed::from_stored(format!("plain:{secret}"))
}

/// A genuine push that says that an order changed. Two of them differ in content and delivery.
pub fn push(profile: &str, number: &str, received_at: Timestamp, ids: &dyn IdSource) -> NewEvent {
    let id = EventId::fresh(ids);
    NewEvent {
        id,
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(profile)),
        source: EventSource::Webhook,
        received_at,
        body: format!(r#"{{"code":3,"data":{{"ordersn":"{number}","n":"{id}"}}}}"#).into_bytes(),
        signature: Some("5ca1ab1e".into()),
        verdict: Some(Verdict::Genuine {
            scheme: SignatureScheme::UrlBody,
            key: KeySlot::Push,
        }),
        delivery_id: Some(format!("delivery:{id}")),
        content: PushContent {
            code: PushCode::ORDER_STATUS.0,
            shop: Some(SHOP),
            order_sn: Some(order_sn(number)),
            updated_at: Some(received_at),
            content_key: format!("content:{id}"),
            is_json: true,
            ..PushContent::default()
        },
        disposition: Disposition::Due,
    }
}

/// The same push as somebody without the key sends it: stored as evidence, never acted upon.
pub fn forged(genuine: &NewEvent, ids: &dyn IdSource) -> NewEvent {
    NewEvent {
        id: EventId::fresh(ids),
        verdict: Some(Verdict::Mismatch),
        disposition: Disposition::Finished(hawker_domain::event::EventOutcome::Unverified),
        ..genuine.clone()
    }
}
