//! What happens in a proof, and when: a random life of the shop, and random trouble between its steps.
//!
//! Invariant: everything here follows from the sizes, seed included. Two plans of the same sizes are
//! equal; only how long each step takes differs from run to run.

use std::time::Duration;

use hawker_domain::schedule::JobName;
use hawker_shopee_emulator::{CallChaos, Chaos, LifePlan, LifeSku, PushChaos};
use rust_decimal::Decimal;

/// Steps that an order takes on average, and rather less: trouble comes while there is life.
const STEPS_PER_ORDER: usize = 6;

/// Of the steps of the shop's life, one in so many was before the service was there.
const HISTORY_SHARE: usize = 6;

/// What an operator runs in between. Nothing is old enough here to be forgotten.
const JOBS: [JobName; 3] = [
    JobName::LostPushRecovery,
    JobName::ReconcileDaily,
    JobName::EscrowBackstopDaily,
];

/// What is sold, in cents.
const CATALOGUE: [(&str, i64, bool); 6] = [
    ("PRV-ALPHA", 8_800, true),
    ("PRV-BRAVO", 1_290, true),
    ("PRV-CHARLIE", 24_500, true),
    ("PRV-DELTA", 399, true),
    ("PRV-ECHO", 5_075, false),
    ("PRV-FOXTROT", 12_999, false),
];

/// Nobody asks for a job more often than that: a run of a large shop takes longer than a step.
const RUNS_MAX: usize = 40;

/// How much of everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Where all choices come from.
    pub seed: u64,
    /// Orders in all.
    pub orders: usize,
    /// Processes that are killed.
    pub kills: usize,
    /// Crashes of the database.
    pub restarts: usize,
    /// Ways to the database that are cut, stalled or closed.
    pub cuts: usize,
    /// How bad pushes and calls are, in hundredths of the worst.
    pub chaos: u8,
}

/// Which of the two processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// The first or the second.
    One(usize),
    /// Both at the same moment.
    Both,
}

impl Whom {
    /// Their numbers.
    pub fn members(self) -> Vec<usize> {
        match self {
            Self::One(member) => vec![member],
            Self::Both => vec![0, 1],
        }
    }
}

/// Something that is done to the service, or to the shop behind its back. `for_steps` are steps of the
/// shop's life.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// SIGKILL.
    Kill {
        /// Whom.
        whom: Whom,
        /// How long it is away.
        for_steps: usize,
    },
    /// Postgres ends at once, without a word.
    CrashDatabase {
        /// How long it is away.
        for_steps: usize,
    },
    /// Every connection of a process to Postgres ends.
    Cut(Whom),
    /// Nothing arrives on the way to Postgres.
    Stall {
        /// Whose way.
        whom: Whom,
        /// For how long.
        for_steps: usize,
    },
    /// Nobody answers on the way to Postgres.
    Refuse {
        /// Whose way.
        whom: Whom,
        /// For how long.
        for_steps: usize,
    },
    /// Pushes and calls go wrong by other chances from now on.
    Weather(Box<Chaos>),
    /// The payout of an order that was paid out changes, and no push tells.
    Adjust {
        /// Which of those there are by then.
        nth: usize,
        /// By how much.
        cents: i64,
    },
    /// A payout is what no part explains, from now on.
    Unexplained {
        /// Which of the completed orders.
        nth: usize,
        /// By how much.
        cents: i64,
    },
    /// An operator asks for a run of a job.
    Run(JobName),
}

/// A deed and its place in the life of the shop.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// After so many steps.
    pub after: usize,
    /// What.
    pub deed: Deed,
}

/// Everything that happens in a proof.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What it was made of.
    pub sizes: Sizes,
    /// The life of the shop.
    pub life: LifePlan,
    /// So many of its steps were before there was a service, and nobody heard their pushes. Some orders
    /// are under way when it comes.
    pub history: usize,
    /// Seeds the time between the steps of the history.
    pub history_seed: u64,
    /// The trouble, in the order in which it comes.
    pub deeds: Vec<Planned>,
}

impl Plan {
    /// The plan of these sizes.
    pub fn of(sizes: Sizes) -> Self {
        let mut random = fastrand::Rng::with_seed(sizes.seed);
        let life = LifePlan {
            seed: random.u64(..),
            orders: sizes.orders,
            skus: catalogue(),
            at_once: 60,
            ..LifePlan::default()
        };
        let history_seed = random.u64(..);
        let steps = sizes.orders * STEPS_PER_ORDER;
        let history = steps / HISTORY_SHARE;
        let mut deeds = deeds(sizes, (steps - history).max(1), &mut random);
        deeds.sort_by_key(|planned| planned.after);
        Self {
            sizes,
            life,
            history,
            history_seed,
            deeds,
        }
    }

    /// Steps of the life that are led while the service is there, roughly and rather less.
    pub fn steps(&self) -> usize {
        self.life.orders * STEPS_PER_ORDER - self.history
    }
}

/// What can be bought: the SKUs that we need to have.
pub fn catalogue() -> Vec<LifeSku> {
    let skus = CATALOGUE.iter().map(|(sku, cents, variation)| LifeSku {
        sku: (*sku).to_owned(),
        price: Decimal::new(*cents, 2),
        variation: *variation,
    });
    skus.collect()
}

fn deeds(sizes: Sizes, steps: usize, random: &mut fastrand::Rng) -> Vec<Planned> {
    let mut deeds = Vec::new();
    let mut plan = |number: usize,
                    from: usize,
                    make: &mut dyn FnMut() -> Deed,
                    at: &mut dyn FnMut(usize) -> usize| {
        for _ in 0..number {
            let after = at(from);
            deeds.push(Planned {
                after,
                deed: make(),
            });
        }
    };
    let mut own = random.fork();
    let mut at = |from: usize| own.usize(from.min(steps - 1)..steps);
    let late = steps / 3;

    let changes = if sizes.chaos == 0 { 0 } else { 5 };
    if sizes.chaos > 0 {
        let first = weather(sizes.chaos, random);
        plan(1, 0, &mut || first.clone(), &mut |_| 0);
    }
    plan(changes, 0, &mut || weather(sizes.chaos, random), &mut at);
    plan(sizes.kills, 0, &mut || kill(random), &mut at);
    let mut crash = || Deed::CrashDatabase {
        for_steps: random.usize(..60),
    };
    plan(sizes.restarts, 0, &mut crash, &mut at);
    plan(sizes.cuts, 0, &mut || way(random), &mut at);
    let late_changes = sizes.orders / 10;
    plan(late_changes, late, &mut || late_change(random), &mut at);
    let mut job = || Deed::Run(JOBS[random.usize(..JOBS.len())]);
    plan((sizes.orders / 20 + 2).min(RUNS_MAX), 0, &mut job, &mut at);
    deeds
}

fn whom(random: &mut fastrand::Rng) -> Whom {
    if random.u8(..5) == 0 {
        Whom::Both
    } else {
        Whom::One(random.usize(..2))
    }
}

/// Half of those that are killed are back at once.
fn kill(random: &mut fastrand::Rng) -> Deed {
    Deed::Kill {
        whom: whom(random),
        for_steps: if random.bool() { 0 } else { random.usize(..80) },
    }
}

fn way(random: &mut fastrand::Rng) -> Deed {
    let whom = whom(random);
    let for_steps = random.usize(5..80);
    match random.u8(..3) {
        0 => Deed::Cut(whom),
        1 => Deed::Stall { whom, for_steps },
        _ => Deed::Refuse { whom, for_steps },
    }
}

fn late_change(random: &mut fastrand::Rng) -> Deed {
    let nth = random.usize(..);
    let cents = random.i64(1..=500) * if random.bool() { 1 } else { -1 };
    if random.u8(..4) == 0 {
        Deed::Unexplained { nth, cents }
    } else {
        Deed::Adjust { nth, cents }
    }
}

/// Times of pushes are times of the shop's clock, which goes with ours while the service is there.
fn weather(chaos: u8, random: &mut fastrand::Rng) -> Deed {
    let worst = f64::from(chaos) / 100.0;
    let mut up_to = |most: f64| random.f64() * most * worst;
    let pushes = PushChaos {
        lose: up_to(0.2),
        vanish: up_to(0.2),
        duplicate: up_to(0.4),
        delay: up_to(0.3),
        delay_by: Duration::from_secs(2),
        shuffle: up_to(0.5),
        shuffle_window: Duration::from_secs(2),
        forge: up_to(0.2),
        re_sign: up_to(0.3),
        ..PushChaos::default()
    };
    let calls = CallChaos {
        rate_limited: up_to(0.05),
        server_error: up_to(0.05),
        hang: up_to(0.03),
        hang_for: Duration::from_millis(300),
        edge_html: up_to(0.02),
        truncated: up_to(0.04),
        garbage: up_to(0.03),
        lost_reply: up_to(0.04),
        overloaded_auth: up_to(0.03),
        ..CallChaos::default()
    };
    Deed::Weather(Box::new(Chaos {
        seed: random.u64(..),
        pushes,
        calls,
        ..Chaos::default()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes = Sizes {
        seed: 7,
        orders: 200,
        kills: 12,
        restarts: 3,
        cuts: 9,
        chaos: 50,
    };

    #[test]
    fn the_plan_of_a_seed_is_the_same_twice_and_that_of_another_is_another() {
        assert_eq!(Plan::of(SIZES), Plan::of(SIZES));
        let other = Sizes { seed: 8, ..SIZES };
        assert_ne!(Plan::of(SIZES).deeds, Plan::of(other).deeds);
        assert_ne!(Plan::of(SIZES).life, Plan::of(other).life);
    }

    #[test]
    fn as_much_happens_as_was_asked_for_and_in_order() {
        for seed in 0..50 {
            let plan = Plan::of(Sizes { seed, ..SIZES });
            let count = |is: fn(&Deed) -> bool| {
                let deeds = plan.deeds.iter();
                deeds.filter(|planned| is(&planned.deed)).count()
            };
            assert_eq!(count(|deed| matches!(deed, Deed::Kill { .. })), 12);
            assert_eq!(count(|deed| matches!(deed, Deed::CrashDatabase { .. })), 3);
            let way = |deed: &Deed| {
                matches!(
                    deed,
                    Deed::Cut(_) | Deed::Stall { .. } | Deed::Refuse { .. }
                )
            };
            assert_eq!(count(way), 9);
            assert!(plan.deeds.is_sorted_by_key(|planned| planned.after));
        }
    }

    #[test]
    fn without_chaos_nothing_goes_wrong_by_chance() {
        let plan = Plan::of(Sizes { chaos: 0, ..SIZES });
        let mut deeds = plan.deeds.iter();
        assert!(!deeds.any(|planned| matches!(planned.deed, Deed::Weather(_))));
    }
}
