//! Pushes: whatever the bytes are, they are read and judged, and what is not understood is known as
//! such.

use hawker_domain::event::{KeySlot, SignatureScheme, Verdict};
use hawker_ports::pushes::{PushReader, SignatureHeader, VerificationCandidates};
use hawker_shopee::push::{ShopeePushes, verify_body_only_sha256};
use proptest::prelude::*;
use proptest::sample::Index;
use ring::hmac;
use secrecy::SecretString;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::damage::{damaged, names, values};

const URL: &str = "https://ops.example.com/connectors/shopee/webhook/live";
const KEYS: [&str; 3] = ["the push key", "the one before", "the partner key"];

/// Deeper than this nobody's push is.
const NESTING_MAX: usize = 128;

/// Pushes of every kind that says something to us, and the envelope of the queue of lost ones.
fn samples() -> Vec<Value> {
    let status = json!({
        "msg_id": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "data": {"completed_scenario": null, "items": [], "ordersn": "251214TESTSN01",
                 "status": "READY_TO_SHIP", "update_time": 1_765_689_439},
        "shop_id": 10_010, "code": 3, "timestamp": 1_765_689_440,
    });
    vec![
        json!({"shop_id": 10_010, "code": 3, "timestamp": 1_765_689_999, "data": status.to_string()}),
        json!({"shop_id": 10_010, "code": 3, "timestamp": 1_765_689_999, "data": status}),
        status,
        json!({"data": {"ordersn": "A1", "package_number": "OFG1", "tracking_no": "SPX1"},
               "shop_id": 10_010, "code": 4, "timestamp": 1}),
        json!({"data": {"shop_id": 10_010, "shop_id_list": [1, "2"], "authorize_type": "shop"},
               "partner_id": 7, "code": 1, "timestamp": 1}),
        json!({"data": {"shop_expire_soon": [1, 2], "expire_before": 1_765_689_440},
               "partner_id": 7, "code": 12, "timestamp": 1}),
        json!({"code": 0, "data": {"verify_info": "This is a Verification message."}}),
    ]
}

/// What must be true of what is read of any bytes.
fn is_read(body: &[u8]) -> Result<(), TestCaseError> {
    let content = ShopeePushes.read(body);
    let key = content.content_key.as_str();
    let order = content.order_sn.as_ref();
    let digest = order.map_or(Some(key), |order| {
        key.strip_prefix(order.as_str())?.strip_prefix(':')
    });
    prop_assert_eq!(digest.map(str::len), Some(64), "{}", key);
    let parses = serde_json::from_slice::<IgnoredAny>(body).is_ok();
    prop_assert!(parses || !content.is_json, "taken for JSON");
    if content.is_json {
        let deepest = nesting(body);
        prop_assert!(deepest <= NESTING_MAX, "nested {} deep", deepest);
    } else {
        // It is known by its bytes and claims nothing.
        prop_assert_eq!(
            (content.code, content.shop, content.order_sn),
            (0, None, None)
        );
        prop_assert_eq!((&content.message_id, content.sent_at), (&None, None));
    }
    for text in [
        content.message_id.as_deref(),
        content
            .tracking
            .as_ref()
            .map(|tracking| tracking.tracking_number.as_str()),
    ] {
        let text = text.unwrap_or("fits");
        prop_assert!(!text.is_empty() && text.chars().count() <= 128);
        prop_assert!(!text.chars().any(char::is_control));
    }
    prop_assert_eq!(ShopeePushes.read(body).content_key, content.content_key);
    Ok(())
}

/// How deep arrays and objects are nested in what is known to be JSON.
fn nesting(body: &[u8]) -> usize {
    let text = String::from_utf8_lossy(body)
        .replace(r"\\", "")
        .replace(r#"\""#, "");
    // Every other part stands between quotes.
    let structure = text.split('"').step_by(2).flat_map(str::chars);
    let depths = structure.scan(0_usize, |depth, sign| {
        match sign {
            '[' | '{' => *depth += 1,
            ']' | '}' => *depth -= 1,
            _ => {}
        }
        Some(*depth)
    });
    depths.max().unwrap_or(0)
}

/// What must be true of how any bytes are judged, whatever their header is.
fn is_judged(body: &[u8], authorization: Option<&str>) -> Result<Verdict, TestCaseError> {
    let keys = KEYS.map(SecretString::from);
    let urls = [URL.to_owned(), format!("{URL}/")];
    let candidates = VerificationCandidates {
        push_key: Some(&keys[0]),
        previous_push_key: Some(&keys[1]),
        partner_key: Some(&keys[2]),
        urls: &urls,
        accepts_body_only: true,
    };
    let verdict = ShopeePushes.verify(&candidates, body, authorization);
    let trial = ShopeePushes.explain(&candidates, body, authorization);
    prop_assert_eq!(
        trial.tried.len(),
        9,
        "three keys, over two URLs and over the body alone"
    );
    let first = trial.tried.iter().find(|tried| tried.matches);
    let told = first.map_or(Verdict::Mismatch, |tried| Verdict::Genuine {
        scheme: tried.scheme,
        key: tried.key,
    });
    prop_assert_eq!(verdict, told, "the explanation says the same");
    match trial.header {
        SignatureHeader::Absent => prop_assert_eq!(authorization, None),
        SignatureHeader::NoSignature => prop_assert_eq!(verdict, Verdict::Mismatch),
        SignatureHeader::Plain | SignatureHeader::Prefixed => {}
    }
    Ok(verdict)
}

fn signed(key: &str, parts: &[&[u8]]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    hex::encode(hmac::sign(&key, &parts.concat()))
}

fn headers() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![
        any::<String>(),
        "(SHA256 |sha256=|)[0-9a-fA-F]{60,68}",
        "\\PC{0,80}",
    ])
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_judged(body in any::<Vec<u8>>(), header in headers()) {
        is_read(&body)?;
        prop_assert_eq!(is_judged(&body, header.as_deref())?, Verdict::Mismatch);
    }

    #[test]
    fn any_json_is_read_and_judged(value in values(names(&samples())), header in headers()) {
        let body = value.to_string().into_bytes();
        is_read(&body)?;
        prop_assert_eq!(is_judged(&body, header.as_deref())?, Verdict::Mismatch);
    }

    #[test]
    fn a_damaged_push_is_read_and_judged(body in damaged(samples()), header in headers()) {
        is_read(&body)?;
        prop_assert_eq!(is_judged(&body, header.as_deref())?, Verdict::Mismatch);
    }

    #[test]
    fn what_is_signed_is_genuine_and_what_is_changed_after_it_is_not(
        body in prop_oneof![any::<Vec<u8>>(), damaged(samples())],
        slot in 0_usize..3,
        over_url in any::<bool>(),
        at in any::<Index>(),
        flip in 1_u8..,
    ) {
        let parts: &[&[u8]] = if over_url {
            &[URL.as_bytes(), b"|", &body]
        } else {
            &[&body]
        };
        let header = signed(KEYS[slot], parts);
        let scheme = if over_url { SignatureScheme::UrlBody } else { SignatureScheme::BodyOnly };
        let key = [KeySlot::Push, KeySlot::PreviousPush, KeySlot::Partner][slot];
        prop_assert_eq!(is_judged(&body, Some(&header))?, Verdict::Genuine { scheme, key });

        let mut changed = body.clone();
        changed.push(flip);
        let at = at.index(changed.len());
        changed[at] ^= flip;
        if changed != body {
            prop_assert_eq!(is_judged(&changed, Some(&header))?, Verdict::Mismatch);
        }
        if !over_url {
            let key = SecretString::from(KEYS[slot]);
            let prefixed = format!("SHA256 {header}");
            prop_assert!(verify_body_only_sha256(&body, Some(&prefixed), &key));
        }
    }
}
