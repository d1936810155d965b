//! What a look at a signature means, in words, and the next step.

use hawker_domain::event::{EventSource, KeySlot, SignatureScheme};

use super::Findings;
use super::report::{CandidateCard, HeaderCard, SignatureReport};

/// What to tell of a push that was looked at.
pub(super) fn hints(report: &SignatureReport, findings: &Findings<'_>) -> Vec<String> {
    if report.source != EventSource::Webhook {
        return vec![format!(
            "This event came by way of `{}`: nobody signs it, and none is expected to.",
            report.source
        )];
    }
    let matching: Vec<_> = report
        .candidates
        .iter()
        .filter(|candidate| candidate.matches)
        .collect();
    let mut hints = match matching
        .iter()
        .find(|candidate| candidate.is_accepted)
        .or(matching.first())
    {
        Some(candidate) => of_match(report, candidate),
        None => of_mismatch(report, findings),
    };
    if findings.examined.iter().any(|of| of.has_unreadable_key) {
        hints.push(
            "A key of the profile cannot be read, so it was not tried: it was sealed under another JWT_SECRET. Add that one to JWT_SECRET_PREVIOUS, or save the key again.".to_owned(),
        );
    }
    if !report.signature_ok && report.verifies_now {
        hints.push(
            "It was kept as unverified and verifies by now: Verify again releases it, and it is released by itself within half a minute after a key or URL was saved.".to_owned(),
        );
    }
    if report.signature_ok && !report.verifies_now {
        hints.push(
            "It verified when it came, by a key or URL that the profile does not have any more. It stays trusted.".to_owned(),
        );
    }
    hints
}

fn of_match(report: &SignatureReport, candidate: &CandidateCard) -> Vec<String> {
    let mut hints = Vec::new();
    match candidate.key {
        KeySlot::Push => {}
        KeySlot::PreviousPush => hints.push(
            "The body verifies with the previous push key: it was sent before the key was changed in the console, or the key that was saved last is not the console's. Compare the push keys.".to_owned(),
        ),
        KeySlot::Partner => hints.push(
            "The body verifies with the partner key, as pushes of older apps do, or while no push key was made in the console.".to_owned(),
        ),
    }
    match (candidate.scheme, &candidate.url) {
        (SignatureScheme::BodyOnly, _) if !candidate.is_accepted => hints.push(
            "The body verifies without its URL, by the scheme of the older documents, which the profile does not accept. Let it accept that scheme, if its sender is to be trusted.".to_owned(),
        ),
        (SignatureScheme::UrlBody, Some(url)) if !candidate.is_registered_url => hints.push(
            format!("It was signed over {url}, which is not the URL that is noted as registered. Note it in the profile: what the marketplace signs over is what counts."),
        ),
        _ => {}
    }
    if report.profile.as_ref() != Some(&candidate.profile) {
        hints.push(format!("It belongs to profile {}.", candidate.profile));
    }
    hints
}

fn of_mismatch(report: &SignatureReport, findings: &Findings<'_>) -> Vec<String> {
    if let Some(other) = &findings.elsewhere {
        return vec![format!(
            "It verifies with a key of profile {}, but its URL names another: the URL that is registered for that app is not this profile's. Register the push URL of profile {} in the console.",
            other.profile.id, other.profile.id
        )];
    }
    let what = match report.header {
        None => {
            "There is no profile that it could be for. Its URL names none that exists: add the profile, or correct the URL in the console."
        }
        Some(HeaderCard::Absent) => {
            "It has no Authorization header: it did not come from the marketplace, or a proxy before Hawker takes the header away."
        }
        Some(HeaderCard::NoSignature) => {
            "Its Authorization header holds no signature of 64 hexadecimal digits: it did not come from the marketplace, or a proxy before Hawker replaces the header."
        }
        Some(HeaderCard::Plain | HeaderCard::Prefixed) if report.candidates.is_empty() => {
            "There was nothing to try: save the push key of the profile, and note the callback URL that is registered in the console or set PUBLIC_API_BASE_URL."
        }
        Some(HeaderCard::Plain | HeaderCard::Prefixed) => {
            "It was signed with none of these keys over none of these URLs. Compare the push key with the console's by its fingerprint, then the registered URL character by character; if both are right, it is forged, or a proxy changed the body."
        }
    };
    vec![what.to_owned()]
}
