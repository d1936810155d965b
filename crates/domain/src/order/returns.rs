//! Returns as the marketplace lists them: which of them wait for the seller, and until when.
//!
//! A return that nobody answers in time is refunded without a word, so its deadline is the deadline of
//! the task that the order raises. Of several returns of one order the earliest counts.

use std::fmt;

use crate::exception::{Cause, ErrorClass};
use crate::ids::OrderSn;
use crate::{Timestamp, Zone};

/// What tells the task of an opened return apart from other tasks of its order.
pub const RETURN_OPENED: &str = "return-opened";

/// Shopee's `ReturnStatus` (shopee.md §6.3). The set is open: what we do not model is carried as its
/// own text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReturnStatus {
    /// The buyer asks for it.
    Requested,
    /// It was agreed to.
    Accepted,
    /// The goods are on their way back.
    Processing,
    /// The marketplace decides.
    Judging,
    /// The seller disputes it.
    SellerDispute,
    /// The buyer took it back.
    Cancelled,
    /// It is over.
    Closed,
    /// Anything else.
    Other(String),
}

/// What a return asks of the seller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SellerTask {
    /// To answer the buyer.
    Answer,
    /// To look at what comes back, once the buyer has sent it.
    CheckGoods,
}

impl ReturnStatus {
    /// The seven statuses that are modelled.
    pub const MODELLED: [Self; 7] = [
        Self::Requested,
        Self::Accepted,
        Self::Processing,
        Self::Judging,
        Self::SellerDispute,
        Self::Cancelled,
        Self::Closed,
    ];

    /// The platform's text.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Requested => "REQUESTED",
            Self::Accepted => "ACCEPTED",
            Self::Processing => "PROCESSING",
            Self::Judging => "JUDGING",
            Self::SellerDispute => "SELLER_DISPUTE",
            Self::Cancelled => "CANCELLED",
            Self::Closed => "CLOSED",
            Self::Other(text) => text,
        }
    }

    /// The status that the platform's text names; never fails.
    pub fn from_text(text: &str) -> Self {
        Self::MODELLED
            .into_iter()
            .find(|status| status.as_str() == text)
            .unwrap_or_else(|| Self::Other(text.to_owned()))
    }

    /// What the return may ask of the seller; nothing where the marketplace decides or where it is over.
    /// A status that we do not model may be waiting for an answer: better looked at in vain than missed.
    pub const fn seller_task(&self) -> Option<SellerTask> {
        match self {
            Self::Requested | Self::Other(_) => Some(SellerTask::Answer),
            Self::Accepted | Self::Processing => Some(SellerTask::CheckGoods),
            Self::Judging | Self::SellerDispute | Self::Cancelled | Self::Closed => None,
        }
    }
}

impl fmt::Display for ReturnStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A return of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReturn {
    /// Its number.
    pub return_sn: String,
    /// The order.
    pub order_sn: OrderSn,
    /// How it stands.
    pub status: ReturnStatus,
    /// Whether it waits for the seller.
    pub needs_seller: bool,
    /// Until when, where the marketplace says so.
    pub due_at: Option<Timestamp>,
}

/// The task of an order that these returns set, with the deadline of the one that is due first, told in
/// the shop's zone. Nothing where none of them waits for the seller until a known time.
pub fn return_task<'a>(
    order_sn: &OrderSn,
    returns: impl IntoIterator<Item = &'a OpenReturn>,
    zone: Zone,
) -> Option<Cause> {
    let mut waiting: Vec<_> = returns
        .into_iter()
        .filter(|one| one.order_sn == *order_sn && one.needs_seller)
        .filter_map(|one| Some((one.due_at?, one)))
        .collect();
    waiting.sort_by(|(due, a), (other_due, b)| (due, &a.return_sn).cmp(&(other_due, &b.return_sn)));
    let ((due_at, first), later) = waiting.split_first()?;
    let until = format!(
        "until {} ({zone})",
        due_at.with_timezone(&zone).format("%Y-%m-%d %H:%M")
    );
    let mut message = demand(first, &until);
    if !later.is_empty() {
        let numbers: Vec<_> = later
            .iter()
            .map(|(_, one)| one.return_sn.as_str())
            .collect();
        message.push_str(" Due later: ");
        message.push_str(&numbers.join(", "));
        message.push('.');
    }
    Some(Cause {
        class: ErrorClass::ActionRequired,
        key: RETURN_OPENED.into(),
        message,
        due_at: Some(*due_at),
    })
}

fn demand(of: &OpenReturn, until: &str) -> String {
    let OpenReturn {
        return_sn,
        order_sn,
        status,
        ..
    } = of;
    match (status, status.seller_task()) {
        (ReturnStatus::Requested, _) => format!(
            "The buyer of order {order_sn} opened return {return_sn}. Accept or dispute it at the marketplace {until}."
        ),
        (_, Some(SellerTask::CheckGoods)) => format!(
            "The goods of return {return_sn} of order {order_sn} come back. Check them, and accept or dispute the refund at the marketplace {until}."
        ),
        (_, Some(SellerTask::Answer) | None) => format!(
            "Return {return_sn} of order {order_sn} is {status}. Answer it at the marketplace {until}."
        ),
    }
}
