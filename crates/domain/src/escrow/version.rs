//! Versions of a payout: every change is kept, so that a report as of a moment is the same whenever
//! it is made.

use super::{Escrow, FORMULA, Income};
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

/// What goes back to the buyer for goods that came back.
const REFUND: &str = "seller_return_refund";

/// Whether what was fetched now differs from what was known, and in what. What is known and was not
/// told again has to be in it ([`Escrow::following`]); a time of release that is known stays known
/// anyway, until a later one is told.
///
/// The marketplace's two answers about one payout have not the same names (shopee.md §5.2). A part of
/// the formula that is left out is zero; any other figure differs where both have it.
pub fn change(known: Option<&Escrow>, fetched: &Escrow) -> Option<VersionCause> {
    let Some(known) = known else {
        return Some(VersionCause::Captured);
    };
    let (before, after) = (&known.income, &fetched.income);
    if before.returns != after.returns || told_otherwise(before, after, REFUND) {
        Some(VersionCause::Return)
    } else if before.adjustments != after.adjustments || before.adjusted() != after.adjusted() {
        Some(VersionCause::Adjustment)
    } else if known.amounts != fetched.amounts
        || have_changed(before, after)
        || known.currency != fetched.currency
    {
        Some(VersionCause::Amounts)
    } else if fetched.released_at > known.released_at {
        Some(VersionCause::Released)
    } else {
        None
    }
}

fn have_changed(before: &Income, after: &Income) -> bool {
    let mut formula = FORMULA.iter();
    let mut names = before.parts.keys();
    formula.any(|(name, _)| before.part(name) != after.part(name))
        || names.any(|name| told_otherwise(before, after, name))
}

fn told_otherwise(before: &Income, after: &Income, name: &str) -> bool {
    let figures = before.parts.get(name).zip(after.parts.get(name));
    figures.is_some_and(|(before, after)| before != after)
}
