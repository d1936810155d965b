//! Threads of alerts: exceptions of one cause are told together, with a count, and not one by one.
//!
//! A thread opens with the first exception of its cause and recovers when none is open any more.
//! [`decide`] says what is told of it and when it is looked at next; it is pure, so that a burst of
//! ten thousand, a cause that flaps and a night's rest are matters of a table of cases.

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use chrono::TimeDelta;

use super::{AlertPayload, QuietHours};
use crate::channel::named;
use crate::exception::ErrorClass;
use crate::ids::{AlertThreadId, ProfileId};
use crate::{ConnectorName, Environment, Timestamp};

/// What the exceptions of a thread have in common.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic {
    /// The connector.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile, where one was recognised.
    pub profile: Option<ProfileId>,
    /// The class.
    pub class: ErrorClass,
    /// The cause's key.
    pub cause: String,
}

/// What many threads have in common when there is one kind of trouble with many causes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicGroup {
    /// The connector.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile, where one was recognised.
    pub profile: Option<ProfileId>,
    /// The class.
    pub class: ErrorClass,
}

impl Topic {
    /// The group of its threads.
    pub fn group(&self) -> TopicGroup {
        TopicGroup {
            connector: self.connector,
            environment: self.environment,
            profile: self.profile.clone(),
            class: self.class,
        }
    }
}

/// What messages about many threads of a group have in the place of a thread's id.
impl fmt::Display for TopicGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            connector,
            environment,
            profile,
            class,
        } = self;
        let profile = profile.as_ref().map(ProfileId::as_str);
        f.write_str(&group_key(
            *connector,
            environment.as_str(),
            profile,
            *class,
        ))
    }
}

/// The name of a group.
pub(super) fn group_key(
    connector: ConnectorName,
    environment: &str,
    profile: Option<&str>,
    class: ErrorClass,
) -> String {
    let profile = profile.unwrap_or("-");
    format!("many:{connector}:{environment}:{profile}:{class}")
}

/// A thread as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertThread {
    /// Its id.
    pub id: AlertThreadId,
    /// What it is about.
    pub topic: Topic,
    /// Since when something has been open.
    pub opened_at: Timestamp,
    /// Exceptions that are open now, those that were snoozed not counted. None while `recovered_at` is
    /// absent: all are out of sight, and nothing is told until one is in sight again.
    pub open: u64,
    /// Exceptions that were opened since `opened_at`.
    pub total: u64,
    /// Of these, not told yet.
    pub untold: u64,
    /// The exception that stands for all of them: the first that was not told yet, else the last.
    pub sample: AlertPayload,
    /// Up to five of its order numbers.
    pub orders: Vec<String>,
    /// The earliest deadline of those that are open that was still to come.
    pub due_by: Option<Timestamp>,
    /// When none was open any more; absent while something is.
    pub recovered_at: Option<Timestamp>,
    /// When something was told of it last, also before `opened_at`: of the same topic's last thread.
    pub told_at: Option<Timestamp>,
    /// How many messages were told since `opened_at`.
    pub told: u32,
    /// Whether its recovery was told, or is not to be: what somebody left as it is is not over.
    pub recovery_told: bool,
}

named! {
    /// What a message says of a thread.
    NoticeKind: "notice kind" {
        /// Something new is wrong.
        Opened = "opened",
        /// There is more of it.
        More = "more",
        /// It is still so.
        Reminder = "reminder",
        /// It is over.
        Recovered = "recovered",
    }
}

/// How patiently alerts are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertPolicy {
    /// How long a new thread gathers before it is told: a burst becomes one message.
    pub gather: Duration,
    /// No two messages of a thread are closer together.
    pub at_most_every: Duration,
    /// What is still open is told again after so long; never where absent.
    pub remind_every: Option<Duration>,
    /// A recovery is told when it has lasted so long: what flaps is not over.
    pub calm: Duration,
    /// When only what cannot wait is told.
    pub quiet: Option<QuietHours>,
}

/// What is to be done about a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What is told now.
    pub tell: Option<NoticeKind>,
    /// When it is looked at next, unless something happens before; never where absent.
    pub look_at: Option<Timestamp>,
}

/// Before a deadline, so long, what is open is told once more.
const BEFORE_A_DEADLINE: TimeDelta = TimeDelta::hours(2);

/// What has to be done so soon is told at night, too.
const SOON: TimeDelta = TimeDelta::hours(12);

/// What is told of a thread now, and when it is looked at next.
pub fn decide(thread: &AlertThread, policy: &AlertPolicy, now: Timestamp) -> Decision {
    // Whoever is told in time of one deadline is not kept from it by another one that has passed.
    let thread = &AlertThread {
        due_by: thread.due_by.filter(|due_by| *due_by > now),
        ..thread.clone()
    };
    let Some((kind, wanted)) = next_notice(thread, policy) else {
        return Decision::NOTHING;
    };
    let limit = thread.told_at.map(|told_at| told_at + policy.at_most_every);
    let at = limit.map_or(wanted, |limit| limit.max(wanted));
    let at = awake(thread, kind, policy, at.max(now));
    if at > now {
        return Decision {
            tell: None,
            look_at: Some(at),
        };
    }
    let after = thread.clone().after(kind, now);
    Decision {
        tell: Some(kind),
        look_at: next_notice(&after, policy).map(|(_, at)| at),
    }
}

/// What is to be told next, and when it would be if there were neither limits nor nights.
fn next_notice(thread: &AlertThread, policy: &AlertPolicy) -> Option<(NoticeKind, Timestamp)> {
    if let Some(recovered_at) = thread.recovered_at {
        // What was over before anybody was told of it is not told.
        let is_owed = thread.told > 0 && !thread.recovery_told;
        return is_owed.then(|| (NoticeKind::Recovered, recovered_at + policy.calm));
    }
    if thread.open == 0 {
        return None;
    }
    match (thread.untold, thread.told) {
        (0, _) => next_reminder(thread, policy).map(|at| (NoticeKind::Reminder, at)),
        (_, 0) => Some((NoticeKind::Opened, thread.opened_at + policy.gather)),
        (_, _) => Some((NoticeKind::More, thread.opened_at + policy.gather)),
    }
}

/// The next regular reminder, or the one before a deadline.
fn next_reminder(thread: &AlertThread, policy: &AlertPolicy) -> Option<Timestamp> {
    let told_at = thread.told_at?;
    let regular = policy.remind_every.map(|every| told_at + every);
    let before_deadline = thread
        .due_by
        .map(|due_by| due_by - BEFORE_A_DEADLINE)
        .filter(|at| told_at < *at);
    regular.into_iter().chain(before_deadline).min()
}

/// When something may be told that is to be told at `at`: then, or when the night is over, or when it
/// can no longer wait for that. What is over can always wait.
fn awake(thread: &AlertThread, kind: NoticeKind, policy: &AlertPolicy, at: Timestamp) -> Timestamp {
    let Some(quiet) = policy.quiet else {
        return at;
    };
    let morning = quiet.after(at);
    match urgent_from(thread).filter(|_| kind != NoticeKind::Recovered) {
        Some(from) => morning.min(at.max(from)),
        None => morning,
    }
}

/// From when on it costs money while everybody sleeps. A class that does so at once is no matter of the
/// night as long as its deadline is far; when it has passed, it is.
fn urgent_from(thread: &AlertThread) -> Option<Timestamp> {
    let costs_at_once = matches!(
        thread.topic.class,
        ErrorClass::TokenExpired | ErrorClass::OrdersMissing
    );
    match thread.due_by {
        Some(due_by) => Some(due_by - SOON),
        None => costs_at_once.then_some(thread.opened_at),
    }
}

impl Decision {
    /// Nothing is told, now or later.
    const NOTHING: Self = Self {
        tell: None,
        look_at: None,
    };
}

impl AlertThread {
    /// The thread when this was told of it.
    #[must_use]
    pub fn after(self, kind: NoticeKind, now: Timestamp) -> Self {
        Self {
            untold: 0,
            told: self.told.saturating_add(1),
            told_at: Some(now),
            recovery_told: kind == NoticeKind::Recovered,
            ..self
        }
    }

    /// When that of which is told happened.
    pub(super) fn moment(&self, kind: NoticeKind, now: Timestamp) -> Timestamp {
        match kind {
            NoticeKind::Opened | NoticeKind::More => self.sample.occurred_at,
            NoticeKind::Reminder => now,
            NoticeKind::Recovered => self.recovered_at.unwrap_or(now),
        }
    }

    /// One sentence for a person: what is wrong, how often, and since when.
    pub fn words(&self, kind: NoticeKind, now: Timestamp) -> String {
        let what = &self.sample.message;
        let others = self.open.saturating_sub(1);
        let more = match others {
            0 => String::new(),
            1 => " One more is open for the same cause.".to_owned(),
            others => format!(" {others} more are open for the same cause."),
        };
        match kind {
            NoticeKind::Opened => format!("{what}{more}"),
            NoticeKind::More => format!("{} new since the last message: {what}{more}", self.untold),
            NoticeKind::Reminder => format!(
                "Still open after {}: {what}{more}",
                lasted(now - self.opened_at)
            ),
            NoticeKind::Recovered => format!(
                "Over after {}: {what}{}",
                lasted(self.recovered_at.unwrap_or(now) - self.opened_at),
                if self.total > 1 {
                    format!(" ({} in all)", self.total)
                } else {
                    String::new()
                }
            ),
        }
    }
}

/// In the largest unit that fits.
fn lasted(time: TimeDelta) -> String {
    let (number, unit) = match time.num_minutes() {
        ..1 => return "less than a minute".to_owned(),
        minutes @ 1..120 => (minutes, "minute"),
        minutes @ 120..2880 => (minutes / 60, "hour"),
        minutes => (minutes / 1440, "day"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}
