//! Reports of payouts.
//!
//! Invariant: a report is always as of a moment, which it names, so that it can be made again later to
//! the cent. The `next` of a page carries that moment: all pages say the same, whatever is known by then.

mod table;

use std::sync::Arc;

use actix_web::HttpResponse;
use chrono::{DateTime, SubsecRound as _};
use hawker_domain::{Environment, Timestamp};
use hawker_ports::views::{EscrowReportQuery, Page, PageRequest, ReportBy};
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
    /// said. Later pages are as of the moment of the first one.
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
    /// With what the whole report comes to, by currency. That is as much work as it has payouts: once is
    /// enough, whichever page it is asked for with.
    totals: Option<bool>,
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
    /// Page by page.
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
/// totals for each currency (`totals=true`), or as a table (`format=csv`).
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
    let with_totals = wanted.totals.unwrap_or_default();
    let begun = after.as_deref().and_then(Place::parse);
    let as_of = begun.as_ref().map(|place| place.as_of);
    let (query, scope) = scope(&identity, wanted, as_of, &state).await?;
    let tenant = &identity.tenant;
    let views = &state.admin.escrow_views;
    if format.unwrap_or_default() == Format::Csv {
        if limit.is_some() || after.is_some() {
            let field = if limit.is_some() { "limit" } else { "after" };
            return Err(wrong(field, "a table is always whole: leave it out"));
        }
        return table::whole(Arc::clone(views), tenant.clone(), query).await;
    }
    let part = part(limit, after, |_| begun.is_some())?;
    let request = PageRequest {
        after: begun.map(|place| place.row),
        ..part.request()
    };
    let page = views
        .escrow_report(tenant, &query, &request)
        .await
        .map_err(|error| part.failed(error))?;
    let totals = if with_totals {
        views.escrow_totals(tenant, &query).await?
    } else {
        Vec::new()
    };
    let Page { rows, next } = page;
    let as_of = scope.as_of;
    let next = next.map(|row| Place { as_of, row }.text());
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
    begun_as_of: Option<Timestamp>,
    state: &ApiState,
) -> Result<(EscrowReportQuery, ReportScopeWire), Problem> {
    let named = wanted.profile_id.as_deref();
    let card = profile_meant(identity, named, wanted.env, state).await?;
    if wanted.env.is_some_and(|env| env != card.environment) {
        return Err(wrong("env", "the profile is of the other environment"));
    }
    let zone = card.region.zone();
    let window = window(wanted.from, wanted.to, zone)?;
    let asked = wanted.as_of.map(|at| moment("as_of", at, zone));
    let as_of = as_of(asked, begun_as_of, state)?;
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

/// What is not known yet cannot be reported as of a moment to come: such a report would change. A page
/// that follows another is as of the same moment.
fn as_of(
    asked: Option<Result<Timestamp, Problem>>,
    begun: Option<Timestamp>,
    state: &ApiState,
) -> Result<Timestamp, Problem> {
    // No finer than what a store can tell apart, and a cursor carries.
    let whole = |at: Timestamp| at.trunc_subsecs(6);
    let asked = asked.transpose()?.map(whole);
    let Some(begun) = begun else {
        let now = whole(state.clock.now());
        return Ok(asked.map_or(now, |asked| asked.min(now)));
    };
    if asked.is_some_and(|asked| asked < begun) {
        let why = "the page before is as of a later moment: leave it out, or begin anew";
        return Err(wrong("as_of", why));
    }
    Ok(begun)
}

/// Where a page of a report begins: what the report is as of, and behind which row.
struct Place {
    as_of: Timestamp,
    row: String,
}

impl Place {
    fn text(&self) -> String {
        format!("{}_{}", self.as_of.timestamp_micros(), self.row)
    }

    fn parse(text: &str) -> Option<Self> {
        let (as_of, row) = text.split_once('_').filter(|_| may_be_cursor(text))?;
        Some(Self {
            as_of: DateTime::from_timestamp_micros(as_of.parse().ok()?)?,
            row: row.to_owned(),
        })
    }
}
