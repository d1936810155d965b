//! The OpenAPI document of the API, made of the handlers, the wire types and the table of routes.
//!
//! What each handler takes and answers stands beside it. What follows from the table (who may ask,
//! which problems may come of it, what every request may carry) is added here, so that it cannot be
//! forgotten in one place and cannot differ from what the routes do.

mod by_table;
mod parameters;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use actix_web::HttpResponse;
use actix_web::http::header::ContentType;
use utoipa::openapi::OpenApi as Described;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::admin::{
    alerts, audit, completeness, connection, diagnostics, environment, escrow, escrow_report,
    events, exception_work, exceptions, jobs, locations, oauth, orders, profiles, push_config,
    whoami,
};
use crate::problem::{Problem, ProblemWire};
use crate::wire::{ExceptionStatusWire, RunStateWire, ScopeWire};
use crate::{callback, docs_page, probes, webhook};

/// The name of the one way to show who asks.
const BEARER: &str = "bearer";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hawker",
        description = "The API of a Hawker installation: the queue of exceptions, orders and \
            payouts, jobs, connector profiles, authorisation of shops, diagnostics, events and the \
            audit log, below `/admin`; where the marketplace \
            and sellers come in, below `/connectors`; and what tells of the service itself.\n\n\
            Everything below `/admin` needs a token: `hawker api-token create` makes one. Errors \
            are problem details (RFC 9457). Whoever repeats a request with the same \
            `Idempotency-Key` gets the answer of the first.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        whoami::show,
        environment::show,
        environment::edit,
        environment::switch,
        oauth::start,
        oauth::redeem_resend_code,
        profiles::list,
        profiles::create,
        profiles::show,
        profiles::edit,
        profiles::delete,
        profiles::activate,
        diagnostics::show,
        locations::show,
        locations::refresh,
        connection::test,
        connection::refresh_token,
        push_config::show,
        push_config::change,
        events::list,
        events::show,
        events::signature,
        events::verify_again,
        audit::list,
        exceptions::list,
        exceptions::groups,
        exception_work::bulk,
        exceptions::progress,
        exceptions::show,
        exception_work::retry,
        exception_work::assign,
        exception_work::note,
        exception_work::snooze,
        exception_work::resolve,
        exception_work::wont_fix,
        alerts::test,
        orders::list,
        orders::show,
        orders::refresh,
        completeness::show,
        escrow::show,
        escrow::sync,
        escrow_report::show,
        jobs::list,
        jobs::runs,
        jobs::show_run,
        jobs::run,
        callback::come_back,
        callback::come_back_by_environment,
        webhook::receive,
        webhook::receive_by_environment,
        probes::health,
        probes::ready,
        probes::version,
        probes::metrics,
        document,
        docs_page::page,
        docs_page::file,
    ),
    components(schemas(ProblemWire, ScopeWire, ExceptionStatusWire, RunStateWire)),
    tags(
        (name = "Access", description = "Whose token it is."),
        (name = "Connector", description = "The connector by environment, as one page shows it."),
        (name = "Profiles", description = "Which shops, through which apps."),
        (name = "Authorisation", description = "Sellers authorise the app for their shops."),
        (name = "Connection", description = "Whether the marketplace can be called, and how it goes."),
        (name = "Locations", description = "The marketplace's warehouses of a shop."),
        (name = "Push settings", description = "Where and what the marketplace pushes."),
        (name = "Events", description = "What the marketplace pushed, and how it was verified."),
        (name = "Exceptions", description = "What did not go by itself, as a queue of work."),
        (name = "Alerts", description = "Messages to a person."),
        (name = "Orders", description = "Orders as they are held, and how complete they are."),
        (name = "Escrow", description = "What the marketplace pays out."),
        (name = "Jobs", description = "What runs at slots, and how it went."),
        (name = "Audit", description = "Who did what."),
        (name = "Pushes", description = "Where the marketplace pushes to."),
        (name = "Service", description = "What tells of the service itself."),
    ),
    modifiers(&ByTable),
)]
struct Document;

/// Adds what follows from the table of routes.
struct ByTable;

impl Modify for ByTable {
    fn modify(&self, document: &mut Described) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("hwk_ and 64 hexadecimal digits")
            .description(Some(
                "A token of `hawker api-token create`. The names in a requirement are scopes: a \
                 scope that ends in `:write` covers that which ends in `:read`.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(BEARER, SecurityScheme::Http(scheme));
        by_table::describe(&mut document.paths);
    }
}

/// The document.
pub(crate) fn described() -> Described {
    let mut document = Document::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut document.info.version);
    document
}

/// The OpenAPI document
///
/// This document.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "showDocument",
    tag = "Service",
    responses((status = 200, description = "The document, OpenAPI 3.1.", body = serde_json::Value)),
)]
pub(crate) async fn document() -> Result<HttpResponse, Problem> {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = if let Some(text) = TEXT.get() {
        text
    } else {
        let text = described()
            .to_json()
            .map_err(|error| Problem::internal(&error))?;
        TEXT.get_or_init(|| text)
    };
    Ok(HttpResponse::Ok()
        .insert_header(ContentType::json())
        .body(text.as_str()))
}
