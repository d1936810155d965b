//! Everything that a payout is made of: each figure of `order_income` and `buyer_payment_info`
//! (shopee.md §5.2) under its name, exact, and what was adjusted later.
//!
//! Names are the platform's, so that a fee that is introduced tomorrow is among the parts at once.
//! What the sums depend on has to be an amount; of the rest, what is no figure is passed over: codes,
//! lists, answers of yes and no.

use std::collections::BTreeMap;

use hawker_domain::escrow::{Adjustment, FORMULA, Income};
use hawker_ports::marketplace::NormalizationError;
use rust_decimal::Decimal;

use super::at::At;
use crate::wire::{AdjustmentWire, AmountsWire, Loose};

/// The member of the reply that holds what the merchant receives.
pub(super) const INCOME: &str = "order_income";

/// The member of the reply that holds what the buyer paid.
pub(super) const BUYER: &str = "buyer_payment_info";

/// Longer than the name of any member.
const NAME_CHARS_MAX: usize = 80;

const ADJUSTMENTS: &str = "order_adjustment";

/// What all adjustments come to.
const ADJUSTED: &str = "total_adjustment_amount";

/// What the table of the batch, or the formula in it, calls otherwise than that of one order, and the
/// usual name. The table's `refund_amount_to_buyer` is not among them: whether that has the sign of
/// `seller_return_refund` is not documented, and no sample has it.
const USUAL_NAMES: [(&str, &str); 3] = [
    (
        "shipping_fee_discount_from_pl",
        "shipping_fee_discount_from_3pl",
    ),
    ("trade_in_bonus_seller", "trade_in_bonus_by_seller"),
    (
        "shipping_seller_protection_fee_premium_amount",
        "shipping_seller_protection_fee_amount",
    ),
];

/// Documented as texts: what reads like a number there is none.
const TEXTS: [&str; 6] = [
    "buyer_payment_method",
    "instalment_plan",
    "seller_voucher_code",
    "tax_registration_code",
    "pri_currency",
    "aff_currency",
];

/// The same with the usual names, whichever endpoint told it.
pub(super) fn by_usual_names(mut order: AmountsWire<'_>) -> AmountsWire<'_> {
    for (other, usual) in USUAL_NAMES {
        if order.member(usual).is_absent()
            && let Some(amount) = order.0.remove(other)
        {
            order.0.insert(usual.to_owned(), amount);
        }
    }
    order
}

/// Translates what `order_income`, by its usual names, and `buyer_payment_info` hold.
pub(super) fn income(
    order: &AmountsWire<'_>,
    buyer: &AmountsWire<'_>,
    returns: Loose<'_>,
) -> Result<Income, NormalizationError> {
    let mut parts = figures(&At::within(INCOME), order)?;
    let of_buyer = figures(&At::within(BUYER), buyer)?;
    parts.extend(
        of_buyer
            .into_iter()
            .map(|(name, amount)| (format!("{BUYER}.{name}"), amount)),
    );
    Ok(Income {
        parts,
        adjustments: adjustments(order.member(ADJUSTMENTS))?,
        returns: At::order().checked("return_order_sn_list", returns.texts())?,
        is_converted: is_converted(order)?,
    })
}

fn figures(
    at: &At,
    wire: &AmountsWire<'_>,
) -> Result<BTreeMap<String, Decimal>, NormalizationError> {
    let members = wire.0.iter();
    let members = members.filter(|(name, _)| !TEXTS.contains(&name.as_str()));
    let figures = members.map(|(name, member)| {
        let figure = if is_summed(name) {
            member.amount()
        } else {
            member.figure()
        };
        Ok(at
            .optional(recognisable(name), figure)?
            .map(|figure| (name.clone(), figure)))
    });
    figures.filter_map(Result::transpose).collect()
}

/// Enough of a name for a complaint.
fn recognisable(name: &str) -> &str {
    let end = name.char_indices().nth(NAME_CHARS_MAX);
    end.map_or(name, |(end, _)| &name[..end])
}

fn is_summed(name: &str) -> bool {
    name == ADJUSTED || FORMULA.iter().any(|(part, _)| *part == name)
}

fn adjustments(list: Loose<'_>) -> Result<Vec<Adjustment>, NormalizationError> {
    let list_name = format!("{INCOME}.{ADJUSTMENTS}");
    let elements = At::order().checked(&list_name, list.list())?;
    let adjustments = elements.into_iter().enumerate().map(|(index, element)| {
        let at = At::element(&list_name, index);
        let wire: AdjustmentWire<'_> = at.whole(element)?;
        let currency = at.optional("currency", wire.currency.code())?;
        Ok(Adjustment {
            amount: at.required("amount", wire.amount.amount())?,
            at: at.optional("date", wire.date.moment())?,
            currency: currency.and_then(|code| code.parse().ok()),
            reason: at
                .optional("adjustment_reason", wire.adjustment_reason.code())?
                .unwrap_or_default(),
        })
    });
    adjustments.collect()
}

/// Whether a primary shop's currency or that of its affiliate is named: others have neither.
fn is_converted(order: &AmountsWire<'_>) -> Result<bool, NormalizationError> {
    let names = |name| {
        let code = At::within(INCOME).optional(name, order.member(name).code())?;
        Ok(code.is_some_and(|code| code != "-"))
    };
    Ok(names("pri_currency")? || names("aff_currency")?)
}
