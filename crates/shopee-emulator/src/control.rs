//! The control API, `/_control/…`: the verbs of [`Controls`](crate::Controls) over HTTP, in JSON.
//!
//! It belongs to the emulator alone and has nothing to do with the platform. It is as open as
//! the port that it listens on: keep that on a loopback address.

mod adversary;
mod answer;
mod authorising;
mod connection;
mod orders;
mod payouts;
mod platform;
mod pushes;
mod setting;
mod tokens;
mod verb;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, http::header::ContentType};

/// What `GET /_control` answers; the README shows the same.
pub const REFERENCE: &str = include_str!("control/reference.txt");

pub(crate) fn routes(config: &mut ServiceConfig) {
    config.service(
        web::scope("/_control")
            .route("", web::get().to(reference))
            .route("/", web::get().to(reference))
            .route("/orders", web::get().to(orders::all))
            .route("/orders", web::post().to(orders::place))
            .route("/orders/{sn}", web::get().to(orders::one))
            .route("/escrows/{sn}", web::get().to(payouts::escrow))
            .route("/escrows/{sn}", web::post().to(payouts::change))
            .route("/chaos", web::post().to(adversary::set_chaos))
            .route("/calm", web::post().to(adversary::calm))
            .route("/scenario", web::post().to(adversary::play))
            .route("/scenario/{number}", web::get().to(adversary::script))
            .route("/life", web::post().to(adversary::begin_life))
            .route("/life/steps", web::post().to(adversary::lead_life))
            .route("/orders/{sn}/{verb}", web::post().to(orders::act))
            .route("/stats", web::get().to(connection::stats))
            .route("/clock", web::get().to(connection::clock))
            .route("/clock", web::post().to(connection::set_clock))
            .route("/authorise", web::post().to(authorising::authorise))
            .route("/cancel_authorisation", web::post().to(authorising::cancel))
            .route("/revoke", web::post().to(authorising::revoke))
            .route("/resend_code", web::post().to(authorising::resend_code))
            .route("/authorisation_end", web::post().to(authorising::end))
            .route("/tokens", web::post().to(tokens::issue))
            .route("/tokens/pair", web::post().to(tokens::pair))
            .route("/tokens/revoke", web::post().to(tokens::revoke))
            .route("/tokens/expire", web::post().to(tokens::expire))
            .route("/tokens/replies", web::post().to(tokens::replies))
            .route("/tokens/{shop_id}", web::get().to(tokens::tally))
            .route("/gateway", web::get().to(platform::gateway))
            .route("/gateway", web::post().to(platform::set_gateway))
            .route("/app", web::post().to(platform::set_app))
            .route("/shops/{shop_id}", web::post().to(platform::set_shop))
            .route("/console", web::get().to(platform::console))
            .route("/console", web::post().to(platform::set_console))
            .route("/standing", web::post().to(connection::set_standing))
            .route("/switches", web::post().to(connection::set_switches))
            .route("/faults", web::post().to(connection::add_fault))
            .route("/faults/clear", web::post().to(connection::clear_faults))
            .route("/pushes", web::post().to(pushes::settings))
            .route("/push", web::post().to(pushes::push))
            .route("/sign", web::post().to(pushes::sign))
            .route("/idle", web::get().to(pushes::idle))
            .default_service(web::to(answer::no_such_path)),
    );
}

async fn reference() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body(REFERENCE)
}
