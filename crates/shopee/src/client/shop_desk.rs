//! The [`ShopDesk`] port: what the platform says of a shop itself (shopee.md §5.4).

use async_trait::async_trait;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::shops::{ShopDesk, ShopDetails, Warehouse, Warehouses};

use super::call::Call;
use super::marketplace::ShopeeMarketplace;
use super::refusal::normalised;
use super::reply::not_understood;
use crate::calls::shop::{GetShop, GetWarehouseDetail, ShopWire, WarehouseKind, WarehouseWire};
use crate::wire::{Complaint, Fault, Verbatim, read};

/// How the platform says that a shop has no multi-warehouse: the shop has none, its market has
/// none, or none is set up.
const SINGLE_LOCATION: [&str; 3] = [
    "error_not_in_whitelist",
    "error_region_not_valid",
    "error_can_not_find_warehouse",
];

/// The members of a warehouse that have a name of their own with us.
const NAMED: [&str; 4] = [
    "warehouse_id",
    "warehouse_name",
    "warehouse_type",
    "location_id",
];

#[async_trait]
impl ShopDesk for ShopeeMarketplace {
    async fn shop_info(&self, access: &ShopAccess) -> Result<ShopDetails, MarketplaceError> {
        let deadline = self.api.deadline();
        let answer = self.api.typed(access.into(), &GetShop, deadline).await?;
        shop_info(answer.reply)
            .map_err(|complaint| not_understood(&GetShop::ENDPOINT, complaint.to_string()))
    }

    /// Only those that parcels start from: stock is counted there.
    async fn warehouses(&self, access: &ShopAccess) -> Result<Warehouses, MarketplaceError> {
        let call = GetWarehouseDetail {
            kind: WarehouseKind::Pickup,
        };
        let deadline = self.api.deadline();
        let list = match self.api.typed(access.into(), &call, deadline).await {
            Ok(answer) => answer.reply,
            Err(MarketplaceError::Refused { code, .. })
                if SINGLE_LOCATION.contains(&normalised(&code).as_str()) =>
            {
                return Ok(Warehouses::Single);
            }
            Err(error) => return Err(error),
        };
        if list.is_empty() {
            return Ok(Warehouses::Single);
        }
        list.iter()
            .map(warehouse)
            .collect::<Result<_, _>>()
            .map(Warehouses::Several)
            .map_err(|complaint| {
                not_understood(&GetWarehouseDetail::ENDPOINT, complaint.to_string())
            })
    }
}

fn shop_info(wire: ShopWire) -> Result<ShopDetails, Complaint> {
    let required =
        |member, value: Option<String>| value.ok_or_else(|| Complaint::of(member, &Fault::Missing));
    Ok(ShopDetails {
        name: wire.shop_name.0.unwrap_or_default(),
        region: required("region", wire.region.0)?,
        status: required("status", wire.status.0)?,
        authorised_at: *wire.auth_time,
        authorisation_ends_at: *wire.expire_time,
        merchant: wire.merchant_id.filter(|id| *id > 0),
        is_cross_border: wire.is_cb.unwrap_or(false),
    })
}

fn warehouse(kept: &Verbatim<WarehouseWire>) -> Result<Warehouse, Complaint> {
    let wire = kept.read()?;
    let location_id = wire
        .location_id
        .0
        .ok_or_else(|| Complaint::of("location_id", &Fault::Missing))?;
    let mut address: serde_json::Map<_, _> = read(kept.json())?;
    address.retain(|member, _| !NAMED.contains(&member.as_str()));
    Ok(Warehouse {
        location_id,
        name: wire.warehouse_name.0,
        kind: wire
            .warehouse_type
            .and_then(|kind| i32::try_from(kind).ok()),
        address,
    })
}
