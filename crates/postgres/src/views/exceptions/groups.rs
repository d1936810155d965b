//! Open exceptions by their cause. An order counts once in its group, however many of its exceptions
//! are there.

use hawker_domain::Timestamp;
use hawker_ports::exception_desk::ExceptionSelector;
use hawker_ports::views::{Amount, BLOCKING, ExceptionGroup, ExceptionGroups};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use crate::exception_desk::narrow;
use crate::fault::Fault;

/// Groups that are told at once: more than anybody looks through.
const GROUPS_MAX: i64 = 500;

#[derive(FromRow)]
struct GroupRow {
    error_class: String,
    cause: String,
    environment: String,
    open: i64,
    snoozed: i64,
    occurrences: i64,
    orders: i64,
    currencies: Vec<String>,
    amounts: Vec<Decimal>,
    earliest_ship_by: Option<Timestamp>,
    earliest_due_at: Option<Timestamp>,
    first_seen_at: Timestamp,
    last_seen_at: Timestamp,
    message: String,
    examples: Vec<String>,
    /// Of all groups, how many there are.
    total: i64,
}

impl From<GroupRow> for ExceptionGroup {
    fn from(row: GroupRow) -> Self {
        let GroupRow {
            error_class,
            cause,
            environment,
            open,
            snoozed,
            occurrences,
            orders,
            currencies,
            amounts,
            earliest_ship_by,
            earliest_due_at,
            first_seen_at,
            last_seen_at,
            message,
            examples,
            total: _,
        } = row;
        let at_stake = currencies.into_iter().zip(amounts);
        Self {
            error_class,
            cause,
            environment,
            open,
            snoozed,
            occurrences,
            orders,
            at_stake: at_stake
                .map(|(currency, amount)| Amount {
                    currency,
                    amount: amount.normalize(),
                })
                .collect(),
            earliest_ship_by,
            earliest_due_at,
            first_seen_at,
            last_seen_at,
            message,
            examples,
        }
    }
}

/// From `meant`, the exceptions that are looked at, to what each group comes to, without its message.
///
/// An order is there once for each cause: `connector_exception_standing_key` says so, and asking for distinct ones
/// would take a fifth of the time. Nothing is sorted but the orders, once: these are then found one beside the
/// other, and the first of a group are its examples. What is joined are groups; it is a full join because such a
/// one is never made by comparing each with each, however few are thought to be open.
const SUMMED: &str = "\
    ), concerned AS MATERIALIZED ( \
        SELECT order_sn, connector, environment, error_class, cause \
        FROM meant WHERE order_sn IS NOT NULL ORDER BY order_sn \
    ), affected AS ( \
        SELECT environment, error_class, cause, count(*) AS orders, \
            (array_agg(order_sn))[1:5] AS examples \
        FROM concerned GROUP BY 1, 2, 3 \
    ), priced AS ( \
        SELECT concerned.environment, concerned.error_class, concerned.cause, \
            known.currency, sum(known.total) AS amount, min(known.ship_by) AS ship_by \
        FROM concerned \
        JOIN connector_order AS known \
          ON known.order_sn = concerned.order_sn AND known.connector = concerned.connector \
         AND known.environment = concerned.environment \
        GROUP BY 1, 2, 3, 4 \
    ), at_stake AS ( \
        SELECT environment, error_class, cause, min(ship_by) AS earliest_ship_by, \
            array_agg(currency ORDER BY currency) \
                FILTER (WHERE currency IS NOT NULL AND amount IS NOT NULL) AS currencies, \
            array_agg(amount ORDER BY currency) \
                FILTER (WHERE currency IS NOT NULL AND amount IS NOT NULL) AS amounts \
        FROM priced GROUP BY 1, 2, 3 \
    ), grouped AS ( \
        SELECT environment, error_class, cause, count(*) AS open, \
            count(*) FILTER (WHERE is_snoozed) AS snoozed, \
            sum(retry_count + 1)::bigint AS occurrences, min(due_at) AS earliest_due_at, \
            min(created_at) AS first_seen_at, max(last_seen_at) AS last_seen_at \
        FROM meant GROUP BY 1, 2, 3 \
    ) \
    SELECT grouped.*, coalesce(affected.orders, 0) AS orders, \
        coalesce(affected.examples, '{}') AS examples, at_stake.earliest_ship_by, \
        coalesce(at_stake.currencies, '{}') AS currencies, \
        coalesce(at_stake.amounts, '{}') AS amounts, count(*) OVER () AS total, ( \
            SELECT raised.error_message FROM connector_exception AS raised \
            WHERE raised.status = 'open' AND raised.error_class = grouped.error_class \
              AND raised.cause = grouped.cause AND raised.environment = grouped.environment \
              AND raised.last_seen_at = grouped.last_seen_at";

/// What goes on after a group's message, which is that of the exception that was seen last.
const JOINED: &str = " \
            ORDER BY raised.id DESC LIMIT 1 \
        ) AS message \
    FROM grouped \
    FULL JOIN affected USING (environment, error_class, cause) \
    FULL JOIN at_stake USING (environment, error_class, cause) \
    ORDER BY error_class = ANY (";

/// What goes on after the classes that come first.
const BY_DEADLINE: &str = "\
    ) DESC, least(at_stake.earliest_ship_by, grouped.earliest_due_at) NULLS LAST, \
        grouped.open DESC, environment, error_class, cause LIMIT ";

pub(super) async fn list(
    connection: &mut PgConnection,
    selector: &ExceptionSelector,
    now: Timestamp,
) -> Result<ExceptionGroups, Fault> {
    let mut query = QueryBuilder::<Postgres>::new(
        "WITH meant AS ( \
             SELECT connector, environment, error_class, cause, order_sn, retry_count, due_at, \
                 created_at, last_seen_at, coalesce(snoozed_until > ",
    );
    query.push_bind(now).push(
        ", false) AS is_snoozed \
         FROM connector_exception AS raised WHERE status = 'open'",
    );
    narrow(&mut query, selector);
    let blocking: Vec<_> = BLOCKING.map(|class| class.to_string()).into();
    query.push(SUMMED);
    narrow(&mut query, selector);
    query.push(JOINED).push_bind(blocking);
    query.push(BY_DEADLINE).push_bind(GROUPS_MAX);
    let rows: Vec<GroupRow> = query.build_query_as().fetch_all(connection).await?;
    Ok(ExceptionGroups {
        total: rows.first().map_or(0, |row| row.total),
        groups: rows.into_iter().map(ExceptionGroup::from).collect(),
    })
}
