//! The audit log, reports, jobs and what is known of the connection.

use super::{Case, Samples};
use crate::PROFILE;
use crate::measure::pages::cursor::{PAGE_ROWS, micros};

const PAYOUTS: &str = "shopee_escrow_version";

pub(super) fn audit(samples: &Samples) -> Vec<Case> {
    let list = |query: &[(&'static str, &str)], matching: &str| {
        Case::new("/admin/dashboard/audit", "audit_entry", query).by_ids(
            "aud",
            "tenant_default.audit_entry",
            matching,
        )
    };
    let subject = samples.audit_subject.as_str();
    let of_profile = format!("profile:{PROFILE}");
    vec![
        list(&[], "true"),
        list(&[("subject", subject)], &format!("subject = '{subject}'")),
        list(
            &[("subject", &of_profile)],
            &format!("subject = '{of_profile}'"),
        ),
        list(
            &[("action", "order.refreshed")],
            "action = 'order.refreshed'",
        ),
        list(&[("action", "never.done")], "false"),
        list(
            &[("subject", &of_profile), ("action", "token.refreshed")],
            &format!("subject = '{of_profile}' AND action = 'token.refreshed'"),
        ),
    ]
}

/// Reports of payouts by month and by year, and completeness.
pub(super) fn reports(samples: &Samples) -> Vec<Case> {
    let (month, year, until) = (samples.day(40), samples.day(375), samples.day(11));
    let as_of = samples.day(5);
    let released = |from: &str, more: &[(&'static str, &str)]| {
        let query = [&[("from", from), ("to", &until), ("by", "released")], more].concat();
        let rows = format!(
            "SELECT escrow_release_time AS at, ordersn FROM tenant_default.shopee_escrow WHERE {}",
            within("escrow_release_time", from, &until)
        );
        report(samples, &query, &rows)
    };
    let placed = |from: &str| {
        let query = [("from", from), ("to", until.as_str()), ("by", "placed")];
        let rows = format!(
            "SELECT known.placed_at AS at, ordersn FROM tenant_default.shopee_escrow \
             JOIN tenant_default.connector_order AS known ON known.order_sn = ordersn WHERE {}",
            within("known.placed_at", from, &until)
        );
        report(samples, &query, &rows)
    };
    let single_day = [("from", until.as_str()), ("to", until.as_str())];
    let csv = [&single_day[..], &[("format", "csv")]].concat();
    vec![
        released(&month, &[]),
        released(&month, &[("as_of", &as_of)]),
        released(&month, &[("profile_id", PROFILE)]),
        released(&month, &[("env", "sandbox")]),
        released(&year, &[]),
        placed(&month),
        placed(&year),
        Case::new("/admin/escrow/report", PAYOUTS, &single_day),
        Case::new("/admin/escrow/report", PAYOUTS, &csv),
    ]
}

/// What is known of whole days: the usual month, a day, as many as there may be.
pub(super) fn completeness(samples: &Samples) -> Vec<Case> {
    let (yesterday, long_ago) = (samples.day(1), samples.day(399));
    let days =
        |query: &[(&'static str, &str)]| Case::new("/admin/completeness", "connector_day", query);
    vec![
        days(&[]),
        days(&[("profile_id", PROFILE)]),
        days(&[("from", &yesterday), ("to", &yesterday)]),
        days(&[("from", &long_ago), ("to", &yesterday)]),
    ]
}

/// Between two days of the shop's calendar, both of them with it.
fn within(column: &str, from: &str, to: &str) -> String {
    let zone = "AT TIME ZONE 'Asia/Singapore'";
    format!(
        "{column} >= '{from}'::date::timestamp {zone} \
         AND {column} < ('{to}'::date + 1)::timestamp {zone}"
    )
}

/// A report, whose cursors name what it is as of and the row that they are behind.
fn report(samples: &Samples, query: &[(&'static str, &str)], rows: &str) -> Case {
    let as_of = query.iter().find(|(name, _)| *name == "as_of");
    // A day counts to its end in the shop's zone; any moment before that will do.
    let as_of = match as_of {
        Some(_) => samples.before(6),
        None => samples.ends_at,
    };
    let place = |order: &str, offset: &str| {
        format!(
            "SELECT '{}_' || (extract(epoch FROM at) * 1000000)::bigint || '_' || ordersn \
             FROM ({rows}) AS reported ORDER BY at {order}, ordersn {order} OFFSET {offset} LIMIT 1",
            micros(as_of)
        )
    };
    let middle = place(
        "ASC",
        &format!("(SELECT count(*) / 2 FROM ({rows}) AS counted)"),
    );
    let last = place("DESC", &PAGE_ROWS.to_string());
    Case::new("/admin/escrow/report", PAYOUTS, query).by(middle, last)
}

pub(super) fn jobs() -> Vec<Case> {
    let list = |query: &[(&'static str, &str)], matching: &str| {
        let at = |order: &str, offset: &str| {
            format!(
                "SELECT id FROM public.schedule_run WHERE {matching} \
                 ORDER BY slot {order}, id {order} OFFSET {offset} LIMIT 1"
            )
        };
        let half = format!("(SELECT count(*) / 2 FROM public.schedule_run WHERE {matching})");
        Case::new("/admin/jobs/runs", "schedule_run", query)
            .by(at("DESC", &half), at("ASC", &PAGE_ROWS.to_string()))
    };
    let of_job = |job: &'static str| list(&[("job", job)], &format!("job = '{job}'"));
    vec![
        Case::new("/admin/jobs", "schedule_run", &[]),
        list(&[], "true"),
        of_job("lost-push-recovery"),
        of_job("reconcile-daily"),
        list(&[("state", "failed")], "state = 'failed'"),
        list(&[("state", "running")], "false"),
        list(
            &[("job", "escrow-backstop-daily"), ("state", "failed")],
            "job = 'escrow-backstop-daily' AND state = 'failed'",
        ),
    ]
}

/// Of the connection: what there is one or a few of.
pub(super) fn connection() -> Vec<Case> {
    const CONNECTOR: &str = "/admin/dashboard/connectors/shopee";
    const PROFILES: &str = "/admin/dashboard/connectors/shopee/profiles";
    let of_profile = |route: &'static str, tables: &'static str| {
        Case::new(route, tables, &[]).of("{id}", PROFILE)
    };
    vec![
        Case::new(CONNECTOR, "connector_profile", &[]),
        Case::new(CONNECTOR, "connector_profile", &[("env", "sandbox")]),
        Case::new(PROFILES, "connector_profile", &[]),
        Case::new(PROFILES, "connector_profile", &[("env", "sandbox")]),
        of_profile(
            "/admin/dashboard/connectors/shopee/profiles/{id}",
            "connector_profile",
        ),
        of_profile(
            "/admin/dashboard/connectors/shopee/profiles/{id}/locations",
            "connector_location",
        ),
        of_profile(
            "/admin/dashboard/connectors/shopee/profiles/{id}/diagnostics",
            "connector_call",
        ),
    ]
}
