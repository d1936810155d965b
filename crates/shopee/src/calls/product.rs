//! What the shop offers, as far as it is asked about.

mod get_item_base_info;
mod get_item_list;
mod get_model_list;
mod search_item;
mod stock;

pub use get_item_base_info::{GetItems, ITEMS_PER_CALL_MAX, ItemWire, ItemsWire};
pub use get_item_list::{GetItemList, ItemStatus, ListedItemWire, ListedItemsWire};
pub use get_model_list::{GetModelList, ModelWire, ModelsWire, OptionWire, TierVariationWire};
pub use search_item::{FoundItemsWire, ItemCriterion, SearchItem};
pub use stock::{LocatedStockWire, PriceWire, StockSummaryWire, StockWire};
