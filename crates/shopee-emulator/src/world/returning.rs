//! Returns: before completion they turn the order, after it they end in a second completion.

use serde::{Deserialize, Serialize};

use super::error::WorldError;
use super::ids::{ReturnSn, Timestamp};
use super::order::{Cancellation, CancelledBy, Order, Return, ReturnStatus};
use super::package::{LogisticsStatus, PackedLine};
use super::status::{OrderStatus, Step};

/// How a return ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnOutcome {
    /// The buyer gets the money for the returned units.
    Refunded,
    /// The buyer takes the request back.
    Withdrawn,
    /// The seller wins; no money goes back.
    Closed,
}

impl Order {
    /// Opens a return over the given units, or over everything when none are given.
    pub(super) fn open_return_of(
        &mut self,
        units: &[PackedLine],
        reason: &str,
        return_sn: ReturnSn,
        at: Timestamp,
    ) -> Result<(), WorldError> {
        if self.open_return().is_some() {
            return Err(WorldError::ReturnAlreadyOpen);
        }
        let contents = if units.is_empty() {
            self.all_kept_units()
        } else {
            units.to_vec()
        };
        for unit in &contents {
            let line = self
                .lines
                .get_mut(unit.line)
                .ok_or(WorldError::UnknownLine(unit.line))?;
            let available = line.active() - line.return_requested;
            if unit.quantity > available {
                return Err(WorldError::TooManyUnits {
                    line: unit.line,
                    available,
                    asked: unit.quantity,
                });
            }
            line.return_requested += unit.quantity;
        }
        let after_completion = self.status == OrderStatus::Completed;
        self.step(Step::OpenReturn)?;
        self.quantities_touched = true;
        self.returns.push(Return {
            return_sn,
            status: ReturnStatus::Requested,
            reason: reason.to_owned(),
            contents,
            opened_at: at,
            updated_at: at,
            after_completion,
        });
        Ok(())
    }

    pub(super) fn close_return(
        &mut self,
        outcome: ReturnOutcome,
        at: Timestamp,
    ) -> Result<(), WorldError> {
        let index = self
            .returns
            .iter()
            .position(|entry| entry.status == ReturnStatus::Requested)
            .ok_or_else(|| WorldError::UnknownReturn(ReturnSn::from("")))?;
        let Return {
            contents,
            after_completion,
            ..
        } = self.returns[index].clone();
        for unit in &contents {
            let line = &mut self.lines[unit.line];
            line.return_requested -= unit.quantity;
            if outcome == ReturnOutcome::Refunded {
                line.returned += unit.quantity;
            }
        }
        let everything_back = self.lines.iter().all(|line| line.active() == 0);
        let (step, status) = match outcome {
            ReturnOutcome::Refunded if everything_back => {
                (Step::RefundReturn, ReturnStatus::Accepted)
            }
            ReturnOutcome::Refunded => (Step::CloseReturn, ReturnStatus::Accepted),
            ReturnOutcome::Withdrawn => (Step::WithdrawReturn, ReturnStatus::Cancelled),
            ReturnOutcome::Closed => (Step::CloseReturn, ReturnStatus::Closed),
        };
        self.step(step)?;
        self.returns[index].status = status;
        self.returns[index].updated_at = at;
        self.set_packages(|status| match status {
            LogisticsStatus::PickupDone => LogisticsStatus::DeliveryDone,
            other => other,
        });
        match self.status {
            OrderStatus::Cancelled => {
                self.cancellation = Some(Cancellation {
                    by: Some(CancelledBy::System),
                    reason: "Returned and refunded".to_owned(),
                    buyer_reason: String::new(),
                });
            }
            OrderStatus::Completed if after_completion => self.completed_again += 1,
            OrderStatus::Completed => self.completed_at = Some(at),
            _ => {}
        }
        Ok(())
    }

    fn all_kept_units(&self) -> Vec<PackedLine> {
        self.lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.active() > 0)
            .map(|(line, entry)| PackedLine {
                line,
                quantity: entry.active(),
            })
            .collect()
    }
}
