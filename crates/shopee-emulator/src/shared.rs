//! What the API, the pushes and the control desk share.
//!
//! Lock order: the world before everything else. No lock is held across an await.

use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::watch;

use crate::api::{FaultQueue, Gateway, Tally};
use crate::clock::{GatewayClock, ShopClock};
use crate::push::{Addressee, HttpCourier, Message, Outbox, Undelivered};
use crate::sync::lock;
use crate::world::{Change, Passage, World};

pub(crate) struct Shared {
    pub world: Mutex<World>,
    pub outbox: Mutex<Outbox>,
    /// Counts up whenever the outbox, the callback URL or the shop clock was touched.
    pub outbox_moves: watch::Sender<u64>,
    pub faults: Mutex<FaultQueue>,
    pub gateway: Mutex<Gateway>,
    pub tally: Mutex<Tally>,
    pub switches: Mutex<Switches>,
    pub request_ids: Mutex<fastrand::Rng>,
    pub clock: ShopClock,
    pub wall: GatewayClock,
    pub courier: HttpCourier,
}

/// Behaviour of the API that the sources leave open, or that differs between sightings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Switches {
    pub unknown_orders: UnknownOrders,
    /// Answer every error with HTTP 200, as some integrators have seen.
    pub always_http_200: bool,
    /// From completion until the escrow can be read, on the shop clock.
    pub escrow_delay: Duration,
    /// Leave `total_amount` out of cash-on-delivery orders until the cash is collected.
    pub hides_uncollected_total: bool,
    pub expire_in: ExpireIn,
    pub sip_list_name: SipListName,
}

/// What `expire_in` of new tokens says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpireIn {
    /// Seconds that the access token lives.
    #[default]
    Seconds,
    /// The time of its end: the specification's own sample has that.
    UnixTime,
}

/// How `public/get_shops_by_partner` calls the list of affiliate shops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SipListName {
    /// `sip_affi_shop_list`, as the specification's table has it.
    #[default]
    Table,
    /// `sip_affi_shops`, as its sample has it.
    Sample,
}

/// What happens to an unknown number among several known ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownOrders {
    /// It is left out of the answer.
    #[default]
    Omitted,
    /// The whole call is refused.
    RefuseAll,
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
        Ok(Addressee {
            url,
            push_key: app.push_key.clone(),
        })
    }

    /// Queues the pushes for changes of orders. Called with the world locked, so that messages
    /// are queued in the order in which things happened.
    pub fn announce(&self, world: &World, changes: &[Change]) {
        let mut outbox = lock(&self.outbox);
        for change in changes {
            let Some(partner_id) = world.shop(change.shop_id).map(|shop| shop.shop.partner_id)
            else {
                continue;
            };
            let message = Message::of_change(change, partner_id, &outbox.settings);
            self.queue_automatic(world, &mut outbox, message);
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
        let has_url = world
            .app(message.partner_id)
            .is_some_and(|app| app.push_url.is_some());
        match world.passage(message.partner_id, message.code, message.shop_id()) {
            Passage::Suspended => outbox.note_undelivered(Undelivered::Suspended),
            Passage::SwitchedOff => outbox.note_undelivered(Undelivered::SwitchedOff),
            Passage::Open if has_url => outbox.add(message, self.clock.now_millis()),
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
