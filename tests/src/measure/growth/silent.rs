//! A service whose marketplace is silent: it takes pushes in, and works nothing off.

use std::time::Duration;

use crate::measure::dataset::Tenants;
use crate::measure::ground::Ground;
use crate::measure::load::{Outcome, Pace, Requests, load};
use crate::measure::service::{Service, settings};
use crate::measure::shop::Silence;

/// As the budget of the intake is stated.
pub(super) const CONNECTIONS: usize = 64;

/// A service whose marketplace is silent.
pub(super) struct Silent {
    pub(super) service: Service,
    _silence: Silence,
}

impl Silent {
    pub(super) async fn start(
        ground: &Ground,
        tenants: &Tenants,
        name: &str,
    ) -> anyhow::Result<Self> {
        let silence = Silence::fall()?;
        let base_url = silence.base_url()?;
        tenants.connect_to(ground, &base_url).await?;
        let settings = settings(ground, &tenants.database, &base_url);
        Ok(Self {
            service: Service::start(ground, name, &settings).await?,
            _silence: silence,
        })
    }

    pub(super) async fn take_in(
        &self,
        requests: &Requests,
        limit: Duration,
    ) -> anyhow::Result<Outcome> {
        let address = self.service.address;
        let outcome = load(address, CONNECTIONS, requests, Pace::Closed, limit).await?;
        outcome.all_acknowledged()?;
        Ok(outcome)
    }
}
