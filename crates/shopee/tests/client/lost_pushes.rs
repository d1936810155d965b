//! The queue of lost pushes: fetched as the app, handed on byte for byte, forgotten when confirmed.

use hawker_ports::MarketplaceError;
use hawker_ports::pushes::PushReader;
use hawker_ports::recovery::{LostPush, LostPushPage, LostPushes};
use hawker_shopee::push::ShopeePushes;
use hawker_shopee::sign::{Identity, sign};
use serde_json::{Value, json};

use super::*;

/// Blanks and an escape, so that it can be seen whether the bytes are the original's.
const ENVELOPE: &str = r#"{ "data":{"items":[],"ordersn":"220810QSK8S7BX","status":"PROCESSED", "completed_scenario":"","update_time":1660123127,"note":"\u00e9"},"shop_id":727720655,"code":3,"timestamp":1660123127}"#;

fn reply(response: &Value) -> Answer {
    Answer::json(
        200,
        &json!({"error": "-", "message": "-", "warning": "-", "response": response}),
    )
}

async fn fetched(response: Value) -> LostPushPage {
    let bench = Bench::new(move |_| reply(&response));
    bench
        .marketplace
        .lost_pushes(&bench.app())
        .await
        .expect("a page")
}

/// The push of an entry.
async fn of_entry(entry: Value) -> LostPush {
    let response = json!({"push_message_list": [entry], "last_message_id": 1});
    let [push] = fetched(response).await.pushes.try_into().expect("one push");
    push
}

#[tokio::test]
async fn a_lost_push_is_handed_on_byte_for_byte() {
    let page = fetched(json!({
        "push_message_list": [
            {"shop_id": 727_720_655, "code": 3, "timestamp": 1_660_400_000, "data": ENVELOPE,
             "a_member_of_tomorrow": {"a": [1]}},
        ],
        "has_next_page": true, "last_message_id": 176_610, "another": null,
    }))
    .await;
    assert_eq!(
        page,
        LostPushPage {
            pushes: vec![LostPush {
                shop: Some(ShopId(727_720_655)),
                code: 3,
                lost_at: Some(at(1_660_400_000)),
                body: ENVELOPE.as_bytes().to_vec(),
            }],
            has_more: true,
            last_message_id: Some(176_610),
        }
    );
}

#[tokio::test]
async fn lost_pushes_are_asked_for_and_confirmed_as_the_app() {
    let bench = Bench::new(|_| reply(&json!({"push_message_list": []})));
    let app = bench.app();
    bench.marketplace.lost_pushes(&app).await.unwrap();
    bench
        .marketplace
        .confirm_lost_pushes(&app, 176_610)
        .await
        .unwrap();
    let [get, confirm] = bench.server.requests().try_into().expect("two requests");
    for (request, method, path) in [
        (&get, "GET", "/api/v2/push/get_lost_push_message"),
        (
            &confirm,
            "POST",
            "/api/v2/push/confirm_consumed_lost_push_message",
        ),
    ] {
        assert_eq!(
            (request.method.as_str(), request.url.path()),
            (method, path)
        );
        let signed = sign(
            &app.partner_key,
            app.partner_id,
            path,
            TIMESTAMP,
            Identity::Public,
        );
        assert_eq!(request.query("sign"), signed);
        assert_eq!(
            request.query("shop_id"),
            "",
            "a shop's signature is refused"
        );
        assert_eq!(request.query("access_token"), "");
    }
    assert_eq!(confirm.body, r#"{"last_message_id":176610}"#);
}

#[tokio::test]
async fn an_entry_may_hold_the_envelope_itself() {
    let envelope: Value = serde_json::from_str(ENVELOPE).unwrap();
    let push = of_entry(json!({"shop_id": 1, "code": 3, "data": envelope})).await;
    let body: Value = serde_json::from_slice(&push.body).unwrap();
    assert_eq!(body, envelope);
    assert_eq!(push.lost_at, None);
}

#[tokio::test]
async fn an_entry_of_the_app_names_no_shop() {
    let envelope = r#"{"code":1,"data":{"shop_id":7,"authorize_type":"shop"},"timestamp":5}"#;
    for shop in [Value::Null, json!(0), json!("seven")] {
        let push = of_entry(json!({"shop_id": shop, "code": "1", "data": envelope})).await;
        assert_eq!((push.shop, push.code), (None, 1));
    }
}

#[tokio::test]
async fn a_code_that_the_entry_does_not_tell_is_that_of_the_push() {
    for code in [Value::Null, json!(4_294_967_299_i64), json!([3])] {
        let push = of_entry(json!({"code": code, "data": ENVELOPE})).await;
        assert_eq!(push.code, 3, "{code}");
    }
}

#[tokio::test]
async fn what_holds_no_push_is_handed_on_whole() {
    for entry in [
        json!({"shop_id": 1, "code": 3}),
        json!({"shop_id": 1, "code": 3, "data": null}),
        json!({"shop_id": 1, "code": 3, "data": " "}),
        json!({"shop_id": 1, "code": 3, "data": [ENVELOPE]}),
        json!("not an entry"),
    ] {
        let push = of_entry(entry.clone()).await;
        assert_eq!(push.body, entry.to_string().as_bytes());
    }
    // Half a surrogate pair is no text.
    let reply = r#"{"response":{"push_message_list":[{"code":3,"data":"\ud800"}]}}"#;
    let bench = Bench::new(move |_| Answer::new(200, reply));
    let page = bench.marketplace.lost_pushes(&bench.app()).await.unwrap();
    assert_eq!(page.pushes[0].body, br#"{"code":3,"data":"\ud800"}"#);
}

#[tokio::test]
async fn an_odd_entry_does_not_block_the_queue() {
    let page = fetched(json!({
        "push_message_list": [null, 7, {"code": {"a": 1}}, {"code": 3, "data": ENVELOPE}],
        "last_message_id": 4,
    }))
    .await;
    let codes: Vec<i32> = page.pushes.iter().map(|push| push.code).collect();
    assert_eq!(codes, [0, 0, 3], "nothing is in a null");
    assert_eq!(page.last_message_id, Some(4));
}

#[tokio::test]
async fn of_an_empty_queue_there_is_nothing_to_confirm() {
    for list in [json!([]), json!(null)] {
        let page = fetched(json!({"push_message_list": list, "last_message_id": 0})).await;
        assert_eq!(page, LostPushPage::default());
    }
    let entry = json!({"code": 3, "data": ENVELOPE});
    let page = fetched(json!({"push_message_list": [entry], "has_next_page": null})).await;
    assert_eq!((page.has_more, page.last_message_id), (false, None));
}

#[tokio::test]
async fn a_reply_without_a_list_is_no_empty_queue() {
    let bench = Bench::new(|_| reply(&json!({"has_next_page": false})));
    let error = bench
        .marketplace
        .lost_pushes(&bench.app())
        .await
        .unwrap_err();
    assert!(
        matches!(&error, MarketplaceError::Malformed { reason, .. }
            if reason == "`push_message_list` is missing"),
        "{error:?}"
    );
}

/// A queue of the platform: it only goes on where it is told to.
fn queue(messages: i64) -> impl FnMut(&Request) -> Answer + Send {
    let mut confirmed = 0;
    move |request| {
        if request.method == "POST" {
            let body: Value = serde_json::from_str(&request.body).expect("a body of JSON");
            confirmed = body["last_message_id"].as_i64().expect("an id");
            return Answer::json(200, &json!({"error": "", "message": ""}));
        }
        let last = messages.min(confirmed + 100);
        let entries: Vec<Value> = (confirmed + 1..=last)
            .map(|id| {
                let envelope = json!({"code": 3, "shop_id": 1, "data": {"ordersn": format!("A{id}")}});
                json!({"code": 3, "shop_id": 1, "timestamp": 1_660_400_000, "data": envelope.to_string()})
            })
            .collect();
        reply(&json!({
            "push_message_list": entries, "has_next_page": last < messages, "last_message_id": last,
        }))
    }
}

#[tokio::test]
async fn a_queue_of_250_is_three_pages_and_each_is_the_same_until_it_is_confirmed() {
    let bench = Bench::new(queue(250));
    let app = bench.app();
    let mut pages = Vec::new();
    let mut orders = Vec::new();
    loop {
        let page = bench.marketplace.lost_pushes(&app).await.unwrap();
        let again = bench.marketplace.lost_pushes(&app).await.unwrap();
        assert_eq!(page, again, "asking moves nothing on");
        let Some(last) = page.last_message_id else {
            break;
        };
        pages.push((page.pushes.len(), page.has_more));
        orders.extend(page.pushes.iter().map(|push| {
            let content = ShopeePushes.read(&push.body);
            content.order_sn.expect("an order").to_string()
        }));
        bench
            .marketplace
            .confirm_lost_pushes(&app, last)
            .await
            .unwrap();
    }
    assert_eq!(pages, [(100, true), (100, true), (50, false)]);
    let expected: Vec<String> = (1..=250).map(|id| format!("A{id}")).collect();
    assert_eq!(orders, expected, "each once and in their order");
}
