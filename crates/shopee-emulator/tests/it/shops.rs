//! What the platform tells about shops, and about itself.

use hawker_shopee_emulator::{
    Consent, Emulator, EmulatorConfig, Region, Revocation, Shop, SipListName, Standing, Warehouse,
};
use serde_json::json;

use crate::client::{Answer, Caller, TOKEN, emulator};

const INFO: &str = "/api/v2/shop/get_shop_info";
const PROFILE: &str = "/api/v2/shop/get_profile";
const WAREHOUSES: &str = "/api/v2/shop/get_warehouse_detail";
const SHOPS: &str = "/api/v2/public/get_shops_by_partner";
const MERCHANTS: &str = "/api/v2/public/get_merchants_by_partner";
const RANGES: &str = "/api/v2/public/get_shopee_ip_ranges";

#[tokio::test]
async fn a_shop_is_described_with_its_status_and_the_end_of_its_authorisation() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator
        .rename_shop(caller.shop_id, "Kopi & Kards")
        .unwrap();
    emulator
        .expire_authorisation_at(caller.shop_id, 1_999_999_999)
        .unwrap();
    emulator
        .set_standing(caller.shop_id, Standing::Frozen)
        .unwrap();
    let info = caller.get(INFO, &[]).await.json();
    assert_eq!(info["shop_name"], "Kopi & Kards");
    assert_eq!(info["status"], "FROZEN");
    assert_eq!(info["expire_time"], 1_999_999_999);
    assert!(info.get("response").is_none(), "flat");
    let profile = caller.get(PROFILE, &[]).await.response();
    assert_eq!(profile["shop_name"], "Kopi & Kards");
}

#[tokio::test]
async fn most_shops_are_not_on_the_list_for_several_warehouses() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let refused = caller.get(WAREHOUSES, &[]).await;
    assert_eq!(refused.status, 200);
    assert_eq!(refused.error(), "warehouse.error_not_in_whitelist");
    let json = refused.json();
    assert_eq!(json.get("response"), Some(&json!(null)), "null, not absent");

    let list = vec![
        Warehouse::new("SGZ", "Bedok"),
        Warehouse::new("SGA", "Jurong").in_city(Region::Sg, "Jurong"),
        Warehouse::new("SGZ", "Returns desk").returning(),
    ];
    emulator.set_warehouses(caller.shop_id, Some(list)).unwrap();
    let names = |answer: Answer| -> Vec<String> {
        let list = answer.response();
        let names = list.as_array().unwrap().iter();
        names
            .map(|entry| entry["warehouse_name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        names(caller.get(WAREHOUSES, &[]).await),
        ["Bedok", "Jurong"]
    );
    let returns = [("warehouse_type", "2")];
    assert_eq!(
        names(caller.get(WAREHOUSES, &returns).await),
        ["Returns desk"]
    );
    emulator
        .set_warehouses(caller.shop_id, Some(Vec::new()))
        .unwrap();
    assert_eq!(
        caller.get(WAREHOUSES, &[]).await.error(),
        "warehouse.error_can_not_find_warehouse"
    );
}

#[tokio::test]
async fn some_markets_have_no_list_of_warehouses() {
    let mut config = EmulatorConfig::default().with_token(TOKEN);
    config.shops[0].region = Region::My;
    let emulator = Emulator::start(config).await.unwrap();
    let caller = Caller::of(&emulator);
    let list = vec![Warehouse::new("MYZ", "Kuala Lumpur")];
    emulator.set_warehouses(caller.shop_id, Some(list)).unwrap();
    assert_eq!(
        caller.get(WAREHOUSES, &[]).await.error(),
        "warehouse.error_region_not_valid"
    );
}

#[tokio::test]
async fn the_app_sees_who_has_authorised_it_in_pages() {
    let mut config = EmulatorConfig::default();
    let first = Shop::default().shop_id;
    let more = (1..5).map(|number| Shop {
        shop_id: first + number,
        ..Shop::default()
    });
    config.shops.extend(more);
    config.shops.push(Shop {
        shop_id: 99,
        partner_id: 99,
        ..Shop::default()
    });
    let emulator = Emulator::start(config).await.unwrap();
    let caller = Caller::of(&emulator);
    emulator.revoke(first + 1, Revocation::Silently).unwrap();
    emulator.expire_authorisation_at(first + 2, 0).unwrap();

    let page = async |number: &str| {
        let query = [("page_size", "2"), ("page_no", number)];
        let page = caller.try_public(SHOPS, &query, None).await.unwrap().json();
        let list = page["authed_shop_list"].as_array().unwrap().iter();
        let ids: Vec<_> = list.map(|shop| shop["shop_id"].as_i64().unwrap()).collect();
        (ids, page["more"].as_bool().unwrap())
    };
    assert_eq!(page("1").await, (vec![first, first + 3], true));
    assert_eq!(page("2").await, (vec![first + 4], false));
    assert_eq!(page("3").await, (vec![], false));
    let wrong = caller
        .try_public(SHOPS, &[("page_size", "101")], None)
        .await;
    assert_eq!(wrong.unwrap().error(), "error_param");
}

#[tokio::test]
async fn the_list_of_affiliates_has_two_names() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let has = async |name: &str| {
        let list = caller.public(SHOPS, None).await.json();
        list["authed_shop_list"][0].get(name).is_some()
    };
    assert!(has("sip_affi_shop_list").await && !has("sip_affi_shops").await);
    emulator.set_sip_list_name(SipListName::Sample);
    assert!(!has("sip_affi_shop_list").await && has("sip_affi_shops").await);
}

#[tokio::test]
async fn the_platform_says_where_its_pushes_come_from() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    emulator.set_ip_ranges(vec!["203.0.113.0/24".to_owned()]);
    let answer = caller.public(RANGES, None).await.json();
    assert_eq!(answer["ip_list"], json!(["203.0.113.0/24"]));
}

#[tokio::test]
async fn merchants_are_listed_beside_the_shops_until_they_withdraw() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let consent = Consent::of_main_account(7, [caller.shop_id]).with_merchants([31, 32]);
    emulator.issue_code(&consent).unwrap();
    let listed = async || {
        let list = caller.public(MERCHANTS, None).await.json();
        let list = list["authed_merchant_list"].as_array().unwrap().iter();
        let ids: Vec<_> = list
            .map(|entry| entry["merchant_id"].as_i64().unwrap())
            .collect();
        ids
    };
    assert_eq!(listed().await, [31, 32]);
    emulator
        .revoke(caller.shop_id, Revocation::OfMerchant(31))
        .unwrap();
    assert_eq!(listed().await, [32]);
}
