//! Where an order goes. A marketplace masks addresses with stars, by market and by time; what was
//! once readable must not be lost to a masked copy.

use serde::{Deserialize, Serialize};

/// A recipient and their address. Blank parts are `None`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The whole name: names are not split, there is no telling which part is which.
    pub name: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
    /// The address in one line, verbatim.
    pub full_address: Option<String>,
    /// Town.
    pub town: Option<String>,
    /// District.
    pub district: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province.
    pub state: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166 alpha-2, lower case.
    pub country_code: Option<String>,
}

/// Personal data never reaches a log by way of `{:?}`.
impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Address")
            .field("country_code", &self.country_code)
            .finish_non_exhaustive()
    }
}

/// Whether the marketplace has blotted out (part of) a text: `P******n`, `****`.
pub fn is_masked(text: &str) -> bool {
    text.contains("**") || (!text.is_empty() && text.chars().all(|c| c == '*' || c == ' '))
}

impl Address {
    /// The newer address, with every part that is missing or masked in it taken from the older one
    /// if it is readable there. The parts that say where must belong together: once a readable one
    /// of them differs, the order goes somewhere else, and none of the old ones is kept.
    #[must_use]
    pub fn updated_by(self, newer: Self) -> Self {
        let moved = self.places().into_iter().zip(newer.places()).any(|(older, newer)| {
            let readable = |part: &Option<String>| part.clone().filter(|text| !is_masked(text));
            matches!((readable(older), readable(newer)), (Some(older), Some(newer)) if older != newer)
        });
        let place = if moved { |_, newer| newer } else { part };
        Self {
            name: part(self.name, newer.name),
            phone: part(self.phone, newer.phone),
            full_address: place(self.full_address, newer.full_address),
            town: place(self.town, newer.town),
            district: place(self.district, newer.district),
            city: place(self.city, newer.city),
            state: place(self.state, newer.state),
            postal_code: place(self.postal_code, newer.postal_code),
            country_code: place(self.country_code, newer.country_code),
        }
    }

    fn places(&self) -> [&Option<String>; 7] {
        [
            &self.full_address,
            &self.town,
            &self.district,
            &self.city,
            &self.state,
            &self.postal_code,
            &self.country_code,
        ]
    }
}

fn part(older: Option<String>, newer: Option<String>) -> Option<String> {
    match (older, newer) {
        (Some(older), Some(newer)) if is_masked(&newer) && !is_masked(&older) => Some(older),
        (older, None) => older,
        (_, newer) => newer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(name: &str, phone: &str) -> Address {
        Address {
            name: Some(name.into()),
            phone: Some(phone.into()),
            ..Address::default()
        }
    }

    #[test]
    fn a_masked_part_never_replaces_a_readable_one() {
        let merged =
            address("Tan Wei Ling", "6591234567").updated_by(address("T******g", "6598765432"));
        assert_eq!(merged, address("Tan Wei Ling", "6598765432"));
    }

    #[test]
    fn a_readable_part_replaces_a_masked_one() {
        assert_eq!(
            address("****", "*").updated_by(address("Tan", "659")),
            address("Tan", "659")
        );
    }

    #[test]
    fn a_part_that_is_missing_now_is_kept() {
        assert_eq!(
            address("Tan", "659").updated_by(Address::default()),
            address("Tan", "659")
        );
    }

    #[test]
    fn parts_of_two_places_are_never_mixed() {
        let old = Address {
            full_address: Some("1 Old Road, 111111".into()),
            city: Some("Old City".into()),
            ..address("Tan", "659")
        };
        let new = Address {
            full_address: Some("9***".into()),
            city: Some("New City".into()),
            ..address("T**", "6**")
        };
        let merged = old.updated_by(new.clone());
        assert_eq!(
            (merged.full_address, merged.city),
            (new.full_address, new.city)
        );
        assert_eq!(merged.name.as_deref(), Some("Tan"));
    }
}
