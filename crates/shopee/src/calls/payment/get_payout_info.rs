//! `GET payment/get_payout_info` (shopee.md §5.2): what was paid out to a seller across borders. A
//! local shop is refused.

use hawker_domain::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::calls::{PAGE_SIZE_MAX, next_page};
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Asks for a page of payouts.
#[derive(Clone, Debug)]
pub struct GetPayouts {
    /// Paid out from then on; not before 2022-05-01.
    pub from: Timestamp,
    /// Until then; at most fifteen days later.
    pub to: Timestamp,
    /// Entries of a page.
    pub page_size: u32,
    /// Where the page starts; blank for the first.
    pub cursor: String,
}

impl GetPayouts {
    /// The first page of a window.
    pub const fn new(from: Timestamp, to: Timestamp) -> Self {
        Self {
            from,
            to,
            page_size: PAGE_SIZE_MAX,
            cursor: String::new(),
        }
    }
}

impl Call for GetPayouts {
    const ENDPOINT: Endpoint = Endpoint::get("payment.get_payout_info", "/payment/get_payout_info");
    type Reply = PayoutsWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("payout_time_from", self.from.timestamp())
            .with("payout_time_to", self.to.timestamp())
            .with("page_size", self.page_size)
            .with("cursor", &self.cursor)
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct PayoutsWire {
    pub payout_list: List<PayoutWire>,
    pub more: Field<bool>,
    pub next_cursor: Field<String>,
}

impl PayoutsWire {
    /// The cursor of the next page, where there is one.
    pub fn next(&self) -> Option<&str> {
        next_page(self.more, &self.next_cursor)
    }
}

/// A payout.
#[derive(Debug, Deserialize)]
pub struct PayoutWire {
    pub from_currency: Field<String>,
    pub payout_currency: Field<String>,
    pub from_amount: Field<Decimal>,
    pub payout_amount: Field<Decimal>,
    /// No amount: it may have more decimals than one.
    pub exchange_rate: Field<String>,
    pub payout_time: Field<Timestamp>,
    pub pay_service: Field<String>,
    pub payee_id: Field<String>,
    pub encrypted_payout_id: Field<String>,
}
