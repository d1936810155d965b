//! Raising: a new row, or one occurrence more of the row that stands. What an operator decided of it
//! remains: a row that was left as it is stays so, however often its cause shows.

use std::collections::{BTreeMap, HashSet};

use hawker_domain::Timestamp;
use hawker_domain::exception::RaisedException;
use hawker_ports::exceptions::OpenException;
use sqlx::PgConnection;

use crate::fault::{Fault, read};
use crate::text::stored;

/// Which row a cause belongs to: what the unique index says, as the row's columns.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    connector: &'static str,
    environment: &'static str,
    subject: String,
    class: &'static str,
    cause: String,
}

impl Identity {
    fn of(raised: &RaisedException) -> Self {
        let RaisedException { subject, cause, .. } = raised;
        let profile = || {
            subject
                .profile
                .as_ref()
                .map_or("", |profile| profile.as_str())
        };
        Self {
            connector: subject.connector.as_str(),
            environment: subject.environment.as_str(),
            subject: match &subject.order_sn {
                Some(order_sn) => format!("order:{order_sn}"),
                None => format!("profile:{}", profile()),
            },
            class: cause.class.as_str(),
            cause: stored(&cause.key),
        }
    }
}

/// Exceptions to be opened or counted.
#[derive(Default)]
struct Raised {
    id: Vec<String>,
    connector: Vec<&'static str>,
    environment: Vec<&'static str>,
    profile_id: Vec<Option<String>>,
    shop_id: Vec<Option<i64>>,
    order_sn: Vec<Option<String>>,
    raw_event_id: Vec<Option<String>>,
    error_class: Vec<&'static str>,
    cause: Vec<String>,
    error_message: Vec<String>,
    due_at: Vec<Option<Timestamp>>,
    occurrences: Vec<i64>,
}

impl Raised {
    fn push(
        &mut self,
        identity: &Identity,
        first: &RaisedException,
        last: &RaisedException,
        occurrences: i64,
    ) {
        let RaisedException { subject, cause, .. } = last;
        self.id.push(first.id.to_string());
        self.connector.push(identity.connector);
        self.environment.push(identity.environment);
        self.profile_id
            .push(subject.profile.as_ref().map(ToString::to_string));
        self.shop_id.push(subject.shop.map(|shop| shop.0));
        self.order_sn
            .push(subject.order_sn.as_ref().map(ToString::to_string));
        self.raw_event_id
            .push(subject.event.map(|event| event.to_string()));
        self.error_class.push(identity.class);
        self.cause.push(identity.cause.clone());
        self.error_message.push(stored(&cause.message));
        self.due_at.push(cause.due_at);
        self.occurrences.push(occurrences);
    }
}

pub(super) async fn raise(
    connection: &mut PgConnection,
    raised: &[RaisedException],
    now: Timestamp,
) -> Result<Vec<OpenException>, Fault> {
    if raised.is_empty() {
        return Ok(Vec::new());
    }
    // Equal causes are one row; in one order for everybody.
    let mut by_identity = BTreeMap::<Identity, Vec<&RaisedException>>::new();
    for one in raised {
        by_identity.entry(Identity::of(one)).or_default().push(one);
    }
    let mut columns = Raised::default();
    for (identity, same) in &by_identity {
        if let (Some(first), Some(last)) = (same.first(), same.last()) {
            let occurrences = same.iter().map(|one| i64::from(one.occurrences)).sum();
            columns.push(identity, first, last, occurrences);
        }
    }
    let rows = sqlx::query!(
        r#"
        INSERT INTO connector_exception AS known (
            id, connector, environment, profile_id, shop_id, order_sn, raw_event_id, error_class,
            cause, error_message, due_at, retry_count, created_at, last_seen_at
        )
        SELECT
            id, connector, environment, profile_id, shop_id, order_sn, raw_event_id, error_class,
            cause, error_message, due_at, greatest(occurrences - 1, 0), $13, $13
        FROM UNNEST(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::bigint[]
        ) AS raised (
            id, connector, environment, profile_id, shop_id, order_sn, raw_event_id, error_class,
            cause, error_message, due_at, occurrences
        )
        ON CONFLICT (connector, environment, subject, error_class, cause)
            WHERE status IN ('open', 'wont_fix')
        DO UPDATE
        SET retry_count = known.retry_count + excluded.retry_count + 1,
            error_message = excluded.error_message,
            due_at = excluded.due_at,
            raw_event_id = coalesce(excluded.raw_event_id, known.raw_event_id),
            last_seen_at = excluded.last_seen_at
        RETURNING id, connector, environment, subject, error_class, cause
        "#,
        &columns.id,
        &columns.connector as _,
        &columns.environment as _,
        &columns.profile_id as _,
        &columns.shop_id as _,
        &columns.order_sn as _,
        &columns.raw_event_id as _,
        &columns.error_class as _,
        &columns.cause,
        &columns.error_message,
        &columns.due_at as _,
        &columns.occurrences,
        now,
    )
    .fetch_all(connection)
    .await?;
    let standing: BTreeMap<_, _> = rows
        .into_iter()
        .map(|row| {
            let key = (
                row.connector,
                row.environment,
                row.subject,
                row.error_class,
                row.cause,
            );
            (key, row.id)
        })
        .collect();

    let mut told = HashSet::new();
    raised
        .iter()
        .map(|one| {
            let Identity {
                connector,
                environment,
                subject,
                class,
                cause,
            } = Identity::of(one);
            let key = (
                connector.to_owned(),
                environment.to_owned(),
                subject,
                class.to_owned(),
                cause,
            );
            let id = standing
                .get(&key)
                .ok_or_else(|| Fault::corrupt("exception", one.id, "it was not stored"))?;
            let is_new = *id == one.id.to_string() && told.insert(id);
            Ok(OpenException {
                id: read("exception", id, id)?,
                is_new,
            })
        })
        .collect()
}
