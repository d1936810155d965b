//! Every list that the API serves, with each of its filters and orders, and the single things beside them.

mod exceptions;
mod others;

use std::fmt;

use chrono::{DateTime, TimeDelta};
use hawker_domain::Timestamp;
use sqlx::{PgConnection, Row as _};

use super::cursor::Paging;
use crate::measure::dataset::World;

/// A list in one of its forms.
#[derive(Clone, Debug)]
pub(super) struct Case {
    /// The route, as the document names it.
    pub(super) route: &'static str,
    /// The path that is asked for.
    pub(super) path: String,
    /// Filters and order.
    pub(super) query: Vec<(&'static str, String)>,
    /// How it is paged.
    pub(super) paging: Paging,
    /// The tables whose statements are its own, separated by blanks.
    pub(super) tables: &'static str,
}

impl Case {
    fn new(route: &'static str, tables: &'static str, query: &[(&'static str, &str)]) -> Self {
        Self {
            route,
            path: route.to_owned(),
            query: query
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            paging: Paging::Whole,
            tables,
        }
    }

    /// With what stands for the part of its path in braces.
    fn of(mut self, part: &str, value: &str) -> Self {
        self.path = self.path.replace(part, value);
        self
    }

    fn by_ids(mut self, prefix: &'static str, table: &'static str, matching: &str) -> Self {
        self.paging = Paging::ByIds {
            prefix,
            table,
            matching: matching.to_owned(),
        };
        self
    }

    fn by(mut self, middle: String, last: String) -> Self {
        self.paging = Paging::By { middle, last };
        self
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.route.strip_prefix("/admin/").unwrap_or(self.route);
        let path = path.strip_prefix("dashboard/").unwrap_or(path);
        let path = path.strip_prefix("connectors/shopee/").unwrap_or(path);
        f.write_str(path)?;
        for (index, (name, value)) in self.query.iter().enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            write!(f, "{mark}{name}={value}")?;
        }
        Ok(())
    }
}

/// Things that are there, to ask for.
pub(super) struct Samples {
    order_sn: String,
    held_order: String,
    event: String,
    exception: String,
    cause: String,
    assigned_order: String,
    batch: String,
    run: String,
    audit_subject: String,
    ends_at: Timestamp,
}

impl Samples {
    pub(super) async fn take(connection: &mut PgConnection, world: &World) -> anyhow::Result<Self> {
        let asked = sqlx::query(
            "SELECT \
                 (SELECT ordersn FROM tenant_default.shopee_escrow ORDER BY id OFFSET 100 LIMIT 1), \
                 (SELECT order_sn FROM tenant_default.connector_order WHERE hold IS NOT NULL \
                  ORDER BY id LIMIT 1), \
                 (SELECT id FROM tenant_default.connector_event ORDER BY id OFFSET 500 LIMIT 1), \
                 (SELECT id FROM tenant_default.connector_exception WHERE assignee IS NOT NULL \
                  ORDER BY id LIMIT 1), \
                 (SELECT cause FROM tenant_default.connector_exception \
                  WHERE error_class = 'sku_not_found' ORDER BY id LIMIT 1), \
                 (SELECT order_sn FROM tenant_default.connector_exception WHERE assignee IS NOT NULL \
                  ORDER BY id LIMIT 1), \
                 (SELECT min(batch) FROM tenant_default.connector_exception_retry), \
                 (SELECT min(id) FROM public.schedule_run), \
                 (SELECT subject FROM tenant_default.audit_entry WHERE subject LIKE 'order:%' LIMIT 1)",
        );
        let row = asked.fetch_one(connection).await?;
        let text = |column: usize| row.try_get::<String, _>(column);
        Ok(Self {
            order_sn: text(0)?,
            held_order: text(1)?,
            event: text(2)?,
            exception: text(3)?,
            cause: text(4)?,
            assigned_order: text(5)?,
            batch: text(6)?,
            run: text(7)?,
            audit_subject: text(8)?,
            ends_at: world.ends_at,
        })
    }

    /// A day before the end of the world, as the API reads it.
    fn day(&self, days_before: i64) -> String {
        let day = self.ends_at - TimeDelta::days(days_before);
        day.date_naive().to_string()
    }

    /// A moment before its end.
    fn before(&self, days: i64) -> DateTime<chrono::Utc> {
        self.ends_at - TimeDelta::days(days)
    }
}

/// All of them.
pub(super) fn all(samples: &Samples) -> Vec<Case> {
    [
        orders(samples),
        events(samples),
        exceptions::lists(samples),
        others::audit(samples),
        others::reports(samples),
        others::completeness(samples),
        others::jobs(),
        others::connection(),
        singles(samples),
    ]
    .concat()
}

const ORDERS: &str = "tenant_default.connector_order";
const EVENTS: &str = "tenant_default.connector_event";

fn orders(samples: &Samples) -> Vec<Case> {
    let list = |query: &[(&'static str, &str)], matching: &str| {
        Case::new("/admin/orders", "connector_order", query).by_ids("sosync", ORDERS, matching)
    };
    let mut cases = vec![list(&[], "true")];
    for status in [
        "COMPLETED",
        "CANCELLED",
        "SHIPPED",
        "READY_TO_SHIP",
        "UNPAID",
        "TO_RETURN",
    ] {
        let matching = format!("shopee_status = '{status}'");
        cases.push(list(&[("marketplace_status", status)], &matching));
    }
    for status in ["created", "pending", "failed"] {
        let matching = format!("status = '{status}'");
        cases.push(list(&[("sync_status", status)], &matching));
    }
    cases.push(list(&[("held", "true")], "hold IS NOT NULL"));
    cases.push(list(&[("held", "false")], "hold IS NULL"));
    cases.push(list(
        &[
            ("marketplace_status", "TO_RETURN"),
            ("sync_status", "failed"),
        ],
        "shopee_status = 'TO_RETURN' AND status = 'failed'",
    ));
    cases.push(list(
        &[("marketplace_status", "READY_TO_SHIP"), ("held", "true")],
        "shopee_status = 'READY_TO_SHIP' AND hold IS NOT NULL",
    ));
    // A status that no order has.
    cases.push(list(&[("marketplace_status", "INVOICE_PENDING")], "false"));
    cases.push(
        Case::new("/admin/orders/{sn}", "connector_order", &[]).of("{sn}", &samples.held_order),
    );
    cases
}

fn events(samples: &Samples) -> Vec<Case> {
    let list = |query: &[(&'static str, &str)], matching: &str| {
        Case::new("/admin/dashboard/events", "connector_event", query)
            .by_ids("srev", EVENTS, matching)
    };
    let mut cases = vec![
        list(&[], "true"),
        list(
            &[("order_sn", samples.order_sn.as_str())],
            &format!("order_sn = '{}'", samples.order_sn),
        ),
        list(&[("processed", "true")], "processed"),
        list(&[("processed", "false")], "NOT processed"),
    ];
    for source in ["webhook", "poll", "reconcile", "manual"] {
        cases.push(list(&[("source", source)], &format!("source = '{source}'")));
    }
    // The most frequent code, a rarer one, and one that never came.
    for code in ["3", "47", "29"] {
        cases.push(list(&[("code", code)], &format!("event_type = {code}")));
    }
    cases.push(list(
        &[("source", "manual"), ("code", "47")],
        "source = 'manual' AND event_type = 47",
    ));
    cases.push(list(
        &[("processed", "false"), ("source", "poll")],
        "NOT processed AND source = 'poll'",
    ));
    cases
}

/// Single things, which the same tables answer.
fn singles(samples: &Samples) -> Vec<Case> {
    vec![
        Case::new("/admin/orders/{sn}", "sales_order", &[]).of("{sn}", &samples.order_sn),
        Case::new("/admin/orders/{sn}/escrow", "shopee_escrow_version", &[])
            .of("{sn}", &samples.order_sn),
        Case::new("/admin/dashboard/events/{id}", "connector_event", &[])
            .of("{id}", &samples.event),
        Case::new("/admin/exceptions/{id}", "connector_exception", &[])
            .of("{id}", &samples.exception),
        Case::new("/admin/jobs/runs/{id}", "schedule_run", &[]).of("{id}", &samples.run),
    ]
}
