//! The words for each event.
//!
//! An event that this file does not know is told with its name and fields, so that nothing the
//! product says is lost.

use super::log_line::LogLine;
use super::story::Tone;
use super::{jobs, pushes};

/// Mark, tone and words of an event.
pub fn sentence(event: &str, line: &LogLine) -> (&'static str, Tone, String) {
    match event {
        "push.received" => push(line),
        "order.created" => ("●", Tone::Fresh, new_order(line)),
        "order.payment_captured" => ("$", Tone::Moving, with("paid", money(line))),
        "order.shipment_created" => ("▣", Tone::Moving, "shipment arranged".to_owned()),
        "order.fulfilled" => (
            "➤",
            Tone::Moving,
            "shipped: the pieces leave the stock".to_owned(),
        ),
        "order.completed" => ("✓", Tone::Good, "completed".to_owned()),
        "order.cancelled" | "order.canceled" => (
            "✗",
            Tone::Waiting,
            "cancelled: its reservations are free again".to_owned(),
        ),
        "order.reopened" => ("↺", Tone::Waiting, with("reopened", line.shown("status"))),
        "order.status_recorded" => ("·", Tone::Plain, with("now", line.shown("status"))),
        "order.shipment_updated" => ("▣", Tone::Quiet, "its parcel has news".to_owned()),
        "order.address_changed" => ("·", Tone::Plain, "its address has changed".to_owned()),
        "order.lines_changed" => ("±", Tone::Plain, "its lines have changed".to_owned()),
        "order.held" => {
            let skus = line
                .shown("skus")
                .or_else(|| line.shown("sku"))
                .unwrap_or_default();
            (
                "‖",
                Tone::Waiting,
                format!("held: nobody here knows the SKU {}", spaced(&skus)),
            )
        }
        "exception.opened" => ("!", Tone::Bad, exception(line)),
        "exception.resolved" => match line.number("count") {
            Some(count) if count > 1 => ("✓", Tone::Good, format!("{count} exceptions resolved")),
            _ => ("✓", Tone::Good, "exception resolved".to_owned()),
        },
        "push.recovered" => (
            "↩",
            Tone::Good,
            with("lost push recovered", Some(pushes::about(line))),
        ),
        "order.differs" => ("≠", Tone::Waiting, difference(line).to_owned()),
        "escrow.captured" => ("$", Tone::Good, with("paid out", payout(line))),
        "escrow.changed" => ("$", Tone::Moving, changed_payout(line)),
        "job.done" => ("↻", Tone::Quiet, jobs::done(line)),
        "authorisation.came_back" => (
            "⚷",
            Tone::Quiet,
            with("the seller is back", line.shown("status")),
        ),
        "shop.authorised" => (
            "⚷",
            Tone::Good,
            with("the shop is authorised by way of", line.shown("profile_id")),
        ),
        "token.renewed" => (
            "⚷",
            Tone::Quiet,
            with("token pair renewed, good until", until(line)),
        ),
        "alert" => (
            "✉",
            Tone::Quiet,
            with("alert in the log", line.shown("error_class")),
        ),
        "alert.delivered" => (
            "✉",
            Tone::Quiet,
            with("alert handed over", line.shown("sink")),
        ),
        "alert.failed" => (
            "✉",
            Tone::Bad,
            with("alert not handed over", line.shown("error")),
        ),
        "service.started" => (
            "▲",
            Tone::Good,
            with("the service listens", line.shown("address")),
        ),
        _ => {
            let tone = if line.is_trouble() {
                Tone::Bad
            } else {
                Tone::Quiet
            };
            let words = match line.text("message") {
                Some(message) => with_rest(&format!("{event}: {message}"), line),
                None => with_rest(event, line),
            };
            (if line.is_trouble() { "!" } else { "·" }, tone, words)
        }
    }
}

/// The order number has a column of its own.
fn exception(line: &LogLine) -> String {
    let mut message = line.shown("message").unwrap_or_default();
    if let Some(order) = line.text("order_sn") {
        message = message.replace(&format!("Order {order}"), "This order");
        message = message.replace(&format!("order {order}"), "this order");
    }
    match line.text("error_class") {
        Some(class) => format!("exception {class}: {message}"),
        None => format!("exception: {message}"),
    }
}

/// Genuine pushes are told together (`pushes`); this is for the others, and for tests of one.
fn push(line: &LogLine) -> (&'static str, Tone, String) {
    let about = pushes::about(line);
    if pushes::is_forged(line) {
        let words = format!("push ({about}) with a wrong signature: kept, not believed");
        return ("→", Tone::Bad, words);
    }
    ("→", Tone::Quiet, format!("push: {about}"))
}

fn new_order(line: &LogLine) -> String {
    let lines = line.number("lines").map(|lines| match lines {
        1 => "1 line".to_owned(),
        _ => format!("{lines} lines"),
    });
    let cash = line
        .is_true("cash_on_delivery")
        .then(|| "cash on delivery".to_owned());
    let parts = [Some("new order".to_owned()), lines, money(line), cash];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn money(line: &LogLine) -> Option<String> {
    let total = line.shown("total")?;
    Some(match line.text("currency") {
        Some(currency) if !total.contains(currency) => format!("{total} {currency}"),
        _ => total,
    })
}

fn with(words: &str, more: Option<String>) -> String {
    match more {
        Some(more) => format!("{words}: {more}"),
        None => words.to_owned(),
    }
}

pub fn with_rest(words: &str, line: &LogLine) -> String {
    let rest = line.rest();
    if rest.is_empty() {
        words.to_owned()
    } else {
        format!("{words}  {rest}")
    }
}

fn payout(line: &LogLine) -> Option<String> {
    let amount = line.shown("amount")?;
    Some(format!(
        "{amount} {}",
        line.text("currency").unwrap_or_default()
    ))
}

/// What comparing lists has shown of an order.
fn difference(line: &LogLine) -> &'static str {
    match line.text("difference") {
        Some("missing") => "no push told of it: the marketplace lists it, it is asked for",
        _ => "the marketplace lists another status: it is asked for",
    }
}

/// A new version of a payout, and why there is one.
fn changed_payout(line: &LogLine) -> String {
    let adjusted = match line.text("adjusted") {
        None | Some("0") => String::new(),
        Some(adjusted) => format!(", adjusted by {adjusted}"),
    };
    let cause = line.text("cause").unwrap_or("changed");
    let payout = payout(line).unwrap_or_default();
    format!("payout has a new version ({cause}): {payout}{adjusted}")
}

/// The time of day at which a token ends.
fn until(line: &LogLine) -> Option<String> {
    let ends = line.shown("expires_at")?;
    ends.get(11..19).map(str::to_owned)
}

fn spaced(list: &str) -> String {
    list.split(',')
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(", ")
}
