//! The marketplace's list of returns: until when which of them waits for an answer.

use async_trait::async_trait;
use hawker_domain::completeness::Window;

use crate::marketplace::{MarketplaceError, ShopAccess};

pub use hawker_domain::order::OpenReturn;

/// A page of the list of returns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReturnPage {
    /// Its returns, those that are over among them. One that changes while pages are turned may be on
    /// two of them.
    pub returns: Vec<OpenReturn>,
    /// Whether there are more behind them.
    pub has_more: bool,
}

/// The marketplace's list of a shop's returns.
#[async_trait]
pub trait ReturnLister: Send + Sync {
    /// A page, from 1, of the returns that changed last within a window of at most 15 days (shopee.md
    /// §5.7).
    async fn list_returns(
        &self,
        access: &ShopAccess,
        window: Window,
        page: u32,
    ) -> Result<ReturnPage, MarketplaceError>;
}
