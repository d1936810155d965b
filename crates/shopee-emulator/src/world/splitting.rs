//! Splitting an order into packages.

use super::error::{SplitError, WorldError};
use super::ids::Serials;
use super::order::Order;
use super::package::{LogisticsStatus, Package, PackedLine};
use super::status::OrderStatus;

impl Order {
    /// Splits into the given packages. All units must be named, each exactly once.
    pub(super) fn split(
        &mut self,
        parts: &[Vec<PackedLine>],
        serials: &mut Serials,
    ) -> Result<(), WorldError> {
        self.check_split(parts)?;
        // The first part keeps the package that exists; the others are new.
        let first = self.packages[0].package_number.clone();
        self.packages = parts
            .iter()
            .enumerate()
            .map(|(index, contents)| Package {
                package_number: if index == 0 {
                    first.clone()
                } else {
                    serials.package_number()
                },
                logistics_status: LogisticsStatus::Ready,
                tracking_number: None,
                history: Vec::new(),
                contents: contents.clone(),
            })
            .collect();
        self.split_up = true;
        Ok(())
    }

    fn check_split(&self, parts: &[Vec<PackedLine>]) -> Result<(), SplitError> {
        let max = self.region.packages_max();
        if self.status != OrderStatus::ReadyToShip || !self.held_for.is_empty() {
            return Err(SplitError::WrongStatus);
        }
        if self.split_up {
            return Err(SplitError::AlreadySplit);
        }
        if !(2..=max).contains(&parts.len()) {
            return Err(SplitError::PackageCount {
                asked: parts.len(),
                max,
            });
        }
        if parts
            .iter()
            .any(|part| part.iter().all(|unit| unit.quantity == 0))
        {
            return Err(SplitError::EmptyPackage);
        }
        let units = || parts.iter().flatten();
        if let Some(unit) = units().find(|unit| unit.line >= self.lines.len()) {
            return Err(SplitError::MissingItem { line: unit.line });
        }
        for (index, line) in self.lines.iter().enumerate() {
            let packed: u64 = units()
                .filter(|unit| unit.line == index)
                .map(|unit| u64::from(unit.quantity))
                .sum();
            if packed != u64::from(line.to_ship()) {
                return Err(SplitError::MissingItem { line: index });
            }
        }
        for line in &self.lines {
            let Some(bundle) = line.bundle else { continue };
            let holders = parts
                .iter()
                .filter(|part| {
                    part.iter()
                        .any(|unit| self.lines[unit.line].bundle == Some(bundle))
                })
                .count();
            if holders > 1 {
                return Err(SplitError::BundleTornApart);
            }
        }
        Ok(())
    }
}
