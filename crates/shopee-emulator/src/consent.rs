//! The seller's side of an authorisation: the two forms of link, the page that they open, and the
//! redirect that carries the code back to the app.
//!
//! A browser gets a page with buttons; [`Controls::authorise`](crate::Controls::authorise) plays
//! the same seller without one. Both judge a link alike.

mod choice;
mod link;
mod page;
mod redirect;

use actix_web::http::header::{CACHE_CONTROL, ContentType, LOCATION};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, Scope};

pub(crate) use link::{Link, Purpose};
pub(crate) use redirect::{after_cancelling, with_code};

use crate::api::refuse;
use crate::clock::WallClock;
use crate::controls::Controls;
use crate::sync::lock;
use crate::world::WorldError;
use choice::Choice;

/// Why a seller could not agree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// The platform refuses the link, in these words.
    #[error("the platform refuses the link with {code}: {message}")]
    Link { code: String, message: String },
    /// The link is good for something else: authorising, or cancelling.
    #[error("the link is not for that: {0}")]
    WrongPurpose(String),
    #[error(transparent)]
    World(#[from] WorldError),
}

/// The page may be looked at for three minutes after the link would have died.
const PATIENCE_SECONDS: i64 = 180;

/// The signed links, below `/api/v2`.
pub(crate) fn signed_links(scope: Scope) -> Scope {
    [Purpose::Authorise, Purpose::Cancel]
        .into_iter()
        .fold(scope, |scope, purpose| {
            let route = purpose.route();
            scope
                .route(route, web::get().to(show))
                .route(route, web::post().to(decide))
        })
}

/// The login page, whose links are not signed.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .route(link::LOGIN_PATH, web::get().to(show))
        .route(link::LOGIN_PATH, web::post().to(decide));
}

async fn show(controls: web::Data<Controls>, request: HttpRequest) -> HttpResponse {
    let shared = &controls.shared;
    let world = lock(&shared.world);
    let now = shared.wall.now();
    match Link::judge(&world, request.path(), request.query_string(), now, 0) {
        Ok(link) => html(page::consent(&world, &link, &request.uri().to_string(), "")),
        Err(error) => {
            drop(world);
            refuse(shared, &error)
        }
    }
}

async fn decide(controls: web::Data<Controls>, request: HttpRequest, body: String) -> HttpResponse {
    let shared = &controls.shared;
    let (path, query) = (request.path(), request.query_string());
    let link = {
        let world = lock(&shared.world);
        let now = shared.wall.now();
        Link::judge(&world, path, query, now, PATIENCE_SECONDS)
    };
    let link = match link {
        Ok(link) => link,
        Err(error) => return refuse(shared, &error),
    };
    let told = |error: ConsentError| error.to_string();
    let outcome = match Choice::read(&body, link.purpose) {
        Ok(Choice::Decline) => return html(page::declined(&link)),
        Ok(Choice::Authorise(consent)) => controls.agree(&link, &consent).map_err(told),
        Ok(Choice::Cancel(shop_id)) => controls.withdraw(&link, shop_id).map_err(told),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(url) => HttpResponse::Found()
            .insert_header((LOCATION, url))
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish(),
        Err(problem) => {
            let world = lock(&shared.world);
            let uri = request.uri().to_string();
            html(page::consent(&world, &link, &uri, &problem))
        }
    }
}

fn html(page: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(page)
}
