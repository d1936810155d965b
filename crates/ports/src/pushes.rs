//! Pushes: what a marketplace sends, who reads and verifies it, and who takes it in.

use async_trait::async_trait;
use hawker_domain::event::{KeySlot, PushContent, SignatureScheme, Verdict};
use hawker_domain::ids::ProfileId;
use hawker_domain::{Environment, TenantSlug, Timestamp};
use secrecy::SecretString;

/// A push as it came over the wire.
#[derive(Clone, Debug)]
pub struct ReceivedPush {
    /// Whose it is.
    pub tenant: TenantSlug,
    /// The environment that the URL names.
    pub environment: Environment,
    /// The profile that the URL names.
    pub profile: Option<ProfileId>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// The `Authorization` header.
    pub authorization: Option<String>,
    /// The `x-shopee-event-id` header.
    pub event_id: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
}

/// Why a push was not taken in. The marketplace is told to come again.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// More pushes are waiting to be stored than may wait.
    #[error("too many pushes are waiting to be stored")]
    Full,
    /// It could not be stored.
    #[error("the push could not be stored: {reason}")]
    NotStored {
        /// Why, in words; the cause itself was logged where it happened.
        reason: String,
    },
    /// The service is stopping.
    #[error("the service is stopping")]
    Stopping,
}

/// Takes pushes in. When it answers `Ok`, the push is durable.
#[async_trait]
pub trait PushIntake: Send + Sync {
    /// Stores one push, together with others that come at the same time.
    async fn accept(&self, push: ReceivedPush) -> Result<(), IntakeError>;
}

/// The keys and URLs that a push may have been signed with.
#[derive(Debug, Default)]
pub struct VerificationCandidates<'a> {
    /// The push key in force.
    pub push_key: Option<&'a SecretString>,
    /// The push key before the last rotation.
    pub previous_push_key: Option<&'a SecretString>,
    /// The partner key.
    pub partner_key: Option<&'a SecretString>,
    /// Callback URLs as they may be registered, never taken from a request.
    pub urls: &'a [String],
    /// Whether the older body-only scheme counts.
    pub accepts_body_only: bool,
}

/// Reads and verifies the pushes of one marketplace. Pure; never fails, never panics, whatever the
/// bytes are.
pub trait PushReader: Send + Sync {
    /// What the push says.
    fn read(&self, body: &[u8]) -> PushContent;

    /// Whether it is genuine.
    fn verify(
        &self,
        candidates: &VerificationCandidates<'_>,
        body: &[u8],
        authorization: Option<&str>,
    ) -> Verdict;

    /// Every way in which the push may have been signed, in the order in which they are tried, with
    /// whether it was. Nothing of a key or a signature is in the answer.
    fn explain(
        &self,
        candidates: &VerificationCandidates<'_>,
        body: &[u8],
        authorization: Option<&str>,
    ) -> SignatureTrial;
}

/// How a push was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureTrial {
    /// What its header is.
    pub header: SignatureHeader,
    /// What was tried. All of it, whatever matched.
    pub tried: Vec<TriedSignature>,
}

/// What a push's `Authorization` header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureHeader {
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedSignature {
    /// By this scheme.
    pub scheme: SignatureScheme,
    /// With this key.
    pub key: KeySlot,
    /// Over this URL, where the scheme has one.
    pub url: Option<String>,
    /// Whether it was.
    pub matches: bool,
}

/// What taking in a batch came to, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IntakeCounts {
    /// Stored as new, trusted events.
    pub stored: u32,
    /// Duplicates.
    pub duplicates: u32,
    /// Stored for an environment that is not active.
    pub skipped: u32,
    /// Stored, but not verified.
    pub unverified: u32,
    /// Not verified and beyond the bound on rows: only counted.
    pub counted_only: u32,
    /// Registration pings.
    pub pings: u32,
}
