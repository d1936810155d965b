//! Versions of a payout: every change is kept, so that a report as of a moment is the same whenever
//! it is made.

use super::Escrow;
use crate::Timestamp;
use crate::channel::named;

named! {
    /// Why there is a version of a payout.
    VersionCause: "version cause" {
        /// It was captured for the first time.
        Captured = "captured",
        /// An amount changed.
        Amounts = "amounts",
        /// An adjustment was added or taken away.
        Adjustment = "adjustment",
        /// Goods came back: a return, possibly after completion.
        Return = "return",
        /// The money was released.
        Released = "released",
    }
}

/// A payout as it was known from a moment on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscrowVersion {
    /// 1 for the first.
    pub number: u32,
    /// Why it is one.
    pub cause: VersionCause,
    /// Since when we know it: by the clock of whoever keeps it, decided as it is kept, and never before
    /// the version before.
    pub known_at: Timestamp,
    /// The payout.
    pub escrow: Escrow,
}

/// Whether what was fetched now differs from what was known, and in what. What is known and was not
/// told again has to be in it ([`Escrow::following`]); a time of release that is known stays known
/// anyway.
pub fn change(known: Option<&Escrow>, fetched: &Escrow) -> Option<VersionCause> {
    let Some(known) = known else {
        return Some(VersionCause::Captured);
    };
    let (before, after) = (&known.income, &fetched.income);
    let refund = "seller_return_refund";
    if before.returns != after.returns || before.part(refund) != after.part(refund) {
        Some(VersionCause::Return)
    } else if before.adjustments != after.adjustments || before.adjusted() != after.adjusted() {
        Some(VersionCause::Adjustment)
    } else if known.amounts != fetched.amounts
        || before.parts != after.parts
        || known.currency != fetched.currency
    {
        Some(VersionCause::Amounts)
    } else if fetched.released_at.is_some() && known.released_at != fetched.released_at {
        Some(VersionCause::Released)
    } else {
        None
    }
}
