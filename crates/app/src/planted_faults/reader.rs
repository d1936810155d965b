//! A reader of pushes that believes everybody.

use std::sync::Arc;

use hawker_domain::event::{KeySlot, PushContent, SignatureScheme, Verdict};
use hawker_ports::pushes::{PushReader, SignatureTrial, VerificationCandidates};

/// Finds every signature right.
pub(super) struct Credulous(pub(super) Arc<dyn PushReader>);

impl PushReader for Credulous {
    fn read(&self, body: &[u8]) -> PushContent {
        self.0.read(body)
    }

    fn verify(&self, _: &VerificationCandidates<'_>, _: &[u8], _: Option<&str>) -> Verdict {
        Verdict::Genuine {
            scheme: SignatureScheme::UrlBody,
            key: KeySlot::Push,
        }
    }

    fn explain(
        &self,
        candidates: &VerificationCandidates<'_>,
        body: &[u8],
        authorization: Option<&str>,
    ) -> SignatureTrial {
        self.0.explain(candidates, body, authorization)
    }
}
