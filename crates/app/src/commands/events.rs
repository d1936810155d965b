//! `hawker events`.

use std::sync::Arc;

use anyhow::Context as _;
use hawker_domain::TenantSlug;
use hawker_domain::event::PushCode;
use hawker_domain::ids::EventId;
use hawker_ports::inbox::RetryOutcome;
use hawker_ports::views::{EventFilter, EventSummary, Views as _};
use hawker_usecases::RetryEvent;

use super::{more, order_sn, page};
use crate::cli::EventsCommand;
use crate::config::{Variables, database_url};
use crate::exit::Missing;
use crate::output::{self, Table, line, or_dash, time};
use crate::system::system;
use crate::wiring;

pub(crate) async fn events(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: EventsCommand,
) -> anyhow::Result<()> {
    let store = wiring::store_for_command(&database_url(variables)?)?;
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
            let events = store.events(tenant, &filter, &page(list)).await?;
            if json {
                return output::json(&events);
            }
            if events.rows.is_empty() {
                return Ok(line(
                    "No events. They appear as soon as the marketplace pushes one.",
                )?);
            }
            let mut table = Table::new(&[
                "received (UTC)",
                "id",
                "what",
                "order",
                "source",
                "signature",
                "state",
            ]);
            for event in &events.rows {
                table.row(row(event));
            }
            table.write()?;
            Ok(more(events.next.as_deref())?)
        }
        EventsCommand::Show { id } => {
            let event = store.event(tenant, parse(&id)?).await?;
            let event = event.ok_or(Missing {
                what: "event",
                name: id,
            })?;
            if json {
                return output::json(&event);
            }
            let summary = &event.summary;
            line(&format!("{}  {}", summary.id, what(summary.code)))?;
            let facts = [
                ("received", time(summary.received_at)),
                (
                    "source",
                    format!("{} ({})", summary.source, summary.environment),
                ),
                ("profile", or_dash(event.profile_id.as_deref())),
                ("order", or_dash(summary.order_sn.as_deref())),
                ("signature", signature(summary)),
                (
                    "matched",
                    or_dash(
                        event
                            .signature_scheme
                            .as_deref()
                            .zip(event.signature_key.as_deref())
                            .map(|(scheme, key)| format!("{scheme} with the {key} key"))
                            .as_deref(),
                    ),
                ),
                ("delivery", or_dash(event.delivery_id.as_deref())),
                ("state", state(summary)),
                ("processed", output::time_or_dash(event.processed_at)),
            ];
            for (name, value) in facts {
                line(&format!("  {name:<10} {value}"))?;
            }
            line("")?;
            output::json(&event.payload)
        }
        EventsCommand::Retry { id } => {
            let (clock, _) = system();
            let retry = RetryEvent {
                store: Arc::new(store),
                clock,
            };
            let outcome = retry.run(tenant, parse(&id)?).await?;
            let text = match outcome {
                RetryOutcome::Due => format!("{id} is due now; the running service works on it."),
                RetryOutcome::NothingToDo => {
                    format!(
                        "{id} concerns no order or cannot be trusted: there is nothing to do again."
                    )
                }
                RetryOutcome::NotFound => {
                    return Err(Missing {
                        what: "event",
                        name: id,
                    }
                    .into());
                }
            };
            if json {
                return output::json(
                    &serde_json::json!({ "id": id, "due": outcome == RetryOutcome::Due }),
                );
            }
            Ok(line(&text)?)
        }
    }
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
