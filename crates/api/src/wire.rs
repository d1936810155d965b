//! The JSON of the admin API: what comes in and what goes out, apart from the types of the layers
//! below, so that neither side changes by accident. The OpenAPI schemas are derived from these types.
//!
//! Invariants:
//! - Nothing of a secret goes out but its fingerprint.
//! - Fields that are not known are refused, so that a typo is not silently dropped.
//! - A field that goes out is always there; `null` says that there is nothing.

mod audit;
mod connection;
mod connector;
mod diagnostics;
mod event;
mod location;
mod names;
mod paged;
mod profile;
mod profile_form;
mod push_config;
mod secret;
mod signature;

use self::audit::AuditEntryWire;
pub(crate) use self::connection::ConnectionReportWire;
pub(crate) use self::connector::ConnectorWire;
pub(crate) use self::diagnostics::DiagnosticsWire;
pub(crate) use self::event::{EventDetailWire, EventPageWire};
pub(crate) use self::location::LocationsWire;
pub(crate) use self::names::{EnvironmentWire, ScopeWire};
pub(crate) use self::paged::{AuditPageWire, ProfilePageWire};
pub(crate) use self::profile::ProfileWire;
pub(crate) use self::profile_form::{ProfileDraftForm, ProfileEditForm};
pub(crate) use self::push_config::{PushConfigForm, PushConfigWire};
pub(crate) use self::secret::{SecretField, required_secret};
pub(crate) use self::signature::{SignatureReportWire, VerifiedWire};
