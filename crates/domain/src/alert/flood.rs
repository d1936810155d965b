//! When many causes of one kind arise, they are told together: nobody reads three hundred messages
//! about three hundred SKUs.

#[cfg(test)]
mod tests;

use std::time::Duration;

use super::{AlertPolicy, TopicGroup};
use crate::Timestamp;

/// So many threads of a group are told of one by one within the time that [`AlertPolicy::lately`] tells.
const ONE_BY_ONE_MAX: u64 = 10;

/// How long it is remembered at most that many were told.
const LATELY: Duration = Duration::from_mins(15);

/// How much was told of a group lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldLately {
    /// Of which group.
    pub group: TopicGroup,
    /// Of how many of its threads.
    pub threads: u64,
    /// When something was told of one last.
    pub last_at: Timestamp,
}

/// How the threads of a group are told of that are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Each has a message.
    OneByOne,
    /// One message tells of all of them.
    Together,
    /// Not before then: many were told of just now.
    Later(Timestamp),
}

impl AlertPolicy {
    /// Whatever was told longer ago counts no longer.
    pub fn lately(&self) -> Duration {
        self.at_most_every.min(LATELY)
    }
}

/// How so many threads of a group are told of that are due, when so much of it was told lately.
pub fn manner(due: u64, told: Option<&ToldLately>, policy: &AlertPolicy) -> Manner {
    let threads = told.map_or(0, |told| told.threads);
    match told {
        Some(told) if threads > ONE_BY_ONE_MAX => Manner::Later(told.last_at + policy.lately()),
        _ if due > 1 && threads + due > ONE_BY_ONE_MAX => Manner::Together,
        _ => Manner::OneByOne,
    }
}
