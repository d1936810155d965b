//! Exceptions on the screen.

use std::io;

use hawker_api::shown::amount;
use hawker_ports::views::{Amount, ExceptionDetail, ExceptionGroups, ExceptionSummary, Page};

use crate::commands::more;
use crate::output::{Table, facts, line, or_dash, time, time_or_dash};

pub(super) fn list(exceptions: &Page<ExceptionSummary>) -> io::Result<()> {
    if exceptions.rows.is_empty() {
        return line("Nothing needs you.");
    }
    let mut table = Table::new(&[
        "id",
        "last seen (UTC)",
        "class",
        "order",
        "times",
        "due (UTC)",
        "status",
        "who",
        "message",
    ]);
    for exception in &exceptions.rows {
        table.row(vec![
            exception.id.clone(),
            time(exception.last_seen_at),
            exception.error_class.clone(),
            or_dash(exception.order_sn.as_deref()),
            times(exception),
            time_or_dash(exception.due_at),
            status(exception),
            or_dash(exception.assignee.as_deref()),
            exception.message.clone(),
        ]);
    }
    table.write()?;
    more(exceptions.next.as_deref())
}

fn times(exception: &ExceptionSummary) -> String {
    (exception.retry_count + 1).to_string()
}

fn status(exception: &ExceptionSummary) -> String {
    match exception.snoozed_until {
        Some(until) => format!("{}, snoozed until {}", exception.status, time(until)),
        None => exception.status.clone(),
    }
}

pub(super) fn groups(found: &ExceptionGroups) -> io::Result<()> {
    let ExceptionGroups { groups, total } = found;
    if groups.is_empty() {
        return line("Nothing needs you.");
    }
    let mut table = Table::new(&[
        "class",
        "cause",
        "open",
        "snoozed",
        "orders",
        "at stake",
        "ship by (UTC)",
        "due (UTC)",
        "last seen (UTC)",
        "env",
        "message",
    ]);
    for group in groups {
        table.row(vec![
            group.error_class.clone(),
            group.cause.clone(),
            group.open.to_string(),
            group.snoozed.to_string(),
            group.orders.to_string(),
            at_stake(&group.at_stake),
            time_or_dash(group.earliest_ship_by),
            time_or_dash(group.earliest_due_at),
            time(group.last_seen_at),
            group.environment.clone(),
            group.message.clone(),
        ]);
    }
    table.write()?;
    let shown: i64 = groups.iter().map(|_| 1).sum();
    if shown < *total {
        line(&format!(
            "\n{} more causes are not shown; narrow them down: `hawker exceptions groups --class CLASS`",
            total - shown
        ))?;
    }
    line("\nAll of a cause at once: `hawker exceptions retry --class CLASS --cause CAUSE`")
}

fn at_stake(amounts: &[Amount]) -> String {
    let told = |one: &Amount| format!("{} {}", one.currency, amount(one.amount, &one.currency));
    let told: Vec<_> = amounts.iter().map(told).collect();
    or_dash(Some(&told.join(", ")))
}

pub(super) fn detail(exception: &ExceptionDetail) -> io::Result<()> {
    let summary = &exception.summary;
    line(&format!(
        "{}  {}  {}",
        summary.id,
        summary.error_class,
        status(summary)
    ))?;
    line(&format!("  {}", summary.message))?;
    let worth = summary.order_total.zip(summary.currency.as_deref());
    let worth = worth.map(|(total, currency)| format!("{currency} {}", amount(total, currency)));
    let resolved = summary.resolved_at.map(|at| {
        let by = summary.resolved_by.as_deref().unwrap_or("hawker");
        format!("{} by {by}", time(at))
    });
    facts(&[
        ("cause", summary.cause.clone()),
        ("environment", summary.environment.clone()),
        ("profile", or_dash(exception.profile_id.as_deref())),
        ("order", or_dash(summary.order_sn.as_deref())),
        ("worth", or_dash(worth.as_deref())),
        ("ship by (UTC)", time_or_dash(summary.ship_by)),
        ("due (UTC)", time_or_dash(summary.due_at)),
        ("times", times(summary)),
        ("first seen (UTC)", time(summary.first_seen_at)),
        ("last seen (UTC)", time(summary.last_seen_at)),
        ("event", or_dash(summary.raw_event_id.as_deref())),
        ("assigned to", or_dash(summary.assignee.as_deref())),
        ("closed", or_dash(resolved.as_deref())),
    ])?;
    if !exception.notes.is_empty() {
        line("\nNotes (UTC)")?;
        let mut table = Table::new(&["when", "who", "what"]);
        for note in &exception.notes {
            table.row(vec![time(note.at), note.by.clone(), note.text.clone()]);
        }
        table.write()?;
    }
    if !exception.retries.is_empty() {
        line("\nRetries (UTC)")?;
        let mut table = Table::new(&["when", "together as", "result"]);
        for retry in &exception.retries {
            table.row(vec![
                time(retry.at),
                retry.batch.clone(),
                retry.result.clone(),
            ]);
        }
        table.write()?;
    }
    if !exception.before.is_empty() {
        line("\nThe same before (UTC)")?;
        let mut table = Table::new(&["first seen", "last seen", "times", "status", "by", "id"]);
        for earlier in &exception.before {
            table.row(vec![
                time(earlier.first_seen_at),
                time(earlier.last_seen_at),
                times(earlier),
                earlier.status.clone(),
                or_dash(earlier.resolved_by.as_deref()),
                earlier.id.clone(),
            ]);
        }
        table.write()?;
    }
    Ok(())
}
