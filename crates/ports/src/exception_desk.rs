//! The exceptions as a queue of work: what an operator decides about them, one or many at a time.

use async_trait::async_trait;
use hawker_domain::exception::{ErrorClass, ExceptionStatus, Resolution};
use hawker_domain::ids::{EventId, ExceptionId, NoteId, ProfileId, RetryBatchId};
use hawker_domain::{ConnectorName, Environment, OrderSn, Timestamp};

use crate::StoreError;

/// What exceptions have in common. Absent members say nothing; without a status, open ones are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExceptionSelector {
    /// Of this class.
    pub class: Option<ErrorClass>,
    /// Of this cause: together with the class, a group.
    pub cause: Option<String>,
    /// Of this environment.
    pub environment: Option<Environment>,
    /// Of this profile.
    pub profile: Option<ProfileId>,
    /// Of this order.
    pub order_sn: Option<OrderSn>,
    /// Assigned to this person.
    pub assignee: Option<String>,
}

/// Which exceptions are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// These.
    These(Vec<ExceptionId>),
    /// All open ones that match.
    Matching(ExceptionSelector),
}

/// An exception as deciding about it needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedException {
    /// Its id.
    pub id: ExceptionId,
    /// The kind.
    pub class: ErrorClass,
    /// What tells it apart from others of its kind.
    pub cause: String,
    /// The connector.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile, where one was recognised.
    pub profile: Option<ProfileId>,
    /// The order, if it is about one.
    pub order_sn: Option<OrderSn>,
    /// The profile that its order came through last, where the order is known.
    pub order_profile: Option<ProfileId>,
    /// The event that showed it last.
    pub event: Option<EventId>,
    /// How it stands.
    pub status: ExceptionStatus,
    /// When it showed last.
    pub last_seen_at: Timestamp,
}

/// What an operator wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorNote {
    /// Its id.
    pub id: NoteId,
    /// The exception.
    pub exception: ExceptionId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What; 1 to 2000 characters.
    pub text: String,
}

/// Decisions about exceptions.
#[async_trait]
pub trait ExceptionDesk: Send {
    /// Those that are meant, in the order of their ids, from after one on, locked until the unit of
    /// work ends. Of ids, those that are closed are among them, those that do not exist are not.
    async fn select(
        &mut self,
        selection: &Selection,
        after: Option<ExceptionId>,
        at_most: u32,
    ) -> Result<Vec<QueuedException>, StoreError>;

    /// Gives them to a person, or to nobody.
    async fn assign(
        &mut self,
        ids: &[ExceptionId],
        assignee: Option<&str>,
    ) -> Result<(), StoreError>;

    /// Adds notes.
    async fn note(&mut self, notes: &[OperatorNote]) -> Result<(), StoreError>;

    /// Open ones are out of sight, and nobody is alerted of them, until a moment; absent: at once in
    /// sight again. Back in sight they are told of anew.
    async fn snooze(
        &mut self,
        ids: &[ExceptionId],
        until: Option<Timestamp>,
    ) -> Result<(), StoreError>;

    /// Closes those that are open, as resolved or as left as they are; those that were left may also
    /// be resolved.
    async fn close(
        &mut self,
        ids: &[ExceptionId],
        status: ExceptionStatus,
        resolution: &Resolution,
    ) -> Result<(), StoreError>;

    /// Remembers that they were retried together.
    async fn note_retry(
        &mut self,
        batch: RetryBatchId,
        ids: &[ExceptionId],
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Forgets that exceptions were retried before then, oldest first; answers how many retries.
    async fn forget_retries(&mut self, before: Timestamp, at_most: u32) -> Result<u64, StoreError>;
}
