//! A payout as it is stored, now or as a version.

use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{Escrow, EscrowAmounts, EscrowVersion, Income};
use hawker_domain::{ConnectorName, OrderSn, Timestamp};
use rust_decimal::Decimal;
use serde_json::Value;

use super::ESCROW;
use crate::fault::{Fault, read};

pub(crate) struct EscrowRow {
    pub(crate) environment: String,
    pub(crate) ordersn: String,
    pub(crate) version: i32,
    pub(crate) cause: String,
    pub(crate) known_at: Timestamp,
    pub(crate) escrow_amount: Decimal,
    pub(crate) original_price: Decimal,
    pub(crate) seller_discount: Decimal,
    pub(crate) shopee_discount: Decimal,
    pub(crate) voucher_from_seller: Decimal,
    pub(crate) voucher_from_shopee: Decimal,
    pub(crate) commission_fee: Decimal,
    pub(crate) service_fee: Decimal,
    pub(crate) seller_transaction_fee: Decimal,
    pub(crate) actual_shipping_fee: Decimal,
    pub(crate) seller_lost_compensation: Decimal,
    pub(crate) buyer_total_amount: Decimal,
    pub(crate) parts: Value,
    pub(crate) adjustments: Value,
    pub(crate) returns: Value,
    pub(crate) is_converted: bool,
    pub(crate) currency: String,
    pub(crate) escrow_release_time: Option<Timestamp>,
    pub(crate) payload: String,
    pub(crate) fetched_at: Timestamp,
}

impl TryFrom<EscrowRow> for EscrowVersion {
    type Error = Fault;

    fn try_from(row: EscrowRow) -> Result<Self, Fault> {
        let EscrowRow {
            environment,
            ordersn,
            version,
            cause,
            known_at,
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
            parts,
            adjustments,
            returns,
            is_converted,
            currency,
            escrow_release_time,
            payload,
            fetched_at,
        } = row;
        let unreadable = |error: serde_json::Error| Fault::corrupt(ESCROW, &ordersn, error);
        Ok(Self {
            number: u32::try_from(version)
                .map_err(|error| Fault::corrupt(ESCROW, &ordersn, error))?,
            cause: read(ESCROW, &ordersn, &cause)?,
            known_at,
            escrow: Escrow {
                currency: read(ESCROW, &ordersn, &currency)?,
                amounts: EscrowAmounts {
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
                },
                income: Income {
                    parts: serde_json::from_value(parts).map_err(unreadable)?,
                    adjustments: serde_json::from_value(adjustments).map_err(unreadable)?,
                    returns: serde_json::from_value(returns).map_err(unreadable)?,
                    is_converted,
                },
                released_at: escrow_release_time,
                payload,
                fetched_at,
                key: OrderKey {
                    connector: ConnectorName::Shopee,
                    environment: read(ESCROW, &ordersn, &environment)?,
                    order_sn: OrderSn::parse(&ordersn).ok_or_else(|| {
                        Fault::corrupt(ESCROW, &ordersn, "the order number is malformed")
                    })?,
                },
            },
        })
    }
}
