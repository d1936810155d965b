//! `GET returns/get_return_list` (shopee.md §5.7): the returns that were opened or changed in a window
//! of time.

use hawker_domain::Timestamp;
use serde::Deserialize;

use super::ReturnWire;
use crate::calls::PAGE_SIZE_MAX;
use crate::calls::order::TimeRange;
use crate::client::{Arguments, Call, Endpoint};
use crate::wire::{Field, List, Verbatim};

/// The longest window, in days.
pub const RETURN_LIST_WINDOW_DAYS_MAX: i64 = 15;

/// Asks for a page of returns.
#[derive(Clone, Debug)]
pub struct GetReturnList {
    /// The page, from 0.
    pub page_no: u32,
    /// Entries of a page.
    pub page_size: u32,
    /// By which time, from when on and until when; at most [`RETURN_LIST_WINDOW_DAYS_MAX`].
    pub window: Option<(TimeRange, Timestamp, Timestamp)>,
    /// Only returns with this status.
    pub status: Option<String>,
}

/// The first page of everything.
impl Default for GetReturnList {
    fn default() -> Self {
        Self {
            page_no: 0,
            page_size: PAGE_SIZE_MAX,
            window: None,
            status: None,
        }
    }
}

impl Call for GetReturnList {
    const ENDPOINT: Endpoint = Endpoint::get("returns.get_return_list", "/returns/get_return_list");
    type Reply = ReturnsWire;

    fn arguments(&self) -> Arguments {
        let arguments = Arguments::default()
            .with("page_no", self.page_no)
            .with("page_size", self.page_size)
            .with_some("status", self.status.as_deref());
        match self.window {
            None => arguments,
            Some((TimeRange::Created, from, to)) => arguments
                .with("create_time_from", from.timestamp())
                .with("create_time_to", to.timestamp()),
            Some((TimeRange::Updated, from, to)) => arguments
                .with("update_time_from", from.timestamp())
                .with("update_time_to", to.timestamp()),
        }
    }
}

/// `response` of the reply.
#[derive(Debug, Deserialize)]
pub struct ReturnsWire {
    /// The platform's name for it is `return`.
    #[serde(rename = "return")]
    pub returns: List<Verbatim<ReturnWire>>,
    pub more: Field<bool>,
}
