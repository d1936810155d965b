//! Identifiers. Our own are prefixed ULIDs (`srev_01J…`), time-ordered and each a type of its own,
//! so that one can never be passed for another. A marketplace's ids keep the marketplace's form.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

/// Where fresh ids come from. The rules ask for ids, they never invent them: a test hands in a
/// counter, the running service a ULID generator.
pub trait IdSource: Send + Sync {
    /// A value never handed out before, increasing over time.
    fn next(&self) -> Ulid;
}

/// Why a text is not one of our ids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an id of the form {prefix}_<26 characters>")]
pub struct ParseIdError {
    /// The text that was given.
    pub text: String,
    /// The prefix that this kind of id carries.
    pub prefix: &'static str,
}

macro_rules! prefixed_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        impl $name {
            /// The prefix that every id of this kind carries in text.
            pub const PREFIX: &'static str = $prefix;

            /// The id with a given number; for constants in tests and fixed rows.
            pub const fn of(number: u128) -> Self {
                Self(Ulid(number))
            }

            /// Takes the next id from `ids`.
            pub fn fresh(ids: &dyn IdSource) -> Self {
                Self(ids.next())
            }
        }

        impl From<Ulid> for $name {
            fn from(ulid: Ulid) -> Self {
                Self(ulid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|ulid| Ulid::from_string(ulid).ok())
                    .map(Self)
                    .ok_or_else(|| ParseIdError { text: text.to_owned(), prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

prefixed_ids! {
    /// A stored inbound event (`shopee_raw_event`).
    EventId = "srev";
    /// The synchronisation record of one marketplace order (`shopee_order_sync`).
    OrderSyncId = "sosync";
    /// One of our orders.
    OrderId = "ord";
    /// A line of one of our orders.
    OrderLineId = "ordl";
    /// A shipment of one of our orders.
    ShipmentId = "shp";
    /// An entry of an order's timeline.
    TimelineId = "otl";
    /// A customer of one sales channel.
    CustomerId = "cus";
    /// A product of the catalogue.
    ProductId = "prod";
    /// A sellable variant of a product; it carries the SKU.
    VariantId = "variant";
    /// A channel listing (`tcg_channel_listing`).
    ListingId = "tcl";
    /// A serialised item such as a graded slab.
    SerializedItemId = "tsi";
    /// A place where stock lies.
    LocationId = "sloc";
    /// An entry of the stock ledger.
    LedgerEntryId = "stk";
    /// An exception that somebody or something must clear (`connector_exception`).
    ExceptionId = "cex";
    /// An alert on its way to a person.
    AlertId = "alrt";
    /// Alerts of one cause that belong together.
    AlertThreadId = "alth";
    /// A version of a payout.
    EscrowVersionId = "sescv";
    /// A run of a job.
    JobRunId = "jrun";
    /// Exceptions that were retried together.
    RetryBatchId = "xret";
    /// An operator's note.
    NoteId = "note";
    /// A stored token pair (`shopee_auth_token`).
    TokenId = "sat";
    /// A sales channel.
    SalesChannelId = "sc";
    /// One claim of work: whoever holds it may finish the work it names.
    LeaseId = "lease";
    /// An entry of the audit log.
    AuditId = "aud";
    /// A bearer token of the API.
    ApiTokenId = "apt";
}

/// Shopee's order number (`order_sn`, in older fields `ordersn`), for example `251214TESTSN01`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderSn(String);

impl OrderSn {
    /// The longest order number that is accepted; Shopee's have 14 to 16 characters.
    pub const LENGTH_MAX: usize = 64;

    /// Accepts printable ASCII without blanks or commas (the detail call joins numbers by commas).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (1..=Self::LENGTH_MAX).contains(&text.len());
        (fits && text.bytes().all(|b| b.is_ascii_graphic() && b != b','))
            .then(|| Self(text.to_owned()))
    }

    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderSn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for OrderSn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A marketplace's shop number. 64 bits: a push sample shows one above 2^32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShopId(pub i64);

impl fmt::Display for ShopId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The id of a connector profile. Opaque: profiles taken over from an older installation keep
/// whatever id they had, because it is part of the push URL registered at the marketplace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ProfileId(String);

impl ProfileId {
    /// A new one, of the form `prof_<26 characters>`.
    pub fn fresh(ids: &dyn IdSource) -> Self {
        Self(format!("prof_{}", ids.next()))
    }

    /// Accepts 1 to 64 characters of `[A-Za-z0-9_-]`.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len());
        (fits
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'))
        .then(|| Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_way_to_text_and_back() {
        let id = EventId::from(Ulid(42));
        assert_eq!(id.to_string().parse::<EventId>(), Ok(id));
        assert!(id.to_string().starts_with("srev_"));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let order = OrderId::from(Ulid(42)).to_string();
        assert!(order.parse::<EventId>().is_err());
    }

    #[test]
    fn an_order_number_that_would_split_the_detail_call_is_refused() {
        assert!(OrderSn::parse("250101AAA,250101BBB").is_none());
        assert!(OrderSn::parse("").is_none());
        assert!(OrderSn::parse("25 01").is_none());
        assert_eq!(
            OrderSn::parse(" 220810QSK8S7BX ")
                .map(|sn| sn.to_string())
                .as_deref(),
            Some("220810QSK8S7BX")
        );
    }
}
