//! A person asks for the payouts of orders to be fetched now.

use std::sync::Arc;

use hawker_domain::audit::{Actor, AuditEntry};
use hawker_domain::channel::OrderKey;
use hawker_domain::{ConnectorName, IdSource, OrderSn, TenantSlug};
use hawker_ports::{Clock, Store, StoreError, UnitOfWork};
use serde::Serialize;

/// Makes payouts due.
pub struct SyncEscrow {
    /// Where orders are.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
    /// The marketplace.
    pub connector: ConnectorName,
}

/// What asking for the payout of an order came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncAnswer {
    /// It is fetched now, by whichever process is serving.
    Due,
    /// The order is not completed: there is no payout before.
    NotCompleted,
    /// There is no such order.
    Unknown,
}

impl SyncAnswer {
    /// The name by which it is told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::NotCompleted => "not_completed",
            Self::Unknown => "unknown",
        }
    }
}

impl SyncEscrow {
    /// Makes the payouts of completed orders due; answers for each in the same order.
    pub async fn ask(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        orders: &[OrderSn],
    ) -> Result<Vec<(OrderSn, SyncAnswer)>, StoreError> {
        if orders.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let mut uow = self.store.begin(tenant).await?;
        let mut answers = Vec::with_capacity(orders.len());
        for order_sn in orders {
            let known = uow.inbox().find_order(self.connector, order_sn).await?;
            let known: Vec<OrderKey> = known.into_iter().map(|(key, _)| key).collect();
            let answer = match uow.escrow().make_due(&known, now).await?.as_slice() {
                [] => SyncAnswer::Unknown,
                made_due if made_due.contains(&true) => SyncAnswer::Due,
                _ => SyncAnswer::NotCompleted,
            };
            answers.push((order_sn.clone(), answer));
        }
        self.note(&mut *uow, actor, &answers).await?;
        uow.commit().await?;
        Ok(answers)
    }

    async fn note(
        &self,
        uow: &mut dyn UnitOfWork,
        actor: &Actor,
        answers: &[(OrderSn, SyncAnswer)],
    ) -> Result<(), StoreError> {
        let subject = match answers {
            [(order_sn, _)] => format!("order:{order_sn}"),
            _ => "orders".to_owned(),
        };
        let answered: serde_json::Map<_, _> = answers
            .iter()
            .map(|(order_sn, answer)| (order_sn.to_string(), answer.as_str().into()))
            .collect();
        let now = self.clock.now();
        let entry = AuditEntry::new(actor, "escrow.sync_asked", subject, now, &*self.ids)
            .with("orders", answered);
        uow.audit().record(&[entry]).await
    }
}
