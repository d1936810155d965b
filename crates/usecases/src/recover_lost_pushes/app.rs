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

use super::{Failure, RecoverLostPushes, UnreadTenant};
use crate::chain::chain;

/// What the profiles of all tenants come to.
pub(super) struct Apps {
    pub(super) apps: Vec<App>,
    /// Tenants that were passed over.
    pub(super) unread: Vec<UnreadTenant>,
}

/// An app: what has one queue. Which host it is called at depends on where the caller stands, and its
/// shops may be of every market: so its profiles may name several hosts, and it is one app all the same.
pub(super) struct App {
    pub(super) partner_id: i64,
    /// Those in force first, then those that are active in their environment; at least one.
    members: Vec<Member>,
    /// Tenants could not be read: they may have members, too.
    may_have_more: bool,
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
    /// The apps of all tenants: of each environment and partner id one, however many profiles share it.
    /// Fails where no tenant at all can be read.
    pub(super) async fn apps(&self) -> Result<Apps, StoreError> {
        let mut tenants = self.tenants.tenants().await?;
        tenants.sort();
        let mut apps = BTreeMap::<(Environment, i64), Vec<Member>>::new();
        let mut unread = Vec::new();
        let all = tenants.len();
        for tenant in tenants {
            let members = match self.members(&tenant).await {
                Ok(members) => members,
                Err(error) => {
                    let why = chain(&error);
                    tracing::error!(event = "lost_pushes.tenant_unread", %tenant, error = %why);
                    unread.push(UnreadTenant { tenant, why });
                    if unread.len() == all {
                        return Err(error);
                    }
                    continue;
                }
            };
            for (partner_id, member) in members {
                let app = (member.profile.environment, partner_id);
                apps.entry(app).or_default().push(member);
            }
        }
        let apps = apps.into_iter().map(|((_, partner_id), mut members)| {
            members.sort_by_key(|member| (!member.is_in_force, !member.profile.is_active));
            App {
                partner_id,
                members,
                may_have_more: !unread.is_empty(),
            }
        });
        // Without any key it is an app that somebody is about to set up.
        let apps = apps.filter(App::has_key).collect();
        Ok(Apps { apps, unread })
    }

    /// The profiles of a tenant with the apps that they belong to.
    async fn members(&self, tenant: &TenantSlug) -> Result<Vec<(i64, Member)>, StoreError> {
        let mut uow = self.store.begin(tenant).await?; // read only
        let in_use = uow.profiles().active_environment(self.connector).await?;
        let profiles = uow.profiles().of_connector(self.connector, false).await?;
        drop(uow);
        let members = profiles.into_iter().filter_map(|profile| {
            let member = |profile: Profile| Member {
                tenant: tenant.clone(),
                is_in_force: profile.is_active && in_use == Some(profile.environment),
                profile,
            };
            Some((profile.partner_id?, member(profile)))
        });
        Ok(members.collect())
    }
}

impl App {
    fn has_key(&self) -> bool {
        let mut members = self.members.iter();
        members.any(|member| member.profile.partner_key.is_some())
    }

    /// Whose it is.
    pub(super) fn tenants(&self) -> BTreeSet<TenantSlug> {
        let members = self.members.iter();
        members.map(|member| member.tenant.clone()).collect()
    }

    /// What calls as the app need, once for each host with its key that its profiles have; and why
    /// the last key that cannot be read cannot.
    pub(super) fn ways(&self, sealer: &dyn Sealer) -> (Vec<AppAccess>, Option<Failure>) {
        let mut ways: Vec<AppAccess> = Vec::new();
        let mut unreadable = None;
        for Member {
            tenant, profile, ..
        } in &self.members
        {
            let Some(stored) = &profile.partner_key else {
                continue;
            };
            let base_url = base_url(profile.region, profile.base_url_override.as_deref());
            let profile = profile.id.clone();
            match sealer.open(stored) {
                Ok(partner_key) => {
                    let is_known = |known: &AppAccess| {
                        known.base_url == base_url
                            && known.partner_key.expose_secret() == partner_key.expose_secret()
                    };
                    if !ways.iter().any(is_known) {
                        ways.push(AppAccess {
                            profile,
                            base_url,
                            partner_id: self.partner_id,
                            partner_key,
                        });
                    }
                }
                Err(error) => {
                    unreadable = Some(Failure::Unreadable {
                        tenant: tenant.clone(),
                        profile,
                        error,
                    });
                }
            }
        }
        (ways, unreadable)
    }

    /// Whether a push may be meant for a profile of a tenant that could not be read.
    pub(super) fn may_concern_others(&self, content: &PushContent) -> bool {
        let is_of_member = |shop| {
            let mut members = self.members.iter();
            members.any(|member| member.profile.shop == Some(shop))
        };
        self.may_have_more
            && match content.shop {
                Some(shop) => !is_of_member(shop),
                None => is_about_authorisations(content.code),
            }
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
