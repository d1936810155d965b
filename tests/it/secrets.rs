//! After a busy run, no secret is anywhere in the clear, and nobody's name is in the log.

use hawker_shopee_emulator::{
    Address, Endpoint, Fault, NewLine, NewOrder, PartnerApp, PushSigning, Region,
};
use hawker_tests::{
    ACCESS_TOKEN, Bench, CARD, JWT_SECRET, Listener, REFRESH_TOKEN, ServiceProcess, cards, run,
};
use sqlx::AssertSqlSafe;

/// Where alerts go.
pub const SINK_PATH: &str = "secret-path-of-the-receiver-7f3a";
const MESSAGE: &str = "please wrap it as a present for Mei";
const USERNAME: &str = "mei_ling_collects";

/// The secrets that every test starts with.
pub fn secrets() -> Vec<String> {
    let app = PartnerApp::default();
    vec![
        JWT_SECRET.into(),
        ACCESS_TOKEN.into(),
        REFRESH_TOKEN.into(),
        app.partner_key,
        app.push_key,
        SINK_PATH.into(),
    ]
}

fn personal() -> Vec<String> {
    let address = Address::sample(Region::Sg);
    vec![
        address.name,
        address.phone,
        address.full_address,
        USERNAME.into(),
        MESSAGE.into(),
    ]
}

/// A little of everything: lives, a hold, forged pushes, failing calls, an alert.
async fn busy_run(bench: &mut Bench, service: &ServiceProcess) {
    bench.push_to(&service.origin()).await;
    let shop = &bench.emulator;
    let order = || {
        NewOrder::of([cards(1)])
            .paid_at_once()
            .bought_by(4711, USERNAME)
            .saying(MESSAGE)
    };
    let whole = shop.place(order()).expect("an order");
    shop.arrange_shipment(&whole).expect("arranged");
    shop.pick_up(&whole).expect("picked up");
    shop.complete(&whole).expect("completed");
    let unmapped = NewOrder::of([NewLine::new("NOT-HERE", 5.into())]).paid_at_once();
    shop.place(unmapped.bought_by(4712, USERNAME))
        .expect("an order");
    bench.settled().await;

    for fault in [Fault::Drop, Fault::Garbage, Fault::Inner] {
        shop.fail_next(Endpoint::OrderDetail, fault, 1);
    }
    shop.place(order()).expect("an order");
    bench.emulator.idle().await;
    bench.settled().await;
    shop.set_push_signing(PushSigning::WrongKey);
    shop.place(order()).expect("an order");
    bench.settled().await;
}

/// Every column of every table, searched for a text.
pub async fn columns_with(bench: &Bench, text: &str) -> Vec<String> {
    let columns: Vec<(String, String, String, String)> = sqlx::query_as(
        "SELECT quote_ident(c.table_schema), quote_ident(c.table_name), quote_ident(c.column_name),
                c.data_type
         FROM information_schema.columns c
         JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE t.table_type = 'BASE TABLE'
           AND c.table_schema NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(bench.store.pool())
    .await
    .expect("the columns");
    assert!(columns.len() > 100, "{} columns", columns.len());
    let mut found = Vec::new();
    for (schema, table, column, kind) in columns {
        let as_text = if kind == "bytea" {
            format!("encode({column}, 'escape')")
        } else {
            format!("{column}::text")
        };
        let query =
            format!("SELECT count(*) FROM {schema}.{table} WHERE position($1 IN {as_text}) > 0");
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(query))
            .bind(text)
            .fetch_one(bench.store.pool())
            .await
            .expect("a count");
        if rows > 0 {
            found.push(format!("{schema}.{table}.{column}"));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_the_clear_and_no_buyer_is_in_the_log() {
    let sink = Listener::start();
    let mut bench = Bench::without_service().await;
    bench.add_card(CARD, 10).await;
    let chatty = bench.settings.clone().with("RUST_LOG", "debug").with(
        "SHOPEE_ALERT_WEBHOOK_URL",
        &format!("{}/{SINK_PATH}", sink.origin()),
    );
    let service = ServiceProcess::start(&chatty).await.unwrap();
    busy_run(&mut bench, &service).await;
    let metrics = bench.http.get(format!("{}/metrics", service.origin()));
    let metrics = metrics.send().await.unwrap().text().await.unwrap();
    let (status, log) = service.terminate().await.unwrap();
    assert_eq!(status.code(), Some(0));
    assert!(log.len() > 100, "it was chatty: {} lines", log.len());

    let log = log.join("\n");
    for secret in secrets() {
        assert!(!log.contains(&secret), "{secret} is in the log");
        assert!(!metrics.contains(&secret), "{secret} is in the metrics");
        let columns = columns_with(&bench, &secret).await;
        assert!(columns.is_empty(), "{secret} is in {columns:?}");
    }
    for words in personal() {
        assert!(!log.contains(&words), "{words} is in the log");
        assert!(!metrics.contains(&words), "{words} is in the metrics");
    }
    // The search does find what is there.
    let columns = columns_with(&bench, USERNAME).await;
    assert_eq!(columns, ["tenant_default.customer.username"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_no_secret_either() {
    let bench = Bench::start().await;
    bench
        .emulator
        .place(NewOrder::of([cards(1)]).paid_at_once())
        .unwrap();
    bench.agrees().await;
    let chatty = bench.settings.clone().with("RUST_LOG", "debug");
    let seeded = run(&chatty, &["seed"]).await;
    let event = bench.newest_event().await.summary.id;
    let shown = run(&chatty, &["events", "show", &event]).await;
    for ended in [seeded, shown] {
        assert_eq!(ended.code, 0, "{ended:?}");
        for secret in secrets() {
            assert!(!ended.stdout.contains(&secret), "{secret}");
            assert!(!ended.stderr.contains(&secret), "{secret}");
        }
    }
}
