//! How complete what we hold is, day by day.

use actix_web::HttpResponse;
use chrono::{Days, NaiveDate};
use hawker_ports::views::CompletenessQuery;
use serde::Deserialize;
use utoipa::IntoParams;

use super::environment::profile_meant;
use super::{Reply, Shared};
use crate::extract::Query;
use crate::identity::Identity;
use crate::period::wrong;
use crate::problem::{Problem, ProblemWire};
use crate::wire::CompletenessWire;

/// Days that are shown where the client does not say.
const DAYS_DEFAULT: u64 = 30;

/// The most days that are shown at once.
const DAYS_MAX: i64 = 400;

/// Which days are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysQuery {
    /// Of this profile; of the active one where none is named.
    profile_id: Option<String>,
    /// From this day of the shop's calendar on; 30 days are shown where nothing is said.
    #[param(example = "2026-11-01")]
    from: Option<NaiveDate>,
    /// Until this day, with it; until today where nothing is said. At most 400 days.
    #[param(example = "2026-11-20")]
    to: Option<NaiveDate>,
}

/// Show how complete the orders are
///
/// For each day of the shop's calendar: what the marketplace lists, what we hold, by which road each
/// order first came, and how late.
#[utoipa::path(
    get,
    path = "/admin/completeness",
    operation_id = "showCompleteness",
    tag = "Orders",
    params(DaysQuery),
    responses(
        (status = 200, description = "Day by day.", body = CompletenessWire),
        (status = 404, description = "There is no such profile, or no active one.",
         body = ProblemWire, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn show(identity: Identity, query: Query<DaysQuery>, state: Shared) -> Reply {
    let Query(DaysQuery {
        profile_id,
        from,
        to,
    }) = query;
    let card = profile_meant(&identity, profile_id.as_deref(), None, &state).await?;
    let zone = card.region.zone();
    let today = state.clock.now().with_timezone(&zone).date_naive();
    let (from, to) = days(from, to, today)?;
    let query = CompletenessQuery {
        profile: card.id,
        zone,
        from,
        to,
    };
    let views = &state.admin.completeness_views;
    let rows = views.completeness(&identity.tenant, &query).await?;
    Ok(HttpResponse::Ok().json(CompletenessWire::of(&query, rows)))
}

/// The first and the last day.
fn days(
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<(NaiveDate, NaiveDate), Problem> {
    let to = to.unwrap_or(today);
    let before = Days::new(DAYS_DEFAULT - 1);
    let from = from.or_else(|| to.checked_sub_days(before)).unwrap_or(to);
    let days = (to - from).num_days() + 1;
    if days < 1 {
        return Err(wrong("to", "it has to be `from` or a later day"));
    }
    if days > DAYS_MAX {
        return Err(wrong("from", "at most 400 days are shown at once"));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn thirty_days_are_shown_and_today_is_among_them() {
        let today = day("2026-11-20");
        let shown = days(None, None, today).expect("days");
        assert_eq!(shown, (day("2026-10-22"), today));
        let until = days(None, Some(day("2026-01-30")), today).expect("days");
        assert_eq!(until, (day("2026-01-01"), day("2026-01-30")));
    }

    #[test]
    fn too_many_days_and_none_are_refused_by_name() {
        let today = day("2026-11-20");
        for (from, to, field) in [
            ("2026-11-21", "2026-11-20", "to"),
            ("2025-01-01", "2026-11-20", "from"),
        ] {
            let refused = days(Some(day(from)), Some(day(to)), today).expect_err("refused");
            assert_eq!(refused.shown()["errors"][0]["field"], field);
        }
        let most = days(Some(day("2025-10-17")), Some(today), today);
        assert!(most.is_ok(), "400 days are shown");
    }
}
