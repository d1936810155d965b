//! `GET product/get_item_list`, `GET product/get_item_base_info` and `GET product/get_model_list`:
//! what the shop has listed. Listings with the same `item_id` are models of one item.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, web};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::page::{page, page_size};
use crate::shared::Shared;
use crate::world::{Listing, Region, Shop, ShopId, World};

const PAGE_MAX: usize = 100;
/// Most items in one call for details.
const ITEMS_MAX: usize = 50;
const STATUSES: [&str; 6] = [
    "NORMAL",
    "BANNED",
    "UNLIST",
    "REVIEWING",
    "SELLER_DELETE",
    "SHOPEE_DELETE",
];

pub(super) async fn list(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ItemList, request, &[], item_list).await
}

pub(super) async fn base_info(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ItemBaseInfo, request, &[], item_details).await
}

pub(super) async fn models(shared: web::Data<Shared>, request: HttpRequest) -> HttpResponse {
    answer(shared, Endpoint::ModelList, request, &[], model_list).await
}

/// The shop's listings by item, never empty for one.
fn items_of(shop: &Shop) -> BTreeMap<i64, Vec<&Listing>> {
    let mut items: BTreeMap<i64, Vec<&Listing>> = BTreeMap::new();
    for listing in &shop.listings {
        items.entry(listing.item_id).or_default().push(listing);
    }
    items
}

fn shop<'a>(call: &'a Call<'_>) -> Result<&'a Shop, ApiError> {
    let shop = call.world.shop(call.caller.shop_id);
    shop.map(|shop| &shop.shop).ok_or_else(ApiError::not_linked)
}

fn item_list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let statuses = call.query.list("item_status");
    if statuses.is_empty() || statuses.iter().any(|status| !STATUSES.contains(status)) {
        return Err(ApiError::unknown_item_status());
    }
    let sizes = "Wrong parameters, detail: page_size should be in 1..100.";
    let size = page_size(call.query, None, PAGE_MAX, sizes)?;
    let offset = usize::try_from(call.query.integer("offset")?)
        .map_err(|_| ApiError::wrong_parameters("offset should be 0 or more"))?;
    let from = call.query.optional_integer("update_time_from")?;
    let to = call.query.optional_integer("update_time_to")?;
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        return Err(ApiError::item_times_reversed());
    }
    let items = items_of(shop(call)?);
    let all: Vec<Value> = items
        .iter()
        // Everything in this shop world is for sale.
        .filter(|_| statuses.contains(&"NORMAL"))
        .map(|(item_id, models)| (item_id, listed_at(models)))
        .filter(|(_, at)| from.is_none_or(|from| from <= *at) && to.is_none_or(|to| *at <= to))
        .map(|(item_id, at)| {
            json!({
                "item_id": item_id,
                "item_status": "NORMAL",
                "update_time": at,
                "tag": { "kit": false },
            })
        })
        .collect();
    let total_count = all.len();
    let page = page(all, offset, size);
    let mut list = json!({
        "item": page.entries,
        "total_count": total_count,
        "has_next_page": page.more,
    });
    if page.more {
        list["next_offset"] = json!(page.end);
    }
    Ok(Reply::Enveloped(list))
}

/// Unknown items are left out, as long as there is any known one.
fn item_details(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let ids = call.query.list("item_id_list");
    if ids.is_empty() || ids.len() > ITEMS_MAX {
        return Err(ApiError::wrong_parameters(
            "the size of item_id_list should be in 1..50",
        ));
    }
    let shop = shop(call)?;
    let items = items_of(shop);
    let found: Vec<Value> = ids
        .iter()
        .filter_map(|id| items.get_key_value(&id.parse().ok()?))
        .map(|(item_id, models)| item(call.world, shop, *item_id, models))
        .collect();
    if found.is_empty() {
        return Err(ApiError::unknown_item());
    }
    Ok(Reply::Enveloped(json!({ "item_list": found })))
}

fn item(world: &World, shop: &Shop, item_id: i64, models: &[&Listing]) -> Value {
    let has_model = models.iter().any(|listing| listing.has_variations());
    let Some(first) = models.first() else {
        return Value::Null;
    };
    let mut item = json!({
        "item_id": item_id,
        "category_id": 100_636,
        "item_name": first.item_name,
        "item_sku": first.item_sku,
        "description": first.item_name,
        "create_time": listed_at(models),
        "update_time": listed_at(models),
        "attribute_list": [],
        "image": {
            "image_id_list": [item_id.to_string()],
            "image_url_list": [format!("https://images.example.com/file/{item_id}")],
        },
        "weight": first.weight.to_string(),
        "dimension": { "package_length": 12, "package_width": 10, "package_height": 1 },
        "logistic_info": [{
            "logistic_id": shop.region.logistics_channel_id(),
            "logistic_name": shop.region.carrier(),
            "enabled": true,
            "is_free": false,
        }],
        "pre_order": { "is_pre_order": false, "days_to_ship": 2 },
        "condition": "USED",
        "item_status": "NORMAL",
        "deboost": false,
        "has_model": has_model,
        "has_promotion": false,
        "brand": { "brand_id": 0, "original_brand_name": "NoBrand" },
        "tag": { "kit": false },
    });
    // The prices and stock of an item with models are the models'.
    if !has_model {
        item["price_info"] = json!([PriceWire::of(shop.region, first)]);
        item["stock_info_v2"] = stock(world, shop, first);
    }
    item
}

fn model_list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let item_id = call.query.integer("item_id")?;
    let shop = shop(call)?;
    let items = items_of(shop);
    let listings = items.get(&item_id).ok_or_else(ApiError::unknown_item)?;
    let models: Vec<&Listing> = listings
        .iter()
        .copied()
        .filter(|listing| listing.has_variations())
        .collect();
    let options: Vec<Value> = models
        .iter()
        .map(|listing| json!({ "option": listing.model_name }))
        .collect();
    let tiers = if models.is_empty() {
        json!([])
    } else {
        json!([{ "name": "Condition", "option_list": options }])
    };
    let list: Vec<Value> = models
        .iter()
        .enumerate()
        .map(|(index, listing)| {
            json!({
                "model_id": listing.model_id,
                "model_sku": listing.model_sku,
                "model_status": "MODEL_NORMAL",
                "tier_index": [index],
                "promotion_id": 0,
                "has_promotion": false,
                "price_info": [PriceWire::of(shop.region, listing)],
                "stock_info_v2": stock(call.world, shop, listing),
                "weight": listing.weight.to_string(),
            })
        })
        .collect();
    Ok(Reply::Enveloped(
        json!({ "tier_variation": tiers, "model": list }),
    ))
}

#[derive(Serialize)]
struct PriceWire {
    currency: &'static str,
    #[serde(with = "crate::amount")]
    original_price: Decimal,
    #[serde(with = "crate::amount")]
    current_price: Decimal,
}

impl PriceWire {
    fn of(region: Region, listing: &Listing) -> Self {
        Self {
            currency: region.currency(),
            original_price: listing.price,
            current_price: listing.price,
        }
    }
}

fn stock(world: &World, shop: &Shop, listing: &Listing) -> Value {
    let left = listing
        .stock
        .saturating_sub(sold(world, shop.shop_id, listing));
    let mut seller_stock = json!({ "stock": left });
    if let Some(location) = &shop.location_id {
        seller_stock["location_id"] = json!(location);
        seller_stock["if_saleable"] = json!(true);
    }
    json!({
        "summary_info": { "total_reserved_stock": 0, "total_available_stock": left },
        "seller_stock": [seller_stock],
        "shopee_stock": [],
    })
}

/// Units in orders that were not cancelled. Returned ones do not go on sale again by themselves.
fn sold(world: &World, shop_id: ShopId, listing: &Listing) -> u32 {
    world
        .orders
        .values()
        .filter(|order| order.shop_id == shop_id && order.keeps_units())
        .flat_map(|order| &order.lines)
        .filter(|line| line.listing.item_id == listing.item_id)
        .filter(|line| line.listing.model_id == listing.model_id)
        .map(crate::world::Line::to_ship)
        .sum()
}

fn listed_at(models: &[&Listing]) -> i64 {
    let times = models.iter().map(|listing| listing.listed_at);
    times.max().unwrap_or(0)
}
