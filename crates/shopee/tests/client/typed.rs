//! Typed calls: what they ask, and replies of every shape.

use hawker_ports::MarketplaceError;
use hawker_shopee::calls::logistics::{
    DownloadShippingDocument, GetTrackingNumber, LabelledPackage,
};
use hawker_shopee::calls::order::{GetOrderList, SearchPackageList, TimeRange};
use hawker_shopee::calls::payment::{GetEscrowDetailBatch, GetIncomeDetail};
use hawker_shopee::calls::product::{GetItemList, ItemStatus};
use hawker_shopee::calls::shop::GetShop;
use hawker_shopee::client::{Answer as Answered, Call, Caller};
use serde_json::{Value, json};

use super::*;

async fn made<C: Call>(bench: &Bench, call: &C) -> Result<Answered<C::Reply>, MarketplaceError> {
    let access = bench.access();
    bench
        .api
        .typed(Caller::from(&access), call, bench.api.deadline())
        .await
}

#[tokio::test]
async fn an_enveloped_reply_is_read_from_its_response() {
    let bench = Bench::new(|_| {
        let reply = json!({
            "error": "-", "message": "-", "request_id": "req-1", "warning": "odd",
            "response": {
                "more": true, "next_cursor": "20", "order_list": [
                    {"order_sn": "A1", "order_status": "SHIPPED"},
                    {"order_sn": "B2"},
                ],
            },
        });
        Answer::json(200, &reply)
    });
    let call = GetOrderList::new(TimeRange::Updated, at(1), at(2));
    let answer = made(&bench, &call).await.unwrap();
    assert_eq!(answer.request_id.as_deref(), Some("req-1"));
    assert_eq!(answer.warning.as_deref(), Some(r#""odd""#));
    assert_eq!(answer.reply.next(), Some("20"));
    let [first, second] = &answer.reply.order_list[..] else {
        panic!("two orders");
    };
    assert_eq!(first.order_status.as_deref(), Some("SHIPPED"));
    assert_eq!(second.order_sn.as_deref(), Some("B2"));
    assert_eq!(*second.order_status, None);

    let request = bench.request();
    for (name, expected) in [
        ("time_range_field", "update_time"),
        ("time_from", "1"),
        ("time_to", "2"),
        ("page_size", "100"),
        ("order_status", ""),
        ("response_optional_fields", "order_status"),
    ] {
        assert_eq!(request.query(name), expected, "{name}");
    }
}

#[tokio::test]
async fn a_flat_reply_is_read_from_beside_its_error() {
    let bench = Bench::new(|_| {
        let reply = json!({
            "error": "", "message": "", "request_id": "req-1", "shop_name": "Cards",
            "region": "SG", "status": "NORMAL", "merchant_id": null, "expire_time": "1773503999",
        });
        Answer::json(200, &reply)
    });
    let shop = made(&bench, &GetShop).await.unwrap().reply;
    assert_eq!(shop.shop_name.as_deref(), Some("Cards"));
    assert_eq!(*shop.expire_time, Some(at(1_773_503_999)));
    assert_eq!(*shop.merchant_id, None);
}

#[tokio::test]
async fn a_reply_may_be_a_list_whose_elements_are_kept_digit_for_digit() {
    let body = r#"{"error":"","response":[
        {"escrow_detail":{"order_sn":"A1","order_income":{"escrow_amount":84.30}}},
        {"escrow_detail":null}
    ]}"#;
    let bench = Bench::new(move |_| Answer::new(200, body));
    let call = GetEscrowDetailBatch {
        orders: vec![sn("A1"), sn("B2")],
    };
    let answer = made(&bench, &call).await.unwrap();
    let entries = answer.reply.entries().unwrap();
    let [first, second] = entries
        .map(|entry| entry.read().unwrap())
        .collect::<Vec<_>>()
        .try_into()
        .expect("two payouts");
    let kept = first.escrow_detail.as_ref().expect("a payout").get();
    assert!(kept.contains(r#""escrow_amount":84.30"#), "{kept}");
    assert!(second.escrow_detail.is_none());
    let request = bench.request();
    assert_eq!(request.method, "POST");
    assert_eq!(request.body, r#"{"order_sn_list":["A1","B2"]}"#);
}

#[tokio::test]
async fn the_income_is_found_under_the_name_of_the_table_and_of_the_sample() {
    let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 10).unwrap();
    let call = GetIncomeDetail::released(day, day);
    for name in ["list", "income_detail_list_item"] {
        let bench = Bench::new(move |_| {
            let incomes = json!([{"order_sn": "A1", "released_amount": 13.97}]);
            let page = json!({name: incomes, "next_page": {"cursor": "c2"}});
            Answer::json(200, &json!({"error": "", "income_detail_list": page}))
        });
        let page = made(&bench, &call).await.unwrap().reply;
        let [income] = page.incomes() else {
            panic!("{name}: one order");
        };
        assert_eq!(income.released_amount.unwrap().to_string(), "13.97");
        assert_eq!(page.next(), Some("c2"));
        assert_eq!(bench.request().query("date_from"), "2026-03-10");
    }
}

#[tokio::test]
async fn a_list_of_words_is_asked_for_word_by_word() {
    let bench = Bench::new(|_| Answer::json(200, &json!({"response": {"total_count": 0}})));
    let call = GetItemList {
        statuses: vec![ItemStatus::Normal, ItemStatus::Banned],
        ..GetItemList::default()
    };
    assert!(made(&bench, &call).await.unwrap().reply.item.is_empty());
    let url = bench.request().url;
    assert!(
        url.query()
            .unwrap()
            .contains("item_status=NORMAL&item_status=BANNED"),
        "{url}"
    );
}

#[tokio::test]
async fn a_message_is_read_under_its_misspelt_names() {
    for name in ["message", "mesage", "msg"] {
        let bench = Bench::new(move |_| {
            Answer::json(
                200,
                &json!({"error": "order.error_param", name: "no such page"}),
            )
        });
        match made(&bench, &SearchPackageList::default())
            .await
            .unwrap_err()
        {
            MarketplaceError::Refused { message, .. } => assert_eq!(message, "no such page"),
            other => panic!("{name}: {other:?}"),
        }
        let body: Value = serde_json::from_str(&bench.request().body).unwrap();
        assert_eq!(
            body,
            json!({
                "filter": {"package_status": 2},
                "pagination": {"page_size": 100, "cursor": ""},
            })
        );
    }
}

fn download() -> DownloadShippingDocument {
    DownloadShippingDocument {
        packages: vec![LabelledPackage {
            order: sn("A1"),
            package_number: None,
            document_type: None,
        }],
        document_type: Some("THERMAL_AIR_WAYBILL".into()),
    }
}

#[tokio::test]
async fn a_file_comes_as_it_is_whatever_its_bytes() {
    for (content_type, bytes) in [
        ("application/pdf", b"%PDF-1.4 \xff\xfe\x00".to_vec()),
        ("text/html; charset=utf-8", b"<html>label</html>".to_vec()),
        ("application/zip", b"PK\x03\x04".to_vec()),
    ] {
        let sent = bytes.clone();
        let bench =
            Bench::new(move |_| Answer::bytes(200, sent.clone()).and("Content-Type", content_type));
        let document = made(&bench, &download()).await.unwrap().reply;
        assert_eq!(document.content_type, content_type);
        assert_eq!(document.bytes, bytes);
        assert!(!format!("{document:?}").contains("label"));
        let body: Value = serde_json::from_str(&bench.request().body).unwrap();
        assert_eq!(
            body,
            json!({
                "shipping_document_type": "THERMAL_AIR_WAYBILL",
                "order_list": [{"order_sn": "A1"}],
            }),
            "no blank package number"
        );
    }
}

#[tokio::test]
async fn where_there_is_no_file_the_refusal_is_read_under_any_content_type() {
    for content_type in ["application/json", "application/octet-stream", "text/plain"] {
        let bench = Bench::new(move |_| {
            let body = refusal("logistics.download_later", "not ready");
            Answer::new(200, body).and("Content-Type", content_type)
        });
        let error = made(&bench, &download()).await.unwrap_err();
        assert!(
            matches!(&error, MarketplaceError::Refused { code, .. } if code == "logistics.download_later"),
            "{content_type}: {error:?}"
        );
    }
    for (status, body, content_type) in [
        (200, r#"{"error":"","response":{}}"#, "application/json"),
        (200, "", "application/pdf"),
    ] {
        let bench =
            Bench::new(move |_| Answer::new(status, body).and("Content-Type", content_type));
        let error = made(&bench, &download()).await.unwrap_err();
        assert!(
            matches!(error, MarketplaceError::Malformed { .. }),
            "{error:?}"
        );
    }
    let bench = Bench::new(|_| Answer::new(403, "<html>").and("Content-Type", "text/html"));
    let error = made(&bench, &download()).await.unwrap_err();
    assert!(
        matches!(error, MarketplaceError::Misconfigured { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn what_is_not_split_is_named_without_a_package() {
    for package_number in [None, Some("OFG1".to_owned())] {
        let bench =
            Bench::new(|_| Answer::json(200, &json!({"response": {"tracking_number": "-"}})));
        let call = GetTrackingNumber {
            order: sn("A1"),
            package_number: package_number.clone(),
        };
        made(&bench, &call).await.unwrap();
        let url = bench.request().url;
        assert_eq!(
            url.as_str().contains("package_number="),
            package_number.is_some()
        );
    }
}
