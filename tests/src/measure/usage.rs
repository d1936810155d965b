//! Whose processor time a stretch of work took.

use std::time::Duration;

use super::ground::Ground;
use super::processes::{own_processor_time, processor_time};
use super::statistics::float;

/// Processor time by whom.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// The server with its backends.
    pub postgres: Duration,
    /// The service.
    pub service: Duration,
    /// This program, which is the client.
    pub client: Duration,
    /// The emulator, where there is one.
    pub marketplace: Duration,
}

/// A stretch of work that has begun.
#[derive(Clone, Debug)]
pub struct Meter {
    server: u32,
    service: Option<u32>,
    marketplace: Option<u32>,
    began: Usage,
}

impl Meter {
    /// Starts to count.
    pub fn start(
        ground: &Ground,
        service: Option<u32>,
        marketplace: Option<u32>,
    ) -> anyhow::Result<Self> {
        let mut meter = Self {
            server: ground.server(),
            service,
            marketplace,
            began: Usage::default(),
        };
        meter.began = meter.now()?;
        Ok(meter)
    }

    /// What each took since then.
    pub fn read(&self) -> anyhow::Result<Usage> {
        let (now, then) = (self.now()?, self.began);
        Ok(Usage {
            postgres: now.postgres.saturating_sub(then.postgres),
            service: now.service.saturating_sub(then.service),
            client: now.client.saturating_sub(then.client),
            marketplace: now.marketplace.saturating_sub(then.marketplace),
        })
    }

    fn now(&self) -> anyhow::Result<Usage> {
        let of = |process: Option<u32>| process.map_or(Ok(Duration::ZERO), processor_time);
        Ok(Usage {
            postgres: processor_time(self.server)?,
            service: of(self.service)?,
            client: own_processor_time()?,
            marketplace: of(self.marketplace)?,
        })
    }
}

/// Microseconds of processor time for each of so many.
pub fn micros_each(taken: Duration, count: u64) -> f64 {
    taken.as_secs_f64() * 1e6 / float(count.max(1))
}
