//! Trouble by chance and by script, and the end of it.

use std::time::Duration;

use super::Controls;
use crate::agenda::Errand;
use crate::chaos::Chaos;
use crate::life::{Life, LifePlan};
use crate::push::{PushJudgement, PushPolicy, PushSigning};
use crate::scenario::{Script, ScriptProgress};
use crate::sync::lock;
use crate::world::{LivePushStatus, OrderStatus};

impl Controls {
    /// Lets things go wrong by chance, from a seed, with everything that arises from now on.
    pub fn set_chaos(&self, chaos: Chaos) {
        lock(&self.shared.dice).set(chaos);
    }

    /// Ends all trouble: chaos, faults, scripts, unreliability, other ways of signing, pauses, and
    /// a bad rating. What was delayed, lost or has vanished before stays so.
    pub fn calm(&self) {
        lock(&self.shared.agenda).stop_scripts();
        lock(&self.shared.dice).calm();
        lock(&self.shared.faults).clear();
        let mut outbox = lock(&self.shared.outbox);
        outbox.settings.policy = PushPolicy::default();
        outbox.settings.signing = PushSigning::default();
        outbox.paused = false;
        drop(outbox);
        self.set_live_push_status(LivePushStatus::Normal);
    }

    /// Begins a script now, on the shop clock; the answer is its number.
    pub fn play(&self, script: &Script) -> u64 {
        self.shared.begin(script)
    }

    /// How far a script has come. None: no script has that number.
    pub fn script(&self, number: u64) -> Option<ScriptProgress> {
        lock(&self.shared.agenda).plays.get(&number).cloned()
    }

    /// A random life of the shop, to be led step by step.
    pub fn life(&self, plan: LifePlan) -> Life {
        Life::new(self.clone(), plan)
    }

    /// Rates apps by how their callback URLs answer. None, as at the start: nobody is rated.
    pub fn judge_pushes(&self, judgement: Option<PushJudgement>) {
        lock(&self.shared.outbox).health.set_rule(judgement);
    }

    /// The platform confirms receipts by itself, that long after delivery. None, as at the start:
    /// it never does. Orders that are delivered already count from now.
    pub fn set_auto_confirm(&self, after: Option<Duration>) {
        let now = self.shared.clock.now_millis();
        let waiting: Vec<_> = lock(&self.shared.world)
            .orders
            .values()
            .filter(|order| order.status == OrderStatus::ToConfirmReceive)
            .map(|order| order.order_sn.clone())
            .collect();
        let mut agenda = lock(&self.shared.agenda);
        agenda.confirms_after = after;
        agenda.forget(|errand| matches!(errand, Errand::Confirm(_)));
        for sn in &waiting {
            agenda.delivered(sn, now);
        }
        drop(agenda);
        self.shared.outbox_moved();
    }
}
