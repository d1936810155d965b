//! Whether the clocks agree. The client corrects what it signs by the marketplace's time, so a call
//! that succeeds says nothing of this server's own clock: what was measured does.

use hawker_ports::calls::ClockSkew;

use super::report::Checks;

/// Up to so many seconds nobody has to do anything.
const AGREES_S: u64 = 2 * 60;

/// Beyond so many seconds the marketplace refuses what is signed by this server's own clock
/// (shopee.md §2.1).
const REFUSED_BEYOND_S: u64 = 5 * 60;

/// Tells what the marketplace's answer showed. To be asked once it answered.
pub(super) fn clock(checks: &mut Checks, skew: &dyn ClockSkew, host: &str) {
    let Some(skew_s) = skew.clock_skew_s(host) else {
        checks.passed(
            "clock",
            "The time of the request is accepted. The answer did not tell the marketplace's own.",
        );
        return;
    };
    let differs = difference(skew_s);
    let seconds = skew_s.unsigned_abs();
    if seconds <= AGREES_S {
        checks.passed("clock", format!("{differs}."));
    } else if seconds <= REFUSED_BEYOND_S {
        checks.passed(
            "clock",
            format!(
                "{differs}. The marketplace accepts five minutes. Set this server's clock by NTP before it is more."
            ),
        );
    } else {
        checks.failed(
            "clock",
            format!(
                "{differs}; the marketplace accepts five minutes. Set this server's clock by NTP. Until then calls go on with the corrected time."
            ),
            None,
        );
    }
}

/// Without its full stop.
fn difference(skew_s: i64) -> String {
    let seconds = match skew_s.unsigned_abs() {
        1 => "1 second".to_owned(),
        many => format!("{many} seconds"),
    };
    match skew_s {
        0 => "The clocks agree to the second".to_owned(),
        1.. => format!("This server's clock is {seconds} behind the marketplace's"),
        _ => format!("This server's clock is {seconds} ahead of the marketplace's"),
    }
}
