//! Where pages begin. Lists are paged by key, so that any page can be asked for at once: whoever knows the
//! key of a row has the cursor of the page behind it.

use anyhow::Context as _;
use hawker_domain::Timestamp;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

/// Rows of a page, where nothing else is asked for.
pub(super) const PAGE_ROWS: u32 = 50;

/// The digits of a ULID, in their order.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How a list is paged, and by what its pages are found.
#[derive(Clone, Debug)]
pub(super) enum Paging {
    /// All that there is comes at once.
    Whole,
    /// By ids that increase over time, the newest first.
    ByIds {
        /// Of the ids.
        prefix: &'static str,
        /// Where the rows are.
        table: &'static str,
        /// Which of them are in the list.
        matching: String,
    },
    /// By something else: statements that answer the cursor of a page in the middle, and that of the
    /// last page.
    By {
        /// Of a page in the middle.
        middle: String,
        /// Of the last page.
        last: String,
    },
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Which page it is.
    pub(super) page: &'static str,
    /// The cursor; none for the first page.
    pub(super) after: Option<String>,
}

impl Paging {
    /// The first page, and one in the middle and the last one where there are so many.
    pub(super) async fn pages(&self, connection: &mut PgConnection) -> anyhow::Result<Vec<Cursor>> {
        let first = Cursor {
            page: "first",
            after: None,
        };
        let found = match self {
            Self::Whole => {
                return Ok(vec![Cursor {
                    page: "whole",
                    after: None,
                }]);
            }
            Self::ByIds {
                prefix,
                table,
                matching,
            } => by_ids(connection, prefix, table, matching).await?,
            Self::By { middle, last } => {
                match (
                    text(connection, middle).await?,
                    text(connection, last).await?,
                ) {
                    (Some(middle), Some(last)) => Some((middle, last)),
                    _ => None,
                }
            }
        };
        let Some((middle, last)) = found else {
            return Ok(vec![first]);
        };
        let later = [("middle", middle), ("last", last)];
        let later = later.map(|(page, after)| Cursor {
            page,
            after: Some(after),
        });
        Ok([first].into_iter().chain(later).collect())
    }
}

async fn by_ids(
    connection: &mut PgConnection,
    prefix: &str,
    table: &str,
    matching: &str,
) -> anyhow::Result<Option<(String, String)>> {
    let id = |order: &str, offset: u32| {
        format!(
            "SELECT id FROM {table} AS listed WHERE {matching} ORDER BY id {order} OFFSET {offset} LIMIT 1"
        )
    };
    let newest = text(connection, &id("DESC", 0)).await?;
    let behind_last = text(connection, &id("ASC", PAGE_ROWS)).await?;
    let (Some(newest), Some(behind_last)) = (newest, behind_last) else {
        return Ok(None);
    };
    let middle = halfway(prefix, &behind_last, &newest).context("an id without a time")?;
    Ok(Some((middle, behind_last)))
}

/// What a statement answers, if it answers anything.
pub(super) async fn text(
    connection: &mut PgConnection,
    statement: &str,
) -> anyhow::Result<Option<String>> {
    let asked = sqlx::query(AssertSqlSafe(statement));
    let row = asked.fetch_optional(connection).await;
    let row = row.with_context(|| statement.to_owned())?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// The id of a moment halfway between those of two others; no row needs to have it.
fn halfway(prefix: &str, older: &str, newer: &str) -> Option<String> {
    let [older, newer] = [older, newer].map(milliseconds);
    let id = ulid(u64::midpoint(older?, newer?));
    Some(format!("{prefix}_{id}"))
}

/// The time of an id with a prefix, in milliseconds since 1970.
fn milliseconds(id: &str) -> Option<u64> {
    let (_, ulid) = id.split_once('_')?;
    ulid.bytes().take(10).try_fold(0_u64, |time, byte| {
        let digit = DIGITS.iter().position(|digit| *digit == byte)?;
        Some(time << 5 | u64::try_from(digit).ok()?)
    })
}

/// The first ULID of a time in milliseconds.
fn ulid(milliseconds: u64) -> String {
    let digits = (0..10).rev().map(|place| {
        let digit = (milliseconds >> (5 * place)) & 31;
        char::from(DIGITS[usize::try_from(digit).unwrap_or_default()])
    });
    digits.chain(std::iter::repeat_n('0', 16)).collect()
}

/// A moment as the cursors of reports carry it.
pub(super) fn micros(at: Timestamp) -> i64 {
    at.timestamp_micros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_time() {
        let id = format!("srev_{}", ulid(1_700_000_000_123));
        assert_eq!(id.len(), 31);
        assert_eq!(milliseconds(&id), Some(1_700_000_000_123));
        assert_eq!(
            milliseconds("srev_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            Some(1_469_922_850_259)
        );
        assert_eq!(milliseconds("nothing"), None);
    }

    #[test]
    fn halfway_lies_between() {
        let [older, newer] = [1_000, 5_000].map(|at| format!("ord_{}", ulid(at)));
        let middle = halfway("ord", &older, &newer).unwrap();
        assert!(older < middle && middle < newer);
    }
}
