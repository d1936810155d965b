//! The queue of exceptions: lists, groups, and how a retry stands.

use super::{Case, Samples};
use crate::PROFILE;
use crate::measure::pages::cursor::PAGE_ROWS;

const TABLE: &str = "tenant_default.connector_exception";

/// What is in sight.
const SEEN: &str = "(status <> 'open' OR snoozed_until IS NULL OR snoozed_until <= now())";

pub(super) fn lists(samples: &Samples) -> Vec<Case> {
    [
        newest_first(samples),
        by_deadline(),
        groups(samples),
        retries(samples),
    ]
    .concat()
}

fn newest_first(samples: &Samples) -> Vec<Case> {
    let list = |query: &[(&'static str, &str)], matching: &str| {
        Case::new("/admin/exceptions", "connector_exception", query).by_ids(
            "cex",
            TABLE,
            &format!("{SEEN} AND {matching}"),
        )
    };
    let (cause, order) = (samples.cause.as_str(), samples.assigned_order.as_str());
    let mut cases = vec![list(&[], "true")];
    for status in ["open", "resolved", "wont_fix"] {
        cases.push(list(&[("status", status)], &format!("status = '{status}'")));
    }
    cases.extend([
        list(
            &[("class", "sku_not_found")],
            "error_class = 'sku_not_found'",
        ),
        list(&[("class", "oversold")], "error_class = 'oversold'"),
        list(&[("cause", cause)], &format!("cause = '{cause}'")),
        list(&[("order_sn", order)], &format!("order_sn = '{order}'")),
        list(&[("assignee", "mei")], "assignee = 'mei'"),
        list(&[("env", "sandbox")], "environment = 'sandbox'"),
        list(
            &[("profile_id", PROFILE)],
            &format!("profile_id = '{PROFILE}'"),
        ),
        list(
            &[
                ("status", "open"),
                ("class", "unknown"),
                ("assignee", "mei"),
            ],
            "status = 'open' AND error_class = 'unknown' AND assignee = 'mei'",
        ),
    ]);
    let all = Case::new(
        "/admin/exceptions",
        "connector_exception",
        &[("with_snoozed", "true")],
    );
    cases.push(all.by_ids("cex", TABLE, "true"));
    cases
}

fn by_deadline() -> Vec<Case> {
    let list = |query: &[(&'static str, &str)], matching: &str| {
        // The same order as the list has.
        let at = |offset: &str| {
            format!(
                "SELECT raised.id FROM {TABLE} AS raised \
                 LEFT JOIN tenant_default.connector_order AS known \
                   ON known.order_sn = raised.order_sn AND known.connector = raised.connector \
                  AND known.environment = raised.environment \
                 LEFT JOIN tenant_default.sales_order AS head ON head.id = known.order_id \
                 WHERE (raised.status <> 'open' OR raised.snoozed_until IS NULL \
                        OR raised.snoozed_until <= now()) AND {matching} \
                 ORDER BY coalesce(least(raised.due_at, coalesce(head.ship_by, known.ship_by)), \
                     'infinity'), raised.id \
                 OFFSET greatest(0, (SELECT {offset} FROM {TABLE} AS raised WHERE {SEEN} AND {matching})) \
                 LIMIT 1"
            )
        };
        let last = format!("count(*) - {PAGE_ROWS} - 1");
        Case::new("/admin/exceptions", "connector_exception", query)
            .by(at("count(*) / 2"), at(&last))
    };
    vec![
        // Where no status is said, only what is open is in this order.
        list(&[("sort", "due")], "raised.status = 'open'"),
        list(
            &[("sort", "due"), ("status", "open")],
            "raised.status = 'open'",
        ),
        list(
            &[("sort", "due"), ("status", "wont_fix")],
            "raised.status = 'wont_fix'",
        ),
        Case::new(
            "/admin/exceptions",
            "connector_exception",
            &[("sort", "newest")],
        ),
    ]
}

fn groups(samples: &Samples) -> Vec<Case> {
    let (cause, order) = (samples.cause.as_str(), samples.assigned_order.as_str());
    let filters: [&[(&'static str, &str)]; 7] = [
        &[],
        &[("class", "sku_not_found")],
        &[("cause", cause)],
        &[("env", "sandbox")],
        &[("profile_id", PROFILE)],
        &[("order_sn", order)],
        &[("assignee", "mei")],
    ];
    let list = |query: &[_]| Case::new("/admin/exceptions/groups", "connector_exception", query);
    filters.into_iter().map(list).collect()
}

fn retries(samples: &Samples) -> Vec<Case> {
    let batch = &samples.batch;
    let at = |order: &str, offset: &str| {
        format!(
            "SELECT exception_id FROM tenant_default.connector_exception_retry \
             WHERE batch = '{batch}' ORDER BY exception_id {order} OFFSET {offset} LIMIT 1"
        )
    };
    let list = Case::new(
        "/admin/exceptions/retries/{batch}",
        "connector_exception_retry",
        &[],
    );
    let middle = at(
        "ASC",
        &format!(
            "(SELECT count(*) / 2 FROM tenant_default.connector_exception_retry \
              WHERE batch = '{batch}')"
        ),
    );
    // The oldest first: the last page begins behind the row before it.
    let behind_last = at("DESC", &PAGE_ROWS.to_string());
    vec![list.of("{batch}", batch).by(middle, behind_last)]
}
