//! The example, against the emulator: what it teaches a stranger works.

#[path = "../examples/shop/story.rs"]
mod story;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use chrono::TimeDelta;
use hawker_domain::Timestamp;
use hawker_ports::metrics::NoMetrics;
use hawker_ports::testing::FrozenClock;
use hawker_shopee::client::{CallPolicy, RateLimits, ShopeeApi, http_client_builder};
use hawker_shopee_emulator::{Consent, Emulator, EmulatorConfig, NewLine, NewOrder, SteppedWall};

/// An emulator, and the variables that lead to it.
struct Stage {
    emulator: Emulator,
    clock: Arc<FrozenClock>,
    variables: HashMap<&'static str, String>,
}

impl Stage {
    async fn new() -> Self {
        /// TLS needs a provider, even where nothing is encrypted.
        static TLS: LazyLock<bool> = LazyLock::new(|| {
            rustls::crypto::ring::default_provider()
                .install_default()
                .is_ok()
        });
        assert!(*TLS, "another provider was installed");
        // Both clocks stand still, the shop's a minute behind: its orders changed before now.
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().expect("a time");
        let config = EmulatorConfig {
            shop_time: Some((now - TimeDelta::minutes(1)).timestamp()),
            wall: Arc::new(SteppedWall::at(now.timestamp())),
            ..EmulatorConfig::default()
        };
        let config = config.with_token("local").at_speed(0.0);
        let (app, shop) = (config.apps[0].clone(), config.shops[0].clone());
        let emulator = Emulator::start(config).await.expect("the emulator");
        let variables = HashMap::from([
            ("SHOPEE_BASE_URL", emulator.base_url()),
            ("SHOPEE_PARTNER_ID", app.partner_id.to_string()),
            ("SHOPEE_PARTNER_KEY", app.partner_key.clone()),
            ("SHOPEE_SHOP_ID", shop.shop_id.to_string()),
            ("SHOPEE_ACCESS_TOKEN", "local".to_owned()),
        ]);
        Self {
            emulator,
            clock: Arc::new(FrozenClock::at(now)),
            variables,
        }
    }

    /// What the example says.
    async fn told(&self) -> Result<String, String> {
        let api = ShopeeApi::new(
            http_client_builder().no_proxy().build().expect("a client"),
            self.clock.clone(),
            Arc::new(NoMetrics),
            CallPolicy::default(),
            RateLimits::default(),
        );
        let mut out = Vec::new();
        let variable = |name: &str| self.variables.get(name).cloned();
        let told = story::tell(&api, &*self.clock, variable, &mut out).await;
        told.map_err(|error| error.to_string())?;
        Ok(String::from_utf8(out).expect("text"))
    }
}

#[tokio::test]
async fn the_example_tells_of_a_shop_and_its_orders() {
    let stage = Stage::new().await;
    let order = NewOrder::of([NewLine::new("POK-OBF-223-NM-EN", 88.into()).times(2)]);
    let sn = stage.emulator.place(order).expect("an order");
    stage.emulator.pay(&sn).expect("a payment");
    let told = stage.told().await.expect("a story");
    let lines: Vec<_> = told.lines().collect();
    let [shop, count, order] = lines[..] else {
        panic!("{told}");
    };
    assert!(shop.contains("is NORMAL"), "{told}");
    assert_eq!(count, "1 orders changed within a day");
    let number = sn.to_string();
    for part in [number.as_str(), "READY_TO_SHIP", "SGD", "1 lines"] {
        assert!(order.contains(part), "`{part}` is not in {order}");
    }
}

#[tokio::test]
async fn the_example_without_a_token_tells_where_a_seller_authorises_the_app() {
    let mut stage = Stage::new().await;
    stage.variables.remove("SHOPEE_ACCESS_TOKEN");
    let lacking = stage.told().await.expect_err("nowhere to come back to");
    assert_eq!(lacking, "SHOPEE_REDIRECT_URL is not set");
    let redirect = "https://ops.example.com/callback".to_owned();
    stage.variables.insert("SHOPEE_REDIRECT_URL", redirect);
    let told = stage.told().await.expect("a link");
    let link = told.lines().last().expect("a link");
    let shop = stage.emulator.first_shop().expect("a shop");
    let back = stage.emulator.authorise(link, &Consent::of_shop(shop));
    let back = back.expect("the link is accepted");
    assert!(
        back.starts_with("https://ops.example.com/callback"),
        "{back}"
    );
    assert!(back.contains("code="), "{back}");
}

#[tokio::test]
async fn the_example_names_what_the_platform_refuses() {
    let mut stage = Stage::new().await;
    let wrong = "another-token".to_owned();
    stage.variables.insert("SHOPEE_ACCESS_TOKEN", wrong);
    let error = stage.told().await.expect_err("a refusal");
    assert!(error.contains("token"), "{error}");
    assert!(!error.contains("another-token"), "{error}");
}
