//! What the API, the pushes and the control desk share.
//!
//! Lock order: the led life, the turn of errands, the world, then everything else; the dice last.
//! No lock is held across an await.

use std::sync::Mutex;

use tokio::sync::watch;

use crate::agenda::Agenda;
use crate::api::{FaultQueue, Gateway, Tally};
use crate::chaos::Dice;
use crate::clock::{GatewayClock, ShopClock};
use crate::life::LifeCourse;
use crate::push::{Addressee, HttpCourier, Message, Outbox, Undelivered};
use crate::switches::Switches;
use crate::sync::lock;
use crate::world::{Change, Passage, World};

pub(crate) struct Shared {
    pub world: Mutex<World>,
    pub outbox: Mutex<Outbox>,
    /// Counts up whenever the outbox, the callback URL or the shop clock was touched.
    pub outbox_moves: watch::Sender<u64>,
    pub agenda: Mutex<Agenda>,
    /// Held by whoever runs errands, before any other lock.
    pub turn: Mutex<()>,
    pub dice: Mutex<Dice>,
    pub faults: Mutex<FaultQueue>,
    /// The life that the control API leads.
    pub life: Mutex<Option<LifeCourse>>,
    pub gateway: Mutex<Gateway>,
    pub tally: Mutex<Tally>,
    pub switches: Mutex<Switches>,
    pub request_ids: Mutex<fastrand::Rng>,
    pub clock: ShopClock,
    pub wall: GatewayClock,
    pub courier: HttpCourier,
}

impl Shared {
    /// Where an app's pushes go now.
    pub fn addressee(&self, partner_id: i64) -> Result<Addressee, Undelivered> {
        let world = lock(&self.world);
        if world.passage(partner_id, 0, None) == Passage::Suspended {
            return Err(Undelivered::Suspended);
        }
        let app = world.app(partner_id).ok_or(Undelivered::Unsent)?;
        let url = app.push_url.clone().ok_or(Undelivered::Unsent)?;
        let keys = world.push_keys(app);
        Ok(Addressee { url, keys })
    }

    /// Queues the pushes for changes of orders at a time on the shop clock. Called with the world locked, so that messages
    /// are queued in the order in which things happened.
    pub fn announce(&self, world: &World, changes: &[Change], at_millis: i64) {
        let mut outbox = lock(&self.outbox);
        for change in changes {
            let Some(partner_id) = world.shop(change.shop_id).map(|shop| shop.shop.partner_id)
            else {
                continue;
            };
            let message = Message::of_change(change, partner_id, &outbox.settings);
            if outbox.settings.automatic_codes.contains(&message.code) {
                self.queue_at(world, &mut outbox, message, at_millis);
            }
        }
        drop(outbox);
        self.outbox_moved();
    }

    /// Queues a push that arose by itself, unless that code is left to be sent by hand.
    pub fn queue_automatic(&self, world: &World, outbox: &mut Outbox, message: Message) {
        if outbox.settings.automatic_codes.contains(&message.code) {
            self.queue(world, outbox, message);
        }
    }

    /// Queues a push as far as the console lets it through.
    pub fn queue(&self, world: &World, outbox: &mut Outbox, message: Message) {
        self.queue_at(world, outbox, message, self.clock.now_millis());
    }

    fn queue_at(&self, world: &World, outbox: &mut Outbox, message: Message, at_millis: i64) {
        let has_url = world
            .app(message.partner_id)
            .is_some_and(|app| app.push_url.is_some());
        match world.passage(message.partner_id, message.code, message.shop_id()) {
            Passage::Suspended => outbox.note_undelivered(Undelivered::Suspended),
            Passage::SwitchedOff => outbox.note_undelivered(Undelivered::SwitchedOff),
            Passage::Open if has_url => {
                let fate = lock(&self.dice).push();
                outbox.add(message, &fate, at_millis);
            }
            Passage::Open => outbox.note_undelivered(Undelivered::Unsent),
        }
    }

    pub fn outbox_moved(&self) {
        self.outbox_moves.send_modify(|moves| *moves += 1);
    }

    pub fn request_id(&self) -> String {
        format!("{:032x}", lock(&self.request_ids).u128(..))
    }
}
