//! The emulator as a program of its own.

use std::io::{self, IsTerminal};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use hawker_shopee_emulator::demo::{self, DemoOptions};
use hawker_shopee_emulator::{Emulator, EmulatorConfig, PartnerApp, Region, Shop};
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinSet;
use tracing_subscriber::EnvFilter;

/// A stand-in for the Shopee Open Platform. `GET /_control` explains how to move it.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Address to listen on; the control API is as open as this is
    #[arg(long, env = "SHOPEE_EMULATOR_HOST", default_value = "127.0.0.1")]
    host: IpAddr,
    /// Port to listen on; 0 takes a free one
    #[arg(long, env = "SHOPEE_EMULATOR_PORT", default_value_t = 9100)]
    port: u16,
    #[arg(long, env = "SHOPEE_EMULATOR_PARTNER_ID", default_value_t = PartnerApp::DEFAULT_ID)]
    partner_id: i64,
    /// Key that signs API calls
    #[arg(
        long,
        env = "SHOPEE_EMULATOR_PARTNER_KEY",
        default_value_t = PartnerApp::default().partner_key,
        hide_env_values = true
    )]
    partner_key: String,
    /// Key that signs pushes
    #[arg(
        long,
        env = "SHOPEE_EMULATOR_PUSH_KEY",
        default_value_t = PartnerApp::default().push_key,
        hide_env_values = true
    )]
    push_key: String,
    /// Callback URL, exactly as the receiver has it; without one, nothing is pushed
    #[arg(long, env = "SHOPEE_EMULATOR_PUSH_URL")]
    push_url: Option<String>,
    #[arg(long, env = "SHOPEE_EMULATOR_SHOP_ID", default_value_t = Shop::default().shop_id)]
    shop_id: i64,
    /// SG, MY, TH, VN, PH, ID, TW or BR
    #[arg(long, env = "SHOPEE_EMULATOR_REGION", default_value = "SG")]
    region: Region,
    /// Origin that redirects of authorisations must have, as in the console; without one, any
    #[arg(long, env = "SHOPEE_EMULATOR_REDIRECT_ORIGIN")]
    redirect_origin: Option<String>,
    /// Access token that never expires; may be given several times
    #[arg(long, env = "SHOPEE_EMULATOR_ACCESS_TOKEN", hide_env_values = true)]
    access_token: Vec<String>,
    /// Makes numbers, the demo and the unreliability of pushes repeatable
    #[arg(long, env = "SHOPEE_EMULATOR_SEED", default_value_t = 1)]
    seed: u64,
    /// How much faster than real time the shop clock runs; 0 stands still
    #[arg(long, env = "SHOPEE_EMULATOR_SPEED", default_value_t = 1.0)]
    speed: f64,
    /// Play the life of a trading-card shop
    #[arg(long)]
    demo: bool,
    /// Stop the demo after that many orders
    #[arg(long, requires = "demo")]
    orders: Option<usize>,
    /// Seconds from one demo order to the next, on average
    #[arg(long, requires = "demo", default_value_t = 4.0)]
    pace: f64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,actix_server=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .compact()
        .init();

    let options = Options::parse();
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;

    let demo = options.demo_options()?;
    let emulator = Emulator::start(options.into_config()).await?;
    tracing::info!("listening on {}", emulator.base_url());
    let mut tasks = JoinSet::new();
    if let Some(demo) = demo {
        tasks.spawn(demo::run(emulator.controls(), demo));
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    tasks.shutdown().await;
    emulator.shutdown().await;
    Ok(())
}

impl Options {
    fn demo_options(&self) -> anyhow::Result<Option<DemoOptions>> {
        let pace = Duration::try_from_secs_f64(self.pace).context("--pace")?;
        let Self { orders, seed, .. } = *self;
        Ok(self.demo.then_some(DemoOptions { orders, seed, pace }))
    }

    fn into_config(self) -> EmulatorConfig {
        let app = PartnerApp {
            partner_id: self.partner_id,
            partner_key: self.partner_key,
            push_key: self.push_key,
            push_url: self.push_url,
            redirect_origin: self.redirect_origin,
            ..PartnerApp::default()
        };
        let shop = Shop {
            shop_id: self.shop_id,
            partner_id: self.partner_id,
            region: self.region,
            fixed_tokens: self.access_token,
            ..Shop::default()
        };
        EmulatorConfig {
            listen: SocketAddr::from((self.host, self.port)),
            apps: vec![app],
            shops: vec![shop],
            seed: self.seed,
            speed: self.speed,
            ..EmulatorConfig::default()
        }
    }
}
