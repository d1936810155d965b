//! Manage connector profiles: list and show them, add, change, activate and delete them, and choose
//! the environment that a connector works in.
//!
//! Every change of which profile is active happens under the lock of the connector's profiles, so of
//! two operators who click at once the second sees what the first did. What is wrong with an input is
//! told all at once, and nothing of it is stored. A secret comes in and never goes out: a card shows
//! its fingerprint at the most. Every change leaves an entry in the audit log that names the fields,
//! never their values.

mod activation;
mod card;
mod changes;
mod creation;
mod draft;
mod keys;
mod reading;
mod validation;

use std::sync::Arc;

use hawker_domain::ids::ProfileId;
use hawker_domain::profile::{Missing, PublicBaseUrl};
use hawker_domain::{Environment, IdSource};
use hawker_ports::{Clock, SealError, Sealer, Store, StoreError};

use crate::problems::FieldProblem;
use crate::words::listed;

pub use card::{ProfileCard, SecretCard, TokenCard, UrlsCard};
pub use draft::{Edited, ProfileDraft, ProfileEdit};
pub(crate) use validation::bad_url;

/// Manages profiles.
pub struct ManageProfiles {
    /// Where they are kept.
    pub store: Arc<dyn Store>,
    /// Seals their secrets, and opens them for their fingerprints.
    pub sealer: Arc<dyn Sealer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// `PUBLIC_API_BASE_URL`, of which the callback URLs are made.
    pub public_api_base_url: Option<PublicBaseUrl>,
}

/// Why a profile was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// There is no such profile (any more).
    #[error("there is no profile `{0}`")]
    NoSuchProfile(ProfileId),
    /// Somebody changed it since it was read.
    #[error(
        "profile `{profile}` was changed by somebody else (it is at version {current_version} by now): read it again and repeat the change"
    )]
    Changed {
        /// Which.
        profile: ProfileId,
        /// The version that it has now.
        current_version: i64,
    },
    /// The id that the profile was to have belongs to one that is not as asked for (any more).
    #[error(
        "profile `{0}` was made by this request before and is not (or no more) as asked for: look at it, or ask for another one"
    )]
    Taken(ProfileId),
    /// The active profile of an environment is not deleted.
    #[error(
        "profile `{0}` is the active one of its environment: activate another one before it is deleted"
    )]
    IsActive(ProfileId),
    /// Nothing could be called for with it.
    #[error("{}", not_configured(*.environment, .profile.as_ref(), .missing))]
    NotConfigured {
        /// The environment that was to be used.
        environment: Environment,
        /// Its active profile; none where the environment has no profile.
        profile: Option<ProfileId>,
        /// What is missing.
        missing: Vec<Missing>,
    },
    /// The input is not acceptable.
    #[error("the profile was not saved: {}", crate::problems::told(.problems))]
    Invalid {
        /// Everything that is wrong with it.
        problems: Vec<FieldProblem>,
    },
    /// A secret could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn not_configured(
    environment: Environment,
    profile: Option<&ProfileId>,
    missing: &[Missing],
) -> String {
    let missing = listed(missing);
    match profile {
        Some(profile) => format!(
            "profile `{profile}` ({environment}) is not fully configured: missing {missing}. Complete it first"
        ),
        None => format!(
            "the environment {environment} is not fully configured: it has no active profile, so it lacks {missing}. Add a profile first"
        ),
    }
}
