//! `payment.get_escrow_detail` (shopee.md §5.2) and the elements of its batch. The members of the
//! objects that hold amounts are not listed: markets have their own, and new ones come. The reply is
//! kept whole beside it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Loose;

/// `response` of the reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct EscrowDetailWire<'a> {
    pub order_sn: Loose<'a>,
    pub return_order_sn_list: Loose<'a>,
    pub order_income: Loose<'a>,
    pub buyer_payment_info: Loose<'a>,
}

/// An object that holds amounts, by the names of its members; of a name that comes twice the last one
/// counts.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent, bound(deserialize = "'de: 'a"))]
pub struct AmountsWire<'a>(pub BTreeMap<String, Loose<'a>>);

impl<'a> AmountsWire<'a> {
    /// A member, absent or not.
    pub fn member(&self, name: &str) -> Loose<'a> {
        self.0.get(name).copied().unwrap_or_default()
    }
}

/// An element of `order_adjustment`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub struct AdjustmentWire<'a> {
    pub amount: Loose<'a>,
    pub date: Loose<'a>,
    pub currency: Loose<'a>,
    pub adjustment_reason: Loose<'a>,
}
