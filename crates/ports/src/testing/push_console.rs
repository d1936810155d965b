//! A marketplace that keeps an app's push settings.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Mutex;

use async_trait::async_trait;

use super::locked;
use super::scripts::Scripts;
use crate::MarketplaceError;
use crate::marketplace::AppAccess;
use crate::push_console::{PushConsole, PushSettings, PushSettingsChange, PushStatus};

const READ: &str = "push/get_app_push_config";
const CHANGE: &str = "push/set_app_push_config";

/// A call to a [`FakePushConsole`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConsoleCall {
    /// Reading the settings.
    Read,
    /// Changing them.
    Change,
}

/// Keeps the settings of each app; an app that it was told nothing about has none and is judged well.
/// No test push is sent: a URL that is not to be accepted is refused with
/// [`fail_next`](Self::fail_next).
#[derive(Debug, Default)]
pub struct FakePushConsole {
    apps: Mutex<BTreeMap<i64, PushSettings>>,
    scripts: Scripts<ConsoleCall>,
}

impl FakePushConsole {
    /// From now on the app with this partner id has these settings.
    pub fn put(&self, partner_id: i64, settings: PushSettings) {
        locked(&self.apps).insert(partner_id, settings);
    }

    /// The settings of an app as they are now.
    pub fn settings(&self, partner_id: i64) -> PushSettings {
        let known = locked(&self.apps).get(&partner_id).cloned();
        known.unwrap_or_else(|| PushSettings {
            callback_url: None,
            status: PushStatus::Normal,
            suspended_at: None,
            codes_on: Vec::new(),
            codes_off: Vec::new(),
            blocked_shops: Vec::new(),
        })
    }

    /// How often a call was made, failed ones included.
    pub fn calls(&self, call: ConsoleCall) -> usize {
        self.scripts.calls(call)
    }

    /// Answers the next such call with `error`, and nothing happens; several are used up one by one.
    pub fn fail_next(&self, call: ConsoleCall, error: MarketplaceError) {
        self.scripts.fail_next(call, error);
    }

    /// The next change never arrives: it may have happened, for all its caller knows.
    pub fn lose_next_change(&self) {
        self.scripts.lose_next_request(ConsoleCall::Change);
    }

    /// The next change happens, and its answer never arrives.
    pub fn lose_reply_to_next_change(&self) {
        self.scripts.lose_next_reply(ConsoleCall::Change);
    }

    /// Runs `what` while the next such call is under way, before it is answered.
    pub fn meanwhile(&self, call: ConsoleCall, what: impl Future<Output = ()> + Send + 'static) {
        self.scripts.meanwhile(call, what);
    }
}

#[async_trait]
impl PushConsole for FakePushConsole {
    async fn push_settings(&self, app: &AppAccess) -> Result<PushSettings, MarketplaceError> {
        let read = || Ok(self.settings(app.partner_id));
        self.scripts.play(ConsoleCall::Read, READ, read).await
    }

    async fn change_push_settings(
        &self,
        app: &AppAccess,
        change: &PushSettingsChange,
    ) -> Result<(), MarketplaceError> {
        let apply = || {
            let changed = changed(self.settings(app.partner_id), change);
            self.put(app.partner_id, changed);
            Ok(())
        };
        self.scripts.play(ConsoleCall::Change, CHANGE, apply).await
    }
}

fn changed(mut settings: PushSettings, change: &PushSettingsChange) -> PushSettings {
    let PushSettingsChange {
        callback_url,
        switch_on,
        switch_off,
        blocked_shops,
    } = change;
    if callback_url.is_some() {
        settings.callback_url.clone_from(callback_url);
    }
    move_codes(switch_on, &mut settings.codes_off, &mut settings.codes_on);
    move_codes(switch_off, &mut settings.codes_on, &mut settings.codes_off);
    if let Some(blocked) = blocked_shops {
        settings.blocked_shops.clone_from(blocked);
    }
    settings
}

fn move_codes(codes: &[i32], from: &mut Vec<i32>, to: &mut Vec<i32>) {
    from.retain(|code| !codes.contains(code));
    to.extend(codes);
    to.sort_unstable();
    to.dedup();
}
