//! Events as a person sees them.

use hawker_domain::event::Verdict;
use hawker_domain::ids::EventId;

use super::Keyed;
use crate::testing::store::state::{EventRow, Next, State};
use crate::views::{EventDetail, EventFilter, EventSummary};

pub(super) fn summaries(state: &State, filter: &EventFilter) -> Vec<Keyed<EventSummary>> {
    let EventFilter {
        order_sn,
        processed,
        source,
        code,
    } = filter;
    let wanted = state.events.iter().filter(|row| {
        let content = &row.event.content;
        order_sn
            .as_ref()
            .is_none_or(|order_sn| content.order_sn.as_ref() == Some(order_sn))
            && processed.is_none_or(|processed| processed != row.is_pending())
            && source
                .as_ref()
                .is_none_or(|source| source == row.event.source.as_str())
            && code.is_none_or(|code| code == content.code)
    });
    wanted
        .map(|row| {
            let place = (row.event.received_at, row.event.id.to_string());
            (place, summary(row))
        })
        .collect()
}

pub(super) fn detail(state: &State, id: EventId) -> Option<EventDetail> {
    let row = state.events.iter().find(|row| row.event.id == id)?;
    let event = &row.event;
    let (scheme, key) = match event.verdict {
        Some(Verdict::Genuine { scheme, key }) => (Some(scheme), Some(key)),
        Some(Verdict::Mismatch | Verdict::NoKey) | None => (None, None),
    };
    Some(EventDetail {
        summary: summary(row),
        profile_id: event.profile.as_ref().map(ToString::to_string),
        signature_scheme: scheme.map(|scheme| scheme.to_string()),
        signature_key: key.map(|key| key.to_string()),
        delivery_id: event.delivery_id.clone(),
        processed_at: row.done.map(|(at, _)| at),
        payload: serde_json::from_slice(&event.body)
            .unwrap_or_else(|_| String::from_utf8_lossy(&event.body).into()),
    })
}

fn summary(row: &EventRow) -> EventSummary {
    let event = &row.event;
    EventSummary {
        id: event.id.to_string(),
        received_at: event.received_at,
        environment: event.environment.to_string(),
        source: event.source.to_string(),
        code: event.content.code,
        order_sn: event.content.order_sn.as_ref().map(ToString::to_string),
        shop_id: event.content.shop.map(|shop| shop.0),
        signature_ok: event.verdict.map(Verdict::is_genuine),
        processed: !row.is_pending(),
        outcome: row.done.map(|(_, outcome)| outcome.to_string()),
        next_attempt_at: match row.next {
            Next::At(at) if row.is_pending() => Some(at),
            Next::At(_) | Next::Parked => None,
        },
    }
}
