//! What was to be told and no sink has taken: something newer is told in its place, and says what it would
//! have said.

use std::collections::{BTreeMap, BTreeSet};

use hawker_domain::alert::{Alert, AlertPayload, AlertThread, NoticeKind, TopicGroup};
use hawker_domain::ids::AlertThreadId;
use hawker_ports::{StoreError, UnitOfWork};

use super::Telling;

/// What was taken back.
pub(super) struct Withdrawn {
    /// Of each sink and thread, oldest first.
    waiting: BTreeMap<(String, AlertThreadId), Vec<AlertPayload>>,
    /// Threads of which nothing is to be told now, but was in what was taken back.
    others: Vec<AlertThread>,
}

impl Withdrawn {
    /// Takes back what these sinks have not taken of these threads; with a group also what tells of many
    /// of it, and then all that is told of those.
    pub(super) async fn take(
        uow: &mut dyn UnitOfWork,
        sinks: &[String],
        tellings: &[Telling],
        group: Option<&TopicGroup>,
    ) -> Result<Self, StoreError> {
        let told: BTreeSet<_> = tellings.iter().map(|telling| telling.thread.id).collect();
        let keys = told.iter().map(ToString::to_string);
        let keys: Vec<_> = keys.chain(group.map(ToString::to_string)).collect();
        let mut alerts = uow.alerts().withdraw(&keys, sinks).await?;
        let of_many = alerts.iter().flat_map(|alert| &alert.threads);
        let others: BTreeSet<_> = of_many.copied().filter(|id| !told.contains(id)).collect();
        let others: Vec<_> = others.into_iter().collect();
        if others.is_empty() {
            return Ok(Self::new(alerts, Vec::new()));
        }
        let keys: Vec<_> = others.iter().map(ToString::to_string).collect();
        alerts.extend(uow.alerts().withdraw(&keys, sinks).await?);
        alerts.sort_by_key(|alert| alert.id);
        let others = uow.alert_threads().find(&others).await?;
        Ok(Self::new(alerts, others))
    }

    fn new(alerts: Vec<Alert>, others: Vec<AlertThread>) -> Self {
        let mut waiting = BTreeMap::<_, Vec<_>>::new();
        for alert in alerts {
            let Alert {
                sink,
                payload,
                mut threads,
                ..
            } = alert;
            // Of one about many, the group is no id.
            let of_one: Option<AlertThreadId> =
                payload.thread().and_then(|thread| thread.parse().ok());
            threads.extend(of_one);
            for thread in threads {
                let waiting = waiting.entry((sink.clone(), thread)).or_default();
                waiting.push(payload.clone());
            }
        }
        Self { waiting, others }
    }

    /// Of which threads a sink is to be told what, in the place of what it has not taken.
    pub(super) fn caught_up(
        &self,
        sink: &str,
        tellings: &[Telling],
    ) -> Vec<(AlertThread, NoticeKind)> {
        let due = tellings.iter().map(|telling| {
            let Telling { thread, kind, .. } = telling;
            thread.caught_up(*kind, &self.waiting(sink, thread))
        });
        let others = self.others.iter();
        let others = others.filter_map(|thread| thread.retold(&self.waiting(sink, thread)));
        due.chain(others).collect()
    }

    fn waiting(&self, sink: &str, thread: &AlertThread) -> Vec<&AlertPayload> {
        let waiting = self.waiting.get(&(sink.to_owned(), thread.id));
        waiting.into_iter().flatten().collect()
    }
}
