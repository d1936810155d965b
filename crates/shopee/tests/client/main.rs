//! The client against a server that answers as it is told: what is sent, what follows from each
//! answer, and that nothing exceeds its limits.

mod answers;
mod calls;
mod escrow;
mod orders;
mod server;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_ports::marketplace::ShopAccess;
use hawker_ports::testing::{Counted, FrozenClock, RecordingMetrics};
use hawker_shopee::client::{
    CallPolicy, Rate, RateLimits, ShopeeApi, ShopeeMarketplace, http_client_builder,
};
use server::{Answer, Request, Server};

/// The time of the signature vectors.
const TIMESTAMP: i64 = 1_655_714_431;
const PARTNER_KEY: &str = "test_partner_key_0123456789abcdef";
const ACCESS_TOKEN: &str = "59777174636562737266615546704c6d";

/// The client under test, and what it talks to.
struct Bench {
    server: Server,
    api: Arc<ShopeeApi>,
    marketplace: ShopeeMarketplace,
    metrics: Arc<RecordingMetrics>,
}

impl Bench {
    /// With a server that answers by `answer`, and waits that are too short to be noticed.
    fn new(answer: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        let policy = CallPolicy {
            first_wait: Duration::from_micros(1),
            first_wait_throttled: Duration::from_micros(1),
            ..CallPolicy::default()
        };
        Self::with(policy, answer)
    }

    fn with(policy: CallPolicy, answer: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        /// TLS needs a provider, even where nothing is encrypted.
        static TLS: LazyLock<bool> = LazyLock::new(|| {
            rustls::crypto::ring::default_provider()
                .install_default()
                .is_ok()
        });
        assert!(*TLS, "another provider was installed");
        let http = http_client_builder()
            .no_proxy()
            .build()
            .expect("an HTTP client");
        let clock = FrozenClock::at(Timestamp::from_timestamp(TIMESTAMP, 0).expect("a time"));
        let metrics = Arc::new(RecordingMetrics::default());
        let unlimited = Rate::new(1_000_000, 1_000_000);
        let api = Arc::new(ShopeeApi::new(
            http,
            Arc::new(clock),
            metrics.clone(),
            policy,
            RateLimits {
                shop: unlimited,
                app: unlimited,
            },
        ));
        Self {
            server: Server::start(answer),
            marketplace: ShopeeMarketplace::new(api.clone()),
            api,
            metrics,
        }
    }

    fn access(&self) -> ShopAccess {
        access_to(self.server.base_url())
    }

    /// The results under which calls were counted.
    fn results(&self) -> Vec<&'static str> {
        let counted = self.metrics.counted();
        let results = counted.into_iter().filter_map(|counted| match counted {
            Counted::ApiCall(_, result) => Some(result),
            _ => None,
        });
        results.collect()
    }
}

fn access_to(base_url: String) -> ShopAccess {
    ShopAccess {
        profile: ProfileId::parse("prof_01").expect("a profile id"),
        base_url,
        partner_id: 2_001_887,
        partner_key: PARTNER_KEY.into(),
        shop: ShopId(14_701_711),
        access_token: ACCESS_TOKEN.into(),
    }
}

fn sn(text: &str) -> OrderSn {
    OrderSn::parse(text).expect("an order number")
}
