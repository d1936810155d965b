//! Payouts to be kept, column by column.

use std::collections::BTreeMap;

use hawker_domain::Timestamp;
use hawker_domain::escrow::{Adjustment, Escrow, EscrowAmounts, Income, VersionCause};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use crate::fault::Fault;
use crate::text::{storable_json_text, stored};

/// Digits after the point that a column of an amount holds.
const AMOUNT_DIGITS: u32 = 6;

/// What the database will make of a payout: compared with what it holds, the same is the same. Parts are
/// kept as text and to the last digit.
pub(super) fn storable_escrow(escrow: &Escrow) -> Escrow {
    let Income {
        parts,
        adjustments,
        returns,
        is_converted,
    } = &escrow.income;
    let parts: BTreeMap<String, Decimal> = parts
        .iter()
        .map(|(name, amount)| (stored(name), *amount))
        .collect();
    let adjustments = adjustments.iter().map(|one| Adjustment {
        reason: stored(&one.reason),
        ..one.clone()
    });
    Escrow {
        amounts: rounded(escrow.amounts),
        income: Income {
            parts,
            adjustments: adjustments.collect(),
            returns: returns.iter().map(stored).collect(),
            is_converted: *is_converted,
        },
        payload: storable_json_text(&escrow.payload).into_owned(),
        ..escrow.clone()
    }
}

fn rounded(amounts: EscrowAmounts) -> EscrowAmounts {
    let round = |amount: Decimal| {
        amount.round_dp_with_strategy(AMOUNT_DIGITS, RoundingStrategy::MidpointAwayFromZero)
    };
    let EscrowAmounts {
        escrow_amount,
        original_price,
        seller_discount,
        shopee_discount,
        voucher_from_seller,
        voucher_from_shopee,
        commission_fee,
        service_fee,
        seller_transaction_fee,
        actual_shipping_fee,
        seller_lost_compensation,
        buyer_total_amount,
    } = amounts;
    EscrowAmounts {
        escrow_amount: round(escrow_amount),
        original_price: round(original_price),
        seller_discount: round(seller_discount),
        shopee_discount: round(shopee_discount),
        voucher_from_seller: round(voucher_from_seller),
        voucher_from_shopee: round(voucher_from_shopee),
        commission_fee: round(commission_fee),
        service_fee: round(service_fee),
        seller_transaction_fee: round(seller_transaction_fee),
        actual_shipping_fee: round(actual_shipping_fee),
        seller_lost_compensation: round(seller_lost_compensation),
        buyer_total_amount: round(buyer_total_amount),
    }
}

/// New versions.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) environment: Vec<&'static str>,
    pub(super) ordersn: Vec<String>,
    pub(super) version: Vec<i32>,
    pub(super) cause: Vec<&'static str>,
    pub(super) escrow_amount: Vec<Decimal>,
    pub(super) original_price: Vec<Decimal>,
    pub(super) seller_discount: Vec<Decimal>,
    pub(super) shopee_discount: Vec<Decimal>,
    pub(super) voucher_from_seller: Vec<Decimal>,
    pub(super) voucher_from_shopee: Vec<Decimal>,
    pub(super) commission_fee: Vec<Decimal>,
    pub(super) service_fee: Vec<Decimal>,
    pub(super) seller_transaction_fee: Vec<Decimal>,
    pub(super) actual_shipping_fee: Vec<Decimal>,
    pub(super) seller_lost_compensation: Vec<Decimal>,
    pub(super) buyer_total_amount: Vec<Decimal>,
    pub(super) adjustment: Vec<Decimal>,
    pub(super) computed: Vec<Option<Decimal>>,
    pub(super) parts: Vec<Value>,
    pub(super) adjustments: Vec<Value>,
    pub(super) returns: Vec<Value>,
    pub(super) is_converted: Vec<bool>,
    pub(super) currency: Vec<String>,
    pub(super) escrow_release_time: Vec<Option<Timestamp>>,
    pub(super) raw_escrow_payload: Vec<String>,
    pub(super) fetched_at: Vec<Timestamp>,
}

impl Columns {
    /// Adds a version of a payout that is as the database will hold it.
    pub(super) fn push(
        &mut self,
        escrow: &Escrow,
        version: i32,
        cause: VersionCause,
    ) -> Result<(), Fault> {
        let json = |value: serde_json::Result<Value>| {
            value.map_err(|error| Fault::Refused(error.to_string()))
        };
        self.version.push(version);
        self.cause.push(cause.as_str());
        self.adjustment.push(escrow.income.adjusted());
        self.computed.push(escrow.computed());
        let Escrow {
            key,
            currency,
            amounts,
            income,
            released_at,
            payload,
            fetched_at,
        } = escrow;
        let Income {
            parts,
            adjustments,
            returns,
            is_converted,
        } = income;
        self.environment.push(key.environment.as_str());
        self.ordersn.push(key.order_sn.to_string());
        self.push_amounts(amounts);
        self.parts.push(json(serde_json::to_value(parts))?);
        self.adjustments
            .push(json(serde_json::to_value(adjustments))?);
        self.returns.push(json(serde_json::to_value(returns))?);
        self.is_converted.push(*is_converted);
        self.currency.push(currency.to_string());
        self.escrow_release_time.push(*released_at);
        self.raw_escrow_payload.push(payload.clone());
        self.fetched_at.push(*fetched_at);
        Ok(())
    }

    fn push_amounts(&mut self, amounts: &EscrowAmounts) {
        let EscrowAmounts {
            escrow_amount,
            original_price,
            seller_discount,
            shopee_discount,
            voucher_from_seller,
            voucher_from_shopee,
            commission_fee,
            service_fee,
            seller_transaction_fee,
            actual_shipping_fee,
            seller_lost_compensation,
            buyer_total_amount,
        } = *amounts;
        self.escrow_amount.push(escrow_amount);
        self.original_price.push(original_price);
        self.seller_discount.push(seller_discount);
        self.shopee_discount.push(shopee_discount);
        self.voucher_from_seller.push(voucher_from_seller);
        self.voucher_from_shopee.push(voucher_from_shopee);
        self.commission_fee.push(commission_fee);
        self.service_fee.push(service_fee);
        self.seller_transaction_fee.push(seller_transaction_fee);
        self.actual_shipping_fee.push(actual_shipping_fee);
        self.seller_lost_compensation.push(seller_lost_compensation);
        self.buyer_total_amount.push(buyer_total_amount);
    }
}
