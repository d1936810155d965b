//! Tell people of exceptions: together where they have one cause, not too often, and not at night
//! unless it cannot wait. What is told when is [`hawker_domain::alert::decide`]'s to say.
//!
//! Exceptions are the intention: whoever raises or clears one thinks of nothing else. Threads are
//! brought up to date with them and the messages are enqueued in one unit of work, so that of any
//! number of processes each message is composed by one, once for each sink. What a sink was away for is
//! replaced and not added to: it hears how things stand.

mod withdrawn;

use std::collections::BTreeMap;
use std::sync::Arc;

use hawker_domain::alert::{
    Alert, AlertPolicy, AlertThread, Decision, Manner, Notice, NoticeKind, TopicGroup, decide,
    manner,
};
use hawker_domain::exception::ErrorClass;
use hawker_domain::{IdSource, TenantSlug, Timestamp};
use hawker_ports::{Clock, Metrics, Store, StoreError, UnitOfWork};

use self::withdrawn::Withdrawn;

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
                    let withdrawn = Withdrawn::take(uow, &self.sinks, &tellings, None).await?;
                    for telling in tellings {
                        let tellings = std::slice::from_ref(&telling);
                        self.tell(tenant, tellings, &withdrawn, composed, now);
                        composed.keep([telling], now);
                    }
                }
                Manner::Together => {
                    let group = Some(&group);
                    let withdrawn = Withdrawn::take(uow, &self.sinks, &tellings, group).await?;
                    self.tell(tenant, &tellings, &withdrawn, composed, now);
                    composed.keep(tellings, now);
                }
            }
        }
        Ok(())
    }

    /// The messages about these threads for each sink, one for each kind, in the place of what that has
    /// not taken.
    fn tell(
        &self,
        tenant: &TenantSlug,
        tellings: &[Telling],
        withdrawn: &Withdrawn,
        composed: &mut Composed,
        now: Timestamp,
    ) {
        for sink in &self.sinks {
            let notices = Notice::of_together(&withdrawn.caught_up(sink, tellings), now);
            let notices = notices.iter();
            let alerts = notices.map(|notice| notice.to_sink(sink, tenant, &*self.ids));
            composed.alerts.extend(alerts);
        }
        for kind in NoticeKind::ALL {
            let of_kind = tellings.iter().filter(|telling| telling.kind == *kind);
            composed.messages.extend(Message::about(*kind, of_kind));
        }
    }
}

impl Message {
    fn about<'a>(kind: NoticeKind, tellings: impl Iterator<Item = &'a Telling>) -> Option<Self> {
        let threads: Vec<_> = tellings.map(|telling| &telling.thread).collect();
        let first = threads.first()?;
        Some(Self {
            about: match threads.as_slice() {
                [thread] => thread.id.to_string(),
                _ => first.topic.group().to_string(),
            },
            class: first.topic.class,
            kind,
            open: threads.iter().map(|thread| thread.open).sum(),
            causes: threads.len(),
        })
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
