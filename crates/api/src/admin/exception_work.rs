//! Working on exceptions: one, or a portion of many, at a time.
//!
//! What is retried is tried again by the workers; here it only becomes due.

use actix_web::HttpResponse;
use hawker_domain::exception::ExceptionStatus;
use hawker_domain::ids::{ExceptionId, RetryBatchId};
use hawker_ports::exception_desk::Selection;
use hawker_usecases::work_exceptions::{ItemResult, Portion, Worked, WorkedItem};

use super::{Reply, Shared};
use crate::extract::{ExceptionInPath, Json};
use crate::identity::Identity;
use crate::problem::{Kind, Problem};
use crate::state::ApiState;
use crate::wire::{
    Action, AssignForm, Bulk, BulkForm, CloseForm, NoteForm, RetriedExceptionWire, SnoozeForm,
    WorkedExceptionWire, WorkedExceptionsWire,
};

/// Retry an exception
///
/// What it is about is tried again at once. How it went is shown under the answer's `batch`.
#[utoipa::path(
    post,
    path = "/admin/exceptions/{id}/retry",
    operation_id = "retryException",
    tag = "Exceptions",
    params(("id" = String, Path, description = "The exception.")),
    responses((status = 202, description = "It is tried again.", body = RetriedExceptionWire)),
)]
pub(crate) async fn retry(
    identity: Identity,
    ExceptionInPath(id): ExceptionInPath,
    state: Shared,
) -> Reply {
    let action = Action::Retry(None);
    let (batch, worked) = work(&identity, &action, &this(id), &ALONE, &state).await?;
    let item = only(id, worked)?;
    let batch = batch.ok_or_else(|| Problem::internal(&NoBatch))?;
    Ok(HttpResponse::Accepted().json(RetriedExceptionWire::of(batch, item)))
}

/// Assign an exception
///
/// To a person, or to nobody.
#[utoipa::path(
    post,
    path = "/admin/exceptions/{id}/assign",
    operation_id = "assignException",
    tag = "Exceptions",
    params(("id" = String, Path, description = "The exception.")),
    request_body = AssignForm,
    responses((status = 200, description = "It is assigned.", body = WorkedExceptionWire)),
)]
pub(crate) async fn assign(
    identity: Identity,
    ExceptionInPath(id): ExceptionInPath,
    form: Json<AssignForm>,
    state: Shared,
) -> Reply {
    let Json(form) = form;
    one(&identity, id, Action::Assign(form.assignee()?), &state).await
}

/// Add a note to an exception
///
/// Notes stay with it when it is closed.
#[utoipa::path(
    post,
    path = "/admin/exceptions/{id}/note",
    operation_id = "noteException",
    tag = "Exceptions",
    params(("id" = String, Path, description = "The exception.")),
    request_body = NoteForm,
    responses((status = 200, description = "It is noted.", body = WorkedExceptionWire)),
)]
pub(crate) async fn note(
    identity: Identity,
    ExceptionInPath(id): ExceptionInPath,
    form: Json<NoteForm>,
    state: Shared,
) -> Reply {
    let Json(form) = form;
    one(&identity, id, Action::Note(form.note()), &state).await
}

/// Snooze an exception
///
/// Until then it is left out of lists, and nobody is alerted of it.
#[utoipa::path(
    post,
    path = "/admin/exceptions/{id}/snooze",
    operation_id = "snoozeException",
    tag = "Exceptions",
    params(("id" = String, Path, description = "The exception.")),
    request_body = SnoozeForm,
    responses((status = 200, description = "It is out of sight, or back.",
               body = WorkedExceptionWire)),
)]
pub(crate) async fn snooze(
    identity: Identity,
    ExceptionInPath(id): ExceptionInPath,
    form: Json<SnoozeForm>,
    state: Shared,
) -> Reply {
    let Json(form) = form;
    one(&identity, id, Action::Snooze(form.until()?), &state).await
}

/// Resolve an exception
///
/// What clears itself is resolved without anybody; this is for the rest. If the cause shows again, a
/// new exception opens.
#[utoipa::path(
    post,
    path = "/admin/exceptions/{id}/resolve",
    operation_id = "resolveException",
    tag = "Exceptions",
    params(("id" = String, Path, description = "The exception.")),
    request_body = CloseForm,
    responses((status = 200, description = "It is resolved.", body = WorkedExceptionWire)),
)]
pub(crate) async fn resolve(
    identity: Identity,
    ExceptionInPath(id): ExceptionInPath,
    form: Json<CloseForm>,
    state: Shared,
) -> Reply {
    let Json(form) = form;
    one(&identity, id, Action::Resolve(form.note()), &state).await
}

/// Leave an exception as it is
///
/// Nobody is alerted of it any more, however often its cause shows; when the cause is gone, it is
/// resolved.
#[utoipa::path(
    post,
    path = "/admin/exceptions/{id}/wont-fix",
    operation_id = "leaveException",
    tag = "Exceptions",
    params(("id" = String, Path, description = "The exception.")),
    request_body = CloseForm,
    responses((status = 200, description = "It is left as it is.", body = WorkedExceptionWire)),
)]
pub(crate) async fn wont_fix(
    identity: Identity,
    ExceptionInPath(id): ExceptionInPath,
    form: Json<CloseForm>,
    state: Shared,
) -> Reply {
    let Json(form) = form;
    one(&identity, id, Action::WontFix(form.note()), &state).await
}

/// Work on many exceptions
///
/// On these, or on all open ones that match, a portion at a time: repeat the request with `after` (and
/// `batch`, for a retry) of the answer until `next` is `null`.
#[utoipa::path(
    post,
    path = "/admin/exceptions/bulk",
    operation_id = "workOnExceptions",
    tag = "Exceptions",
    request_body = BulkForm,
    responses((status = 200, description = "What became of this portion.",
               body = WorkedExceptionsWire)),
)]
pub(crate) async fn bulk(identity: Identity, form: Json<BulkForm>, state: Shared) -> Reply {
    let Json(form) = form;
    let Bulk {
        action,
        selection,
        portion,
    } = form.checked()?;
    let (batch, worked) = work(&identity, &action, &selection, &portion, &state).await?;
    Ok(HttpResponse::Ok().json(WorkedExceptionsWire::of(batch, worked)))
}

/// All of a selection of one.
const ALONE: Portion = Portion {
    after: None,
    at_most: 1,
};

fn this(id: ExceptionId) -> Selection {
    Selection::These(vec![id])
}

async fn one(identity: &Identity, id: ExceptionId, action: Action, state: &ApiState) -> Reply {
    let (_, worked) = work(identity, &action, &this(id), &ALONE, state).await?;
    Ok(HttpResponse::Ok().json(WorkedExceptionWire::from(only(id, worked)?)))
}

async fn work(
    identity: &Identity,
    action: &Action,
    selection: &Selection,
    portion: &Portion,
    state: &ApiState,
) -> Result<(Option<RetryBatchId>, Worked), Problem> {
    let (tenant, actor) = (&identity.tenant, &identity.actor());
    let desk = &state.admin.exceptions;
    let (resolved, left) = (ExceptionStatus::Resolved, ExceptionStatus::WontFix);
    let worked = match action {
        Action::Retry(batch) => {
            let retried = desk.retry(tenant, actor, selection, *batch, portion).await;
            let (batch, worked) = retried?;
            (state.admin.wake)(tenant);
            return Ok((Some(batch), worked));
        }
        Action::Assign(assignee) => {
            let assignee = assignee.as_deref();
            desk.assign(tenant, actor, selection, assignee, portion)
                .await?
        }
        Action::Note(text) => desk.note(tenant, actor, selection, text, portion).await?,
        Action::Snooze(until) => {
            desk.snooze(tenant, actor, selection, *until, portion)
                .await?
        }
        Action::Resolve(note) => {
            let note = note.as_deref();
            desk.close(tenant, actor, selection, resolved, note, portion)
                .await?
        }
        Action::WontFix(note) => {
            let note = note.as_deref();
            desk.close(tenant, actor, selection, left, note, portion)
                .await?
        }
    };
    Ok((None, worked))
}

/// What became of the one that was asked for.
fn only(id: ExceptionId, worked: Worked) -> Result<WorkedItem, Problem> {
    let item = worked.items.into_iter().find(|item| item.id == id);
    match item {
        Some(item) if item.result == ItemResult::Closed => Err(Problem::new(
            Kind::Conflict,
            format!(
                "The exception `{id}` is closed: there is nothing to be done about it any more."
            ),
        )),
        Some(item) if item.result != ItemResult::NotFound => Ok(item),
        _ => Err(Problem::no_such("exception", &id.to_string())),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a retry came back without its batch")]
struct NoBatch;
