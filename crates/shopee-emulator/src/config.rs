//! How an emulator is set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use crate::clock::{SystemWall, WallClock};
use crate::push::PushSettings;
use crate::switches::Switches;
use crate::world::{PartnerApp, Shop, Timestamp};

#[derive(Clone)]
pub struct EmulatorConfig {
    /// Port 0 takes any free one.
    pub listen: SocketAddr,
    pub apps: Vec<PartnerApp>,
    /// The first shop is the one that is meant when none is named.
    pub shops: Vec<Shop>,
    /// The same seed gives the same numbers, and the same unreliability of pushes.
    pub seed: u64,
    /// The shop clock's first time; the wall clock's when absent.
    pub shop_time: Option<Timestamp>,
    /// How much faster than real time the shop clock runs. 0 stands still.
    pub speed: f64,
    pub pushes: PushSettings,
    pub switches: Switches,
    /// Judges the freshness of signatures and the life of tokens.
    pub wall: Arc<dyn WallClock>,
    /// Threads that answer calls.
    pub workers: usize,
}

impl Default for EmulatorConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            apps: vec![PartnerApp::default()],
            shops: vec![Shop::default()],
            seed: 1,
            shop_time: None,
            speed: 1.0,
            pushes: PushSettings::default(),
            switches: Switches::default(),
            wall: Arc::new(SystemWall),
            workers: 2,
        }
    }
}

impl EmulatorConfig {
    /// The first app's callback URL.
    #[must_use]
    pub fn pushing_to(mut self, url: impl Into<String>) -> Self {
        if let Some(app) = self.apps.first_mut() {
            app.push_url = Some(url.into());
        }
        self
    }

    /// A token of the first shop that never expires.
    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        if let Some(shop) = self.shops.first_mut() {
            shop.fixed_tokens.push(token.into());
        }
        self
    }

    #[must_use]
    pub fn at_speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    #[must_use]
    pub fn seeded(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}
