//! `hawker events`.

mod signature;

use std::io;
use std::sync::Arc;

use anyhow::Context as _;
use hawker_domain::TenantSlug;
use hawker_domain::audit::Actor;
use hawker_domain::event::PushCode;
use hawker_domain::ids::EventId;
use hawker_ports::inbox::RetryOutcome;
use hawker_ports::views::{EventDetail, EventFilter, EventSummary, Page, Views as _};
use hawker_postgres::PgStore;
use hawker_usecases::RetryEvent;

use super::{more, order_sn, page};
use crate::cli::EventsCommand;
use crate::config::{Variables, database_url};
use crate::exit::Missing;
use crate::output::{self, Table, facts, line, or_dash, time};
use crate::system::system;
use crate::wiring;

pub(crate) async fn events(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: EventsCommand,
) -> anyhow::Result<()> {
    let store = || anyhow::Ok(wiring::store_for_command(&database_url(variables)?)?);
    match command {
        EventsCommand::List {
            order,
            pending,
            processed,
            source,
            code,
            list,
        } => {
            let filter = EventFilter {
                order_sn: order.as_deref().map(order_sn).transpose()?,
                processed: (pending || processed).then_some(processed),
                source,
                code,
            };
            let events = store()?.events(tenant, &filter, &page(list)).await?;
            if json {
                output::json(&events)
            } else {
                Ok(write_list(&events)?)
            }
        }
        EventsCommand::Show { id } => {
            let event = store()?.event(tenant, parse(&id)?).await?;
            let event = event.ok_or(Missing {
                what: "event",
                name: id,
            })?;
            if json {
                output::json(&event)
            } else {
                write_detail(&event)
            }
        }
        EventsCommand::Retry { id } => retry(store()?, tenant, json, id).await,
        EventsCommand::Signature { id } => signature::signature(variables, tenant, json, id).await,
        EventsCommand::VerifyAgain => signature::verify_again(variables, tenant, json).await,
    }
}

fn write_list(events: &Page<EventSummary>) -> io::Result<()> {
    if events.rows.is_empty() {
        return line("No events. They appear as soon as the marketplace pushes one.");
    }
    let headings = [
        "received (UTC)",
        "id",
        "what",
        "order",
        "source",
        "signature",
        "state",
    ];
    let mut table = Table::new(&headings);
    for event in &events.rows {
        table.row(row(event));
    }
    table.write()?;
    more(events.next.as_deref())
}

fn write_detail(event: &EventDetail) -> anyhow::Result<()> {
    let summary = &event.summary;
    let matched = event
        .signature_scheme
        .as_deref()
        .zip(event.signature_key.as_deref());
    let matched = matched.map(|(scheme, key)| format!("{scheme} with the {key} key"));
    let source = format!("{} ({})", summary.source, summary.environment);
    line(&format!("{}  {}", summary.id, what(summary.code)))?;
    facts(&[
        ("received", time(summary.received_at)),
        ("source", source),
        ("profile", or_dash(event.profile_id.as_deref())),
        ("order", or_dash(summary.order_sn.as_deref())),
        ("signature", signature(summary)),
        ("matched", or_dash(matched.as_deref())),
        ("delivery", or_dash(event.delivery_id.as_deref())),
        ("state", state(summary)),
        ("processed", output::time_or_dash(event.processed_at)),
    ])?;
    line("")?;
    output::json(&event.payload)
}

async fn retry(store: PgStore, tenant: &TenantSlug, json: bool, id: String) -> anyhow::Result<()> {
    let (clock, ids) = system();
    let retry = RetryEvent {
        store: Arc::new(store),
        clock,
        ids,
    };
    let retried = retry.run(tenant, &Actor::terminal(), parse(&id)?).await?;
    let (is_due, text) = match retried {
        RetryOutcome::Due => (true, "is due now; the running service works on it."),
        RetryOutcome::NothingToDo => (
            false,
            "concerns no order or cannot be trusted: there is nothing to do again.",
        ),
        RetryOutcome::NotFound => {
            return Err(Missing {
                what: "event",
                name: id,
            }
            .into());
        }
    };
    if json {
        return output::json(&serde_json::json!({ "id": id, "due": is_due }));
    }
    Ok(line(&format!("{id} {text}"))?)
}

fn parse(id: &str) -> anyhow::Result<EventId> {
    id.parse()
        .with_context(|| "an event has an id such as srev_01J…; `hawker events list` shows them")
}

fn row(event: &EventSummary) -> Vec<String> {
    vec![
        time(event.received_at),
        event.id.clone(),
        what(event.code),
        or_dash(event.order_sn.as_deref()),
        event.source.clone(),
        signature(event),
        state(event),
    ]
}

fn what(code: i32) -> String {
    format!("{code} {}", PushCode(code).name())
}

fn signature(event: &EventSummary) -> String {
    match event.signature_ok {
        Some(true) => "ok".into(),
        Some(false) => "does not match".into(),
        None => "not needed".into(),
    }
}

fn state(event: &EventSummary) -> String {
    match (event.processed, &event.outcome, event.next_attempt_at) {
        (true, Some(outcome), _) => outcome.clone(),
        (true, None, _) => "processed".into(),
        (false, _, Some(at)) => format!("due {}", time(at)),
        (false, _, None) => "waits".into(),
    }
}
