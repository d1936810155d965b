//! The audit log as a person sees it.

use hawker_domain::audit::AuditEntry;

use super::Keyed;
use crate::testing::store::state::State;
use crate::views::{AuditFilter, AuditRow};

pub(super) fn rows(state: &State, filter: &AuditFilter) -> Vec<Keyed<AuditRow>> {
    let AuditFilter { subject, action } = filter;
    let wanted = state.audit.iter().filter(|entry| {
        subject
            .as_ref()
            .is_none_or(|subject| *subject == entry.subject)
            && action.as_ref().is_none_or(|action| action == entry.action)
    });
    wanted
        .map(|entry| ((entry.at, entry.id.to_string()), row(entry)))
        .collect()
}

fn row(entry: &AuditEntry) -> AuditRow {
    AuditRow {
        id: entry.id.to_string(),
        at: entry.at,
        actor: entry.actor.as_str().to_owned(),
        action: entry.action.to_owned(),
        subject: entry.subject.clone(),
        details: entry.details.clone().into(),
    }
}
