use hawker_domain::alert::{AlertPayload, NoticeKind};
use hawker_domain::exception::ErrorClass;
use serde_json::Value;

use super::*;
use crate::testing::{alert, answering, client, listener};

const TOKEN: &str = "123456789:AAE-hidden_hidden_hidden_hidden";

fn sink_at(base: &str) -> TelegramSink {
    let base = base.parse().expect("a URL");
    let chat = ChatName::parse("-1001234567890").expect("a chat");
    TelegramSink::try_new(client(), base, TOKEN.into(), chat).expect("a sink")
}

fn told(kind: &str) -> AlertPayload {
    let mut payload = alert().payload;
    payload.details.insert("kind".into(), kind.into());
    payload
}

/// As Telegram counts: tags are gone, entities are characters.
fn parsed(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for character in html.chars() {
        match character {
            '<' => in_tag = true,
            '>' => in_tag = false,
            _ if in_tag => {}
            _ => text.push(character),
        }
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

#[tokio::test]
async fn an_alert_is_written_to_the_chat() {
    let (address, asked) = answering("200 OK", r#"{"ok":true,"result":{"message_id":1}}"#);
    let sink = sink_at(&format!("http://{address}"));
    assert!(sink.deliver(&alert()).await.is_ok());
    let request = asked.join().expect("a request");
    let (head, body) = request.split_once("\r\n\r\n").expect("a head and a body");
    let path = format!("POST /bot{TOKEN}/sendMessage HTTP/1.1\r\n");
    assert!(head.starts_with(&path), "{head}");
    let body: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(body["chat_id"], "-1001234567890");
    assert_eq!(body["parse_mode"], "HTML");
    assert_eq!(body["link_preview_options"]["is_disabled"], true);
    assert_eq!(
        body["text"],
        "⚠️ <b>Shopee connector failure</b>\n\
         <code>sku_not_found</code>\n\
         Order: <code>250101CARDS001</code>\n\
         Message: The SKU POK-OBF-223-NM-EN is not in the catalogue.\n\
         Exception: <code>cex_1</code>\n\
         At: 2025-01-02T03:04:05Z"
    );
}

#[test]
fn a_message_says_everything_that_is_known() {
    let mut payload = told("opened");
    payload.raw_event_id = Some("srev_1".into());
    payload.ordersn = None;
    let details = &mut payload.details;
    details.insert("environment".into(), "live".into());
    details.insert("due_at".into(), "2025-01-02T09:00:00+00:00".into());
    details.insert("orders".into(), vec!["A1", "A2"].into());
    assert_eq!(
        message::html(&payload),
        "⚠️ <b>Shopee connector failure</b>\n\
         <code>sku_not_found</code> (live)\n\
         Orders: <code>A1</code>, <code>A2</code>\n\
         Message: The SKU POK-OBF-223-NM-EN is not in the catalogue.\n\
         Due: 2025-01-02T09:00:00+00:00\n\
         Exception: <code>cex_1</code>\n\
         Raw event: <code>srev_1</code>\n\
         At: 2025-01-02T03:04:05Z"
    );
}

#[test]
fn whose_it_is_is_said_where_there_are_several() {
    for (tenant, expected) in [("default", "(live)"), ("acme", "(live, acme)")] {
        let mut payload = told("opened");
        payload.details.insert("environment".into(), "live".into());
        payload.details.insert("tenant".into(), tenant.into());
        let text = message::html(&payload);
        let class = text.lines().nth(1).expect("a second line");
        assert_eq!(class, format!("<code>sku_not_found</code> {expected}"));
    }
}

#[test]
fn kinds_of_messages_are_told_apart_at_a_glance() {
    let headlines: Vec<_> = NoticeKind::ALL
        .iter()
        .map(|kind| kind.as_str())
        .chain(["test", "something new"])
        .map(|kind| message::html(&told(kind)))
        .map(|text| text.lines().next().expect("a line").to_owned())
        .collect();
    assert_eq!(
        headlines,
        [
            "⚠️ <b>Shopee connector failure</b>",
            "⚠️ <b>Shopee connector failure: more</b>",
            "⏳ ⚠️ <b>Shopee connector failure: still open</b>",
            "✅ <b>Shopee connector failure: over</b>",
            "🔔 <b>Hawker: a test</b>",
            "⚠️ <b>Shopee connector failure</b>",
        ]
    );
}

#[test]
fn what_comes_from_outside_is_text_and_not_markup() {
    let mut payload = told("opened");
    payload.message = "<b>1 & 2</b> </code><a href=\"tg://x\">&amp;".into();
    payload.ordersn = Some("<i>".into());
    payload.details.insert("environment".into(), "<u>".into());
    let text = message::html(&payload);
    for tag in ["<b>1", "</a>", "<a ", "<i>", "<u>"] {
        assert!(!text.contains(tag), "{tag} in {text}");
    }
    assert_eq!(
        text.matches("<code>").count(),
        text.matches("</code>").count()
    );
    assert!(parsed(&text).contains(&payload.message), "{text}");
}

#[test]
fn no_message_is_longer_than_telegram_takes() {
    for character in ["a", "&", "<", "é", "漢", "🃏"] {
        let endless = character.repeat(10_000);
        let mut payload = told("reminder");
        payload.message.clone_from(&endless);
        payload.exception_id.clone_from(&endless);
        payload.raw_event_id = Some(endless.clone());
        payload.ordersn = None;
        for name in ["environment", "due_at"] {
            payload.details.insert(name.into(), endless.clone().into());
        }
        let orders = vec![endless.clone(); 100];
        payload.details.insert("orders".into(), orders.into());
        let text = parsed(&message::html(&payload));
        let units = text.encode_utf16().count();
        assert!(units <= 4096, "{units} units of {character}");
        assert!(
            units > 3000,
            "{units} units of {character}: too much was cut"
        );
        assert!(text.contains('…'));
    }
}

#[tokio::test]
async fn telegram_is_left_alone_for_as_long_as_it_asks() {
    let body = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 34","parameters":{"retry_after":34}}"#;
    let (address, asked) = answering("429 Too Many Requests", body);
    let sink = sink_at(&format!("http://{address}"));
    let first = sink.deliver(&alert()).await;
    assert!(
        matches!(first, Err(SinkError::Throttled { after }) if after == Duration::from_secs(34)),
        "{first:?}"
    );
    asked.join().expect("a request");
    // Nobody listens any more: a call would find nobody.
    let second = sink.deliver(&alert()).await;
    assert!(
        matches!(second, Err(SinkError::Throttled { after }) if after <= Duration::from_secs(34)),
        "{second:?}"
    );
}

#[tokio::test]
async fn a_limit_that_says_no_time_lasts_a_while() {
    for (head, expected) in [
        ("429 Too Many Requests", THROTTLE_DEFAULT),
        (
            "429 Too Many Requests\r\nretry-after: 7",
            Duration::from_secs(7),
        ),
    ] {
        let (address, _asked) = answering(head, "<html>slow down</html>");
        let result = sink_at(&format!("http://{address}"))
            .deliver(&alert())
            .await;
        assert!(
            matches!(result, Err(SinkError::Throttled { after }) if after == expected),
            "{result:?}"
        );
    }
}

#[tokio::test]
async fn a_refusal_says_with_which_status() {
    for (head, body, expected) in [
        (
            "400 Bad Request",
            r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#,
            400,
        ),
        ("401 Unauthorized", r#"{"ok":false,"error_code":401}"#, 401),
        ("502 Bad Gateway", "<html></html>", 502),
        ("302 Found\r\nlocation: http://127.0.0.1:9/", "", 302),
        (
            "200 OK",
            "<html>a portal that answers everything</html>",
            200,
        ),
    ] {
        let (address, _asked) = answering(head, body);
        let result = sink_at(&format!("http://{address}"))
            .deliver(&alert())
            .await;
        assert!(
            matches!(result, Err(SinkError::Refused { status }) if status == expected),
            "{head}: {result:?}"
        );
    }
}

#[tokio::test]
async fn the_token_is_in_no_error_and_in_nothing_that_is_shown() {
    let (listener, address) = listener();
    drop(listener);
    let sink = sink_at(&format!("http://{address}"));
    let Err(SinkError::Unreachable(cause)) = sink.deliver(&alert()).await else {
        panic!("somebody answered");
    };
    let mut shown = format!("{cause:?} {cause} {sink:?}");
    let mut cause = cause.source();
    while let Some(error) = cause {
        shown = format!("{shown} {error} {error:?}");
        cause = error.source();
    }
    assert!(!shown.contains("hidden"), "{shown}");
    let chat = ChatName::parse("@cards").expect("a chat");
    let base = TELEGRAM_API.parse().expect("a URL");
    let refused = TelegramSink::try_new(client(), base, "hidden:token".into(), chat);
    let error = refused.expect_err("it is no token");
    assert_eq!(error, TelegramSettingError::Token);
    assert!(!format!("{error} {error:?}").contains("hidden"));
}

#[test]
fn a_server_of_ones_own_may_have_a_path() {
    for (base, expected) in [
        (TELEGRAM_API, "https://api.telegram.org/bot"),
        (
            "https://bots.example.com/telegram",
            "https://bots.example.com/telegram/bot",
        ),
        (
            "https://bots.example.com/telegram/",
            "https://bots.example.com/telegram/bot",
        ),
    ] {
        let url = sink_at(base).send_message();
        assert_eq!(url.as_str(), format!("{expected}{TOKEN}/sendMessage"));
    }
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let with = |base: &str, token: &str| {
        let chat = ChatName::parse("12345").expect("a chat");
        let base = base.parse().expect("a URL");
        TelegramSink::try_new(client(), base, token.into(), chat).err()
    };
    assert_eq!(
        with("ftp://example.com/", TOKEN),
        Some(TelegramSettingError::NotHttp)
    );
    for token in [
        "",
        ":",
        "123456789",
        "123456789:",
        "bot:AAE-aaaaaaaaaaaaaaaaaaaa",
        "1:a/b?c#daaaaaaaaaaaaaaaaaa",
    ] {
        assert_eq!(
            with(TELEGRAM_API, token),
            Some(TelegramSettingError::Token),
            "{token}"
        );
    }
    for chat in [
        "",
        "0",
        "@",
        "@a b",
        "tcg-platform-alerts",
        "https://t.me/x",
    ] {
        assert!(ChatName::parse(chat).is_err(), "{chat}");
    }
    for chat in ["-1001234567890", "42", " @tcg_alerts "] {
        assert!(ChatName::parse(chat).is_ok(), "{chat}");
    }
}

#[test]
fn every_class_has_a_sign() {
    for class in ErrorClass::ALL {
        let mut payload = told("opened");
        payload.error_class = *class;
        let sign = crate::sign_of(*class);
        assert!(!sign.is_ascii(), "{class}");
        assert!(message::html(&payload).starts_with(sign), "{class}");
    }
}
