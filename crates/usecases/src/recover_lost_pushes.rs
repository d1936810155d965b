//! Fetch the pushes that no attempt of the marketplace could deliver.
//!
//! The queue is the app's, for all of its shops together, and confirming is the only way forward in
//! it: what is confirmed is gone for good (shopee.md §4.7). So a page is confirmed only once every
//! message of it is committed, in every tenant that it concerns: those of shops that nobody knows and
//! those that cannot be read as well, because else they would block the queue. A run that ends between
//! the two, or that does not hear whether a confirmation worked, loses nothing: the next one is given
//! the same page, and what is stored already is not stored again. What comes by a push and by this road
//! is one event.
//!
//! One app that fails harms no other.

mod app;
mod storing;

use std::sync::Arc;

use hawker_domain::schedule::Counts;
use hawker_domain::{ConnectorName, IdSource};
use hawker_ports::marketplace::{AppAccess, Fault};
use hawker_ports::pushes::PushReader;
use hawker_ports::recovery::{LostPushPage, LostPushes};
use hawker_ports::tenants::TenantDirectory;
use hawker_ports::{Clock, MarketplaceError, Progress, Sealer, Store, StoreError};

use crate::chain::chain;
use crate::listing::many;
use app::App;

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

/// An app whose queue was not emptied. Nothing of it is lost: the next run goes on there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppFailure {
    /// The app.
    pub partner_id: i64,
    /// What went wrong, in words.
    pub why: String,
}

/// Why lost pushes were not fetched.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Of these apps they were not, of all others they were.
    #[error("lost pushes were not fetched: {}", in_words(.failed))]
    Apps {
        /// What was done.
        counts: Counts,
        /// The apps that failed.
        failed: Vec<AppFailure>,
    },
}

/// Why the queue of an app was not emptied.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the partner key of profile {profile} cannot be read ({error})")]
    Unreadable {
        profile: hawker_domain::ids::ProfileId,
        error: hawker_ports::SealError,
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
}

impl RecoverLostPushes {
    /// Empties the queue of every app of every tenant. Counts `apps`, `pages`, `fetched`, `stored`
    /// (events; a push that concerns several tenants is one in each), `duplicates`,
    /// `of_unknown_shops`, `confirmed`, `unfinished` (apps with more pages than a run takes). A run that
    /// is stopped ends well: what is left is for the next one.
    pub async fn run(&self, progress: &dyn Progress) -> Result<Counts, RecoveryError> {
        let apps = self.apps().await?;
        let mut counts = Counts::default();
        let mut failed = Vec::new();
        for app in &apps {
            if progress.is_stopping() {
                break;
            }
            counts.add("apps", 1);
            match self.empty(app, &mut counts, progress).await {
                Ok(()) => {}
                Err(Failure::Store(error)) if error.is_passing() => return Err(error.into()),
                Err(failure) => {
                    let (partner_id, why) = (app.partner_id, chain(&failure));
                    tracing::warn!(event = "lost_pushes.failed", partner_id, error = %why);
                    failed.push(AppFailure { partner_id, why });
                }
            }
        }
        if failed.is_empty() {
            Ok(counts)
        } else {
            Err(RecoveryError::Apps { counts, failed })
        }
    }

    /// Calls with the key of the app as one profile has it; where the marketplace does not accept
    /// that one, with the key as another has it.
    async fn empty(
        &self,
        app: &App,
        counts: &mut Counts,
        progress: &dyn Progress,
    ) -> Result<(), Failure> {
        let (keys, unreadable) = app.keys(&*self.sealer);
        let mut failure = unreadable;
        for access in keys {
            match self.turn_pages(app, &access, counts, progress).await {
                Err(Failure::Call(error)) if is_about_the_key(&error) => {
                    failure = Some(Failure::Call(error));
                }
                result => return result,
            }
        }
        failure.map_or(Ok(()), Err)
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
                return Ok(());
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
            self.store(app, &pushes, counts).await?;
            progress.tell(counts);
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

fn in_words(failed: &[AppFailure]) -> String {
    let failed: Vec<_> = failed
        .iter()
        .map(|AppFailure { partner_id, why }| format!("app {partner_id}: {why}"))
        .collect();
    failed.join("; ")
}
