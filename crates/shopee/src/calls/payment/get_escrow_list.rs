//! `GET payment/get_escrow_list` (shopee.md §5.2): whose money was released in a window of time. No
//! longest window is documented; slices of fifteen days are safe.

use hawker_domain::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::calls::PAGE_SIZE_MAX;
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Asks for a page of releases.
#[derive(Clone, Debug)]
pub struct GetEscrowList {
    /// Released from then on.
    pub from: Timestamp,
    /// Until then.
    pub to: Timestamp,
    /// Entries of a page.
    pub page_size: u32,
    /// The page, from 1.
    pub page_no: u32,
}

impl GetEscrowList {
    /// The first page of a window.
    pub const fn new(from: Timestamp, to: Timestamp) -> Self {
        Self {
            from,
            to,
            page_size: PAGE_SIZE_MAX,
            page_no: 1,
        }
    }
}

impl Call for GetEscrowList {
    const ENDPOINT: Endpoint = Endpoint::get("payment.get_escrow_list", "/payment/get_escrow_list");
    type Reply = EscrowReleasesWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("release_time_from", self.from.timestamp())
            .with("release_time_to", self.to.timestamp())
            .with("page_size", self.page_size)
            .with("page_no", self.page_no)
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct EscrowReleasesWire {
    pub escrow_list: List<ReleaseWire>,
    pub more: Field<bool>,
}

/// Money that was released.
#[derive(Debug, Deserialize)]
pub struct ReleaseWire {
    pub order_sn: Field<String>,
    pub payout_amount: Field<Decimal>,
    pub escrow_release_time: Field<Timestamp>,
}
