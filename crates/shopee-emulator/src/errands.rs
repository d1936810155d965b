//! Carries out what is due by the shop's clock, each thing at its own time, however late it is
//! looked at: whoever acts on the shop or asks it has everything done first that comes before.

use crate::agenda::{Errand, after};
use crate::clock::WallClock;
use crate::scenario::{Deed, Play, Script};
use crate::shared::Shared;
use crate::sync::lock;
use crate::world::{LivePushStatus, NewOrder, OrderSn, OrderStatus, Verb, WorldError};

impl Shared {
    /// Runs all errands whose time has come.
    pub fn run_due(&self) {
        // One at a time, or two callers would carry out neighbours in the wrong order.
        let _turn = lock(&self.turn);
        let mut ran = false;
        loop {
            let now = self.clock.now_millis();
            let due = lock(&self.agenda).take_due(now);
            let Some((at, errand)) = due else { break };
            ran = true;
            match errand {
                Errand::Confirm(sn) => self.confirm(&sn, at),
                Errand::Step { play, deed } => self.step(play, *deed, at),
            }
        }
        if ran {
            self.outbox_moved();
        }
    }

    /// Places an order at a time on the shop clock.
    pub fn place(&self, new: NewOrder, at_millis: i64) -> Result<OrderSn, WorldError> {
        let mut world = lock(&self.world);
        let (sn, changes) = world.place(new, at_millis.div_euclid(1000))?;
        self.announce(&world, &changes, at_millis);
        Ok(sn)
    }

    /// Moves an order at a time on the shop clock.
    pub fn act(&self, sn: &OrderSn, verb: &Verb, at_millis: i64) -> Result<(), WorldError> {
        let mut world = lock(&self.world);
        let before = world.orders.get(sn).map(|order| order.status);
        let changes = world.act(sn, verb, at_millis.div_euclid(1000))?;
        self.announce(&world, &changes, at_millis);
        let now = world.orders.get(sn).map(|order| order.status);
        drop(world);
        if now != before && now == Some(OrderStatus::ToConfirmReceive) {
            lock(&self.agenda).delivered(sn, at_millis);
        }
        Ok(())
    }

    /// How the platform rates an app from now on. An app that is suspended stays so until that is
    /// taken back by hand.
    pub fn rate_app(&self, partner_id: i64, status: LivePushStatus) {
        let now = self.wall.now();
        let mut world = lock(&self.world);
        let console = world.consoles.entry(partner_id).or_default();
        if console.suspended_at.is_none() {
            console.set_status(status, now);
        }
    }

    /// The same by hand, for the first app; what was counted against it is forgotten.
    pub fn rate_first_app(&self, status: LivePushStatus) {
        let now = self.wall.now();
        let mut world = lock(&self.world);
        if let Some(partner_id) = world.apps.first().map(|app| app.partner_id) {
            let console = world.consoles.entry(partner_id).or_default();
            console.set_status(status, now);
            lock(&self.outbox).health.forget(partner_id);
        }
        drop(world);
        self.outbox_moved();
    }

    /// Writes the steps of a script down, from now on.
    pub fn begin(&self, script: &Script) -> u64 {
        let now = self.clock.now_millis();
        lock(&self.dice).seed_for_script(script.seed);
        let mut agenda = lock(&self.agenda);
        let number = agenda.plays.len() as u64 + 1;
        let play = Play {
            name: script.name.clone(),
            left: script.steps().len(),
            ..Play::default()
        };
        agenda.plays.insert(number, play);
        for (time, deed) in script.steps() {
            let deed = Box::new(deed.clone());
            agenda.add(after(now, *time), Errand::Step { play: number, deed });
        }
        drop(agenda);
        self.run_due();
        self.outbox_moved();
        number
    }

    fn confirm(&self, sn: &OrderSn, at: i64) {
        let waits = lock(&self.world)
            .orders
            .get(sn)
            .is_some_and(|order| order.status == OrderStatus::ToConfirmReceive);
        if waits && let Err(error) = self.act(sn, &Verb::Complete, at) {
            tracing::warn!("{sn} did not complete by itself: {error}");
        }
    }

    fn step(&self, play: u64, deed: Deed, at: i64) {
        let orders = lock(&self.agenda)
            .plays
            .get(&play)
            .map(|play| play.orders.clone())
            .unwrap_or_default();
        let outcome = self.carry_out(deed, &orders, at);
        let mut agenda = lock(&self.agenda);
        let Some(play) = agenda.plays.get_mut(&play) else {
            return;
        };
        play.left = play.left.saturating_sub(1);
        match outcome {
            Ok(placed) => play.orders.extend(placed),
            Err(error) => play.refused.push(error.to_string()),
        }
    }

    fn carry_out(
        &self,
        deed: Deed,
        orders: &[OrderSn],
        at: i64,
    ) -> Result<Option<OrderSn>, WorldError> {
        let sn = |number: usize| {
            let unknown = || WorldError::UnknownOrder(OrderSn::from(format!("number {number}")));
            orders.get(number).ok_or_else(unknown)
        };
        match deed {
            Deed::Place(new) => return self.place(*new, at).map(Some),
            Deed::Act { order, verb } => self.act(sn(order)?, &verb, at)?,
            Deed::ReleaseEscrow(order) => {
                lock(&self.world).release(sn(order)?, at.div_euclid(1000))?;
            }
            Deed::AdjustEscrow {
                order,
                amount,
                reason,
            } => {
                let now = at.div_euclid(1000);
                lock(&self.world).adjust(sn(order)?, amount, &reason, now)?;
            }
            Deed::Pushes(chaos) => lock(&self.dice).script(chaos),
            Deed::Rate(status) => self.rate_first_app(status),
        }
        Ok(None)
    }
}
