//! Exceptions: one open row per cause and subject, counted, resolved when the cause is gone.

use async_trait::async_trait;
use hawker_domain::Timestamp;
use hawker_domain::channel::OrderKey;
use hawker_domain::exception::{ErrorClass, RaisedException};
use hawker_domain::ids::{ExceptionId, ProfileId};
use hawker_domain::{ConnectorName, Environment};

use crate::StoreError;

/// The row that stands for a raised exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenException {
    /// Its id: the one that was offered if it was opened, else the one of the row that was open.
    pub id: ExceptionId,
    /// Whether it was opened by this call; only then is somebody alerted.
    pub is_new: bool,
}

/// Which open exceptions of an order remain after its work: those of these causes and those of these
/// classes. All others are resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remaining {
    /// Causes that still stand.
    pub causes: Vec<(ErrorClass, String)>,
    /// Classes that the work says nothing about.
    pub classes: Vec<ErrorClass>,
    /// Until when causes that stand are to be acted upon, as far as that is known. What is open for one
    /// is due then; that is no occurrence of it.
    pub deadlines: Vec<(ErrorClass, String, Timestamp)>,
}

/// The causes of an order that are gone.
#[derive(Clone, Debug)]
pub struct Clearance {
    /// The order.
    pub order: OrderKey,
    /// What remains open.
    pub remaining: Remaining,
}

/// An exception of a profile as a whole whose cause is gone.
#[derive(Clone, Debug)]
pub struct ProfileClearance {
    /// The marketplace.
    pub connector: ConnectorName,
    /// Sandbox or live.
    pub environment: Environment,
    /// The profile.
    pub profile: Option<ProfileId>,
    /// The class.
    pub class: ErrorClass,
    /// Only rows of this cause; of any where absent.
    pub cause: Option<String>,
    /// Only rows that have not been seen since then.
    pub quiet_since: Timestamp,
}

/// Exceptions.
#[async_trait]
pub trait ExceptionRepository: Send {
    /// Opens a row for each cause that has none open, or left as it is by an operator, for its subject;
    /// else adds the occurrences to the row's count and renews its message. What was left stays so.
    /// Answers in the same order; two equal causes in one call share a row, and only the first is new.
    async fn raise(
        &mut self,
        raised: &[RaisedException],
        now: Timestamp,
    ) -> Result<Vec<OpenException>, StoreError>;

    /// Resolves exceptions of orders whose cause is gone, open ones and those left as they are, and dates
    /// those that remain anew; answers how many were resolved.
    async fn clear(&mut self, clearances: &[Clearance], now: Timestamp) -> Result<u64, StoreError>;

    /// Resolves exceptions of profiles as a whole, as for orders; answers how many.
    async fn clear_profiles(
        &mut self,
        clearances: &[ProfileClearance],
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// Resolves oversold exceptions of variants of which enough is there by now, as for orders; answers
    /// how many.
    async fn clear_restocked(&mut self, now: Timestamp) -> Result<u64, StoreError>;
}
