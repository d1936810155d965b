//! The [`ReturnLister`] port: which returns wait for the seller until when (shopee.md §5.7). A page is
//! whole or none, as for [orders](super::order_lister): one return that were left out might be the one
//! that is due first.

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::OrderSn;
use hawker_domain::completeness::Window;
use hawker_domain::order::ReturnStatus;
use hawker_domain::order::returns::SellerTask;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::returns::{OpenReturn, ReturnLister, ReturnPage};

use super::call::Call;
use super::marketplace::ShopeeMarketplace;
use super::reply::not_understood;
use super::seconds;
use crate::calls::order::TimeRange;
use crate::calls::returns::{GetReturnList, ReturnWire};
use crate::wire::{Complaint, Fault, Verbatim};

#[async_trait]
impl ReturnLister for ShopeeMarketplace {
    /// The platform may say of a window without returns that there is no data.
    async fn list_returns(
        &self,
        access: &ShopAccess,
        window: Window,
        page: u32,
    ) -> Result<ReturnPage, MarketplaceError> {
        let call = call(window, page);
        let deadline = self.api.deadline();
        let reply = match self.api.typed(access.into(), &call, deadline).await {
            Ok(answer) => answer.reply,
            Err(MarketplaceError::NotFound { .. }) => return Ok(ReturnPage::default()),
            Err(error) => return Err(error),
        };
        let has_more = reply.more.unwrap_or(false);
        if has_more && reply.returns.is_empty() {
            let reason = format!("page {page} of the list of returns is empty, and it goes on");
            return Err(not_understood(&GetReturnList::ENDPOINT, reason));
        }
        let returns = reply.returns.iter().map(Verbatim::read);
        let returns = returns
            .map(|wire| open_return(&wire?))
            .collect::<Result<_, _>>()
            .map_err(|complaint| not_understood(&GetReturnList::ENDPOINT, complaint.to_string()))?;
        Ok(ReturnPage { returns, has_more })
    }
}

/// The platform counts pages from 0. Both ends of a window count in there, so that its last second is
/// the one before its end; and it refuses one without any length.
fn call(window: Window, page: u32) -> GetReturnList {
    let from = seconds::from_on(window.from);
    let to =
        (seconds::from_on(window.to) - TimeDelta::seconds(1)).max(from + TimeDelta::seconds(1));
    GetReturnList {
        page_no: page.saturating_sub(1),
        window: Some((TimeRange::Updated, from, to)),
        ..GetReturnList::default()
    }
}

fn open_return(wire: &ReturnWire) -> Result<OpenReturn, Complaint> {
    let complaint = |member: &str, fault| Complaint::of(&format!("return[].{member}"), &fault);
    let told = |member: &str, text: Option<&str>| {
        let text = text.map(str::to_owned);
        text.ok_or_else(|| complaint(member, Fault::Missing))
    };
    let order_sn = told("order_sn", wire.order_sn.as_deref())?;
    let status = ReturnStatus::from_text(&told("status", wire.status.as_deref())?);
    // `due_date` is the end of the time to answer, `return_seller_due_date` that of the time to look at
    // what the buyer sent; the latter is told once it was sent.
    let due_at = match status.seller_task() {
        Some(SellerTask::Answer) => *wire.due_date,
        Some(SellerTask::CheckGoods) => *wire.return_seller_due_date,
        None => None,
    };
    Ok(OpenReturn {
        return_sn: told("return_sn", wire.return_sn.as_deref())?,
        order_sn: OrderSn::parse(&order_sn)
            .ok_or_else(|| complaint("order_sn", Fault::not("an order number", &order_sn)))?,
        needs_seller: match status.seller_task() {
            Some(SellerTask::Answer) => true,
            Some(SellerTask::CheckGoods) => due_at.is_some(),
            None => false,
        },
        status,
        due_at,
    })
}
