//! Raising exceptions (the row and, if it is a new one, its alert, in one unit of work) and clearing
//! those that concern a profile as a whole.

use hawker_domain::alert::Alert;
use hawker_domain::exception::{ErrorClass, RaisedException};
use hawker_domain::ids::ProfileId;
use hawker_domain::{ConnectorName, Environment, IdSource, Timestamp};
use hawker_ports::exceptions::ProfileClearance;
use hawker_ports::{StoreError, UnitOfWork};

/// Opens or counts `raised`; alerts somebody for each that is newly open.
pub(crate) async fn raise(
    uow: &mut dyn UnitOfWork,
    raised: &[RaisedException],
    now: Timestamp,
    ids: &dyn IdSource,
) -> Result<(), StoreError> {
    if raised.is_empty() {
        return Ok(());
    }
    let open = uow.exceptions().raise(raised, now).await?;
    let newly_open = || raised.iter().zip(&open).filter(|(_, open)| open.is_new);
    for (raised, open) in newly_open() {
        tracing::warn!(
            event = "exception.opened",
            exception_id = %open.id,
            error_class = %raised.cause.class,
            order_sn = raised.subject.order_sn.as_ref().map(tracing::field::display),
            message = %raised.cause.message,
        );
    }
    let alerts: Vec<_> = newly_open()
        .map(|(raised, _)| Alert::for_exception(raised, now, ids))
        .collect();
    if !alerts.is_empty() {
        uow.alerts().enqueue(&alerts, now).await?;
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
    for (class, cause) in over {
        let clearance = ProfileClearance {
            connector,
            environment,
            profile: Some(profile.clone()),
            class: *class,
            cause: cause.map(str::to_owned),
            quiet_since: now,
        };
        uow.exceptions().clear_profile(&clearance, now).await?;
    }
    Ok(())
}
