//! Leading the life of the shop, with the planned trouble between its steps.

use std::collections::VecDeque;
use std::time::Duration;

use hawker_domain::audit::Actor;
use hawker_domain::schedule::JobName;
use hawker_shopee_emulator::{Order, OrderStatus};
use rust_decimal::Decimal;
use tokio::time::MissedTickBehavior;

use super::cut::Cut;
use super::plan::{Deed, Planned, Whom};
use super::progress::Progress;
use super::stage::Proof;

/// Progress is told once in so many steps.
const TELL_EVERY: usize = 25;

/// What is undone later.
enum Undo {
    Start(usize),
    Open(usize),
    StartDatabase,
}

impl Proof {
    /// Leads the life to its end, and does all that is planned; answers what did not come to rest before.
    pub(super) async fn drive(
        &mut self,
        tell: &mut (dyn FnMut(&Progress) + Send),
    ) -> anyhow::Result<Vec<String>> {
        // What was there before: as an operator does who has just connected a shop.
        let mut restless = Vec::new();
        self.finish_run(JobName::ReconcileDaily, &mut restless, tell)
            .await?;
        self.progress.phase = "life";
        if let Some(weather) = self.setup.weather.clone() {
            self.bench.emulator.set_chaos(weather);
        }
        let mut deeds: VecDeque<Planned> = self.plan.deeds.clone().into();
        let mut undone: Vec<(usize, Undo)> = Vec::new();
        let mut pace = tokio::time::interval(self.setup.pace.max(Duration::from_micros(1)));
        // A step that was held up is not made up for: an order changes once in a second at the most,
        // by the platform's own clock.
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for step in 0.. {
            if self.life.is_over() && deeds.is_empty() && undone.is_empty() {
                break;
            }
            pace.tick().await;
            self.life.next_step();
            self.progress.steps = step + 1;
            while let Some(planned) = deeds.pop_front_if(|planned| planned.after <= step) {
                for (for_steps, undo) in self.carry_out(planned.deed).await? {
                    undone.push((step + for_steps, undo));
                }
            }
            let (due, later) = undone.into_iter().partition(|(at, _)| *at <= step);
            undone = later;
            self.undo(due).await?;
            if step % TELL_EVERY == 0 {
                self.look().await;
                tell(&self.progress);
            }
        }
        Ok(restless)
    }

    /// Does it, and says what is to be undone after how many steps.
    async fn carry_out(&mut self, deed: Deed) -> anyhow::Result<Vec<(usize, Undo)>> {
        Ok(match deed {
            Deed::Kill { whom, for_steps } => {
                for member in whom.members() {
                    self.fleet.kill(member).await?;
                }
                let back = whom.members().into_iter();
                back.map(|member| (for_steps, Undo::Start(member)))
                    .collect()
            }
            Deed::CrashDatabase { for_steps } => {
                let Some(database) = &self.database else {
                    return Ok(Vec::new());
                };
                database.crash().await?;
                self.progress.crashes += 1;
                vec![(for_steps, Undo::StartDatabase)]
            }
            Deed::Cut(whom) => {
                self.disturb(whom, Cut::cut);
                Vec::new()
            }
            Deed::Stall { whom, for_steps } => {
                let ways = self.disturb(whom, Cut::stall).into_iter();
                ways.map(|way| (for_steps, Undo::Open(way))).collect()
            }
            Deed::Refuse { whom, for_steps } => {
                let ways = self.disturb(whom, Cut::refuse).into_iter();
                ways.map(|way| (for_steps, Undo::Open(way))).collect()
            }
            Deed::Weather(chaos) => {
                if self.setup.weather.is_none() {
                    self.bench.emulator.set_chaos(*chaos);
                }
                Vec::new()
            }
            Deed::Adjust { nth, cents } => {
                self.adjust(nth, cents);
                Vec::new()
            }
            Deed::Unexplained { nth, cents } => {
                // Only the release of it, later, shows what is paid out by then.
                self.change_payout(
                    nth,
                    |order| order.payout.released_at.is_none(),
                    |proof, order| {
                        let amount = Decimal::new(cents, 2);
                        proof
                            .bench
                            .emulator
                            .plant_unexplained(&order.order_sn, amount)
                            .is_ok()
                    },
                );
                Vec::new()
            }
            Deed::Run(job) => {
                // Whoever asks while the database is away asks in vain.
                self.ask_for(job).await.ok();
                Vec::new()
            }
        })
    }

    /// Does something to ways to the database; answers whose they are.
    fn disturb(&mut self, whom: Whom, how: impl Fn(&Cut)) -> Vec<usize> {
        self.progress.cuts += 1;
        let members = whom.members();
        for member in &members {
            how(self.fleet.way(*member));
        }
        members
    }

    /// Changes a payout that was released.
    pub(super) fn adjust(&mut self, nth: usize, cents: i64) {
        let is_released = |order: &Order| order.payout.released_at.is_some();
        self.change_payout(nth, is_released, |proof, order| {
            let (amount, reason) = (Decimal::new(cents, 2), "Adjustment after the release");
            let shop = &proof.bench.emulator;
            shop.adjust_escrow(&order.order_sn, amount, reason).is_ok()
        });
    }

    fn change_payout(
        &mut self,
        nth: usize,
        is_meant: impl Fn(&Order) -> bool,
        change: impl Fn(&Self, &Order) -> bool,
    ) {
        let orders = self.bench.emulator.orders();
        let completed: Vec<_> = orders
            .iter()
            .filter(|order| order.status == OrderStatus::Completed && is_meant(order))
            .collect();
        if !completed.is_empty() && change(self, completed[nth % completed.len()]) {
            self.progress.late_changes += 1;
        }
    }

    /// As an operator asks for a run; answers its id.
    pub(super) async fn ask_for(
        &self,
        job: JobName,
    ) -> anyhow::Result<hawker_domain::ids::JobRunId> {
        let jobs = self.adapters.manage_jobs();
        let (tenant, actor) = (&self.bench.tenant, Actor::terminal());
        Ok(jobs.ask(tenant, &actor, job, None, None).await?)
    }

    async fn undo(&mut self, due: Vec<(usize, Undo)>) -> anyhow::Result<()> {
        for (_, undo) in due {
            match undo {
                Undo::Start(member) => self.fleet.start(member).await?,
                Undo::Open(member) => self.fleet.way(member).open(),
                Undo::StartDatabase => self.start_database().await?,
            }
        }
        Ok(())
    }

    /// Starts the database again and leads everybody to it.
    async fn start_database(&mut self) -> anyhow::Result<()> {
        if let Some(database) = &self.database {
            let port = database.start_again().await?;
            self.fleet.database_moved(port);
            if let Some(home) = &self.home {
                home.lead_to(port);
            }
        }
        Ok(())
    }
}
