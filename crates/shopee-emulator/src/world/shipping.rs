//! From arrangement to delivery. Each verb acts on all packages that are ready for it, or on one
//! named package; the order's status follows its slowest package.

use super::error::WorldError;
use super::ids::{PackageNumber, Serials, Timestamp};
use super::order::{Cancellation, CancelledBy, InvoiceState, Order};
use super::package::{LogisticsStatus as L, Package};
use super::status::{IllegalTransition, OrderStatus, Step};

/// Which packages of an order a verb is about.
#[derive(Clone, Debug)]
pub enum Parcels {
    All,
    One(PackageNumber),
}

impl Order {
    pub(super) fn arrange(
        &mut self,
        parcels: &Parcels,
        at: Timestamp,
        serials: &mut Serials,
    ) -> Result<(), WorldError> {
        let (step, reached) = if self.own_courier {
            (Step::HandOver, L::PickupDone)
        } else {
            (Step::Arrange, L::RequestCreated)
        };
        self.status.after(step)?;
        if !self.held_for.is_empty() {
            return Err(WorldError::Held);
        }
        if self.invoice == InvoiceState::Missing {
            return Err(WorldError::InvoiceMissing);
        }
        let tracked = !self.tracking_comes_later;
        let region = self.region;
        self.move_packages(parcels, &[L::Ready, L::PickupRetry], |package| {
            package.logistics_status = reached;
            if tracked && package.tracking_number.is_none() {
                package.tracking_number = Some(serials.tracking_number(region));
            }
        })?;
        if self.own_courier {
            self.pickup_done_time.get_or_insert(at);
        }
        self.follow_packages();
        Ok(())
    }

    /// The courier names the tracking number of packages arranged before.
    pub(super) fn assign_tracking(&mut self, serials: &mut Serials) -> Result<(), WorldError> {
        let region = self.region;
        let mut assigned = false;
        for package in &mut self.packages {
            let arranged = matches!(package.logistics_status, L::RequestCreated | L::PickupDone);
            if arranged && package.tracking_number.is_none() {
                package.tracking_number = Some(serials.tracking_number(region));
                assigned = true;
            }
        }
        if assigned {
            Ok(())
        } else {
            Err(WorldError::NoTrackingDue)
        }
    }

    pub(super) fn pick_up(&mut self, parcels: &Parcels, at: Timestamp) -> Result<(), WorldError> {
        self.check(parcels, Step::PickUp)?;
        self.move_packages(parcels, &[L::RequestCreated], |package| {
            package.logistics_status = L::PickupDone;
        })?;
        self.pickup_done_time.get_or_insert(at);
        self.follow_packages();
        Ok(())
    }

    pub(super) fn fail_pickup(&mut self, parcels: &Parcels) -> Result<(), WorldError> {
        self.check(parcels, Step::FailPickup)?;
        self.move_packages(parcels, &[L::RequestCreated], |package| {
            package.logistics_status = L::PickupRetry;
        })?;
        self.follow_packages();
        Ok(())
    }

    pub(super) fn deliver(&mut self, parcels: &Parcels, at: Timestamp) -> Result<(), WorldError> {
        self.check(parcels, Step::Deliver)?;
        self.move_packages(parcels, &[L::PickupDone], |package| {
            package.logistics_status = L::DeliveryDone;
        })?;
        self.collect_cash_if_due(at);
        self.follow_packages();
        Ok(())
    }

    /// The parcels never arrive: the order ends as cancelled and keeps its pickup time.
    pub(super) fn fail_delivery(&mut self, outcome: DeliveryFailure) -> Result<(), WorldError> {
        self.step(Step::FailDelivery)?;
        let (reached, reason) = match outcome {
            DeliveryFailure::Undelivered => (L::DeliveryFailed, "BACKEND_DELIVERY_FAILED"),
            DeliveryFailure::Lost => (L::Lost, "BACKEND_PARCEL_LOST"),
        };
        self.set_packages(|status| {
            if status == L::PickupDone {
                reached
            } else {
                status
            }
        });
        self.cancellation = Some(Cancellation {
            by: Some(CancelledBy::System),
            reason: reason.to_owned(),
            buyer_reason: String::new(),
        });
        Ok(())
    }

    /// The buyer confirms, or the platform does it for them.
    pub(super) fn complete(&mut self, at: Timestamp) -> Result<(), WorldError> {
        self.step(Step::Complete)?;
        self.set_packages(|status| {
            if status == L::PickupDone {
                L::DeliveryDone
            } else {
                status
            }
        });
        self.collect_cash_if_due(at);
        self.completed_at = Some(at);
        Ok(())
    }

    /// A verb on all parcels obeys the status table. One on a single parcel of a split order may
    /// run ahead of the order's status, while the order is under way at all.
    fn check(&self, parcels: &Parcels, step: Step) -> Result<(), IllegalTransition> {
        let under_way = matches!(
            self.status,
            OrderStatus::ReadyToShip
                | OrderStatus::Processed
                | OrderStatus::RetryShip
                | OrderStatus::Shipped
        );
        match parcels {
            Parcels::One(_) if under_way && self.split_up => Ok(()),
            _ => self.status.after(step).map(drop),
        }
    }

    fn move_packages(
        &mut self,
        parcels: &Parcels,
        from: &[L],
        mut change: impl FnMut(&mut Package),
    ) -> Result<(), WorldError> {
        match parcels {
            Parcels::All => {
                for package in &mut self.packages {
                    if from.contains(&package.logistics_status) {
                        change(package);
                    }
                }
            }
            Parcels::One(number) => {
                let package = self
                    .packages
                    .iter_mut()
                    .find(|package| package.package_number == *number)
                    .ok_or_else(|| WorldError::UnknownPackage(number.clone()))?;
                if !from.contains(&package.logistics_status) {
                    return Err(WorldError::WrongPackageState(package.logistics_status));
                }
                change(package);
            }
        }
        Ok(())
    }

    fn follow_packages(&mut self) {
        let has = |status: L| {
            self.packages
                .iter()
                .any(|package| package.logistics_status == status)
        };
        self.status = if has(L::PickupRetry) {
            OrderStatus::RetryShip
        } else if has(L::Ready) {
            OrderStatus::ReadyToShip
        } else if has(L::RequestCreated) {
            OrderStatus::Processed
        } else if has(L::PickupDone) {
            OrderStatus::Shipped
        } else {
            OrderStatus::ToConfirmReceive
        };
    }
}

/// How a delivery ends that never succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryFailure {
    Undelivered,
    Lost,
}
