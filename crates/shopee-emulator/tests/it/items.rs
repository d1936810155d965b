//! Listings over the API.

use std::time::Duration;

use hawker_shopee_emulator::{NewLine, NewOrder};
use serde_json::json;

use crate::client::{Caller, emulator};
use crate::goods::money;

const LIST: &str = "/api/v2/product/get_item_list";
const BASE: &str = "/api/v2/product/get_item_base_info";
const MODELS: &str = "/api/v2/product/get_model_list";

#[tokio::test]
async fn what_was_sold_is_listed_with_the_stock_that_is_left() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let lines = [
        NewLine::new("POK-A", money(1300)).times(3),
        NewLine::plain("DECK-BOX", money(990)),
    ];
    let sn = emulator.place(NewOrder::of(lines)).unwrap();
    let order = emulator.order(&sn).unwrap();
    let (card, plain) = (&order.lines[0].listing, &order.lines[1].listing);

    let id = plain.item_id.to_string();
    let item = caller.get(BASE, &[("item_id_list", &id)]).await.response()["item_list"][0].clone();
    assert_eq!(item["item_sku"], "DECK-BOX");
    assert_eq!(item["has_model"], false);
    assert_eq!(item["price_info"][0]["current_price"], 9.9);
    assert_eq!(
        item["stock_info_v2"]["summary_info"]["total_available_stock"],
        999
    );
    assert!(item["weight"].is_string());

    let id = card.item_id.to_string();
    let item = caller.get(BASE, &[("item_id_list", &id)]).await.response()["item_list"][0].clone();
    assert_eq!(item["has_model"], true);
    assert!(item.get("price_info").is_none(), "the models have it");
    let models = caller.get(MODELS, &[("item_id", &id)]).await.response();
    assert_eq!(models["model"][0]["model_sku"], "POK-A");
    assert_eq!(models["model"][0]["model_id"], card.model_id);
    let left = |models: &serde_json::Value| {
        models["model"][0]["stock_info_v2"]["seller_stock"][0]["stock"].clone()
    };
    assert_eq!(left(&models), 997);
    emulator
        .cancel(&sn, hawker_shopee_emulator::CancelledBy::Buyer, "")
        .unwrap();
    let models = caller.get(MODELS, &[("item_id", &id)]).await.response();
    assert_eq!(left(&models), 1000);
}

#[tokio::test]
async fn items_come_in_pages_and_by_the_time_of_their_listing() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    for sku in ["A", "B", "C"] {
        emulator
            .place(NewOrder::of([NewLine::new(sku, money(100))]))
            .unwrap();
        emulator.advance(Duration::from_hours(1));
    }
    let normal = ("item_status", "NORMAL");
    let page = [
        ("offset", "0"),
        ("page_size", "2"),
        normal,
        ("item_status", "BANNED"),
    ];
    let first = caller.get(LIST, &page).await.response();
    assert_eq!(first["total_count"], 3);
    assert_eq!(
        (&first["has_next_page"], &first["next_offset"]),
        (&json!(true), &json!(2))
    );
    let page = [("offset", "2"), ("page_size", "2"), normal];
    let second = caller.get(LIST, &page).await.response();
    assert_eq!(second["item"].as_array().unwrap().len(), 1);
    assert_eq!(second["has_next_page"], false);

    let since = (emulator.shop_time() - 3700).to_string();
    let page = [
        ("offset", "0"),
        ("page_size", "9"),
        normal,
        ("update_time_from", &since),
    ];
    assert_eq!(caller.get(LIST, &page).await.response()["total_count"], 1);
    let banned = [
        ("offset", "0"),
        ("page_size", "9"),
        ("item_status", "BANNED"),
    ];
    assert_eq!(caller.get(LIST, &banned).await.response()["total_count"], 0);
    let wrong = [("offset", "0"), ("page_size", "9"), ("item_status", "SOLD")];
    assert_eq!(
        caller.get(LIST, &wrong).await.error(),
        "error_param_item_status"
    );
}

#[tokio::test]
async fn several_items_are_asked_for_in_both_styles() {
    let emulator = emulator().await;
    let caller = Caller::of(&emulator);
    let lines = [NewLine::new("A", money(100)), NewLine::new("B", money(100))];
    let sn = emulator.place(NewOrder::of(lines)).unwrap();
    let ids: Vec<_> = emulator
        .order(&sn)
        .unwrap()
        .lines
        .iter()
        .map(|line| line.listing.item_id.to_string())
        .collect();
    let joined = ids.join(",");
    let styles: [&[(&str, &str)]; 2] = [
        &[("item_id_list", &joined)],
        &[("item_id_list", &ids[0]), ("item_id_list", &ids[1])],
    ];
    for query in styles {
        let found = caller.get(BASE, query).await.response();
        assert_eq!(found["item_list"].as_array().unwrap().len(), 2, "{query:?}");
    }
    let unknown = caller.get(BASE, &[("item_id_list", "7")]).await;
    assert_eq!(unknown.error(), "error_item_not_found");
    assert_eq!(
        caller.get(MODELS, &[("item_id", "7")]).await.error(),
        "error_item_not_found"
    );
}
