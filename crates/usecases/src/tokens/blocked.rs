//! Why nothing can be asked for on behalf of a shop, in words that say what to do.

use std::fmt;
use std::time::Duration;

use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::ProfileId;
use hawker_domain::profile::Missing;
use hawker_domain::token::TokenState;
use hawker_domain::{IdSource, ShopId, Timestamp};
use hawker_ports::SealError;
use hawker_ports::tokens::{StoredToken, TokenKey};

use super::in_words;
use crate::words::listed;

/// How long orders rest when only a person can put things right. New pushes do not wake them: they
/// would only run into the same wall.
pub(crate) const UNTIL_LOOKED_AT_AGAIN: Duration = Duration::from_mins(1);

/// How long orders rest while somebody else renews the pair.
const UNTIL_RENEWED: Duration = Duration::from_secs(2);

/// The cause of everything about a token that is over once a call succeeds.
const ACCESS_TOKEN: &str = "access-token";

const REVOKED: &str = "authorisation-revoked";
const DEAD: &str = "needs-reauthorisation";
const LOST: &str = "refresh-lost";

/// The causes that are over once the pair is a good one again, by whatever path.
pub(crate) const STATES: [&str; 3] = [REVOKED, DEAD, LOST];

/// Nothing can be asked for on behalf of a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The shop, where it is known.
    pub shop: Option<ShopId>,
    /// What to tell the operator; nothing where waiting is all that is needed.
    pub cause: Option<Cause>,
    /// How what was to be done goes on.
    pub pause: Pause,
}

/// How the orders that were to be asked for go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pause {
    /// They wait; it does not count as a failed attempt.
    Wait(Duration),
    /// It counts as a failed attempt.
    Attempt,
}

/// What to tell a person, also where waiting is all that is needed.
impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shop = match self.shop {
            Some(shop) => format!("Shop {shop}"),
            None => "The shop".to_owned(),
        };
        match (&self.cause, self.pause) {
            (Some(cause), _) => f.write_str(&cause.message),
            (None, Pause::Wait(wait)) => write!(
                f,
                "{shop} cannot be called for at this moment. Try again in {}.",
                in_words(wait)
            ),
            (None, Pause::Attempt) => write!(f, "{shop} cannot be called for. Try again."),
        }
    }
}

impl Blocked {
    pub(super) fn no_such_profile(profile: &ProfileId) -> Self {
        let message = format!("There is no profile {profile}, or it was deleted.");
        Self::by_operator(None, ErrorClass::Unknown, "incomplete", message)
    }

    pub(super) fn incomplete(
        profile: &ProfileId,
        shop: Option<ShopId>,
        missing: &[Missing],
    ) -> Self {
        let message = format!(
            "Profile {profile} is not fully configured: missing {}. Complete it; its orders wait.",
            listed(missing)
        );
        Self::by_operator(shop, ErrorClass::Unknown, "incomplete", message)
    }

    pub(super) fn unreadable(profile: &ProfileId, shop: Option<ShopId>, error: SealError) -> Self {
        let message =
            format!("The secrets of profile {profile} cannot be read: {error}. Its orders wait.");
        Self::by_operator(shop, ErrorClass::Unknown, "sealed", message)
    }

    pub(super) fn not_authorised(profile: &ProfileId, shop: ShopId) -> Self {
        let message = format!(
            "Shop {shop} is not authorised: there is no token. {}",
            ways_to_authorise(profile)
        );
        Self::token(Some(shop), message)
    }

    /// The shop has a pair, and this profile's app is not the one that it was obtained with.
    pub(super) fn of_other_app(profile: &ProfileId, shop: ShopId, other: i64) -> Self {
        let message = format!(
            "Shop {shop} was authorised by way of another app (partner id {other}). No call is made for it, its orders wait. Connect it by way of this profile: `hawker oauth start --profile {profile}`, or Connect by way of the API."
        );
        Self::token(Some(shop), message)
    }

    /// Something about the token that is over once a call succeeds.
    pub(crate) fn token(shop: Option<ShopId>, message: String) -> Self {
        Self::by_operator(shop, ErrorClass::TokenExpired, ACCESS_TOKEN, message)
    }

    /// The pair is there and could not be renewed just now; it is tried again.
    pub(super) fn not_renewed(shop: ShopId, why: &str, wait: Duration) -> Self {
        let message = format!(
            "The token pair of shop {shop} could not be renewed: {why}. It is tried again in {}; the orders of the shop wait.",
            in_words(wait)
        );
        Self {
            pause: Pause::Wait(wait),
            ..Self::token(Some(shop), message)
        }
    }

    /// Waiting is all that is needed.
    pub(super) const fn waiting(shop: ShopId, wait: Duration) -> Self {
        Self {
            shop: Some(shop),
            cause: None,
            pause: Pause::Wait(wait),
        }
    }

    /// Somebody else renews the pair at this moment.
    pub(super) const fn renewing(shop: ShopId) -> Self {
        Self::waiting(shop, UNTIL_RENEWED)
    }

    /// The pair is good for no call; `None` when it is.
    pub(super) fn by_state(profile: &ProfileId, token: &StoredToken) -> Option<Self> {
        let shop = token.key.shop;
        let reason = token
            .state_reason
            .as_deref()
            .unwrap_or("no reason is known");
        match token.state {
            TokenState::Active => None,
            TokenState::Revoked => Some(Self::revoked(profile, shop, reason)),
            TokenState::NeedsReauthorisation => Some(match token.in_doubt_since {
                Some(since) => Self::lost(profile, shop, since),
                None => Self::dead(profile, shop, reason),
            }),
        }
    }

    /// The seller took the authorisation back.
    pub(crate) fn revoked(profile: &ProfileId, shop: ShopId, reason: &str) -> Self {
        let message = format!(
            "Shop {shop} does not authorise the app any more: {reason}. No call is made for it, its orders wait. {}",
            ways_to_authorise(profile)
        );
        Self::by_operator(Some(shop), ErrorClass::TokenExpired, REVOKED, message)
    }

    /// The marketplace does not accept the pair any more.
    pub(super) fn dead(profile: &ProfileId, shop: ShopId, reason: &str) -> Self {
        let message = format!(
            "Shop {shop} has to be authorised again: {reason}. No call is made for it, its orders wait. {}",
            ways_to_authorise(profile)
        );
        Self::by_operator(Some(shop), ErrorClass::TokenExpired, DEAD, message)
    }

    /// The answer to a renewal was lost, and with it the pair.
    pub(super) fn lost(profile: &ProfileId, shop: ShopId, since: Timestamp) -> Self {
        let message = format!(
            "The token pair of shop {shop} is lost. A renewal began at {}; the marketplace replaced the pair, and its answer was not stored: the connection broke, or the process ended. No call is made for the shop, its orders wait. Two ways out: ask the marketplace's support for a resend code and redeem it (`hawker oauth resend-code --profile {profile}`, or by way of the API), or have the seller authorise the shop again (`hawker oauth start --profile {profile}`, or Connect by way of the API).",
            since.format("%F %H:%M:%S UTC")
        );
        Self::by_operator(Some(shop), ErrorClass::TokenExpired, LOST, message)
    }

    /// The exception of a profile that tells of it.
    pub(crate) fn raised(
        &self,
        key: TokenKey,
        profile: &ProfileId,
        ids: &dyn IdSource,
    ) -> Option<RaisedException> {
        let subject = Subject {
            connector: key.connector,
            environment: key.environment,
            profile: Some(profile.clone()),
            shop: Some(key.shop),
            order_sn: None,
            event: None,
        };
        let cause = self.cause.clone()?;
        Some(RaisedException::once(subject, cause, ids))
    }

    fn by_operator(shop: Option<ShopId>, class: ErrorClass, key: &str, message: String) -> Self {
        let cause = Some(Cause {
            class,
            key: key.to_owned(),
            message,
            due_at: None,
        });
        Self {
            shop,
            cause,
            pause: Pause::Wait(UNTIL_LOOKED_AT_AGAIN),
        }
    }
}

/// The ways in which a shop is authorised.
pub(crate) fn ways_to_authorise(profile: &ProfileId) -> String {
    format!(
        "Authorise the shop again: `hawker oauth start --profile {profile}`, or Connect by way of the API."
    )
}
