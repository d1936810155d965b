//! When the marketplace is asked for the tracking number of a parcel.
//!
//! A push tells it (code 4), and an order's details do not: if that push is lost for good, nothing but
//! a question brings it. A courier may take its time with a number, and one of the seller's own may
//! never have any, so that it is asked for less and less, and in the end no more.

use chrono::TimeDelta;

use crate::Timestamp;

/// No sooner than so is the same parcel asked for again.
pub const ASK_AGAIN_SOONEST: TimeDelta = TimeDelta::minutes(30);

/// And no later than so.
pub const ASK_AGAIN_LATEST: TimeDelta = TimeDelta::days(1);

/// A parcel whose order has not changed for so long is asked for no more.
pub const ASK_FOR: TimeDelta = TimeDelta::days(30);

/// When a parcel that has no number is asked for again that is asked for now: after as long as its
/// order has stood as it does, within bounds. `None`: never, and not now either.
pub fn ask_again_at(changed_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let stood = now - changed_at;
    let wait = stood.clamp(ASK_AGAIN_SOONEST, ASK_AGAIN_LATEST);
    (stood <= ASK_FOR).then(|| now + wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_asked_for_less_and_less_and_then_no_more() {
        let now = Timestamp::UNIX_EPOCH;
        let waits = |stood: TimeDelta| ask_again_at(now - stood, now).map(|at| at - now);
        let soonest = Some(TimeDelta::minutes(30));
        assert_eq!(waits(TimeDelta::zero()), soonest);
        assert_eq!(waits(TimeDelta::minutes(-5)), soonest, "clocks differ");
        assert_eq!(waits(TimeDelta::minutes(29)), soonest);
        assert_eq!(waits(TimeDelta::hours(5)), Some(TimeDelta::hours(5)));
        assert_eq!(waits(TimeDelta::days(3)), Some(TimeDelta::days(1)));
        assert_eq!(waits(TimeDelta::days(30)), Some(TimeDelta::days(1)));
        assert_eq!(waits(TimeDelta::days(31)), None);
    }
}
