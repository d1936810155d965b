//! Fetch the pushes that no attempt of the marketplace could deliver.
//!
//! The queue is the app's, for all of its shops together, and confirming is the only way forward in
//! it: what is confirmed is gone for good (shopee.md §4.7). So a page is confirmed only once every
//! message of it is committed, in every tenant that it concerns: those of shops that nobody knows, those
//! that cannot be read and those that the store does not take as they are as well, because else they
//! would block the queue. A run that ends between
//! the two, or that does not hear whether a confirmation worked, loses nothing: the next one is given
//! the same page, and what is stored already is not stored again. What comes by a push and by this road
//! is one event.
//!
//! One app that fails harms no other, and neither does a tenant whose profiles cannot be read; what may
//! be meant for that one stays in the queue.

mod app;
mod failure;
mod storing;
mod unread;

use std::collections::BTreeSet;
use std::sync::Arc;

use hawker_domain::schedule::Counts;
use hawker_domain::{ConnectorName, IdSource};
use hawker_ports::marketplace::{AppAccess, Fault};
use hawker_ports::pushes::PushReader;
use hawker_ports::recovery::{LostPushPage, LostPushes};
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::{Clock, MarketplaceError, Progress, Sealer, Store};

use crate::chain::chain;
use crate::listing::many;
use app::{App, Apps};
use failure::Failure;
pub use failure::{AppFailure, RecoveryError, UnreadTenant};

/// Pages of one app in one run. What is left is fetched by the next run.
pub const PAGES_PER_RUN: u32 = 50;

/// Fetches lost pushes.
pub struct RecoverLostPushes {
    /// Where profiles are, and where pushes are kept.
    pub store: Arc<dyn Store>,
    /// Whose profiles there are.
    pub tenants: Arc<dyn TenantDirectory>,
    /// Keeps what could not be delivered.
    pub lost: Arc<dyn LostPushes>,
    /// Reads pushes.
    pub reader: Arc<dyn PushReader>,
    /// Opens the keys of apps.
    pub sealer: Arc<dyn Sealer>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// The marketplace.
    pub connector: ConnectorName,
}

impl RecoverLostPushes {
    /// Empties the queue of every app of every tenant. Counts `apps`, `pages`, `fetched`, `stored`
    /// (events; a push that concerns several tenants is one in each), `duplicates`,
    /// `of_unknown_shops`, `unread` (kept as bytes, because the store did not take them as they are),
    /// `confirmed`, `unfinished` (apps with more pages than a run takes).
    pub async fn run(&self, progress: &dyn Progress) -> Result<Counts, RecoveryError> {
        let Apps { apps, unread } = self.apps().await?;
        let mut counts = Counts::default();
        let mut failed = Vec::new();
        for app in &apps {
            if progress.is_stopping() {
                return Err(RecoveryError::Stopped { counts });
            }
            counts.add("apps", 1);
            match self.empty(app, &mut counts, progress).await {
                Ok(()) => {}
                Err(Failure::Stopped) => return Err(RecoveryError::Stopped { counts }),
                Err(failure) => {
                    let (partner_id, why) = (app.partner_id, chain(&failure));
                    tracing::warn!(event = "lost_pushes.failed", partner_id, error = %why);
                    let tenants = app.tenants().into_iter();
                    let of_tenants = tenants.map(|tenant| {
                        let why = failure.told_to(&tenant);
                        (tenant, why)
                    });
                    failed.push(AppFailure {
                        partner_id,
                        why,
                        of_tenants: of_tenants.collect(),
                    });
                }
            }
        }
        if failed.is_empty() && unread.is_empty() {
            Ok(counts)
        } else {
            Err(RecoveryError::Apps {
                counts,
                failed,
                unread,
            })
        }
    }

    /// Calls with the key of the app and by way of the host that one profile has; where the
    /// marketplace does not accept that key or is not to be had there, as another profile has them.
    async fn empty(
        &self,
        app: &App,
        counts: &mut Counts,
        progress: &dyn Progress,
    ) -> Result<(), Failure> {
        let (ways, unreadable) = app.ways(&*self.sealer);
        let mut without_answer = BTreeSet::new();
        let mut failure = None;
        for access in ways {
            if without_answer.contains(&access.base_url) {
                continue;
            }
            match self.turn_pages(app, &access, counts, progress).await {
                Err(Failure::Call(error)) if is_about_the_key(&error) => {
                    failure.get_or_insert(Failure::Call(error));
                }
                Err(Failure::Call(error)) if is_about_the_host(&error) => {
                    without_answer.insert(access.base_url);
                    failure.get_or_insert(Failure::Call(error));
                }
                result => return result,
            }
        }
        failure.or(unreadable).map_or(Ok(()), Err)
    }

    async fn turn_pages(
        &self,
        app: &App,
        access: &AppAccess,
        counts: &mut Counts,
        progress: &dyn Progress,
    ) -> Result<(), Failure> {
        let mut confirmed = None;
        for _ in 0..PAGES_PER_RUN {
            if progress.is_stopping() {
                return Err(Failure::Stopped);
            }
            let page = self.lost.lost_pushes(access).await.map_err(Failure::Call)?;
            let LostPushPage {
                pushes,
                has_more,
                last_message_id,
            } = page;
            let fetched = many(&pushes);
            counts.add("pages", 1);
            counts.add("fetched", fetched);
            if pushes.is_empty() {
                progress.tell(counts);
                return if has_more {
                    Err(Failure::EmptyPage)
                } else {
                    Ok(())
                };
            }
            let in_doubt = self.store(app, &pushes, counts).await?;
            progress.tell(counts);
            if in_doubt > 0 {
                return Err(Failure::InDoubt { fetched, in_doubt });
            }
            let last_message_id = last_message_id.ok_or(Failure::NoLastMessage { fetched })?;
            if confirmed == Some(last_message_id) {
                return Err(Failure::ListedAgain { last_message_id });
            }
            // Everything is durable: now it may be forgotten there.
            self.lost
                .confirm_lost_pushes(access, last_message_id)
                .await
                .map_err(|error| Failure::NotConfirmed { fetched, error })?;
            confirmed = Some(last_message_id);
            counts.add("confirmed", fetched);
            progress.tell(counts);
            if !has_more {
                return Ok(());
            }
        }
        counts.add("unfinished", 1);
        tracing::warn!(
            event = "lost_pushes.unfinished",
            partner_id = app.partner_id,
            pages = PAGES_PER_RUN,
            "an app has more lost pushes than one run fetches; the next run goes on"
        );
        Ok(())
    }
}

/// Whether the app may be called with another key.
fn is_about_the_key(error: &MarketplaceError) -> bool {
    matches!(
        error,
        MarketplaceError::Misconfigured {
            fault: Fault::Sign | Fault::PartnerKeyExpired,
            ..
        }
    )
}

/// Whether the app may be called at another host.
const fn is_about_the_host(error: &MarketplaceError) -> bool {
    matches!(
        error,
        MarketplaceError::Unavailable { .. }
            | MarketplaceError::Malformed { .. }
            | MarketplaceError::Misconfigured {
                fault: Fault::Host | Fault::PartnerId,
                ..
            }
    )
}
