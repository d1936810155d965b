//! Payouts as a person sees them: the versions of one, and reports.
//!
//! A report as of a moment shows of each payout the greatest version that was known then. Versions are
//! only ever added, each known no earlier than the one before, so that such a report stays the same.

mod report;

use async_trait::async_trait;
use hawker_domain::escrow::EscrowVersion;
use hawker_domain::{Environment, OrderSn, TenantSlug};
use hawker_ports::StoreError;
use hawker_ports::views::{
    EscrowReportQuery, EscrowReportRow, EscrowTotals, EscrowViews, Page, PageRequest,
};
use sqlx::PgConnection;

use super::told;
use crate::escrow::EscrowRow;
use crate::fault::Fault;
use crate::store::{Access, PgStore};

#[async_trait]
impl EscrowViews for PgStore {
    async fn escrow_versions(
        &self,
        tenant: &TenantSlug,
        order_sn: &OrderSn,
    ) -> Result<Vec<EscrowVersion>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = versions(session.connection()?, order_sn).await;
        found.map_err(told("escrow"))
    }

    async fn escrow_report(
        &self,
        tenant: &TenantSlug,
        query: &EscrowReportQuery,
        page: &PageRequest,
    ) -> Result<Page<EscrowReportRow>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = report::page(session.connection()?, query, page).await;
        found.map_err(told("escrow report"))
    }

    async fn escrow_totals(
        &self,
        tenant: &TenantSlug,
        query: &EscrowReportQuery,
    ) -> Result<Vec<EscrowTotals>, StoreError> {
        let mut session = self.session(tenant, Access::ReadOnly).await?;
        let found = report::totals(session.connection()?, query).await;
        found.map_err(told("escrow report"))
    }
}

async fn versions(
    connection: &mut PgConnection,
    order_sn: &OrderSn,
) -> Result<Vec<EscrowVersion>, Fault> {
    for environment in [Environment::Live, Environment::Sandbox] {
        let versions = versions_in(connection, environment, order_sn).await?;
        if !versions.is_empty() {
            return Ok(versions);
        }
    }
    Ok(Vec::new())
}

async fn versions_in(
    connection: &mut PgConnection,
    environment: Environment,
    order_sn: &OrderSn,
) -> Result<Vec<EscrowVersion>, Fault> {
    sqlx::query_as!(
        EscrowRow,
        r#"
        SELECT environment, ordersn, version, cause, known_at, escrow_amount, original_price,
               seller_discount, shopee_discount, voucher_from_seller, voucher_from_shopee,
               commission_fee, service_fee, seller_transaction_fee, actual_shipping_fee,
               seller_lost_compensation, buyer_total_amount, parts, adjustments, returns,
               is_converted, currency, escrow_release_time,
               raw_escrow_payload::text AS "payload!", fetched_at
        FROM shopee_escrow_version
        WHERE environment = $1 AND ordersn = $2
        ORDER BY version
        "#,
        environment.as_str(),
        order_sn.as_str(),
    )
    .fetch_all(connection)
    .await?
    .into_iter()
    .map(EscrowVersion::try_from)
    .collect()
}
