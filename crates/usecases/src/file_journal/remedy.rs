//! What is done about a push that was acknowledged and that the inbox refuses: nobody sends it again.

use hawker_domain::event::{EventSource, NewEvent};
use hawker_domain::exception::{Cause, ErrorClass, RaisedException};
use hawker_domain::{IdSource, Timestamp};
use hawker_ports::inbox::RefusedPush;
use hawker_ports::{StoreError, UnitOfWork};

use crate::chain::chain;
use crate::raise::raise;

/// From the best to what is left where the store refuses the better ones as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Its order is looked at without it, and somebody is told.
    LookAtOrder,
    /// Somebody is told.
    Tell,
    /// The log tells of it, and the backlog counts it.
    Nothing,
}

impl Remedy {
    pub(super) const ALL: [Self; 3] = [Self::LookAtOrder, Self::Tell, Self::Nothing];

    pub(super) async fn take(
        self,
        uow: &mut dyn UnitOfWork,
        push: &RefusedPush,
        why: &StoreError,
        now: Timestamp,
        ids: &dyn IdSource,
    ) -> Result<(), StoreError> {
        if self == Self::Nothing {
            return Ok(());
        }
        let hint = match self {
            Self::LookAtOrder => hint(push, now, ids),
            Self::Tell | Self::Nothing => None,
        };
        let is_looked_at = hint.is_some();
        if let Some(hint) = hint {
            uow.inbox().store(&[hint]).await?;
        }
        raise(uow, &[told(push, is_looked_at, why, ids)], now).await
    }
}

/// A push says no more than that there is something to look at: so does this.
fn hint(push: &RefusedPush, now: Timestamp, ids: &dyn IdSource) -> Option<NewEvent> {
    let key = push.subject.order_key()?;
    let profile = push.subject.profile.clone()?;
    let source = EventSource::Reconcile;
    Some(NewEvent::own_hint(&key, profile, source, now, ids))
}

/// One cause for all of them: what refuses one is likely to refuse many. About an order, it is over once the order is
/// brought up to date, by whatever road.
fn told(
    push: &RefusedPush,
    is_looked_at: bool,
    why: &StoreError,
    ids: &dyn IdSource,
) -> RaisedException {
    let (what, next) = match &push.subject.order_sn {
        Some(order_sn) if is_looked_at => (
            format!("A push of order {order_sn}"),
            "The order is looked at without it.".to_owned(),
        ),
        Some(order_sn) => (
            format!("A push of order {order_sn}"),
            format!("`hawker orders refresh {order_sn}` has the order looked at without it."),
        ),
        None => (
            "A push of no order that can be read".to_owned(),
            "Look at what it says there.".to_owned(),
        ),
    };
    let cause = Cause {
        class: ErrorClass::MedusaWorkflowFailed,
        key: "push-refused".into(),
        message: format!(
            "{what} was acknowledged, but the inbox does not take it ({}). It stays in connector_event_journal as {} and is tried again now and then. {next}",
            chain(why),
            push.id
        ),
        due_at: None,
    };
    RaisedException::once(push.subject.clone(), cause, ids)
}
