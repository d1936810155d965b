//! Faults that are planted on purpose, to see whether the proof finds them.
//!
//! None of this is compiled without the feature `planted-faults`, which nothing that is shipped has.
//! With it, `HAWKER_PLANTED_FAULT` names one fault; without that variable, everything is as it should be.
//! Each fault is a decorator around a port: the rules and the adapters are the real ones.

mod alerts;
mod intake;
mod lists;
mod marketplace;
mod reader;
mod runs;
mod unit;
mod wiring;

use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

/// The variable that names a fault.
pub const VARIABLE: &str = "HAWKER_PLANTED_FAULT";

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal,)+) => {
        /// What is done wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum PlantedFault {
            $($(#[doc = $doc])+ $name,)+
        }

        impl PlantedFault {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

faults! {
    /// Every repetition of a push is a new event.
    SkipDedupe = "skip-dedupe",
    /// Lost pushes are confirmed before they are stored, and now and then the storing fails.
    ConfirmLostFirst = "confirm-lost-first",
    /// Some pushes are acknowledged and not stored.
    AcknowledgeWithoutStoring = "acknowledge-without-storing",
    /// A snapshot that is older than what was pushed is believed.
    IgnoreUpdateTime = "ignore-update-time",
    /// A claim ends as soon as it is made, so that two work on the same.
    DropLease = "drop-lease",
    /// Pieces of a cancelled order stay set aside.
    ForgetRelease = "forget-release",
    /// Pieces that leave are deducted twice.
    DeductTwice = "deduct-twice",
    /// Some orders of a list are overlooked, always the same.
    DropListedOrders = "drop-listed-orders",
    /// A payout that was captured never changes again.
    SwallowVersion = "swallow-version",
    /// Some alerts are noted as delivered and handed to nobody.
    LoseAlert = "lose-alert",
    /// Alerts are handed over twice.
    DoubleAlert = "double-alert",
    /// Nothing that is wrong is ever told.
    NeverTell = "never-tell",
    /// That something is over counts as told and is told to nobody.
    ForgetRecovery = "forget-recovery",
    /// What was once open stays open.
    NeverClear = "never-clear",
    /// Every signature counts.
    TrustForged = "trust-forged",
    /// Amounts of payouts are rounded to whole units.
    RoundMoney = "round-money",
    /// What was not compared yet counts as compared.
    SkipAhead = "skip-ahead",
    /// How a run of a job ended is not kept.
    LeaveRunRunning = "leave-run-running",
    /// What became of the work on an order is not kept.
    ForgetToFinish = "forget-to-finish",
    /// A completed order is forgotten as far as its payout is concerned.
    ForgetPayout = "forget-payout",
}

/// A text that names no fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no planted fault `{0}`")]
pub struct NoSuchFault(String);

impl FromStr for PlantedFault {
    type Err = NoSuchFault;

    fn from_str(text: &str) -> Result<Self, NoSuchFault> {
        let mut faults = Self::ALL.iter().copied();
        faults
            .find(|fault| fault.as_str() == text)
            .ok_or_else(|| NoSuchFault(text.to_owned()))
    }
}

/// Counts calls, so that some of them can be spoiled.
#[derive(Debug, Default)]
struct Turns(AtomicU32);

impl Turns {
    /// Whether it is every `n`-th one, the first included.
    fn is_every(&self, n: u32) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed).is_multiple_of(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_known_by_its_name_and_no_other_text_is_one() {
        for fault in PlantedFault::ALL {
            assert_eq!(fault.as_str().parse(), Ok(*fault));
        }
        assert!("".parse::<PlantedFault>().is_err());
        assert!("skip_dedupe".parse::<PlantedFault>().is_err());
    }

    #[test]
    fn the_first_of_every_three_is_spoiled() {
        let turns = Turns::default();
        let spoiled: Vec<_> = (0..6).map(|_| turns.is_every(3)).collect();
        assert_eq!(spoiled, [true, false, false, true, false, false]);
    }
}
