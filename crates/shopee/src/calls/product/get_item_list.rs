//! `GET product/get_item_list` (shopee.md §5.6): the ids of what the shop offers.

use hawker_domain::Timestamp;
use serde::Deserialize;

use crate::calls::PAGE_SIZE_MAX;
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemStatus {
    /// On offer.
    Normal,
    /// Banned by the platform.
    Banned,
    /// Taken off by the seller.
    Unlisted,
    /// Under review.
    Reviewing,
    /// Deleted by the seller.
    DeletedBySeller,
    /// Deleted by the platform.
    DeletedByPlatform,
}

impl ItemStatus {
    /// The platform's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Banned => "BANNED",
            Self::Unlisted => "UNLIST",
            Self::Reviewing => "REVIEWING",
            Self::DeletedBySeller => "SELLER_DELETE",
            Self::DeletedByPlatform => "SHOPEE_DELETE",
        }
    }
}

/// Asks for a page of items.
#[derive(Clone, Debug)]
pub struct GetItemList {
    /// Where the page starts; what the page before said, 0 for the first.
    pub offset: i64,
    /// Entries of a page.
    pub page_size: u32,
    /// Items that stand there; at least one.
    pub statuses: Vec<ItemStatus>,
    /// Only items that changed from then on and until then.
    pub updated: Option<(Timestamp, Timestamp)>,
}

/// The first page of what is on offer.
impl Default for GetItemList {
    fn default() -> Self {
        Self {
            offset: 0,
            page_size: PAGE_SIZE_MAX,
            statuses: vec![ItemStatus::Normal],
            updated: None,
        }
    }
}

impl Call for GetItemList {
    const ENDPOINT: Endpoint = Endpoint::get("product.get_item_list", "/product/get_item_list");
    type Reply = ListedItemsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("offset", self.offset)
            .with("page_size", self.page_size)
            .with_each(
                "item_status",
                self.statuses.iter().map(|status| status.as_str()),
            )
            .with_some(
                "update_time_from",
                self.updated.map(|(from, _)| from.timestamp()),
            )
            .with_some("update_time_to", self.updated.map(|(_, to)| to.timestamp()))
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct ListedItemsWire {
    /// Left out where there are none.
    #[serde(default)]
    pub item: List<ListedItemWire>,
    pub total_count: Field<i64>,
    pub has_next_page: Field<bool>,
    pub next_offset: Field<i64>,
}

/// An item of the list.
#[derive(Debug, Deserialize)]
pub struct ListedItemWire {
    pub item_id: Field<i64>,
    pub item_status: Field<String>,
    pub update_time: Field<Timestamp>,
}
