//! Seeded trouble: what goes wrong by chance with pushes and calls, and how often it did.
//!
//! All choices come from one generator, in the order in which pushes arise and calls arrive: the
//! same seed and the same sequence of them meet the same trouble.

mod calls;
mod forgery;
mod pushes;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use calls::{CallChaos, CallTrouble, EndpointFamily};
pub(crate) use pushes::{Missing, PushFate};
pub use pushes::{PushChaos, PushTrouble, ReSigning};

use crate::api::{Endpoint, Fault};

/// Chances of trouble, from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chaos {
    pub seed: u64,
    pub pushes: PushChaos,
    /// Of every endpoint whose family has nothing of its own.
    pub calls: CallChaos,
    pub families: BTreeMap<EndpointFamily, CallChaos>,
}

/// What chaos has done so far; it outlives the policy that did it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChaosStats {
    pub pushes: BTreeMap<PushTrouble, u64>,
    pub calls: BTreeMap<CallTrouble, u64>,
}

impl ChaosStats {
    pub fn of_pushes(&self, trouble: PushTrouble) -> u64 {
        self.pushes.get(&trouble).copied().unwrap_or(0)
    }

    pub fn of_calls(&self, trouble: CallTrouble) -> u64 {
        self.calls.get(&trouble).copied().unwrap_or(0)
    }
}

/// The policy that is in force, and the dice.
#[derive(Debug, Default)]
pub(crate) struct Dice {
    policy: Option<Chaos>,
    /// What a script says of pushes goes before the policy.
    scripted: Option<PushChaos>,
    random: fastrand::Rng,
    stats: ChaosStats,
}

impl Dice {
    /// The generator begins anew.
    pub fn set(&mut self, policy: Chaos) {
        self.random = fastrand::Rng::with_seed(policy.seed);
        self.policy = Some(policy);
    }

    /// A script takes pushes over, or gives them back to the policy.
    pub fn script(&mut self, pushes: Option<PushChaos>) {
        self.scripted = pushes;
    }

    /// The generator of a script that runs without a policy.
    pub fn seed_for_script(&mut self, seed: u64) {
        if self.policy.is_none() {
            self.random = fastrand::Rng::with_seed(seed);
        }
    }

    pub fn calm(&mut self) {
        self.policy = None;
        self.scripted = None;
    }

    /// What becomes of a push that arises now.
    pub fn push(&mut self) -> PushFate {
        let of_policy = self.policy.as_ref().map(|policy| &policy.pushes);
        let Some(chaos) = self.scripted.as_ref().or(of_policy) else {
            return PushFate::default();
        };
        let fate = chaos.roll(&mut self.random);
        for trouble in fate.troubles() {
            *self.stats.pushes.entry(trouble).or_default() += 1;
        }
        fate
    }

    /// What goes wrong with a call, if anything does.
    pub fn call(&mut self, endpoint: Endpoint) -> Option<Fault> {
        let policy = self.policy.as_ref()?;
        let family = EndpointFamily::of(endpoint);
        let chaos = policy.families.get(&family).unwrap_or(&policy.calls);
        let trouble = chaos.roll(endpoint.gives_tokens(), &mut self.random)?;
        *self.stats.calls.entry(trouble).or_default() += 1;
        Some(chaos.fault(trouble, &mut self.random))
    }

    pub fn stats(&self) -> ChaosStats {
        self.stats.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Chaos {
        Chaos {
            seed: 7,
            pushes: PushChaos {
                lose: 0.1,
                vanish: 0.1,
                duplicate: 0.3,
                delay: 0.3,
                shuffle: 0.3,
                forge: 0.3,
                re_sign: 0.3,
                ..PushChaos::default()
            },
            calls: CallChaos {
                rate_limited: 0.1,
                server_error: 0.1,
                hang: 0.1,
                edge_html: 0.1,
                truncated: 0.1,
                garbage: 0.1,
                lost_reply: 0.1,
                overloaded_auth: 0.1,
                ..CallChaos::default()
            },
            families: BTreeMap::new(),
        }
    }

    fn dice(chaos: Chaos) -> Dice {
        let mut dice = Dice::default();
        dice.set(chaos);
        dice
    }

    #[test]
    fn the_same_seed_and_sequence_meet_the_same_trouble() {
        let (mut one, mut other) = (dice(everything()), dice(everything()));
        for _ in 0..500 {
            assert_eq!(one.push(), other.push());
            assert_eq!(
                one.call(Endpoint::OrderList),
                other.call(Endpoint::OrderList)
            );
        }
        assert_eq!(one.stats(), other.stats());
        assert_eq!(one.stats().pushes.len(), 7);
        assert_eq!(one.stats().calls.len(), 8);
    }

    #[test]
    fn calls_that_give_tokens_lose_their_reply_only_when_that_is_asked_for() {
        let certain = CallChaos {
            truncated: 0.5,
            lost_reply: 0.5,
            ..CallChaos::default()
        };
        let mut dice = dice(Chaos {
            calls: certain.clone(),
            ..Chaos::default()
        });
        assert!((0..200).all(|_| dice.call(Endpoint::TokenRefresh).is_none()));
        assert!((0..200).all(|_| dice.call(Endpoint::OrderDetail).is_some()));
        dice.set(Chaos {
            calls: CallChaos {
                lost_token_reply: 1.0,
                ..certain
            },
            ..Chaos::default()
        });
        assert_eq!(dice.call(Endpoint::TokenRefresh), Some(Fault::LostReply));
    }

    #[test]
    fn a_family_with_chances_of_its_own_has_no_others() {
        let mut dice = dice(Chaos {
            calls: CallChaos {
                garbage: 1.0,
                ..CallChaos::default()
            },
            families: BTreeMap::from([(EndpointFamily::Payment, CallChaos::default())]),
            ..Chaos::default()
        });
        assert_eq!(dice.call(Endpoint::EscrowDetail), None);
        assert_eq!(dice.call(Endpoint::OrderDetail), Some(Fault::Garbage));
    }

    #[test]
    fn calm_ends_everything_and_keeps_the_counts() {
        let mut dice = dice(everything());
        dice.script(Some(PushChaos {
            vanish: 1.0,
            ..PushChaos::default()
        }));
        assert_eq!(dice.push().missing, Some(Missing::Vanished));
        dice.calm();
        assert_eq!(dice.push(), PushFate::default());
        assert_eq!(dice.call(Endpoint::OrderList), None);
        assert_eq!(dice.stats().of_pushes(PushTrouble::Vanished), 1);
    }
}
