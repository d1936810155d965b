//! Payouts as a person sees them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use hawker_domain::channel::OrderKey;
use hawker_domain::escrow::{EscrowAmounts, EscrowVersion};
use hawker_domain::{OrderSn, TenantSlug, Timestamp};
use rust_decimal::Decimal;

use super::{Keyed, cut_oldest};
use crate::StoreError;
use crate::testing::InMemoryStore;
use crate::testing::store::state::State;
use crate::views::{
    EscrowReportQuery, EscrowReportRow, EscrowTotals, EscrowViews, Page, PageRequest, ReportBy,
};

#[async_trait]
impl EscrowViews for InMemoryStore {
    async fn escrow_versions(
        &self,
        tenant: &TenantSlug,
        order_sn: &OrderSn,
    ) -> Result<Vec<EscrowVersion>, StoreError> {
        self.look(tenant, |state| {
            let of_order = state
                .escrows
                .iter()
                .filter(|(key, _)| key.order_sn == *order_sn);
            let live_first = of_order.max_by_key(|(key, _)| key.environment);
            live_first.map_or_else(Vec::new, |(_, payout)| payout.versions.clone())
        })
    }

    async fn escrow_report(
        &self,
        tenant: &TenantSlug,
        query: &EscrowReportQuery,
        page: &PageRequest,
    ) -> Result<Page<EscrowReportRow>, StoreError> {
        let rows = self.look(tenant, |state| rows(state, query))?;
        cut_oldest(rows, page)
    }

    async fn escrow_totals(
        &self,
        tenant: &TenantSlug,
        query: &EscrowReportQuery,
    ) -> Result<Vec<EscrowTotals>, StoreError> {
        let rows = self.look(tenant, |state| rows(state, query))?;
        let mut totals = BTreeMap::new();
        for (_, row) in rows {
            let total = totals.entry(row.currency.clone());
            add(total.or_insert_with(|| nothing(&row.currency)), &row);
        }
        Ok(totals.into_values().collect())
    }
}

/// The payouts of a report, with the time that it goes by and their numbers.
fn rows(state: &State, query: &EscrowReportQuery) -> Vec<Keyed<EscrowReportRow>> {
    let EscrowReportQuery {
        by,
        from,
        to,
        as_of,
        profile,
        environment,
    } = query;
    let is_meant = |key: &OrderKey| {
        let of = state.syncs.get(key).map(|sync| &sync.profile);
        key.environment == *environment && (profile.is_none() || of == profile.as_ref())
    };
    let payouts = state.escrows.iter().filter(|(key, _)| is_meant(key));
    let known = payouts.filter_map(|(key, payout)| {
        let is_known = |version: &&EscrowVersion| as_of.is_none_or(|at| version.known_at <= at);
        let version = payout.versions.iter().rfind(is_known)?;
        let placed_at = state.held_of(key).map(|held| held.placed_at);
        let at = match by {
            ReportBy::Released => version.escrow.released_at,
            ReportBy::Placed => placed_at,
        };
        let at = at.filter(|at| (*from..*to).contains(at))?;
        Some(((at, key.order_sn.to_string()), row(version, placed_at)))
    });
    known.collect()
}

fn row(version: &EscrowVersion, placed_at: Option<Timestamp>) -> EscrowReportRow {
    let EscrowVersion {
        number,
        cause: _,
        known_at,
        escrow,
    } = version;
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
    } = escrow.amounts;
    EscrowReportRow {
        order_sn: escrow.key.order_sn.to_string(),
        currency: escrow.currency.to_string(),
        placed_at,
        released_at: escrow.released_at,
        version: i32::try_from(*number).unwrap_or(i32::MAX),
        known_at: *known_at,
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
        adjustment: escrow.income.adjusted(),
        payout: escrow.after_adjustments().amount,
        computed: escrow.computed(),
        unexplained: escrow.unexplained(),
    }
}

fn nothing(currency: &str) -> EscrowTotals {
    EscrowTotals {
        currency: currency.to_owned(),
        orders: 0,
        escrow_amount: Decimal::ZERO,
        adjustment: Decimal::ZERO,
        payout: Decimal::ZERO,
        fees: Decimal::ZERO,
        unexplained_orders: 0,
        unexplained: Decimal::ZERO,
    }
}

fn add(total: &mut EscrowTotals, row: &EscrowReportRow) {
    let unexplained = row.unexplained.filter(|amount| !amount.is_zero());
    total.orders += 1;
    total.escrow_amount += row.escrow_amount;
    total.adjustment += row.adjustment;
    total.payout += row.payout;
    total.fees += row.commission_fee + row.service_fee + row.seller_transaction_fee;
    total.unexplained_orders += i64::from(unexplained.is_some());
    total.unexplained += unexplained.unwrap_or_default();
}
