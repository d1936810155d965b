//! Connectors, sales channels and the two environments of a marketplace.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text names none of a closed set of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a known {what}; known are: {known}")]
pub struct UnknownName {
    /// What was looked for, for example `environment`.
    pub what: &'static str,
    /// The text that was given.
    pub text: String,
    /// The accepted names, separated by commas.
    pub known: &'static str,
}

/// Gives a field-less enum its persisted names: `as_str`, `FromStr`, `Display` and serde agree.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident: $what:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The persisted name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::channel::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err($crate::channel::UnknownName {
                        what: $what,
                        text: text.chars().take(60).collect(),
                        known: concat!($($text, " ",)*).trim_ascii_end(),
                    }),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use named;

named! {
    /// Where orders come from. The names are persisted and may only be added to.
    ConnectorName: "connector" {
        /// Shopee.
        Shopee = "shopee",
        /// Lazada.
        Lazada = "lazada",
        /// A Telegram bot or Mini App.
        Telegram = "telegram",
        /// Carousell.
        Carousell = "carousell",
        /// Instagram.
        Instagram = "instagram",
        /// The shop counter.
        InStore = "in_store",
        /// A stall at an event.
        Event = "event",
    }
}

named! {
    /// The two worlds of a marketplace: its test shops and its real ones.
    Environment: "environment" {
        /// Test shops; also what the bare webhook path means.
        Sandbox = "sandbox",
        /// Real shops and real money.
        Live = "live",
    }
}

impl ConnectorName {
    /// The name that a person reads, also the name of the sales channel that is made on demand.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Shopee => "Shopee",
            Self::Lazada => "Lazada",
            Self::Telegram => "Telegram",
            Self::Carousell => "Carousell",
            Self::Instagram => "Instagram",
            Self::InStore => "In store",
            Self::Event => "Event",
        }
    }
}

/// One marketplace order, wherever it is spoken of: order numbers are unique only within a
/// connector and an environment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderKey {
    /// The marketplace.
    pub connector: ConnectorName,
    /// Its test or its real world.
    pub environment: Environment,
    /// The marketplace's order number.
    pub order_sn: crate::OrderSn,
}

impl fmt::Display for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}",
            self.connector, self.environment, self.order_sn
        )
    }
}
