//! From an empty database to the first order of a real shop, over the API alone: no SQL, no
//! `SHOPEE_*` variable, and a client that knows the API from its document.

use hawker_postgres::testing::TestDatabase;
use hawker_shopee_emulator::{
    Consent, Emulator, EmulatorConfig, NewOrder, PartnerApp, Shop, Warehouse,
};
use hawker_tests::{CARD, ServiceProcess, Settings, cards, run, until};
use serde_json::{Value, json};

use crate::client::Client;
use crate::front_door::FrontDoor;

/// Settings of a service that is told nothing of any shop.
fn without_shop(database: &TestDatabase) -> Settings {
    let settings = Settings::new(database.url(), "http://127.0.0.1:9/api/v2", "https://x/y");
    let names: Vec<_> = settings.pairs().map(|(name, _)| name.to_owned()).collect();
    let of_shop = names.iter().filter(|name| name.starts_with("SHOPEE_"));
    of_shop.fold(settings.clone(), |settings, name| settings.without(name))
}

async fn succeeds(settings: &Settings, arguments: &[&str]) -> Value {
    let ended = run(settings, &[arguments, &["--json"]].concat()).await;
    assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
    ended.json()
}

/// The shop's profile as far as a person knows it: from the console of the platform.
async fn fill_in(client: &Client, emulator: &Emulator) -> Value {
    let created = client.call("createProfile");
    let created = created
        .with("env_type", "live")
        .with("display_name", "Card shop")
        .with("region", "SG");
    let created = created.ok().await;
    let missing = json!(["partner_id", "partner_key", "shop_id"]);
    assert_eq!(created["missing"], missing);
    let id = created["id"].as_str().expect("an id");
    let (app, shop) = (PartnerApp::default(), Shop::default());
    let edited = client.call("editProfile").with("id", id);
    let edited = edited
        .with("base_url_override", emulator.base_url())
        .with("partner_id", app.partner_id)
        .with("shop_id", shop.shop_id)
        .with("partner_key", app.partner_key)
        .with("push_partner_key", app.push_key)
        .with("If-Match", format!("\"v{}\"", created["version"]));
    let edited = edited.ok().await;
    assert_eq!(edited["missing"], json!([]));
    assert_eq!(edited["partner_key"]["is_set"], true);
    edited
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_knows_the_document_alone_sets_up_a_shop_until_its_orders_arrive() {
    let database = TestDatabase::empty().await;
    let emulator = Emulator::start(EmulatorConfig::default()).await.unwrap();
    let shop = Shop::default().shop_id;
    let [south, north] = [
        Warehouse::new("SG0000001Z", "South"),
        Warehouse::new("SG0000002Z", "North"),
    ];
    emulator
        .set_warehouses(shop, Some(vec![south, north]))
        .unwrap();
    let door = FrontDoor::new().await;
    let settings = without_shop(&database).with("PUBLIC_API_BASE_URL", &door.origin());
    succeeds(&settings, &["migrate"]).await;
    let service = ServiceProcess::start(&settings).await.unwrap();
    let _door = door.lead_to(service.address);
    let card = [
        "catalogue",
        "add",
        "--sku",
        CARD,
        "--title",
        "Card",
        "--stock",
        "9",
    ];
    succeeds(&settings, &card).await;
    let client = Client::of_everything(&settings, &service.origin()).await;

    let profile = fill_in(&client, &emulator).await;
    let id = profile["id"].as_str().unwrap();
    let activated = client.call("activateProfile").with("id", id).ok().await;
    assert_eq!(activated["is_active"], true);
    assert_eq!(activated["is_in_force"], false);
    let switched = client.call("switchEnvironment").with("environment", "live");
    let switched = switched.ok().await;
    assert_eq!(switched["active_environment"], "live");
    assert_eq!(switched["profile"]["id"], id);
    assert_eq!(switched["profile"]["is_in_force"], true);

    // The seller agrees, and the browser comes back.
    let started = client.call("startAuthorisation").with("env", "live");
    let started = started.ok().await;
    let link = started["authorization_url"].as_str().unwrap();
    let back = emulator.authorise(link, &Consent::of_shop(shop)).unwrap();
    assert!(back.starts_with(started["redirect_url"].as_str().unwrap()));
    let browser = hawker_app::wiring::http_client().unwrap();
    let page = browser.get(back).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let authorised = client.call("showProfile").with("id", id).ok().await;
    assert_eq!(authorised["token"]["state"], "active");

    let report = client.call("testConnection").with("id", id).ok().await;
    assert_eq!(report["is_ok"], true, "{report:#}");
    let fetched = client.call("refreshLocations").with("id", id).ok().await;
    assert_eq!(fetched["is_single"], false);
    let chosen = fetched["locations"][1]["location_id"].as_str().unwrap();
    let edited = client.call("editProfile").with("id", id);
    let edited = edited.with("default_location_id", chosen).ok().await;
    assert_eq!(edited["default_location_id"], chosen);
    let diagnosed = client.call("diagnoseProfile").with("id", id).ok().await;
    assert_eq!(diagnosed["shop_id"], shop);
    assert_eq!(diagnosed["missing"], json!([]));
    // Calls are written down a few seconds after they were made.
    until(
        "the calls to be told",
        async || {
            let diagnosed = client.call("diagnoseProfile").with("id", id).ok().await;
            let calls = diagnosed["last_calls"].as_array().unwrap().len();
            (calls > 0).then_some(())
        },
        async || format!("{:#?}", service.logged()),
    )
    .await;

    let push_url = edited["urls"]["push_url"].as_str().unwrap();
    let config = client.call("changePushConfig").with("id", id);
    let config = config
        .with("callback_url", push_url)
        .with("set_push_config_on", json!([3, 4]));
    let config = config.ok().await;
    assert_eq!(config["callback_url"], push_url);
    assert_eq!(config["registered_url"], push_url);
    let placed = emulator.place(NewOrder::of([cards(2)]).paid_at_once());
    let number = placed.unwrap().as_str().to_owned();
    until(
        "the order to arrive",
        async || {
            let shown = run(&settings, &["orders", "show", &number, "--json"]).await;
            (shown.code == 0 && shown.json()["lines"][0]["quantity"] == 2).then_some(())
        },
        async || format!("{:#?}", service.logged()),
    )
    .await;
    let events = client
        .call("listEvents")
        .with("order_sn", number)
        .ok()
        .await;
    let events = events["items"].as_array().unwrap();
    assert!(events.iter().all(|event| event["signature_ok"] == true));
}

#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "is not to be sent")]
async fn the_client_keeps_to_the_document() {
    let database = TestDatabase::new().await;
    let settings = without_shop(&database);
    let service = ServiceProcess::start(&settings).await.unwrap();
    let client = Client::of_everything(&settings, &service.origin()).await;
    let no_environment = client.call("createProfile").with("env_type", "nowhere");
    no_environment.with("display_name", "Shop").send().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_sees_what_does_not_fit_the_document() {
    let database = TestDatabase::new().await;
    let settings = without_shop(&database);
    let service = ServiceProcess::start(&settings).await.unwrap();
    let client = Client::at(&service.origin()).await;
    let schema = json!({ "$ref": "#/components/schemas/ProfilePage" });
    let fitting = json!({ "items": [], "total": 0, "next": null });
    assert!(client.misfits(&schema, &fitting).is_empty());
    let without_count = json!({ "items": [], "next": null });
    assert_eq!(client.misfits(&schema, &without_count).len(), 1);
    let strange = json!({ "items": [{ "id": 1 }], "total": 0, "next": null });
    assert!(client.misfits(&schema, &strange).len() > 1);
}
