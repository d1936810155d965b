//! The emulator as a process of its own, so that its processor time is not taken for anybody else's.

use std::fs::File;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use hawker_shopee_emulator::Shop;
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

use super::ground::Ground;
use super::service::free_port;
use crate::bench::CARD;
use crate::settings::{ACCESS_TOKEN, REFRESH_TOKEN};

/// Longer than any start.
const START_LIMIT: Duration = Duration::from_secs(10);

/// Orders that are placed at the same time.
const PLACED_AT_ONCE: usize = 16;

/// A running emulator. Dropping it kills it.
pub struct Marketplace {
    _child: Child,
    id: u32,
    base_url: String,
    http: reqwest::Client,
}

/// Orders that were placed.
#[derive(Clone, Debug, Default)]
pub struct Placed {
    /// Their numbers.
    pub orders: Vec<String>,
    /// The earliest of their times: no push of them may be later.
    pub update_time: i64,
}

impl Marketplace {
    /// Starts it and waits until it answers.
    pub async fn start(ground: &Ground) -> anyhow::Result<Self> {
        let program = std::env::current_exe()?.with_file_name("shopee-emulator");
        let log = File::create(ground.folder().join("logs").join("emulator.log"))?;
        let port = free_port()?;
        let child = Command::new(program)
            .env_clear()
            .env("SHOPEE_EMULATOR_PORT", port.to_string())
            .env("SHOPEE_EMULATOR_ACCESS_TOKEN", ACCESS_TOKEN)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("the emulator cannot be started: `cargo xtask bench` builds it")?;
        let marketplace = Self {
            id: child.id().context("it has ended already")?,
            _child: child,
            base_url: format!("http://127.0.0.1:{port}"),
            http: hawker_app::wiring::http_client()?,
        };
        let answers = async {
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            while marketplace.calls().await.is_err() {
                tick.tick().await;
            }
        };
        tokio::time::timeout(START_LIMIT, answers)
            .await
            .context("the emulator does not answer")?;
        // The service does not know how long what it was seeded with is good for, and renews it.
        let pair = json!({
            "shop_id": Shop::default().shop_id, "access_token": ACCESS_TOKEN, "refresh_token": REFRESH_TOKEN
        });
        let url = marketplace.url("tokens/pair");
        let seeded = marketplace.http.post(url).json(&pair).send().await?;
        seeded
            .error_for_status()
            .context("the emulator takes no tokens")?;
        Ok(marketplace)
    }

    /// Its process.
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// Where the service finds its API.
    pub fn api_url(&self) -> String {
        format!("{}/api/v2", self.base_url)
    }

    /// Places orders that are paid and ready to be shipped.
    pub async fn place(&self, count: usize) -> anyhow::Result<Placed> {
        let mut tasks = JoinSet::new();
        for share in shares(count, PLACED_AT_ONCE) {
            let (http, url) = (self.http.clone(), self.url("orders"));
            tasks.spawn(async move {
                let mut placed = Vec::with_capacity(share);
                for _ in 0..share {
                    placed.push(place_one(&http, &url).await?);
                }
                anyhow::Ok(placed)
            });
        }
        let mut all = Placed {
            orders: Vec::with_capacity(count),
            update_time: i64::MAX,
        };
        while let Some(placed) = tasks.join_next().await {
            for (order, update_time) in placed?? {
                all.orders.push(order);
                all.update_time = all.update_time.min(update_time);
            }
        }
        Ok(all)
    }

    /// Calls of the API so far, whatever came of them.
    pub async fn calls(&self) -> anyhow::Result<u64> {
        let answer = self.http.get(self.url("stats")).send().await?;
        let stats: Value = answer.error_for_status()?.json().await?;
        let calls = stats["api"]["calls"].as_object().context("no calls")?;
        Ok(calls.values().filter_map(Value::as_u64).sum())
    }

    fn url(&self, what: &str) -> String {
        format!("{}/_control/{what}", self.base_url)
    }
}

async fn place_one(http: &reqwest::Client, url: &str) -> anyhow::Result<(String, i64)> {
    let order = json!({"lines": [{"sku": CARD, "price": 88, "quantity": 1}], "paid": true});
    let answer = http.post(url).json(&order).send().await?;
    let placed: Value = answer.error_for_status()?.json().await?;
    let number = placed["order_sn"].as_str().context("no number")?;
    let update_time = placed["update_time"].as_i64().context("no time")?;
    Ok((number.to_owned(), update_time))
}

/// So many, in as many parts that differ by one at most.
fn shares(count: usize, parts: usize) -> impl Iterator<Item = usize> {
    (0..parts).map(move |part| count / parts + usize::from(part < count % parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_even_and_nothing_is_left_over() {
        assert_eq!(shares(10, 4).collect::<Vec<_>>(), [3, 3, 2, 2]);
        assert_eq!(shares(2, 4).sum::<usize>(), 2);
    }
}
