//! A payout as it goes out: what it is made of, what the formula says, and how it became what it is.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use hawker_domain::escrow::{Adjustment, Escrow, EscrowVersion, Income, Share, waterfall};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::amount::exact;

/// What is paid out for an order. Amounts are text in major units of `currency`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Escrow)]
pub(crate) struct EscrowWire {
    /// The order.
    #[schema(example = "251214TESTSN01")]
    order_sn: String,
    /// Sandbox or live.
    env_type: String,
    /// What the amounts are counted in.
    #[schema(example = "SGD")]
    currency: String,
    /// When the marketplace was asked last.
    fetched_at: DateTime<Utc>,
    /// From the goods to the payout: every part of the published formula that is not zero, in its
    /// order. The effects add up to `computed`.
    waterfall: Vec<ShareWire>,
    /// What the formula makes of the parts; `null` where it says nothing.
    #[schema(required, example = "84.37")]
    computed: Option<String>,
    /// What the formula does not explain: `escrow_amount` less `computed`.
    #[schema(required, example = "0.00")]
    unexplained: Option<String>,
    /// What the merchant receives, before later adjustments.
    #[schema(example = "84.37")]
    escrow_amount: String,
    /// All adjustments together.
    #[schema(example = "-2.00")]
    adjustment: String,
    /// What the merchant receives in the end.
    #[schema(example = "82.37")]
    payout: String,
    /// When the money was released, if that is known.
    #[schema(required)]
    released_at: Option<DateTime<Utc>>,
    /// What was added or taken after the order was completed.
    adjustments: Vec<AdjustmentWire>,
    /// The marketplace's numbers of the order's returns.
    returns: Vec<String>,
    /// Whether it is paid out in another currency than the order's; the formula then says nothing.
    is_converted: bool,
    /// Every amount that the marketplace told, by its name and with its signs.
    #[schema(example = json!({ "commission_fee": "1.87", "original_cost_of_goods_sold": "88.00" }))]
    parts: BTreeMap<String, String>,
    /// Every version, oldest first; the last one is what is shown here.
    versions: Vec<EscrowVersionWire>,
}

/// A step of the waterfall.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EscrowShare)]
struct ShareWire {
    /// The marketplace's name of the part.
    #[schema(example = "commission_fee")]
    name: &'static str,
    /// What it adds to the payout; negative where it is taken.
    #[schema(example = "-1.87")]
    effect: String,
}

/// A late adjustment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EscrowAdjustment)]
struct AdjustmentWire {
    /// How much; negative where it is taken.
    #[schema(example = "-2.00")]
    amount: String,
    /// Its currency, where it names one.
    #[schema(required)]
    currency: Option<String>,
    /// When, where the marketplace says so.
    #[schema(required)]
    at: Option<DateTime<Utc>>,
    /// Why, in the marketplace's words.
    reason: String,
}

/// A payout as it was known from a moment on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EscrowVersion)]
struct EscrowVersionWire {
    /// 1 for the first.
    version: u32,
    /// Why it is one: `captured`, `amounts`, `adjustment`, `return` or `released`.
    #[schema(example = "captured")]
    cause: &'static str,
    /// Since when it is known.
    known_at: DateTime<Utc>,
    /// What the merchant receives, before later adjustments.
    escrow_amount: String,
    /// All adjustments together.
    adjustment: String,
    /// What the merchant receives in the end.
    payout: String,
    /// What the formula does not explain.
    #[schema(required)]
    unexplained: Option<String>,
    /// When the money was released, if that was known.
    #[schema(required)]
    released_at: Option<DateTime<Utc>>,
}

impl EscrowWire {
    /// The newest of these versions, with all of them; nothing where there is none.
    pub(crate) fn of(versions: &[EscrowVersion]) -> Option<Self> {
        let newest = &versions.last()?.escrow;
        let Escrow {
            key,
            currency,
            amounts,
            income,
            released_at,
            payload: _,
            fetched_at,
        } = newest;
        let Income {
            parts,
            adjustments,
            returns,
            is_converted,
        } = income;
        let currency = currency.as_str();
        let told = |amount| exact(amount, currency);
        let part = |(name, amount): (&String, &Decimal)| (name.clone(), told(*amount));
        Some(Self {
            order_sn: key.order_sn.to_string(),
            env_type: key.environment.as_str().to_owned(),
            currency: currency.to_owned(),
            fetched_at: *fetched_at,
            waterfall: steps(income, currency),
            computed: newest.computed().map(told),
            unexplained: newest.unexplained().map(told),
            escrow_amount: told(amounts.escrow_amount),
            adjustment: told(income.adjusted()),
            payout: told(newest.after_adjustments().amount),
            released_at: *released_at,
            adjustments: adjustments
                .iter()
                .map(|one| AdjustmentWire::of(one, currency))
                .collect(),
            returns: returns.clone(),
            is_converted: *is_converted,
            parts: parts.iter().map(part).collect(),
            versions: versions.iter().map(Into::into).collect(),
        })
    }
}

fn steps(income: &Income, currency: &str) -> Vec<ShareWire> {
    let step = |Share { name, effect }| ShareWire {
        name,
        effect: exact(effect, currency),
    };
    waterfall(income).into_iter().map(step).collect()
}

impl AdjustmentWire {
    fn of(adjustment: &Adjustment, payout_in: &str) -> Self {
        let Adjustment {
            amount,
            at,
            currency,
            reason,
        } = adjustment;
        let counted_in = currency
            .as_ref()
            .map_or(payout_in, |currency| currency.as_str());
        Self {
            amount: exact(*amount, counted_in),
            currency: currency.map(|currency| currency.to_string()),
            at: *at,
            reason: reason.clone(),
        }
    }
}

impl From<&EscrowVersion> for EscrowVersionWire {
    fn from(version: &EscrowVersion) -> Self {
        let EscrowVersion {
            number,
            cause,
            known_at,
            escrow,
        } = version;
        let currency = escrow.currency.as_str();
        Self {
            version: *number,
            cause: cause.as_str(),
            known_at: *known_at,
            escrow_amount: exact(escrow.amounts.escrow_amount, currency),
            adjustment: exact(escrow.income.adjusted(), currency),
            payout: exact(escrow.after_adjustments().amount, currency),
            unexplained: escrow.unexplained().map(|amount| exact(amount, currency)),
            released_at: escrow.released_at,
        }
    }
}
