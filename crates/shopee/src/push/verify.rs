//! Whether a push is genuine (shopee.md §4.3, §4.4).
//!
//! The platform signs `url|body` with the push key and sends plain lowercase hex; `url` is the
//! callback URL as it was registered, never what a proxy or a `Host` header makes of it. The older
//! documents describe `SHA256 <hex>` over the body alone; that counts where the profile says so.
//!
//! The verdict and its explanation come of the same trials in the same order, so that they cannot
//! disagree.

use hawker_domain::event::{KeySlot, SignatureScheme, Verdict};
use hawker_ports::pushes::{
    SignatureHeader, SignatureTrial, TriedSignature, VerificationCandidates,
};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

const PREFIXES: [&str; 2] = ["SHA256 ", "sha256="];

/// Tries every key with every URL, and with the body alone where that is accepted. An empty key
/// is no key: anybody could sign with it.
pub(super) fn verify(
    candidates: &VerificationCandidates<'_>,
    body: &[u8],
    authorization: Option<&str>,
) -> Verdict {
    let keys = keys(candidates);
    if keys.is_empty() || (candidates.urls.is_empty() && !candidates.accepts_body_only) {
        return Verdict::NoKey;
    }
    let (_, Some(signature)) = read_header(authorization) else {
        return Verdict::Mismatch;
    };
    trials(candidates, &keys)
        .find(|trial| trial.matches(body, &signature))
        .map_or(Verdict::Mismatch, |trial| Verdict::Genuine {
            scheme: trial.scheme(),
            key: trial.slot,
        })
}

/// The same, with every trial told and none left out.
pub(super) fn explain(
    candidates: &VerificationCandidates<'_>,
    body: &[u8],
    authorization: Option<&str>,
) -> SignatureTrial {
    let (header, signature) = read_header(authorization);
    let keys = keys(candidates);
    let tried = trials(candidates, &keys).map(|trial| TriedSignature {
        scheme: trial.scheme(),
        key: trial.slot,
        url: trial.url.map(str::to_owned),
        matches: signature
            .as_ref()
            .is_some_and(|signature| trial.matches(body, signature)),
    });
    SignatureTrial {
        header,
        tried: tried.collect(),
    }
}

/// The scheme of the older documents, to the letter: the header is `SHA256 ` and the hex of
/// HMAC-SHA256 over the body. [`ShopeePushes`](super::ShopeePushes) is more lenient and knows the
/// platform's own scheme; this is for whoever has only a body and a key.
pub fn verify_body_only_sha256(
    body: &[u8],
    authorization: Option<&str>,
    key: &SecretString,
) -> bool {
    let signature = authorization
        .and_then(|header| header.strip_prefix("SHA256 "))
        .and_then(decoded);
    match (usable(key), signature) {
        (Some(key), Some(signature)) => is_signature(&key, body, &signature),
        _ => false,
    }
}

/// One way in which a push may have been signed.
struct Trial<'a> {
    slot: KeySlot,
    key: &'a hmac::Key,
    /// Where the scheme has one.
    url: Option<&'a str>,
}

impl Trial<'_> {
    fn scheme(&self) -> SignatureScheme {
        match self.url {
            Some(_) => SignatureScheme::UrlBody,
            None => SignatureScheme::BodyOnly,
        }
    }

    fn matches(&self, body: &[u8], signature: &[u8; 32]) -> bool {
        match self.url {
            Some(url) => {
                let message = [url.as_bytes(), b"|", body].concat();
                is_signature(self.key, &message, signature)
            }
            None => is_signature(self.key, body, signature),
        }
    }
}

/// URL by URL and the body alone last; within each, the push key first.
fn trials<'a>(
    candidates: &'a VerificationCandidates<'_>,
    keys: &'a [(KeySlot, hmac::Key)],
) -> impl Iterator<Item = Trial<'a>> {
    let urls = candidates.urls.iter().map(|url| Some(url.as_str()));
    let body_only = candidates.accepts_body_only.then_some(None);
    urls.chain(body_only).flat_map(move |url| {
        keys.iter().map(move |(slot, key)| Trial {
            slot: *slot,
            key,
            url,
        })
    })
}

fn keys(candidates: &VerificationCandidates<'_>) -> Vec<(KeySlot, hmac::Key)> {
    [
        (KeySlot::Push, candidates.push_key),
        (KeySlot::PreviousPush, candidates.previous_push_key),
        (KeySlot::Partner, candidates.partner_key),
    ]
    .into_iter()
    .filter_map(|(slot, key)| Some((slot, usable(key?)?)))
    .collect()
}

fn usable(key: &SecretString) -> Option<hmac::Key> {
    let text = key.expose_secret();
    (!text.is_empty()).then(|| hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()))
}

/// What the header is, and the signature that it carries, with or without one of the prefixes.
fn read_header(header: Option<&str>) -> (SignatureHeader, Option<[u8; 32]>) {
    let Some(header) = header.map(str::trim) else {
        return (SignatureHeader::Absent, None);
    };
    let bare = PREFIXES.iter().find_map(|prefix| {
        let (head, rest) = header.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then_some(rest)
    });
    match (decoded(bare.unwrap_or(header)), bare) {
        (None, _) => (SignatureHeader::NoSignature, None),
        (signature, Some(_)) => (SignatureHeader::Prefixed, signature),
        (signature, None) => (SignatureHeader::Plain, signature),
    }
}

fn decoded(hex_digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(hex_digits, &mut bytes)
        .ok()
        .map(|()| bytes)
}

/// Compares in constant time.
fn is_signature(key: &hmac::Key, message: &[u8], signature: &[u8; 32]) -> bool {
    hmac::verify(key, message, signature).is_ok()
}
