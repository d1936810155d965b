//! Windows of time in the platform's whole seconds.

use chrono::TimeDelta;
use hawker_domain::Timestamp;

/// The first whole second that is not before a moment.
pub(super) fn from_on(moment: Timestamp) -> Timestamp {
    match moment.timestamp_subsec_nanos() {
        0 => moment,
        nanos => moment
            .checked_add_signed(TimeDelta::nanoseconds(1_000_000_000 - i64::from(nanos)))
            .unwrap_or(moment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_within_a_second_counts_from_the_next() {
        let whole = Timestamp::UNIX_EPOCH + TimeDelta::seconds(7);
        assert_eq!(from_on(whole), whole);
        for nanos in [1, 999_999_999] {
            let within = whole - TimeDelta::nanoseconds(nanos);
            assert_eq!(from_on(within), whole);
        }
        assert_eq!(from_on(Timestamp::MAX_UTC), Timestamp::MAX_UTC);
    }
}
