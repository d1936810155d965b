//! The client against a server that answers as it is told: what is sent, what follows from each
//! answer, and that nothing exceeds its limits.

mod answers;
mod authorising;
mod calls;
mod clocks;
mod escrow;
mod lists;
mod lost_pushes;
mod orders;
mod parcels;
mod push_console;
mod quota;
mod records;
mod releases;
mod returns;
mod server;
mod shops;
mod typed;
mod writes;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use hawker_domain::ids::ProfileId;
use hawker_domain::{OrderSn, ShopId, Timestamp};
use hawker_ports::marketplace::{AppAccess, ShopAccess};
use hawker_ports::testing::{Counted, FrozenClock, RecordingCalls, RecordingMetrics};
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
    clock: Arc<FrozenClock>,
    calls: Arc<RecordingCalls>,
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
        let unlimited = Rate::new(1_000_000, 1_000_000);
        let limits = RateLimits {
            shop: unlimited,
            app: unlimited,
        };
        Self::limited(policy, limits, answer)
    }

    fn limited(
        policy: CallPolicy,
        limits: RateLimits,
        answer: impl FnMut(&Request) -> Answer + Send + 'static,
    ) -> Self {
        /// TLS needs a provider, even where nothing is encrypted.
        static TLS: LazyLock<bool> = LazyLock::new(|| {
            rustls::crypto::ring::default_provider()
                .install_default()
                .is_ok()
        });
        assert!(*TLS, "another provider was installed");
        LazyLock::force(&records::SPANS);
        let http = http_client_builder()
            .no_proxy()
            .build()
            .expect("an HTTP client");
        let clock = Arc::new(FrozenClock::at(at(TIMESTAMP)));
        let metrics = Arc::new(RecordingMetrics::default());
        let calls = Arc::new(RecordingCalls::default());
        let api = ShopeeApi::new(http, clock.clone(), metrics.clone(), policy, limits)
            .with_recorder(calls.clone());
        let api = Arc::new(api);
        Self {
            server: Server::start(answer),
            marketplace: ShopeeMarketplace::new(api.clone()),
            api,
            metrics,
            clock,
            calls,
        }
    }

    fn access(&self) -> ShopAccess {
        access_to(self.server.base_url())
    }

    fn app(&self) -> AppAccess {
        let ShopAccess {
            profile,
            base_url,
            partner_id,
            partner_key,
            ..
        } = self.access();
        AppAccess {
            profile,
            base_url,
            partner_id,
            partner_key,
        }
    }

    /// The only request that was made.
    fn request(&self) -> Request {
        let [request] = self
            .server
            .requests()
            .try_into()
            .expect("exactly one request");
        request
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

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).expect("a time")
}

/// The body of a refusal.
fn refusal(code: &str, message: &str) -> String {
    serde_json::json!({"error": code, "message": message, "request_id": "req-1"}).to_string()
}
