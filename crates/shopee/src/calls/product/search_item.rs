//! `GET product/search_item` (shopee.md §5.6): items by name or by SKU.

use serde::Deserialize;

use crate::calls::PAGE_SIZE_MAX;
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// By what items are looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemCriterion {
    /// Part of the name.
    Name(String),
    /// The item's SKU.
    Sku(String),
}

/// Asks for a page of items.
#[derive(Clone, Debug)]
pub struct SearchItem {
    /// Which.
    pub by: ItemCriterion,
    /// Entries of a page.
    pub page_size: u32,
    /// Where the page starts: what the page before said. Not a number.
    pub offset: Option<String>,
}

impl SearchItem {
    /// The first page.
    pub const fn new(by: ItemCriterion) -> Self {
        Self {
            by,
            page_size: PAGE_SIZE_MAX,
            offset: None,
        }
    }
}

impl Call for SearchItem {
    const ENDPOINT: Endpoint = Endpoint::get("product.search_item", "/product/search_item");
    type Reply = FoundItemsWire;

    fn arguments(&self) -> Arguments {
        let (criterion, text) = match &self.by {
            ItemCriterion::Name(name) => ("item_name", name),
            ItemCriterion::Sku(sku) => ("item_sku", sku),
        };
        Arguments::default()
            .with("page_size", self.page_size)
            .with_some("offset", self.offset.as_deref())
            .with(criterion, text)
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct FoundItemsWire {
    #[serde(default)]
    pub item_id_list: List<Field<i64>>,
    pub total_count: Field<i64>,
    pub next_offset: Field<String>,
}
