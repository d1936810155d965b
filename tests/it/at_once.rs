//! Changes of profiles count at once, for everybody: whoever clicks at the same time, whichever
//! process is asked next, and by whatever path they were made.

use hawker_shopee_emulator::{Consent, PartnerApp, Shop};
use hawker_tests::{Bench, ServiceProcess, Settings, order_push, post, signature_by, webhook};

use crate::admin_api::{SANDBOX, create_whole, profile, served};
use crate::client::Client;

#[tokio::test(flavor = "multi_thread")]
async fn of_two_profiles_that_are_activated_at_once_exactly_one_is_active() {
    let (mut bench, client) = served().await;
    let origin = bench.start_another_service();
    let colleague = Client::of_everything(&bench.settings, &origin).await;
    let one = create_whole(&client, "One").await;
    let other = create_whole(&client, "Other").await;
    for round in 0..50 {
        let (mine, theirs) = tokio::join!(
            client.call("activateProfile").with("id", &*one).send(),
            colleague.call("activateProfile").with("id", &*other).send(),
        );
        assert_eq!((mine.status.as_u16(), theirs.status.as_u16()), (200, 200));
        let active = bench
            .count(
                "SELECT count(*) FROM tenant_default.connector_profile
                 WHERE environment = 'sandbox' AND is_active AND deleted_at IS NULL",
            )
            .await;
        assert_eq!(active, 1, "round {round}");
        let shown = client.call("showConnector").with("env", "sandbox");
        let winner = shown.ok().await["profile"]["id"].clone();
        assert!(
            winner == *one || winner == *other,
            "round {round}: {winner}"
        );
    }
}

/// How a process takes a push that is signed by this key over this URL: whether it is believed.
async fn is_believed(bench: &Bench, process: &ServiceProcess, key: &str, url: &str) -> bool {
    let number = bench.count("SELECT count(*) FROM shopee_raw_event").await;
    let body = order_push("2404098R48U37H", "READY_TO_SHIP", number + 1);
    let signed = signature_by(key, url, &body);
    let to = webhook(&process.origin());
    let answer = post(&bench.http, &to, body, Some(&signed)).await;
    assert!(answer.expect("an answer").counts());
    bench.newest_event().await.summary.signature_ok == Some(true)
}

async fn processes(settings: &Settings) -> [ServiceProcess; 2] {
    let one = ServiceProcess::start(settings).await;
    let other = ServiceProcess::start(settings).await;
    [one.expect("a process"), other.expect("a process")]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_saves_counts_in_the_other_for_the_very_next_push() {
    let bench = Bench::without_service().await;
    let [one, other] = processes(&bench.settings).await;
    let client = Client::of_everything(&bench.settings, &one.origin()).await;
    let first = PartnerApp::default().push_key;
    let url = bench.settings.get("SHOPEE_PUSH_URL");
    assert!(is_believed(&bench, &other, &first, url).await);

    for number in 0..5 {
        let key = format!("push-key-number-{number}-of-the-console");
        assert!(!is_believed(&bench, &other, &key, url).await);
        let edited = client.call("editProfile").with("id", SANDBOX);
        edited.with("push_partner_key", &*key).ok().await;
        assert!(is_believed(&bench, &other, &key, url).await, "{key}");
    }
    // The key before the last two is gone.
    assert!(!is_believed(&bench, &other, &first, url).await);

    // Another profile is activated, and takes what is for the environment.
    let id = create_whole(&client, "Second app").await;
    let edited = client.call("editProfile").with("id", &*id);
    let edited = edited.with("push_partner_key", &*first);
    edited.with("registered_url", url).ok().await;
    client.call("activateProfile").with("id", &*id).ok().await;
    assert!(is_believed(&bench, &other, &first, url).await);
    let seen_there = Client::of_everything(&bench.settings, &other.origin()).await;
    let connector = seen_there.call("showConnector").ok().await;
    assert_eq!(connector["profile"]["id"], id);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_by_hand_in_the_database_counts_at_once_in_every_process() {
    let bench = Bench::without_service().await;
    let processes = processes(&bench.settings).await;
    let key = PartnerApp::default().push_key;
    let url = bench.settings.get("SHOPEE_PUSH_URL");
    let moved = "https://elsewhere.example.com/hook";
    for process in &processes {
        assert!(is_believed(&bench, process, &key, url).await);
        assert!(!is_believed(&bench, process, &key, moved).await);
    }
    let changed = bench
        .execute(
            "UPDATE tenant_default.connector_profile
             SET registered_url = 'https://elsewhere.example.com/hook', display_name = 'By hand'
             WHERE id = 'prof_sandbox'",
        )
        .await;
    assert_eq!(changed, 1);
    for process in &processes {
        assert!(is_believed(&bench, process, &key, moved).await);
        assert!(!is_believed(&bench, process, &key, url).await);
        let client = Client::of_everything(&bench.settings, &process.origin()).await;
        let shown = profile(&client, SANDBOX).await;
        assert_eq!(shown["display_name"], "By hand");
        assert_eq!(shown["registered_url"], moved);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_is_authorised_again_by_one_process_is_called_by_the_other_at_once() {
    const OUTSIDE: &str = "https://ops.example.com";
    let bench = Bench::without_service().await;
    let settings = bench.settings.clone().with("PUBLIC_API_BASE_URL", OUTSIDE);
    let [one, other] = processes(&settings).await;
    let here = Client::of_everything(&settings, &one.origin()).await;
    let there = Client::of_everything(&settings, &other.origin()).await;
    let works = async |client: &Client| {
        let report = client.call("testConnection").with("id", SANDBOX).ok().await;
        report["is_ok"] == true
    };
    assert!(works(&here).await && works(&there).await);
    let shop = Shop::default().shop_id;
    for _ in 0..3 {
        bench.emulator.expire_access_tokens(shop);
        bench.emulator.expire_refresh_token(shop);
        assert!(!works(&there).await);
        let started = here.call("startAuthorisation").ok().await;
        let link = started["authorization_url"].as_str().unwrap();
        let consent = Consent::of_shop(shop);
        let back = bench.emulator.authorise(link, &consent).unwrap();
        let back = back.replace(OUTSIDE, &one.origin());
        let page = bench.http.get(back).send().await.unwrap();
        assert_eq!(page.status(), 200);
        assert!(works(&there).await);
        assert!(works(&here).await);
    }
}
