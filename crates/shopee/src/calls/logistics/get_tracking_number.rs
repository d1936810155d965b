//! `GET logistics/get_tracking_number` (shopee.md §5.5). It may be blank for a while after the
//! shipment was arranged.

use hawker_domain::OrderSn;
use serde::Deserialize;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::Field;

/// What the platform sends only when asked.
const OPTIONAL_FIELDS: &str = "plp_number,first_mile_tracking_number,last_mile_tracking_number";

/// Asks for a tracking number.
#[derive(Clone, Debug)]
pub struct GetTrackingNumber {
    /// The order.
    pub order: OrderSn,
    /// The package, where the order is split.
    pub package_number: Option<String>,
}

impl Call for GetTrackingNumber {
    const ENDPOINT: Endpoint = Endpoint::get(
        "logistics.get_tracking_number",
        "/logistics/get_tracking_number",
    );
    type Reply = TrackingNumberWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("order_sn", &self.order)
            .with_some("package_number", self.package_number.as_deref())
            .with("response_optional_fields", OPTIONAL_FIELDS)
            .about_orders(1)
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct TrackingNumberWire {
    pub tracking_number: Field<String>,
    pub plp_number: Field<String>,
    pub first_mile_tracking_number: Field<String>,
    pub last_mile_tracking_number: Field<String>,
    /// Why there is none yet, for people.
    pub hint: Field<String>,
    pub pickup_code: Field<String>,
}
