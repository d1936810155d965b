//! One exception with everything about it.

use hawker_domain::ids::ExceptionId;
use hawker_ports::views::{ExceptionDetail, ExceptionSummary, NoteRow};
use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};

use super::retries;
use super::summary::{COLUMNS, SOURCE, SummaryRow};
use crate::fault::Fault;

/// Earlier rows of the same cause and subject that are told with it.
const BEFORE_MAX: i64 = 20;

#[derive(FromRow)]
struct DetailRow {
    #[sqlx(flatten)]
    summary: SummaryRow,
    profile_id: Option<String>,
    shop_id: Option<i64>,
}

pub(super) async fn find(
    connection: &mut PgConnection,
    id: ExceptionId,
) -> Result<Option<ExceptionDetail>, Fault> {
    let id = id.to_string();
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "SELECT {COLUMNS}, raised.profile_id, raised.shop_id FROM {SOURCE} WHERE raised.id = "
    ));
    query.push_bind(&id);
    let row: Option<DetailRow> = query
        .build_query_as()
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let DetailRow {
        summary,
        profile_id,
        shop_id,
    } = row;
    Ok(Some(ExceptionDetail {
        summary: summary.into(),
        profile_id,
        shop_id,
        notes: notes(connection, &id).await?,
        retries: retries::of_exception(connection, &id).await?,
        before: before(connection, &id).await?,
    }))
}

async fn notes(connection: &mut PgConnection, id: &str) -> Result<Vec<NoteRow>, sqlx::Error> {
    sqlx::query_as!(
        NoteRow,
        "SELECT written_at AS at, written_by AS by, note AS text
         FROM connector_exception_note WHERE exception_id = $1
         ORDER BY written_at, id",
        id,
    )
    .fetch_all(connection)
    .await
}

/// What came back: rows of the same cause and subject from before this one.
async fn before(
    connection: &mut PgConnection,
    id: &str,
) -> Result<Vec<ExceptionSummary>, sqlx::Error> {
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "SELECT {COLUMNS} FROM connector_exception AS this, {SOURCE} \
         WHERE this.id = "
    ));
    query
        .push_bind(id)
        .push(
            " AND raised.status = 'resolved' AND raised.subject = this.subject \
             AND raised.error_class = this.error_class AND raised.cause = this.cause \
             AND raised.connector = this.connector AND raised.environment = this.environment \
             AND raised.id < this.id ORDER BY raised.id DESC LIMIT ",
        )
        .push_bind(BEFORE_MAX);
    let rows: Vec<SummaryRow> = query.build_query_as().fetch_all(connection).await?;
    Ok(rows.into_iter().map(ExceptionSummary::from).collect())
}
