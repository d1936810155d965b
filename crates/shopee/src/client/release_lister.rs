//! The [`ReleaseLister`] port: whose money was released when (shopee.md §5.2). A page is whole or none,
//! as for [orders](super::order_lister).

use async_trait::async_trait;
use chrono::TimeDelta;
use hawker_domain::OrderSn;
use hawker_domain::completeness::Window;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::recovery::{Release, ReleaseLister, ReleasePage};

use super::call::Call;
use super::marketplace::ShopeeMarketplace;
use super::reply::not_understood;
use super::seconds;
use crate::calls::payment::{EscrowReleasesWire, GetEscrowList, ReleaseWire};
use crate::wire::{Complaint, Fault};

#[async_trait]
impl ReleaseLister for ShopeeMarketplace {
    /// The platform may say of a window without releases that there is no income.
    async fn list_releases(
        &self,
        access: &ShopAccess,
        window: Window,
        page: u32,
    ) -> Result<ReleasePage, MarketplaceError> {
        // Asked for up to the end, and cut to before it: the times of releases are told.
        let from = seconds::from_on(window.from);
        let to = seconds::from_on(window.to).max(from + TimeDelta::seconds(1));
        let call = GetEscrowList {
            page_no: page,
            ..GetEscrowList::new(from, to)
        };
        let deadline = self.api.deadline();
        let reply = match self.api.typed(access.into(), &call, deadline).await {
            Ok(answer) => answer.reply,
            Err(MarketplaceError::NotFound { .. }) => return Ok(ReleasePage::default()),
            Err(error) => return Err(error),
        };
        let has_more = reply.more.unwrap_or(false);
        if has_more && reply.escrow_list.is_empty() {
            let reason = format!("page {page} of the list of releases is empty, and it goes on");
            return Err(not_understood(&GetEscrowList::ENDPOINT, reason));
        }
        let releases = releases(&reply, window)
            .map_err(|complaint| not_understood(&GetEscrowList::ENDPOINT, complaint.to_string()))?;
        Ok(ReleasePage { releases, has_more })
    }
}

fn releases(wire: &EscrowReleasesWire, window: Window) -> Result<Vec<Release>, Complaint> {
    let within = |release: &Release| (window.from..window.to).contains(&release.released_at);
    let releases = wire.escrow_list.iter().map(release);
    releases
        .filter(|release| release.as_ref().map_or(true, within))
        .collect()
}

fn release(wire: &ReleaseWire) -> Result<Release, Complaint> {
    let complaint = |member: &str, fault| Complaint::of(&format!("escrow_list[].{member}"), &fault);
    let order_sn = wire
        .order_sn
        .as_deref()
        .ok_or_else(|| complaint("order_sn", Fault::Missing))?;
    Ok(Release {
        order_sn: OrderSn::parse(order_sn)
            .ok_or_else(|| complaint("order_sn", Fault::not("an order number", order_sn)))?,
        payout: *wire.payout_amount,
        released_at: wire
            .escrow_release_time
            .ok_or_else(|| complaint("escrow_release_time", Fault::Missing))?,
    })
}
