//! What is known of a token pair, as a person at a terminal sees it: never a token.

use std::io;

use hawker_domain::Timestamp;
use hawker_domain::token::TokenState;
use hawker_usecases::manage_profiles::TokenCard;

use crate::output::{facts, or_dash, time, time_or_dash};
use crate::system::system;

/// Valid, EXPIRED, or why there is nothing to use.
pub(super) fn in_a_word(token: Option<&TokenCard>) -> String {
    let Some(token) = token else {
        return "not authorised".to_owned();
    };
    let (clock, _) = system();
    validity(token, clock.now()).to_owned()
}

fn validity(token: &TokenCard, now: Timestamp) -> &'static str {
    match token.state {
        TokenState::Revoked => "revoked",
        TokenState::NeedsReauthorisation => "authorise again",
        TokenState::Active if token.in_doubt_since.is_some() => "in doubt",
        TokenState::Active if token.refresh_token_ends_at <= now => "EXPIRED",
        // The next call renews it.
        TokenState::Active if token.expires_at <= now => "EXPIRED, renewable",
        TokenState::Active => "valid",
    }
}

/// Everything, a line each.
pub(super) fn write(token: &TokenCard) -> io::Result<()> {
    let (clock, _) = system();
    let now = clock.now();
    let until = |at: Timestamp| format!("{}  {}", time(at), distance(at, now));
    let last_attempt = token.last_refresh_attempt_at.map(|at| {
        let status = token.last_refresh_status.map(|status| status.to_string());
        format!("{}  {}", time(at), status.unwrap_or_default())
    });
    facts(&[
        ("state", validity(token, now).to_owned()),
        ("because", or_dash(token.state_reason.as_deref())),
        ("access token ends", until(token.expires_at)),
        ("obtained", time(token.obtained_at)),
        ("refresh token ends", until(token.refresh_token_ends_at)),
        ("last used", time_or_dash(token.refresh_token_last_used_at)),
        (
            "authorisation ends",
            or_dash(token.authorisation_ends_at.map(until).as_deref()),
        ),
        ("authorised", time(token.authorised_at)),
        ("in doubt since", time_or_dash(token.in_doubt_since)),
        ("last renewal", or_dash(last_attempt.as_deref())),
        ("error", or_dash(token.last_refresh_error.as_deref())),
    ])
}

/// How far away a time is, in its largest unit that counts.
fn distance(at: Timestamp, now: Timestamp) -> String {
    let minutes = (at - now).num_minutes();
    let amount = match minutes.abs() {
        minutes @ 0..120 => format!("{minutes} minutes"),
        minutes @ 120..2_880 => format!("{} hours", minutes / 60),
        minutes => format!("{} days", minutes / 1_440),
    };
    if at <= now {
        format!("EXPIRED {amount} ago")
    } else {
        format!("in {amount}")
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    fn pair(expires: i64, refresh_ends: i64) -> TokenCard {
        TokenCard {
            state: TokenState::Active,
            state_reason: None,
            expires_at: at(expires),
            obtained_at: at(0),
            authorised_at: at(0),
            refresh_token_ends_at: at(refresh_ends),
            refresh_token_last_used_at: None,
            authorisation_ends_at: None,
            in_doubt_since: None,
            last_refresh_attempt_at: None,
            last_refresh_status: None,
            last_refresh_error: None,
            main_account: None,
        }
    }

    #[test]
    fn a_pair_is_valid_until_its_access_token_ends_and_dead_with_its_refresh_token() {
        assert_eq!(validity(&pair(2, 9), at(1)), "valid");
        assert_eq!(validity(&pair(2, 9), at(2)), "EXPIRED, renewable");
        assert_eq!(validity(&pair(2, 9), at(9)), "EXPIRED");
        let revoked = TokenCard {
            state: TokenState::Revoked,
            ..pair(2, 9)
        };
        assert_eq!(validity(&revoked, at(1)), "revoked");
    }

    #[test]
    fn distances_are_told_in_their_largest_unit() {
        assert_eq!(distance(at(90), at(0)), "in 90 minutes");
        assert_eq!(distance(at(0), at(240)), "EXPIRED 4 hours ago");
        assert_eq!(distance(at(43_200), at(0)), "in 30 days");
    }
}
