//! What a seller agrees to on the authorisation page, and for whom a token then speaks.

use serde::{Deserialize, Serialize};

use super::ids::ShopId;

/// The longest authorisation that a seller can give, in days.
pub const AUTHORISATION_DAYS_MAX: u16 = 365;

/// Whom a token speaks for. Each refreshes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grantee {
    Shop(ShopId),
    Merchant(i64),
}

/// By which account the seller signed in; the redirect names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    Shop(ShopId),
    Main(i64),
}

/// A seller's consent: the account, what it opens, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    pub account: Account,
    pub shops: Vec<ShopId>,
    pub merchants: Vec<i64>,
    /// From 1 to [`AUTHORISATION_DAYS_MAX`].
    pub days: u16,
}

impl Consent {
    /// By a shop's own account, for as long as possible.
    pub fn of_shop(shop_id: ShopId) -> Self {
        Self {
            account: Account::Shop(shop_id),
            shops: vec![shop_id],
            merchants: Vec::new(),
            days: AUTHORISATION_DAYS_MAX,
        }
    }

    /// By a main account, for several of its shops at once.
    pub fn of_main_account(main_account_id: i64, shops: impl IntoIterator<Item = ShopId>) -> Self {
        Self {
            account: Account::Main(main_account_id),
            shops: shops.into_iter().collect(),
            merchants: Vec::new(),
            days: AUTHORISATION_DAYS_MAX,
        }
    }

    #[must_use]
    pub fn with_merchants(mut self, merchants: impl IntoIterator<Item = i64>) -> Self {
        self.merchants.extend(merchants);
        self
    }

    #[must_use]
    pub fn lasting_days(mut self, days: u16) -> Self {
        self.days = days;
        self
    }

    pub(crate) fn grantees(&self) -> Vec<Grantee> {
        let shops = self.shops.iter().copied().map(Grantee::Shop);
        let merchants = self.merchants.iter().copied().map(Grantee::Merchant);
        shops.chain(merchants).collect()
    }
}
