//! A service beside whose pushes old events are forgotten, and its rounds.

use std::time::{Duration, Instant};

use super::inbox::{Contents, Inbox};
use super::job::{Beside, Forgetting, forget, until_begun};
use crate::measure::ground::Ground;
use crate::measure::ingest::audit::{every_one_once, until_filed};
use crate::measure::load::{Outcome, Pace, Requests, load};
use crate::measure::pushes::{Prepared, Pushes};
use crate::measure::service::Service;
use crate::measure::shop::{Shop, Silence};
use crate::measure::statistics::float;

const DATABASE: &str = "hawker_bench_retention";

/// As the budget of the intake is stated.
pub(super) const CONNECTIONS: usize = 64;

/// More pushes than anybody acknowledges in a second.
const SUPPLY_PER_SECOND: u64 = 80_000;

/// Before the first turn, so that connections are made, statements prepared and a push is stored.
const WARM_UP: Duration = Duration::from_secs(1);

/// Everything that turns need.
pub(super) struct Stand<'a> {
    ground: &'a Ground,
    shop: Shop,
    service: Service,
    inbox: Inbox,
    time: Duration,
    round: usize,
    _silence: Silence,
}

/// A round of each kind, in the same inbox one after the other.
pub(super) struct Turn {
    /// Old events are there and stay.
    pub(super) without: Round,
    /// Old events are forgotten meanwhile.
    pub(super) with: Round,
    /// Old events are gone.
    pub(super) after: Round,
    pub(super) forgetting: Forgetting,
}

/// Pushes that were taken in, and the inbox before and after.
pub(super) struct Round {
    pub(super) rate: f64,
    pub(super) p50: f64,
    pub(super) p99: f64,
    pub(super) slowest: f64,
    /// Distinct pushes that were looked up in the inbox.
    pub(super) checked: u64,
    pub(super) before: Contents,
    pub(super) after: Contents,
}

impl<'a> Stand<'a> {
    /// A service whose marketplace is silent, on a database of its own. Its inbox is empty until a turn.
    pub(super) async fn build(ground: &'a Ground, old: u64, kept: u64) -> anyhow::Result<Self> {
        let silence = Silence::fall()?;
        let shop = Shop::open(ground, DATABASE, &silence.base_url()?).await?;
        let service = Service::start(ground, "growth-retention", &shop.settings).await?;
        let (_, requests) = pushes(0, WARM_UP)?;
        take_in(&service, &requests, WARM_UP).await?;
        let mut connection = shop.connect(ground).await?;
        until_filed(&mut connection).await?;
        let inbox = Inbox::prepare(connection, old, kept).await?;
        Ok(Self {
            ground,
            shop,
            service,
            inbox,
            // Longer than elsewhere: what stops everybody may do so once in some seconds.
            time: ground.sized(Duration::from_secs(10), Duration::from_secs(2)),
            round: 0,
            _silence: silence,
        })
    }

    /// A turn in an inbox that is filled anew.
    pub(super) async fn turn(&mut self) -> anyhow::Result<Turn> {
        self.inbox.fill().await?;
        let without = self.undisturbed().await?;
        let (with, forgetting) = self.disturbed().await?;
        let after = self.undisturbed().await?;
        Ok(Turn {
            without,
            with,
            after,
            forgetting,
        })
    }

    /// Ends everything, and removes the database.
    pub(super) async fn take_down(self) -> anyhow::Result<()> {
        self.service.kill().await?;
        drop(self.inbox);
        self.ground.drop_database(DATABASE).await
    }

    /// A round in which nothing is forgotten.
    async fn undisturbed(&mut self) -> anyhow::Result<Round> {
        let (prepared, requests) = self.next_pushes()?;
        let before = self.begin().await?;
        let outcome = take_in(&self.service, &requests, self.time).await?;
        let round = self.judged(&prepared, outcome, before).await?;
        let (had, has) = (round.before.old, round.after.old);
        anyhow::ensure!(had == has, "of {had} old events {has} are there");
        Ok(round)
    }

    /// A round in which old events are forgotten. It is over when all of them are.
    async fn disturbed(&mut self) -> anyhow::Result<(Round, Forgetting)> {
        let (prepared, requests) = self.next_pushes()?;
        let before = self.begin().await?;
        let oldest = self.inbox.oldest().await?;
        let (shop, service, inbox, time) = (&self.shop, &self.service, &mut self.inbox, self.time);
        let forgetting = forget(&shop.settings);
        let pushing = async {
            until_begun(inbox, &oldest).await?;
            let began = Instant::now();
            let left_before = inbox.left().await?;
            let outcome = take_in(service, &requests, time).await?;
            let ended = Instant::now();
            let beside = Beside {
                began,
                ended,
                left_before,
                left_after: inbox.left().await?,
            };
            anyhow::Ok((outcome, beside))
        };
        let (run, (outcome, beside)) = tokio::try_join!(forgetting, pushing)?;
        let (forgotten, forgetting) = (run.forgotten, Forgetting::of(&beside, run.over));
        let round = self.judged(&prepared, outcome, before).await?;
        anyhow::ensure!(
            (forgotten, round.after.old) == (round.before.old, 0),
            "of {} old events {forgotten} were forgotten, and {} are there",
            round.before.old,
            round.after.old
        );
        Ok((round, forgetting))
    }

    /// Each round begins with the same debts.
    async fn begin(&mut self) -> anyhow::Result<Contents> {
        self.inbox.tidy().await?;
        let before = self.inbox.look().await?;
        self.ground.checkpoint().await?;
        Ok(before)
    }

    /// A round, if nothing is missing that was acknowledged or is not old.
    async fn judged(
        &mut self,
        prepared: &[Prepared],
        outcome: Outcome,
        before: Contents,
    ) -> anyhow::Result<Round> {
        until_filed(&mut self.inbox.connection).await?;
        let checked = every_one_once(&mut self.inbox.connection, prepared, &outcome).await?;
        let after = self.inbox.look().await?;
        anyhow::ensure!(
            after.kept == before.kept,
            "of {} events that are dealt with and not old {} are there",
            before.kept,
            after.kept
        );
        anyhow::ensure!(
            after.pushes >= before.pushes + checked,
            "there were {} pushes, {checked} were acknowledged, and {} are there",
            before.pushes,
            after.pushes
        );
        let rate = outcome.rate();
        let mut latencies = outcome.latencies;
        Ok(Round {
            rate,
            p50: latencies.percentile(0.5),
            p99: latencies.percentile(0.99),
            slowest: latencies.greatest(),
            checked,
            before,
            after,
        })
    }

    fn next_pushes(&mut self) -> anyhow::Result<(Vec<Prepared>, Requests)> {
        self.round += 1;
        pushes(self.round, self.time)
    }
}

impl Round {
    /// By how many bytes the rows need more of the disk, for each push.
    pub(super) fn heap_bytes_each(&self) -> f64 {
        let pushes = self.after.pushes.saturating_sub(self.before.pushes);
        (self.after.heap - self.before.heap) / float(pushes.max(1))
    }
}

/// Distinct pushes, enough for so long.
fn pushes(round: usize, time: Duration) -> anyhow::Result<(Vec<Prepared>, Requests)> {
    let supply = usize::try_from(SUPPLY_PER_SECOND * time.as_secs())?;
    Ok(Pushes::distinct(3_000 + round, supply).split())
}

async fn take_in(
    service: &Service,
    requests: &Requests,
    time: Duration,
) -> anyhow::Result<Outcome> {
    let outcome = load(service.address, CONNECTIONS, requests, Pace::Closed, time).await?;
    outcome.all_acknowledged()?;
    Ok(outcome)
}
