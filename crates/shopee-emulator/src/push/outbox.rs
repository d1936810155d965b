//! Messages under way: what is due when, what came of it, what is lost. Pure: time comes in.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::envelope::Message;
use super::health::Health;
use super::lost::{LostMessage, LostQueue};
use super::settings::{MessageIds, PushSettings};
use crate::chaos::{Missing, PushFate};
use crate::world::LivePushStatus;

/// What has become of pushes so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PushStats {
    /// Messages that arose while a callback URL was set, duplicates not counted.
    pub arisen: u64,
    /// Messages that arose without a callback URL: never sent.
    pub unsent: u64,
    /// Messages that nobody subscribed to, or of blocked shops: never sent.
    pub switched_off: u64,
    /// Messages that arose, or were to be repeated, while the app was suspended: gone for ever.
    pub suspended: u64,
    pub attempts: u64,
    pub acknowledged: u64,
    pub failed_attempts: u64,
    pub dropped: u64,
    pub duplicated: u64,
    /// Messages that ever reached the lost queue.
    pub lost: u64,
    /// Messages in the lost queue now.
    pub in_lost_queue: usize,
    /// Messages that wait for their (next) attempt.
    pub waiting: usize,
    pub in_flight: usize,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Acknowledged,
    Failed,
    Undelivered(Undelivered),
}

/// Why a message is never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undelivered {
    /// There is no callback URL, or none any more.
    Unsent,
    SwitchedOff,
    Suspended,
}

pub(crate) struct Outbox {
    pub settings: PushSettings,
    pub lost: LostQueue,
    pub paused: bool,
    pub health: Health,
    /// By due time in shop milliseconds, then by age.
    waiting: BTreeMap<(i64, u64), Message>,
    next_number: u64,
    random: fastrand::Rng,
    stats: PushStats,
}

impl Outbox {
    pub fn new(settings: PushSettings, seed: u64) -> Self {
        Self {
            settings,
            lost: LostQueue::default(),
            paused: false,
            health: Health::default(),
            waiting: BTreeMap::new(),
            next_number: 0,
            random: fastrand::Rng::with_seed(seed),
            stats: PushStats::default(),
        }
    }

    /// Takes a new message in and lets its fate and the policy have their way with it.
    pub fn add(&mut self, mut message: Message, fate: &PushFate, now_millis: i64) {
        message.msg_id = self.message_id();
        self.stats.arisen += 1;
        let companion = fate.forgery.as_ref().map(|forgery| forgery.of(&message));
        let comes_first = fate.forgery.as_ref().is_some_and(|forgery| forgery.before);
        let (early, late) = if comes_first {
            (companion, None)
        } else {
            (None, companion)
        };
        self.send_forged(early, now_millis, Duration::ZERO);
        match fate.missing {
            Some(Missing::Lost) => self.lose(&message, now_millis),
            Some(Missing::Vanished) => {}
            None => self.add_sent(message, fate, now_millis),
        }
        let wait = fate.first.wait();
        self.send_forged(late, now_millis, wait);
    }

    fn send_forged(&mut self, forged: Option<Message>, now_millis: i64, wait: Duration) {
        if let Some(forged) = forged {
            self.schedule(forged, now_millis, wait);
        }
    }

    fn add_sent(&mut self, mut message: Message, fate: &PushFate, now_millis: i64) {
        let policy = self.settings.policy;
        if self.random.f64() < policy.drop {
            self.stats.dropped += 1;
            if policy.dropped_are_lost {
                self.lose(&message, now_millis);
            }
            return;
        }
        if self.random.f64() < policy.duplicate {
            self.stats.duplicated += 1;
            let wait = self.policy_wait() + Duration::from_secs(1);
            self.schedule(message.clone(), now_millis, wait);
        }
        if let Some(second) = &fate.second {
            let mut again = message.clone();
            again.signing = second.signing;
            let wait = second.wait() + Duration::from_secs(1);
            self.schedule(again, now_millis, wait);
        }
        message.signing = fate.first.signing;
        let wait = self.policy_wait() + fate.first.wait();
        self.schedule(message, now_millis, wait);
    }

    pub fn note_undelivered(&mut self, reason: Undelivered) {
        match reason {
            Undelivered::Unsent => self.stats.unsent += 1,
            Undelivered::SwitchedOff => self.stats.switched_off += 1,
            Undelivered::Suspended => self.stats.suspended += 1,
        }
    }

    /// The next message whose time has come, now in flight.
    pub fn take_due(&mut self, now_millis: i64) -> Option<Message> {
        if self.paused {
            return None;
        }
        let entry = self
            .waiting
            .first_entry()
            .filter(|entry| entry.key().0 <= now_millis)?;
        let mut message = entry.remove();
        self.stats.in_flight += 1;
        if message.attempts > 0 && self.settings.message_ids == MessageIds::PerAttempt {
            message.msg_id = self.message_id();
        }
        message.attempts += 1;
        Some(message)
    }

    /// When the next message is due; None when nothing waits, or while paused.
    pub fn next_due(&self) -> Option<i64> {
        if self.paused {
            None
        } else {
            self.waiting.keys().next().map(|(due, _)| *due)
        }
    }

    /// An attempt came back. Says how the app is rated, when that was due.
    pub fn finish(
        &mut self,
        message: Message,
        verdict: Verdict,
        now_millis: i64,
    ) -> Option<LivePushStatus> {
        self.stats.in_flight -= 1;
        if message.forged {
            return None;
        }
        let partner_id = message.partner_id;
        if let Verdict::Acknowledged | Verdict::Failed = verdict {
            let arrived = verdict == Verdict::Acknowledged;
            self.health.note(partner_id, arrived, now_millis);
        }
        match verdict {
            Verdict::Acknowledged => {
                self.stats.attempts += 1;
                self.stats.acknowledged += 1;
            }
            Verdict::Undelivered(reason) => self.note_undelivered(reason),
            Verdict::Failed => {
                self.stats.attempts += 1;
                self.stats.failed_attempts += 1;
                match self.settings.retry_after.get(message.attempts - 1) {
                    Some(&wait) => self.schedule(message, now_millis, wait),
                    None => self.lose(&message, now_millis),
                }
            }
        }
        self.health.judge(partner_id)
    }

    /// Nothing is in flight, and nothing could be sent now.
    pub fn is_idle(&self, now_millis: i64) -> bool {
        self.stats.in_flight == 0 && self.next_due().is_none_or(|due| due > now_millis)
    }

    /// Nothing is in flight, and nothing waits, be it for a retry.
    pub fn is_empty(&self) -> bool {
        self.stats.in_flight == 0 && self.waiting.is_empty()
    }

    pub fn stats(&self) -> PushStats {
        PushStats {
            in_lost_queue: self.lost.len(),
            waiting: self.waiting.len(),
            ..self.stats
        }
    }

    fn schedule(&mut self, message: Message, now_millis: i64, wait: Duration) {
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        self.next_number += 1;
        self.waiting
            .insert((now_millis.saturating_add(wait), self.next_number), message);
    }

    fn policy_wait(&mut self) -> Duration {
        let policy = self.settings.policy;
        policy.delay + policy.shuffle_window.mul_f64(self.random.f64())
    }

    fn lose(&mut self, message: &Message, now_millis: i64) {
        let now = now_millis.div_euclid(1000);
        self.stats.lost += 1;
        self.lost.add(LostMessage {
            id: 0,
            partner_id: message.partner_id,
            shop_id: message.shop_id(),
            code: message.code,
            lost_at: now,
            envelope: message.body(self.settings.message_ids, now),
        });
    }

    fn message_id(&mut self) -> String {
        format!("{:032x}", self.random.u128(..))
    }
}
