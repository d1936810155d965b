//! Exceptions as a person sees them.

use super::Keyed;
use crate::testing::store::state::{ExceptionRow, State};
use crate::views::{ExceptionFilter, ExceptionSummary};

pub(super) fn summaries(state: &State, filter: &ExceptionFilter) -> Vec<Keyed<ExceptionSummary>> {
    let ExceptionFilter {
        status,
        class,
        order_sn,
    } = filter;
    let wanted = state.exceptions.iter().filter(|row| {
        status
            .as_ref()
            .is_none_or(|status| status == row.status.as_str())
            && class
                .as_ref()
                .is_none_or(|class| class == row.cause.class.as_str())
            && order_sn
                .as_ref()
                .is_none_or(|order_sn| row.subject.order_sn.as_ref() == Some(order_sn))
    });
    wanted
        .map(|row| ((row.first_seen_at, row.id.to_string()), summary(row)))
        .collect()
}

fn summary(row: &ExceptionRow) -> ExceptionSummary {
    ExceptionSummary {
        id: row.id.to_string(),
        error_class: row.cause.class.to_string(),
        cause: row.cause.key.clone(),
        environment: row.subject.environment.to_string(),
        order_sn: row.subject.order_sn.as_ref().map(ToString::to_string),
        message: row.cause.message.clone(),
        status: row.status.to_string(),
        retry_count: row.recurrences.into(),
        due_at: row.cause.due_at,
        raw_event_id: row.subject.event.map(|event| event.to_string()),
        first_seen_at: row.first_seen_at,
        last_seen_at: row.last_seen_at,
        resolved_at: row.resolution.as_ref().map(|resolution| resolution.at),
        resolved_by: row
            .resolution
            .as_ref()
            .map(|resolution| resolution.by.clone()),
    }
}
