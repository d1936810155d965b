//! The admin API: JSON below `/admin/dashboard`. Handlers only translate: what comes in becomes a
//! call of a use case, what comes out an answer. Who asks was shown before they run.

pub(crate) mod audit;
pub(crate) mod connection;
pub(crate) mod diagnostics;
pub(crate) mod environment;
pub(crate) mod events;
pub(crate) mod locations;
pub(crate) mod oauth;
pub(crate) mod profiles;
pub(crate) mod push_config;
pub(crate) mod whoami;

#[cfg(test)]
mod tests;

use actix_web::{HttpResponse, web};
use hawker_domain::ConnectorName;

use crate::problem::Problem;
use crate::state::ApiState;

/// What a handler answers.
type Reply = Result<HttpResponse, Problem>;

/// What handlers share.
type Shared = web::Data<ApiState>;

/// The connector that these routes are about.
const CONNECTOR: ConnectorName = ConnectorName::Shopee;
