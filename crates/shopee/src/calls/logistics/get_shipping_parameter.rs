//! `GET logistics/get_shipping_parameter` (shopee.md §5.5): how a package may be handed over, and
//! what has to be said for it. A way is open where `info_needed` names it, even with nothing to say.

use hawker_domain::{OrderSn, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List, Texts};

/// Asks how a package may be handed over.
#[derive(Clone, Debug)]
pub struct GetShippingParameter {
    /// The order.
    pub order: OrderSn,
    /// The package, where the order is split.
    pub package_number: Option<String>,
}

impl Call for GetShippingParameter {
    const ENDPOINT: Endpoint = Endpoint::get(
        "logistics.get_shipping_parameter",
        "/logistics/get_shipping_parameter",
    );
    type Reply = ShippingParameterWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("order_sn", &self.order)
            .with_some("package_number", self.package_number.as_deref())
            .about_orders(1)
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct ShippingParameterWire {
    pub info_needed: MethodsWire,
    pub pickup: Option<PickupWire>,
    pub dropoff: Option<DropoffWire>,
}

/// The ways, each with what has to be said for it.
#[derive(Debug, Deserialize)]
pub struct MethodsWire {
    pub pickup: Option<Texts>,
    pub dropoff: Option<Texts>,
    pub non_integrated: Option<Texts>,
}

/// Where and when a carrier may come.
#[derive(Debug, Deserialize)]
pub struct PickupWire {
    #[serde(default)]
    pub address_list: List<PickupAddressWire>,
}

/// An address of the seller.
#[derive(Debug, Deserialize)]
pub struct PickupAddressWire {
    pub address_id: Field<i64>,
    pub region: Field<String>,
    pub state: Field<String>,
    pub city: Field<String>,
    pub district: Field<String>,
    pub town: Field<String>,
    pub address: Field<String>,
    pub zipcode: Field<String>,
    /// `default_address`, `pickup_address`, `return_address`.
    #[serde(default)]
    pub address_flag: Texts,
    #[serde(default)]
    pub time_slot_list: List<TimeSlotWire>,
}

/// When a carrier may come.
#[derive(Debug, Deserialize)]
pub struct TimeSlotWire {
    pub date: Field<Timestamp>,
    pub time_text: Field<String>,
    pub pickup_time_id: Field<String>,
    #[serde(default)]
    pub flags: Texts,
}

/// Where a parcel may be brought; the lists differ from carrier to carrier and are kept whole.
#[derive(Debug, Deserialize)]
pub struct DropoffWire {
    #[serde(default)]
    pub branch_list: List<Box<RawValue>>,
    #[serde(default)]
    pub slug_list: List<Box<RawValue>>,
}
