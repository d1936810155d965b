//! Exceptions to try behaviours on: what they are about, and short words for raising and clearing them.

use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::ExceptionId;
use hawker_domain::{ConnectorName, Environment};

use super::bench::{Bench, PROFILE, key};
use crate::StoreError;
use crate::exceptions::{Clearance, OpenException, Remaining};
use crate::testing::examples::{SHOP, after_noon, order_sn, profile_id};
use crate::views::{ExceptionFilter, ExceptionSummary, PageRequest};

pub(super) fn of_order(
    bench: &Bench,
    number: &str,
    class: ErrorClass,
    cause: &str,
) -> RaisedException {
    let subject = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(PROFILE)),
        shop: Some(SHOP),
        order_sn: Some(order_sn(number)),
        event: None,
    };
    RaisedException::once(subject, said(class, cause), &bench.ids)
}

pub(super) fn of_profile(bench: &Bench, profile: &str, cause: &str) -> RaisedException {
    let subject = Subject {
        connector: ConnectorName::Shopee,
        environment: Environment::Sandbox,
        profile: Some(profile_id(profile)),
        shop: Some(SHOP),
        order_sn: None,
        event: None,
    };
    RaisedException::once(
        subject,
        said(ErrorClass::SignatureMismatch, cause),
        &bench.ids,
    )
}

fn said(class: ErrorClass, cause: &str) -> Cause {
    Cause {
        class,
        key: cause.into(),
        message: format!("{class} because of {cause}"),
        due_at: None,
    }
}

pub(super) async fn raise(
    bench: &Bench,
    raised: &[RaisedException],
    seconds: i64,
) -> Result<Vec<OpenException>, StoreError> {
    let mut uow = bench.begin().await?;
    let open = uow.exceptions().raise(raised, after_noon(seconds)).await?;
    uow.commit().await?;
    Ok(open)
}

pub(super) async fn clear(
    bench: &Bench,
    number: &str,
    remaining: Remaining,
    seconds: i64,
) -> Result<u64, StoreError> {
    let clearance = Clearance {
        order: key(number),
        remaining,
    };
    let mut uow = bench.begin().await?;
    let resolved = uow
        .exceptions()
        .clear(&[clearance], after_noon(seconds))
        .await?;
    uow.commit().await?;
    Ok(resolved)
}

pub(super) async fn listed(
    bench: &Bench,
    filter: &ExceptionFilter,
) -> Result<Vec<ExceptionSummary>, StoreError> {
    let page = PageRequest {
        limit: 100,
        after: None,
    };
    let page = bench.views.exceptions(&bench.tenant, filter, &page).await?;
    Ok(page.rows)
}

/// Raises one exception of an order for each cause; answers their ids.
pub(super) async fn raise_each(
    bench: &Bench,
    orders: &[(&str, &str)],
    seconds: i64,
) -> Result<Vec<ExceptionId>, StoreError> {
    let raised: Vec<_> = orders
        .iter()
        .map(|(number, cause)| of_order(bench, number, ErrorClass::SkuNotFound, cause))
        .collect();
    let open = raise(bench, &raised, seconds).await?;
    Ok(open.into_iter().map(|open| open.id).collect())
}
