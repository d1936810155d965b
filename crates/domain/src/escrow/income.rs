//! What a payout is made of: every amount of the marketplace's `order_income` and
//! `buyer_payment_info` under the marketplace's own names, and the adjustments that came later.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{Currency, Timestamp};

/// The parts of a payout, in major units of the order's currency and with the marketplace's signs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Income {
    /// Every amount of `order_income` by its name, for example `commission_fee`; those of
    /// `buyer_payment_info` as `buyer_payment_info.merchant_subtotal`. Amounts that the marketplace
    /// left out are not there.
    pub parts: BTreeMap<String, Decimal>,
    /// What was added or taken after the order was completed, in the order in which the marketplace
    /// lists it.
    pub adjustments: Vec<Adjustment>,
    /// The marketplace's numbers of the returns of this order.
    pub returns: Vec<String>,
    /// Whether it is paid out in another currency than the order's (affiliates of cross-border
    /// sellers): the amounts are then tied by an exchange rate, not by the formula.
    pub is_converted: bool,
}

/// One late adjustment (`order_adjustment`, shopee.md §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// How much; negative where it is taken.
    pub amount: Decimal,
    /// When, where the marketplace says so.
    pub at: Option<Timestamp>,
    /// Its currency, where it names one.
    pub currency: Option<Currency>,
    /// Why, in the marketplace's words.
    pub reason: String,
}

/// What all adjustments come to, by the marketplace's own sum.
pub(super) const ADJUSTED: &str = "total_adjustment_amount";

/// What is paid out with them.
pub(super) const AFTER_ADJUSTMENTS: &str = "escrow_amount_after_adjustment";

impl Income {
    /// A part; zero where the marketplace left it out.
    pub fn part(&self, name: &str) -> Decimal {
        self.parts.get(name).copied().unwrap_or_default()
    }

    /// All adjustments together: what the marketplace says they come to, else their sum.
    pub fn adjusted(&self) -> Decimal {
        self.parts
            .get(ADJUSTED)
            .copied()
            .unwrap_or_else(|| self.adjustments.iter().map(|one| one.amount).sum())
    }

    /// Whether it says anything of adjustments; that they come to nothing is a word, too. The
    /// marketplace's batch of payouts may be silent where the detail of one order tells (shopee.md §5.2).
    pub fn tells_of_adjustments(&self) -> bool {
        !self.adjustments.is_empty()
            || [ADJUSTED, AFTER_ADJUSTMENTS]
                .iter()
                .any(|name| self.parts.contains_key(*name))
    }
}
