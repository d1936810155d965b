//! Every command against a real database, for a person and for a program.

use hawker_postgres::testing::TestDatabase;
use hawker_shopee_emulator::{NewLine, NewOrder};
use hawker_tests::{Bench, Ended, Settings, cards, run};
use serde_json::Value;

async fn succeeds(settings: &Settings, arguments: &[&str]) -> Ended {
    let ended = run(&quiet(settings), arguments).await;
    assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
    assert_eq!(ended.stderr, "", "{arguments:?}");
    ended
}

/// The settings of a shell: nobody there asks for more of the log than there is.
fn quiet(settings: &Settings) -> Settings {
    settings.clone().without("RUST_LOG")
}

/// What the command answers to a program.
async fn json(settings: &Settings, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    succeeds(settings, &arguments).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_empty_database_to_a_shop_with_stock() {
    let database = TestDatabase::empty().await;
    let settings = Settings::new(database.url(), "http://127.0.0.1:9/api/v2", "https://x/y");
    let ended = succeeds(&settings, &["migrate"]).await;
    assert!(ended.stdout.contains("default"), "{ended:?}");
    // Safe to repeat, and told to programs.
    let again = json(&settings, &["migrate"]).await;
    assert!(again.is_object() || again.is_array(), "{again}");

    let seeded = succeeds(&settings, &["seed", "--demo"]).await;
    assert!(seeded.stdout.contains("42 cards added"), "{seeded:?}");
    assert!(seeded.stdout.contains("prof_sandbox"), "{seeded:?}");
    let seeded = succeeds(&settings, &["seed", "--demo"]).await;
    assert!(
        seeded.stdout.contains("42 were there already"),
        "{seeded:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_migrations_at_once_do_not_disturb_each_other() {
    let database = TestDatabase::empty().await;
    let settings = Settings::new(database.url(), "http://127.0.0.1:9/api/v2", "https://x/y");
    let (one, other) = tokio::join!(
        run(&settings, &["migrate"]),
        run(&settings, &["migrate", "--json"])
    );
    assert_eq!((one.code, other.code), (0, 0), "{one:#?}\n{other:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_without_anything_says_so() {
    let bench = Bench::without_service().await;
    let said = async |arguments: &[&str]| succeeds(&bench.settings, arguments).await.stdout;
    assert!(said(&["orders", "list"]).await.contains("No orders"));
    assert!(said(&["events", "list"]).await.contains("No events"));
    assert!(
        said(&["exceptions", "list"])
            .await
            .contains("Nothing needs you")
    );
    for list in ["orders", "events", "exceptions"] {
        let page = json(&bench.settings, &[list, "list"]).await;
        assert_eq!(page["rows"], Value::Array(Vec::new()), "{list}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_events_and_exceptions_are_listed_and_shown() {
    let bench = Bench::start().await;
    let settings = &bench.settings;
    let shop = &bench.emulator;
    let sn = shop.place(NewOrder::of([cards(2)]).paid_at_once()).unwrap();
    shop.arrange_shipment(&sn).unwrap();
    let unmapped = NewOrder::of([NewLine::new("NOT-HERE", 5.into())]).paid_at_once();
    let held = shop.place(unmapped).unwrap();
    bench.settled().await;
    let (sn, held) = (sn.as_str(), held.as_str());

    let listed = succeeds(settings, &["orders", "list"]).await.stdout;
    assert!(listed.contains(sn) && listed.contains(held), "{listed}");
    let page = json(settings, &["orders", "list", "--status", "PROCESSED"]).await;
    assert_eq!(page["rows"][0]["order_sn"], sn);
    assert_eq!(page["rows"].as_array().unwrap().len(), 1);
    let page = json(settings, &["orders", "list", "--sync", "pending"]).await;
    assert_eq!(page["rows"][0]["order_sn"], held);

    let shown = succeeds(settings, &["orders", "show", sn]).await.stdout;
    for word in [
        "POK-OBF-223-NM-EN",
        "reserved",
        "2 at main",
        "created",
        "arranged",
    ] {
        assert!(shown.contains(word), "{word} is not in\n{shown}");
    }
    let order = json(settings, &["orders", "show", sn]).await;
    assert_eq!(order["lines"][0]["quantity"], 2);

    let events = json(settings, &["events", "list", "--order", sn, "--processed"]).await;
    let events = events["rows"].as_array().unwrap().clone();
    assert!(events.len() > 1);
    let id = events[0]["id"].as_str().unwrap();
    let listed = succeeds(settings, &["events", "list"]).await.stdout;
    assert!(listed.contains(id) && listed.contains("ok"), "{listed}");
    let pending = json(settings, &["events", "list", "--pending"]).await;
    assert_eq!(pending["rows"][0]["order_sn"], held);
    let coded = json(
        settings,
        &["events", "list", "--code", "4", "--source", "webhook"],
    )
    .await;
    assert_eq!(coded["rows"].as_array().unwrap().len(), 1);
    let shown = succeeds(settings, &["events", "show", id]).await.stdout;
    assert!(shown.contains("url_body with the push key"), "{shown}");
    let event = json(settings, &["events", "show", id]).await;
    assert_eq!(event["order_sn"], sn);
    assert!(event["payload"]["data"].is_object());

    let listed = succeeds(settings, &["exceptions", "list"]).await.stdout;
    assert!(
        listed.contains("sku_not_found") && listed.contains(held),
        "{listed}"
    );
    let filtered = [
        "exceptions",
        "list",
        "--class",
        "sku_not_found",
        "--order",
        held,
    ];
    let page = json(settings, &filtered).await;
    assert_eq!(page["rows"][0]["status"], "open");
    let resolved = json(settings, &["exceptions", "list", "--status", "resolved"]).await;
    assert_eq!(resolved["rows"], Value::Array(Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_goes_on_where_the_page_before_ended() {
    let bench = Bench::start().await;
    for _ in 0..5 {
        bench
            .emulator
            .place(NewOrder::of([cards(1)]).paid_at_once())
            .unwrap();
    }
    bench.agrees().await;
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut arguments = vec!["orders", "list", "--limit", "2"];
        if let Some(cursor) = &after {
            arguments.extend(["--after", cursor]);
        }
        let page = json(&bench.settings, &arguments).await;
        let rows = page["rows"].as_array().unwrap().clone();
        seen.extend(rows.iter().map(|row| row["order_sn"].to_string()));
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    let in_all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((in_all, seen.len()), (5, 5));
    let first = succeeds(&bench.settings, &["orders", "list", "--limit", "2"]).await;
    assert!(first.stdout.contains("More with --after"), "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_retried() {
    let bench = Bench::start().await;
    let sn = bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    bench.agrees().await;
    let id = bench.newest_event().await.summary.id;
    let asked = bench.emulator.stats().api.details_of(&sn);
    let retried = json(&bench.settings, &["events", "retry", &id]).await;
    assert_eq!(retried["due"], true);
    hawker_tests::until(
        "the order to be asked for again",
        async || (bench.emulator.stats().api.details_of(&sn) > asked).then_some(()),
        async || format!("{:#?}", bench.event(&id).await),
    )
    .await;
    bench.agrees().await;
    let said = succeeds(&bench.settings, &["events", "retry", &id]).await;
    assert!(said.stdout.contains("is due now"), "{said:?}");

    bench.post_signed(r#"{"code":5,"data":{}}"#).await;
    let other = bench.newest_event().await.summary.id;
    let said = succeeds(&bench.settings, &["events", "retry", &other]).await;
    assert!(said.stdout.contains("nothing to do"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_told_with_the_exit_code_for_it() {
    let bench = Bench::without_service().await;
    let absent = "srev_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for arguments in [
        &["orders", "show", "2404098R48U37H"] as &[&str],
        &["events", "show", absent],
        &["events", "retry", absent],
        &["--tenant", "nobody", "orders", "list"],
        &["--tenant", "nobody", "exceptions", "list", "--json"],
    ] {
        let ended = run(&quiet(&bench.settings), arguments).await;
        assert_eq!(ended.code, 4, "{arguments:?}: {ended:#?}");
        assert!(ended.stderr.starts_with("hawker: "), "{ended:?}");
        assert!(ended.stdout.is_empty(), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_lies_only_where_a_place_is_unless_one_is_asked_for() {
    let bench = Bench::without_service().await;
    let add = [
        "catalogue",
        "add",
        "--sku",
        "POK-NEW-1-NM-EN",
        "--title",
        "New card",
        "--stock",
        "3",
    ];
    let mistyped = [&add[..], &["--location", "mian"]].concat();
    let ended = run(&quiet(&bench.settings), &mistyped).await;
    assert_eq!(ended.code, 4, "{ended:#?}");
    assert!(
        ended.stderr.contains("stock location mian") && ended.stderr.contains("--create-location"),
        "{ended:?}"
    );
    let asked_for = [&mistyped[..], &["--create-location"]].concat();
    assert_eq!(json(&bench.settings, &asked_for).await["added"], true);
    assert_eq!(json(&bench.settings, &add).await["added"], false);
}
