//! Numbers of the shop world: their types, and the seeded source that hands them out.

use std::borrow::Borrow;
use std::fmt;

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::region::Region;

pub type ShopId = i64;
/// Seconds since the epoch, UTC.
pub type Timestamp = i64;

macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// The number of an order, such as `2404098R48U37H`.
    OrderSn
);
text_id!(
    /// The number of a package within an order.
    PackageNumber
);
text_id!(
    /// The number of a return.
    ReturnSn
);

/// Hands out numbers: the same seed and the same order of requests give the same numbers.
#[derive(Debug)]
pub(crate) struct Serials {
    random: fastrand::Rng,
    next_listing: i64,
    next_buyer: i64,
}

/// Letters and digits that order numbers use (no I, L, O, Z).
const SN_ALPHABET: &[u8] = b"0123456789ABCDEFGHJKMNPQRSTUVWXY";

impl Serials {
    pub fn new(seed: u64) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed),
            next_listing: 23_620_853_561,
            next_buyer: 1_170_319_091,
        }
    }

    pub fn order_sn(&mut self, region: Region, now: Timestamp) -> OrderSn {
        OrderSn(format!("{}{}", local_date(region, now), self.text(8)))
    }

    pub fn return_sn(&mut self, region: Region, now: Timestamp) -> ReturnSn {
        ReturnSn(format!("{}0{}", local_date(region, now), self.text(8)))
    }

    pub fn package_number(&mut self) -> PackageNumber {
        PackageNumber(format!("OFG{}", self.digits(15)))
    }

    pub fn tracking_number(&mut self, region: Region) -> String {
        format!("SPX{}{}", region.code(), self.digits(12))
    }

    /// 32 hex digits, the form of request ids, message ids and tokens.
    pub fn hex32(&mut self) -> String {
        format!("{:032x}", self.random.u128(..))
    }

    pub fn listing_id(&mut self) -> i64 {
        self.next_listing += 1 + i64::from(self.random.u16(..));
        self.next_listing
    }

    pub fn buyer_id(&mut self) -> i64 {
        self.next_buyer += 1 + i64::from(self.random.u16(..));
        self.next_buyer
    }

    fn text(&mut self, length: usize) -> String {
        (0..length)
            .map(|_| char::from(SN_ALPHABET[self.random.usize(..SN_ALPHABET.len())]))
            .collect()
    }

    fn digits(&mut self, length: usize) -> String {
        (0..length).map(|_| self.random.digit(10)).collect()
    }
}

fn local_date(region: Region, now: Timestamp) -> String {
    DateTime::from_timestamp(now, 0)
        .unwrap_or_default()
        .with_timezone(&region.zone())
        .format("%y%m%d")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_number_begins_with_the_date_in_the_shops_zone() {
        let mut serials = Serials::new(1);
        // 2024-04-08T18:39:51Z is already the ninth in Singapore.
        let sn = serials.order_sn(Region::Sg, 1_712_601_591);
        assert!(sn.as_str().starts_with("240409"), "{sn}");
        assert_eq!(sn.as_str().len(), 14);
    }

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (mut one, mut other) = (Serials::new(7), Serials::new(7));
        assert_eq!(one.order_sn(Region::My, 0), other.order_sn(Region::My, 0));
        assert_eq!(one.package_number(), other.package_number());
        assert_eq!(one.hex32(), other.hex32());
    }
}
