//! Pushes whose meaning a test decides.

use std::collections::BTreeMap;
use std::sync::Mutex;

use hawker_domain::event::{KeySlot, PushContent, SignatureScheme, Verdict};
use secrecy::{ExposeSecret, SecretString};

use super::locked;
use crate::pushes::{
    PushReader, SignatureHeader, SignatureTrial, TriedSignature, VerificationCandidates,
};

/// Reads a body as the content that was put for it, and verifies a push by comparing its
/// `Authorization` header with the keys themselves.
#[derive(Debug, Default)]
pub struct FakePushes(Mutex<BTreeMap<Vec<u8>, PushContent>>);

impl FakePushes {
    /// From now on `body` means `content`.
    pub fn put(&self, body: impl Into<Vec<u8>>, content: PushContent) {
        locked(&self.0).insert(body.into(), content);
    }
}

impl PushReader for FakePushes {
    /// What was put for the body; for any other body a push of code 0 whose text is its key.
    fn read(&self, body: &[u8]) -> PushContent {
        locked(&self.0)
            .get(body)
            .cloned()
            .unwrap_or_else(|| PushContent {
                content_key: String::from_utf8_lossy(body).into_owned(),
                ..PushContent::default()
            })
    }

    /// Genuine when `authorization` is the text of one of the keys.
    fn verify(
        &self,
        candidates: &VerificationCandidates<'_>,
        _: &[u8],
        authorization: Option<&str>,
    ) -> Verdict {
        let mut keys = keys(candidates).peekable();
        if keys.peek().is_none() {
            return Verdict::NoKey;
        }
        keys.find(|(key, _)| authorization == Some(key.expose_secret()))
            .map_or(Verdict::Mismatch, |(_, key)| Verdict::Genuine {
                scheme: SignatureScheme::UrlBody,
                key,
            })
    }

    /// One try for each key, over the first of the URLs: a signature here is the key itself.
    fn explain(
        &self,
        candidates: &VerificationCandidates<'_>,
        _: &[u8],
        authorization: Option<&str>,
    ) -> SignatureTrial {
        let tried = keys(candidates).map(|(key, slot)| TriedSignature {
            scheme: SignatureScheme::UrlBody,
            key: slot,
            url: candidates.urls.first().cloned(),
            matches: authorization == Some(key.expose_secret()),
        });
        SignatureTrial {
            header: match authorization {
                Some(_) => SignatureHeader::Plain,
                None => SignatureHeader::Absent,
            },
            tried: tried.collect(),
        }
    }
}

/// The keys that there are, in the order in which they are tried.
fn keys<'a>(
    candidates: &VerificationCandidates<'a>,
) -> impl Iterator<Item = (&'a SecretString, KeySlot)> {
    let slots = [
        (candidates.push_key, KeySlot::Push),
        (candidates.previous_push_key, KeySlot::PreviousPush),
        (candidates.partner_key, KeySlot::Partner),
    ];
    slots
        .into_iter()
        .filter_map(|(key, slot)| Some((key?, slot)))
}
