//! Look after what was authorised: pairs that nobody needs at the moment are kept alive, what ends is
//! announced in time, and the marketplace is asked now and then whether all still stands.
//!
//! Like every worker it takes no input, is safe to run twice and in several processes at a time, and
//! has one path for the first try and every later one.

mod care;
mod connections;
mod countdown;
mod pushes;
mod shops;
mod states;

use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, ShopId, TenantSlug};
use hawker_ports::profiles::Profile;
use hawker_ports::tokens::StoredToken;
use hawker_ports::{Store, StoreError};

pub use care::CareForTokens;
pub use connections::WatchConnections;
pub(crate) use pushes::is_about_pushes;

/// The marketplace whose shops are looked after.
const CONNECTOR: ConnectorName = ConnectorName::Shopee;

/// Every profile, deleted ones included, and every pair.
struct Standing {
    profiles: Vec<Profile>,
    tokens: Vec<StoredToken>,
}

impl Standing {
    async fn read(store: &dyn Store, tenant: &TenantSlug) -> Result<Self, StoreError> {
        let mut uow = store.begin(tenant).await?; // read only
        Ok(Self {
            profiles: uow.profiles().of_connector(CONNECTOR, true).await?,
            tokens: uow.tokens().of_connector(CONNECTOR).await?,
        })
    }

    fn profile(&self, id: &ProfileId) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.id == *id)
    }

    /// The profile that stands for a shop, if one does: the active one before others.
    fn of_shop(&self, environment: Environment, shop: ShopId) -> Option<&Profile> {
        self.in_use()
            .filter(|profile| profile.environment == environment && profile.shop == Some(shop))
            .min_by_key(|profile| !profile.is_active)
    }

    /// The profile whose app looks after a pair: the one through which it was obtained, else one that
    /// stands for its shop. None where all of them were deleted.
    fn keeper(&self, token: &StoredToken) -> Option<&Profile> {
        let obtained_through = self.in_use().find(|profile| profile.id == token.profile);
        obtained_through.or_else(|| self.of_shop(token.key.environment, token.key.shop))
    }

    fn in_use(&self) -> impl Iterator<Item = &Profile> {
        self.profiles
            .iter()
            .filter(|profile| profile.deleted_at.is_none())
    }
}
