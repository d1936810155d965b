//! What is written to a chat, as Telegram's HTML: the documented lines, and what kind of message it is.
//!
//! Everything that comes from outside is escaped and cut, so that no order, listing or answer of the
//! marketplace makes a message that Telegram refuses.

use chrono::SecondsFormat;
use hawker_domain::alert::{AlertPayload, NoticeKind};
use serde_json::Value;

use crate::sign::sign_of;

/// Telegram takes 4096 of its units after the entities are parsed (core.telegram.org/bots/api#sendmessage).
/// The longest message and the longest of all other members together are shorter.
const MESSAGE_UNITS_MAX: usize = 3000;

/// Of any other member.
const MEMBER_UNITS_MAX: usize = 100;

/// Orders that are named.
const ORDERS_MAX: usize = 5;

/// The text of an alert.
pub(super) fn html(payload: &AlertPayload) -> String {
    let kind = payload.details.get("kind").and_then(Value::as_str);
    let detail = |name: &str| payload.details.get(name).and_then(Value::as_str);
    let mut text = headline(payload, kind);
    let class = code(payload.error_class.as_str());
    // Whose it is needs no saying where there is but one.
    let tenant = detail("tenant").filter(|tenant| *tenant != "default");
    let places: Vec<_> = [detail("environment"), tenant]
        .into_iter()
        .flatten()
        .map(member)
        .collect();
    if places.is_empty() {
        line(&mut text, &class);
    } else {
        line(&mut text, &format!("{class} ({})", places.join(", ")));
    }
    if let Some(order) = &payload.ordersn {
        line(&mut text, &format!("Order: {}", code(order)));
    } else if let Some(orders) = orders(payload) {
        line(&mut text, &format!("Orders: {orders}"));
    }
    let message = escaped(&cut(&payload.message, MESSAGE_UNITS_MAX));
    line(&mut text, &format!("Message: {message}"));
    if let Some(due_at) = detail("due_at") {
        line(&mut text, &format!("Due: {}", member(due_at)));
    }
    let exception = code(&payload.exception_id);
    line(&mut text, &format!("Exception: {exception}"));
    if let Some(event) = &payload.raw_event_id {
        line(&mut text, &format!("Raw event: {}", code(event)));
    }
    let at = payload
        .occurred_at
        .to_rfc3339_opts(SecondsFormat::Secs, true);
    line(&mut text, &format!("At: {at}"));
    text
}

fn headline(payload: &AlertPayload, kind: Option<&str>) -> String {
    let sign = sign_of(payload.error_class);
    let connector = payload.connector.title();
    if kind == Some("test") {
        return "🔔 <b>Hawker: a test</b>".to_owned();
    }
    // A kind that is not known is told as what it is in any case.
    match kind.and_then(|kind| kind.parse().ok()) {
        Some(NoticeKind::Opened) | None => format!("{sign} <b>{connector} connector failure</b>"),
        Some(NoticeKind::More) => format!("{sign} <b>{connector} connector failure: more</b>"),
        Some(NoticeKind::Reminder) => {
            format!("⏳ {sign} <b>{connector} connector failure: still open</b>")
        }
        Some(NoticeKind::Recovered) => format!("✅ <b>{connector} connector failure: over</b>"),
    }
}

/// Some of the orders, where it is about several.
fn orders(payload: &AlertPayload) -> Option<String> {
    let named = payload.details.get("orders")?.as_array()?;
    let named = named.iter().filter_map(Value::as_str).take(ORDERS_MAX);
    let named: Vec<_> = named.map(code).collect();
    (!named.is_empty()).then(|| named.join(", "))
}

fn line(text: &mut String, line: &str) {
    text.push('\n');
    text.push_str(line);
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", member(text))
}

fn member(text: &str) -> String {
    escaped(&cut(text, MEMBER_UNITS_MAX))
}

/// The text where it is short enough, else as much of it as fits with a sign that something is missing.
/// Telegram counts in units of UTF-16; no character is cut in half.
fn cut(text: &str, units_max: usize) -> String {
    if text.encode_utf16().count() <= units_max {
        return text.to_owned();
    }
    let mut units = 1;
    let mut kept: String = text
        .chars()
        .take_while(|character| {
            units += character.len_utf16();
            units <= units_max
        })
        .collect();
    kept.push('…');
    kept
}

/// The three characters that mean something in Telegram's HTML (core.telegram.org/bots/api#html-style).
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
