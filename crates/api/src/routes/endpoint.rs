//! What answers a route.

use actix_web::Route as Handled;

use crate::admin::{
    audit, connection, diagnostics, environment, events, locations, oauth, profiles, push_config,
    whoami,
};
use crate::{callback, docs_page, openapi, probes, webhook};

/// What answers a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Push,
    PushByEnvironment,
    Callback,
    CallbackByEnvironment,
    Health,
    Ready,
    Version,
    Metrics,
    Document,
    DocsPage,
    DocsFile,
    WhoAmI,
    ListAudit,
    ListEvents,
    ShowEvent,
    ShowSignature,
    VerifyAgain,
    ShowConnector,
    EditConnector,
    SwitchEnvironment,
    StartAuthorisation,
    ListProfiles,
    CreateProfile,
    ShowProfile,
    EditProfile,
    DeleteProfile,
    ActivateProfile,
    Diagnose,
    ShowLocations,
    RefreshLocations,
    TestConnection,
    ShowPushConfig,
    ChangePushConfig,
    RedeemResendCode,
    RefreshToken,
}

impl Endpoint {
    /// Whether pushes are taken there, whose answers have no body.
    pub(crate) const fn is_push(self) -> bool {
        matches!(self, Self::Push | Self::PushByEnvironment)
    }

    /// The route with its handler.
    pub(super) fn handled_by(self, route: Handled) -> Handled {
        match self {
            Self::Push => route.to(webhook::receive),
            Self::PushByEnvironment => route.to(webhook::receive_by_environment),
            Self::Callback => route.to(callback::come_back),
            Self::CallbackByEnvironment => route.to(callback::come_back_by_environment),
            Self::Health => route.to(probes::health),
            Self::Ready => route.to(probes::ready),
            Self::Version => route.to(probes::version),
            Self::Metrics => route.to(probes::metrics),
            Self::Document => route.to(openapi::document),
            Self::DocsPage => route.to(docs_page::page),
            Self::DocsFile => route.to(docs_page::file),
            Self::WhoAmI => route.to(whoami::show),
            Self::ListAudit => route.to(audit::list),
            Self::ListEvents => route.to(events::list),
            Self::ShowEvent => route.to(events::show),
            Self::ShowSignature => route.to(events::signature),
            Self::VerifyAgain => route.to(events::verify_again),
            Self::ShowConnector => route.to(environment::show),
            Self::EditConnector => route.to(environment::edit),
            Self::SwitchEnvironment => route.to(environment::switch),
            Self::StartAuthorisation => route.to(oauth::start),
            Self::ListProfiles => route.to(profiles::list),
            Self::CreateProfile => route.to(profiles::create),
            Self::ShowProfile => route.to(profiles::show),
            Self::EditProfile => route.to(profiles::edit),
            Self::DeleteProfile => route.to(profiles::delete),
            Self::ActivateProfile => route.to(profiles::activate),
            Self::Diagnose => route.to(diagnostics::show),
            Self::ShowLocations => route.to(locations::show),
            Self::RefreshLocations => route.to(locations::refresh),
            Self::TestConnection => route.to(connection::test),
            Self::ShowPushConfig => route.to(push_config::show),
            Self::ChangePushConfig => route.to(push_config::change),
            Self::RedeemResendCode => route.to(oauth::redeem_resend_code),
            Self::RefreshToken => route.to(connection::refresh_token),
        }
    }
}
