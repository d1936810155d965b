//! When the life is over: no more trouble, both processes up, each job once; and then everything comes
//! to rest, or it is told what does not.

use std::time::{Duration, Instant};

use hawker_domain::schedule::JobName;
use hawker_ports::progress::NoProgress;
use hawker_ports::schedules::ScheduleLedger as _;

use super::fleet::Kind;
use super::lasting::Leases;
use super::progress::Progress;
use super::stage::{PIECES, Proof};
use crate::oracle::is_explained;

/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// An order that changes quickly may seem to change in the future.
const CLOCK_PATIENCE: Duration = Duration::from_mins(3);

/// So far the shop's clock is moved at a time.
const CATCH_UP: Duration = Duration::from_secs(1);

/// So many seconds it stays behind ours.
const BEHIND_AT_LEAST: i64 = 5;

/// So often in a row nothing may be left before it counts as rest.
const LOOKS_AT_REST: usize = 3;

/// So many times shorter it is waited once something has not come to rest.
const IMPATIENT: u32 = 6;

/// Time passes once in so many looks.
const PASS_TIME_EVERY: usize = 20;

/// What is still to be told or handed over, and what has changed and was not taken note of by whoever
/// tells.
const ALERTS_LEFT: &str = "
    SELECT (SELECT count(*) FROM tenant_default.connector_alert WHERE delivered_at IS NULL)
         + (SELECT count(*) FROM tenant_default.connector_alert_thread
            WHERE due_at <= now() + interval '5 seconds'
               OR recovered_at IS NOT NULL AND told > 0 AND NOT recovery_told)
         + (SELECT count(*) FROM tenant_default.connector_exception
            WHERE status = 'open' AND told_in IS NULL
              AND (snoozed_until IS NULL OR snoozed_until <= now()))
         + (SELECT count(*) FROM tenant_default.connector_alert_thread AS thread
            WHERE (thread.recovered_at IS NULL) <> EXISTS (
                SELECT FROM tenant_default.connector_exception AS standing
                WHERE standing.status = 'open'
                  AND standing.cause = thread.cause
                  AND standing.error_class = thread.error_class
                  AND standing.profile_id IS NOT DISTINCT FROM thread.profile_id
                  AND standing.connector = thread.connector
                  AND standing.environment = thread.environment
            ))";

const TOLD_OF_CARDS: &str = "
    SELECT count(*) FROM tenant_default.connector_alert
    WHERE payload->>'error_class' = 'sku_not_found' AND delivered_at IS NOT NULL";

const PARCELS_DUE_NOW: &str = "UPDATE tenant_default.order_shipment SET tracking_due_at = now() WHERE tracking_number IS NULL";

impl Proof {
    /// Brings everything to rest; answers what does not come to it, after what did not before.
    pub(super) async fn settle(
        &mut self,
        mut restless: Vec<String>,
        tell: &mut (dyn FnMut(&Progress) + Send),
    ) -> anyhow::Result<Vec<String>> {
        self.bench.emulator.calm();
        self.fleet.start_all().await?;
        self.add_late_card(&mut restless, tell).await;
        self.progress.phase = "last pushes";
        self.look().await;
        tell(&self.progress);
        self.until("the last pushes", &mut restless, async |proof, _| {
            let shop = &proof.bench.emulator;
            let pushes = shop.stats().pushes;
            // What was not taken comes again when the shop's clock says so: it may catch up with ours.
            if pushes.waiting > 0 && shop.shop_time() + BEHIND_AT_LEAST < shop.wall_time() {
                shop.advance(CATCH_UP);
            }
            pushes.waiting == 0 && pushes.in_flight == 0
        })
        .await;
        // A list shows what has changed by now, and no more.
        self.until_within(
            CLOCK_PATIENCE,
            "the newest order",
            &mut restless,
            async |proof, _| {
                let orders = proof.bench.emulator.orders();
                let newest = orders.iter().map(|order| order.update_time).max();
                newest.is_none_or(|newest| newest < proof.bench.emulator.wall_time())
            },
        )
        .await;
        for job in [JobName::LostPushRecovery, JobName::ReconcileDaily] {
            self.finish_run(job, &mut restless, tell).await?;
        }
        self.rest("orders", &mut restless, tell).await;
        self.ask_for_parcels(tell).await?;
        self.rest("orders with their parcels", &mut restless, tell)
            .await;
        // The list of releases tells when a payout was released that is here already.
        self.rest_payouts(&mut restless, tell).await;
        // And what changed afterwards.
        let changes = self.setup.sizes.orders / 20 + 1;
        for nth in 0..changes {
            self.adjust(nth * 7, -125);
        }
        self.finish_run(JobName::EscrowBackstopDaily, &mut restless, tell)
            .await?;
        self.rest("orders that were paid out", &mut restless, tell)
            .await;
        self.rest_payouts(&mut restless, tell).await;
        self.rest_exceptions(&mut restless, tell).await;
        Ok(restless)
    }

    /// Adds the card that nobody had thought of, when somebody was told that it is missing.
    async fn add_late_card(
        &mut self,
        restless: &mut Vec<String>,
        tell: &mut (dyn FnMut(&Progress) + Send),
    ) {
        let Some(sku) = self.late_card.take() else {
            return;
        };
        self.progress.phase = "a card that is missing";
        self.look().await;
        tell(&self.progress);
        self.until("telling of a missing card", restless, async |proof, _| {
            proof.bench.count(TOLD_OF_CARDS).await > 0
        })
        .await;
        self.bench.add_card(&sku, PIECES).await;
    }

    pub(super) async fn finish_run(
        &mut self,
        job: JobName,
        restless: &mut Vec<String>,
        tell: &mut (dyn FnMut(&Progress) + Send),
    ) -> anyhow::Result<()> {
        self.progress.phase = job.as_str();
        self.look().await;
        tell(&self.progress);
        let id = self.ask_for(job).await?;
        // Here and now, as whoever asks for it by hand does; unless another process was quicker.
        let runner = self.adapters.job_runner(job);
        runner.run_this(id, &NoProgress).await.ok();
        self.until(&format!("a run of {job}"), restless, async |proof, _| {
            let run = proof.bench.store.run(&proof.bench.tenant, id).await;
            run.is_ok_and(|run| run.is_some_and(|run| run.finished_at.is_some()))
        })
        .await;
        Ok(())
    }

    /// Lets the time of all parcels come whose number no push told.
    async fn ask_for_parcels(
        &mut self,
        tell: &mut (dyn FnMut(&Progress) + Send),
    ) -> anyhow::Result<()> {
        self.progress.phase = "tracking numbers";
        self.look().await;
        tell(&self.progress);
        sqlx::query(PARCELS_DUE_NOW)
            .execute(self.bench.store.pool())
            .await?;
        // Here and now, as whoever starts another process does.
        let learn = self.adapters.learn_tracking_numbers();
        while learn.run(&self.bench.tenant).await? > 0 {}
        Ok(())
    }

    async fn rest(
        &mut self,
        what: &'static str,
        restless: &mut Vec<String>,
        tell: &mut (dyn FnMut(&Progress) + Send),
    ) {
        self.progress.phase = what;
        self.look().await;
        tell(&self.progress);
        self.until(what, restless, async |proof, _| {
            let backlog = proof.bench.backlog().await;
            if (backlog.due, backlog.leased) == (0, 0) && backlog.waiting > 0 {
                Leases::retry(&proof.bench.store).await.ok();
            }
            (backlog.due, backlog.leased, backlog.waiting) == (0, 0, 0)
        })
        .await;
    }

    async fn rest_payouts(
        &mut self,
        restless: &mut Vec<String>,
        tell: &mut (dyn FnMut(&Progress) + Send),
    ) {
        self.progress.phase = "payouts";
        self.look().await;
        tell(&self.progress);
        self.until("payouts", restless, async |proof, leases| {
            let rest = leases.payouts_rest(&proof.bench.store).await;
            let rest = rest.unwrap_or(false);
            if !rest && proof.setup.kind == Kind::Inside {
                // Here and now, and not only every few seconds: it is the same service.
                let capture = proof.adapters.capture_escrow();
                capture.run(&proof.bench.tenant).await.ok();
            }
            rest
        })
        .await;
    }

    async fn rest_exceptions(
        &mut self,
        restless: &mut Vec<String>,
        tell: &mut (dyn FnMut(&Progress) + Send),
    ) {
        self.progress.phase = "exceptions and alerts";
        self.look().await;
        tell(&self.progress);
        let truth = self.bench.emulator.orders();
        self.until("exceptions", restless, async |proof, _| {
            let open = proof.bench.open_exceptions().await;
            open.iter()
                .all(|open| is_explained(open, &proof.bench, &truth))
        })
        .await;
        // Whatever a job that runs every minute has asked for meanwhile is worked on as well.
        self.until("alerts", restless, async |proof, _| {
            let backlog = proof.bench.backlog().await;
            (backlog.due, backlog.leased, backlog.waiting) == (0, 0, 0)
                && proof.bench.count(ALERTS_LEFT).await == 0
        })
        .await;
    }

    /// Waits until it is so some times in a row; notes when that takes too long.
    async fn until(
        &mut self,
        what: &str,
        restless: &mut Vec<String>,
        is_so: impl AsyncFn(&Self, &mut Leases) -> bool,
    ) {
        let patience = self.setup.patience;
        self.until_within(patience, what, restless, is_so).await;
    }

    async fn until_within(
        &mut self,
        patience: Duration,
        what: &str,
        restless: &mut Vec<String>,
        is_so: impl AsyncFn(&Self, &mut Leases) -> bool,
    ) {
        // What does not rest is told already: the proof has failed, and waiting shows nothing new.
        let patience = if restless.is_empty() {
            patience
        } else {
            patience / IMPATIENT
        };
        let since = Instant::now();
        let mut leases = Leases::default();
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        let mut in_a_row = 0;
        for look in 1.. {
            ticks.tick().await;
            in_a_row = if is_so(self, &mut leases).await {
                in_a_row + 1
            } else {
                0
            };
            if in_a_row == LOOKS_AT_REST {
                return;
            }
            if since.elapsed() > patience {
                let seconds = patience.as_secs();
                restless.push(format!("{what}: no rest within {seconds} s"));
                return;
            }
            if look % PASS_TIME_EVERY == 0 {
                leases.pass_time(&self.bench.store).await.ok();
            }
        }
    }
}
