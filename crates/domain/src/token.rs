//! A shop's token pair: how long its parts live, when they are renewed, and whom to warn when.
//!
//! Lives (shopee.md §3.4): an access token 4 hours, and 5 minutes more once it was replaced; a
//! refresh token 30 days and a single use; an authorisation at most 365 days.

use chrono::TimeDelta;

use crate::Timestamp;
use crate::channel::named;

named! {
    /// What a shop's tokens are good for.
    TokenState: "token state" {
        /// Calls are made.
        Active = "active",
        /// The pair cannot be renewed any more: the seller has to authorise the app again.
        NeedsReauthorisation = "needs_reauthorisation",
        /// The seller took the authorisation back: no call is made.
        Revoked = "revoked",
    }
}

named! {
    /// How an attempt to renew a pair ended.
    RefreshStatus: "refresh status" {
        /// A new pair is kept.
        Success = "success",
        /// The marketplace refused, or could not be asked.
        Failure = "failure",
    }
}

named! {
    /// Something that ends unless a person does something about it.
    Deadline: "deadline" {
        /// The refresh token: 30 days after the pair was obtained.
        RefreshToken = "refresh_token",
        /// The seller's authorisation (`expire_time` of the shop).
        Authorisation = "authorisation",
        /// The partner key, where the operator noted its end.
        PartnerKey = "partner_key",
    }
}

/// How long a refresh token lives.
pub const REFRESH_TOKEN_LIFE: TimeDelta = TimeDelta::days(30);

/// A pair that was not renewed for this long is renewed although nobody needs it: the refresh token
/// of a shop without traffic must not end.
pub const KEEP_ALIVE_AFTER: TimeDelta = TimeDelta::days(7);

/// Days before a deadline at which somebody is told, the latest last.
pub const WARNING_DAYS: [u16; 5] = [30, 14, 7, 3, 1];

impl Deadline {
    /// The warning that holds at `now`: the smallest of [`WARNING_DAYS`] that is left at the most,
    /// 0 once the deadline has passed, `None` while there is more time.
    ///
    /// A refresh token lives 30 days altogether, so that its warnings begin at 14.
    pub fn warning(self, ends_at: Timestamp, now: Timestamp) -> Option<u16> {
        if ends_at <= now {
            return Some(0);
        }
        let first = match self {
            Self::RefreshToken => 14,
            Self::Authorisation | Self::PartnerKey => u16::MAX,
        };
        let left = ends_at - now;
        WARNING_DAYS
            .into_iter()
            .filter(|days| *days <= first)
            .rfind(|days| left <= TimeDelta::days((*days).into()))
    }
}

/// Whether an access token may still be used without being renewed: more than `margin` of its life
/// is left.
pub fn is_fresh(expires_at: Timestamp, now: Timestamp, margin: TimeDelta) -> bool {
    expires_at - now > margin
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::days(days)
    }

    #[test]
    fn each_warning_holds_until_the_next() {
        let warning = |left| Deadline::Authorisation.warning(at(left), at(0));
        assert_eq!(warning(31), None);
        assert_eq!(warning(30), Some(30));
        assert_eq!(warning(15), Some(30));
        assert_eq!(warning(14), Some(14));
        assert_eq!(warning(7), Some(7));
        assert_eq!(warning(2), Some(3));
        assert_eq!(warning(1), Some(1));
        assert_eq!(warning(0), Some(0));
        assert_eq!(warning(-1), Some(0));
    }

    #[test]
    fn a_fresh_refresh_token_warns_nobody() {
        let ends_at = at(0) + REFRESH_TOKEN_LIFE;
        assert_eq!(Deadline::RefreshToken.warning(ends_at, at(0)), None);
        assert_eq!(Deadline::RefreshToken.warning(ends_at, at(16)), Some(14));
    }

    #[test]
    fn a_token_within_its_margin_is_renewed() {
        let margin = TimeDelta::minutes(5);
        assert!(is_fresh(
            at(0) + margin + TimeDelta::seconds(1),
            at(0),
            margin
        ));
        assert!(!is_fresh(at(0) + margin, at(0), margin));
    }
}
