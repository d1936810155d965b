//! The Open Platform's HTTP interface, `/api/v2/…`.
//!
//! Every call takes the same way (see [`call`]): counted, perhaps spoiled by a scripted fault,
//! held against the rate limit, checked for its signature and token, answered.

mod authorise;
mod call;
mod endpoint;
mod error;
mod escrow_detail;
mod escrow_wire;
mod fault;
mod item_wire;
mod limit;
mod lost_pushes;
mod order_detail;
mod order_list;
mod order_wire;
mod query;
mod shop_info;
mod tally;

use actix_web::web::{self, ServiceConfig};

pub(crate) use call::Wire;
pub use endpoint::{Endpoint, UnknownEndpoint};
pub use fault::Fault;
pub(crate) use fault::FaultQueue;
pub(crate) use limit::RateLimiter;
pub use tally::ApiStats;
pub(crate) use tally::Tally;

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/api/v2")
            .route(
                Endpoint::OrderDetail.route(),
                web::get().to(order_detail::get),
            )
            .route(Endpoint::OrderList.route(), web::get().to(order_list::get))
            .route(Endpoint::ShopInfo.route(), web::get().to(shop_info::get))
            .route(
                Endpoint::EscrowDetail.route(),
                web::get().to(escrow_detail::get),
            )
            .route(
                Endpoint::LostPushes.route(),
                web::get().to(lost_pushes::get),
            )
            .route(
                Endpoint::ConfirmLostPushes.route(),
                web::post().to(lost_pushes::confirm),
            )
            .default_service(web::to(call::no_such_api)),
    );
}
