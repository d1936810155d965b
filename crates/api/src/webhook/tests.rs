use hawker_domain::ids::ProfileId;
use hawker_domain::{Environment, TenantSlug};

use super::*;
use crate::testing::{Request, Server};

const BARE: &str = "/connectors/shopee/webhook";

#[test]
fn a_push_that_is_stored_is_answered_200_with_nothing_in_it() {
    let server = Server::start();
    let answer = server.push(BARE, br#"{"code":3}"#);
    assert!(answer.is_empty(200), "{answer:?}");
    assert_eq!(answer.header("content-length"), Some("0"));
    let push = server.intake.take_one();
    assert_eq!(push.body, br#"{"code":3}"#);
    assert_eq!((push.authorization, push.event_id), (None, None));
}

#[test]
fn the_url_says_which_environment_and_which_profile() {
    use Environment::{Live, Sandbox};
    let server = Server::start();
    for (target, environment, profile) in [
        ("", Sandbox, None),
        ("/sandbox", Sandbox, None),
        ("/live", Live, None),
        ("/live/", Live, None),
        ("/%6Cive", Live, None),
        ("/live?env=sandbox", Live, None),
        ("?env=live", Live, None),
        ("?env=live&profile_id=scp_1", Live, Some("scp_1")),
        ("/live?profile_id=scp_1", Live, Some("scp_1")),
        ("?profile_id=no%20profile", Sandbox, None),
    ] {
        let answer = server.push(&format!("{BARE}{target}"), b"{}");
        assert!(answer.is_empty(200), "{target}: {answer:?}");
        let push = server.intake.take_one();
        assert_eq!(push.environment, environment, "{target}");
        assert_eq!(
            push.profile.as_ref().map(ProfileId::as_str),
            profile,
            "{target}"
        );
    }
}

#[test]
fn an_environment_that_does_not_exist_is_not_found() {
    let server = Server::start();
    for target in [
        "/production",
        "/production/",
        "?env=production",
        "/Live",
        "/live%2F",
    ] {
        let answer = server.push(&format!("{BARE}{target}"), b"{}");
        assert!(answer.is_empty(404), "{target}: {answer:?}");
    }
    assert!(server.intake.take().is_empty());
}

#[test]
fn the_profile_finds_the_tenant_and_is_looked_up_once() {
    let server = Server::start();
    for _ in 0..3 {
        server.push(&format!("{BARE}/live?profile_id=scp_cards"), b"{}");
        assert_eq!(server.intake.take_one().tenant.as_str(), "cards");
    }
    assert_eq!(server.directory.asked(), ["scp_cards"]);
}

#[test]
fn a_profile_that_nobody_knows_goes_to_the_default_tenant_until_somebody_does() {
    let server = Server::start();
    for _ in 0..2 {
        server.push(&format!("{BARE}/live?profile_id=scp_new"), b"{}");
        assert_eq!(
            server.intake.take_one().tenant,
            TenantSlug::default_tenant()
        );
    }
    assert_eq!(server.directory.asked(), ["scp_new", "scp_new"]);
}

#[test]
fn a_push_whose_tenant_cannot_be_found_out_comes_again() {
    let server = Server::start();
    let answer = server.push(&format!("{BARE}/live?profile_id=scp_away"), b"{}");
    assert!(answer.is_empty(503), "{answer:?}");
    assert!(server.intake.take().is_empty());
}

#[test]
fn any_bytes_of_any_type_are_taken_as_they_are() {
    let server = Server::start();
    let deep = "[".repeat(100_000);
    let bodies: [&[u8]; 8] = [
        b"",
        b"{\"code\":3,\"data\":{\"ordersn\":",
        b"\xff\xfe\x00\x00",
        b"not json",
        b"\"text\"",
        br#"{"shop_id":-99999999999999999999999999,"code":1e400}"#,
        b"code=3&data=x",
        deep.as_bytes(),
    ];
    let types = [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "nonsense",
    ];
    for body in bodies {
        for content_type in types {
            let request = Request::new("POST", BARE).header("content-type", content_type);
            let answer = server.send(&request.body(body).bytes());
            assert!(answer.is_empty(200), "{content_type}: {answer:?}");
            assert_eq!(server.intake.take_one().body, body);
        }
    }
}

#[test]
fn a_compressed_body_is_not_unpacked_because_the_signature_is_over_what_was_sent() {
    let server = Server::start();
    let request = Request::new("POST", BARE).header("content-encoding", "gzip");
    let answer = server.send(&request.body(b"\x1f\x8b\x08").bytes());
    assert!(answer.is_empty(200), "{answer:?}");
    assert_eq!(server.intake.take_one().body, b"\x1f\x8b\x08");
}

#[test]
fn a_body_of_exactly_the_limit_is_taken() {
    let server = Server::start();
    let body = vec![b'x'; PUSH_BODY_BYTES_MAX];
    assert!(server.push(BARE, &body).is_empty(200));
    assert_eq!(server.intake.take_one().body.len(), PUSH_BODY_BYTES_MAX);
    let half = &body[..PUSH_BODY_BYTES_MAX / 2];
    let answer = server.send(&Request::new("POST", BARE).chunked(&[half, half]).bytes());
    assert!(answer.is_empty(200), "{answer:?}");
    assert_eq!(server.intake.take_one().body, body);
}

#[test]
fn a_body_that_announces_more_than_the_limit_is_refused_before_it_is_sent() {
    let server = Server::start();
    for length in [(PUSH_BODY_BYTES_MAX + 1).to_string(), u64::MAX.to_string()] {
        let request = Request::new("POST", BARE).header("content-length", &length);
        let answer = server.send(&request.bytes());
        assert!(answer.is_empty(413), "{length}: {answer:?}");
    }
    assert!(server.intake.take().is_empty());
    let metrics = server.request("GET", "/metrics").body;
    assert!(
        metrics.contains("hawker_pushes_total{result=\"too_large\"} 2"),
        "{metrics}"
    );
}

#[test]
fn a_body_that_grows_over_the_limit_in_chunks_is_refused() {
    let server = Server::start();
    let chunk = vec![b'x'; PUSH_BODY_BYTES_MAX / 2];
    let chunks = [chunk.as_slice(), chunk.as_slice(), b"x"];
    let answer = server.send(&Request::new("POST", BARE).chunked(&chunks).bytes());
    assert!(answer.is_empty(413), "{answer:?}");
    assert!(server.intake.take().is_empty());
}

#[test]
fn a_body_that_is_framed_wrongly_is_answered_400_and_the_service_goes_on() {
    let server = Server::start();
    let negative = Request::new("POST", BARE)
        .header("content-length", "-1")
        .bytes();
    let mut chunks = Request::new("POST", BARE)
        .header("transfer-encoding", "chunked")
        .bytes();
    chunks.extend_from_slice(b"zz\r\nxx\r\n0\r\n\r\n");
    for request in [negative, chunks] {
        let answer = server.send(&request);
        assert_eq!((answer.status, answer.body.as_str()), (400, ""));
    }
    assert!(server.push(BARE, b"{}").is_empty(200));
    assert_eq!(server.intake.take().len(), 1);
}

#[test]
fn every_other_method_is_told_which_one_there_is() {
    let server = Server::start();
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
        for target in [BARE, &format!("{BARE}/live"), &format!("{BARE}/moon")] {
            let answer = server.request(method, target);
            assert!(answer.is_empty(405), "{method} {target}: {answer:?}");
            assert_eq!(answer.header("allow"), Some("POST"), "{method} {target}");
        }
    }
    assert!(server.intake.take().is_empty());
}

#[test]
fn a_push_that_was_not_stored_is_asked_to_come_again() {
    let server = Server::start();
    let not_stored = IntakeError::NotStored {
        reason: "the database is away".into(),
    };
    let failures = [IntakeError::Full, not_stored, IntakeError::Stopping];
    for (error, reason) in failures.into_iter().zip(["full", "not_stored", "stopping"]) {
        server.intake.fail_next(error);
        let answer = server.push(BARE, b"{}");
        assert!(answer.is_empty(503), "{reason}: {answer:?}");
        assert_eq!(answer.header("retry-after"), Some(RETRY_AFTER_SECONDS));
        let metrics = server.request("GET", "/metrics").body;
        let expected = format!("hawker_pushes_total{{result=\"{reason}\"}} 1");
        assert!(metrics.contains(&expected), "{reason}: {metrics}");
    }
    let metrics = server.request("GET", "/metrics").body;
    assert!(
        metrics.contains("hawker_push_ack_seconds_count 3"),
        "{metrics}"
    );
}

#[test]
fn a_signature_header_is_kept_as_it_came_or_not_at_all() {
    let server = Server::start();
    let longest = "a".repeat(AUTHORIZATION_BYTES_MAX);
    let too_long = "a".repeat(AUTHORIZATION_BYTES_MAX + 1);
    for (sent, kept) in [
        (b"SHA256 00ff".as_slice(), Some("SHA256 00ff")),
        ("sígnature".as_bytes(), Some("sígnature")),
        (b"\xff\xfe", None),
        (b"", Some("")),
        (longest.as_bytes(), Some(longest.as_str())),
        (too_long.as_bytes(), None),
    ] {
        let request = Request::new("POST", BARE)
            .header("authorization", sent)
            .body(b"{}");
        assert!(server.send(&request.bytes()).is_empty(200));
        assert_eq!(server.intake.take_one().authorization.as_deref(), kept);
    }
}

#[test]
fn an_event_id_is_taken_only_where_it_can_be_one() {
    let server = Server::start();
    let longest = "e".repeat(EVENT_ID_LENGTH_MAX);
    let too_long = "e".repeat(EVENT_ID_LENGTH_MAX + 1);
    for (sent, taken) in [
        (b"evt-1".as_slice(), Some("evt-1")),
        (b"  evt-1  ", Some("evt-1")),
        (b"two words", None),
        (b"\xc3\xa9", None),
        (b"", None),
        (longest.as_bytes(), Some(longest.as_str())),
        (too_long.as_bytes(), None),
    ] {
        let request = Request::new("POST", BARE)
            .header("x-shopee-event-id", sent)
            .body(b"{}");
        assert!(server.send(&request.bytes()).is_empty(200));
        assert_eq!(
            server.intake.take_one().event_id.as_deref(),
            taken,
            "{sent:?}"
        );
    }
}
