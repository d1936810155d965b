//! Pushes: where they go, how they are signed, how unreliable they are.

use super::Controls;
use crate::push::{Message, MessageIds, Notice, PushPolicy, PushSigning};
use crate::sync::lock;
use crate::world::{LivePushStatus, PushConsole, World, WorldError};

impl Controls {
    /// Registers the first app's callback URL, verbatim. None turns pushes off: what happens
    /// then is never pushed, and reaches no lost queue.
    pub fn set_push_url(&self, url: Option<&str>) {
        if let Some(app) = lock(&self.shared.world).apps.first_mut() {
            app.push_url = url.map(str::to_owned);
        }
        self.shared.outbox_moved();
    }

    /// The same for one of several apps.
    pub fn set_push_url_of(&self, partner_id: i64, url: Option<&str>) -> Result<(), WorldError> {
        lock(&self.shared.world).app_mut(partner_id)?.push_url = url.map(str::to_owned);
        self.shared.outbox_moved();
        Ok(())
    }

    /// Rotates the first app's push key. Takes effect with the next attempt.
    pub fn set_push_key(&self, key: &str) {
        let world = &mut *lock(&self.shared.world);
        if let Some(app) = world.apps.first_mut() {
            let previous = std::mem::replace(&mut app.push_key, key.to_owned());
            let partner_id = app.partner_id;
            let console = world.consoles.entry(partner_id).or_default();
            console.previous_push_key = Some(previous);
        }
    }

    pub fn set_push_signing(&self, signing: PushSigning) {
        lock(&self.shared.outbox).settings.signing = signing;
    }

    pub fn set_message_ids(&self, ids: MessageIds) {
        lock(&self.shared.outbox).settings.message_ids = ids;
    }

    /// Unreliability of pushes that arise from now on.
    pub fn set_push_policy(&self, policy: PushPolicy) {
        lock(&self.shared.outbox).settings.policy = policy;
    }

    /// Pushes keep arising and wait.
    pub fn pause_pushes(&self) {
        lock(&self.shared.outbox).paused = true;
        self.shared.outbox_moved();
    }

    pub fn resume_pushes(&self) {
        lock(&self.shared.outbox).paused = false;
        self.shared.outbox_moved();
    }

    /// Sends a push that no order caused, as far as the console lets it through.
    pub fn push(&self, notice: &Notice) -> Result<(), WorldError> {
        let world = lock(&self.shared.world);
        let partner_id = addressee(&world, notice)?;
        let mut outbox = lock(&self.shared.outbox);
        for message in Message::of_notice(notice, partner_id) {
            self.shared.queue(&world, &mut outbox, message);
        }
        drop(outbox);
        drop(world);
        self.shared.outbox_moved();
        Ok(())
    }

    /// The first app's push page in the console.
    pub fn push_console(&self) -> PushConsole {
        let world = lock(&self.shared.world);
        let Some(app) = world.apps.first() else {
            return PushConsole::default();
        };
        let console = world.consoles.get(&app.partner_id).cloned();
        let console = console.unwrap_or_default();
        PushConsole {
            callback_url: app.push_url.clone(),
            status: console.status(),
            suspended_at: console.suspended_at,
            on: console.on(),
            off: console.off,
            blocked_shops: console.blocked_shops,
        }
    }

    /// How the platform rates the first app's callback URL. While suspended, nothing is sent, and
    /// what arises or was to be repeated is gone for ever.
    pub fn set_live_push_status(&self, status: LivePushStatus) {
        self.shared.rate_first_app(status);
    }

    /// The `Authorization` value of a push made by hand, for the first app's URL and push key,
    /// in the signing that is set. None when pushes are unsigned, or no URL is registered.
    pub fn sign_push(&self, body: &str) -> Option<String> {
        let world = lock(&self.shared.world);
        let app = world.apps.first()?;
        let signing = lock(&self.shared.outbox).settings.signing;
        let keys = world.push_keys(app);
        signing.authorization(&keys, app.push_url.as_deref()?, body.as_bytes())
    }

    /// Resolves when no push is in flight and none could be sent now. Retries and delayed pushes
    /// whose time has not come do not count, nor does anything that is paused.
    pub async fn idle(&self) {
        let mut moves = self.shared.outbox_moves.subscribe();
        // The sender lives in `shared`, which this keeps alive: `wait_for` cannot fail.
        drop(
            moves
                .wait_for(|_| {
                    let now = self.shared.clock.now_millis();
                    let errands = lock(&self.shared.agenda).next_due();
                    errands.is_none_or(|due| due > now) && lock(&self.shared.outbox).is_idle(now)
                })
                .await,
        );
    }

    /// Resolves when no push is in flight or waiting, be it for a retry. With a clock that
    /// stands still, or while paused, that may be never.
    pub async fn drained(&self) {
        let mut moves = self.shared.outbox_moves.subscribe();
        drop(
            moves
                .wait_for(|_| lock(&self.shared.outbox).is_empty())
                .await,
        );
    }
}

/// The app that is told: that of the shop, or the first one.
pub(super) fn addressee(world: &World, notice: &Notice) -> Result<i64, WorldError> {
    let partner_id = match (notice, notice.shop_id()) {
        (Notice::Ping { partner_id }, _) => *partner_id,
        (_, Some(shop_id)) => {
            world
                .shop(shop_id)
                .ok_or(WorldError::UnknownShop(shop_id))?
                .shop
                .partner_id
        }
        (_, None) => world.apps.first().map_or(0, |app| app.partner_id),
    };
    world
        .app(partner_id)
        .map(|app| app.partner_id)
        .ok_or(WorldError::UnknownApp(partner_id))
}
