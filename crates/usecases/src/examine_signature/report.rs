//! What the signature lab shows.

use hawker_domain::event::{EventSource, KeySlot, SignatureScheme};
use hawker_domain::ids::{EventId, ProfileId};
use hawker_domain::{Environment, Timestamp};
use hawker_ports::inbox::SignedEvent;
use hawker_ports::pushes::{SignatureHeader, TriedSignature};
use serde::Serialize;

use super::Findings;
use super::hints::hints;
use crate::receive_pushes::Examined;

/// How a push was judged, and how it would be judged now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureReport {
    /// The event.
    pub event_id: EventId,
    /// Sandbox or live.
    #[serde(rename = "env_type")]
    pub environment: Environment,
    /// The profile that it is kept for.
    #[serde(rename = "profile_id")]
    pub profile: Option<ProfileId>,
    /// By which road it came.
    pub source: EventSource,
    /// When it came.
    pub received_at: Timestamp,
    /// Whether it is trusted as it is stored.
    pub signature_ok: bool,
    /// By which scheme it verified when it was judged.
    pub signature_scheme: Option<SignatureScheme>,
    /// With which key.
    pub signature_key: Option<KeySlot>,
    /// What its `Authorization` header is; absent for an event that is not signed.
    pub header: Option<HeaderCard>,
    /// Whether it would be trusted if it were judged now.
    pub verifies_now: bool,
    /// Every way in which it may have been signed, in the order in which they are tried.
    pub candidates: Vec<CandidateCard>,
    /// What that means and what to do, in words.
    pub hints: Vec<String>,
}

/// What an `Authorization` header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderCard {
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CandidateCard {
    /// With a key of this profile.
    #[serde(rename = "profile_id")]
    pub profile: ProfileId,
    /// By this scheme.
    pub scheme: SignatureScheme,
    /// Over this URL, where the scheme has one.
    pub url: Option<String>,
    /// Whether that URL is the one that is noted as registered.
    pub is_registered_url: bool,
    /// With which of the profile's keys.
    pub key: KeySlot,
    /// The key's fingerprint.
    pub key_fingerprint: Option<String>,
    /// Whether it was signed like this.
    pub matches: bool,
    /// Whether the profile accepts it.
    pub is_accepted: bool,
}

impl SignatureReport {
    pub(super) fn of(stored: &SignedEvent, findings: &Findings<'_>) -> Self {
        let candidates: Vec<_> = findings.examined.iter().flat_map(candidates).collect();
        let header = findings.examined.iter().chain(&findings.elsewhere).next();
        let push = &stored.push;
        let mut report = Self {
            event_id: push.id,
            environment: push.environment,
            profile: push.profile.clone(),
            source: stored.source,
            received_at: push.received_at,
            signature_ok: stored.is_trusted,
            signature_scheme: stored.scheme,
            signature_key: stored.key,
            header: header.map(|examined| examined.trial.header.into()),
            verifies_now: candidates
                .iter()
                .any(|candidate| candidate.matches && candidate.is_accepted),
            candidates,
            hints: Vec::new(),
        };
        report.hints = hints(&report, findings);
        report
    }
}

fn candidates<'a>(examined: &'a Examined<'_>) -> impl Iterator<Item = CandidateCard> + 'a {
    let profile = examined.profile;
    examined.trial.tried.iter().map(move |tried| {
        let TriedSignature {
            scheme,
            key,
            url,
            matches,
        } = tried;
        let mut keys = examined.keys.iter();
        CandidateCard {
            profile: profile.id.clone(),
            scheme: *scheme,
            url: url.clone(),
            is_registered_url: url.is_some() && *url == profile.registered_url,
            key: *key,
            key_fingerprint: keys
                .find(|(slot, _)| slot == key)
                .map(|(_, fingerprint)| fingerprint.clone()),
            matches: *matches,
            is_accepted: *scheme == SignatureScheme::UrlBody || profile.accepts_body_only,
        }
    })
}

impl From<SignatureHeader> for HeaderCard {
    fn from(header: SignatureHeader) -> Self {
        match header {
            SignatureHeader::Absent => Self::Absent,
            SignatureHeader::NoSignature => Self::NoSignature,
            SignatureHeader::Plain => Self::Plain,
            SignatureHeader::Prefixed => Self::Prefixed,
        }
    }
}
