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

/// The most days that are shown at once. A day is counted from its orders, each time that it is shown.
const DAYS_OF_PAGE: u64 = 31;

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
    /// Until this day, with it; until today where nothing is said. At most 31 days are shown at once.
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
    let Shown { from, to, next } = days(from, to, today)?;
    let query = CompletenessQuery {
        profile: card.id,
        zone,
        from,
        to,
    };
    let views = &state.admin.completeness_views;
    let rows = views.completeness(&identity.tenant, &query).await?;
    Ok(HttpResponse::Ok().json(CompletenessWire::of(&query, rows, next)))
}

/// The first and the last day of a page, and the first one of the next.
#[derive(Debug, PartialEq, Eq)]
struct Shown {
    from: NaiveDate,
    to: NaiveDate,
    next: Option<NaiveDate>,
}

fn days(
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<Shown, Problem> {
    let last = to.unwrap_or(today);
    let before = Days::new(DAYS_DEFAULT - 1);
    let from = from
        .or_else(|| last.checked_sub_days(before))
        .unwrap_or(last);
    if last < from {
        return Err(wrong("to", "it has to be `from` or a later day"));
    }
    let next = from.checked_add_days(Days::new(DAYS_OF_PAGE));
    let next = next.filter(|next| *next <= last);
    let to = next.and_then(|next| next.pred_opt()).unwrap_or(last);
    Ok(Shown { from, to, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn shown(from: &str, to: &str, next: Option<&str>) -> Shown {
        Shown {
            from: day(from),
            to: day(to),
            next: next.map(day),
        }
    }

    #[test]
    fn thirty_days_are_shown_and_today_is_among_them() {
        let today = day("2026-11-20");
        let usual = days(None, None, today).expect("days");
        assert_eq!(usual, shown("2026-10-22", "2026-11-20", None));
        let until = days(None, Some(day("2026-01-30")), today).expect("days");
        assert_eq!(until, shown("2026-01-01", "2026-01-30", None));
    }

    #[test]
    fn more_days_than_a_month_has_are_shown_page_by_page() {
        let today = day("2026-03-31");
        let page = |from| days(Some(day(from)), None, today).expect("days");
        let first = shown("2026-01-30", "2026-03-01", Some("2026-03-02"));
        assert_eq!(page("2026-01-30"), first);
        assert_eq!(page("2026-03-02"), shown("2026-03-02", "2026-03-31", None));
        assert_eq!(page("2026-03-01"), shown("2026-03-01", "2026-03-31", None));
    }

    #[test]
    fn a_last_day_before_the_first_is_refused_by_name() {
        let today = day("2026-11-20");
        let refused = days(Some(day("2026-11-21")), Some(today), today).expect_err("refused");
        assert_eq!(refused.shown()["errors"][0]["field"], "to");
    }
}
