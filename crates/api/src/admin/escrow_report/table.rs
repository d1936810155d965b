//! A report of payouts as a table, written while it is read: one page is in memory at a time.
//!
//! Invariant: a table is whole, or its answer breaks off. Nobody can take a part of it for all.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use hawker_domain::TenantSlug;
use hawker_ports::StoreError;
use hawker_ports::views::{
    EscrowReportQuery, EscrowReportRow, EscrowViews, PAGE_ROWS_MAX, Page, PageRequest,
};

use crate::admin::Reply;
use crate::csv::{Cell, write_line};
use crate::wire::EscrowRowWire;

/// The type of a table with a header (RFC 4180).
const CSV: &str = "text/csv; charset=utf-8; header=present";

/// What is left of a table that is being written.
struct Rest {
    views: Arc<dyn EscrowViews>,
    tenant: TenantSlug,
    query: EscrowReportQuery,
    after: Option<String>,
}

/// The whole report as a table, of which one page is in memory at a time. The first page is read
/// before the answer begins, so that a failure is told as any other.
pub(super) async fn whole(
    views: Arc<dyn EscrowViews>,
    tenant: TenantSlug,
    query: EscrowReportQuery,
) -> Reply {
    let mut rest = Rest {
        views,
        tenant,
        query,
        after: None,
    };
    let mut text = String::new();
    let header = EscrowRowWire::COLUMNS.iter();
    write_line(
        &mut text,
        header.map(|name| Cell::Exact((*name).to_owned())),
    );
    let has_more = rest.write_page(&mut text).await?;
    let first = stream::iter([Ok(Bytes::from(text))]);
    let table = first.chain(pages(has_more.then_some(rest)));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, CSV))
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"escrow-report.csv\"",
        ))
        .streaming(table))
}

/// The pages that are left. One that cannot be read breaks the answer off, so that nobody takes a part
/// of a report for the whole.
fn pages(rest: Option<Rest>) -> impl Stream<Item = Result<Bytes, StoreError>> {
    stream::try_unfold(rest, async |rest| {
        let Some(mut rest) = rest else {
            return Ok(None);
        };
        let mut text = String::new();
        let has_more = rest.write_page(&mut text).await.inspect_err(|error| {
            tracing::warn!(event = "http.report_broken_off", %error, "a report could not be read to its end");
        })?;
        Ok(Some((Bytes::from(text), has_more.then_some(rest))))
    })
}

impl Rest {
    /// Adds the next page; answers whether there is another one.
    async fn write_page(&mut self, text: &mut String) -> Result<bool, StoreError> {
        let request = PageRequest {
            limit: PAGE_ROWS_MAX,
            after: self.after.take(),
        };
        let page = self
            .views
            .escrow_report(&self.tenant, &self.query, &request);
        let Page { rows, next } = page.await?;
        for row in rows {
            write_line(text, cells(row));
        }
        self.after = next;
        Ok(self.after.is_some())
    }
}

fn cells(row: EscrowReportRow) -> Vec<Cell> {
    EscrowRowWire::from(row).cells()
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use chrono::TimeDelta;
    use hawker_domain::escrow::EscrowVersion;
    use hawker_domain::{Environment, OrderSn};
    use hawker_ports::testing::examples::noon;
    use hawker_ports::views::{EscrowTotals, ReportBy};

    use super::*;

    /// A report of which the first page can be read and the second cannot.
    struct BrokenOff;

    #[async_trait]
    impl EscrowViews for BrokenOff {
        async fn escrow_versions(
            &self,
            _: &TenantSlug,
            _: &OrderSn,
        ) -> Result<Vec<EscrowVersion>, StoreError> {
            Ok(Vec::new())
        }

        async fn escrow_report(
            &self,
            _: &TenantSlug,
            _: &EscrowReportQuery,
            page: &PageRequest,
        ) -> Result<Page<EscrowReportRow>, StoreError> {
            match page.after {
                Some(_) => Err(StoreError::Unavailable("connection reset".into())),
                None => Ok(Page {
                    rows: Vec::new(),
                    next: Some("251214TESTSN01".to_owned()),
                }),
            }
        }

        async fn escrow_totals(
            &self,
            _: &TenantSlug,
            _: &EscrowReportQuery,
        ) -> Result<Vec<EscrowTotals>, StoreError> {
            Ok(Vec::new())
        }
    }

    #[actix_web::test]
    async fn a_table_of_which_a_page_cannot_be_read_breaks_off_and_does_not_just_end() {
        let query = EscrowReportQuery {
            by: ReportBy::Released,
            from: noon(),
            to: noon() + TimeDelta::days(1),
            as_of: None,
            profile: None,
            environment: Environment::Live,
        };
        let answer = whole(Arc::new(BrokenOff), TenantSlug::default_tenant(), query).await;
        let body = answer.expect("an answer").into_body();
        assert!(actix_web::body::to_bytes(body).await.is_err());
    }
}
