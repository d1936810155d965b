//! What is left behind of each exchange: a record for the profile, and a span.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use hawker_ports::Marketplace;
use hawker_ports::calls::RecordedCall;
use hawker_shopee::calls::push::GetLostPushMessage;
use hawker_shopee::calls::shop::GetShop;
use hawker_shopee::client::Caller;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use super::*;

/// A platform that fails once, three seconds ahead of us.
fn failing_once() -> Bench {
    let mut is_first = true;
    Bench::new(move |_| {
        let answer = if std::mem::take(&mut is_first) {
            Answer::new(200, refusal("common.error_inner", "try later"))
        } else {
            let reply = json!({"request_id": "req-2", "response": {"order_list": []}});
            Answer::json(200, &reply)
        };
        answer.and("Date", "Mon, 20 Jun 2022 08:40:34 GMT")
    })
}

#[tokio::test]
async fn every_exchange_is_recorded_for_its_profile_repeats_included() {
    let bench = failing_once();
    let orders = [sn("A1")];
    bench
        .marketplace
        .order_details(&bench.access(), &orders)
        .await
        .unwrap();

    let recorded = bench.calls.recorded();
    let expected = |result: &str, code: Option<&str>, request_id: &str| RecordedCall {
        profile: ProfileId::parse("prof_01").unwrap(),
        at: at(TIMESTAMP),
        endpoint: "order.get_order_detail".into(),
        result: result.into(),
        code: code.map(str::to_owned),
        request_id: Some(request_id.into()),
        took: Duration::ZERO,
        clock_skew_s: Some(3),
    };
    let without_duration: Vec<_> = recorded
        .iter()
        .map(|call| RecordedCall {
            took: Duration::ZERO,
            ..call.clone()
        })
        .collect();
    assert_eq!(
        without_duration,
        [
            expected("unavailable", Some("common.error_inner"), "req-1"),
            expected("ok", None, "req-2"),
        ]
    );
    assert!(recorded.iter().all(|call| call.took > Duration::ZERO));
}

#[tokio::test]
async fn an_exchange_that_never_was_is_recorded_with_what_is_known() {
    let bench = Bench::new(|_| Answer::Silence);
    let access = access_to("http://127.0.0.1:1/api/v2".to_owned());
    let call = bench
        .api
        .typed(Caller::from(&access), &GetShop, bench.api.deadline());
    call.await.unwrap_err();
    let recorded = bench.calls.recorded();
    assert_eq!(recorded.len(), 4, "repeated three times");
    for call in recorded {
        assert_eq!((call.result.as_str(), call.code), ("unavailable", None));
        assert_eq!((call.request_id, call.clock_skew_s), (None, None));
    }
}

#[tokio::test]
async fn calls_of_the_app_are_recorded_for_the_profile_and_others_for_none() {
    let bench = Bench::new(|_| Answer::json(200, &json!({"response": {"push_message_list": []}})));
    let app = bench.app();
    for caller in [
        Caller::from(&app),
        Caller::app(&app.base_url, app.partner_id, &app.partner_key),
    ] {
        let call = bench
            .api
            .typed(caller, &GetLostPushMessage, bench.api.deadline());
        call.await.unwrap();
    }
    let recorded = bench.calls.recorded();
    let [call] = &recorded[..] else {
        panic!("one of the two has a profile: {recorded:?}");
    };
    assert_eq!(call.endpoint, "push.get_lost_push_message");
}

/// What the spans of all tests carried. One subscriber for the whole process: a span that was met
/// first by a test without one would stay switched off.
pub static SPANS: LazyLock<Spans> = LazyLock::new(|| {
    let spans = Spans::default();
    let registry = tracing_subscriber::registry().with(spans.clone());
    tracing::subscriber::set_global_default(registry).expect("the only subscriber");
    spans
});

/// Keeps what spans carry.
#[derive(Clone, Default)]
pub struct Spans(Arc<Mutex<Vec<BTreeMap<String, String>>>>);

impl Spans {
    /// Those for a shop, in the order in which they ended.
    fn of_shop(&self, shop: ShopId) -> Vec<BTreeMap<String, String>> {
        let spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spans
            .iter()
            .filter(|span| span.get("shop") == Some(&shop.to_string()))
            .cloned()
            .collect()
    }
}

#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let text = format!("{value:?}").trim_matches('"').to_owned();
        self.0.insert(field.name().to_owned(), text);
    }
}

impl<S> Layer<S> for Spans
where
    S: tracing::Subscriber + for<'s> LookupSpan<'s>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("the span");
        if attributes.metadata().name() == "shopee.call" {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).expect("the span");
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).expect("the span");
        if let Some(fields) = span.extensions_mut().remove::<Fields>() {
            let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            spans.push(fields.0);
        }
    }
}

#[tokio::test]
async fn every_exchange_has_a_span_that_names_it_and_how_it_ended() {
    let shop = ShopId(424_242);
    let bench = failing_once();
    let access = ShopAccess {
        shop,
        ..bench.access()
    };
    let asked = bench.marketplace.order_details(&access, &[sn("A1")]).await;
    asked.unwrap();

    let expected = |result: &str, request_id: &str| {
        let fields = [
            ("endpoint", "order.get_order_detail"),
            ("shop", "424242"),
            ("orders", "1"),
            ("result", result),
            ("request_id", request_id),
        ];
        fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(
        SPANS.of_shop(shop),
        [expected("unavailable", "req-1"), expected("ok", "req-2")]
    );
}
