//! The table itself.

use actix_web::http::Method;
use hawker_domain::api_access::ApiScope::{
    AuditRead, ConnectorsRead, ConnectorsWrite, EventsRead, EventsWrite,
};

use super::{Endpoint, Permission, Route};

/// Every route of the API.
pub static ROUTES: &[Route] = &[
    // Pushes.
    Route::public(Method::POST, "/connectors/shopee/webhook", Endpoint::Push),
    Route::public(
        Method::POST,
        "/connectors/shopee/webhook/{env}",
        Endpoint::PushByEnvironment,
    ),
    // The registered URL may end in a slash; it is part of what is signed, so it is kept as it is.
    Route::public(Method::POST, "/connectors/shopee/webhook/", Endpoint::Push),
    Route::public(
        Method::POST,
        "/connectors/shopee/webhook/{env}/",
        Endpoint::PushByEnvironment,
    ),
    // A seller comes back from the marketplace: a nonce is used up, so that HEAD must not ask.
    Route::public(
        Method::GET,
        "/connectors/shopee/oauth/callback",
        Endpoint::Callback,
    )
    .with_effect(),
    Route::public(
        Method::GET,
        "/connectors/shopee/oauth/callback/{env}",
        Endpoint::CallbackByEnvironment,
    )
    .with_effect(),
    // The service itself.
    Route::public(Method::GET, "/health", Endpoint::Health),
    Route::public(Method::GET, "/healthz", Endpoint::Health),
    Route::public(Method::GET, "/readyz", Endpoint::Ready),
    Route::public(Method::GET, "/version", Endpoint::Version),
    Route::public(Method::GET, "/metrics", Endpoint::Metrics),
    Route::public(Method::GET, "/openapi.json", Endpoint::Document),
    Route::public(Method::GET, "/docs", Endpoint::DocsPage),
    Route::public(Method::GET, "/docs/{file}", Endpoint::DocsFile),
    // Whose token it is, the audit log, events.
    Route::of(
        Method::GET,
        "/admin/dashboard/whoami",
        Permission::SignedIn,
        Endpoint::WhoAmI,
    ),
    Route::of(
        Method::GET,
        "/admin/dashboard/audit",
        Permission::Scope(AuditRead),
        Endpoint::ListAudit,
    ),
    Route::of(
        Method::GET,
        "/admin/dashboard/events",
        Permission::Scope(EventsRead),
        Endpoint::ListEvents,
    ),
    Route::of(
        Method::GET,
        "/admin/dashboard/events/{id}",
        Permission::Scope(EventsRead),
        Endpoint::ShowEvent,
    ),
    Route::of(
        Method::GET,
        "/admin/dashboard/events/{id}/signature",
        Permission::Scope(EventsRead),
        Endpoint::ShowSignature,
    ),
    Route::of(
        Method::POST,
        "/admin/dashboard/connectors/shopee/verify-again",
        Permission::Scope(EventsWrite),
        Endpoint::VerifyAgain,
    ),
    // The connector by environment.
    Route::of(
        Method::GET,
        "/admin/dashboard/connectors/shopee",
        Permission::Scope(ConnectorsRead),
        Endpoint::ShowConnector,
    ),
    Route::of(
        Method::PATCH,
        "/admin/dashboard/connectors/shopee",
        Permission::Scope(ConnectorsWrite),
        Endpoint::EditConnector,
    ),
    Route::of(
        Method::POST,
        "/admin/dashboard/connectors/shopee/active-environment",
        Permission::Scope(ConnectorsWrite),
        Endpoint::SwitchEnvironment,
    ),
    // Asking for a link notes its nonce.
    Route::of(
        Method::GET,
        "/admin/dashboard/connectors/shopee/oauth/start",
        Permission::Scope(ConnectorsWrite),
        Endpoint::StartAuthorisation,
    )
    .with_effect(),
    // Profiles.
    Route::of(
        Method::GET,
        "/admin/dashboard/connectors/shopee/profiles",
        Permission::Scope(ConnectorsRead),
        Endpoint::ListProfiles,
    ),
    Route::of(
        Method::POST,
        "/admin/dashboard/connectors/shopee/profiles",
        Permission::Scope(ConnectorsWrite),
        Endpoint::CreateProfile,
    ),
    Route::of(
        Method::GET,
        "/admin/dashboard/connectors/shopee/profiles/{id}",
        Permission::Scope(ConnectorsRead),
        Endpoint::ShowProfile,
    ),
    Route::of(
        Method::PATCH,
        "/admin/dashboard/connectors/shopee/profiles/{id}",
        Permission::Scope(ConnectorsWrite),
        Endpoint::EditProfile,
    ),
    Route::of(
        Method::DELETE,
        "/admin/dashboard/connectors/shopee/profiles/{id}",
        Permission::Scope(ConnectorsWrite),
        Endpoint::DeleteProfile,
    ),
    Route::of(
        Method::POST,
        "/admin/dashboard/connectors/shopee/profiles/{id}/activate",
        Permission::Scope(ConnectorsWrite),
        Endpoint::ActivateProfile,
    ),
    Route::of(
        Method::GET,
        "/admin/dashboard/connectors/shopee/profiles/{id}/diagnostics",
        Permission::Scope(ConnectorsRead),
        Endpoint::Diagnose,
    ),
    Route::of(
        Method::GET,
        "/admin/dashboard/connectors/shopee/profiles/{id}/locations",
        Permission::Scope(ConnectorsRead),
        Endpoint::ShowLocations,
    ),
    Route::of(
        Method::POST,
        "/admin/dashboard/connectors/shopee/profiles/{id}/refresh-locations",
        Permission::Scope(ConnectorsWrite),
        Endpoint::RefreshLocations,
    ),
    Route::of(
        Method::POST,
        "/admin/dashboard/connectors/shopee/profiles/{id}/test-connection",
        Permission::Scope(ConnectorsWrite),
        Endpoint::TestConnection,
    ),
    Route::of(
        Method::GET,
        "/admin/dashboard/connectors/shopee/profiles/{id}/push-config",
        Permission::Scope(ConnectorsRead),
        Endpoint::ShowPushConfig,
    ),
    Route::of(
        Method::PATCH,
        "/admin/dashboard/connectors/shopee/profiles/{id}/push-config",
        Permission::Scope(ConnectorsWrite),
        Endpoint::ChangePushConfig,
    ),
    Route::of(
        Method::POST,
        "/admin/dashboard/connectors/shopee/profiles/{id}/resend-code",
        Permission::Scope(ConnectorsWrite),
        Endpoint::RedeemResendCode,
    ),
    Route::of(
        Method::POST,
        "/admin/dashboard/connectors/shopee/profiles/{id}/refresh-token",
        Permission::Scope(ConnectorsWrite),
        Endpoint::RefreshToken,
    ),
];
