//! What failures of asking the marketplace become for a client. What the marketplace said is told in
//! its own words, with its request id, to be quoted to its support.

use std::time::Duration;

use hawker_ports::MarketplaceError;
use hawker_usecases::authorise_shop::{ComeBackError, StartError};
use hawker_usecases::push_settings::PushSettingsError;
use hawker_usecases::refresh_locations::LocationsError;
use hawker_usecases::test_connection::TestConnectionError;
use hawker_usecases::tokens::{Blocked, CallError, Pause};

use super::of_profiles::sentence;
use super::{Kind, Problem};

/// When to ask again where the marketplace did not say, in seconds.
const RETRY_SECONDS: u32 = 30;

impl From<&MarketplaceError> for Problem {
    fn from(error: &MarketplaceError) -> Self {
        use MarketplaceError as E;
        let told = told(error);
        match error {
            E::RateLimited { retry_after, .. } => busy(&told, *retry_after),
            E::DailyQuota { renewed_in, .. } => busy(&told, Some(*renewed_in)),
            E::Unavailable { .. } => busy(&told, None),
            E::MaybeApplied { .. } => Self::new(
                Kind::MarketplaceInDoubt,
                format!("{told} Look at the state before you try again."),
            ),
            E::TokenInvalid { .. } | E::Reauthorise { .. } => Self::new(
                Kind::ConnectionBlocked,
                format!("{told} Authorise the shop again."),
            ),
            E::Misconfigured { .. } => Self::new(
                Kind::MarketplaceRefused,
                format!("{told} Test the connection of the profile: it says what to put right."),
            ),
            E::NotFound { .. } | E::Refused { .. } | E::Malformed { .. } => {
                Self::new(Kind::MarketplaceRefused, told)
            }
        }
    }
}

impl From<Blocked> for Problem {
    fn from(blocked: Blocked) -> Self {
        let detail = sentence(&blocked.to_string());
        match (&blocked.cause, blocked.pause) {
            (None, Pause::Wait(wait)) => busy(&detail, Some(wait)),
            _ => Self::new(Kind::ConnectionBlocked, detail),
        }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Blocked(blocked) => blocked.into(),
            CallError::Marketplace { error, .. } => (&error).into(),
        }
    }
}

impl From<LocationsError> for Problem {
    fn from(error: LocationsError) -> Self {
        let told = sentence(&error.to_string());
        match error {
            LocationsError::NoSuchProfile(id) => Self::no_such("profile", id.as_str()),
            LocationsError::OtherShop(_) => Self::new(Kind::Conflict, told),
            LocationsError::Blocked(blocked) => blocked.into(),
            LocationsError::Marketplace(error) => (&error).into(),
            LocationsError::Store(error) => error.into(),
        }
    }
}

impl From<PushSettingsError> for Problem {
    fn from(error: PushSettingsError) -> Self {
        let told = sentence(&error.to_string());
        match error {
            PushSettingsError::NoSuchProfile(id) => Self::no_such("profile", id.as_str()),
            PushSettingsError::Invalid { problems } => Self::invalid(told, problems),
            PushSettingsError::Blocked(blocked) => blocked.into(),
            PushSettingsError::Marketplace(error) => (&error).into(),
            PushSettingsError::NotApplied | PushSettingsError::NotSeen(_) => {
                Self::new(Kind::MarketplaceInDoubt, told)
            }
            PushSettingsError::Store(error) => error.into(),
        }
    }
}

impl From<TestConnectionError> for Problem {
    fn from(error: TestConnectionError) -> Self {
        match error {
            TestConnectionError::NoSuchProfile(id) => Self::no_such("profile", id.as_str()),
            TestConnectionError::Store(error) => error.into(),
        }
    }
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        let told = sentence(&error.to_string());
        match error {
            StartError::NoSuchProfile(id) => Self::no_such("profile", id.as_str()),
            StartError::NotConfigured { missing, .. } => Self::not_configured(told, &missing),
            StartError::NoPublicBaseUrl => {
                Self::new(Kind::NotConfigured, told).with_missing(vec!["PUBLIC_API_BASE_URL"])
            }
            StartError::SecretsUnreadable { cause, .. } => Self::new(
                Kind::ConnectionBlocked,
                sentence(&format!("{told} {cause}")),
            ),
            StartError::Nonce(error) => Self::internal(&error),
            StartError::Marketplace(error) => (&error).into(),
            StartError::Store(error) => error.into(),
        }
    }
}

impl From<ComeBackError> for Problem {
    fn from(error: ComeBackError) -> Self {
        use ComeBackError as E;
        let told = sentence(&error.to_string());
        match error {
            E::NoSuchProfile(id) => Self::no_such("profile", id.as_str()),
            E::NotConfigured { missing, .. } => Self::not_configured(told, &missing),
            E::SecretsUnreadable { cause, .. } => Self::new(
                Kind::ConnectionBlocked,
                sentence(&format!("{told} {cause}")),
            ),
            E::InvalidState
            | E::StateUsed
            | E::StateExpired
            | E::Denied
            | E::NamesNoShop
            | E::ShopMismatch { .. } => Self::new(Kind::Conflict, told),
            E::CodeRejected(cause) => Self::new(
                Kind::MarketplaceRefused,
                format!("{told} {}", self::told(&cause)),
            ),
            E::Unavailable(cause) | E::InDoubt(cause) | E::Marketplace(cause) => (&*cause).into(),
            E::Store(cause) => (&*cause).into(),
        }
    }
}

/// What the marketplace said, with the id that its support asks for.
fn told(error: &MarketplaceError) -> String {
    let words = format!("The marketplace: {}", sentence(&error.to_string()));
    match error.request_id() {
        Some(id) => format!("{words} Its request id is {id}."),
        None => words,
    }
}

fn busy(told: &str, wait: Option<Duration>) -> Problem {
    let seconds = wait.map_or(RETRY_SECONDS, |wait| {
        u32::try_from(wait.as_secs().max(1)).unwrap_or(u32::MAX)
    });
    Problem::later(Kind::MarketplaceUnavailable, told, seconds)
}
