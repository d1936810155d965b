//! Payouts as a person sees them.

use async_trait::async_trait;
use hawker_domain::escrow::EscrowVersion;
use hawker_domain::ids::ProfileId;
use hawker_domain::{Environment, OrderSn, TenantSlug, Timestamp};
use rust_decimal::Decimal;
use serde::Serialize;

use super::{Page, PageRequest};
use crate::StoreError;

/// Which time of a payout a report goes by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportBy {
    /// When the money was released.
    #[default]
    Released,
    /// When the order was placed; payouts that are not released are among them.
    Placed,
}

/// Which payouts a report is about.
#[derive(Clone, Debug)]
pub struct EscrowReportQuery {
    /// By which time.
    pub by: ReportBy,
    /// From then on.
    pub from: Timestamp,
    /// Before then.
    pub to: Timestamp,
    /// As it was known then: later versions do not exist. Absent: as it is known now.
    pub as_of: Option<Timestamp>,
    /// Of this profile.
    pub profile: Option<ProfileId>,
    /// Of this environment.
    pub environment: Environment,
}

/// A payout of a report. Amounts are in major units of `currency`, with the marketplace's signs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EscrowReportRow {
    /// The order.
    pub order_sn: String,
    /// What the amounts are counted in.
    pub currency: String,
    /// When the buyer placed it.
    pub placed_at: Option<Timestamp>,
    /// When the money was released.
    pub released_at: Option<Timestamp>,
    /// Which version this is.
    pub version: i32,
    /// Since when it was known.
    pub known_at: Timestamp,
    /// The goods before any discount.
    pub original_price: Decimal,
    /// What the merchant took off.
    pub seller_discount: Decimal,
    /// What the marketplace took off.
    pub shopee_discount: Decimal,
    /// Vouchers at the merchant's expense.
    pub voucher_from_seller: Decimal,
    /// Vouchers at the marketplace's expense.
    pub voucher_from_shopee: Decimal,
    /// Commission.
    pub commission_fee: Decimal,
    /// Fee for programmes.
    pub service_fee: Decimal,
    /// Fee for the payment.
    pub seller_transaction_fee: Decimal,
    /// The courier's charge.
    pub actual_shipping_fee: Decimal,
    /// For lost goods.
    pub seller_lost_compensation: Decimal,
    /// What the buyer paid in all.
    pub buyer_total_amount: Decimal,
    /// What the merchant receives.
    pub escrow_amount: Decimal,
    /// Later adjustments.
    pub adjustment: Decimal,
    /// What the merchant receives in the end.
    pub payout: Decimal,
    /// What the formula makes of the parts; absent where it says nothing.
    pub computed: Option<Decimal>,
    /// What the formula does not explain.
    pub unexplained: Option<Decimal>,
}

/// What the payouts of a report come to, in one currency.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EscrowTotals {
    /// The currency.
    pub currency: String,
    /// Orders.
    pub orders: i64,
    /// Sum of `escrow_amount`.
    pub escrow_amount: Decimal,
    /// Sum of adjustments.
    pub adjustment: Decimal,
    /// Sum of payouts.
    pub payout: Decimal,
    /// Sum of all fees: commission, service, transaction.
    pub fees: Decimal,
    /// Orders whose payout the formula does not explain.
    pub unexplained_orders: i64,
    /// Sum of what it does not explain.
    pub unexplained: Decimal,
}

/// Payouts.
#[async_trait]
pub trait EscrowViews: Send + Sync {
    /// Every version of an order's payout, oldest first; nothing where none was captured. The live
    /// one where both environments have the order.
    async fn escrow_versions(
        &self,
        tenant: &TenantSlug,
        order_sn: &OrderSn,
    ) -> Result<Vec<EscrowVersion>, StoreError>;

    /// The payouts of a report, by its time, oldest first.
    async fn escrow_report(
        &self,
        tenant: &TenantSlug,
        query: &EscrowReportQuery,
        page: &PageRequest,
    ) -> Result<Page<EscrowReportRow>, StoreError>;

    /// What a report comes to, by currency.
    async fn escrow_totals(
        &self,
        tenant: &TenantSlug,
        query: &EscrowReportQuery,
    ) -> Result<Vec<EscrowTotals>, StoreError>;
}
