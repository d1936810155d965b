//! What the API, the pushes and the control desk share.
//!
//! Lock order: world before outbox. No lock is held across an await.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use crate::api::{FaultQueue, RateLimiter, Tally};
use crate::clock::{ShopClock, WallClock};
use crate::push::{Addressee, Message, Outbox};
use crate::sync::lock;
use crate::world::{Change, World};

pub(crate) struct Shared {
    pub world: Mutex<World>,
    pub outbox: Mutex<Outbox>,
    /// Counts up whenever the outbox, the callback URL or the shop clock was touched.
    pub outbox_moves: watch::Sender<u64>,
    pub faults: Mutex<FaultQueue>,
    pub limiter: Mutex<RateLimiter>,
    pub tally: Mutex<Tally>,
    pub switches: Mutex<Switches>,
    pub request_ids: Mutex<fastrand::Rng>,
    pub clock: ShopClock,
    pub wall: Arc<dyn WallClock>,
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
    pub fn addressee(&self, partner_id: i64) -> Option<Addressee> {
        let world = lock(&self.world);
        let app = world.app(partner_id)?;
        let url = app.push_url.clone()?;
        Some(Addressee {
            url,
            push_key: app.push_key.clone(),
        })
    }

    /// Queues the pushes for changes of orders. Called with the world locked, so that messages
    /// are queued in the order in which things happened.
    pub fn announce(&self, world: &World, changes: &[Change]) {
        let now = self.clock.now_millis();
        let mut outbox = lock(&self.outbox);
        for change in changes {
            let Some(partner_id) = world.shop(change.shop_id).map(|shop| shop.shop.partner_id)
            else {
                continue;
            };
            let message = Message::of_change(change, partner_id, &outbox.settings);
            if outbox.settings.automatic_codes.contains(&message.code) {
                let reachable = world
                    .app(partner_id)
                    .is_some_and(|app| app.push_url.is_some());
                if reachable {
                    outbox.add(message, now);
                } else {
                    outbox.note_unsent();
                }
            }
        }
        drop(outbox);
        self.outbox_moved();
    }

    pub fn outbox_moved(&self) {
        self.outbox_moves.send_modify(|moves| *moves += 1);
    }

    pub fn request_id(&self) -> String {
        format!("{:032x}", lock(&self.request_ids).u128(..))
    }
}
