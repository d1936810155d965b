//! Whether the receiver was told of what is wrong, and that it is over: the exceptions against what was
//! heard, thread by thread.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use sqlx::FromRow;

use super::heard::{Message, messages};
use super::{Check, Witness};
use crate::Bench;

/// What has stood for so long has been told. A thread gathers for a second in a proof; what else it may
/// take is that nobody is there to tell.
const TOLD_WITHIN_SECONDS: f64 = 15.0;

/// What exceptions of one thread have in common: connector, environment, profile, class, cause.
type Topic = (String, String, Option<String>, String, String);

#[derive(Clone, Debug, FromRow)]
struct Exception {
    id: String,
    connector: String,
    environment: String,
    profile_id: Option<String>,
    error_class: String,
    cause: String,
    status: String,
    is_in_sight: bool,
    told_in: Option<String>,
    /// How long it has stood, or stood.
    stood_seconds: f64,
}

#[derive(Clone, Debug, FromRow)]
struct Thread {
    id: String,
    connector: String,
    environment: String,
    profile_id: Option<String>,
    error_class: String,
    cause: String,
    is_over: bool,
    told: i64,
    untold: i64,
    recovery_told: bool,
}

/// What is compared.
struct Account {
    exceptions: Vec<Exception>,
    threads: BTreeMap<String, Thread>,
    heard: Vec<Message>,
    was_disturbed: bool,
}

impl Exception {
    fn topic(&self) -> Topic {
        let Self {
            connector,
            environment,
            profile_id,
            error_class,
            cause,
            ..
        } = self.clone();
        (connector, environment, profile_id, error_class, cause)
    }

    fn is_open(&self) -> bool {
        self.status == "open"
    }
}

impl Thread {
    fn topic(&self) -> Topic {
        let Self {
            connector,
            environment,
            profile_id,
            error_class,
            cause,
            ..
        } = self.clone();
        (connector, environment, profile_id, error_class, cause)
    }

    /// What a message about many threads of its kind has in the place of its id.
    fn group(&self) -> String {
        let Self {
            connector,
            environment,
            profile_id,
            error_class,
            ..
        } = self;
        let profile = profile_id.as_deref().unwrap_or("-");
        format!("many:{connector}:{environment}:{profile}:{error_class}")
    }
}

/// Everything that is wrong is told, and what was told and is over is told to be over.
pub(super) async fn check(
    bench: &Bench,
    witness: &Witness,
    outbox: &[(String, bool)],
    check: &mut Check,
) {
    let pool = bench.store.pool();
    let exceptions: Vec<Exception> = sqlx::query_as(
        "SELECT id, connector, environment, profile_id, error_class, cause, status, told_in,
                snoozed_until IS NULL OR snoozed_until <= now() AS is_in_sight,
                extract(epoch FROM coalesce(resolved_at, now()) - created_at)::float8 AS stood_seconds
         FROM tenant_default.connector_exception ORDER BY id",
    )
    .fetch_all(pool)
    .await
    .expect("the exceptions");
    let threads: Vec<Thread> = sqlx::query_as(
        "SELECT id, connector, environment, profile_id, error_class, cause,
                recovered_at IS NOT NULL AS is_over, told, untold, recovery_told
         FROM tenant_default.connector_alert_thread ORDER BY id",
    )
    .fetch_all(pool)
    .await
    .expect("the threads");
    let threads = threads.into_iter();
    let account = Account {
        exceptions,
        threads: threads.map(|thread| (thread.id.clone(), thread)).collect(),
        heard: messages(&witness.heard),
        was_disturbed: witness.was_disturbed,
    };
    let (told, differences) = account.differences();
    check.counted += told;
    check.differences.extend(differences);
    check.differences.extend(account.silence(outbox.is_empty()));
}

impl Account {
    /// How many exceptions and threads were looked at, and what is not so about them.
    fn differences(&self) -> (usize, Vec<String>) {
        let mut differences = Vec::new();
        let open = self.exceptions.iter().filter(|one| one.is_open());
        let in_sight: Vec<_> = open.filter(|one| one.is_in_sight).collect();
        for exception in &in_sight {
            differences.extend(self.untold(exception));
        }
        let open: BTreeSet<_> = self
            .exceptions
            .iter()
            .filter(|one| one.is_open())
            .map(Exception::topic)
            .collect();
        for thread in self.threads.values() {
            let id = &thread.id;
            match (thread.is_over, open.contains(&thread.topic())) {
                (true, true) => differences.push(format!(
                    "{id} is said to be over, and an exception of it is open"
                )),
                (false, false) => differences.push(format!(
                    "{id} is said to go on, and no exception of it is open"
                )),
                _ => {}
            }
            differences.extend(self.unrecovered(thread));
            differences.extend(self.out_of_turn(thread));
        }
        (in_sight.len() + self.threads.len(), differences)
    }

    /// Why nobody knows of an exception that is open and in sight.
    fn untold(&self, exception: &Exception) -> Option<String> {
        let Exception {
            id,
            error_class,
            cause,
            ..
        } = exception;
        let what = format!("{id}, {error_class} ({cause}), is open");
        let Some(thread) = &exception.told_in else {
            return Some(format!("{what}, and nobody was told of it"));
        };
        let Some(thread) = self.threads.get(thread) else {
            return Some(format!(
                "{what}, and is told in {thread}, which is not there"
            ));
        };
        let Thread {
            id, told, untold, ..
        } = thread;
        if *told == 0 || *untold != 0 {
            return Some(format!(
                "{what}, and of {id} {told} messages were told and {untold} exceptions were not"
            ));
        }
        let of_it = |message: &&Message| message.is_of(id) || message.about == thread.group();
        let mut heard = self.heard.iter().filter(of_it);
        if heard.any(Message::is_trouble) {
            return None;
        }
        Some(format!("{what}, and nobody heard of {id}"))
    }

    /// Why nobody knows that a thread is over, of which somebody was told.
    fn unrecovered(&self, thread: &Thread) -> Option<String> {
        let id = &thread.id;
        if !thread.is_over || thread.told == 0 || self.was_left(thread) {
            return None;
        }
        if !thread.recovery_told {
            return Some(format!("{id} is over, and that is still to be told"));
        }
        let of_it = |message: &Message| message.is_of(id);
        let last = self.heard.iter().rposition(of_it);
        let since_then = last.map_or(&*self.heard, |last| &self.heard[last..]);
        let group = thread.group();
        // A message about many does not name all of them.
        let mut over = since_then.iter().filter(|message| message.is_over());
        if over.any(|message| message.is_of(id) || message.about == group) {
            return None;
        }
        Some(match last {
            Some(last) => {
                let kind = &self.heard[last].kind;
                format!("{id} is over, and the last that was heard of it is `{kind}`")
            }
            None => format!("{id} is over, and nobody heard that"),
        })
    }

    /// What was heard of a thread that does not follow from what was heard before.
    fn out_of_turn(&self, thread: &Thread) -> Vec<String> {
        let id = &thread.id;
        let group = thread.group();
        let mut differences = Vec::new();
        let mut was_heard = false;
        let mut opened: Option<&Message> = None;
        for message in &self.heard {
            if message.about == group {
                // It may have told of this one, too, whatever it told.
                was_heard = true;
                if message.is_over() {
                    opened = None;
                }
            }
            if message.about != *id {
                continue;
            }
            match (&*message.kind, opened) {
                // What was over for a moment and is not yet is told once more, if whoever was to tell that
                // it is over was killed meanwhile.
                ("opened", Some(before))
                    if !self.was_disturbed && !self.was_left(thread)
                        || before.since == message.since =>
                {
                    differences.push(format!(
                        "{id} was opened twice, and not said to be over between"
                    ));
                }
                ("more" | "reminder", _) if !was_heard => {
                    let kind = &message.kind;
                    differences.push(format!("the first that was heard of {id} is `{kind}`"));
                }
                _ => {}
            }
            was_heard = true;
            match &*message.kind {
                "opened" => opened = Some(message),
                "recovered" => opened = None,
                _ => {}
            }
        }
        differences
    }

    /// Whether somebody left an exception of it as it is: then it is not said to be over.
    fn was_left(&self, thread: &Thread) -> bool {
        let topic = thread.topic();
        let mut left = self
            .exceptions
            .iter()
            .filter(|one| one.status == "wont_fix");
        left.any(|one| one.topic() == topic)
    }

    /// Why it cannot be that nothing at all was told.
    fn silence(&self, is_outbox_empty: bool) -> Option<String> {
        if !is_outbox_empty && !self.heard.is_empty() {
            return None;
        }
        let stood = |one: &&Exception| one.is_in_sight && one.stood_seconds > TOLD_WITHIN_SECONDS;
        let stood = self.exceptions.iter().filter(stood).count();
        let all = self.exceptions.len();
        (stood > 0).then(|| {
            format!("of {all} exceptions {stood} stood for a while, and nobody was told anything")
        })
    }
}
