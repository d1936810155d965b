//! Codes 1, 2 and 12, in every documented shape.

use hawker_shopee_emulator::{Consent, Emulator, EmulatorConfig, Notice, Revocation, Shop};
use serde_json::{Value, json};

use crate::receiver::{Received, Receiver};

async fn pushing_to(receiver: &Receiver) -> Emulator {
    let config = EmulatorConfig::default().at_speed(0.0);
    Emulator::start(config.pushing_to(&receiver.url))
        .await
        .unwrap()
}

fn shop() -> i64 {
    Shop::default().shop_id
}

async fn next(emulator: &Emulator, receiver: &Receiver) -> Value {
    emulator.idle().await;
    receiver.received().pop().unwrap().json()
}

#[tokio::test]
async fn a_consent_is_pushed_with_whoever_gave_it() {
    let receiver = Receiver::start();
    let emulator = pushing_to(&receiver).await;
    emulator.issue_code(&Consent::of_shop(shop())).unwrap();
    let push = next(&emulator, &receiver).await;
    assert_eq!(push["code"], 1);
    assert_eq!(push["data"]["shop_id"], shop());
    assert!(push.get("shop_id").is_none(), "the envelope names the app");
    assert_eq!(push["partner_id"], Shop::default().partner_id);

    let consent = Consent::of_main_account(7, [shop()]).with_merchants([31]);
    emulator.issue_code(&consent).unwrap();
    let push = next(&emulator, &receiver).await;
    assert_eq!(push["data"]["main_account_id"], 7);
    assert_eq!(push["data"]["shop_id_list"], json!([shop()]));
    assert_eq!(push["data"]["merchant_id_list"], json!([31]));
}

#[tokio::test]
async fn an_end_is_pushed_in_the_shape_of_its_cause() {
    let receiver = Receiver::start();
    let emulator = pushing_to(&receiver).await;
    let cases = [
        (Revocation::BySeller, None),
        (Revocation::BySellerWithId, Some("shop_id")),
        (Revocation::Expired, Some("shopid")),
        (Revocation::Abnormal, Some("shopid")),
        (Revocation::Disconnected, Some("shopid")),
        (Revocation::OfMainAccount(7), Some("main_account_id")),
        (Revocation::OfMerchant(31), Some("merchant_id")),
        (Revocation::OfUser(8), None),
    ];
    for (how, named_by) in cases {
        emulator.issue_code(&Consent::of_shop(shop())).unwrap();
        emulator.revoke(shop(), how).unwrap();
        let push = next(&emulator, &receiver).await;
        assert_eq!(push["code"], 2, "{how:?}");
        let data = push["data"].as_object().unwrap();
        let ids: Vec<_> = data
            .keys()
            .filter(|key| key.contains("id") && !key.ends_with("_list"))
            .map(String::as_str)
            .collect();
        assert_eq!(ids.first().copied(), named_by, "{how:?}: {data:?}");
        assert!(ids.len() <= 1, "{how:?}: {data:?}");
    }
    let before = receiver.received().len();
    emulator.revoke(shop(), Revocation::Silently).unwrap();
    emulator.idle().await;
    assert_eq!(receiver.received().len(), before);
}

#[tokio::test]
async fn the_sample_of_the_platform_names_the_shop_in_its_text_alone() {
    let receiver = Receiver::start();
    let emulator = pushing_to(&receiver).await;
    emulator.revoke(shop(), Revocation::BySeller).unwrap();
    let push = next(&emulator, &receiver).await;
    let text = push["data"]["extra"].as_str().unwrap();
    assert!(text.contains(&shop().to_string()), "{text}");
    assert_eq!(push["data"].as_object().unwrap().len(), 3);
}

#[tokio::test]
async fn a_long_list_of_ends_comes_in_pages() {
    let receiver = Receiver::start();
    let emulator = pushing_to(&receiver).await;
    let notice = Notice::ExpiryPages {
        shops: vec![shop(), 2, 3, 4, 5],
        merchants: vec![31],
        users: Vec::new(),
        before: 1_700_000_000,
        per_page: 2,
    };
    emulator.push(&notice).unwrap();
    emulator.idle().await;
    let mut pages: Vec<Value> = receiver.received().iter().map(Received::json).collect();
    pages.sort_by_key(|push| push["data"]["page_no"].as_i64());
    let lists: Vec<_> = pages
        .iter()
        .map(|push| push["data"]["shop_expire_soon"].clone())
        .collect();
    assert_eq!(lists, [json!([shop(), 2]), json!([3, 4]), json!([5])]);
    let merchants: Vec<_> = pages
        .iter()
        .map(|push| push["data"]["merchant_expire_soon"].clone())
        .collect();
    assert_eq!(merchants, [json!([31]), json!([]), json!([])]);
    assert!(pages.iter().all(|push| push["data"]["total_page"] == 3));
    assert!(
        pages
            .iter()
            .all(|push| push["code"] == 12 && push.get("shop_id").is_none())
    );
}

#[tokio::test]
async fn a_code_that_is_left_to_hand_is_not_pushed_by_a_consent() {
    let receiver = Receiver::start();
    let mut config = EmulatorConfig::default()
        .at_speed(0.0)
        .pushing_to(&receiver.url);
    config.pushes.automatic_codes.remove(&1);
    let emulator = Emulator::start(config).await.unwrap();
    emulator.issue_code(&Consent::of_shop(shop())).unwrap();
    emulator.idle().await;
    assert!(receiver.received().is_empty());
    emulator
        .push(&Notice::Authorised { shop_id: shop() })
        .unwrap();
    emulator.idle().await;
    assert_eq!(receiver.codes(), [1]);
}
