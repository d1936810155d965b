//! Plan every order of a batch and commit all plans as one.

use std::collections::BTreeMap;
use std::time::Duration;

use hawker_domain::catalogue::{Sku, SkuIndex};
use hawker_domain::channel::OrderKey;
use hawker_domain::event::EventOutcome;
use hawker_domain::exception::{ErrorClass, RaisedException};
use hawker_domain::ids::VariantId;
use hawker_domain::inventory::Stock;
use hawker_domain::order::timeline::Step;
use hawker_domain::order::{Decision, OrderSnapshot, Plan, PlanInput, Problem, plan};
use hawker_domain::{OrderSn, ShopId, TenantSlug, Timestamp};
use hawker_ports::exceptions::{Clearance, Remaining};
use hawker_ports::inbox::{
    ClaimedBatch, ClaimedOrder, MadeOrder, OrderReport, SeenOrder, WorkResult,
};
use hawker_ports::marketplace::FetchedOrder;
use hawker_ports::orders::LoadedOrder;
use hawker_ports::{StoreError, UnitOfWork};

use super::failures::{Outcome, report};
use super::{RefreshOrders, subject};
use crate::raise::{clear_profile, raise};

/// How often an order is asked for again because the marketplace answered with an older state than
/// its push spoke of. After that the answer is believed: what is newer is pushed, too.
const LAGGING_TRIES_MAX: u32 = 3;

/// The first wait for a replica that lags behind; doubled with each try.
const LAGGING_WAIT: Duration = Duration::from_secs(2);

/// How soon an order is looked at again for which there is no place to reserve stock at.
const UNTIL_A_PLACE_EXISTS: Duration = Duration::from_mins(1);

/// A commit that lost against another one at the same rows is repeated so often: the plans are
/// made anew each time, from what is stored then.
const CONFLICTS_MAX: u32 = 5;

/// When the stock that the plans are made from is locked. Everybody who sells the same card waits for
/// whoever has it locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StockLock {
    /// Once the orders are written, for the rest of the commit: what the plans take must be there still.
    Late,
    /// Before the plans are made: nothing can come in between. The way that always ends.
    Early,
}

/// Classes that say nothing about the order itself, only that it could not be looked at.
const ABOUT_THE_WAY: [ErrorClass; 4] = [
    ErrorClass::SdkTransient,
    ErrorClass::RetryExhausted,
    ErrorClass::NormalizationFailed,
    ErrorClass::MedusaWorkflowFailed,
];

/// The shop answered: whatever kept us from asking it is over.
const OVER: [(ErrorClass, Option<&str>); 3] = [
    (ErrorClass::SdkTransient, None),
    (ErrorClass::Unknown, None),
    // Not the authorisations that a push announced to end: these still do.
    (ErrorClass::TokenExpired, Some("access-token")),
];

/// Everything that is decided for a batch.
#[derive(Default)]
struct Decided {
    plans: Vec<Plan>,
    outcomes: Vec<Outcome>,
    clearances: Vec<Clearance>,
    held: Vec<(OrderSn, Vec<Sku>)>,
}

/// What the plans of a batch are made from.
struct Known {
    orders: BTreeMap<OrderSn, LoadedOrder>,
    skus: SkuIndex,
    stock: Stock,
}

impl RefreshOrders {
    /// Plans and commits; repeats after a conflict.
    pub(super) async fn commit(
        &self,
        tenant: &TenantSlug,
        batch: &ClaimedBatch,
        shop: ShopId,
        fetched: &[FetchedOrder],
    ) -> Result<(), StoreError> {
        let mut conflicts = 0;
        loop {
            let lock = if conflicts == 0 {
                StockLock::Late
            } else {
                StockLock::Early
            };
            match self.commit_once(tenant, batch, shop, fetched, lock).await {
                Err(StoreError::Conflict { .. }) if conflicts < CONFLICTS_MAX => conflicts += 1,
                result => return result,
            }
        }
    }

    async fn commit_once(
        &self,
        tenant: &TenantSlug,
        batch: &ClaimedBatch,
        shop: ShopId,
        fetched: &[FetchedOrder],
        lock: StockLock,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let known = load(&mut *uow, batch, fetched, lock).await?;
        let seen = known.stock.clone();
        let decided = self.decide(batch, shop, fetched, known, now);

        let plans: Vec<_> = decided.plans.iter().collect();
        uow.orders().apply(&plans, now).await?;
        book(&mut *uow, &plans, &seen, lock).await?;
        let raised: Vec<RaisedException> = decided
            .outcomes
            .iter()
            .flat_map(|outcome| outcome.raised.iter().cloned())
            .collect();
        raise(&mut *uow, &raised, now).await?;
        let cleared = uow.exceptions().clear(&decided.clearances, now).await?;
        let source = (batch.connector, batch.environment, &batch.profile);
        clear_profile(&mut *uow, source, &OVER, now).await?;
        let reports: Vec<_> = decided
            .outcomes
            .iter()
            .map(|outcome| outcome.report.clone())
            .collect();
        uow.inbox().finish(batch, &reports, now).await?;
        uow.commit().await?;

        self.count(&reports);
        tell(&decided, cleared);
        Ok(())
    }

    fn decide(
        &self,
        batch: &ClaimedBatch,
        shop: ShopId,
        fetched: &[FetchedOrder],
        mut known: Known,
        now: Timestamp,
    ) -> Decided {
        let answers: BTreeMap<_, _> = fetched
            .iter()
            .map(|order| (&order.order_sn, &order.snapshot))
            .collect();
        let mut decided = Decided::default();
        for claimed in &batch.orders {
            // Lost to another worker while we were asking: it is theirs now.
            let Some(loaded) = known.orders.remove(&claimed.order_sn) else {
                continue;
            };
            match answers.get(&claimed.order_sn) {
                None => decided
                    .outcomes
                    .push(self.unknown_order(batch, claimed, shop, now)),
                Some(Err(error)) => {
                    decided
                        .outcomes
                        .push(self.not_understood(batch, claimed, shop, error));
                }
                Some(Ok(snapshot)) => {
                    let known = (&known.skus, &mut known.stock);
                    self.plan(
                        batch,
                        claimed,
                        loaded,
                        snapshot,
                        shop,
                        known,
                        now,
                        &mut decided,
                    );
                }
            }
        }
        decided
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one order's share of a batch, spelled out"
    )]
    fn plan(
        &self,
        batch: &ClaimedBatch,
        claimed: &ClaimedOrder,
        loaded: LoadedOrder,
        snapshot: &OrderSnapshot,
        shop: ShopId,
        (skus, stock): (&SkuIndex, &mut Stock),
        now: Timestamp,
        decided: &mut Decided,
    ) {
        let key = OrderKey {
            connector: batch.connector,
            environment: batch.environment,
            order_sn: claimed.order_sn.clone(),
        };
        let seen = seen(snapshot);
        let decision = plan(PlanInput {
            sync: loaded.sync,
            key: key.clone(),
            profile: batch.profile.clone(),
            shop,
            existing: loaded.order,
            snapshot: snapshot.clone(),
            skus,
            stock,
            tracking: &claimed.tracking,
            event: claimed.events.last().copied(),
            now,
            ids: &*self.ids,
        });
        let mut raised = Vec::new();
        let mut raise_for_order = |cause| {
            let subject = subject(batch, Some(claimed), Some(shop));
            raised.push(RaisedException::once(subject, cause, &*self.ids));
        };
        let mut made = None;
        let (result, remaining) = match decision {
            Decision::Apply(mut plan) => {
                made = plan.is_change.then_some(MadeOrder {
                    order: plan.order.id,
                    escrow_due: plan.escrow_due,
                });
                let remaining = remaining(&plan);
                plan.raised.drain(..).for_each(&mut raise_for_order);
                let outcome = if plan.is_change {
                    EventOutcome::Applied
                } else {
                    EventOutcome::Unchanged
                };
                decided.plans.push(*plan);
                let result = lagging(claimed, snapshot, now).unwrap_or(WorkResult::Done(outcome));
                (result, remaining)
            }
            Decision::Stale => (
                lagging(claimed, snapshot, now)
                    .unwrap_or(WorkResult::Done(EventOutcome::Unchanged)),
                all_but_about_the_way(),
            ),
            Decision::Hold(problem) => {
                let causes = problem.causes(&key);
                let remaining = Remaining {
                    causes: causes
                        .iter()
                        .map(|cause| (cause.class, cause.key.clone()))
                        .collect(),
                    classes: vec![
                        ErrorClass::ActionRequired,
                        ErrorClass::Oversold,
                        ErrorClass::EscrowFetchFailed,
                    ],
                    deadlines: Vec::new(),
                };
                causes.into_iter().for_each(&mut raise_for_order);
                let missing_skus = problem.missing_skus();
                if let Problem::Unmapped(_) = problem {
                    decided
                        .held
                        .push((claimed.order_sn.clone(), missing_skus.clone()));
                    (WorkResult::Held { missing_skus }, remaining)
                } else {
                    (
                        WorkResult::Postponed {
                            until: now + UNTIL_A_PLACE_EXISTS,
                        },
                        remaining,
                    )
                }
            }
        };
        decided.clearances.push(Clearance {
            order: key,
            remaining,
        });
        decided.outcomes.push(Outcome {
            report: OrderReport {
                made,
                ..report(claimed, result, Some(seen))
            },
            raised,
        });
    }
}

/// Writes what the plans do to the stock, unless there is no longer enough of it: somebody else was
/// faster, and the plans have to be made anew.
async fn book(
    uow: &mut dyn UnitOfWork,
    plans: &[&Plan],
    seen: &Stock,
    lock: StockLock,
) -> Result<(), StoreError> {
    let changes = plans.iter().filter(|plan| plan.is_change);
    let entries: Vec<_> = changes.flat_map(|plan| &plan.ledger).collect();
    if entries.is_empty() {
        return Ok(());
    }
    if lock == StockLock::Late {
        let mut variants: Vec<VariantId> = entries.iter().map(|entry| entry.variant).collect();
        variants.sort();
        variants.dedup();
        let now_there = uow.inventory().lock(&variants).await?;
        if !now_there.bears(seen, &entries) {
            return Err(StoreError::Conflict {
                entity: "stock",
                cause: None,
            });
        }
    }
    let entries: Vec<_> = entries.into_iter().cloned().collect();
    uow.inventory().book(&entries).await
}

/// Loads what the plans are made from, in a constant number of statements. The orders are locked.
async fn load(
    uow: &mut dyn UnitOfWork,
    batch: &ClaimedBatch,
    fetched: &[FetchedOrder],
    lock: StockLock,
) -> Result<Known, StoreError> {
    let loaded = uow.orders().load_claimed(batch).await?;
    let mut asked: Vec<Sku> = fetched
        .iter()
        .filter_map(|order| order.snapshot.as_ref().ok())
        .flat_map(|snapshot| snapshot.lines.iter().filter_map(|line| line.sku.clone()))
        .collect();
    asked.sort();
    asked.dedup();
    let skus = uow.catalogue().resolve(&asked).await?;
    let of_skus = asked.iter().filter_map(|sku| skus.resolve(sku).ok());
    let of_orders = loaded
        .iter()
        .filter_map(|loaded| loaded.order.as_ref())
        .flat_map(|order| order.lines.iter().filter_map(|line| line.variant));
    let mut variants: Vec<VariantId> = of_skus.chain(of_orders).collect();
    variants.sort();
    variants.dedup();
    let stock = match lock {
        StockLock::Late => uow.inventory().look(&variants).await?,
        StockLock::Early => uow.inventory().lock(&variants).await?,
    };
    let orders = loaded
        .into_iter()
        .map(|loaded| (loaded.order_sn.clone(), loaded))
        .collect();
    Ok(Known {
        orders,
        skus,
        stock,
    })
}

fn seen(snapshot: &OrderSnapshot) -> SeenOrder {
    SeenOrder {
        status: snapshot.status.clone(),
        updated_at: snapshot.updated_at,
        placed_at: snapshot.created_at,
        ship_by: snapshot.ship_by,
        currency: snapshot.currency,
        total: snapshot.total,
    }
}

/// A snapshot older than what a push spoke of comes from a replica that lags behind: ask again.
fn lagging(claimed: &ClaimedOrder, snapshot: &OrderSnapshot, now: Timestamp) -> Option<WorkResult> {
    let is_behind = claimed
        .hinted_at
        .is_some_and(|hinted| snapshot.updated_at < hinted);
    (is_behind && claimed.attempts < LAGGING_TRIES_MAX).then(|| WorkResult::TryAgain {
        at: now + LAGGING_WAIT * 2_u32.pow(claimed.attempts),
    })
}

/// What is raised with a plan or stands after it, the latter with its deadline as it is now.
fn remaining(plan: &Plan) -> Remaining {
    let raised = plan.raised.iter();
    let raised = raised.map(|cause| (cause.class, cause.key.clone()));
    let standing = plan.standing.iter();
    let standing = standing.map(|cause| (cause.class, cause.key.clone()));
    let dated = plan.standing.iter();
    let dated = dated.filter_map(|cause| Some((cause.class, cause.key.clone(), cause.due_at?)));
    Remaining {
        causes: standing.chain(raised).collect(),
        // Its payout is asked for by other means.
        classes: vec![ErrorClass::EscrowFetchFailed],
        deadlines: dated.collect(),
    }
}

/// An old snapshot shows that the order can be looked at again, and nothing else.
fn all_but_about_the_way() -> Remaining {
    let classes = ErrorClass::ALL
        .iter()
        .copied()
        .filter(|class| !ABOUT_THE_WAY.contains(class))
        .collect();
    Remaining {
        classes,
        ..Remaining::default()
    }
}

/// Tells the log what became of the orders; never who the buyers are.
fn tell(decided: &Decided, cleared: u64) {
    for plan in &decided.plans {
        let order = &plan.order;
        for step in &plan.steps {
            tracing::info!(
                event = event_name(step.step),
                order_sn = %order.key.order_sn,
                order_id = %order.id,
                status = %order.marketplace_status,
                lines = order.lines.len(),
                total = order.total.map(tracing::field::display),
                currency = %order.currency,
                cash_on_delivery = order.cash_on_delivery,
            );
        }
    }
    for (order_sn, skus) in &decided.held {
        let skus: Vec<_> = skus.iter().map(Sku::as_str).collect();
        tracing::info!(event = "order.held", order_sn = %order_sn, skus = skus.join(","));
    }
    if cleared > 0 {
        tracing::info!(event = "exception.resolved", count = cleared);
    }
}

const fn event_name(step: Step) -> &'static str {
    match step {
        Step::Created => "order.created",
        Step::PaymentCaptured => "order.payment_captured",
        Step::ShipmentCreated => "order.shipment_created",
        Step::Fulfilled => "order.fulfilled",
        Step::Cancelled => "order.canceled",
        Step::Completed => "order.completed",
        Step::Reopened => "order.reopened",
        Step::StatusRecorded => "order.status_recorded",
        Step::LinesChanged => "order.lines_changed",
        Step::ShipmentUpdated => "order.shipment_updated",
        Step::AddressChanged => "order.address_changed",
    }
}
