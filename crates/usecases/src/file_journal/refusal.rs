//! What is told of a push that was acknowledged and that the inbox refuses.

use hawker_domain::IdSource;
use hawker_domain::exception::{Cause, ErrorClass, RaisedException};
use hawker_ports::StoreError;
use hawker_ports::inbox::RefusedPush;

use crate::chain::chain;

/// One cause for all of them: what refuses one is likely to refuse many. About an order, it is over once the order is
/// brought up to date, by whatever road: a push says no more than that there is something to look at.
pub(super) fn told(push: &RefusedPush, why: &StoreError, ids: &dyn IdSource) -> RaisedException {
    let (what, next) = match &push.subject.order_sn {
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
            "{what} was acknowledged, but the inbox does not take it ({}). It stays in connector_event_journal as {} and is tried again every five minutes. {next}",
            chain(why),
            push.id
        ),
        due_at: None,
    };
    RaisedException::once(push.subject.clone(), cause, ids)
}
