//! `POST order/search_package_list`: packages that are not shipped yet, by what is to be done.

use std::cmp::Reverse;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::call::{Call, Reply, answer};
use super::endpoint::Endpoint;
use super::error::ApiError;
use super::packages::{is_to_arrange, packages_of};
use super::page::{cursor, next_cursor, page};
use crate::shared::Shared;
use crate::world::{InvoiceState, LogisticsStatus, Order, Package, Timestamp};

const PAGE_MAX: usize = 100;

/// `fulfillment_type` of packages that the platform ships; this shop world has none.
const BY_PLATFORM: i32 = 1;

#[derive(Deserialize)]
struct SearchWire {
    #[serde(default)]
    filter: FilterWire,
    pagination: PaginationWire,
    #[serde(default)]
    sort: SortWire,
}

#[derive(Deserialize)]
#[serde(default)]
struct FilterWire {
    package_status: i32,
    product_location_ids: Vec<String>,
    logistics_channel_ids: Vec<i64>,
    fulfillment_type: i32,
    invoice_pending: bool,
}

impl Default for FilterWire {
    fn default() -> Self {
        Self {
            package_status: Stage::TO_PROCESS,
            product_location_ids: Vec::new(),
            logistics_channel_ids: Vec::new(),
            fulfillment_type: 2,
            invoice_pending: false,
        }
    }
}

#[derive(Deserialize)]
struct PaginationWire {
    page_size: usize,
    #[serde(default)]
    cursor: String,
}

#[derive(Deserialize)]
#[serde(default)]
struct SortWire {
    sort_type: i32,
    ascending: bool,
}

impl Default for SortWire {
    fn default() -> Self {
        Self {
            sort_type: 1,
            ascending: true,
        }
    }
}

/// What is to be done with a package, as the filter counts.
struct Stage;

impl Stage {
    const ALL: i32 = 0;
    const PENDING: i32 = 1;
    const TO_PROCESS: i32 = 2;
    const PROCESSED: i32 = 3;

    /// None once it is shipped, or never will be.
    fn of(order: &Order, package: &Package) -> Option<i32> {
        use LogisticsStatus as L;

        match package.logistics_status {
            L::NotStart | L::PendingArrange => Some(Self::PENDING),
            _ if is_to_arrange(package) && !order.held_for.is_empty() => Some(Self::PENDING),
            _ if is_to_arrange(package) => Some(Self::TO_PROCESS),
            L::RequestCreated => Some(Self::PROCESSED),
            _ => None,
        }
    }
}

pub(super) async fn search(
    shared: web::Data<Shared>,
    request: HttpRequest,
    body: web::Bytes,
) -> HttpResponse {
    answer(shared, Endpoint::PackageSearch, request, &body, found).await
}

fn found(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let SearchWire {
        filter,
        pagination,
        sort,
    } = call.form("pagination with a page_size, and perhaps filter and sort, are")?;
    if !(1..=PAGE_MAX).contains(&pagination.page_size) {
        return Err(ApiError::wrong_parameters("page_size should be in 1..100"));
    }
    let skip = cursor(Some(&pagination.cursor))?;
    let location = call
        .world
        .shop(call.caller.shop_id)
        .and_then(|shop| shop.shop.location_id.clone())
        .unwrap_or_default();
    let by = sort_key(sort.sort_type)?;

    let mut all: Vec<(&Order, &Package)> = packages_of(call.world, call.caller.shop_id)
        .filter(|(order, package)| filter.admits(order, package, &location))
        .collect();
    all.sort_by_key(|(order, package)| (by(order), &package.package_number));
    if !sort.ascending {
        all.sort_by_key(|(order, package)| Reverse((by(order), &package.package_number)));
    }
    let total_count = all.len();
    let page = page(all, skip, pagination.page_size);
    let list: Vec<_> = page
        .entries
        .iter()
        .map(|(order, package)| {
            json!({
                "order_sn": order.order_sn,
                "package_number": package.package_number,
                "logistics_channel_id": order.region.logistics_channel_id(),
                "product_location_id": location,
                "is_shipment_arranged":
                    package.logistics_status == LogisticsStatus::RequestCreated,
            })
        })
        .collect();
    Ok(Reply::Enveloped(json!({
        "packages_list": list,
        "pagination": {
            "total_count": total_count,
            "next_cursor": next_cursor(&page),
            "more": page.more,
        },
        "sort": { "sort_type": sort.sort_type, "is_asc": sort.ascending },
    })))
}

impl FilterWire {
    fn admits(&self, order: &Order, package: &Package, location: &str) -> bool {
        let Some(stage) = Stage::of(order, package) else {
            return false;
        };
        let channel = order.region.logistics_channel_id();
        let waits_for_invoice = order.invoice == InvoiceState::Missing;
        (self.package_status == Stage::ALL || self.package_status == stage)
            && self.fulfillment_type != BY_PLATFORM
            && (self.logistics_channel_ids.is_empty()
                || self.logistics_channel_ids.contains(&channel))
            && (self.product_location_ids.is_empty()
                || self.product_location_ids.iter().any(|id| id == location))
            && (!self.invoice_pending || waits_for_invoice)
    }
}

fn sort_key(sort_type: i32) -> Result<fn(&Order) -> Timestamp, ApiError> {
    match sort_type {
        1 => Ok(|order| order.ship_by_date),
        2 => Ok(|order| order.create_time),
        3 => Ok(|order| order.pay_time.unwrap_or(order.create_time)),
        _ => Err(ApiError::wrong_parameters("sort_type should be in 1..3")),
    }
}
