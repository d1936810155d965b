//! Raising exceptions, and clearing those that concern a profile as a whole.
//!
//! The row is all that is written: whoever must be told of it follows from the row (`tell_alerts`), so
//! that an exception stands whatever becomes of the ways to tell of it.

use hawker_domain::exception::{ErrorClass, RaisedException};
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, Timestamp};
use hawker_ports::exceptions::ProfileClearance;
use hawker_ports::{StoreError, UnitOfWork};

/// Opens or counts `raised`.
pub(crate) async fn raise(
    uow: &mut dyn UnitOfWork,
    raised: &[RaisedException],
    now: Timestamp,
) -> Result<(), StoreError> {
    if raised.is_empty() {
        return Ok(());
    }
    let open = uow.exceptions().raise(raised, now).await?;
    for (raised, open) in raised.iter().zip(&open).filter(|(_, open)| open.is_new) {
        tracing::warn!(
            event = "exception.opened",
            exception_id = %open.id,
            error_class = %raised.cause.class,
            order_sn = raised.subject.order_sn.as_ref().map(tracing::field::display),
            message = %raised.cause.message,
        );
    }
    Ok(())
}

/// Resolves what is open for a profile as a whole and is `over`: classes, or single causes of them.
pub(crate) async fn clear_profile(
    uow: &mut dyn UnitOfWork,
    (connector, environment, profile): (ConnectorName, Environment, &ProfileId),
    over: &[(ErrorClass, Option<&str>)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let over: Vec<_> = over
        .iter()
        .map(|(class, cause)| ProfileClearance {
            connector,
            environment,
            profile: Some(profile.clone()),
            class: *class,
            cause: cause.map(str::to_owned),
            quiet_since: now,
        })
        .collect();
    uow.exceptions().clear_profiles(&over, now).await?;
    Ok(())
}
