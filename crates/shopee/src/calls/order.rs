//! Orders: which there are, what they look like, and what a seller may do about them before they are
//! shipped.

mod cancel_order;
mod get_order_detail;
mod get_order_list;
mod get_package_detail;
mod get_shipment_list;
mod handle_buyer_cancellation;
mod search_package_list;
mod set_note;
mod split_order;
mod unsplit_order;

pub use cancel_order::{CancelOrder, CancelReason, CancelledItem, UpdatedWire};
pub use get_order_detail::{GetOrderDetail, ORDER_DETAIL_FIELDS, ORDERS_PER_CALL_MAX};
pub use get_order_list::{
    GetOrderList, ListedOrderWire, ORDER_LIST_WINDOW_DAYS_MAX, OrderNumbersWire, TimeRange,
};
pub use get_package_detail::{
    GetPackageDetail, PACKAGES_PER_CALL_MAX, PackageDetailWire, PackageDetailsWire, PackageItemWire,
};
pub use get_shipment_list::{GetShipmentList, ShipmentWire, ShipmentsWire};
pub use handle_buyer_cancellation::{CancellationDecision, HandleBuyerCancellation};
pub use search_package_list::{
    FoundPackageWire, PackageFilter, PackageOrder, PackagePaginationWire, PackageStatus,
    PackagesWire, SearchPackageList,
};
pub use set_note::SetNote;
pub use split_order::{ParcelItem, SplitOrder, SplitPackageWire, SplitWire};
pub use unsplit_order::UnsplitOrder;
