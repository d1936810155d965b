//! Why a shop was not authorised, in words for whoever asked.

use std::sync::Arc;

use hawker_domain::ShopId;
use hawker_domain::ids::ProfileId;
use hawker_domain::profile::Missing;
use hawker_ports::marketplace::MarketplaceError;
use hawker_ports::profiles::Profile;
use hawker_ports::{SealError, StoreError};

use crate::words::listed;

/// A profile that nothing can be authorised with.
#[derive(Debug)]
pub(super) enum Unusable {
    NotConfigured {
        profile: ProfileId,
        missing: Vec<Missing>,
    },
    Unreadable {
        profile: ProfileId,
        cause: SealError,
    },
}

impl Unusable {
    pub(super) fn unreadable(profile: &Profile, cause: SealError) -> Self {
        Self::Unreadable {
            profile: profile.id.clone(),
            cause,
        }
    }
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no such profile, or it was deleted.
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// The app is not fully there.
    #[error("profile {profile} is not fully configured: missing {}", listed(.missing))]
    NotConfigured {
        /// The profile.
        profile: ProfileId,
        /// What it lacks.
        missing: Vec<Missing>,
    },
    /// Nobody knows where the seller is to come back to.
    #[error(
        "PUBLIC_API_BASE_URL is not set, so the marketplace cannot send the seller back: set it to the URL under which this installation is reached, and restart"
    )]
    NoPublicBaseUrl,
    /// The partner key cannot be opened.
    #[error("the secrets of profile {profile} cannot be read")]
    SecretsUnreadable {
        /// The profile.
        profile: ProfileId,
        /// Why.
        #[source]
        cause: SealError,
    },
    /// No nonce could be made.
    #[error("no nonce could be made")]
    Nonce(#[from] SealError),
    /// The link could not be made.
    #[error("the link could not be made")]
    Marketplace(#[from] MarketplaceError),
    /// The database cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why no shop was authorised. Can be told to several: whoever waits for it, and the log.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ComeBackError {
    /// The nonce is missing, was never given out, or was for another profile.
    #[error("this way back was not asked for here: start the authorisation again")]
    InvalidState,
    /// The nonce was used before.
    #[error("this way back was used before: start the authorisation again")]
    StateUsed,
    /// The nonce is too old.
    #[error("it took too long to come back: start the authorisation again")]
    StateExpired,
    /// There is no code.
    #[error("there is no code: the seller did not agree, or the marketplace sent none")]
    Denied,
    /// There is no such profile, or it was deleted.
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// The app is not fully there.
    #[error("profile {profile} is not fully configured: missing {}", listed(.missing))]
    NotConfigured {
        /// The profile.
        profile: ProfileId,
        /// What it lacks.
        missing: Vec<Missing>,
    },
    /// A key cannot be opened, or a token not be sealed.
    #[error("the secrets of profile {profile} cannot be read or sealed")]
    SecretsUnreadable {
        /// The profile.
        profile: ProfileId,
        /// Why.
        #[source]
        cause: SealError,
    },
    /// Neither the marketplace nor the profile says which shop it is about.
    #[error(
        "neither the marketplace nor the profile names a shop: save the shop's id in the profile, and start the authorisation again"
    )]
    NamesNoShop,
    /// Another shop was authorised. Nothing was kept but what has replaced the pairs of other shops.
    #[error(
        "profile {profile} stands for shop {expected}, but {} was authorised; {}. Sign in with the account of that shop, or change the shop of the profile",
        shops(.given),
        what_was_kept(.kept)
    )]
    ShopMismatch {
        /// The profile.
        profile: ProfileId,
        /// Its shop.
        expected: ShopId,
        /// Which were authorised.
        given: Vec<ShopId>,
        /// Of these, those whose new pair was kept all the same.
        kept: Vec<ShopId>,
    },
    /// The marketplace does not accept the code.
    #[error(
        "the marketplace did not accept the code, which is good for ten minutes and a single use: start the authorisation again"
    )]
    CodeRejected(#[source] Arc<MarketplaceError>),
    /// The marketplace could not be asked.
    #[error("the marketplace could not be asked: start the authorisation again in a few minutes")]
    Unavailable(#[source] Arc<MarketplaceError>),
    /// The code may be used up.
    #[error(
        "the marketplace's answer was lost, and the code may be used up: start the authorisation again"
    )]
    InDoubt(#[source] Arc<MarketplaceError>),
    /// The marketplace refused the app or its settings.
    #[error("the marketplace refused the app: test the connection of the profile")]
    Marketplace(#[source] Arc<MarketplaceError>),
    /// The database cannot be reached, or did not keep it.
    #[error("the authorisation could not be stored: start it again")]
    Store(#[source] Arc<StoreError>),
}

impl ComeBackError {
    /// What a failed exchange means.
    pub(super) fn by(error: MarketplaceError) -> Self {
        use MarketplaceError as E;
        let told = match &error {
            E::Reauthorise { .. }
            | E::TokenInvalid { .. }
            | E::NotFound { .. }
            | E::Refused { .. } => Self::CodeRejected,
            E::RateLimited { .. } | E::DailyQuota { .. } | E::Unavailable { .. } => {
                Self::Unavailable
            }
            E::MaybeApplied { .. } | E::Malformed { .. } => Self::InDoubt,
            E::Misconfigured { .. } => Self::Marketplace,
        };
        told(Arc::new(error))
    }

    /// The same, with what was kept all the same.
    pub(super) fn with_kept(self, shops: &[ShopId]) -> Self {
        match self {
            Self::ShopMismatch {
                profile,
                expected,
                given,
                kept: _,
            } => Self::ShopMismatch {
                profile,
                expected,
                given,
                kept: shops.to_vec(),
            },
            other => other,
        }
    }

    /// The word for the operator's page: one of [`STATUSES`](super::STATUSES).
    pub fn status(&self) -> &'static str {
        match self {
            Self::InvalidState => "invalid_state",
            Self::StateUsed => "state_used",
            Self::StateExpired => "state_expired",
            Self::Denied => "denied",
            Self::CodeRejected(_) => "code_rejected",
            Self::ShopMismatch { .. } => "shop_mismatch",
            Self::NotConfigured { .. } => "not_configured",
            Self::Unavailable(_) => "unavailable",
            Self::Store(error) if error.is_passing() => "unavailable",
            Self::InDoubt(_) => "in_doubt",
            Self::NoSuchProfile(_)
            | Self::SecretsUnreadable { .. }
            | Self::NamesNoShop
            | Self::Marketplace(_)
            | Self::Store(_) => "error",
        }
    }
}

impl From<StoreError> for ComeBackError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<Unusable> for StartError {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::NotConfigured { profile, missing } => {
                Self::NotConfigured { profile, missing }
            }
            Unusable::Unreadable { profile, cause } => Self::SecretsUnreadable { profile, cause },
        }
    }
}

impl From<Unusable> for ComeBackError {
    fn from(unusable: Unusable) -> Self {
        match unusable {
            Unusable::NotConfigured { profile, missing } => {
                Self::NotConfigured { profile, missing }
            }
            Unusable::Unreadable { profile, cause } => Self::SecretsUnreadable { profile, cause },
        }
    }
}

fn what_was_kept(kept: &[ShopId]) -> String {
    match kept {
        [] => "nothing was kept".to_owned(),
        kept => format!(
            "the new pair of {} was kept, because it replaces the one before",
            shops(kept)
        ),
    }
}

fn shops(shops: &[ShopId]) -> String {
    match shops {
        [one] => format!("shop {one}"),
        several => format!("shops {}", listed(several)),
    }
}
