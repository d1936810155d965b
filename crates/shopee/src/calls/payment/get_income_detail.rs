//! `GET payment/get_income_detail` (shopee.md §5.2): income by order, as the seller centre shows it.
//! The payload stands beside `error`, and the platform's table and sample name its list differently.

use chrono::NaiveDate;
use hawker_domain::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::calls::PAGE_SIZE_MAX;
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List};

/// Where income stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncomeStatus {
    /// To be released; sellers across borders only.
    ToRelease = 0,
    /// Released.
    Released = 1,
    /// Pending.
    Pending = 2,
}

/// Asks for a page of income.
#[derive(Clone, Debug)]
pub struct GetIncomeDetail {
    /// The first day, in the shop's zone; counts for what was released.
    pub from: NaiveDate,
    /// The last day; at most fourteen days later.
    pub to: NaiveDate,
    /// Where it stands.
    pub status: IncomeStatus,
    /// Entries of a page.
    pub page_size: u32,
    /// Where the page starts; blank for the first.
    pub cursor: String,
}

impl GetIncomeDetail {
    /// The first page of what was released.
    pub const fn released(from: NaiveDate, to: NaiveDate) -> Self {
        Self {
            from,
            to,
            status: IncomeStatus::Released,
            page_size: PAGE_SIZE_MAX,
            cursor: String::new(),
        }
    }
}

impl Call for GetIncomeDetail {
    const ENDPOINT: Endpoint =
        Endpoint::get("payment.get_income_detail", "/payment/get_income_detail").flat();
    type Reply = IncomesWire;

    fn arguments(&self) -> Arguments {
        Arguments::default()
            .with("date_from", self.from.format("%Y-%m-%d"))
            .with("date_to", self.to.format("%Y-%m-%d"))
            .with("income_status", self.status as u8)
            .with("cursor", &self.cursor)
            .with("page_size", self.page_size)
    }
}

/// The reply.
#[derive(Debug, Deserialize)]
pub struct IncomesWire {
    income_detail_list: IncomePageWire,
}

impl IncomesWire {
    /// The income of the page.
    pub fn incomes(&self) -> &[IncomeWire] {
        let page = &self.income_detail_list;
        if page.list.is_empty() {
            &page.income_detail_list_item
        } else {
            &page.list
        }
    }

    /// The cursor of the next page, where there is one.
    pub fn next(&self) -> Option<&str> {
        self.income_detail_list
            .next_page
            .as_ref()?
            .cursor
            .as_deref()
    }
}

#[derive(Debug, Deserialize)]
struct IncomePageWire {
    #[serde(default)]
    list: List<IncomeWire>,
    #[serde(default)]
    income_detail_list_item: List<IncomeWire>,
    next_page: Option<NextPageWire>,
}

#[derive(Debug, Deserialize)]
struct NextPageWire {
    cursor: Field<String>,
}

/// The income of an order.
#[derive(Debug, Deserialize)]
pub struct IncomeWire {
    pub order_sn: Field<String>,
    pub currency: Field<String>,
    pub payment_method: Field<String>,
    /// For people, in the language of the market.
    pub status: Field<String>,
    pub released_amount: Field<Decimal>,
    pub actual_payout_time: Field<Timestamp>,
    pub estimated_escrow_amount: Field<Decimal>,
    pub estimated_payout_time: Field<Timestamp>,
    pub to_release_amount: Field<Decimal>,
    pub creation_date: Field<Timestamp>,
}
