//! The [`ParcelTracker`] port: which tracking numbers packages have by now (shopee.md §5.1). A package
//! that cannot be read, or that the platform does not know, keeps no other one's number back.

use std::collections::BTreeSet;

use async_trait::async_trait;
use hawker_ports::MarketplaceError;
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::parcels::{ParcelTracker, Tracking};
use tokio::time::Instant;

use super::marketplace::ShopeeMarketplace;
use crate::calls::order::{
    GetPackageDetail, PACKAGES_PER_CALL_MAX, PackageDetailWire, PackageDetailsWire,
};

#[async_trait]
impl ParcelTracker for ShopeeMarketplace {
    fn parcels_per_call(&self) -> u32 {
        u32::try_from(PACKAGES_PER_CALL_MAX).unwrap_or(u32::MAX)
    }

    /// A batch with an unknown package may be refused as a whole, as with orders. It is then halved
    /// until the unknown one stands alone.
    async fn tracking_numbers(
        &self,
        access: &ShopAccess,
        packages: &[String],
    ) -> Result<Vec<Tracking>, MarketplaceError> {
        let deadline = self.api.deadline();
        // The platform reads the numbers as one text with commas between them.
        let can_be_asked = |package: &&String| !package.contains(',');
        let asked: BTreeSet<&String> = packages.iter().filter(can_be_asked).collect();
        let asked: Vec<String> = asked.into_iter().cloned().collect();
        let mut batches: Vec<&[String]> = asked.chunks(PACKAGES_PER_CALL_MAX).collect();
        let mut told = Vec::with_capacity(asked.len());
        while let Some(batch) = batches.pop() {
            match self.packages(access, batch, deadline).await {
                Ok(reply) => told.extend(tracking(&reply, batch)),
                Err(error) if is_about_a_package(&error) => {
                    if batch.len() > 1 {
                        let (first, second) = batch.split_at(batch.len() / 2);
                        batches.extend([first, second]);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(told)
    }
}

impl ShopeeMarketplace {
    async fn packages(
        &self,
        access: &ShopAccess,
        batch: &[String],
        deadline: Instant,
    ) -> Result<PackageDetailsWire, MarketplaceError> {
        let call = GetPackageDetail {
            package_numbers: batch.to_vec(),
        };
        let answer = self.api.typed(access.into(), &call, deadline).await?;
        Ok(answer.reply)
    }
}

/// Other calls say so of a package that they do not know (shopee.md §5.5).
fn is_about_a_package(error: &MarketplaceError) -> bool {
    match error {
        MarketplaceError::NotFound { .. } => true,
        MarketplaceError::Refused { code, .. } => code.contains("package_number_not_exist"),
        _ => false,
    }
}

/// The numbers of packages that were asked for. A blank one is none.
fn tracking(reply: &PackageDetailsWire, asked: &[String]) -> Vec<Tracking> {
    let packages = reply.package_list.iter().filter_map(|package| {
        package
            .read()
            .inspect_err(|complaint| tracing::warn!(%complaint, "a package cannot be read"))
            .ok()
    });
    let tracking = packages.filter_map(|package: PackageDetailWire| {
        let package_number = package.package_number.as_deref()?.to_owned();
        let tracking_number = package.tracking_number.as_deref()?.trim().to_owned();
        let is_told = !tracking_number.is_empty() && asked.contains(&package_number);
        is_told.then_some(Tracking {
            package_number,
            tracking_number,
            is_pushed: false,
        })
    });
    tracking.collect()
}
