//! A report of payouts: its rows by keyset, its totals in the database.

use chrono::DateTime;
use hawker_domain::{OrderSn, Timestamp};
use hawker_ports::views::{
    EscrowReportQuery, EscrowReportRow, EscrowTotals, Page, PageRequest, ReportBy,
};
use rust_decimal::Decimal;
use sqlx::postgres::PgArguments;
use sqlx::query::QueryAs;
use sqlx::{FromRow, PgConnection, Postgres};

use super::super::Paging;
use crate::fault::Fault;

/// A statement over what a report is about. Of these, $1 is the environment, $2 and $3 its times, $4 the
/// moment as of which it is made, $5 the profile.
macro_rules! over {
    ($before:literal, $file:literal, $after:literal) => {
        concat!($before, include_str!($file), $after)
    };
}

/// The first page. $6: how many rows.
macro_rules! first_of {
    ($file:literal) => {
        over!(
            "SELECT * FROM (",
            $file,
            ") AS report ORDER BY at, ordersn LIMIT $6"
        )
    };
}

/// A later page. $6: how many rows; $7 and $8: the last row of the page before. Its time is a bound of its
/// own: not every index that a report is read by has the order number, too. The first page is told from
/// later ones, because a comparison of rows that begins at minus infinity would be where the index begins.
macro_rules! later_of {
    ($file:literal) => {
        over!(
            "SELECT * FROM (",
            $file,
            ") AS report WHERE at >= $7 AND (at, ordersn) > ($7, $8) \
             ORDER BY at, ordersn LIMIT $6"
        )
    };
}

macro_rules! totals_of {
    ($file:literal) => {
        over!(
            "SELECT currency, count(*) AS orders, sum(escrow_amount) AS escrow_amount, \
             sum(adjustment) AS adjustment, sum(payout) AS payout, \
             sum(commission_fee + service_fee + seller_transaction_fee) AS fees, \
             count(*) FILTER (WHERE unexplained <> 0) AS unexplained_orders, \
             coalesce(sum(unexplained), 0) AS unexplained \
             FROM (",
            $file,
            ") AS report GROUP BY currency ORDER BY currency"
        )
    };
}

#[derive(FromRow)]
struct Row {
    ordersn: String,
    currency: String,
    placed_at: Option<Timestamp>,
    released_at: Option<Timestamp>,
    version: i32,
    known_at: Timestamp,
    original_price: Decimal,
    seller_discount: Decimal,
    shopee_discount: Decimal,
    voucher_from_seller: Decimal,
    voucher_from_shopee: Decimal,
    commission_fee: Decimal,
    service_fee: Decimal,
    seller_transaction_fee: Decimal,
    actual_shipping_fee: Decimal,
    seller_lost_compensation: Decimal,
    buyer_total_amount: Decimal,
    escrow_amount: Decimal,
    adjustment: Decimal,
    payout: Decimal,
    computed: Option<Decimal>,
    unexplained: Option<Decimal>,
    at: Timestamp,
}

impl From<Row> for (String, EscrowReportRow) {
    fn from(row: Row) -> Self {
        let Row {
            ordersn,
            currency,
            placed_at,
            released_at,
            version,
            known_at,
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
            escrow_amount,
            adjustment,
            payout,
            computed,
            unexplained,
            at,
        } = row;
        let cursor = Cursor {
            at,
            order_sn: ordersn.clone(),
        };
        let row = EscrowReportRow {
            order_sn: ordersn,
            currency,
            placed_at,
            released_at,
            version,
            known_at,
            original_price: original_price.normalize(),
            seller_discount: seller_discount.normalize(),
            shopee_discount: shopee_discount.normalize(),
            voucher_from_seller: voucher_from_seller.normalize(),
            voucher_from_shopee: voucher_from_shopee.normalize(),
            commission_fee: commission_fee.normalize(),
            service_fee: service_fee.normalize(),
            seller_transaction_fee: seller_transaction_fee.normalize(),
            actual_shipping_fee: actual_shipping_fee.normalize(),
            seller_lost_compensation: seller_lost_compensation.normalize(),
            buyer_total_amount: buyer_total_amount.normalize(),
            escrow_amount: escrow_amount.normalize(),
            adjustment: adjustment.normalize(),
            payout: payout.normalize(),
            computed: computed.map(|amount| amount.normalize()),
            unexplained: unexplained.map(|amount| amount.normalize()),
        };
        (cursor.text(), row)
    }
}

/// The place of a row in a report.
struct Cursor {
    at: Timestamp,
    order_sn: String,
}

impl Cursor {
    fn text(&self) -> String {
        format!("{}_{}", self.at.timestamp_micros(), self.order_sn)
    }

    fn parse(text: &str) -> Option<Self> {
        let (micros, order_sn) = text.split_once('_')?;
        Some(Self {
            at: DateTime::from_timestamp_micros(micros.parse().ok()?)?,
            order_sn: OrderSn::parse(order_sn)?.to_string(),
        })
    }
}

pub(super) async fn page(
    connection: &mut PgConnection,
    query: &EscrowReportQuery,
    page: &PageRequest,
) -> Result<Page<EscrowReportRow>, Fault> {
    let paging = Paging::of_size(page.limit);
    let after = page.after.as_deref().map(|text| {
        Cursor::parse(text).ok_or_else(|| Fault::Refused("the cursor names no row".to_owned()))
    });
    let after = after.transpose()?;
    let statement = match (query.by, &after) {
        (ReportBy::Released, None) => first_of!("released.sql"),
        (ReportBy::Released, Some(_)) => later_of!("released.sql"),
        (ReportBy::Placed, None) => first_of!("placed.sql"),
        (ReportBy::Placed, Some(_)) => later_of!("placed.sql"),
    };
    let mut statement = bound(sqlx::query_as(statement), query).bind(paging.rows_to_read);
    if let Some(Cursor { at, order_sn }) = after {
        statement = statement.bind(at).bind(order_sn);
    }
    let rows: Vec<Row> = statement.fetch_all(connection).await?;
    Ok(paging.cut(rows.into_iter().map(Into::into).collect()))
}

#[derive(FromRow)]
struct TotalsRow {
    currency: String,
    orders: i64,
    escrow_amount: Decimal,
    adjustment: Decimal,
    payout: Decimal,
    fees: Decimal,
    unexplained_orders: i64,
    unexplained: Decimal,
}

impl From<TotalsRow> for EscrowTotals {
    fn from(row: TotalsRow) -> Self {
        let TotalsRow {
            currency,
            orders,
            escrow_amount,
            adjustment,
            payout,
            fees,
            unexplained_orders,
            unexplained,
        } = row;
        Self {
            currency,
            orders,
            escrow_amount: escrow_amount.normalize(),
            adjustment: adjustment.normalize(),
            payout: payout.normalize(),
            fees: fees.normalize(),
            unexplained_orders,
            unexplained: unexplained.normalize(),
        }
    }
}

pub(super) async fn totals(
    connection: &mut PgConnection,
    query: &EscrowReportQuery,
) -> Result<Vec<EscrowTotals>, Fault> {
    let statement = match query.by {
        ReportBy::Released => totals_of!("released.sql"),
        ReportBy::Placed => totals_of!("placed.sql"),
    };
    let rows: Vec<TotalsRow> = bound(sqlx::query_as(statement), query)
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(EscrowTotals::from).collect())
}

/// With the first five parameters.
fn bound<'q, R>(
    statement: QueryAs<'q, Postgres, R, PgArguments>,
    query: &EscrowReportQuery,
) -> QueryAs<'q, Postgres, R, PgArguments>
where
    R: for<'r> FromRow<'r, sqlx::postgres::PgRow>,
{
    statement
        .bind(query.environment.as_str())
        .bind(query.from)
        .bind(query.to)
        .bind(query.as_of)
        .bind(query.profile.as_ref().map(ToString::to_string))
}
