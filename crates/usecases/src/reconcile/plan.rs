//! Which stretches of time a run compares, and until when there is no gap.

use chrono::TimeDelta;
use hawker_domain::completeness::{Day, Window};
use hawker_domain::{Timestamp, Zone};
use hawker_ports::reconciliation::Watermark;
use hawker_ports::recovery::ListedBy;

use super::ReconcileSettings;

/// Days that touch the last so long are asked for by every run, however short ago the last one was.
const DAYS_AT_LEAST: TimeDelta = TimeDelta::hours(24);

/// A list may lag behind by so much. No source says how much it is; replicas lag by seconds.
const LISTS_LAG_BY: TimeDelta = TimeDelta::minutes(5);

/// What a run compares.
pub(super) struct Plan {
    /// Orders that changed in it.
    updated: Window,
    /// Orders that were placed on the days that it touches.
    created: Window,
    zone: Zone,
    now: Timestamp,
    /// Until when there is no gap so far.
    pub(super) marks: Marks,
}

/// A stretch of time whose orders are listed and compared at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) by: ListedBy,
    pub(super) window: Window,
    /// The day that it is, up to now; absent for a pass by the time of the last change.
    pub(super) day: Option<Day>,
}

/// Until when a profile was compared without a gap; where it never was, the moment at which its
/// history begins for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    updated: Timestamp,
    created: Timestamp,
}

impl Plan {
    pub(super) fn of(
        known: Watermark,
        window: Option<Window>,
        zone: Zone,
        now: Timestamp,
        settings: ReconcileSettings,
    ) -> Self {
        let ReconcileSettings { overlap, history } = settings;
        let since = |mark: Option<Timestamp>| mark.map_or(now - history, |mark| mark - overlap);
        let upto_now = |from| Window { from, to: now };
        let (updated, created) = match window {
            Some(Window { from, to }) => {
                let asked_for = Window {
                    from,
                    to: to.min(now),
                };
                (asked_for, asked_for)
            }
            None => (
                upto_now(since(known.updated_until)),
                upto_now(since(known.created_until).min(now - DAYS_AT_LEAST)),
            ),
        };
        Self {
            updated,
            created,
            zone,
            now,
            marks: Marks {
                updated: known.updated_until.unwrap_or(now - history),
                created: known.created_until.unwrap_or(now - history),
            },
        }
    }

    /// The steps in order, none of which takes a list longer than `longest`.
    pub(super) fn steps(&self, longest: TimeDelta) -> Vec<Step> {
        let slices = self.updated.slices(longest).into_iter();
        let by_change = slices.map(|window| Step {
            by: ListedBy::Updated,
            window,
            day: None,
        });
        // A day is asked for as a whole: of a part of it nobody could say that it is complete.
        let days = self.created.days(self.zone).into_iter();
        let by_day = days.map(|day| Step {
            by: ListedBy::Created,
            window: Window {
                from: day.window.from,
                to: day.window.to.min(self.now),
            },
            day: Some(day),
        });
        by_change.chain(by_day).collect()
    }
}

impl Step {
    /// The part of it in which an order that is not listed is missing from the list: one that was
    /// placed a moment ago may be pushed before it is listed.
    pub(super) fn settled(&self, now: Timestamp) -> Window {
        let Window { from, to } = self.window;
        Window {
            from,
            to: to.min(now - LISTS_LAG_BY).max(from),
        }
    }

    /// Every order of the list changed by then, where it is listed for that: what was fetched since is
    /// not out of date.
    pub(super) const fn fetched_since(&self) -> Option<Timestamp> {
        match self.by {
            ListedBy::Updated => Some(self.window.to),
            ListedBy::Created => None,
        }
    }
}

impl Marks {
    /// The marks once a step was compared. One that lies apart from what was compared before moves
    /// neither: there would be a gap.
    pub(super) fn after(self, step: &Step) -> Self {
        let moved = |mark: Timestamp| {
            if step.window.from <= mark {
                mark.max(step.window.to)
            } else {
                mark
            }
        };
        match step.by {
            ListedBy::Updated => Self {
                updated: moved(self.updated),
                ..self
            },
            ListedBy::Created => Self {
                created: moved(self.created),
                ..self
            },
        }
    }

    /// What a step that moved a mark from `before` to here is kept as.
    pub(super) fn since(self, before: Self) -> Watermark {
        Watermark {
            updated_until: (self.updated != before.updated).then_some(self.updated),
            created_until: (self.created != before.created).then_some(self.created),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now() -> Timestamp {
        at("2026-11-21T03:00:00Z")
    }

    fn plan(known: Watermark, window: Option<Window>) -> Plan {
        let zone = Zone::Asia__Singapore;
        Plan::of(known, window, zone, now(), ReconcileSettings::default())
    }

    fn days(plan: &Plan) -> Vec<String> {
        let steps = plan.steps(TimeDelta::days(15)).into_iter();
        steps
            .filter_map(|step| Some(step.day?.date.to_string()))
            .collect()
    }

    fn until(moment: Timestamp) -> Watermark {
        Watermark {
            updated_until: Some(moment),
            created_until: Some(moment),
        }
    }

    #[test]
    fn a_run_begins_an_hour_behind_its_mark_and_asks_for_yesterday_whatever_the_mark_says() {
        let plan = plan(until(at("2026-11-21T02:00:00Z")), None);
        let steps = plan.steps(TimeDelta::days(15));
        assert_eq!(steps[0].by, ListedBy::Updated);
        assert_eq!(steps[0].window.from, at("2026-11-21T01:00:00Z"));
        assert_eq!(steps[0].window.to, now());
        assert_eq!(days(&plan), ["2026-11-20", "2026-11-21"]);
        assert_eq!(steps[1].window.from, at("2026-11-19T16:00:00Z"));
        assert_eq!(steps[2].window.to, now(), "today up to now");
    }

    #[test]
    fn the_first_run_looks_a_month_back_in_slices_that_the_marketplace_takes() {
        let plan = plan(Watermark::default(), None);
        let steps = plan.steps(TimeDelta::days(15));
        let slices: Vec<_> = steps.iter().filter(|step| step.day.is_none()).collect();
        assert_eq!(slices.len(), 2);
        assert_eq!(slices[0].window.from, now() - TimeDelta::days(30));
        assert_eq!(days(&plan).len(), 31);
        let mut marks = plan.marks;
        for step in &steps {
            marks = marks.after(step);
        }
        assert_eq!(marks.since(plan.marks), until(now()));
    }

    #[test]
    fn a_window_moves_a_mark_only_where_it_leaves_no_gap() {
        let mark = at("2026-11-10T00:00:00Z");
        let window = |from, to| Some(Window { from, to });
        let apart = plan(until(mark), window(at("2026-11-15T00:00:00Z"), now()));
        let one = |plan: &Plan| plan.steps(TimeDelta::days(15))[0];
        assert_eq!(apart.marks.after(&one(&apart)), apart.marks);

        let joins = plan(until(mark), window(at("2026-11-09T00:00:00Z"), now()));
        let moved = joins.marks.after(&one(&joins)).since(joins.marks);
        assert_eq!(moved.updated_until, Some(now()));
        assert_eq!(moved.created_until, None, "that is the other pass");

        let older = at("2026-11-01T00:00:00Z");
        let before = plan(until(mark), window(older, older + TimeDelta::days(1)));
        assert_eq!(before.marks.after(&one(&before)), before.marks);
    }

    #[test]
    fn an_order_that_was_placed_a_moment_ago_may_not_be_listed_yet() {
        let plan = plan(until(now()), None);
        let steps = plan.steps(TimeDelta::days(15));
        let today = steps.last().unwrap();
        assert_eq!(today.settled(now()).to, now() - TimeDelta::minutes(5));
        let yesterday = &steps[steps.len() - 2];
        assert_eq!(yesterday.settled(now()), yesterday.window);
        let just_begun = today.window.from + TimeDelta::minutes(1);
        assert_eq!(today.settled(just_begun).to, today.window.from);
    }

    #[test]
    fn nothing_is_asked_of_the_future() {
        let tomorrow = now() + TimeDelta::days(1);
        let plan = plan(
            Watermark::default(),
            Some(Window {
                from: now() - TimeDelta::hours(1),
                to: tomorrow,
            }),
        );
        let steps = plan.steps(TimeDelta::days(15));
        assert!(steps.iter().all(|step| step.window.to <= now()));
        assert_eq!(steps.len(), 2);
    }
}
