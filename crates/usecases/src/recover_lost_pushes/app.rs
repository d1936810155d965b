//! Apps and whose profiles belong to them.

use std::collections::{BTreeMap, BTreeSet};

use hawker_domain::event::{PushCode, PushContent};
use hawker_domain::ids::ProfileId;
use hawker_domain::profile::base_url;
use hawker_domain::{Environment, ShopId, TenantSlug};
use hawker_ports::marketplace::AppAccess;
use hawker_ports::profiles::Profile;
use hawker_ports::{Sealer, StoreError};
use secrecy::ExposeSecret as _;

use super::{Failure, RecoverLostPushes};

/// An app: what has one queue, on one host.
pub(super) struct App {
    base_url: String,
    pub(super) partner_id: i64,
    /// Those in force first, then those that are active in their environment; at least one.
    members: Vec<Member>,
}

/// A profile of an app.
struct Member {
    tenant: TenantSlug,
    profile: Profile,
    is_in_force: bool,
}

/// For whom a lost push is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Addressee {
    pub(super) tenant: TenantSlug,
    pub(super) environment: Environment,
    /// Absent where nobody knows the shop.
    pub(super) profile: Option<ProfileId>,
}

impl RecoverLostPushes {
    /// The apps of all tenants: of each host and partner id one, however many profiles share it.
    pub(super) async fn apps(&self) -> Result<Vec<App>, StoreError> {
        let mut tenants = self.tenants.tenants().await?;
        tenants.sort();
        let mut apps = BTreeMap::<(String, i64), Vec<Member>>::new();
        for tenant in tenants {
            let mut uow = self.store.begin(&tenant).await?; // read only
            let in_use = uow.profiles().active_environment(self.connector).await?;
            let profiles = uow.profiles().of_connector(self.connector, false).await?;
            drop(uow);
            for profile in profiles {
                let Some(partner_id) = profile.partner_id else {
                    continue;
                };
                let host = base_url(profile.region, profile.base_url_override.as_deref());
                let members = apps.entry((host, partner_id)).or_default();
                members.push(Member {
                    tenant: tenant.clone(),
                    is_in_force: profile.is_active && in_use == Some(profile.environment),
                    profile,
                });
            }
        }
        let apps = apps.into_iter().map(|((base_url, partner_id), members)| {
            let mut app = App {
                base_url,
                partner_id,
                members,
            };
            app.members
                .sort_by_key(|member| (!member.is_in_force, !member.profile.is_active));
            app
        });
        // Without any key it is an app that somebody is about to set up.
        Ok(apps.filter(App::has_key).collect())
    }
}

impl App {
    fn has_key(&self) -> bool {
        let mut members = self.members.iter();
        members.any(|member| member.profile.partner_key.is_some())
    }

    /// What calls as the app need, once for each key that its profiles have; and why the last one
    /// that cannot be read cannot.
    pub(super) fn keys(&self, sealer: &dyn Sealer) -> (Vec<AppAccess>, Option<Failure>) {
        let mut keys: Vec<AppAccess> = Vec::new();
        let mut unreadable = None;
        for Member { profile, .. } in &self.members {
            let Some(stored) = &profile.partner_key else {
                continue;
            };
            let profile = profile.id.clone();
            match sealer.open(stored) {
                Ok(partner_key) => {
                    let is_known = |known: &AppAccess| {
                        known.partner_key.expose_secret() == partner_key.expose_secret()
                    };
                    if !keys.iter().any(is_known) {
                        keys.push(AppAccess {
                            profile,
                            base_url: self.base_url.clone(),
                            partner_id: self.partner_id,
                            partner_key,
                        });
                    }
                }
                Err(error) => unreadable = Some(Failure::Unreadable { profile, error }),
            }
        }
        (keys, unreadable)
    }

    /// For whom a push is kept. One that names a shop, for the profile of that shop in whichever
    /// tenant. One about authorisations names none, and the pairs that it is about may be any
    /// tenant's: for each tenant once. One of a shop that nobody knows, or that does not tell, for
    /// nobody, in the tenant of the app's first profile.
    pub(super) fn addressees(&self, content: &PushContent) -> Vec<Addressee> {
        if let Some(shop) = content.shop {
            let mut members = self.members.iter();
            let of_shop = members.find(|member| member.profile.shop == Some(shop));
            return match of_shop {
                Some(member) => vec![member.addressee()],
                None => self.nobody(),
            };
        }
        if !is_about_authorisations(content.code) {
            return self.nobody();
        }
        let mut seen = BTreeSet::new();
        let firsts = self.members.iter();
        firsts
            .filter(|member| seen.insert(&member.tenant))
            .map(Member::addressee)
            .collect()
    }

    fn nobody(&self) -> Vec<Addressee> {
        let first = self.members.first().map(|first| Addressee {
            profile: None,
            ..first.addressee()
        });
        first.into_iter().collect()
    }

    /// The shops of this app that are others' and not this tenant's: none of its business.
    pub(super) fn shops_of_others(&self, tenant: &TenantSlug) -> BTreeSet<ShopId> {
        let shops = |is_own: bool| -> BTreeSet<ShopId> {
            let members = self.members.iter();
            members
                .filter(|member| (member.tenant == *tenant) == is_own)
                .filter_map(|member| member.profile.shop)
                .collect()
        };
        &shops(false) - &shops(true)
    }
}

impl Member {
    fn addressee(&self) -> Addressee {
        Addressee {
            tenant: self.tenant.clone(),
            environment: self.profile.environment,
            profile: Some(self.profile.id.clone()),
        }
    }
}

fn is_about_authorisations(code: i32) -> bool {
    [
        PushCode::AUTHORISED,
        PushCode::AUTHORISATION_CANCELLED,
        PushCode::AUTHORISATION_EXPIRY,
    ]
    .contains(&PushCode(code))
}
