//! Keep what became of claimed orders: everything of one settlement together or not at all.

use std::collections::BTreeMap;

use hawker_domain::escrow::{Escrow, VersionCause};
use hawker_domain::exception::{ErrorClass, RaisedException};
use hawker_domain::ids::ProfileId;
use hawker_domain::{TenantSlug, Timestamp};
use hawker_ports::escrow::DueEscrow;
use hawker_ports::exceptions::{Clearance, Remaining};
use hawker_ports::{StoreError, UnitOfWork};

use super::CaptureEscrow;
use super::alone::Alone;
use super::outcome::Outcome;
use super::setback::OF_BATCHES;
use crate::conflicts::repeated;
use crate::raise::{clear_profile, raise};

/// The marketplace answered: whatever kept us from asking on behalf of the shop is over.
const CALLABLE: [(ErrorClass, Option<&str>); 2] = [
    (ErrorClass::Unknown, None),
    // Not the authorisations that a push announced to end: these still do.
    (ErrorClass::TokenExpired, Some("access-token")),
];

/// Which failures of a profile as a whole are over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// None: nothing was asked, or not answered.
    Nothing,
    /// Only those of the shop: one of the calls still fails.
    ShopAlone,
    /// All but the refusal of the call for one, which was not asked.
    Batches,
    /// All of them.
    Everything,
}

impl Over {
    /// After the marketplace answered the call for several.
    pub(super) const fn after(alone: &Alone) -> Self {
        match alone {
            Alone::Unasked => Self::Batches,
            Alone::Answered => Self::Everything,
            Alone::Blocked(_) => Self::ShopAlone,
        }
    }
}

/// What became of claimed orders of one profile.
pub(super) struct Settlement<'a> {
    pub(super) outcomes: Vec<Outcome<'a>>,
    /// What is over because the marketplace answered for them.
    over: Over,
    /// A profile of which nothing is due before that time.
    rests: Option<(&'a ProfileId, Timestamp)>,
    /// What somebody should know of the profile as a whole.
    pub(super) raised: Option<RaisedException>,
}

impl<'a> Settlement<'a> {
    /// The marketplace answered.
    pub(super) const fn answered(outcomes: Vec<Outcome<'a>>, over: Over) -> Self {
        Self {
            outcomes,
            over,
            rests: None,
            raised: None,
        }
    }

    /// It did not.
    pub(super) const fn unanswered(outcomes: Vec<Outcome<'a>>) -> Self {
        Self::answered(outcomes, Over::Nothing)
    }

    /// These orders are due again later.
    pub(super) fn postponed(claims: &'a [DueEscrow], due_at: Timestamp) -> Self {
        let postponed = |claim| Outcome::postponed(claim, due_at, "postponed");
        Self::unanswered(claims.iter().map(postponed).collect())
    }

    /// Nothing else of the profile is due before `until`.
    pub(super) fn resting(self, profile: &'a ProfileId, until: Timestamp) -> Self {
        Self {
            rests: Some((profile, until)),
            ..self
        }
    }

    /// Somebody should know, if there is something to be known.
    pub(super) fn told_of(self, raised: Option<RaisedException>) -> Self {
        Self { raised, ..self }
    }

    /// The claims by when they are due again.
    fn by_due_at(&self) -> BTreeMap<Option<Timestamp>, Vec<DueEscrow>> {
        let mut by_due_at = BTreeMap::<_, Vec<_>>::new();
        for Outcome { claim, due_at, .. } in &self.outcomes {
            let claims = by_due_at.entry(*due_at).or_default();
            claims.push((*claim).clone());
        }
        by_due_at
    }

    fn captured(&self) -> impl Iterator<Item = (&DueEscrow, &Escrow)> {
        let outcomes = self.outcomes.iter();
        outcomes.filter_map(|one| Some((one.claim, one.captured.as_ref()?)))
    }

    fn raised(&self) -> Vec<RaisedException> {
        let of_orders = self.outcomes.iter().filter_map(|one| one.raised.clone());
        of_orders.chain(self.raised.clone()).collect()
    }
}

impl CaptureEscrow {
    /// Commits; repeats after a conflict.
    pub(super) async fn settle(
        &self,
        tenant: &TenantSlug,
        settlement: &Settlement<'_>,
    ) -> Result<(), StoreError> {
        repeated(|| self.settle_once(tenant, settlement)).await
    }

    async fn settle_once(
        &self,
        tenant: &TenantSlug,
        settlement: &Settlement<'_>,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        for (due_at, claims) in settlement.by_due_at() {
            match due_at {
                None => uow.escrow().finish(&claims).await?,
                Some(due_at) => uow.escrow().postpone(&claims, due_at).await?,
            }
        }
        if let Some((profile, until)) = settlement.rests {
            uow.escrow().rest(profile, now, until).await?;
        }
        let captured: Vec<Escrow> = settlement.captured().map(|(_, one)| one.clone()).collect();
        let versions = uow.escrow().keep(&captured).await?;
        let mut cleared = 0;
        if settlement.over != Over::Nothing {
            cleared = clear(&mut *uow, settlement, now).await?;
        }
        raise(&mut *uow, &settlement.raised(), now).await?;
        uow.commit().await?;

        for outcome in &settlement.outcomes {
            self.metrics.escrow(outcome.result);
        }
        for ((claim, escrow), version) in settlement.captured().zip(versions) {
            tell(claim, escrow, version);
        }
        if cleared > 0 {
            tracing::info!(event = "exception.resolved", count = cleared);
        }
        Ok(())
    }
}

/// A payout that is as it was is no news.
fn tell(claim: &DueEscrow, escrow: &Escrow, version: Option<VersionCause>) {
    let order_sn = &escrow.key.order_sn;
    let (amount, currency) = (escrow.amounts.escrow_amount, escrow.currency);
    match version {
        None => {}
        Some(VersionCause::Captured) => {
            tracing::info!(event = "escrow.captured", %order_sn, %amount, %currency);
        }
        Some(cause) => tracing::info!(
            event = "escrow.changed", %order_sn, %amount, %currency, %cause,
            adjusted = %escrow.income.adjusted(), was_released = claim.released_at.is_some(),
        ),
    }
}

/// Resolves what was open because payouts could not be captured: of these orders, and of their
/// profile as a whole. Whatever else is open of them stays, and so does what is raised again.
async fn clear(
    uow: &mut dyn UnitOfWork,
    settlement: &Settlement<'_>,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let outcomes = &settlement.outcomes;
    let mut classes = ErrorClass::ALL.to_vec();
    classes.retain(|class| *class != ErrorClass::EscrowFetchFailed);
    let clearances: Vec<_> = outcomes
        .iter()
        .filter(|outcome| outcome.is_told)
        .map(|Outcome { claim, raised, .. }| Clearance {
            order: claim.key.clone(),
            remaining: Remaining {
                causes: raised
                    .iter()
                    .map(|raised| (raised.cause.class, raised.cause.key.clone()))
                    .collect(),
                classes: classes.clone(),
                deadlines: Vec::new(),
            },
        })
        .collect();
    let cleared = uow.exceptions().clear(&clearances, now).await?;
    if let Some(Outcome { claim, .. }) = outcomes.first() {
        let source = (claim.key.connector, claim.key.environment, &claim.profile);
        let stands = settlement.raised.as_ref().map(|raised| raised.cause.class);
        let callable = CALLABLE.into_iter();
        let callable: Vec<_> = callable
            .filter(|(class, _)| Some(*class) != stands)
            .collect();
        clear_profile(uow, source, &callable, now).await?;
        let class = ErrorClass::EscrowFetchFailed;
        match settlement.over {
            Over::Nothing | Over::ShopAlone => {}
            Over::Batches => {
                let of_batches = OF_BATCHES.map(|cause| (class, Some(cause)));
                clear_profile(uow, source, &of_batches, now).await?;
            }
            Over::Everything => clear_profile(uow, source, &[(class, None)], now).await?,
        }
    }
    Ok(cleared)
}
