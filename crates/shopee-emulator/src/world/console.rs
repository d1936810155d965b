//! The console's push page of an app: what is subscribed to, and how the platform rates the app.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ids::{ShopId, Timestamp};

/// The codes that `push/set_app_push_config` knows. Newer ones are switched in the console.
pub const SWITCHABLE_CODES: std::ops::RangeInclusive<i64> = 1..=13;

/// The platform's judgement of an app's callback URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub enum LivePushStatus {
    #[default]
    Normal,
    /// Under 70 % of the pushes arrive.
    Warning,
    /// Under 30 %: nothing is sent, and what arises is lost for ever.
    Suspended,
}

impl LivePushStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
            Self::Suspended => "Suspended",
        }
    }
}

/// What [`Controls::push_console`](crate::Controls::push_console) shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PushConsole {
    pub callback_url: Option<String>,
    pub status: LivePushStatus,
    /// On the wall clock, while suspended.
    pub suspended_at: Option<Timestamp>,
    /// Subscribed codes, among those that the API can switch.
    pub on: BTreeSet<i64>,
    pub off: BTreeSet<i64>,
    pub blocked_shops: BTreeSet<ShopId>,
}

/// The same within the world; the callback URL is the app's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Console {
    pub suspended_at: Option<Timestamp>,
    pub warned: bool,
    pub off: BTreeSet<i64>,
    pub blocked_shops: BTreeSet<ShopId>,
    /// The push key before the last rotation.
    pub previous_push_key: Option<String>,
}

/// What becomes of a push that arises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    Open,
    /// Not subscribed to, or of a blocked shop.
    SwitchedOff,
    Suspended,
}

impl Console {
    pub const fn status(&self) -> LivePushStatus {
        match (self.suspended_at, self.warned) {
            (Some(_), _) => LivePushStatus::Suspended,
            (None, true) => LivePushStatus::Warning,
            (None, false) => LivePushStatus::Normal,
        }
    }

    pub fn set_status(&mut self, status: LivePushStatus, now: Timestamp) {
        self.warned = status == LivePushStatus::Warning;
        self.suspended_at = match status {
            LivePushStatus::Suspended => self.suspended_at.or(Some(now)),
            LivePushStatus::Normal | LivePushStatus::Warning => None,
        };
    }

    pub fn on(&self) -> BTreeSet<i64> {
        SWITCHABLE_CODES
            .filter(|code| !self.off.contains(code))
            .collect()
    }

    pub fn passage(&self, code: i64, shop_id: Option<ShopId>) -> Passage {
        let blocked = shop_id.is_some_and(|shop_id| self.blocked_shops.contains(&shop_id));
        if self.suspended_at.is_some() {
            Passage::Suspended
        } else if blocked || self.off.contains(&code) {
            Passage::SwitchedOff
        } else {
            Passage::Open
        }
    }
}
