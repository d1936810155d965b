//! Reports of payouts.
//!
//! Invariant: a report is always as of a moment, which it names, so that all of its pages say the same
//! and it can be made again later to the cent.

mod table;

use std::sync::Arc;

use actix_web::HttpResponse;
use hawker_domain::{Environment, Timestamp};
use hawker_ports::views::{EscrowReportQuery, Page, ReportBy};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::environment::profile_meant;
use super::{Reply, Shared};
use crate::extract::Query;
use crate::identity::Identity;
use crate::paging::{may_be_cursor, part};
use crate::period::{When, moment, window, wrong};
use crate::problem::{Problem, ProblemWire};
use crate::state::ApiState;
use crate::wire::{EnvironmentWire, EscrowReportWire, ReportScopeWire};

/// Which payouts are wanted, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuery {
    /// From then on: a day of the shop's calendar, or a moment.
    #[param(value_type = String, example = "2026-11-01")]
    from: When,
    /// Until then: a day, with it, or a moment.
    #[param(value_type = String, example = "2026-11-30")]
    to: When,
    /// As it was known then: at the end of a day, or at a moment. As it is known now where nothing is
    /// said.
    #[param(value_type = Option<String>, example = "2026-12-05")]
    as_of: Option<When>,
    /// Which time of a payout counts.
    #[param(inline)]
    by: Option<By>,
    /// Of this profile; of all of the environment where none is named.
    profile_id: Option<String>,
    /// Of this environment; without a profile, the active one where none is named.
    #[param(value_type = Option<EnvironmentWire>)]
    env: Option<Environment>,
    /// In this form. A table is always whole.
    #[param(inline)]
    format: Option<Format>,
    /// At most so many payouts.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Which time of a payout counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum By {
    /// When the money was released.
    #[default]
    Released,
    /// When the order was placed; payouts that are not released are among them.
    Placed,
}

/// In which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// Page by page, with totals.
    #[default]
    Json,
    /// A table.
    Csv,
}

impl By {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Placed => "placed",
        }
    }
}

impl From<By> for ReportBy {
    fn from(by: By) -> Self {
        match by {
            By::Released => Self::Released,
            By::Placed => Self::Placed,
        }
    }
}

/// Report what was paid out
///
/// By days of the shop's calendar or by moments, as it is known now or as it was known then; with
/// totals for each currency, or as a table (`format=csv`).
#[utoipa::path(
    get,
    path = "/admin/escrow/report",
    operation_id = "reportEscrow",
    tag = "Escrow",
    params(ReportQuery),
    responses(
        (status = 200, description = "The report.", content(
            (EscrowReportWire = "application/json"),
            (String = "text/csv"),
        )),
        (status = 404, description = "There is no such profile, or no active one.",
         body = ProblemWire, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(identity: Identity, query: Query<ReportQuery>, state: Shared) -> Reply {
    let Query(wanted) = query;
    let (format, limit, after) = (wanted.format, wanted.limit, wanted.after.clone());
    let (query, scope) = scope(&identity, wanted, &state).await?;
    let tenant = &identity.tenant;
    let views = &state.admin.escrow_views;
    if format.unwrap_or_default() == Format::Csv {
        if limit.is_some() || after.is_some() {
            let field = if limit.is_some() { "limit" } else { "after" };
            return Err(wrong(field, "a table is always whole: leave it out"));
        }
        return table::whole(Arc::clone(views), tenant.clone(), query).await;
    }
    let part = part(limit, after, may_be_cursor)?;
    let page = views
        .escrow_report(tenant, &query, &part.request())
        .await
        .map_err(|error| part.failed(error))?;
    let totals = views.escrow_totals(tenant, &query).await?;
    let Page { rows, next } = page;
    Ok(HttpResponse::Ok().json(EscrowReportWire {
        scope,
        totals: totals.into_iter().map(Into::into).collect(),
        items: rows.into_iter().map(Into::into).collect(),
        next,
    }))
}

/// What the report is about.
async fn scope(
    identity: &Identity,
    wanted: ReportQuery,
    state: &ApiState,
) -> Result<(EscrowReportQuery, ReportScopeWire), Problem> {
    let named = wanted.profile_id.as_deref();
    let card = profile_meant(identity, named, wanted.env, state).await?;
    if wanted.env.is_some_and(|env| env != card.environment) {
        return Err(wrong("env", "the profile is of the other environment"));
    }
    let zone = card.region.zone();
    let window = window(wanted.from, wanted.to, zone)?;
    let as_of = as_of(wanted.as_of.map(|at| moment("as_of", at, zone)), state)?;
    let by = wanted.by.unwrap_or_default();
    let profile = wanted.profile_id.is_some().then(|| card.id.clone());
    let scope = ReportScopeWire {
        env_type: card.environment.as_str(),
        profile_id: profile.as_ref().map(|profile| profile.as_str().to_owned()),
        zone: zone.name().to_owned(),
        by: by.as_str(),
        from: window.from,
        to: window.to,
        as_of,
    };
    let query = EscrowReportQuery {
        by: by.into(),
        from: window.from,
        to: window.to,
        as_of: Some(as_of),
        profile,
        environment: card.environment,
    };
    Ok((query, scope))
}

/// What is not known yet cannot be reported as of a moment to come: such a report would change.
fn as_of(
    asked: Option<Result<Timestamp, Problem>>,
    state: &ApiState,
) -> Result<Timestamp, Problem> {
    let now = state.clock.now();
    Ok(asked.transpose()?.map_or(now, |asked| asked.min(now)))
}
