//! The exceptions as a queue of work: retry, assign, note, snooze and close them, one, some, or all
//! that match.
//!
//! Many are worked on in portions, each in one unit of work with its entry of the audit log, so that
//! progress can be told and a portion that fails leaves those before it done. A person's decision never
//! fights the system: what was resolved while its cause stands opens anew when it shows again, what is
//! left as it is does not, and what goes away by itself is resolved whatever was decided.

mod deed;
mod picking;
mod retrying;
mod text;

use std::sync::Arc;

use hawker_domain::audit::Actor;
use hawker_domain::exception::{ExceptionStatus, Resolution};
use hawker_domain::ids::{ExceptionId, NoteId};
use hawker_domain::{IdSource, OrderSn, TenantSlug, Timestamp};
use hawker_ports::exception_desk::{OperatorNote, QueuedException, Selection};
use hawker_ports::{Clock, Store};

use deed::Deed;
use picking::pick;

pub use text::{
    ASSIGNEE_CHARS_MAX, AssignError, CloseError, NOTE_CHARS_MAX, NoteError, SNOOZE_LONGEST,
    SnoozeError,
};

/// Exceptions that are worked on in one unit of work.
pub const ITEMS_PER_CALL_MAX: u32 = 500;

/// Works on exceptions.
pub struct WorkExceptions {
    /// Where they are.
    pub store: Arc<dyn Store>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdSource>,
}

/// Which part of what is meant is worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    /// Only exceptions after this one, in the order of their ids.
    pub after: Option<ExceptionId>,
    /// At most so many; between 1 and [`ITEMS_PER_CALL_MAX`], whatever is said.
    pub at_most: u32,
}

/// From the beginning, as many as one call takes.
impl Default for Portion {
    fn default() -> Self {
        Self {
            after: None,
            at_most: ITEMS_PER_CALL_MAX,
        }
    }
}

/// What became of a portion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worked {
    /// Item by item, in the order of their ids.
    pub items: Vec<WorkedItem>,
    /// After which exception another portion follows, if one does.
    pub next: Option<ExceptionId>,
}

/// What became of one exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkedItem {
    /// The exception.
    pub id: ExceptionId,
    /// The order that it is about, if it is about one.
    pub order_sn: Option<OrderSn>,
    /// What became of it.
    pub result: ItemResult,
}

/// What working on one exception came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemResult {
    /// What it is about is tried again now.
    Due,
    /// There is nothing that could be tried again.
    NothingToDo,
    /// It was done.
    Changed,
    /// It was so already.
    Unchanged,
    /// There is no such exception.
    NotFound,
    /// It is closed: nothing waits for anybody.
    Closed,
}

impl ItemResult {
    /// The name that is told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::NothingToDo => "nothing_to_do",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
            Self::NotFound => "not_found",
            Self::Closed => "closed",
        }
    }
}

impl WorkExceptions {
    /// Gives open exceptions to a person; to nobody where there is no name.
    pub async fn assign(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        selection: &Selection,
        assignee: Option<&str>,
        portion: &Portion,
    ) -> Result<Worked, AssignError> {
        let assignee = text::assignee(assignee)?;
        let mut uow = self.store.begin(tenant).await?;
        let picked = pick(&mut *uow, selection, portion).await?;
        let worked = picked.worked(if_open);
        let changed = worked.ids_with(ItemResult::Changed);
        uow.exception_desk().assign(&changed, assignee).await?;
        let deed = Deed::new("exception.assigned").with("assignee", assignee);
        self.record(&mut *uow, actor, selection, deed, &changed)
            .await?;
        uow.commit().await?;
        Ok(worked)
    }

    /// Writes a note to exceptions, also to closed ones.
    pub async fn note(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        selection: &Selection,
        text: &str,
        portion: &Portion,
    ) -> Result<Worked, NoteError> {
        let text = text::note(text)?;
        let mut uow = self.store.begin(tenant).await?;
        let picked = pick(&mut *uow, selection, portion).await?;
        let worked = picked.worked(|_| ItemResult::Changed);
        let found = worked.ids_with(ItemResult::Changed);
        let notes = self.notes(&found, actor, text);
        uow.exception_desk().note(&notes).await?;
        // What was written is kept with the exception, where it is read.
        let deed = Deed::new("exception.noted");
        self.record(&mut *uow, actor, selection, deed, &found)
            .await?;
        uow.commit().await?;
        Ok(worked)
    }

    /// Takes open exceptions out of sight until a moment; puts them back in sight where there is none.
    pub async fn snooze(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        selection: &Selection,
        until: Option<Timestamp>,
        portion: &Portion,
    ) -> Result<Worked, SnoozeError> {
        text::snoozed_until(until, self.clock.now())?;
        let mut uow = self.store.begin(tenant).await?;
        let picked = pick(&mut *uow, selection, portion).await?;
        let worked = picked.worked(if_open);
        let changed = worked.ids_with(ItemResult::Changed);
        uow.exception_desk().snooze(&changed, until).await?;
        let until = until.map(|until| until.to_rfc3339());
        let deed = Deed::new("exception.snoozed").with("until", until);
        self.record(&mut *uow, actor, selection, deed, &changed)
            .await?;
        uow.commit().await?;
        Ok(worked)
    }

    /// Closes exceptions, as resolved or as left as they are, with a note where there is one. Those that
    /// were left may also be resolved.
    pub async fn close(
        &self,
        tenant: &TenantSlug,
        actor: &Actor,
        selection: &Selection,
        status: ExceptionStatus,
        note: Option<&str>,
        portion: &Portion,
    ) -> Result<Worked, CloseError> {
        let action = match status {
            ExceptionStatus::Resolved => "exception.resolved",
            ExceptionStatus::WontFix => "exception.wont_fix",
            ExceptionStatus::Open => return Err(CloseError::StaysOpen),
        };
        let note = note.map(text::note).transpose()?;
        let mut uow = self.store.begin(tenant).await?;
        let picked = pick(&mut *uow, selection, portion).await?;
        let worked = picked.worked(|found| closed_as(status, found.status));
        let changed = worked.ids_with(ItemResult::Changed);
        let resolution = Resolution {
            at: self.clock.now(),
            by: actor.as_str().to_owned(),
        };
        let desk = uow.exception_desk();
        desk.close(&changed, status, &resolution).await?;
        if let Some(text) = note {
            desk.note(&self.notes(&changed, actor, text)).await?;
        }
        let deed = Deed::new(action);
        self.record(&mut *uow, actor, selection, deed, &changed)
            .await?;
        uow.commit().await?;
        Ok(worked)
    }

    fn notes(&self, ids: &[ExceptionId], actor: &Actor, text: &str) -> Vec<OperatorNote> {
        let at = self.clock.now();
        ids.iter()
            .map(|exception| OperatorNote {
                id: NoteId::fresh(&*self.ids),
                exception: *exception,
                at,
                by: actor.as_str().to_owned(),
                text: text.to_owned(),
            })
            .collect()
    }
}

impl Worked {
    fn ids_with(&self, result: ItemResult) -> Vec<ExceptionId> {
        let with = self.items.iter().filter(|item| item.result == result);
        with.map(|item| item.id).collect()
    }
}

const fn if_open(found: &QueuedException) -> ItemResult {
    match found.status {
        ExceptionStatus::Open => ItemResult::Changed,
        ExceptionStatus::Resolved | ExceptionStatus::WontFix => ItemResult::Closed,
    }
}

const fn closed_as(status: ExceptionStatus, from: ExceptionStatus) -> ItemResult {
    match (from, status) {
        (ExceptionStatus::Open, _) | (ExceptionStatus::WontFix, ExceptionStatus::Resolved) => {
            ItemResult::Changed
        }
        (ExceptionStatus::Resolved, ExceptionStatus::Resolved)
        | (ExceptionStatus::WontFix, ExceptionStatus::WontFix) => ItemResult::Unchanged,
        (ExceptionStatus::Resolved | ExceptionStatus::WontFix, _) => ItemResult::Closed,
    }
}
