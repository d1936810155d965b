//! Cancellation: outright, by request and answer, and of part of an order.

use serde::{Deserialize, Serialize};

use super::error::WorldError;
use super::order::{Cancellation, CancelledBy, Order};
use super::package::{LogisticsStatus, PackedLine};
use super::status::{IllegalTransition, OrderStatus, Step};

/// The seller's answer to a buyer who asks to cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CancelAnswer {
    Accept,
    Reject,
}

impl Order {
    pub(super) fn cancel(&mut self, by: CancelledBy, reason: &str) -> Result<(), WorldError> {
        self.step(Step::Cancel)?;
        let buyer_reason = match (&self.cancellation, by) {
            (Some(request), _) => request.buyer_reason.clone(),
            (None, CancelledBy::Buyer) => reason.to_owned(),
            (None, _) => String::new(),
        };
        self.cancellation = Some(Cancellation {
            by: Some(by),
            reason: reason.to_owned(),
            buyer_reason,
        });
        self.close_as_cancelled();
        Ok(())
    }

    /// Screening refuses cash on delivery for this order.
    pub(super) fn reject_cod(&mut self) -> Result<(), WorldError> {
        if !self.cod || self.is_paid() {
            return Err(WorldError::NoCashDue);
        }
        if self.status != OrderStatus::ReadyToShip {
            return Err(IllegalTransition {
                from: self.status,
                step: Step::Cancel,
            }
            .into());
        }
        self.cancel(CancelledBy::System, "BACKEND_COD_REJECTED")?;
        self.set_packages(|_| LogisticsStatus::CodRejected);
        Ok(())
    }

    pub(super) fn request_cancel(&mut self, reason: &str) -> Result<(), WorldError> {
        self.step(Step::RequestCancel)?;
        self.cancellation = Some(Cancellation {
            by: None,
            reason: String::new(),
            buyer_reason: reason.to_owned(),
        });
        for line in &mut self.lines {
            line.cancel_requested = line.to_ship();
        }
        self.quantities_touched = true;
        Ok(())
    }

    pub(super) fn answer_cancel(&mut self, answer: CancelAnswer) -> Result<(), WorldError> {
        match answer {
            CancelAnswer::Accept => {
                self.step(Step::AcceptCancel)?;
                if let Some(request) = &mut self.cancellation {
                    request.by = Some(CancelledBy::Buyer);
                    request.reason.clone_from(&request.buyer_reason);
                }
                self.close_as_cancelled();
            }
            CancelAnswer::Reject => {
                self.step(Step::RejectCancel)?;
                self.cancellation = None;
                for line in &mut self.lines {
                    line.cancel_requested = 0;
                }
            }
        }
        Ok(())
    }

    /// The seller takes units out of an order that is not arranged yet.
    pub(super) fn partial_cancel(&mut self, units: &[PackedLine]) -> Result<(), WorldError> {
        if self.status != OrderStatus::ReadyToShip {
            return Err(IllegalTransition {
                from: self.status,
                step: Step::Cancel,
            }
            .into());
        }
        for unit in units {
            let line = self
                .lines
                .get_mut(unit.line)
                .ok_or(WorldError::UnknownLine(unit.line))?;
            let available = line.to_ship();
            if unit.quantity > available {
                return Err(WorldError::TooManyUnits {
                    line: unit.line,
                    available,
                    asked: unit.quantity,
                });
            }
            line.cancelled += unit.quantity;
            self.unpack(*unit);
        }
        if self.lines.iter().all(|line| line.to_ship() == 0) {
            return Err(WorldError::NothingLeft);
        }
        self.packages.retain(|package| !package.contents.is_empty());
        self.quantities_touched = true;
        Ok(())
    }

    fn unpack(&mut self, unit: PackedLine) {
        let mut left = unit.quantity;
        for packed in self
            .packages
            .iter_mut()
            .flat_map(|package| &mut package.contents)
        {
            if packed.line == unit.line {
                let taken = packed.quantity.min(left);
                packed.quantity -= taken;
                left -= taken;
            }
        }
        for package in &mut self.packages {
            package.contents.retain(|packed| packed.quantity > 0);
        }
    }

    fn close_as_cancelled(&mut self) {
        self.set_packages(LogisticsStatus::cancelled);
        for line in &mut self.lines {
            line.cancelled = line.quantity;
            line.cancel_requested = 0;
        }
    }
}
