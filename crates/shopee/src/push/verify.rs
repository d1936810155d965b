//! Whether a push is genuine (shopee.md §4.3, §4.4).
//!
//! The platform signs `url|body` with the push key and sends plain lowercase hex; `url` is the
//! callback URL as it was registered, never what a proxy or a `Host` header makes of it. The older
//! documents describe `SHA256 <hex>` over the body alone; that counts where the profile says so.

use hawker_domain::event::{KeySlot, SignatureScheme, Verdict};
use hawker_ports::pushes::VerificationCandidates;
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
    let Some(signature) = authorization.and_then(signature) else {
        return Verdict::Mismatch;
    };
    let matching = |message: &[u8]| {
        keys.iter()
            .find(|(_, key)| is_signature(key, message, &signature))
            .map(|(slot, _)| *slot)
    };
    let by_url = candidates.urls.iter().find_map(|url| {
        let message = [url.as_bytes(), b"|", body].concat();
        matching(&message).map(|key| (SignatureScheme::UrlBody, key))
    });
    let by_body = || {
        let key = candidates.accepts_body_only.then(|| matching(body))?;
        key.map(|key| (SignatureScheme::BodyOnly, key))
    };
    by_url
        .or_else(by_body)
        .map_or(Verdict::Mismatch, |(scheme, key)| Verdict::Genuine {
            scheme,
            key,
        })
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

/// The signature that a header carries, with or without one of the known prefixes.
fn signature(header: &str) -> Option<[u8; 32]> {
    let header = header.trim();
    let bare = PREFIXES.iter().find_map(|prefix| {
        let (head, rest) = header.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then_some(rest)
    });
    decoded(bare.unwrap_or(header))
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
