//! Payouts: what a marketplace pays the merchant for a completed order, as it told us.
//!
//! The amounts are the marketplace's own and are never computed here. They may change as long as it
//! is not done with the order, so an [`Escrow`] is what was known at one moment.

mod formula;
mod income;
#[cfg(test)]
mod properties;
mod version;

use std::time::Duration;

use chrono::TimeDelta;
use rust_decimal::Decimal;

use crate::channel::OrderKey;
use crate::money::Money;
use crate::{Currency, Timestamp};

use income::{ADJUSTED, AFTER_ADJUSTMENTS};

pub use formula::{FORMULA, Share, Sign, computed, waterfall};
pub use income::{Adjustment, Income};
pub use version::{EscrowVersion, VersionCause, change};

/// The amounts of a payout that have a name of their own, in major units of the order's currency
/// and with the signs that the marketplace gives them. All others are in the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EscrowAmounts {
    /// What the merchant actually receives.
    pub escrow_amount: Decimal,
    /// The goods before any discount.
    pub original_price: Decimal,
    /// What the merchant took off the prices.
    pub seller_discount: Decimal,
    /// What the marketplace took off the prices, at its own expense.
    pub shopee_discount: Decimal,
    /// Of the buyer's vouchers, what the merchant pays for.
    pub voucher_from_seller: Decimal,
    /// Of the buyer's vouchers, what the marketplace pays for.
    pub voucher_from_shopee: Decimal,
    /// The marketplace's commission.
    pub commission_fee: Decimal,
    /// The marketplace's fee for its programmes.
    pub service_fee: Decimal,
    /// The fee for the payment.
    pub seller_transaction_fee: Decimal,
    /// What the courier charged.
    pub actual_shipping_fee: Decimal,
    /// What the marketplace makes good for lost goods.
    pub seller_lost_compensation: Decimal,
    /// What the buyer paid in all.
    pub buyer_total_amount: Decimal,
}

/// What is paid out for an order, as it was known at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escrow {
    /// The order.
    pub key: OrderKey,
    /// What the amounts are counted in: the order's currency, because a payout names none.
    pub currency: Currency,
    /// The amounts.
    pub amounts: EscrowAmounts,
    /// Everything that it is made of.
    pub income: Income,
    /// When the marketplace released the money, if that is known.
    pub released_at: Option<Timestamp>,
    /// The marketplace's whole answer, verbatim: JSON.
    pub payload: String,
    /// When it was so.
    pub fetched_at: Timestamp,
}

impl Escrow {
    /// What was just captured. The details of a payout do not say when the money was released.
    pub fn captured(
        key: OrderKey,
        currency: Currency,
        amounts: EscrowAmounts,
        income: Income,
        payload: String,
        fetched_at: Timestamp,
    ) -> Self {
        Self {
            key,
            currency,
            amounts,
            income,
            released_at: None,
            payload,
            fetched_at,
        }
    }

    /// The same with what is known and was not told again: when the money was released; where nothing is
    /// said of adjustments, those that there were; and while as much is paid, the parts of the formula that
    /// this answer has no word for.
    #[must_use]
    pub fn following(mut self, known: Option<&Self>) -> Self {
        let Some(known) = known else { return self };
        self.released_at = self.released_at.max(known.released_at);
        let is_as_high = self.amounts.escrow_amount == known.amounts.escrow_amount;
        let mut not_told = Vec::new();
        if !self.income.tells_of_adjustments() {
            self.income
                .adjustments
                .clone_from(&known.income.adjustments);
            not_told.push(ADJUSTED);
            not_told.extend(is_as_high.then_some(AFTER_ADJUSTMENTS));
        }
        if is_as_high {
            not_told.extend(FORMULA.iter().map(|(name, _)| *name));
        }
        for name in not_told {
            if let Some(part) = known.income.parts.get(name) {
                let told = self.income.parts.entry(name.to_owned());
                told.or_insert(*part);
            }
        }
        self
    }

    /// What the merchant actually receives, before later adjustments.
    pub const fn payout(&self) -> Money {
        self.money(self.amounts.escrow_amount)
    }

    /// What the merchant receives in the end: the payout with every adjustment.
    pub fn after_adjustments(&self) -> Money {
        self.money(self.amounts.escrow_amount + self.income.adjusted())
    }

    /// What the published formula makes of the parts. Nothing where the marketplace told no parts at
    /// all, and for a payout in another currency than the order's: the formula is not for these
    /// (shopee.md §5.2: a non-SIP shop).
    pub fn computed(&self) -> Option<Decimal> {
        (!self.income.parts.is_empty() && !self.income.is_converted).then(|| computed(&self.income))
    }

    /// By how much the payout differs from what the formula makes of its parts. It is shown as such
    /// and never hidden; nothing where the formula says nothing.
    pub fn unexplained(&self) -> Option<Decimal> {
        Some(self.amounts.escrow_amount - self.computed()?)
    }

    const fn money(&self, amount: Decimal) -> Money {
        Money {
            amount,
            currency: self.currency,
        }
    }
}

/// When payout details are asked for again. An order that has been completed for some time is asked
/// for again after as long a time once more: the waits double without an attempt being counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EscrowPatience {
    /// No wait is shorter.
    pub shortest: Duration,
    /// No wait is longer, however long ago the order was completed.
    pub longest: Duration,
}

impl EscrowPatience {
    /// The marketplace has no payout details yet, which is nobody's fault: hourly at first, daily
    /// from the second day on. It is never given up; some payouts take weeks.
    pub const NOT_READY: Self = Self {
        shortest: Duration::from_hours(1),
        longest: Duration::from_hours(24),
    };

    /// The details could not be fetched or understood. Nothing of the merchant's waits for them, so
    /// a quarter of a day is soon enough when the failure lasts.
    pub const FAILED: Self = Self {
        shortest: Duration::from_mins(5),
        longest: Duration::from_hours(6),
    };

    /// When to ask again. `jitter` is uniform in `0.0..1.0` and adds up to a tenth, so that orders
    /// which failed together do not come back together.
    pub fn again_at(self, completed_at: Timestamp, now: Timestamp, jitter: f64) -> Timestamp {
        // A marketplace's clock may be ahead of ours.
        let waited = (now - completed_at).to_std().unwrap_or_default();
        let wait = waited.clamp(self.shortest, self.longest);
        now + wait.mul_f64(1.0 + jitter.clamp(0.0, 1.0) / 10.0)
    }
}

/// So long after its completion an order without payout details is a matter for a person: the money
/// of most is released within two weeks, the documents' widest window is 42 days.
pub const PAYOUT_OVERDUE_AFTER: TimeDelta = TimeDelta::days(60);

/// So long after the completion of its order a payout is no longer looked at by itself.
const LOOKED_AT_FOR: TimeDelta = TimeDelta::days(180);

/// Days after its release on which a payout is looked at again: adjustments come late.
const DAYS_AFTER_RELEASE: [i64; 6] = [1, 3, 7, 14, 28, 42];

/// When a payout that was just captured is looked at again, if ever: daily until its money is
/// released, weekly where that takes very long, and some times after the release.
pub fn look_again_at(
    completed_at: Timestamp,
    released_at: Option<Timestamp>,
    now: Timestamp,
) -> Option<Timestamp> {
    match released_at {
        Some(released_at) => DAYS_AFTER_RELEASE
            .iter()
            .map(|days| released_at + TimeDelta::days(*days))
            .find(|look| *look > now),
        None if now - completed_at < PAYOUT_OVERDUE_AFTER => Some(now + TimeDelta::days(1)),
        None if now - completed_at < LOOKED_AT_FOR => Some(now + TimeDelta::weeks(1)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{ConnectorName, Environment, OrderSn};

    fn completed_at() -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    #[test]
    fn waits_double_from_an_hour_to_a_day() {
        let mut now = completed_at();
        let mut hours = Vec::new();
        for _ in 0..8 {
            let next = EscrowPatience::NOT_READY.again_at(completed_at(), now, 0.0);
            hours.push((next - now).num_hours());
            now = next;
        }
        assert_eq!(hours, [1, 1, 2, 4, 8, 16, 24, 24]);
    }

    #[test]
    fn an_order_that_seems_to_complete_in_the_future_waits_the_shortest_time() {
        let now = completed_at() - TimeDelta::days(3);
        let next = EscrowPatience::FAILED.again_at(completed_at(), now, 0.0);
        assert_eq!(next - now, TimeDelta::minutes(5));
    }

    #[test]
    fn a_wait_is_stretched_by_a_tenth_at_the_most() {
        let next = EscrowPatience::NOT_READY.again_at(completed_at(), completed_at(), 1.0);
        assert_eq!(next - completed_at(), TimeDelta::minutes(66));
    }

    #[test]
    fn a_captured_payout_is_in_the_currency_of_the_order_and_not_known_to_be_released() {
        let key = OrderKey {
            connector: ConnectorName::Shopee,
            environment: Environment::Live,
            order_sn: OrderSn::parse("251214TESTSN01").unwrap(),
        };
        let amounts = EscrowAmounts {
            escrow_amount: Decimal::new(8_437, 2),
            original_price: Decimal::new(8_800, 2),
            seller_discount: Decimal::ZERO,
            shopee_discount: Decimal::ZERO,
            voucher_from_seller: Decimal::ZERO,
            voucher_from_shopee: Decimal::ZERO,
            commission_fee: Decimal::new(187, 2),
            service_fee: Decimal::ZERO,
            seller_transaction_fee: Decimal::new(176, 2),
            actual_shipping_fee: Decimal::ZERO,
            seller_lost_compensation: Decimal::ZERO,
            buyer_total_amount: Decimal::new(8_800, 2),
        };
        let escrow = Escrow::captured(
            key,
            Currency::SGD,
            amounts,
            Income::default(),
            "{}".into(),
            completed_at(),
        );
        assert_eq!(escrow.payout().to_string(), "SGD 84.37");
        assert_eq!(escrow.released_at, None);
        assert_eq!(escrow.unexplained(), None, "no parts were told");
    }

    #[test]
    fn a_payout_is_looked_at_daily_until_its_release_and_some_times_after_it() {
        let day = |days| completed_at() + TimeDelta::days(days);
        assert_eq!(look_again_at(day(0), None, day(2)), Some(day(3)));
        assert_eq!(look_again_at(day(0), None, day(70)), Some(day(77)));
        assert_eq!(look_again_at(day(0), None, day(180)), None);
        assert_eq!(look_again_at(day(0), Some(day(5)), day(5)), Some(day(6)));
        assert_eq!(look_again_at(day(0), Some(day(5)), day(13)), Some(day(19)));
        assert_eq!(look_again_at(day(0), Some(day(5)), day(47)), None);
    }
}
