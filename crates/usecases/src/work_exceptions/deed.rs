//! What was done to exceptions, as the audit log tells it: one entry for each portion, with the ids.

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::ids::ExceptionId;
use hawker_ports::exception_desk::{ExceptionSelector, Selection};
use hawker_ports::{StoreError, UnitOfWork};
use serde_json::{Map, Value};

use super::WorkExceptions;

/// What was done.
pub(super) struct Deed {
    action: &'static str,
    details: Map<String, Value>,
}

impl Deed {
    pub(super) fn new(action: &'static str) -> Self {
        Self {
            action,
            details: Map::new(),
        }
    }

    pub(super) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.details.insert(name.to_owned(), value.into());
        }
        self
    }
}

impl WorkExceptions {
    /// Writes down what was done to which exceptions; nothing where it was done to none.
    pub(super) async fn record(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: &Actor,
        selection: &Selection,
        deed: Deed,
        ids: &[ExceptionId],
    ) -> Result<(), StoreError> {
        let Some(first) = ids.first() else {
            return Ok(());
        };
        let subject = match ids {
            [id] => format!("exception:{id}"),
            _ => "exceptions".to_owned(),
        };
        let now = self.clock.now();
        let mut entry = AuditEntry::new(actor, deed.action, subject, now, &*self.ids);
        entry.details = deed.details;
        let named: Vec<_> = ids.iter().map(ToString::to_string).collect();
        entry = entry.with("ids", named);
        if let Selection::Matching(selector) = selection {
            entry = entry.with("selection", told(selector));
        }
        tracing::info!(event = deed.action, exceptions = ids.len(), first = %first);
        uow.audit().record(&[entry]).await
    }
}

/// A selector as the audit log tells it.
fn told(selector: &ExceptionSelector) -> Map<String, Value> {
    let ExceptionSelector {
        class,
        cause,
        environment,
        profile,
        order_sn,
        assignee,
    } = selector;
    let members = [
        ("class", class.map(|class| class.to_string())),
        ("cause", cause.clone()),
        ("environment", environment.map(|it| it.to_string())),
        ("profile", profile.as_ref().map(ToString::to_string)),
        ("order_sn", order_sn.as_ref().map(ToString::to_string)),
        ("assignee", assignee.clone()),
    ];
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
        .collect()
}
