//! The operator's commands: comparing, fetching, payouts, jobs, exceptions, alerts; for a person and
//! for a program.

use hawker_domain::Timestamp;
use hawker_domain::ids::{JobRunId, LeaseId, ProfileId};
use hawker_domain::schedule::{Counts, JobName, JobScope, RunState, RunTrigger};
use hawker_ports::schedules::{AttemptResult, NewRun, RunEnd, RunFilter, ScheduleLedger as _};
use hawker_ports::views::PageRequest;
use hawker_postgres::migrate::{Silent, create_tenant};
use hawker_shopee_emulator::{NewLine, NewOrder, OrderSn, PushPolicy};
use hawker_tests::{Bench, Ended, Listener, PROFILE, cards, run, until};
use rust_decimal::Decimal;
use serde_json::{Value, json};

async fn ended(bench: &Bench, arguments: &[&str]) -> Ended {
    let settings = bench.settings.clone().without("RUST_LOG");
    run(&settings, arguments).await
}

async fn succeeds(bench: &Bench, arguments: &[&str]) -> Ended {
    let ended = ended(bench, arguments).await;
    assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
    ended
}

async fn json(bench: &Bench, arguments: &[&str]) -> Value {
    succeeds(bench, &[arguments, &["--json"]].concat())
        .await
        .json()
}

/// A command that has to fail with this exit code; all that it says.
async fn fails(bench: &Bench, code: i32, arguments: &[&str]) -> Ended {
    let ended = ended(bench, arguments).await;
    assert_eq!(ended.code, code, "{arguments:?}: {ended:#?}");
    ended
}

/// No push arrives from now on.
fn drop_pushes(bench: &Bench) {
    bench.emulator.set_push_policy(PushPolicy {
        drop: 1.0,
        dropped_are_lost: false,
        ..PushPolicy::default()
    });
}

fn place(bench: &Bench) -> String {
    let order = NewOrder::of([cards(1)]).paid_at_once();
    bench.emulator.place(order).expect("an order").to_string()
}

/// An order of a card that the catalogue does not have.
fn place_unmapped(bench: &Bench) -> String {
    let order = NewOrder::of([NewLine::new("NOT-HERE", 5.into())]).paid_at_once();
    bench.emulator.place(order).expect("an order").to_string()
}

/// A completed order whose payout was captured.
async fn paid_out(bench: &Bench) -> OrderSn {
    let shop = &bench.emulator;
    let order = NewOrder::of([cards(2)])
        .with_shipping_fee(Decimal::new(199, 2))
        .with_seller_voucher(Decimal::new(257, 2));
    let sn = shop.place(order.paid_at_once()).expect("an order");
    shop.arrange_shipment(&sn).expect("it is arranged");
    shop.pick_up(&sn).expect("it is picked up");
    shop.complete(&sn).expect("it is completed");
    let captured = "SELECT count(*) FROM tenant_default.shopee_escrow";
    let before = bench.count(captured).await;
    until(
        "the payout to be captured",
        async || (bench.count(captured).await > before).then_some(()),
        async || format!("{:#?}", bench.open_exceptions().await),
    )
    .await;
    sn
}

#[tokio::test(flavor = "multi_thread")]
async fn reconcile_finds_what_no_push_told_of_and_completeness_shows_by_which_road_it_came() {
    let bench = Bench::start().await;
    drop_pushes(&bench);
    let sn = place(&bench);
    let compared = succeeds(&bench, &["reconcile"]).await;
    assert!(
        compared.stderr.starts_with("reconcile-daily: "),
        "progress is told: {compared:#?}"
    );
    for words in ["orders that were not held", "1 order asked for"] {
        assert!(compared.stdout.contains(words), "{compared:#?}");
    }
    bench
        .until_order(&sn, |order| order.summary.order_id.is_some())
        .await;
    bench.agrees().await;

    let shown = json(&bench, &["completeness"]).await;
    let days = shown["days"].as_array().expect("days");
    let day = days.iter().find(|day| day["listed"] == 1).expect("a day");
    assert_eq!(
        (&day["held"], &day["missing"], &day["by_reconcile"]),
        (&json!(1), &json!(0), &json!(1)),
        "{day:#}"
    );
    // As the messages of exceptions say it.
    let day = day["day"].as_str().expect("a day");
    let of_day = [
        "reconcile",
        "--profile",
        PROFILE,
        "--from",
        day,
        "--to",
        day,
    ];
    let again = json(&bench, &of_day).await;
    assert_eq!(
        (&again["state"], &again["trigger"], &again["counts"]["days"]),
        (&json!("done"), &json!("manual"), &json!(1)),
        "{again:#}"
    );
    let counts = &again["counts"];
    assert!(counts["missing"].is_null(), "{again:#}");
    assert_eq!(counts["days_differing"], 0, "{again:#}");
    let told = succeeds(&bench, &["completeness", "--from", day]).await;
    assert!(told.stdout.contains("Nothing is missing"), "{told:#?}");
    let nonsense = ["completeness", "--from", "2026-11-20", "--to", "2026-11-19"];
    fails(&bench, 1, &nonsense).await;
    fails(&bench, 2, &["reconcile", "--to", day]).await;
    fails(&bench, 4, &["reconcile", "--profile", "prof_nobody"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_order_is_fetched_now_and_what_changed_is_told() {
    let bench = Bench::start().await;
    drop_pushes(&bench);
    let sn = place(&bench);
    let fetched = json(&bench, &["orders", "refresh", &sn]).await;
    assert_eq!(fetched["result"], "applied", "{fetched:#}");
    assert_eq!(fetched["steps"][0]["step"], "created", "{fetched:#}");
    let shown = succeeds(&bench, &["orders", "show", &sn]).await.stdout;
    assert!(
        shown.contains("came by") && shown.contains("manual"),
        "{shown}"
    );
    let again = succeeds(&bench, &["orders", "refresh", &sn]).await.stdout;
    assert!(again.contains("is as the marketplace says"), "{again}");

    let held = place_unmapped(&bench);
    let told = fails(&bench, 1, &["orders", "refresh", &held]).await;
    assert!(told.stdout.contains("is held"), "{told:#?}");
    assert!(told.stderr.contains("hawker exceptions list"), "{told:#?}");
    let through = ["orders", "refresh", &sn, "--profile", "prof_nobody"];
    fails(&bench, 4, &through).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_nobody_takes_up_stays_asked_for() {
    let mut bench = Bench::start().await;
    bench.stop_services().await;
    let sn = place(&bench);
    let told = fails(&bench, 1, &["orders", "refresh", &sn, "--wait", "1"]).await;
    assert!(told.stderr.contains("hawker serve"), "{told:#?}");
    let asked = json(&bench, &["orders", "refresh", &sn, "--wait", "0"]).await;
    assert_eq!(asked["result"], "not_taken_up");
    bench.start_service().await;
    bench
        .until_order(&sn, |order| order.summary.order_id.is_some())
        .await;
}

/// The amounts that are shown between two words, the latter's with them.
fn amounts(shown: &str, until: &str) -> (Vec<Decimal>, Decimal) {
    let mut parts = Vec::new();
    let lines = shown.lines().skip_while(|line| !line.is_empty()).skip(1);
    for line in lines {
        let Some(amount) = line.split_whitespace().last() else {
            break;
        };
        let Ok(amount) = amount.parse::<Decimal>() else {
            continue;
        };
        if line.trim_start().starts_with(until) {
            return (parts, amount);
        }
        parts.push(amount);
    }
    panic!("{until} is not in\n{shown}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_adds_up_on_the_screen_and_a_report_can_be_made_again() {
    let bench = Bench::start().await;
    let number = paid_out(&bench).await;
    let sn = number.to_string();
    let shown = succeeds(&bench, &["escrow", "show", &sn]).await.stdout;
    let (parts, sum) = amounts(&shown, "as the formula says");
    assert!(parts.len() > 2, "{shown}");
    assert_eq!(parts.iter().sum::<Decimal>(), sum, "{shown}");
    let payout = json(&bench, &["escrow", "show", &sn]).await;
    let truth = bench.emulator.escrow(&number).expect("a payout");
    let told = payout["escrow_amount"].as_str().expect("an amount");
    assert_eq!(told.parse::<Decimal>(), Ok(truth.escrow_amount));
    assert_eq!(sum, truth.escrow_amount, "{shown}");
    assert!(shown.contains("captured"), "{shown}");

    let by = [
        "--by",
        "placed",
        "--from",
        "2000-01-01",
        "--to",
        "2100-01-01",
    ];
    let report = [&["escrow", "report"], &by[..]].concat();
    let before = json(&bench, &report).await;
    assert_eq!(before["items"][0]["order_sn"], sn.as_str(), "{before:#}");
    let as_of = before["as_of"].as_str().expect("a moment");
    paid_out(&bench).await;
    let table = succeeds(&bench, &[&report[..], &["--csv"]].concat()).await;
    assert_eq!(table.stdout.split_terminator("\r\n").count(), 3);
    assert!(table.stdout.starts_with("order_sn,currency,"), "{table:#?}");
    assert!(table.stderr.contains("As it was known at"), "{table:#?}");
    let as_it_was = [&report[..], &["--as-of", as_of]].concat();
    assert_eq!(json(&bench, &as_it_was).await, before);
    let told = succeeds(&bench, &report).await.stdout;
    assert!(told.contains("In all") && told.contains("SGD"), "{told}");
    let nothing = succeeds(
        &bench,
        &[
            "escrow",
            "report",
            "--from",
            "2001-01-01",
            "--to",
            "2001-01-02",
        ],
    );
    assert!(nothing.await.stdout.contains("No payouts"));

    let synced = json(&bench, &["escrow", "sync", &sn]).await;
    assert_eq!(synced[0]["result"], "due", "{synced:#}");
    fails(&bench, 4, &["escrow", "sync", "2404098R48U37H"]).await;
    fails(&bench, 4, &["escrow", "show", "2404098R48U37H"]).await;
    fails(&bench, 2, &["escrow", "sync"]).await;
    fails(&bench, 2, &["escrow", "sync", &sn, "--from", "2026-11-01"]).await;
    let released = json(&bench, &["escrow", "sync", "--from", "2026-11-01"]).await;
    assert_eq!(released["job"], "escrow-backstop-daily");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_run_and_remembered() {
    let bench = Bench::without_service().await;
    let listed = json(&bench, &["jobs", "list"]).await;
    let jobs: Vec<_> = listed.as_array().expect("jobs").iter().collect();
    assert_eq!(jobs.len(), 4, "{listed:#}");
    assert!(jobs.iter().all(|job| job["last_run"].is_null()));
    assert_eq!(jobs[1]["zone"], "Asia/Singapore");
    let told = succeeds(&bench, &["jobs", "list"]).await.stdout;
    assert!(told.contains("never ran") && told.contains("off"), "{told}");

    let done = json(&bench, &["jobs", "run", "lost-push-recovery"]).await;
    assert_eq!(done["state"], "done", "{done:#}");
    let of_all = ["jobs", "run", "lost-push-recovery", "--profile", PROFILE];
    let refused = fails(&bench, 1, &of_all).await;
    assert!(refused.stderr.contains("name no profile"), "{refused:#?}");
    // A shop that is not set up cannot be asked, and the next step is told.
    let unready = ["jobs", "run", "reconcile-daily", "--profile", "prof_live"];
    let failed = fails(&bench, 1, &unready).await;
    assert!(failed.stderr.contains("prof_live"), "{failed:#?}");
    fails(&bench, 2, &["jobs", "run", "nothing-daily"]).await;

    let history = json(&bench, &["jobs", "history"]).await;
    let rows = history["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 2, "{history:#}");
    assert_eq!(rows[1]["id"], done["id"]);
    let of_state = ["jobs", "history", "--state", "done"];
    let told = succeeds(&bench, &of_state).await.stdout;
    assert!(told.contains(done["id"].as_str().expect("an id")), "{told}");
    assert!(!told.contains("reconcile-daily"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_for_the_one_that_another_process_is_at() {
    let bench = Bench::without_service().await;
    let (clock, ids) = hawker_app::system();
    let now = clock.now();
    let other = NewRun {
        id: JobRunId::fresh(&*ids),
        job: JobName::ReconcileDaily,
        scope: JobScope::Profile {
            tenant: bench.tenant.clone(),
            profile: ProfileId::parse(PROFILE).expect("a profile"),
        },
        slot: now,
        trigger: RunTrigger::Schedule,
        arguments: json!({}),
    };
    let ledger = &*bench.store;
    ledger
        .enqueue(std::slice::from_ref(&other), now)
        .await
        .expect("a run");
    let lease = LeaseId::fresh(&*ids);
    let for_long = now + chrono::TimeDelta::hours(1);
    let claimed = ledger.claim_this(other.id, "elsewhere", lease, now, for_long);
    assert!(claimed.await.expect("the store").is_some());

    let command = ended(&bench, &["reconcile", "--json"]);
    let meanwhile = async {
        until(
            "the run that was asked for to wait",
            async || queued(&bench).await.then_some(()),
            async || format!("{:#?}", runs(&bench).await),
        )
        .await;
        let end = RunEnd {
            result: AttemptResult::Worked,
            state: RunState::Done,
            again_at: None,
            counts: Counts::default(),
            error: None,
            took: std::time::Duration::from_secs(1),
        };
        let finished = ledger.finish(other.id, lease, &end, clock.now());
        finished.await.expect("the store");
    };
    let (ended, ()) = tokio::join!(command, meanwhile);
    assert_eq!(ended.code, 0, "{ended:#?}");
    assert_eq!(ended.json()["trigger"], "manual");
}

async fn runs(bench: &Bench) -> Vec<(String, String, Timestamp)> {
    let page = PageRequest {
        limit: 50,
        after: None,
    };
    let filter = RunFilter::default();
    let runs = bench.store.runs(&bench.tenant, &filter, &page).await;
    let rows = runs.expect("the store").rows.into_iter();
    rows.map(|run| (run.trigger, run.state, run.slot)).collect()
}

async fn queued(bench: &Bench) -> bool {
    let runs = runs(bench).await;
    runs.iter()
        .any(|(trigger, state, _)| trigger == "manual" && state == "queued")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_for_several_merchants_says_whose_its_numbers_are() {
    let bench = Bench::without_service().await;
    let run = ["jobs", "run", "lost-push-recovery"];
    let alone = succeeds(&bench, &run).await.stdout;
    assert!(alone.contains("apps asked"), "{alone}");
    assert!(!alone.contains("every merchant"), "{alone}");
    let neighbour = "neighbour".parse().expect("a tenant");
    let created = create_tenant(&bench.store, &neighbour, &Silent).await;
    created.expect("the tenant");
    let told = succeeds(&bench, &run).await.stdout;
    assert!(told.contains("apps asked"), "{told}");
    assert!(told.contains("all of them together"), "{told}");
    // Of what another process did only the log tells.
    let history = succeeds(&bench, &["jobs", "history"]).await.stdout;
    assert!(!history.contains("apps 1"), "{history}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_are_grouped_worked_on_and_closed() {
    let bench = Bench::start().await;
    let held: Vec<_> = (0..3).map(|_| place_unmapped(&bench)).collect();
    bench.until_open("sku_not_found", 3).await;
    bench.settled().await;
    let groups = json(&bench, &["exceptions", "groups"]).await;
    assert_eq!(
        (&groups["groups"][0]["cause"], &groups["groups"][0]["open"]),
        (&json!("sku:NOT-HERE"), &json!(3)),
        "{groups:#}"
    );
    assert_eq!(groups["total"], 1, "{groups:#}");
    let told = succeeds(&bench, &["exceptions", "groups"]).await.stdout;
    assert!(told.contains("SGD 15.00"), "{told}");

    // Nothing was put right yet, so that all of them show again.
    let of_cause = ["exceptions", "retry", "--cause", "sku:NOT-HERE"];
    let failed = fails(&bench, 1, &of_cause).await;
    assert!(
        failed.stdout.contains("3 showed again or stand"),
        "{failed:#?}"
    );
    assert!(failed.stderr.contains("3 of 3 exceptions"), "{failed:#?}");

    let of_order = ["exceptions", "list", "--order", &held[0]];
    let page = json(&bench, &of_order).await;
    let id = page["rows"][0]["id"].as_str().expect("an id");
    let list = async |only: &[&str]| {
        let arguments = [&["exceptions", "list"], only].concat();
        json(&bench, &arguments).await["rows"]
            .as_array()
            .map(Vec::len)
    };
    assert_eq!(
        list(&["--env", "sandbox", "--profile", PROFILE]).await,
        Some(3)
    );
    assert_eq!(list(&["--env", "live"]).await, Some(0));
    assert_eq!(list(&["--profile", "prof_live"]).await, Some(0));
    assert_eq!(list(&["--sort", "due"]).await, Some(3));
    let resolved = [
        "exceptions",
        "list",
        "--sort",
        "due",
        "--status",
        "resolved",
    ];
    let refused = fails(&bench, 1, &resolved).await;
    assert!(refused.stderr.contains("no deadline"), "{refused:#?}");
    let book = "m".repeat(101);
    let refused = fails(&bench, 1, &["exceptions", "assign", id, "--to", &book]).await;
    assert!(refused.stderr.contains("at most 100"), "{refused:#?}");
    let work = async |arguments: &[&str]| {
        let arguments = [&["exceptions"], arguments].concat();
        json(&bench, &arguments).await["items"][0]["result"].clone()
    };
    assert_eq!(work(&["assign", id, "--to", "mei"]).await, "changed");
    assert_eq!(
        work(&["note", id, "--text", "Asked them."]).await,
        "changed"
    );
    assert_eq!(work(&["snooze", id, "--for", "3d"]).await, "changed");
    let of_mei = ["exceptions", "list", "--assignee", "mei"];
    assert_eq!(json(&bench, &of_mei).await["rows"], json!([]));
    assert_eq!(work(&["snooze", id, "--wake"]).await, "changed");
    let of_mei = json(&bench, &of_mei).await;
    assert_eq!(of_mei["rows"][0]["id"], id, "{of_mei:#}");
    let closed = ["wont-fix", id, "--note", "A misprint."];
    assert_eq!(work(&closed).await, "changed");
    assert_eq!(work(&["assign", id, "--nobody"]).await, "closed");
    let shown = succeeds(&bench, &["exceptions", "show", id]).await.stdout;
    for word in ["wont_fix", "mei", "Asked them.", "A misprint.", &held[0]] {
        assert!(shown.contains(word), "{word} is not in\n{shown}");
    }
    let subject = format!("exception:{id}");
    let audit = json(&bench, &["audit", "list", "--subject", &subject]).await;
    assert_eq!(audit["total"], 5, "{audit:#}");
    let resolved = ["exceptions", "resolve", "--class", "sku_not_found"];
    let told = succeeds(&bench, &resolved).await.stdout;
    assert!(told.contains("2 done"), "{told}");
    let told = succeeds(&bench, &["exceptions", "resolve", "--all"]).await;
    assert!(told.stdout.contains("No open exception"), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exceptions_are_never_worked_on_by_mistake() {
    let bench = Bench::without_service().await;
    let absent = "cex_01ARZ3NDEKTSV4RRFFQ69G5FAV";
    for (code, arguments) in [
        (2, &["exceptions", "resolve"] as &[&str]),
        (2, &["exceptions", "resolve", absent, "--all"]),
        (2, &["exceptions", "retry", absent, "--class", "oversold"]),
        (2, &["exceptions", "assign", absent]),
        (2, &["exceptions", "snooze", absent, "--for", "3 weeks"]),
        (1, &["exceptions", "snooze", absent, "--for", "91d"]),
        (1, &["exceptions", "note", absent, "--text", " "]),
        (1, &["exceptions", "resolve", "42"]),
        (4, &["exceptions", "resolve", absent]),
        (4, &["exceptions", "retry", absent, "--json"]),
        (4, &["exceptions", "show", absent]),
    ] {
        fails(&bench, code, arguments).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_alerts_arrive_is_tried_at_every_sink() {
    let mut bench = Bench::without_service().await;
    let told = succeeds(&bench, &["alerts", "test"]).await;
    assert!(told.stdout.contains("TELEGRAM_BOT_TOKEN"), "{told:#?}");
    assert!(told.stderr.contains("test"), "the log has it: {told:#?}");

    let sink = Listener::start();
    bench.settings = bench
        .settings
        .clone()
        .with("SHOPEE_ALERT_WEBHOOK_URL", &sink.origin());
    let told = json(&bench, &["alerts", "test"]).await;
    assert_eq!(
        told,
        json!([{ "sink": "n8n", "delivered": true, "error": null }])
    );
    assert_eq!(sink.heard().len(), 1);
    sink.answer(500, "");
    let failed = fails(&bench, 1, &["alerts", "test"]).await;
    assert!(failed.stdout.contains("500"), "{failed:#?}");
    assert!(failed.stderr.contains("n8n"), "{failed:#?}");
}
