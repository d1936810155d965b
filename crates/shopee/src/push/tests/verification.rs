use super::*;

const PUSH_KEY: &str = "test_push_key_0123456789abcdef";
const U1: &str = "https://ops.example.com/connectors/shopee/webhook/live";
const U2: &str = "https://ops.example.com/connectors/shopee/webhook?env=live&profile_id=prof_01";
const P1: &str = "703f44aa7345daf23cdd0ac0b3451108eeea5dda2c0e96fe1031c50cf7c681eb";
const P2: &str = "82399cd46b293b19924fa18ce51a5a04895caac7984738ef8dfb61dd30727652";
const P3: &str = "5bcc88e2455826e130757669508ba0dda39708ddc0739788b3d98cab60aeaab3";
const P4: &str = "935d22682ce27d0cdb2959d3fee2dd0b3404e3b71ff1eee9cd3bd75370512524";
const P4B: &str = "9d3d71c91c8656f6e7403b44ca54336745f06433f431cd7bc3ca8e208227e3d6";
const P5: &str = "cd091221a70fedeabd6d4662085cea92bd425c84a11bc2f8da1dc27490ad263a";
const P6: &str = "e7d9b41e49289012703bd4b8752faead83dca7ee1ed14daaa73ca555242b306c";
const P7: &str = "7ded2a07f2bf613789d606e23958c3147b32315b3dddc18ece587c50627c66e7";
const WITH_NEWLINE: &str = "f7d202ae126484306b64f9d5f49d248981be08d09ac221584f433f8aeb8f59d3";

const BY_URL: Verdict = genuine(SignatureScheme::UrlBody, KeySlot::Push);
const BY_BODY: Verdict = genuine(SignatureScheme::BodyOnly, KeySlot::Push);

const fn genuine(scheme: SignatureScheme, key: KeySlot) -> Verdict {
    Verdict::Genuine { scheme, key }
}

/// Verifies with the push key of the vectors.
fn verify(urls: &[&str], accepts_body_only: bool, body: &str, header: &str) -> Verdict {
    let urls: Vec<String> = urls.iter().map(|&url| url.to_owned()).collect();
    let candidates = VerificationCandidates {
        push_key: Some(&secret(PUSH_KEY)),
        urls: &urls,
        accepts_body_only,
        ..VerificationCandidates::default()
    };
    ShopeePushes.verify(&candidates, body.as_bytes(), Some(header))
}

#[test]
fn every_signature_vector_of_the_platform_verifies() {
    for (url, body, signature) in [
        (U1, B1, P1),
        (U2, B1, P2),
        (U1, B2, P4),
        (U1, B0, P5),
        (U1, "", P7),
        (U1, &format!("{B1}\n"), WITH_NEWLINE),
    ] {
        assert_eq!(
            verify(&[url], false, body, signature),
            BY_URL,
            "{url} {body}"
        );
    }
}

#[test]
fn the_body_only_scheme_counts_only_where_it_is_accepted() {
    for (body, signature) in [(B1, P3), (B2, P4B)] {
        for header in [format!("SHA256 {signature}"), signature.to_owned()] {
            assert_eq!(verify(&[U1], true, body, &header), BY_BODY);
            assert_eq!(verify(&[], true, body, &header), BY_BODY);
            assert_eq!(verify(&[U1], false, body, &header), Verdict::Mismatch);
        }
    }
}

#[test]
fn a_trailing_newline_belongs_to_the_body() {
    assert_eq!(
        verify(&[U1], true, &format!("{B1}\n"), P1),
        Verdict::Mismatch
    );
    assert_eq!(verify(&[U1], true, B1, WITH_NEWLINE), Verdict::Mismatch);
}

#[test]
fn the_url_counts_to_the_letter() {
    for url in [
        "http://ops.example.com/connectors/shopee/webhook/live",
        "https://ops.example.com/connectors/shopee/webhook/live/",
        "https://localhost:9000/connectors/shopee/webhook/live",
        U2,
    ] {
        assert_eq!(verify(&[url], false, B1, P1), Verdict::Mismatch, "{url}");
        assert_eq!(verify(&[url, U1], false, B1, P1), BY_URL, "{url}");
    }
}

#[test]
fn the_known_prefixes_are_optional_and_their_case_does_not_matter() {
    for header in [
        P1.to_owned(),
        format!("  {P1} "),
        P1.to_uppercase(),
        format!("SHA256 {P1}"),
        format!("sha256 {P1}"),
        format!("Sha256={P1}"),
    ] {
        assert_eq!(verify(&[U1], false, B1, &header), BY_URL, "{header}");
    }
}

#[test]
fn a_header_that_is_no_signature_matches_nothing() {
    for header in [
        "",
        "SHA256 ",
        "sha256=",
        &P1[..63],
        &format!("{P1}0"),
        &format!("SHA256  {P1}"),
        &format!("SHA512 {P1}"),
        &P1.replace('7', "g"),
        &"é".repeat(32),
    ] {
        assert_eq!(
            verify(&[U1], true, B1, header),
            Verdict::Mismatch,
            "{header}"
        );
    }
    let candidates = VerificationCandidates {
        push_key: Some(&secret(PUSH_KEY)),
        urls: &[U1.to_owned()],
        ..VerificationCandidates::default()
    };
    assert_eq!(
        ShopeePushes.verify(&candidates, B1.as_bytes(), None),
        Verdict::Mismatch
    );
}

#[test]
fn the_key_that_matched_is_named() {
    let [in_force, previous, partner] = ["in force", "previous", "partner"].map(secret);
    let urls = [U2.to_owned(), U1.to_owned()];
    let candidates = VerificationCandidates {
        push_key: Some(&in_force),
        previous_push_key: Some(&previous),
        partner_key: Some(&partner),
        urls: &urls,
        accepts_body_only: true,
    };
    for (key, slot) in [
        (&in_force, KeySlot::Push),
        (&previous, KeySlot::PreviousPush),
        (&partner, KeySlot::Partner),
    ] {
        let header = hmac_sha256_hex(key, format!("{U1}|{B1}").as_bytes());
        assert_eq!(
            ShopeePushes.verify(&candidates, B1.as_bytes(), Some(&header)),
            genuine(SignatureScheme::UrlBody, slot)
        );
        let header = hmac_sha256_hex(key, B1.as_bytes());
        assert_eq!(
            ShopeePushes.verify(&candidates, B1.as_bytes(), Some(&header)),
            genuine(SignatureScheme::BodyOnly, slot)
        );
    }
}

#[test]
fn an_empty_key_signs_the_first_ping_and_is_never_a_key_to_verify_with() {
    let empty = secret("");
    assert_eq!(hmac_sha256_hex(&empty, format!("{U1}|{B0}").as_bytes()), P6);
    let candidates = VerificationCandidates {
        push_key: Some(&empty),
        partner_key: Some(&empty),
        urls: &[U1.to_owned()],
        accepts_body_only: true,
        ..VerificationCandidates::default()
    };
    assert_eq!(
        ShopeePushes.verify(&candidates, B0.as_bytes(), Some(P6)),
        Verdict::NoKey
    );
}

#[test]
fn with_nothing_to_try_the_answer_is_that_there_is_no_key() {
    let nothing = VerificationCandidates::default();
    assert_eq!(
        ShopeePushes.verify(&nothing, B1.as_bytes(), Some(P1)),
        Verdict::NoKey
    );
    assert_eq!(verify(&[], false, B1, P1), Verdict::NoKey);
}

#[test]
fn the_older_documents_helper_keeps_to_their_letter() {
    let key = secret("test-partner-key-do-not-use-in-prod");
    let body = r#"{"code":3,"shop_id":123,"timestamp":1700000000,"data":"{\"ordersn\":\"abc\"}"}"#;
    let signed = |key: &SecretString| hmac_sha256_hex(key, body.as_bytes());
    let good = format!("SHA256 {}", signed(&key));
    let by_wrong_key = format!("SHA256 {}", signed(&secret("wrong-key")));
    let tampered = body.replace("123", "999");
    for (case, body, header, expected) in [
        ("good", body, Some(good.as_str()), true),
        ("tampered body", &tampered, Some(good.as_str()), false),
        ("wrong key", body, Some(by_wrong_key.as_str()), false),
        ("missing prefix", body, Some(signed(&key).as_str()), false),
        ("no header", body, None, false),
        ("empty header", body, Some(""), false),
    ] {
        assert_eq!(
            verify_body_only_sha256(body.as_bytes(), header, &key),
            expected,
            "{case}"
        );
    }
    let by_nobody = format!("SHA256 {}", signed(&secret("")));
    assert!(!verify_body_only_sha256(
        body.as_bytes(),
        Some(&by_nobody),
        &secret("")
    ));
}

/// What is told of a push that may have been signed in six ways.
fn explained(header: Option<&str>) -> SignatureTrial {
    let candidates = VerificationCandidates {
        push_key: Some(&secret("another key")),
        previous_push_key: Some(&secret(PUSH_KEY)),
        partner_key: Some(&secret("")),
        urls: &[U2.to_owned(), U1.to_owned()],
        accepts_body_only: true,
    };
    ShopeePushes.explain(&candidates, B1.as_bytes(), header)
}

#[test]
fn every_way_is_told_in_order_with_the_one_that_matches() {
    let way = |scheme, key, url: Option<&str>, matches| TriedSignature {
        scheme,
        key,
        url: url.map(str::to_owned),
        matches,
    };
    let (by_url, by_body) = (SignatureScheme::UrlBody, SignatureScheme::BodyOnly);
    let trial = explained(Some(P1));
    assert_eq!(trial.header, SignatureHeader::Plain);
    assert_eq!(
        trial.tried,
        [
            way(by_url, KeySlot::Push, Some(U2), false),
            way(by_url, KeySlot::PreviousPush, Some(U2), false),
            way(by_url, KeySlot::Push, Some(U1), false),
            way(by_url, KeySlot::PreviousPush, Some(U1), true),
            way(by_body, KeySlot::Push, None, false),
            way(by_body, KeySlot::PreviousPush, None, false),
        ],
        "a blank key is none"
    );
}

#[test]
fn what_a_header_is_is_told_even_where_nothing_can_match() {
    for (header, expected, matching) in [
        (None, SignatureHeader::Absent, 0),
        (Some("Bearer abc"), SignatureHeader::NoSignature, 0),
        (Some(&P1[1..]), SignatureHeader::NoSignature, 0),
        (Some(P5), SignatureHeader::Plain, 0),
        (
            Some(format!("sha256={P3}").as_str()),
            SignatureHeader::Prefixed,
            1,
        ),
    ] {
        let trial = explained(header);
        assert_eq!(trial.header, expected, "{header:?}");
        assert_eq!(trial.tried.len(), 6);
        let matches = trial.tried.iter().filter(|tried| tried.matches).count();
        assert_eq!(matches, matching, "{header:?}");
    }
}

#[test]
fn nothing_of_a_key_or_a_signature_is_told() {
    let told = format!("{:?}", explained(Some(P1)));
    for secret in [P1, PUSH_KEY, "another key"] {
        assert!(!told.contains(secret), "{told}");
    }
}
