//! The queue of exceptions as it is looked at: the list, its groups, each one, and how a retry stands.

use std::str::FromStr as _;

use actix_web::HttpResponse;
use hawker_domain::Environment;
use hawker_domain::exception::{ErrorClass, ExceptionStatus};
use hawker_domain::ids::{ExceptionId, ProfileId};
use hawker_ports::exception_desk::ExceptionSelector;
use hawker_ports::views::{ExceptionFilter, ExceptionSort};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{Reply, Shared, order_named};
use crate::extract::{BatchInPath, ExceptionInPath, Query};
use crate::identity::Identity;
use crate::paging::part;
use crate::period::wrong;
use crate::problem::Problem;
use crate::wire::{
    EnvironmentWire, ErrorClassWire, ExceptionDetailWire, ExceptionGroupsWire, ExceptionPageWire,
    ExceptionStatusWire, RetryProgressWire,
};

/// Which exceptions are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExceptionsQuery {
    /// That stand so; all where nothing is said.
    #[param(value_type = Option<ExceptionStatusWire>)]
    status: Option<ExceptionStatus>,
    /// Of this class.
    #[param(value_type = Option<ErrorClassWire>)]
    class: Option<ErrorClass>,
    /// Of this cause.
    cause: Option<String>,
    /// Of this order.
    order_sn: Option<String>,
    /// Assigned to this person.
    assignee: Option<String>,
    /// Of this environment.
    #[param(value_type = Option<EnvironmentWire>)]
    env: Option<Environment>,
    /// Of this profile.
    profile_id: Option<String>,
    /// Which come first. By deadline: their own or that of their order, whichever is earlier; those
    /// without one last. Only open ones where no status is said, and never resolved ones.
    #[param(inline)]
    sort: Option<SortWire>,
    /// Also those that are out of sight for now.
    #[param(default = false)]
    with_snoozed: Option<bool>,
    /// At most so many exceptions.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Which exceptions come first.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SortWire {
    /// The newest.
    Newest,
    /// Those that must be done first.
    Due,
}

impl From<SortWire> for ExceptionSort {
    fn from(sort: SortWire) -> Self {
        match sort {
            SortWire::Newest => Self::Newest,
            SortWire::Due => Self::Due,
        }
    }
}

/// Which groups are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GroupsQuery {
    /// Of this class.
    #[param(value_type = Option<ErrorClassWire>)]
    class: Option<ErrorClass>,
    /// Of this cause.
    cause: Option<String>,
    /// Of this environment.
    #[param(value_type = Option<EnvironmentWire>)]
    env: Option<Environment>,
    /// Of this profile.
    profile_id: Option<String>,
    /// Of this order.
    order_sn: Option<String>,
    /// Assigned to this person.
    assignee: Option<String>,
}

/// Which part of a retry is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProgressQuery {
    /// At most so many exceptions.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// List exceptions
///
/// Newest first, or the most urgent first. Those out of sight for now are left out unless they are asked for.
#[utoipa::path(
    get,
    path = "/admin/exceptions",
    operation_id = "listExceptions",
    tag = "Exceptions",
    params(ExceptionsQuery),
    responses((status = 200, description = "A part of the exceptions.", body = ExceptionPageWire)),
)]
pub(crate) async fn list(
    identity: Identity,
    query: Query<ExceptionsQuery>,
    state: Shared,
) -> Reply {
    let Query(ExceptionsQuery {
        status,
        class,
        cause,
        order_sn,
        assignee,
        env,
        profile_id,
        sort,
        with_snoozed,
        limit,
        after,
    }) = query;
    let part = part(limit, after, |after| ExceptionId::from_str(after).is_ok())?;
    let sort = sort.map(Into::into).unwrap_or_default();
    if (status, sort) == (Some(ExceptionStatus::Resolved), ExceptionSort::Due) {
        let why =
            "what is resolved has no deadline any more: leave it out, or ask for another status";
        return Err(wrong("sort", why));
    }
    let filter = ExceptionFilter {
        status: status.map(|status| status.as_str().to_owned()),
        class: class.map(|class| class.as_str().to_owned()),
        cause,
        order_sn: order_sn.as_deref().map(order_named).transpose()?,
        assignee,
        environment: env,
        profile: profile_id.as_deref().map(profile_named).transpose()?,
        with_snoozed: with_snoozed.unwrap_or(false),
        sort,
    };
    let views = &state.admin.views;
    let found = views
        .exceptions(&identity.tenant, &filter, &part.request())
        .await
        .map_err(|error| part.failed(error))?;
    Ok(HttpResponse::Ok().json(ExceptionPageWire::from(found)))
}

/// Group open exceptions by cause
///
/// With how many are open, what their orders are worth, and when the first of them must have been
/// handed over: what keeps a whole shop from going on first, then the most urgent.
#[utoipa::path(
    get,
    path = "/admin/exceptions/groups",
    operation_id = "groupExceptions",
    tag = "Exceptions",
    params(GroupsQuery),
    responses((status = 200, description = "The groups.", body = ExceptionGroupsWire)),
)]
pub(crate) async fn groups(identity: Identity, query: Query<GroupsQuery>, state: Shared) -> Reply {
    let Query(GroupsQuery {
        class,
        cause,
        env,
        profile_id,
        order_sn,
        assignee,
    }) = query;
    let selector = ExceptionSelector {
        class,
        cause,
        environment: env,
        profile: profile_id.as_deref().map(profile_named).transpose()?,
        order_sn: order_sn.as_deref().map(order_named).transpose()?,
        assignee,
    };
    let views = &state.admin.exception_views;
    let groups = views
        .exception_groups(&identity.tenant, &selector, state.clock.now())
        .await?;
    Ok(HttpResponse::Ok().json(ExceptionGroupsWire::from(groups)))
}

/// Show an exception
///
/// With its notes, its retries and what came before it.
#[utoipa::path(
    get,
    path = "/admin/exceptions/{id}",
    operation_id = "showException",
    tag = "Exceptions",
    params(("id" = String, Path, description = "The exception.")),
    responses((status = 200, description = "The exception.", body = ExceptionDetailWire)),
)]
pub(crate) async fn show(
    identity: Identity,
    ExceptionInPath(id): ExceptionInPath,
    state: Shared,
) -> Reply {
    let views = &state.admin.exception_views;
    let found = views.exception(&identity.tenant, id).await?;
    let found = found.ok_or_else(|| Problem::no_such("exception", &id.to_string()))?;
    Ok(HttpResponse::Ok().json(ExceptionDetailWire::from(found)))
}

/// Follow a retry
///
/// Exception by exception: what was resolved since, what showed again, what is still waited for.
#[utoipa::path(
    get,
    path = "/admin/exceptions/retries/{batch}",
    operation_id = "followRetry",
    tag = "Exceptions",
    params(("batch" = String, Path, description = "The retry."), ProgressQuery),
    responses((status = 200, description = "How it stands.", body = RetryProgressWire)),
)]
pub(crate) async fn progress(
    identity: Identity,
    BatchInPath(batch): BatchInPath,
    query: Query<ProgressQuery>,
    state: Shared,
) -> Reply {
    let Query(ProgressQuery { limit, after }) = query;
    let part = part(limit, after, |after| ExceptionId::from_str(after).is_ok())?;
    let views = &state.admin.exception_views;
    let progress = views
        .retry_progress(&identity.tenant, batch, &part.request())
        .await
        .map_err(|error| part.failed(error))?;
    let progress = progress.ok_or_else(|| Problem::no_such("retry", &batch.to_string()))?;
    Ok(HttpResponse::Ok().json(RetryProgressWire::from(progress)))
}

fn profile_named(text: &str) -> Result<ProfileId, Problem> {
    ProfileId::parse(text).ok_or_else(|| wrong("profile_id", "it is no profile's id"))
}
