//! A marketplace that keeps what we may have missed: its queue of lost pushes, its lists of orders and
//! of released payouts. They turn their pages as the platform does and refuse what it refuses.

mod lists;

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::Mutex;

use async_trait::async_trait;
use hawker_domain::ids::ProfileId;

use super::locked;
use super::scripts::Scripts;
use crate::MarketplaceError;
use crate::marketplace::AppAccess;
use crate::recovery::{LostPush, LostPushPage, LostPushes};

pub(super) use lists::assert_can_be_listed;
pub use lists::{FakeOrderLister, FakeReleaseLister, OrderListCall, ReleaseListCall};

const GET_LOST: &str = "push/get_lost_push_message";
const CONFIRM_LOST: &str = "push/confirm_consumed_lost_push_message";

/// So many lost pushes, orders, releases or returns are on a page of the platform (shopee.md §4.7, §5).
pub(super) const PAGE: usize = 100;

/// A call to [`FakeLostPushes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LostPushCall {
    /// The earliest that were not confirmed.
    Get,
    /// Forget those up to one.
    Confirm,
}

/// A queue of lost pushes for each app, as the platform has it: a page is the earliest hundred, and
/// only confirming them moves it.
#[derive(Debug, Default)]
pub struct FakeLostPushes {
    inside: Mutex<Queues>,
    scripts: Scripts<LostPushCall>,
}

#[derive(Debug, Default)]
struct Queues {
    last_message_id: i64,
    is_without_ids: bool,
    lost: BTreeMap<i64, VecDeque<(i64, LostPush)>>,
    confirmed: Vec<(i64, i64)>,
    asked: Vec<(i64, ProfileId)>,
}

impl FakeLostPushes {
    /// A push of the app with this partner id that no attempt could deliver. Answers the id under
    /// which it is confirmed.
    pub fn lose(&self, partner_id: i64, push: LostPush) -> i64 {
        let mut inside = locked(&self.inside);
        // The queue of the platform is one for all apps: an app's ids have gaps.
        inside.last_message_id += 3;
        let message_id = inside.last_message_id;
        let queue = inside.lost.entry(partner_id).or_default();
        queue.push_back((message_id, push));
        message_id
    }

    /// From now on pages do (not) say what confirms them.
    pub fn leave_out_ids(&self, is_without_ids: bool) {
        locked(&self.inside).is_without_ids = is_without_ids;
    }

    /// What of an app was not confirmed yet, earliest first.
    pub fn left(&self, partner_id: i64) -> Vec<LostPush> {
        let inside = locked(&self.inside);
        let queue = inside.lost.get(&partner_id).into_iter().flatten();
        queue.map(|(_, push)| push.clone()).collect()
    }

    /// Which apps were asked for pages, with the profile that it was done for, oldest first, failed
    /// calls included.
    pub fn asked(&self) -> Vec<(i64, ProfileId)> {
        locked(&self.inside).asked.clone()
    }

    /// The app and the last message of everything that was confirmed, oldest first.
    pub fn confirmed(&self) -> Vec<(i64, i64)> {
        locked(&self.inside).confirmed.clone()
    }

    /// How often the call was made, whatever came of it.
    pub fn calls(&self, call: LostPushCall) -> usize {
        self.scripts.calls(call)
    }

    /// Answers the next such call with `error`, and nothing happens.
    pub fn fail_next(&self, call: LostPushCall, error: MarketplaceError) {
        self.scripts.fail_next(call, error);
    }

    /// Answers the `nth` such call from now on, counted from 1, with `error`, and nothing happens.
    pub fn fail_nth(&self, call: LostPushCall, nth: usize, error: MarketplaceError) {
        self.scripts.fail_nth(call, nth, error);
    }

    /// The next such call does what it is for, and its answer does not arrive.
    pub fn lose_next_reply(&self, call: LostPushCall) {
        self.scripts.lose_next_reply(call);
    }

    /// The next such call does not arrive, and whoever makes it cannot know that.
    pub fn lose_next_request(&self, call: LostPushCall) {
        self.scripts.lose_next_request(call);
    }

    /// Runs `what` once the next such call has done what it is for, before it is answered.
    pub fn meanwhile(&self, call: LostPushCall, what: impl Future<Output = ()> + Send + 'static) {
        self.scripts.meanwhile(call, what);
    }
}

impl Queues {
    fn page(&self, partner_id: i64) -> LostPushPage {
        let queue = self.lost.get(&partner_id).into_iter().flatten();
        let earliest: Vec<_> = queue.take(PAGE).cloned().collect();
        let all = self.lost.get(&partner_id).map_or(0, VecDeque::len);
        let last = earliest.last().map(|(message_id, _)| *message_id);
        LostPushPage {
            has_more: all > earliest.len(),
            last_message_id: last.filter(|_| !self.is_without_ids),
            pushes: earliest.into_iter().map(|(_, push)| push).collect(),
        }
    }

    fn confirm(&mut self, partner_id: i64, last_message_id: i64) {
        let queue = self.lost.entry(partner_id).or_default();
        queue.retain(|(message_id, _)| *message_id > last_message_id);
        self.confirmed.push((partner_id, last_message_id));
    }
}

#[async_trait]
impl LostPushes for FakeLostPushes {
    async fn lost_pushes(&self, app: &AppAccess) -> Result<LostPushPage, MarketplaceError> {
        let asked = (app.partner_id, app.profile.clone());
        locked(&self.inside).asked.push(asked);
        let tell = || Ok(locked(&self.inside).page(app.partner_id));
        self.scripts.play(LostPushCall::Get, GET_LOST, tell).await
    }

    async fn confirm_lost_pushes(
        &self,
        app: &AppAccess,
        last_message_id: i64,
    ) -> Result<(), MarketplaceError> {
        let confirm = || {
            locked(&self.inside).confirm(app.partner_id, last_message_id);
            Ok(())
        };
        self.scripts
            .play(LostPushCall::Confirm, CONFIRM_LOST, confirm)
            .await
    }
}

#[cfg(test)]
mod tests;
