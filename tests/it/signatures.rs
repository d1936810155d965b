//! How pushes are signed, rightly and wrongly, and what is made of each.

use hawker_ports::views::EventFilter;
use hawker_shopee_emulator::{NewOrder, PushSigning};
use hawker_tests::{Bench, CARD, cards};

/// The newest event's verdict, scheme and key after an order was pushed with this signing.
async fn verdict(bench: &Bench, signing: PushSigning) -> (Option<bool>, String, String) {
    bench.emulator.set_push_signing(signing);
    bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .expect("an order");
    bench.settled().await;
    let event = bench.newest_event().await;
    (
        event.summary.signature_ok,
        event.signature_scheme.unwrap_or_default(),
        event.signature_key.unwrap_or_default(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_scheme_and_the_documented_one_count_and_it_is_noted_which() {
    let bench = Bench::start().await;
    let platforms = verdict(&bench, PushSigning::UrlAndBody).await;
    assert_eq!(platforms, (Some(true), "url_body".into(), "push".into()));
    let documented = verdict(&bench, PushSigning::BodyOnly).await;
    assert_eq!(documented, (Some(true), "body_only".into(), "push".into()));
    bench.agrees().await;
    assert!(bench.open_classes().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_by_a_wrong_key_url_or_none_at_all_is_acknowledged_and_not_acted_upon() {
    let bench = Bench::start().await;
    let wrong = [
        PushSigning::WrongKey,
        PushSigning::WrongUrl,
        PushSigning::EmptyKey,
        PushSigning::Unsigned,
    ];
    for signing in wrong {
        let found = verdict(&bench, signing).await;
        assert_eq!(
            found,
            (Some(false), String::new(), String::new()),
            "{signing:?}"
        );
    }
    assert_eq!(bench.emulator.stats().pushes.acknowledged, 4);
    assert_eq!(
        bench.count("SELECT count(*) FROM shopee_order_sync").await,
        0
    );
    let open = bench.open_exceptions().await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].cause, "push-signature");
    assert_eq!(open[0].retry_count, 3);
    assert_eq!(bench.told_alerts().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_event_is_never_acted_upon_however_often_it_is_retried() {
    let bench = Bench::start().await;
    verdict(&bench, PushSigning::WrongKey).await;
    bench
        .execute("UPDATE shopee_raw_event SET processed=false")
        .await;
    // A genuine push behind it shows that the workers have been there.
    verdict(&bench, PushSigning::UrlAndBody).await;
    assert_eq!(
        bench.count("SELECT count(*) FROM shopee_order_sync").await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_before_a_rotation_counts_for_pushes_that_are_on_their_way() {
    let mut bench = Bench::start().await;
    bench.settings = bench
        .settings
        .clone()
        .with("SHOPEE_PUSH_PARTNER_KEY", "the-push-key-after-the-rotation");
    bench.set_up_shop().await;
    let before = verdict(&bench, PushSigning::UrlAndBody).await;
    assert_eq!(
        before,
        (Some(true), "url_body".into(), "previous_push".into())
    );
    bench
        .emulator
        .set_push_key("the-push-key-after-the-rotation");
    let after = verdict(&bench, PushSigning::UrlAndBody).await;
    assert_eq!(after, (Some(true), "url_body".into(), "push".into()));
    bench.agrees().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_saved_later_counts_from_the_very_next_push_and_for_those_before() {
    let mut bench = Bench::without_service().await;
    bench.add_card(CARD, 10).await;
    let whole = bench.settings.clone();
    bench
        .execute(
            "UPDATE tenant_default.connector_profile
             SET push_partner_key_encrypted = NULL, partner_key_encrypted = NULL",
        )
        .await;
    bench.settings = whole
        .clone()
        .without("SHOPEE_PUSH_PARTNER_KEY")
        .without("SHOPEE_PARTNER_KEY");
    bench.start_service().await;
    let keyless = verdict(&bench, PushSigning::UrlAndBody).await;
    assert_eq!(keyless.0, Some(false));
    let first = bench.emulator.orders()[0].order_sn.clone();
    assert_eq!(bench.open_exceptions().await[0].cause, "no-push-key");

    bench.settings = whole.with("SHOPEE_PUSH_URL", bench.settings.get("SHOPEE_PUSH_URL"));
    bench.set_up_shop().await;
    let keyed = verdict(&bench, PushSigning::UrlAndBody).await;
    assert_eq!(keyed.0, Some(true));
    // The first push is verified again, by this service within its interval or by one that starts,
    // and brings its order without another push.
    bench.start_another_service();
    hawker_tests::until(
        "the first push to be believed",
        async || bench.order(first.as_str()).await.map(drop),
        async || format!("{:#?}", bench.events(EventFilter::default()).await),
    )
    .await;
    let events = bench.events(EventFilter::default()).await;
    assert!(events.iter().all(|event| event.signature_ok == Some(true)));
    assert!(bench.open_exceptions().await.is_empty());
}
