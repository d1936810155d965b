//! Replies of real shape, with values of our own, become the right orders. Every member of the
//! snapshot is asserted: the expected values are whole.

use hawker_domain::catalogue::Sku;
use hawker_domain::order::snapshot::{LineKey, ListingRef, LogisticsStatus, Package, SnapshotLine};
use hawker_domain::order::{
    Address, Cancellation, FulfilledBy, OrderSnapshot, OrderStatus, PriceBasis,
};
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::marketplace::NormalizationError;
use hawker_shopee::translate::order_snapshot;
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn order_of(reply: &str) -> Value {
    let mut reply: Value = serde_json::from_str(reply).expect("the fixture is JSON");
    reply["response"]["order_list"][0].take()
}

macro_rules! snapshot_of {
    ($fixture:literal) => {
        order_snapshot(&order_of(include_str!(concat!("fixtures/", $fixture, ".json"))).to_string())
            .unwrap()
    };
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).expect("a time in range")
}

fn dec(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// A snapshot with nothing but what must be there.
fn bare(order_sn: &str, status: OrderStatus, currency: &str, times: (i64, i64)) -> OrderSnapshot {
    OrderSnapshot {
        order_sn: OrderSn::parse(order_sn).expect("an order number"),
        status,
        currency: currency.parse().expect("a currency"),
        cash_on_delivery: false,
        total: None,
        created_at: at(times.0),
        updated_at: at(times.1),
        paid_at: None,
        ship_by: None,
        picked_up_at: None,
        buyer_id: None,
        buyer_username: None,
        address: None,
        payment_method: None,
        shipping_carrier: None,
        message_to_seller: None,
        note: None,
        fulfilled_by: FulfilledBy::Seller,
        cancellation: None,
        lines: Vec::new(),
        packages: Vec::new(),
    }
}

/// A line of one piece at its full price.
fn line(key: &str, listing: (i64, i64), sku: &str, title: &str, price: &str) -> SnapshotLine {
    SnapshotLine {
        key: LineKey(key.to_owned()),
        listing: ListingRef {
            item_id: listing.0,
            model_id: listing.1,
        },
        sku: Sku::parse(sku),
        title: title.to_owned(),
        quantity: 1,
        cancelled_quantity: 0,
        unit_price: dec(price),
        original_price: dec(price),
        price_basis: PriceBasis::Discounted,
    }
}

fn package(number: &str, logistics: LogisticsStatus, carrier: Option<&str>) -> Package {
    Package {
        number: number.to_owned(),
        logistics,
        carrier: carrier.map(str::to_owned),
    }
}

#[test]
fn a_cash_on_delivery_order_is_ready_without_being_paid() {
    assert_eq!(
        snapshot_of!("cash_on_delivery"),
        OrderSnapshot {
            cash_on_delivery: true,
            total: Some(dec("57.4")),
            ship_by: Some(at(1_773_360_000)),
            buyer_id: Some(410_200_301),
            buyer_username: Some("binder.collector".into()),
            address: Some(Address {
                name: Some("Aisyah binti Rahman".into()),
                phone: Some("60123456789".into()),
                full_address: Some("12, Jalan Contoh 3/4, 46000 Petaling Jaya, Selangor".into()),
                town: None,
                district: Some("Petaling".into()),
                city: Some("Petaling Jaya".into()),
                state: Some("Selangor".into()),
                postal_code: Some("46000".into()),
                country_code: Some("my".into()),
            }),
            payment_method: Some("Cash on Delivery".into()),
            shipping_carrier: Some("SPX Express".into()),
            message_to_seller: Some("Please use a toploader, thank you!".into()),
            note: Some("regular".into()),
            lines: vec![SnapshotLine {
                quantity: 2,
                original_price: dec("30"),
                ..line(
                    "900100200300",
                    (22_100_000_001, 150_200_300_401),
                    "POK-OBF-223-NM-EN",
                    "Charizard ex 223/197 — Near Mint, English",
                    "26.25",
                )
            }],
            packages: vec![package(
                "OFG190000000001",
                LogisticsStatus::Ready,
                Some("SPX Express"),
            )],
            ..bare(
                "260310COD00001",
                OrderStatus::ReadyToShip,
                "MYR",
                (1_773_100_800, 1_773_104_400),
            )
        }
    );
}

#[test]
fn lines_of_a_bundle_are_estimated_and_gifts_stay_free() {
    let bundle = |key: &str, model: i64, sku: &str, title: &str, price: &str| SnapshotLine {
        price_basis: PriceBasis::BundleEstimate,
        ..line(key, (22_100_000_010, model), sku, title, price)
    };
    let sleeves = |key: &str, price: &str| SnapshotLine {
        original_price: dec("1.5"),
        ..line(
            key,
            (22_100_000_012, 0),
            "ACC-SLEEVE-100",
            "Penny sleeves",
            price,
        )
    };
    assert_eq!(
        snapshot_of!("bundle_at_price_zero"),
        OrderSnapshot {
            total: Some(dec("24.9")),
            paid_at: Some(at(1_773_187_260)),
            ship_by: Some(at(1_773_446_400)),
            payment_method: Some("PayNow".into()),
            lines: vec![
                SnapshotLine {
                    quantity: 3,
                    ..bundle(
                        "777000111222:22100000010:150200300410:41",
                        150_200_300_410,
                        "POK-SSP-BOOSTER-EN",
                        "Booster pack — Surging Sparks",
                        "6.9",
                    )
                },
                bundle(
                    "777000111222:22100000010:150200300411:41",
                    150_200_300_411,
                    "POK-PRE-BOOSTER-EN",
                    "Booster pack — Prismatic Evolutions",
                    "8.5",
                ),
                sleeves("777000111223:22100000012:0:0", "0"),
                sleeves("777000111223:22100000012:0:0#2", "1.2"),
            ],
            ..bare(
                "260311BNDL0002",
                OrderStatus::Processed,
                "SGD",
                (1_773_187_200, 1_773_190_800),
            )
        }
    );
}

#[test]
fn an_item_without_variations_is_known_by_its_own_sku() {
    assert_eq!(
        snapshot_of!("without_variations"),
        OrderSnapshot {
            total: Some(dec("13.97")),
            paid_at: Some(at(1_773_273_700)),
            ship_by: Some(at(1_773_532_800)),
            picked_up_at: Some(at(1_773_350_000)),
            payment_method: Some("Credit Card".into()),
            shipping_carrier: Some("Standard Delivery".into()),
            fulfilled_by: FulfilledBy::Marketplace,
            lines: vec![
                line(
                    "22100000020:22100000020:0:0",
                    (22_100_000_020, 0),
                    "OPC-DECKBOX-09",
                    "One Piece OP-09 deck box",
                    "13.97",
                ),
                line(
                    "22100000021:22100000021:0:0",
                    (22_100_000_021, 0),
                    "",
                    "Mystery card",
                    "0.57",
                ),
            ],
            packages: vec![package(
                "OFG190000000003",
                LogisticsStatus::PickupDone,
                Some("Standard Delivery"),
            )],
            ..bare(
                "260312PLAIN003",
                OrderStatus::Shipped,
                "SGD",
                (1_773_273_600, 1_773_360_000),
            )
        }
    );
}

#[test]
fn every_parcel_of_a_split_order_is_kept_whatever_its_state() {
    assert_eq!(
        snapshot_of!("split_packages"),
        OrderSnapshot {
            total: Some(dec("1250")),
            paid_at: Some(at(1_773_360_100)),
            ship_by: Some(at(1_773_619_200)),
            lines: vec![SnapshotLine {
                quantity: 2,
                ..line(
                    "900100200330",
                    (22_100_000_030, 0),
                    "ACC-MAT-01",
                    "Playmat",
                    "625"
                )
            }],
            packages: vec![
                package(
                    "OFG190000000041",
                    LogisticsStatus::RequestCreated,
                    Some("Flash Express"),
                ),
                package(
                    "OFG190000000042",
                    LogisticsStatus::Other("LOGISTICS_PENDING_SOMETHING_NEW".into()),
                    None,
                ),
                package("", LogisticsStatus::Other(String::new()), None),
            ],
            ..bare(
                "260313SPLIT004",
                OrderStatus::ReadyToShip,
                "THB",
                (1_773_360_000, 1_773_363_600),
            )
        }
    );
}

#[test]
fn cancelled_pieces_are_told_or_worked_out_and_never_more_than_bought() {
    let part = |key: i64, title: &str, quantity: u32, cancelled_quantity: u32| SnapshotLine {
        quantity,
        cancelled_quantity,
        ..line(
            &key.to_string(),
            (22_100_000_039 + key, 0),
            &format!("A-{key}"),
            title,
            "4",
        )
    };
    assert_eq!(
        snapshot_of!("partial_cancel"),
        OrderSnapshot {
            total: Some(dec("80")),
            paid_at: Some(at(1_773_446_460)),
            ship_by: Some(at(1_773_705_600)),
            cancellation: Some(Cancellation {
                by: Some("buyer".into()),
                reason: Some("NEED_TO_CHANGE_ORDER".into()),
                buyer_reason: Some("Bought one too many".into()),
            }),
            lines: vec![
                part(1, "Told by the platform", 5, 2),
                part(2, "What is left over", 10, 3),
                part(3, "Numbers that do not add up", 2, 0),
                part(4, "More cancelled than bought", 2, 2),
                part(5, "Not a word about it", 1, 0),
            ],
            ..bare(
                "260314PART0005",
                OrderStatus::InCancel,
                "SGD",
                (1_773_446_400, 1_773_450_000),
            )
        }
    );
}

#[test]
fn a_masked_address_comes_through_as_it_is() {
    assert_eq!(
        snapshot_of!("masked_address"),
        OrderSnapshot {
            total: Some(dec("42.5")),
            paid_at: Some(at(1_773_532_900)),
            ship_by: Some(at(1_773_792_000)),
            picked_up_at: Some(at(1_773_600_000)),
            buyer_id: Some(410_200_306),
            buyer_username: Some("b*****6".into()),
            address: Some(Address {
                name: Some("T******g".into()),
                phone: Some("******67".into()),
                full_address: Some("Blk******".into()),
                town: Some("****".into()),
                district: None,
                city: Some("-".into()),
                state: None,
                postal_code: Some("******".into()),
                country_code: Some("sg".into()),
            }),
            lines: vec![line(
                "0:22100000050:0:0",
                (22_100_000_050, 0),
                "SLAB-0001",
                "PSA 10 Umbreon VMAX",
                "42.5",
            )],
            ..bare(
                "260315MASK0006",
                OrderStatus::Completed,
                "SGD",
                (1_773_532_800, 1_773_792_000),
            )
        }
    );
}

#[test]
fn null_blank_and_missing_are_all_absent() {
    assert_eq!(
        snapshot_of!("nulls_and_missing"),
        OrderSnapshot {
            note: Some("-".into()),
            lines: vec![line(
                "0:22100000060:0:0",
                (22_100_000_060, 0),
                "",
                "22100000060",
                "5.5"
            )],
            ..bare(
                "260316NULL0007",
                OrderStatus::Unpaid,
                "SGD",
                (1_773_619_200, 1_773_619_200),
            )
        }
    );
}

#[test]
fn numbers_may_come_as_text_and_stay_exact() {
    assert_eq!(
        snapshot_of!("numbers_as_text"),
        OrderSnapshot {
            total: Some(dec("5733.04")),
            paid_at: Some(at(1_773_705_650)),
            ship_by: Some(at(1_773_964_800)),
            buyer_id: Some(4_294_967_299),
            address: Some(Address {
                full_address: Some("1 Sample St".into()),
                postal_code: Some("1000".into()),
                country_code: Some("ph".into()),
                ..Address::default()
            }),
            lines: vec![SnapshotLine {
                quantity: 2,
                cancelled_quantity: 1,
                original_price: dec("3000"),
                ..line(
                    "9223372036854775807",
                    (22_100_000_070, 0),
                    "12345",
                    "Elite trainer box",
                    "2866.52",
                )
            }],
            packages: vec![package("61630084074470", LogisticsStatus::NotStart, None)],
            ..bare(
                "260317TEXT0008",
                OrderStatus::ReadyToShip,
                "PHP",
                (1_773_705_600, 1_773_705_700),
            )
        }
    );
}

#[test]
fn an_unknown_status_and_unknown_members_are_survived() {
    assert_eq!(
        snapshot_of!("unknown_status"),
        OrderSnapshot {
            total: Some(dec("100")),
            paid_at: Some(at(1_773_792_050)),
            lines: vec![line(
                "0:22100000080:0:0",
                (22_100_000_080, 0),
                "WS-TD-1",
                "Weiss Schwarz trial deck",
                "100",
            )],
            ..bare(
                "260318NEWS0009",
                OrderStatus::Other("PENDING".into()),
                "TWD",
                (1_773_792_000, 1_773_792_060),
            )
        }
    );
}

#[test]
fn dong_have_no_decimals_and_are_not_cents() {
    assert_eq!(
        snapshot_of!("dong_without_decimals"),
        OrderSnapshot {
            total: Some(dec("1248000")),
            paid_at: Some(at(1_773_878_500)),
            address: Some(Address {
                name: Some("Nguyễn Văn Mẫu".into()),
                full_address: Some("Số 1 Phố Mẫu".into()),
                city: Some("Quận Hoàn Kiếm".into()),
                state: Some("Hà Nội".into()),
                country_code: Some("vn".into()),
                ..Address::default()
            }),
            cancellation: Some(Cancellation {
                by: Some("system".into()),
                reason: Some("BACKEND_LOGISTICS_NOT_STARTED".into()),
                buyer_reason: None,
            }),
            lines: vec![SnapshotLine {
                quantity: 4,
                cancelled_quantity: 4,
                original_price: dec("350000"),
                ..line(
                    "900100200390",
                    (22_100_000_090, 150_200_300_490),
                    "ACC-BOX-RED",
                    "Hộp bài — Đỏ",
                    "312000",
                )
            }],
            packages: vec![package(
                "OFG190000000100",
                LogisticsStatus::Invalid,
                Some("Giao Hàng Nhanh"),
            )],
            ..bare(
                "260319DONG0010",
                OrderStatus::Cancelled,
                "VND",
                (1_773_878_400, 1_773_882_000),
            )
        }
    );
}

#[test]
fn a_paid_order_may_cost_nothing_and_an_unpaid_one_has_no_total_yet() {
    let mut order = order_of(include_str!("fixtures/cash_on_delivery.json"));
    order["total_amount"] = json!(0);
    assert_eq!(order_snapshot(&order.to_string()).unwrap().total, None);
    order["pay_time"] = json!(1_773_104_000);
    assert_eq!(
        order_snapshot(&order.to_string()).unwrap().total,
        Some(dec("0"))
    );
}

#[test]
fn what_cannot_be_understood_is_named_with_its_member() {
    let complaint = |pointer: &str, value: Value| {
        let mut order = order_of(include_str!("fixtures/cash_on_delivery.json"));
        match order.pointer_mut(pointer) {
            Some(member) => *member = value,
            None => panic!("the fixture has no {pointer}"),
        }
        let NormalizationError { field, fault } =
            order_snapshot(&order.to_string()).expect_err(pointer);
        format!("{field}: {fault}")
    };
    let quantity = "/item_list/0/model_quantity_purchased";
    for (pointer, value, expected) in [
        ("/order_sn", json!(null), "order_sn: missing"),
        (
            "/order_sn",
            json!("a b"),
            "order_sn: not an order number: a b",
        ),
        ("/currency", json!(""), "currency: missing"),
        (
            "/currency",
            json!("RINGGIT"),
            "currency: not a currency: RINGGIT",
        ),
        ("/order_status", json!(" "), "order_status: missing"),
        ("/create_time", json!(0), "create_time: missing"),
        (
            "/update_time",
            json!("soon"),
            r#"update_time: not a time in seconds: "soon""#,
        ),
        (
            "/total_amount",
            json!("ten"),
            r#"total_amount: not an amount: "ten""#,
        ),
        ("/cod", json!("maybe"), r#"cod: not true or false: "maybe""#),
        ("/note", json!({"secret": 1}), "note: not a text"),
        (
            "/recipient_address",
            json!("12, Jalan Contoh"),
            "recipient_address: not an object",
        ),
        (
            "/recipient_address/phone",
            json!([60]),
            "recipient_address.phone: not a text",
        ),
        ("/item_list", json!(null), "item_list: empty"),
        ("/item_list", json!([]), "item_list: empty"),
        ("/item_list", json!({}), "item_list: not a list"),
        ("/item_list/0", json!(7), "item_list[0]: not an object"),
        ("/item_list/0", json!(null), "item_list[0]: missing"),
        (
            "/item_list/0/item_id",
            json!("x"),
            r#"item_list[0].item_id: not a whole number: "x""#,
        ),
        (
            quantity,
            json!(0),
            "item_list[0].model_quantity_purchased: not a quantity: 0",
        ),
        (
            quantity,
            json!(4_294_967_296_i64),
            "item_list[0].model_quantity_purchased: not a quantity: 4294967296",
        ),
        (
            quantity,
            json!(null),
            "item_list[0].model_quantity_purchased: missing",
        ),
        (
            "/item_list/0/model_discounted_price",
            json!(null),
            "item_list[0].model_discounted_price: missing",
        ),
        (
            "/item_list/0/model_original_price",
            json!(1e300),
            "item_list[0].model_original_price: not an amount: 1e+300",
        ),
        ("/package_list", json!("x"), "package_list: not a list"),
        (
            "/package_list/0/package_number",
            json!({}),
            "package_list[0].package_number: not a text",
        ),
    ] {
        assert_eq!(complaint(pointer, value), expected);
    }
    assert_eq!(
        order_snapshot("7").unwrap_err().to_string(),
        "the field `order_list[]` of the marketplace's order is not an object"
    );
}
