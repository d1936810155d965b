//! Open exceptions by environment, class and cause.

use std::collections::{BTreeMap, BTreeSet};

use hawker_domain::exception::ErrorClass;
use hawker_domain::{Environment, Timestamp};
use rust_decimal::Decimal;

use super::order;
use crate::exception_desk::ExceptionSelector;
use crate::testing::store::state::{ExceptionRow, State};
use crate::testing::store::views::count;
use crate::views::{Amount, BLOCKING, ExceptionGroup, ExceptionGroups, OrderSummary};

/// Groups that are told at once.
const GROUPS_MAX: usize = 500;

/// Orders that a group names.
const EXAMPLES_MAX: usize = 5;

/// What the exceptions of a group have in common.
type Common = (Environment, ErrorClass, String);

pub(super) fn groups(
    state: &State,
    selector: &ExceptionSelector,
    now: Timestamp,
) -> ExceptionGroups {
    let mut grouped = BTreeMap::<Common, Vec<&ExceptionRow>>::new();
    for row in state.exceptions.iter().filter(|row| selector.means(row)) {
        let common = (
            row.subject.environment,
            row.cause.class,
            row.cause.key.clone(),
        );
        grouped.entry(common).or_default().push(row);
    }
    let mut groups: Vec<_> = grouped
        .into_iter()
        .filter_map(|(common, mut rows)| {
            rows.sort_by_key(|row| row.id);
            group(state, common, &rows, now)
        })
        .collect();
    groups.sort_by_key(|group| {
        let deadlines = [group.earliest_ship_by, group.earliest_due_at];
        let first = deadlines.into_iter().flatten().min();
        let is_blocking = BLOCKING
            .iter()
            .any(|class| group.error_class == class.as_str());
        (!is_blocking, first.is_none(), first, -group.open)
    });
    let total = count(groups.iter());
    groups.truncate(GROUPS_MAX);
    ExceptionGroups { groups, total }
}

fn group(
    state: &State,
    (environment, class, cause): Common,
    rows: &[&ExceptionRow],
    now: Timestamp,
) -> Option<ExceptionGroup> {
    let newest = rows.iter().max_by_key(|row| (row.last_seen_at, row.id))?;
    let numbers: BTreeSet<_> = rows
        .iter()
        .filter_map(|row| row.subject.order_sn.as_ref())
        .collect();
    // Each order once, however many of its exceptions are in the group.
    let known: BTreeMap<_, _> = rows
        .iter()
        .filter_map(|row| Some((row.subject.order_key()?, order(state, row)?)))
        .collect();
    Some(ExceptionGroup {
        error_class: class.to_string(),
        cause,
        environment: environment.to_string(),
        open: count(rows.iter()),
        snoozed: count(rows.iter().filter(|row| row.is_snoozed(now))),
        occurrences: rows.iter().map(|row| i64::from(row.recurrences) + 1).sum(),
        orders: count(numbers.iter()),
        at_stake: at_stake(known.values()),
        earliest_ship_by: known.values().filter_map(|order| order.ship_by).min(),
        earliest_due_at: rows.iter().filter_map(|row| row.cause.due_at).min(),
        first_seen_at: rows.iter().map(|row| row.first_seen_at).min()?,
        last_seen_at: newest.last_seen_at,
        message: newest.cause.message.clone(),
        examples: numbers
            .into_iter()
            .take(EXAMPLES_MAX)
            .map(ToString::to_string)
            .collect(),
    })
}

fn at_stake<'a>(orders: impl Iterator<Item = &'a OrderSummary>) -> Vec<Amount> {
    let mut sums = BTreeMap::<String, Decimal>::new();
    for order in orders {
        if let (Some(currency), Some(total)) = (&order.currency, order.total) {
            *sums.entry(currency.clone()).or_default() += total;
        }
    }
    sums.into_iter()
        .map(|(currency, amount)| Amount { currency, amount })
        .collect()
}
