//! The admin API: JSON below `/admin`. Handlers only translate: what comes in becomes a
//! call of a use case, what comes out an answer. Who asks was shown before they run.

pub(crate) mod alerts;
pub(crate) mod audit;
pub(crate) mod completeness;
pub(crate) mod connection;
pub(crate) mod diagnostics;
pub(crate) mod environment;
pub(crate) mod escrow;
pub(crate) mod escrow_report;
pub(crate) mod events;
pub(crate) mod exception_work;
pub(crate) mod exceptions;
pub(crate) mod jobs;
pub(crate) mod locations;
pub(crate) mod oauth;
pub(crate) mod orders;
pub(crate) mod profiles;
pub(crate) mod push_config;
pub(crate) mod whoami;

#[cfg(test)]
mod tests;

use actix_web::{HttpResponse, web};
use hawker_domain::{ConnectorName, OrderSn};

use crate::problem::{FieldError, Kind, Problem};
use crate::state::ApiState;

/// What a handler answers.
type Reply = Result<HttpResponse, Problem>;

/// What handlers share.
type Shared = web::Data<ApiState>;

/// The connector that these routes are about.
const CONNECTOR: ConnectorName = ConnectorName::Shopee;

/// The order that a parameter names.
fn order_named(text: &str) -> Result<OrderSn, Problem> {
    OrderSn::parse(text).ok_or_else(|| {
        let message = "it is no order number: 1 to 64 visible characters without commas".to_owned();
        let detail = format!("`order_sn`: {message}.");
        let field = "order_sn".to_owned();
        Problem::new(Kind::Invalid, detail).with_errors(vec![FieldError { field, message }])
    })
}
