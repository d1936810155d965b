//! Why lost pushes were not fetched, and what of that each tenant is told.

use std::collections::BTreeMap;

use hawker_domain::TenantSlug;
use hawker_domain::ids::ProfileId;
use hawker_domain::schedule::Counts;
use hawker_ports::{MarketplaceError, SealError, StoreError};

use crate::chain::chain;

/// An app whose queue was not emptied. Nothing of it is lost: the next run goes on there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppFailure {
    /// The app.
    pub partner_id: i64,
    /// What went wrong, in words.
    pub why: String,
    /// The same for each tenant that has a profile of it, without what is another's.
    pub of_tenants: Vec<(TenantSlug, String)>,
}

/// A tenant whose profiles could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadTenant {
    /// The tenant.
    pub tenant: TenantSlug,
    /// What went wrong, in words.
    pub why: String,
}

/// Why lost pushes were not fetched.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Of these apps and for these tenants they were not, of and for all others they were.
    #[error("lost pushes were not fetched: {}", in_words(.failed, .unread))]
    Apps {
        /// What was done.
        counts: Counts,
        /// The apps that failed.
        failed: Vec<AppFailure>,
        /// The tenants whose apps are not known.
        unread: Vec<UnreadTenant>,
    },
    /// It was asked to end. The next run goes on from there.
    #[error("it was stopped before its end; the next run goes on from there")]
    Stopped {
        /// What was done before.
        counts: Counts,
    },
}

impl RecoveryError {
    /// What was done before, as far as it was counted.
    pub fn counts(&self) -> Counts {
        match self {
            Self::Store(_) => Counts::default(),
            Self::Apps { counts, .. } | Self::Stopped { counts } => counts.clone(),
        }
    }

    /// What of it concerns which tenant.
    pub fn of_tenants(&self) -> Vec<(TenantSlug, String)> {
        let Self::Apps { failed, unread, .. } = self else {
            return Vec::new();
        };
        let mut told = BTreeMap::<TenantSlug, Vec<String>>::new();
        for AppFailure {
            partner_id,
            of_tenants,
            ..
        } in failed
        {
            for (tenant, why) in of_tenants {
                let of_tenant = told.entry(tenant.clone()).or_default();
                of_tenant.push(format!("app {partner_id}: {why}"));
            }
        }
        for UnreadTenant { tenant, why } in unread {
            let of_tenant = told.entry(tenant.clone()).or_default();
            of_tenant.push(format!("its profiles cannot be read: {why}"));
        }
        let told = told.into_iter();
        told.map(|(tenant, why)| {
            let why = format!("lost pushes were not fetched: {}", why.join("; "));
            (tenant, why)
        })
        .collect()
    }
}

/// Why the queue of an app was not emptied.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("pushes could not be stored for tenant {tenant}")]
    NotStored {
        tenant: TenantSlug,
        #[source]
        error: StoreError,
    },
    #[error("the partner key of profile {profile} cannot be read ({error})")]
    Unreadable {
        tenant: TenantSlug,
        profile: ProfileId,
        error: SealError,
    },
    #[error(transparent)]
    Call(MarketplaceError),
    #[error(
        "{fetched} pushes were stored and not confirmed, because the page names no last message; they are listed again"
    )]
    NoLastMessage { fetched: u64 },
    #[error(
        "{fetched} pushes were stored, and it is not known that they were confirmed; they may be listed again"
    )]
    NotConfirmed {
        fetched: u64,
        #[source]
        error: MarketplaceError,
    },
    #[error("pushes up to {last_message_id} were confirmed and are listed all the same")]
    ListedAgain { last_message_id: i64 },
    #[error("a page without pushes says that there are more")]
    EmptyPage,
    #[error(
        "{in_doubt} of {fetched} pushes may be meant for a tenant whose profiles cannot be read; their page was not confirmed and is listed again"
    )]
    InDoubt { fetched: u64, in_doubt: u64 },
    #[error("it was stopped")]
    Stopped,
}

impl Failure {
    /// In words for a tenant of the app, who is not told of what is another's.
    pub(super) fn told_to(&self, reader: &TenantSlug) -> String {
        match self {
            Self::NotStored { tenant, .. } if tenant != reader => {
                "a page of it could not be stored whole, and is listed again".to_owned()
            }
            Self::Unreadable { tenant, .. } if tenant != reader => {
                "the partner key of none of its profiles can be used".to_owned()
            }
            failure => chain(failure),
        }
    }
}

fn in_words(failed: &[AppFailure], unread: &[UnreadTenant]) -> String {
    let failed = failed.iter().map(
        |AppFailure {
             partner_id, why, ..
         }| format!("app {partner_id}: {why}"),
    );
    let unread = unread.iter().map(|UnreadTenant { tenant, why }| {
        format!("the profiles of tenant {tenant} cannot be read: {why}")
    });
    let all: Vec<_> = failed.chain(unread).collect();
    all.join("; ")
}
