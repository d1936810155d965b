use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const KEY_OF_B1: &str = "fb4790dacbd0ec1fd85b0f41b0c496a044b8da45017c5228d2436a3a538a3666";

/// The same push in every shape in which it is delivered.
fn shapes(envelope: &Value) -> Vec<(&'static str, String)> {
    let resent = |mut envelope: Value| {
        envelope["timestamp"] = json!(1_799_999_999);
        envelope
    };
    let with_data = |data: Value| {
        let mut outer = resent(envelope.clone());
        outer["data"] = data;
        outer.to_string()
    };
    vec![
        ("object", envelope.to_string()),
        ("sent again", resent(envelope.clone()).to_string()),
        (
            "data as text",
            with_data(json!(envelope["data"].to_string())),
        ),
        ("lost push", with_data(json!(envelope.to_string()))),
        ("lost push, nested object", with_data(envelope.clone())),
        (
            "lost push without anything outside",
            json!({ "data": envelope.to_string() }).to_string(),
        ),
        (
            "wrapped twice",
            with_data(json!(with_data(json!(envelope.to_string())))),
        ),
    ]
}

/// What a push says, but for when it was sent: a retry is the same push.
fn said(body: &str) -> PushContent {
    PushContent {
        sent_at: None,
        ..read(body)
    }
}

#[test]
fn a_change_of_status_says_the_same_in_every_shape() {
    let expected = said(B1);
    assert_eq!(expected.code, 3);
    assert_eq!(expected.shop, Some(ShopId(727_720_655)));
    assert_eq!(expected.order_sn, OrderSn::parse("220810QSK8S7BX"));
    assert_eq!(
        expected.updated_at.map(|at| at.timestamp()),
        Some(1_660_123_127)
    );
    assert_eq!(expected.message_id, None);
    assert!(expected.is_json);
    for (shape, body) in shapes(&serde_json::from_str(B1).unwrap()) {
        assert_eq!(said(&body), expected, "{shape}");
    }
}

#[test]
fn a_push_is_as_old_as_its_last_sending_and_a_lost_one_as_its_own() {
    const SENT: i64 = 1_660_123_127;
    const SENT_AGAIN: i64 = 1_799_999_999;
    for (shape, body) in shapes(&serde_json::from_str(B1).unwrap()) {
        let expected = match shape {
            "sent again" | "data as text" => SENT_AGAIN,
            _ => SENT,
        };
        let sent_at = read(&body).sent_at.map(|at| at.timestamp());
        assert_eq!(sent_at, Some(expected), "{shape}");
    }
    assert_eq!(read(B0).sent_at, None);
}

#[test]
fn the_app_of_an_authorisation_is_read_in_every_shape() {
    let envelope = json!({
        "code": 2,
        "partner_id": 2_001_887,
        "timestamp": 1_700_000_000,
        "data": {"authorize_type": "shop", "extra": "cancelled by seller", "success": 1},
    });
    for (shape, body) in shapes(&envelope) {
        let content = read(&body);
        assert_eq!(content.partner_id, Some(2_001_887), "{shape}");
        assert_eq!((content.code, content.shop), (2, None), "{shape}");
    }
    assert_eq!(read(B1).partner_id, None);
    let inside = json!({"code": 12, "data": {"partner_id": 7, "shop_expire_soon": []}});
    assert_eq!(read(&inside.to_string()).partner_id, None);
    let unreadable = json!({"code": 2, "partner_id": {}, "data": {}});
    assert_eq!(read(&unreadable.to_string()).partner_id, None);
}

#[test]
fn the_shops_of_an_authorisation_are_read_under_each_of_their_names() {
    let shops = |code: i32, data: Value| {
        read(&json!({"code": code, "partner_id": 1, "data": data}).to_string()).authorised_shops
    };
    for code in [1, 2] {
        for (data, expected) in [
            (json!({"shop_id": 7, "success": 1}), vec![ShopId(7)]),
            (json!({"shopid": "8"}), vec![ShopId(8)]),
            (
                json!({"shop_id_list": [9, "7", 9, "x"], "main_account_id": 3}),
                vec![ShopId(7), ShopId(9)],
            ),
            (json!({"merchant_id": 5}), vec![]),
            // The platform's sample of a seller who cancelled names nobody.
            (
                json!({"authorize_type": "shop", "extra": "cancelled by seller"}),
                vec![],
            ),
        ] {
            assert_eq!(shops(code, data.clone()), expected, "{code}: {data}");
        }
    }
    assert_eq!(
        shops(7, json!({"shop_id": 7})),
        vec![],
        "another code's shop"
    );
}

#[test]
fn the_key_is_the_documented_digest() {
    // sha256 of `727720655|3|["220810QSK8S7BX","PROCESSED","1660123127",""]`
    assert_eq!(read(B1).content_key, format!("220810QSK8S7BX:{KEY_OF_B1}"));
}

#[test]
fn the_key_of_a_change_of_status_ignores_what_is_no_part_of_the_change() {
    let expected = read(B2);
    assert_eq!(
        expected.message_id.as_deref(),
        Some("0f1e2d3c4b5a69788796a5b4c3d2e1f0")
    );
    for (difference, body) in [
        ("blank scenario", B2.replace("null", r#""""#)),
        (
            "no scenario",
            B2.replace(r#""completed_scenario":null,"#, ""),
        ),
        ("items", B2.replace("[]", r#"[{"x":1}]"#)),
        ("time as text", B2.replace("1765689439", r#""1765689439""#)),
        ("other name", B2.replace("ordersn", "order_sn")),
        ("message id", B2.replace("0f1e2d3c", "ffffffff")),
        ("time of sending", B2.replace("1765689440", "1765699440")),
        ("shop as text", B2.replace("10010", r#""10010""#)),
    ] {
        assert_ne!(body, B2);
        assert_eq!(
            read(&body).content_key,
            expected.content_key,
            "{difference}"
        );
    }
}

#[test]
fn the_key_tells_two_changes_apart() {
    let expected = read(B2);
    for (difference, body) in [
        ("order", B2.replace("TESTSN01", "TESTSN02")),
        ("status", B2.replace("READY_TO_SHIP", "SHIPPED")),
        ("update time", B2.replace("1765689439", "1765689438")),
        ("scenario", B2.replace("null", r#""RRAOC""#)),
        ("shop", B2.replace("10010", "10011")),
        ("code", B2.replace(r#""code":3"#, r#""code":4"#)),
    ] {
        assert_ne!(body, B2);
        assert_ne!(
            read(&body).content_key,
            expected.content_key,
            "{difference}"
        );
    }
}

#[test]
fn two_status_pushes_without_a_readable_order_are_not_the_same() {
    let push = |data: &str| read(&format!(r#"{{"code":3,"shop_id":1,"data":{data}}}"#));
    assert_ne!(
        push(r#"{"a":1}"#).content_key,
        push(r#"{"a":2}"#).content_key
    );
}

#[test]
fn a_tracking_number_is_read_with_its_parcel() {
    let envelope = json!({
        "data": {
            "ordersn": "251214TESTSN01",
            "forder_id": "5400",
            "package_number": "OFG1234567890",
            "tracking_no": "SPXSG0001",
        },
        "shop_id": 10010, "code": 4, "timestamp": 1_765_689_440,
    });
    let expected = said(&envelope.to_string());
    assert_eq!(
        expected.tracking,
        Some(Tracking {
            package_number: "OFG1234567890".into(),
            tracking_number: "SPXSG0001".into(),
            is_pushed: true,
        })
    );
    assert_eq!(expected.order_sn, OrderSn::parse("251214TESTSN01"));
    assert_eq!(expected.updated_at, None);
    for (shape, body) in shapes(&envelope) {
        assert_eq!(said(&body), expected, "{shape}");
    }
}

#[test]
fn a_tracking_number_counts_only_in_its_own_push_and_not_when_blank() {
    let push = |code: i32, number: &str| {
        read(&json!({"code": code, "data": {"ordersn": "A1", "tracking_no": number}}).to_string())
            .tracking
    };
    assert!(push(4, "X").is_some_and(|tracking| tracking.package_number.is_empty()));
    assert_eq!(push(4, "  "), None);
    assert_eq!(push(30, "X"), None);
}

#[test]
fn the_shops_of_an_expiring_authorisation_are_read() {
    let envelope = json!({
        "data": {
            "merchant_expire_soon": [1],
            "shop_expire_soon": [14_701_711, "4294967297", 14_701_711, null, "x"],
            "user_expire_soon": [],
            "expire_before": 1_766_000_000,
            "page_no": 1, "total_page": 1,
        },
        "code": 12, "timestamp": 1_765_689_440,
    });
    let expected = said(&envelope.to_string());
    assert_eq!(
        expected.expiring_shops,
        [ShopId(14_701_711), ShopId(4_294_967_297)]
    );
    assert_eq!(
        expected.expires_before.map(|at| at.timestamp()),
        Some(1_766_000_000)
    );
    assert_eq!(expected.shop, None);
    for (shape, body) in shapes(&envelope) {
        assert_eq!(said(&body), expected, "{shape}");
    }
}

#[test]
fn the_order_number_is_found_under_both_names_and_outside_of_data() {
    for body in [
        r#"{"code":29,"data":{"order_sn":"A1","return_sn":"R1"}}"#,
        r#"{"code":15,"data":{"ordersn":"A1","order_sn":""}}"#,
        r#"{"code":15,"data":{"ordersn":null,"order_sn":"A1"}}"#,
        r#"{"code":3,"ordersn":"A1"}"#,
        r#"{"code":3,"order_sn":"A1","data":{}}"#,
        r#"{"code":3,"order_sn":" A1 ","data":"no object"}"#,
    ] {
        assert_eq!(read(body).order_sn, OrderSn::parse("A1"), "{body}");
    }
}

#[test]
fn numbers_may_be_text_and_absurd_ones_are_left_out() {
    for (body, code, shop) in [
        (r#"{"code":"3","shop_id":"10010"}"#, 3, Some(10010)),
        (
            r#"{"code":3.0,"shop_id":4294967297}"#,
            3,
            Some(4_294_967_297),
        ),
        (r#"{"code":-7,"shop_id":-1}"#, -7, Some(-1)),
        (
            r#"{"code":99999999999,"shop_id":99999999999999999999}"#,
            0,
            None,
        ),
        (r#"{"code":[3],"shop_id":{"a":1}}"#, 0, None),
        (r#"{"code":null,"shop_id":true}"#, 0, None),
        (r#"{"code":1e999,"shop_id":1e999}"#, 0, None),
    ] {
        let content = read(body);
        assert_eq!(content.code, code, "{body}");
        assert_eq!(content.shop, shop.map(ShopId), "{body}");
        assert!(content.is_json, "{body}");
    }
}

#[test]
fn text_that_a_database_could_not_hold_is_left_out() {
    let content = read(
        r#"{"code":4,"msg_id":"a\u0000b","data":{"ordersn":"A\u0000","tracking_no":"1\u00002"}}"#,
    );
    assert_eq!(
        (content.message_id, content.order_sn, content.tracking),
        (None, None, None)
    );
    assert!(content.is_json, "a json value holds the escape");
    let long = "x".repeat(129);
    assert_eq!(
        read(&json!({ "msg_id": long }).to_string()).message_id,
        None
    );
    for blank in [json!(""), json!(" "), json!(null)] {
        assert_eq!(
            read(&json!({ "msg_id": blank }).to_string()).message_id,
            None
        );
    }
}

#[test]
fn what_is_unreadable_is_known_by_its_bytes() {
    let deep = format!("{}{}", "[".repeat(129), "]".repeat(129));
    let very_deep = format!(r#"{{"code":3,"data":{}"#, "[".repeat(1_000_000));
    for (body, is_json) in [
        (&b""[..], false),
        (b" ", false),
        (b"hello", false),
        (b"\xff\xfe{}", false),
        (b"{\"code\":3,\"data\":{\"ordersn\":\"\xc3\"}}", false),
        (&B1.as_bytes()[..100], false),
        (b"{}{}", false),
        (b"{\"a\":\"\0\"}", false),
        (b"[]", true),
        (b"7", true),
        (b"\"text\"", true),
        (deep.as_bytes(), false),
        (very_deep.as_bytes(), false),
    ] {
        let content = ShopeePushes.read(body);
        let key = hex::encode(ring::digest::digest(&ring::digest::SHA256, body));
        assert_eq!(
            content,
            PushContent {
                content_key: key,
                is_ping: body.is_empty(),
                is_json,
                ..PushContent::default()
            },
            "{}",
            String::from_utf8_lossy(&body[..body.len().min(60)])
        );
    }
}

#[test]
fn data_that_is_nested_too_deep_for_a_parser_is_still_read_around() {
    let inner = format!("{}{}", "[".repeat(126), "]".repeat(126));
    let body = format!(r#"{{"code":8,"shop_id":1,"data":{{"ordersn":"A1","x":{inner}}}}}"#);
    let content = read(&body);
    assert_eq!(content.order_sn, OrderSn::parse("A1"));
    assert!(content.is_json);
}

#[test]
fn wrappers_are_followed_only_so_far() {
    let mut body = B1.to_owned();
    for _ in 0..20 {
        body =
            json!({"code": 3, "data": serde_json::from_str::<Value>(&body).unwrap()}).to_string();
    }
    assert_eq!(read(&body).order_sn, None);
}

#[test]
fn the_ping_is_read_as_such() {
    let content = read(B0);
    assert_eq!((content.code, content.shop), (0, None));
    assert!(content.is_json);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in any::<Vec<u8>>()) {
        let content = ShopeePushes.read(&body);
        prop_assert!(content.content_key.len() >= 64);
    }

    #[test]
    fn no_damage_to_a_genuine_push_makes_it_panic(
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..4),
        removed in 0_usize..8,
    ) {
        let mut body = B2.as_bytes().to_vec();
        let start = at.index(body.len());
        let end = (start + removed).min(body.len());
        body.splice(start..end, bytes);
        let content = ShopeePushes.read(&body);
        let parses = std::str::from_utf8(&body)
            .is_ok_and(|json| serde_json::from_str::<serde::de::IgnoredAny>(json).is_ok());
        prop_assert_eq!(content.is_json, parses);
    }

    #[test]
    fn no_header_makes_it_panic(header in ".*", body in any::<Vec<u8>>()) {
        let candidates = VerificationCandidates {
            push_key: Some(&secret("key")),
            accepts_body_only: true,
            ..VerificationCandidates::default()
        };
        prop_assert_eq!(
            ShopeePushes.verify(&candidates, &body, Some(&header)),
            Verdict::Mismatch
        );
    }
}
