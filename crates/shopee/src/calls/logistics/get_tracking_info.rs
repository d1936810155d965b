//! `GET logistics/get_tracking_info` (shopee.md §5.5): where a parcel has been.

use hawker_domain::{OrderSn, Timestamp};
use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Asks where a parcel has been.
#[derive(Clone, Debug)]
pub struct GetTracking {
    /// The order.
    pub order: OrderSn,
    /// The package, where the order is split.
    pub package_number: Option<String>,
}

impl Call for GetTracking {
    const ENDPOINT: Endpoint = Endpoint::get(
        "logistics.get_tracking_info",
        "/logistics/get_tracking_info",
    );
    type Reply = TrackingWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("order_sn", &self.order)
            .with_some("package_number", self.package_number.as_deref())
            .about_orders(1)
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct TrackingWire {
    pub order_sn: Field<String>,
    pub package_number: Field<String>,
    pub logistics_status: Field<String>,
    #[serde(default)]
    pub tracking_info: List<TrackingEventWire>,
}

/// Something that happened to a parcel.
#[derive(Debug, Deserialize)]
pub struct TrackingEventWire {
    pub update_time: Field<Timestamp>,
    pub description: Field<String>,
    pub logistics_status: Field<String>,
}
