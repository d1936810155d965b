//! A report of payouts as it goes out: as JSON page by page, and as the cells of a table.

use chrono::{DateTime, SecondsFormat, Utc};
use hawker_ports::views::{EscrowReportRow, EscrowTotals};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::amount::exact;
use crate::csv::Cell;

/// A part of a report of payouts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EscrowReport)]
pub(crate) struct EscrowReportWire {
    /// What it is about.
    #[serde(flatten)]
    pub(crate) scope: ReportScopeWire,
    /// What all of it comes to, by currency; none where it was not asked for.
    pub(crate) totals: Vec<EscrowTotalsWire>,
    /// The payouts of this page, oldest first.
    pub(crate) items: Vec<EscrowRowWire>,
    /// Hand this in as `after` for the next page, which is as of the same moment; `null` on the last.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// What a report is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EscrowReportScope)]
pub(crate) struct ReportScopeWire {
    /// Sandbox or live.
    pub(crate) env_type: &'static str,
    /// The profile; `null` for all of the environment.
    #[schema(required)]
    pub(crate) profile_id: Option<String>,
    /// The zone that its days are of.
    #[schema(example = "Asia/Singapore")]
    pub(crate) zone: String,
    /// The time that it goes by: `released` or `placed`.
    #[schema(example = "released")]
    pub(crate) by: &'static str,
    /// From then on.
    pub(crate) from: DateTime<Utc>,
    /// Before then.
    pub(crate) to: DateTime<Utc>,
    /// As it was known then. With this moment, the same report can be made again at any time.
    pub(crate) as_of: DateTime<Utc>,
}

/// What the payouts of a report come to, in one currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EscrowTotals)]
pub(crate) struct EscrowTotalsWire {
    /// The currency.
    #[schema(example = "SGD")]
    currency: String,
    /// Orders.
    orders: i64,
    /// Sum of `escrow_amount`.
    escrow_amount: String,
    /// Sum of adjustments.
    adjustment: String,
    /// Sum of payouts.
    payout: String,
    /// Sum of the fees: commission, service, transaction.
    fees: String,
    /// Orders whose payout the formula does not explain.
    unexplained_orders: i64,
    /// Sum of what it does not explain.
    unexplained: String,
}

/// Makes the row of a report once: as JSON, as the names of the columns, and as their cells.
macro_rules! report_row {
    ($($(#[$doc:meta])* $amount:ident,)+) => {
        /// A payout of a report. Amounts are text in major units of `currency`.
        #[derive(Debug, Serialize, ToSchema)]
        #[schema(as = EscrowReportRow)]
        pub(crate) struct EscrowRowWire {
            /// The order.
            #[schema(example = "251214TESTSN01")]
            order_sn: String,
            /// What the amounts are counted in.
            #[schema(example = "SGD")]
            currency: String,
            /// When the buyer placed it.
            #[schema(required)]
            placed_at: Option<DateTime<Utc>>,
            /// When the money was released.
            #[schema(required)]
            released_at: Option<DateTime<Utc>>,
            /// Which version this is.
            version: i32,
            /// Since when it was known.
            known_at: DateTime<Utc>,
            $($(#[$doc])* #[schema(example = "1.87")] $amount: String,)+
            /// What the formula makes of the parts; `null` where it says nothing.
            #[schema(required)]
            computed: Option<String>,
            /// What the formula does not explain.
            #[schema(required)]
            unexplained: Option<String>,
        }

        impl From<EscrowReportRow> for EscrowRowWire {
            fn from(row: EscrowReportRow) -> Self {
                let EscrowReportRow {
                    order_sn, currency, placed_at, released_at, version, known_at,
                    $($amount,)+ computed, unexplained,
                } = row;
                let told = |amount: Decimal| exact(amount, &currency);
                Self {
                    $($amount: told($amount),)+
                    computed: computed.map(told),
                    unexplained: unexplained.map(told),
                    order_sn, currency, placed_at, released_at, version, known_at,
                }
            }
        }

        impl EscrowRowWire {
            /// The names of the columns.
            pub(crate) const COLUMNS: &[&str] = &[
                "order_sn", "currency", "placed_at", "released_at", "version", "known_at",
                $(stringify!($amount),)+ "computed", "unexplained",
            ];

            /// Its cells, in the order of the columns.
            pub(crate) fn cells(self) -> Vec<Cell> {
                let Self {
                    order_sn, currency, placed_at, released_at, version, known_at,
                    $($amount,)+ computed, unexplained,
                } = self;
                vec![
                    Cell::Text(order_sn), Cell::Text(currency), moment(placed_at),
                    moment(released_at), Cell::Exact(version.to_string()), moment(Some(known_at)),
                    $(Cell::Exact($amount),)+
                    Cell::Exact(computed.unwrap_or_default()),
                    Cell::Exact(unexplained.unwrap_or_default()),
                ]
            }
        }
    };
}

report_row! {
    /// The goods before any discount.
    original_price,
    /// What the merchant took off.
    seller_discount,
    /// What the marketplace took off.
    shopee_discount,
    /// Vouchers at the merchant's expense.
    voucher_from_seller,
    /// Vouchers at the marketplace's expense.
    voucher_from_shopee,
    /// Commission.
    commission_fee,
    /// Fee for programmes.
    service_fee,
    /// Fee for the payment.
    seller_transaction_fee,
    /// The courier's charge.
    actual_shipping_fee,
    /// For lost goods.
    seller_lost_compensation,
    /// What the buyer paid in all.
    buyer_total_amount,
    /// What the merchant receives, before later adjustments.
    escrow_amount,
    /// Later adjustments.
    adjustment,
    /// What the merchant receives in the end.
    payout,
}

fn moment(at: Option<DateTime<Utc>>) -> Cell {
    let text = at.map(|at| at.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    Cell::Exact(text.unwrap_or_default())
}

impl From<EscrowTotals> for EscrowTotalsWire {
    fn from(totals: EscrowTotals) -> Self {
        let EscrowTotals {
            currency,
            orders,
            escrow_amount,
            adjustment,
            payout,
            fees,
            unexplained_orders,
            unexplained,
        } = totals;
        let told = |amount: Decimal| exact(amount, &currency);
        Self {
            orders,
            escrow_amount: told(escrow_amount),
            adjustment: told(adjustment),
            payout: told(payout),
            fees: told(fees),
            unexplained_orders,
            unexplained: told(unexplained),
            currency,
        }
    }
}
