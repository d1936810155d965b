//! The recipient's address, and how the platform hides it.

use serde::{Deserialize, Serialize};

use super::region::Region;
use super::status::OrderStatus;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    pub name: String,
    pub phone: String,
    #[serde(default)]
    pub town: String,
    #[serde(default)]
    pub district: String,
    #[serde(default)]
    pub city: String,
    #[serde(default)]
    pub state: String,
    pub region: String,
    #[serde(default)]
    pub zipcode: String,
    pub full_address: String,
}

impl Address {
    /// A plausible invented address in a market.
    pub fn sample(region: Region) -> Self {
        let city = region.city();
        Self {
            name: "Tan Mei Ling".to_owned(),
            phone: "6591234567".to_owned(),
            town: String::new(),
            district: "Bedok".to_owned(),
            city: city.to_owned(),
            state: String::new(),
            region: region.code().to_owned(),
            zipcode: "460123".to_owned(),
            full_address: format!("12 Orchid Lane #03-45, {city}, 460123"),
        }
    }

    /// The address as it is shown once personal data are hidden.
    #[must_use]
    pub fn masked(&self) -> Self {
        Self {
            name: mask_middle(&self.name),
            phone: mask_all_but_last_two(&self.phone),
            full_address: mask_after_two(&self.full_address),
            zipcode: String::new(),
            ..self.clone()
        }
    }
}

/// When an order's address is shown masked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Masking {
    Never,
    Always,
    /// Once the order is completed or cancelled.
    #[default]
    AfterCompletion,
    /// While it is unpaid, and again once it is completed or cancelled.
    UnlessToShip,
}

impl Masking {
    pub const fn hides(self, status: OrderStatus) -> bool {
        let over = matches!(status, OrderStatus::Completed | OrderStatus::Cancelled);
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::AfterCompletion => over,
            Self::UnlessToShip => over || matches!(status, OrderStatus::Unpaid),
        }
    }
}

fn mask_middle(text: &str) -> String {
    match (text.chars().next(), text.chars().next_back()) {
        (Some(first), Some(last)) => format!("{first}******{last}"),
        _ => "****".to_owned(),
    }
}

fn mask_all_but_last_two(text: &str) -> String {
    let hidden = text.chars().count().saturating_sub(2);
    let tail: String = text.chars().skip(hidden).collect();
    format!("******{tail}")
}

fn mask_after_two(text: &str) -> String {
    let head: String = text.chars().take(2).collect();
    format!("{head}******")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_address_keeps_only_the_rough_place() {
        let masked = Address::sample(Region::Sg).masked();
        assert_eq!(masked.name, "T******g");
        assert_eq!(masked.phone, "******67");
        assert_eq!(masked.full_address, "12******");
        assert_eq!(masked.zipcode, "");
        assert_eq!(masked.city, "Singapore");
    }

    #[test]
    fn masking_follows_the_status() {
        use OrderStatus::{Completed, ReadyToShip, Unpaid};
        assert!(!Masking::AfterCompletion.hides(ReadyToShip));
        assert!(Masking::AfterCompletion.hides(Completed));
        assert!(Masking::UnlessToShip.hides(Unpaid));
        assert!(!Masking::UnlessToShip.hides(ReadyToShip));
        assert!(!Masking::Never.hides(Completed));
        assert!(Masking::Always.hides(ReadyToShip));
    }
}
