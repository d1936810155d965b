//! The Open Platform's HTTP interface, `/api/v2/…`.
//!
//! Every call takes the same way (see [`call`]): counted, perhaps spoiled by a scripted fault,
//! held against the limits, checked for its signature and token, answered.

mod authorise;
mod call;
mod endpoint;
mod error;
mod escrow_detail;
mod escrow_list;
mod escrow_wire;
mod fault;
mod gateway;
mod item_wire;
mod items;
mod limit;
mod logistics;
mod lost_pushes;
mod order_detail;
mod order_list;
mod order_wire;
mod package_search;
mod packages;
mod page;
mod push_config;
mod query;
mod quota;
mod return_wire;
mod returns;
mod shop_info;
mod shops_by_partner;
mod spoiling;
mod tally;
mod tokens;
mod warehouses;

use actix_web::web::{self, ServiceConfig};

pub(crate) use authorise::FRESH_SECONDS;
pub(crate) use call::refuse;
pub use endpoint::{ApiType, Endpoint, UnknownEndpoint};
pub(crate) use error::ApiError;
pub(crate) use fault::FaultQueue;
pub use fault::{AuthText, Fault};
pub(crate) use gateway::Gateway;
pub(crate) use query::Query;
pub(crate) use spoiling::Wire;
pub(crate) use tally::Tally;
pub use tally::{ApiStats, RefreshTally};

use crate::consent;

pub(crate) fn routes(config: &mut ServiceConfig) {
    use Endpoint as E;

    let (get, post) = (web::get, web::post);
    let calls = [
        (E::TokenGet, post().to(tokens::exchange)),
        (E::TokenRefresh, post().to(tokens::refresh)),
        (E::TokenResend, post().to(tokens::resend)),
        (E::ShopsByPartner, get().to(shops_by_partner::get)),
        (E::MerchantsByPartner, get().to(shops_by_partner::merchants)),
        (E::IpRanges, get().to(shops_by_partner::ip_ranges)),
        (E::ShopInfo, get().to(shop_info::get)),
        (E::ShopProfile, get().to(shop_info::profile)),
        (E::Warehouses, get().to(warehouses::get)),
        (E::PushConfig, get().to(push_config::get)),
        (E::SetPushConfig, post().to(push_config::set)),
        (E::LostPushes, get().to(lost_pushes::get)),
        (E::ConfirmLostPushes, post().to(lost_pushes::confirm)),
        (E::OrderDetail, get().to(order_detail::get)),
        (E::OrderList, get().to(order_list::get)),
        (E::ShipmentList, get().to(packages::shipment_list)),
        (E::PackageDetail, get().to(packages::detail)),
        (E::PackageSearch, post().to(package_search::search)),
        (E::EscrowDetail, get().to(escrow_detail::get)),
        // The specification says GET and speaks of a body; clients in the wild use POST.
        (E::EscrowDetailBatch, get().to(escrow_detail::batch)),
        (E::EscrowDetailBatch, post().to(escrow_detail::batch)),
        (E::EscrowList, get().to(escrow_list::get)),
        (E::TrackingNumber, get().to(logistics::tracking_number)),
        (E::TrackingInfo, get().to(logistics::tracking_info)),
        (E::ChannelList, get().to(logistics::channels)),
        (E::ReturnList, get().to(returns::list)),
        (E::ReturnDetail, get().to(returns::detail)),
        (E::ItemList, get().to(items::list)),
        (E::ItemBaseInfo, get().to(items::base_info)),
        (E::ModelList, get().to(items::models)),
    ];
    let scope = calls
        .into_iter()
        .fold(web::scope("/api/v2"), |scope, (endpoint, route)| {
            scope.route(endpoint.route(), route)
        });
    config.service(consent::signed_links(scope).default_service(web::to(call::no_such_api)));
}
