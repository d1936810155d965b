//! Pushes: is it genuine, and what does it say.
//!
//! Both are pure and total: whatever the bytes are, there is an answer and no panic. Verification
//! is over the bytes as they came; reading never re-serialises them.

mod content_key;
mod read;
mod verify;

#[cfg(test)]
mod tests;

use hawker_domain::event::{PushContent, Verdict};
use hawker_ports::pushes::{PushReader, SignatureTrial, VerificationCandidates};

pub use verify::verify_body_only_sha256;

/// Reads and verifies Shopee's pushes.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShopeePushes;

impl PushReader for ShopeePushes {
    fn read(&self, body: &[u8]) -> PushContent {
        read::read(body)
    }

    fn verify(
        &self,
        candidates: &VerificationCandidates<'_>,
        body: &[u8],
        authorization: Option<&str>,
    ) -> Verdict {
        verify::verify(candidates, body, authorization)
    }

    fn explain(
        &self,
        candidates: &VerificationCandidates<'_>,
        body: &[u8],
        authorization: Option<&str>,
    ) -> SignatureTrial {
        verify::explain(candidates, body, authorization)
    }
}
