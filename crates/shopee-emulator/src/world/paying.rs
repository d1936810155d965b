//! Payment, platform holds and invoices: what makes an order ready to ship.

use chrono::{DateTime, Days, NaiveTime};

use super::error::WorldError;
use super::ids::Timestamp;
use super::order::{InvoiceState, Order};
use super::package::LogisticsStatus;
use super::region::Region;
use super::status::{OrderStatus, Step};

impl Order {
    /// The buyer pays; for cash on delivery, the courier collects.
    pub(super) fn pay(&mut self, at: Timestamp) -> Result<(), WorldError> {
        if self.status == OrderStatus::Unpaid {
            self.step(Step::Pay)?;
            self.accept(at);
        } else {
            self.step(Step::CollectCash)?;
            if !self.cod || self.is_paid() {
                return Err(WorldError::NoCashDue);
            }
        }
        self.pay_time = Some(at);
        Ok(())
    }

    /// The order becomes the seller's to ship.
    pub(super) fn accept(&mut self, at: Timestamp) {
        let held = !self.held_for.is_empty();
        self.set_packages(|_| {
            if held {
                LogisticsStatus::PendingArrange
            } else {
                LogisticsStatus::Ready
            }
        });
        self.ship_by_date = ship_by(self.region, at, self.days_to_ship);
    }

    /// The courier brings the money along with the proof of delivery.
    pub(super) fn collect_cash_if_due(&mut self, at: Timestamp) {
        if self.cod && self.pay_time.is_none() {
            self.pay_time = Some(at);
        }
    }

    /// The platform lets go of an order that it held.
    pub(super) fn release_hold(&mut self) -> Result<(), WorldError> {
        if self.held_for.is_empty() {
            return Err(WorldError::NotHeld);
        }
        self.held_for.clear();
        self.set_packages(|status| match status {
            LogisticsStatus::PendingArrange => LogisticsStatus::Ready,
            other => other,
        });
        Ok(())
    }

    pub(super) fn upload_invoice(&mut self, at: Timestamp) -> Result<(), WorldError> {
        if self.invoice != InvoiceState::Missing {
            return Err(WorldError::InvoiceNotExpected);
        }
        self.invoice = InvoiceState::Given { at };
        Ok(())
    }
}

/// The last second of the day, in the shop's zone, that lies `days` days ahead.
fn ship_by(region: Region, from: Timestamp, days: i64) -> Timestamp {
    let last_second = NaiveTime::from_hms_opt(23, 59, 59).unwrap_or_default();
    DateTime::from_timestamp(from, 0)
        .unwrap_or_default()
        .with_timezone(&region.zone())
        .date_naive()
        .checked_add_days(Days::new(u64::try_from(days).unwrap_or(0)))
        .and_then(|date| {
            date.and_time(last_second)
                .and_local_timezone(region.zone())
                .single()
        })
        .map_or(from, |deadline| deadline.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deadline_is_the_end_of_a_local_day() {
        // 2024-04-09T02:39:51+08:00, two days to ship.
        let deadline = ship_by(Region::Sg, 1_712_601_591, 2);
        assert_eq!(
            DateTime::from_timestamp(deadline, 0).unwrap().to_rfc3339(),
            "2024-04-11T15:59:59+00:00"
        );
    }
}
