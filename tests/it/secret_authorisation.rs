//! After a shop was authorised in every way that there is, nothing of it is anywhere in the clear:
//! no code, nonce or token, and neither a token of the API.

use hawker_app::config::Config;
use hawker_app::wiring::Adapters;
use hawker_domain::{ConnectorName, Environment, ShopId};
use hawker_ports::Store as _;
use hawker_ports::tokens::TokenKey;
use hawker_shopee_emulator::{Consent, Shop};
use hawker_tests::{Bench, ServiceProcess, run};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::client::{ALL_SCOPES, Client};
use crate::front_door::FrontDoor;
use crate::secrets::{SINK_PATH, columns_with, secrets};

/// What came to be known of secrets while a shop was authorised and its pair renewed.
struct Gathered {
    shop: i64,
    secrets: Vec<String>,
    /// What commands said, apart from what they are there to say.
    said: String,
}

impl Gathered {
    /// A value of a URL's query.
    fn note_query(&mut self, url: &str, name: &str) {
        let url = Url::parse(url).expect("a URL");
        let value = url.query_pairs().find(|(key, _)| key == name);
        let (_, value) = value.unwrap_or_else(|| panic!("no {name} in {url}"));
        self.secrets.push(value.into_owned());
    }

    /// The pair that is kept now.
    async fn note_pair(&mut self, bench: &Bench) {
        let config = Config::read(&bench.settings.variables()).expect("settings");
        let adapters = Adapters::for_command(&config).expect("the adapters");
        let mut uow = bench.store.begin(&bench.tenant).await.expect("the store");
        let key = TokenKey {
            connector: ConnectorName::Shopee,
            environment: Environment::Sandbox,
            shop: ShopId(self.shop),
        };
        let pair = uow.tokens().find(key).await.expect("the store");
        drop(uow);
        let pair = pair.expect("a pair");
        for sealed in [pair.access_token, pair.refresh_token] {
            let opened = adapters.sealer.open(&sealed).expect("a token");
            self.secrets.push(opened.expose_secret().to_owned());
        }
    }

    /// Runs a command that talks as much as it can; answers its standard output.
    async fn run(&mut self, bench: &Bench, arguments: &[&str]) -> String {
        let chatty = bench.settings.clone().with("RUST_LOG", "debug");
        let ended = run(&chatty, arguments).await;
        assert_eq!(ended.code, 0, "{arguments:?}: {ended:#?}");
        self.said.push_str(&ended.stderr);
        ended.stdout
    }

    /// The same for a command whose output is for everybody's eyes.
    async fn run_aloud(&mut self, bench: &Bench, arguments: &[&str]) {
        let stdout = self.run(bench, arguments).await;
        assert!(!stdout.is_empty(), "{arguments:?}");
        self.said.push_str(&stdout);
    }
}

/// Every way to a pair: the browser, a code and a resend code at the terminal and over the API, and
/// renewals, one of which is lost.
async fn authorise_in_every_way(bench: &Bench, client: &Client, gathered: &mut Gathered) {
    let (shop, emulator) = (gathered.shop, &bench.emulator);
    let consent = Consent::of_shop(shop);
    let id = "prof_sandbox";
    let started = client.call("startAuthorisation").ok().await;
    let by_command = gathered.run(bench, &["oauth", "start"]).await;
    for link in [
        started["authorization_url"].as_str(),
        Some(by_command.trim()),
    ] {
        let back = emulator.authorise(link.expect("a link"), &consent);
        let back = back.expect("a way back");
        gathered.note_query(&back, "nonce");
        gathered.note_query(&back, "code");
        // The second time, it is refused.
        for _ in 0..2 {
            let page = bench.http.get(&back).send().await.expect("an answer");
            assert_eq!(page.status(), 200);
            let page = page.text().await.expect("a page");
            gathered.said.push_str(&page);
        }
        gathered.note_pair(bench).await;
    }
    let code = emulator.issue_code(&consent).expect("a code");
    let number = shop.to_string();
    let exchange = ["oauth", "exchange", "--code", &code, "--shop-id", &number];
    gathered.run_aloud(bench, &exchange).await;
    gathered.note_pair(bench).await;
    let resend = emulator.issue_resend_code(shop).expect("a code");
    let redeem = ["oauth", "resend-code", "--code", &resend];
    gathered.run_aloud(bench, &redeem).await;
    gathered.note_pair(bench).await;
    let another = emulator.issue_resend_code(shop).expect("a code");
    let redeem = client.call("redeemResendCode").with("id", id);
    let redeem = redeem.with("Idempotency-Key", "resent");
    redeem.with("code", &*another).ok().await;
    gathered.note_pair(bench).await;
    gathered.secrets.extend([code, resend, another]);
    let renew = || client.call("refreshToken").with("id", id);
    renew().with("Idempotency-Key", "renewed").ok().await;
    gathered.note_pair(bench).await;
    emulator.lose_next_token_reply();
    renew().send().await;
    let lost = emulator.current_refresh_token(shop);
    gathered
        .secrets
        .push(lost.expect("a token that nobody got"));
    let key = "push-key-under-an-idempotency-key-31337";
    let edited = client.call("editProfile").with("id", id);
    let edited = edited.with("Idempotency-Key", "edited");
    edited.with("push_partner_key", key).ok().await;
    gathered.secrets.push(key.to_owned());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_authorisation_is_in_the_clear_anywhere() {
    let mut bench = Bench::without_service().await;
    let door = FrontDoor::new().await;
    bench.settings = bench
        .settings
        .clone()
        .with("PUBLIC_API_BASE_URL", &door.origin());
    let chatty = bench.settings.clone().with("RUST_LOG", "debug");
    let service = ServiceProcess::start(&chatty).await.unwrap();
    let door = door.lead_to(service.address);
    let mut gathered = Gathered {
        shop: Shop::default().shop_id,
        secrets: secrets(),
        said: String::new(),
    };
    gathered.secrets.retain(|secret| secret != SINK_PATH);
    let mut create = vec!["api-token", "create", "--name", "walk"];
    for scope in ALL_SCOPES {
        create.extend(["--scope", scope]);
    }
    let token = gathered.run(&bench, &create).await.trim().to_owned();
    let client = Client::at(&service.origin()).await.bearing(&token);
    gathered.secrets.push(token);

    authorise_in_every_way(&bench, &client, &mut gathered).await;
    for arguments in [
        &["oauth", "status"] as &[&str],
        &["oauth", "status", "--json"],
        &["profiles", "list"],
        &["profiles", "show", "prof_sandbox"],
        &["profiles", "show", "prof_sandbox", "--json"],
        &["profiles", "edit", "prof_sandbox", "--name", "Renamed"],
        &["api-token", "list"],
        &["api-token", "list", "--json"],
        &["audit", "list"],
        &["audit", "list", "--json"],
        &["keys", "status"],
        &["keys", "rotate"],
    ] {
        gathered.run_aloud(&bench, arguments).await;
    }
    let metrics = bench.http.get(format!("{}/metrics", service.origin()));
    let metrics = metrics.send().await.unwrap().text().await.unwrap();
    for operation in ["showProfile", "diagnoseProfile"] {
        client.call(operation).with("id", "prof_sandbox").ok().await;
    }
    client.call("listAudit").ok().await;
    drop(door);
    let (status, log) = service.terminate().await.unwrap();
    assert_eq!(status.code(), Some(0));
    let log = log.join("\n");
    assert!(log.contains("token"), "it tells of tokens");
    // A link has its nonce in it: that is what it is asked for.
    let answers = client.answers().into_iter();
    let answers: Vec<_> = answers.filter(|of| !of.contains("oauth/start ")).collect();
    assert!(answers.len() > 5, "{} answers", answers.len());

    let Gathered { secrets, said, .. } = gathered;
    assert!(secrets.len() > 20, "{} secrets", secrets.len());
    for secret in secrets {
        assert!(secret.len() >= 16, "{secret} would be found by chance");
        assert!(!log.contains(&secret), "{secret} is in the log");
        assert!(!metrics.contains(&secret), "{secret} is in the metrics");
        assert!(
            !said.contains(&secret),
            "{secret} was said by a command or a page"
        );
        let is_in = |answer: &&String| answer.contains(&secret);
        assert_eq!(answers.iter().find(is_in), None, "{secret}");
        let columns = columns_with(&bench, &secret).await;
        assert!(columns.is_empty(), "{secret} is in {columns:?}");
    }
}
