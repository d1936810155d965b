//! Tell people of exceptions: together where they have one cause, not too often, and not at night
//! unless it cannot wait. What is told when is [`hawker_domain::alert::decide`]'s to say.
//!
//! Exceptions are the intention: whoever raises or clears one thinks of nothing else. Threads are
//! brought up to date with them and the messages are enqueued in one unit of work, so that of any
//! number of processes each message is composed by one, once for each sink. What a sink was away for is
//! replaced and not added to: it hears how things stand.

use std::collections::BTreeMap;
use std::sync::Arc;

use hawker_domain::alert::{
    Alert, AlertPolicy, AlertThread, Decision, Manner, Notice, NoticeKind, TopicGroup, decide,
    manner,
};
use hawker_domain::exception::ErrorClass;
use hawker_domain::{IdSource, TenantSlug, Timestamp};
use hawker_ports::{Clock, Metrics, Store, StoreError, UnitOfWork};

/// Threads that are looked at in one go; the others are due still. Many that are due at once are told
/// of together, so these are many.
const THREADS_PER_RUN: u32 = 1000;

/// Composes the messages of threads.
pub struct TellAlerts {
    /// Where exceptions, threads and alerts are.
    pub store: Arc<dyn Store>,
    /// How patiently they are told.
    pub policy: AlertPolicy,
    /// The names of the sinks that each message goes to.
    pub sinks: Vec<String>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// Counts.
    pub metrics: Arc<dyn Metrics>,
}

/// A thread of which something is to be told.
struct Telling {
    thread: AlertThread,
    kind: NoticeKind,
    /// When it is looked at next, once it was told.
    look_at: Option<Timestamp>,
}

/// What one look comes to.
#[derive(Default)]
struct Composed {
    alerts: Vec<Alert>,
    /// What is kept of each thread, and when it is due next.
    kept: Vec<(AlertThread, Option<Timestamp>)>,
    messages: Vec<Message>,
}

/// A message, for the log.
struct Message {
    about: String,
    class: ErrorClass,
    kind: NoticeKind,
    open: u64,
    causes: usize,
}

impl TellAlerts {
    /// Looks at the threads that are due; answers how many messages were composed.
    pub async fn run(&self, tenant: &TenantSlug) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        uow.alert_threads().gather(now).await?;
        let due = uow.alert_threads().due(now, THREADS_PER_RUN).await?;
        let mut composed = Composed::default();
        let mut groups = BTreeMap::<TopicGroup, Vec<Telling>>::new();
        for thread in due {
            let Decision { tell, look_at } = decide(&thread, &self.policy, now);
            match tell {
                Some(kind) => groups
                    .entry(thread.topic.group())
                    .or_default()
                    .push(Telling {
                        thread,
                        kind,
                        look_at,
                    }),
                None => composed.kept.push((thread, look_at)),
            }
        }
        if !groups.is_empty() {
            self.compose(&mut *uow, tenant, groups, &mut composed, now)
                .await?;
        }
        uow.alert_threads().keep(&composed.kept).await?;
        uow.alerts().enqueue(&composed.alerts, now).await?;
        uow.commit().await?;
        for Message {
            about,
            class,
            kind,
            open,
            causes,
        } in &composed.messages
        {
            self.metrics.alert_told(kind.as_str());
            tracing::info!(event = "alert.told", thread_id = %about, error_class = %class, kind = %kind, open, causes);
        }
        Ok(composed.messages.iter().map(|_| 1).sum())
    }

    /// One by one, together, or not yet: as many as there are, and were lately.
    async fn compose(
        &self,
        uow: &mut dyn UnitOfWork,
        tenant: &TenantSlug,
        groups: BTreeMap<TopicGroup, Vec<Telling>>,
        composed: &mut Composed,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let moment = now - self.policy.lately();
        let lately = uow.alert_threads().told_after(moment).await?;
        for (group, tellings) in groups {
            let told = lately.iter().find(|told| told.group == group);
            let due = tellings.iter().map(|_| 1).sum();
            match manner(due, told, &self.policy) {
                Manner::Later(at) => {
                    let waiting = tellings.into_iter().map(|told| (told.thread, Some(at)));
                    composed.kept.extend(waiting);
                }
                Manner::OneByOne => {
                    let withdrawn = withdraw(uow, &tellings).await?;
                    for telling in tellings {
                        self.tell_one(tenant, telling, &withdrawn, composed, now);
                    }
                }
                Manner::Together => {
                    // Each is among those that are told of, whatever was to be told of it before.
                    withdraw(uow, &tellings).await?;
                    for kind in NoticeKind::ALL {
                        self.tell_many(tenant, *kind, &tellings, composed, now);
                    }
                    composed.keep(tellings, now);
                }
            }
        }
        Ok(())
    }

    /// The message about a thread for each sink, in the place of what that has not taken.
    fn tell_one(
        &self,
        tenant: &TenantSlug,
        telling: Telling,
        withdrawn: &[Alert],
        composed: &mut Composed,
        now: Timestamp,
    ) {
        let Telling { thread, kind, .. } = &telling;
        let id = thread.id.to_string();
        let alerts = self.sinks.iter().map(|sink| {
            let mut withdrawn = withdrawn.iter();
            let waiting = withdrawn
                .rfind(|alert| alert.sink == *sink && alert.payload.thread() == Some(id.as_str()));
            let waiting = waiting.map(|alert| &alert.payload);
            let notice = Notice::of_thread(thread, *kind, waiting, now);
            notice.to_sink(sink, tenant, &*self.ids)
        });
        composed.alerts.extend(alerts);
        composed.messages.push(Message {
            about: id,
            class: thread.topic.class,
            kind: *kind,
            open: thread.open,
            causes: 1,
        });
        composed.keep([telling], now);
    }

    /// The message about all threads of a kind for each sink.
    fn tell_many(
        &self,
        tenant: &TenantSlug,
        kind: NoticeKind,
        tellings: &[Telling],
        composed: &mut Composed,
        now: Timestamp,
    ) {
        let of_kind = tellings.iter().filter(|telling| telling.kind == kind);
        let threads: Vec<_> = of_kind.map(|telling| telling.thread.clone()).collect();
        let Some(notice) = Notice::of_many(&threads, kind, now) else {
            return;
        };
        let sinks = self.sinks.iter();
        let alerts = sinks.map(|sink| notice.to_sink(sink, tenant, &*self.ids));
        composed.alerts.extend(alerts);
        composed.messages.push(Message {
            about: notice.payload().thread().unwrap_or_default().to_owned(),
            class: notice.payload().error_class,
            kind,
            open: threads.iter().map(|thread| thread.open).sum(),
            causes: threads.len(),
        });
    }
}

impl Composed {
    fn keep(&mut self, told: impl IntoIterator<Item = Telling>, now: Timestamp) {
        let kept = told.into_iter().map(|telling| {
            let thread = telling.thread.after(telling.kind, now);
            (thread, telling.look_at)
        });
        self.kept.extend(kept);
    }
}

/// Takes back what no sink has taken yet of these.
async fn withdraw(
    uow: &mut dyn UnitOfWork,
    tellings: &[Telling],
) -> Result<Vec<Alert>, StoreError> {
    let ids: Vec<_> = tellings.iter().map(|telling| telling.thread.id).collect();
    uow.alerts().withdraw(&ids).await
}
