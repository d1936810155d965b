//! `hawker escrow report`: payouts of a stretch of time, as of a moment that it names.

use hawker_api::shown::{amount, payout_cells, payout_columns, payout_report};
use hawker_domain::{TenantSlug, Timestamp, Zone};
use hawker_ports::views::{
    EscrowReportQuery, EscrowReportRow, EscrowTotals, EscrowViews as _, PAGE_ROWS_MAX, PageRequest,
    ReportBy,
};
use hawker_postgres::PgStore;

use crate::cli::ReportArgs;
use crate::commands::choice::chosen;
use crate::config::{Config, Variables};
use crate::output::{self, Table, line, note, or_dash, time_or_dash};
use crate::period;
use crate::wiring::Adapters;

/// What is asked for, and what it has to be told with.
struct Wanted {
    query: EscrowReportQuery,
    as_of: Timestamp,
    zone: Zone,
}

pub(super) async fn report(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    args: ReportArgs,
) -> anyhow::Result<()> {
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    let csv = args.csv;
    let wanted = wanted(&adapters, tenant, args).await?;
    let store = &adapters.store;
    if csv {
        return write_csv(store, tenant, &wanted).await;
    }
    let totals = store.escrow_totals(tenant, &wanted.query).await?;
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = page(store, tenant, &wanted.query, after).await?;
        rows.extend(page.0);
        after = page.1;
        if after.is_none() {
            break;
        }
    }
    if json {
        let Wanted { query, as_of, zone } = wanted;
        return output::json(&payout_report(&query, as_of, zone, totals, rows));
    }
    Ok(write(&wanted, &rows, &totals)?)
}

async fn wanted(
    adapters: &Adapters,
    tenant: &TenantSlug,
    args: ReportArgs,
) -> anyhow::Result<Wanted> {
    let is_named = args.choice.profile.is_some();
    let card = chosen(&adapters.manage_profiles(), tenant, args.choice).await?;
    let (zone, now) = (card.region.zone(), adapters.clock.now());
    let window = period::window(args.from, Some(args.to), zone, now)?;
    let as_of = args.as_of.map(|when| when.end(zone)).transpose()?;
    // What is not known yet cannot be reported: such a report would change.
    let as_of = as_of.map_or(now, |as_of| as_of.min(now));
    let query = EscrowReportQuery {
        by: match args.by.as_str() {
            "placed" => ReportBy::Placed,
            _ => ReportBy::Released,
        },
        from: window.from,
        to: window.to,
        as_of: Some(as_of),
        profile: is_named.then_some(card.id),
        environment: card.environment,
    };
    Ok(Wanted { query, as_of, zone })
}

/// A page, and after what the next one follows.
async fn page(
    store: &PgStore,
    tenant: &TenantSlug,
    query: &EscrowReportQuery,
    after: Option<String>,
) -> anyhow::Result<(Vec<EscrowReportRow>, Option<String>)> {
    let request = PageRequest {
        limit: PAGE_ROWS_MAX,
        after,
    };
    let page = store.escrow_report(tenant, query, &request).await?;
    Ok((page.rows, page.next))
}

/// Writes the table while it is read: a page is in memory at a time.
async fn write_csv(store: &PgStore, tenant: &TenantSlug, wanted: &Wanted) -> anyhow::Result<()> {
    let mut text = payout_columns();
    let mut after = None;
    loop {
        let (rows, next) = page(store, tenant, &wanted.query, after).await?;
        text.extend(rows.into_iter().map(payout_cells));
        output::text(&text)?;
        text.clear();
        after = next;
        if after.is_none() {
            return Ok(note(&as_of(wanted))?);
        }
    }
}

fn write(
    wanted: &Wanted,
    rows: &[EscrowReportRow],
    totals: &[EscrowTotals],
) -> std::io::Result<()> {
    if rows.is_empty() {
        line("No payouts in this time.")?;
        return line(&as_of(wanted));
    }
    let mut table = Table::new(&[
        "order",
        "placed (UTC)",
        "released (UTC)",
        "version",
        "currency",
        "goods",
        "escrow amount",
        "adjustment",
        "payout",
        "unexplained",
    ]);
    for row in rows {
        let told = |of| amount(of, &row.currency);
        let unexplained = row.unexplained.filter(|rest| !rest.is_zero());
        table.row(vec![
            row.order_sn.clone(),
            time_or_dash(row.placed_at),
            time_or_dash(row.released_at),
            row.version.to_string(),
            row.currency.clone(),
            told(row.original_price),
            told(row.escrow_amount),
            told(row.adjustment),
            told(row.payout),
            unexplained.map_or_else(|| or_dash(None), told),
        ]);
    }
    table.write()?;
    line("\nIn all")?;
    write_totals(totals)?;
    line(&format!("\n{}", as_of(wanted)))
}

fn write_totals(totals: &[EscrowTotals]) -> std::io::Result<()> {
    let mut table = Table::new(&[
        "currency",
        "orders",
        "escrow amount",
        "adjustment",
        "payout",
        "fees",
        "unexplained",
    ]);
    for total in totals {
        let told = |of| amount(of, &total.currency);
        let unexplained = match total.unexplained_orders {
            0 => or_dash(None),
            orders => format!("{} in {orders} of them", told(total.unexplained)),
        };
        table.row(vec![
            total.currency.clone(),
            total.orders.to_string(),
            told(total.escrow_amount),
            told(total.adjustment),
            told(total.payout),
            told(total.fees),
            unexplained,
        ]);
    }
    table.write()
}

/// The moment with which the same report can be made again.
fn as_of(wanted: &Wanted) -> String {
    format!(
        "As it was known at {}: --as-of with this moment makes the same report at any time. Days are of {}.",
        wanted
            .as_of
            .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        wanted.zone.name()
    )
}
