//! Rounds of pushes against one service, in turn with the reference where there is one.

use std::time::{Duration, Instant};

use sqlx::PgConnection;

use super::audit::{every_one_once, until_filed};
use super::{CONNECTIONS, Kind, Sizes};
use crate::measure::drain::until_empty;
use crate::measure::ground::{Ground, run};
use crate::measure::load::{Outcome, Pace, load};
use crate::measure::marketplace::{Marketplace, Placed};
use crate::measure::progress::say;
use crate::measure::pushes::Pushes;
use crate::measure::reference::Reference;
use crate::measure::service::Service;
use crate::measure::shop::{Shop, Silence};
use crate::measure::statistics::{Summary, per_second, ratio};
use crate::measure::usage::{Meter, micros_each};

const DATABASE: &str = "hawker_bench_ingest";

/// Another shop, whose orders are drained: one whose marketplace was silent has lost its tokens.
const DRAINED_DATABASE: &str = "hawker_bench_ingest_drained";

/// Pushes that are made for each second of a round: more than any service here acknowledges, and
/// still a moderate amount of memory. A round that uses them up is over, and its rate is right.
const SUPPLY_PER_SECOND: u32 = 80_000;

/// Before the first round, so that connections are made, statements prepared and caches warm.
const WARM_UP: Duration = Duration::from_secs(1);

/// So many pushes for a round of that length.
pub fn supply(round: Duration) -> usize {
    usize::try_from(round.as_millis() * u128::from(SUPPLY_PER_SECOND) / 1_000).unwrap_or_default()
}

/// Everything that rounds need.
pub struct Stand<'a> {
    ground: &'a Ground,
    pub sizes: Sizes,
    shop: Shop,
    service: Option<Service>,
    reference: Reference,
    connection: PgConnection,
    marketplace: Option<(Marketplace, Placed)>,
    _silence: Silence,
    round: std::cell::Cell<usize>,
}

/// One round.
#[derive(Clone, Copy, Debug, Default)]
pub struct Round {
    pub rate: f64,
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
    pub slowest: f64,
    service_micros: f64,
    postgres_micros: f64,
    client_micros: f64,
    checked: u64,
    filed: f64,
    drained: f64,
}

/// Rounds of one kind over so many connections.
#[derive(Clone, Debug)]
pub struct Figures {
    pub kind: Kind,
    pub connections: usize,
    pub rate: Summary,
    /// In the inbox, by the second, until the last of a round was.
    pub filed: Summary,
    pub p50: Summary,
    pub p95: Summary,
    pub p99: Summary,
    pub slowest: Summary,
    pub service_micros: Summary,
    pub postgres_micros: Summary,
    pub client_micros: Summary,
    /// What pgbench did, in turn with these rounds.
    pub reference: Option<Summary>,
    pub reference_micros: Option<Summary>,
    /// Each round by the round of pgbench before it.
    pub times_reference: Option<Summary>,
    pub client_rate: Option<f64>,
    /// Distinct pushes that were looked up in the inbox.
    pub checked: u64,
    /// Events a second that were worked on at the same time.
    pub drained: Option<f64>,
}

impl<'a> Stand<'a> {
    /// A shop, a service whose marketplace is silent, and the reference.
    pub async fn build(ground: &'a Ground, sizes: Sizes) -> anyhow::Result<Self> {
        let silence = Silence::fall()?;
        let shop = Shop::open(ground, DATABASE, &silence.base_url()?).await?;
        let service = Service::start(ground, "ingest", &shop.settings).await?;
        let mut connection = shop.connect(ground).await?;
        let (_, requests) = Pushes::distinct(0, supply(WARM_UP)).split();
        let warm = load(service.address, 16, &requests, Pace::Closed, WARM_UP).await?;
        warm.all_acknowledged()?;
        until_filed(&mut connection).await?;
        let mut reference = Reference::prepare(ground, &shop).await?;
        reference.insert(16, WARM_UP).await?;
        empty_inbox(&mut connection).await?;
        Ok(Self {
            ground,
            sizes,
            shop,
            service: Some(service),
            reference,
            connection,
            marketplace: None,
            _silence: silence,
            round: std::cell::Cell::new(0),
        })
    }

    /// From now on there is a marketplace that knows the orders, and the workers bring them up to date.
    pub async fn drain_at_the_same_time(&mut self) -> anyhow::Result<()> {
        say("ingest, with a marketplace that answers");
        let marketplace = Marketplace::start(self.ground).await?;
        let placed = marketplace.place(self.sizes.orders).await?;
        if let Some(service) = self.service.take() {
            service.kill().await?;
        }
        self.shop = Shop::open(self.ground, DRAINED_DATABASE, &marketplace.api_url()).await?;
        self.connection = self.shop.connect(self.ground).await?;
        self.service =
            Some(Service::start(self.ground, "ingest-draining", &self.shop.settings).await?);
        self.marketplace = Some((marketplace, placed));
        Ok(())
    }

    /// All rounds of a kind at each number of connections.
    pub async fn kinds(&mut self, kind: Kind) -> anyhow::Result<Vec<Figures>> {
        let mut all = Vec::new();
        for connections in CONNECTIONS {
            all.push(self.kind(kind, connections).await?);
        }
        Ok(all)
    }

    /// All rounds of a kind over so many connections.
    pub async fn kind(&mut self, kind: Kind, connections: usize) -> anyhow::Result<Figures> {
        say(format_args!(
            "ingest, {}, connections: {connections}",
            kind.words()
        ));
        let (mut rounds, mut reference) = (Vec::new(), Vec::new());
        if self.marketplace.is_none() {
            self.reference.empty(&mut self.connection).await?;
            empty_inbox(&mut self.connection).await?;
        }
        for _ in 0..self.sizes.rounds {
            if kind == Kind::Plain {
                reference.push(self.reference_round(connections).await?);
            }
            rounds.push(self.round(kind, connections).await?);
            if kind == Kind::Draining {
                // What is left would be worked on during the next round.
                until_empty(&mut self.connection).await?;
            }
        }
        Ok(Figures::of(kind, connections, &rounds, &reference))
    }

    /// One round at fixed times.
    pub async fn at_rate(&self, connections: usize, rate: f64) -> anyhow::Result<Round> {
        self.ground.checkpoint().await?;
        let (_, requests) = Pushes::distinct(self.next_round(), supply(self.sizes.round)).split();
        let pace = Pace::Open(rate);
        let outcome = self.send(connections, &requests, pace).await?;
        until_filed(&mut self.shop.connect(self.ground).await?).await?;
        Ok(Round::of(outcome))
    }

    /// Ends everything, and removes the database.
    pub async fn take_down(mut self) -> anyhow::Result<()> {
        if let Some(service) = self.service.take() {
            service.stop().await?;
        }
        drop(self.connection);
        self.ground.drop_database(DRAINED_DATABASE).await?;
        self.ground.drop_database(DATABASE).await
    }

    async fn reference_round(&mut self, connections: usize) -> anyhow::Result<(f64, f64)> {
        self.ground.checkpoint().await?;
        let meter = Meter::start(self.ground, None, None)?;
        let inserted = self.reference.insert(connections, self.sizes.round).await?;
        let micros = micros_each(meter.read()?.postgres, inserted.rows);
        Ok((inserted.rate, micros))
    }

    async fn round(&mut self, kind: Kind, connections: usize) -> anyhow::Result<Round> {
        let (prepared, requests) = self.pushes(kind).split();
        self.ground.checkpoint().await?;
        let marketplace = self.marketplace.as_ref().map(|(market, _)| market.id());
        let service = self.service.as_ref().map(Service::id);
        let is_drained = kind == Kind::Draining;
        let before = self.worked_on(is_drained).await?;
        let meter = Meter::start(self.ground, service, marketplace)?;
        let sent = Instant::now();
        let outcome = self.send(connections, &requests, Pace::Closed).await?;
        // By the end of the load, and not what is worked on once nobody pushes any more.
        let drained = self.worked_on(is_drained).await? - before;
        // What was put down is not done: to file it is part of what a push costs.
        until_filed(&mut self.connection).await?;
        let filed_in = sent.elapsed();
        let usage = meter.read()?;
        anyhow::ensure!(
            drained > 0 || !is_drained,
            "nothing was drained: see target/bench/logs/ingest-draining.log"
        );
        let count = outcome.acknowledged.len() as u64;
        let checked = every_one_once(&mut self.connection, &prepared, &outcome).await?;
        let took = outcome.took;
        Ok(Round {
            service_micros: micros_each(usage.service, count),
            postgres_micros: micros_each(usage.postgres, count),
            client_micros: micros_each(usage.client, count),
            checked,
            filed: per_second(count, filed_in),
            drained: per_second(u64::try_from(drained)?, took),
            ..Round::of(outcome)
        })
    }

    /// Events that have been worked on. Not counted where there is no marketplace.
    async fn worked_on(&mut self, is_drained: bool) -> anyhow::Result<i64> {
        if !is_drained {
            return Ok(0);
        }
        let count = "SELECT count(*) FROM tenant_default.connector_event WHERE processed";
        let asked = sqlx::query_scalar(count);
        Ok(asked.fetch_one(&mut self.connection).await?)
    }

    async fn send(
        &self,
        connections: usize,
        requests: &crate::measure::load::Requests,
        pace: Pace,
    ) -> anyhow::Result<Outcome> {
        let service = self.service.as_ref();
        let address = service.map(|service| service.address);
        let address = address.ok_or_else(|| anyhow::anyhow!("no service runs"))?;
        let outcome = load(address, connections, requests, pace, self.sizes.round).await?;
        outcome.all_acknowledged()?;
        Ok(outcome)
    }

    fn pushes(&self, kind: Kind) -> Pushes {
        let (round, count) = (self.next_round(), supply(self.sizes.round));
        match (kind, &self.marketplace) {
            (Kind::Mixed, _) => Pushes::mixed(round, count, Kind::TWICE, Kind::FORGED),
            (Kind::Draining, Some((_, placed))) => {
                // Each round has orders of its own: to make one is more work than to look at it again.
                let shares = placed.orders.chunks(self.sizes.orders_of_round());
                let orders = shares.cycle().nth(round).unwrap_or_default();
                Pushes::of_orders(orders, placed.update_time, count)
            }
            (Kind::Plain | Kind::Draining, _) => Pushes::distinct(round, count),
        }
    }

    fn next_round(&self) -> usize {
        self.round.set(self.round.get() + 1);
        self.round.get()
    }
}

impl Round {
    fn of(outcome: Outcome) -> Self {
        let rate = outcome.rate();
        let mut latencies = outcome.latencies;
        Self {
            rate,
            p50: latencies.percentile(0.5),
            p95: latencies.percentile(0.95),
            p99: latencies.percentile(0.99),
            slowest: latencies.greatest(),
            ..Self::default()
        }
    }
}

impl Figures {
    fn of(kind: Kind, connections: usize, rounds: &[Round], reference: &[(f64, f64)]) -> Self {
        let all =
            |pick: fn(&Round) -> f64| Summary::of(&rounds.iter().map(pick).collect::<Vec<_>>());
        let of_reference = |values: Vec<f64>| (!values.is_empty()).then(|| Summary::of(&values));
        let pairs = rounds.iter().zip(reference);
        let drained = all(|round| round.drained).median;
        Self {
            kind,
            connections,
            rate: all(|round| round.rate),
            filed: all(|round| round.filed),
            p50: all(|round| round.p50),
            p95: all(|round| round.p95),
            p99: all(|round| round.p99),
            slowest: all(|round| round.slowest),
            service_micros: all(|round| round.service_micros),
            postgres_micros: all(|round| round.postgres_micros),
            client_micros: all(|round| round.client_micros),
            reference: of_reference(reference.iter().map(|(rate, _)| *rate).collect()),
            reference_micros: of_reference(reference.iter().map(|(_, micros)| *micros).collect()),
            times_reference: of_reference(
                pairs
                    .map(|(round, (rate, _))| ratio(round.rate, *rate))
                    .collect(),
            ),
            client_rate: None,
            checked: rounds.iter().map(|round| round.checked).sum(),
            drained: (kind == Kind::Draining).then_some(drained),
        }
    }
}

async fn empty_inbox(connection: &mut PgConnection) -> anyhow::Result<()> {
    run(connection, "TRUNCATE tenant_default.connector_event").await
}
