//! The markets a shop may belong to, with what follows from the market alone.

use std::str::FromStr;

use chrono::FixedOffset;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Region {
    Sg,
    My,
    Th,
    Vn,
    Ph,
    Id,
    Tw,
    Br,
}

#[derive(Debug, thiserror::Error)]
#[error("unknown region {0:?}; one of SG MY TH VN PH ID TW BR is expected")]
pub struct UnknownRegion(String);

struct Facts {
    code: &'static str,
    currency: &'static str,
    utc_offset_hours: i32,
    /// Decimals of amounts in this market.
    decimals: u32,
    /// Most packages an order may be split into.
    packages_max: usize,
    carrier: &'static str,
    logistics_channel_id: i64,
    city: &'static str,
}

impl Region {
    const ALL: [Self; 8] = [
        Self::Sg,
        Self::My,
        Self::Th,
        Self::Vn,
        Self::Ph,
        Self::Id,
        Self::Tw,
        Self::Br,
    ];

    const fn facts(self) -> Facts {
        let (code, currency, utc_offset_hours, decimals, city) = match self {
            Self::Sg => ("SG", "SGD", 8, 2, "Singapore"),
            Self::My => ("MY", "MYR", 8, 2, "Kuala Lumpur"),
            Self::Th => ("TH", "THB", 7, 2, "Bangkok"),
            Self::Vn => ("VN", "VND", 7, 0, "Hanoi"),
            Self::Ph => ("PH", "PHP", 8, 2, "Manila"),
            Self::Id => ("ID", "IDR", 7, 0, "Jakarta"),
            Self::Tw => ("TW", "TWD", 8, 0, "Taipei"),
            Self::Br => ("BR", "BRL", -3, 2, "Curitiba"),
        };
        let (carrier, logistics_channel_id) = match self {
            Self::Sg => ("SPX Express (Standard)", 18_099),
            Self::Tw => ("Store pickup", 30_005),
            Self::Br => ("SPX Express (Padrão)", 90_003),
            _ => ("SPX Standard Delivery", 18_080),
        };
        let packages_max = if matches!(self, Self::Tw) { 30 } else { 5 };
        Facts {
            code,
            currency,
            utc_offset_hours,
            decimals,
            packages_max,
            carrier,
            logistics_channel_id,
            city,
        }
    }

    pub const fn code(self) -> &'static str {
        self.facts().code
    }

    pub const fn currency(self) -> &'static str {
        self.facts().currency
    }

    /// Decimals of an amount in this market's currency, fees included.
    pub const fn decimals(self) -> u32 {
        self.facts().decimals
    }

    pub const fn packages_max(self) -> usize {
        self.facts().packages_max
    }

    pub const fn carrier(self) -> &'static str {
        self.facts().carrier
    }

    pub const fn logistics_channel_id(self) -> i64 {
        self.facts().logistics_channel_id
    }

    /// Answers about its orders have a field for the tax on corporate income.
    pub(crate) const fn taxes_corporate_income(self) -> bool {
        matches!(self, Self::Vn)
    }

    pub(crate) const fn city(self) -> &'static str {
        self.facts().city
    }

    /// The shop's zone. None of these markets observes daylight saving time.
    pub fn zone(self) -> FixedOffset {
        let seconds = self.facts().utc_offset_hours * 3600;
        FixedOffset::east_opt(seconds).unwrap_or_else(|| unreachable!("offsets are within a day"))
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|region| region.code().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownRegion(text.to_owned()))
    }
}
