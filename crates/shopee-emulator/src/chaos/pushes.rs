//! Chances for pushes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::forgery::Forgery;
use crate::push::{PushSigning, millis};

/// Chances of one push, each by itself. Times are shop time.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushChaos {
    /// Never sent, and put into the lost queue.
    pub lose: f64,
    /// Never sent, and in no queue: only the API knows.
    pub vanish: f64,
    /// Sent a second time.
    pub duplicate: f64,
    pub delay: f64,
    #[serde(with = "millis", rename = "delay_ms")]
    pub delay_by: Duration,
    /// Waits a random part of the window, so that pushes within it change places.
    pub shuffle: f64,
    #[serde(with = "millis", rename = "shuffle_window_ms")]
    pub shuffle_window: Duration,
    /// Accompanied by a push of somebody else, with made-up content and a wrong signature, in two
    /// of three cases under the very same `msg_id`, before the genuine one or after it.
    pub forge: f64,
    /// Signed in another way that a receiver has to accept.
    pub re_sign: f64,
    /// The ways that `re_sign` takes. None at all: as usual.
    pub re_sign_by: Vec<ReSigning>,
}

/// Another key or scheme for a genuine push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReSigning {
    /// By the API's key, as older apps do.
    PartnerKey,
    /// By the key before the last rotation; by today's when there was none.
    PreviousKey,
    /// Over the body alone.
    BodyOnly,
}

/// What went wrong with a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PushTrouble {
    Lost,
    Vanished,
    Duplicated,
    Delayed,
    Shuffled,
    Forged,
    ReSigned,
}

impl Default for PushChaos {
    fn default() -> Self {
        Self {
            lose: 0.0,
            vanish: 0.0,
            duplicate: 0.0,
            delay: 0.0,
            delay_by: Duration::from_mins(10),
            shuffle: 0.0,
            shuffle_window: Duration::from_mins(10),
            forge: 0.0,
            re_sign: 0.0,
            re_sign_by: vec![ReSigning::PartnerKey, ReSigning::PreviousKey],
        }
    }
}

/// Why a push is never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Lost,
    Vanished,
}

/// One sending of a push.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sending {
    pub delay: Duration,
    pub shuffle: Duration,
    pub signing: Option<PushSigning>,
}

impl Sending {
    pub fn wait(&self) -> Duration {
        self.delay + self.shuffle
    }
}

/// Everything that becomes of one push.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PushFate {
    pub missing: Option<Missing>,
    pub first: Sending,
    pub second: Option<Sending>,
    pub forgery: Option<Forgery>,
}

impl PushChaos {
    pub(super) fn roll(&self, random: &mut fastrand::Rng) -> PushFate {
        let missing = if hits(random, self.lose) {
            Some(Missing::Lost)
        } else {
            hits(random, self.vanish).then_some(Missing::Vanished)
        };
        let forgery = hits(random, self.forge).then(|| Forgery::invent(random));
        if missing.is_some() {
            return PushFate {
                missing,
                forgery,
                ..PushFate::default()
            };
        }
        PushFate {
            missing,
            first: self.sending(random),
            second: hits(random, self.duplicate).then(|| self.sending(random)),
            forgery,
        }
    }

    fn sending(&self, random: &mut fastrand::Rng) -> Sending {
        let delay = hits(random, self.delay).then_some(self.delay_by);
        let shuffle = hits(random, self.shuffle).then(|| self.shuffle_window.mul_f64(random.f64()));
        let signing = hits(random, self.re_sign)
            .then(|| random.choice(&self.re_sign_by))
            .flatten()
            .map(|way| way.signing());
        Sending {
            delay: delay.unwrap_or_default(),
            shuffle: shuffle.unwrap_or_default(),
            signing,
        }
    }
}

impl ReSigning {
    const fn signing(self) -> PushSigning {
        match self {
            Self::PartnerKey => PushSigning::PartnerKey,
            Self::PreviousKey => PushSigning::PreviousKey,
            Self::BodyOnly => PushSigning::BodyOnly,
        }
    }
}

impl PushFate {
    /// For the counts; of a push that is sent twice, each sending counts.
    pub(super) fn troubles(&self) -> Vec<PushTrouble> {
        let mut troubles = Vec::new();
        match self.missing {
            Some(Missing::Lost) => troubles.push(PushTrouble::Lost),
            Some(Missing::Vanished) => troubles.push(PushTrouble::Vanished),
            None => {}
        }
        for sending in [&self.first].into_iter().chain(&self.second) {
            if !sending.delay.is_zero() {
                troubles.push(PushTrouble::Delayed);
            }
            if !sending.shuffle.is_zero() {
                troubles.push(PushTrouble::Shuffled);
            }
            if sending.signing.is_some() {
                troubles.push(PushTrouble::ReSigned);
            }
        }
        if self.second.is_some() {
            troubles.push(PushTrouble::Duplicated);
        }
        if self.forgery.is_some() {
            troubles.push(PushTrouble::Forged);
        }
        troubles
    }
}

fn hits(random: &mut fastrand::Rng, chance: f64) -> bool {
    random.f64() < chance
}
