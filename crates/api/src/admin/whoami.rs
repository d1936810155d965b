//! Whose token it is.

use actix_web::HttpResponse;
use hawker_domain::api_access::ApiScope;
use serde::Serialize;
use utoipa::ToSchema;

use super::Reply;
use crate::identity::{Caller, Identity};
use crate::wire::ScopeWire;

/// Who asks.
#[derive(Serialize, ToSchema)]
#[schema(as = WhoAmI)]
struct WhoAmIWire {
    /// The merchant whose data is seen and changed.
    #[schema(example = "default")]
    tenant: String,
    /// By what means it is known who asks: `api_token`.
    kind: &'static str,
    /// The token's id.
    id: String,
    /// The token's name.
    name: String,
    /// What may be done.
    #[schema(value_type = Vec<ScopeWire>)]
    scopes: Vec<ApiScope>,
}

/// Show whose token it is
///
/// Any good token will do.
#[utoipa::path(
    get,
    path = "/admin/dashboard/whoami",
    operation_id = "whoAmI",
    tag = "Access",
    responses((status = 200, description = "Who asks.", body = WhoAmIWire)),
)]
pub(crate) async fn show(identity: Identity) -> Reply {
    let Identity {
        tenant,
        scopes,
        caller: Caller::Bearer { id, name },
    } = identity;
    Ok(HttpResponse::Ok().json(WhoAmIWire {
        tenant: tenant.as_str().to_owned(),
        kind: "api_token",
        id: id.to_string(),
        name,
        scopes,
    }))
}
