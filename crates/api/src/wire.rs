//! The JSON of the admin API: what comes in and what goes out, apart from the types of the layers
//! below, so that neither side changes by accident. The OpenAPI schemas are derived from these types.
//!
//! Invariants:
//! - Nothing of a secret goes out but its fingerprint.
//! - Fields that are not known are refused, so that a typo is not silently dropped.
//! - A field that goes out is always there; `null` says that there is nothing.

mod alert_test;
mod amount;
mod audit;
mod completeness;
mod connection;
mod connector;
mod diagnostics;
mod escrow;
mod escrow_report;
mod event;
mod exception;
mod exception_bulk;
mod exception_form;
mod exception_work;
mod job;
mod location;
mod names;
mod order;
mod paged;
mod profile;
mod profile_form;
mod push_config;
mod secret;
mod signature;

pub(crate) use self::alert_test::AlertTestWire;
pub(crate) use self::amount::exact;
use self::audit::AuditEntryWire;
pub(crate) use self::completeness::CompletenessWire;
pub(crate) use self::connection::ConnectionReportWire;
pub(crate) use self::connector::ConnectorWire;
pub(crate) use self::diagnostics::DiagnosticsWire;
pub(crate) use self::escrow::EscrowWire;
pub(crate) use self::escrow_report::{EscrowReportWire, EscrowRowWire, ReportScopeWire};
pub(crate) use self::event::{EventDetailWire, EventPageWire};
pub(crate) use self::exception::{ExceptionDetailWire, ExceptionGroupsWire};
pub(crate) use self::exception_bulk::{Action, Bulk, BulkForm};
pub(crate) use self::exception_form::{AssignForm, CloseForm, NoteForm, SnoozeForm};
pub(crate) use self::exception_work::{
    RetriedExceptionWire, RetryProgressWire, WorkedExceptionWire, WorkedExceptionsWire,
};
pub(crate) use self::job::{AskedRunWire, JobRunForm, JobScopeWire, JobWire, JobsWire, RunWire};
pub(crate) use self::location::LocationsWire;
pub(crate) use self::names::{
    EnvironmentWire, ErrorClassWire, ExceptionStatusWire, JobNameWire, RunStateWire, ScopeWire,
};
pub(crate) use self::order::{AskedOrderWire, OrderDetailWire};
pub(crate) use self::paged::{
    AuditPageWire, ExceptionPageWire, OrderPageWire, ProfilePageWire, RunPageWire,
};
pub(crate) use self::profile::ProfileWire;
pub(crate) use self::profile_form::{ProfileDraftForm, ProfileEditForm};
pub(crate) use self::push_config::{PushConfigForm, PushConfigWire};
pub(crate) use self::secret::{SecretField, required_secret};
pub(crate) use self::signature::{SignatureReportWire, VerifiedWire};
