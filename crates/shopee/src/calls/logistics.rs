//! Shipping, as far as it is asked about: carriers, what a shipment needs, tracking, labels.

mod download_shipping_document;
mod get_channel_list;
mod get_shipping_document_parameter;
mod get_shipping_document_result;
mod get_shipping_parameter;
mod get_tracking_info;
mod get_tracking_number;
mod labelled_package;

pub use download_shipping_document::DownloadShippingDocument;
pub use get_channel_list::{ChannelWire, ChannelsWire, GetChannelList};
pub use get_shipping_document_parameter::{
    DocumentParameterWire, DocumentParametersWire, GetShippingDocumentParameter,
};
pub use get_shipping_document_result::{
    DocumentResultWire, DocumentResultsWire, GetShippingDocumentResult,
};
pub use get_shipping_parameter::{
    DropoffWire, GetShippingParameter, MethodsWire, PickupAddressWire, PickupWire,
    ShippingParameterWire, TimeSlotWire,
};
pub use get_tracking_info::{GetTracking, TrackingEventWire, TrackingWire};
pub use get_tracking_number::{GetTrackingNumber, TrackingNumberWire};
pub use labelled_package::{DOCUMENTS_PER_CALL_MAX, LabelledPackage};
