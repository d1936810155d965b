//! How a push was verified, and what verifying again came to, as it goes out. Keys are shown by their
//! fingerprints, signatures not at all.

use chrono::{DateTime, Utc};
use hawker_domain::Environment;
use hawker_domain::event::{EventSource, KeySlot, SignatureScheme};
use hawker_usecases::examine_signature::{CandidateCard, HeaderCard, SignatureReport};
use hawker_usecases::receive_pushes::Verified;
use serde::Serialize;
use utoipa::ToSchema;

use super::names::{EnvironmentWire, EventSourceWire, KeySlotWire, SignatureSchemeWire};

/// How a push was judged, and how it would be judged now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignatureReport)]
pub(crate) struct SignatureReportWire {
    /// The event.
    event_id: String,
    /// Sandbox or live.
    #[schema(value_type = EnvironmentWire)]
    env_type: Environment,
    /// The profile that it is kept for.
    #[schema(required)]
    profile_id: Option<String>,
    /// By which road it came; only a webhook's is signed.
    #[schema(value_type = EventSourceWire)]
    source: EventSource,
    /// When it came.
    received_at: DateTime<Utc>,
    /// Whether it is trusted as it is stored.
    signature_ok: bool,
    /// By which scheme it verified when it was judged.
    #[schema(required, value_type = Option<SignatureSchemeWire>)]
    signature_scheme: Option<SignatureScheme>,
    /// With which key.
    #[schema(required, value_type = Option<KeySlotWire>)]
    signature_key: Option<KeySlot>,
    /// What its `Authorization` header is; `null` for an event that is not signed.
    #[schema(required)]
    header: Option<HeaderWire>,
    /// Whether it would be trusted if it were judged now.
    verifies_now: bool,
    /// Every way in which it may have been signed, in the order in which they are tried.
    candidates: Vec<CandidateWire>,
    /// What that means and what to do, in words.
    hints: Vec<String>,
}

/// What an `Authorization` header is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SignatureHeader)]
enum HeaderWire {
    /// There is none.
    Absent,
    /// It is not 64 hexadecimal digits, with or without the prefix `SHA256`.
    NoSignature,
    /// Plain hexadecimal digits, as the platform sends them.
    Plain,
    /// With the prefix of the older documents.
    Prefixed,
}

/// One way in which a push may have been signed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignatureCandidate)]
struct CandidateWire {
    /// With a key of this profile.
    profile_id: String,
    /// By this scheme.
    #[schema(value_type = SignatureSchemeWire)]
    scheme: SignatureScheme,
    /// Over this URL, where the scheme has one.
    #[schema(required)]
    url: Option<String>,
    /// Whether that URL is the one that is noted as registered.
    is_registered_url: bool,
    /// With which of the profile's keys.
    #[schema(value_type = KeySlotWire)]
    key: KeySlot,
    /// The key's fingerprint.
    #[schema(required)]
    key_fingerprint: Option<String>,
    /// Whether it was signed like this.
    matches: bool,
    /// Whether the profile accepts it.
    is_accepted: bool,
}

/// What verifying again came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Verified)]
pub(crate) struct VerifiedWire {
    /// Events that were judged again.
    judged: u32,
    /// Of these, those that are trusted now; they go on as if they came now.
    trusted: u32,
    /// Of these, those that a trusted event said already; they are gone.
    duplicates: u32,
}

impl From<SignatureReport> for SignatureReportWire {
    fn from(report: SignatureReport) -> Self {
        let SignatureReport {
            event_id,
            environment,
            profile,
            source,
            received_at,
            signature_ok,
            signature_scheme,
            signature_key,
            header,
            verifies_now,
            candidates,
            hints,
        } = report;
        Self {
            event_id: event_id.to_string(),
            env_type: environment,
            profile_id: profile.map(|profile| profile.as_str().to_owned()),
            source,
            received_at,
            signature_ok,
            signature_scheme,
            signature_key,
            header: header.map(Into::into),
            verifies_now,
            candidates: candidates.into_iter().map(Into::into).collect(),
            hints,
        }
    }
}

impl From<HeaderCard> for HeaderWire {
    fn from(header: HeaderCard) -> Self {
        match header {
            HeaderCard::Absent => Self::Absent,
            HeaderCard::NoSignature => Self::NoSignature,
            HeaderCard::Plain => Self::Plain,
            HeaderCard::Prefixed => Self::Prefixed,
        }
    }
}

impl From<CandidateCard> for CandidateWire {
    fn from(card: CandidateCard) -> Self {
        let CandidateCard {
            profile,
            scheme,
            url,
            is_registered_url,
            key,
            key_fingerprint,
            matches,
            is_accepted,
        } = card;
        Self {
            profile_id: profile.as_str().to_owned(),
            scheme,
            url,
            is_registered_url,
            key,
            key_fingerprint,
            matches,
            is_accepted,
        }
    }
}

impl From<Verified> for VerifiedWire {
    fn from(verified: Verified) -> Self {
        let Verified {
            judged,
            trusted,
            duplicates,
            progress: _,
        } = verified;
        Self {
            judged,
            trusted,
            duplicates,
        }
    }
}
