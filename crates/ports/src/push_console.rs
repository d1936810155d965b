//! The marketplace's push settings of an app.

use std::fmt;

use async_trait::async_trait;
use hawker_domain::{ShopId, Timestamp};

use crate::marketplace::{AppAccess, MarketplaceError};

/// How the marketplace judges our answers to its pushes (`live_push_status`, shopee.md §4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushStatus {
    /// All is well.
    Normal,
    /// Fewer than 70 % of the pushes of six hours were answered well.
    Warning,
    /// Fewer than 30 %: nothing is pushed any more, and what is not pushed is lost for good.
    Suspended,
    /// A status that this version does not know.
    Other(String),
}

impl PushStatus {
    /// From the marketplace's word.
    pub fn parse(text: &str) -> Self {
        match text.trim() {
            "Normal" => Self::Normal,
            "Warning" => Self::Warning,
            "Suspended" => Self::Suspended,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The marketplace's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
            Self::Suspended => "Suspended",
            Self::Other(other) => other,
        }
    }
}

impl fmt::Display for PushStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An app's push settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushSettings {
    /// Where pushes go; one URL for all shops of the app.
    pub callback_url: Option<String>,
    /// How the marketplace judges our answers.
    pub status: PushStatus,
    /// Since when it is suspended.
    pub suspended_at: Option<Timestamp>,
    /// Codes that are pushed. The API knows codes up to 13 only; newer ones are set in the console.
    pub codes_on: Vec<i32>,
    /// Codes that are not.
    pub codes_off: Vec<i32>,
    /// Shops that nothing is pushed for.
    pub blocked_shops: Vec<ShopId>,
}

/// What is to be changed; what is left out stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PushSettingsChange {
    /// Where pushes go. The marketplace sends a test push there first and refuses a URL that does not
    /// answer it with 2xx within three seconds.
    pub callback_url: Option<String>,
    /// Codes to push.
    pub switch_on: Vec<i32>,
    /// Codes not to push.
    pub switch_off: Vec<i32>,
    /// Shops that nothing is pushed for; at most 500.
    pub blocked_shops: Option<Vec<ShopId>>,
}

/// Reads and changes an app's push settings.
#[async_trait]
pub trait PushConsole: Send + Sync {
    /// The settings.
    async fn push_settings(&self, app: &AppAccess) -> Result<PushSettings, MarketplaceError>;

    /// Changes them.
    async fn change_push_settings(
        &self,
        app: &AppAccess,
        change: &PushSettingsChange,
    ) -> Result<(), MarketplaceError>;
}
