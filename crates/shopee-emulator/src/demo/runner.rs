//! Plays the demo's scripts in real time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::script::{Script, Scripts};
use crate::controls::Controls;
use crate::world::{OrderSn, Verb};

#[derive(Clone, Copy, Debug)]
pub struct DemoOptions {
    /// How many orders arrive; endlessly many when absent.
    pub orders: Option<usize>,
    pub seed: u64,
    /// From one order to the next, on average.
    pub pace: Duration,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            orders: None,
            seed: 1,
            pace: Duration::from_secs(4),
        }
    }
}

/// An order in the middle of its life, ordered by when it goes on.
struct Underway {
    due: Instant,
    number: usize,
    sn: OrderSn,
    /// What is still to happen, last first.
    left: Vec<(Duration, Verb)>,
}

/// Ends when the last order has ended.
pub async fn run(controls: Controls, options: DemoOptions) {
    let DemoOptions { orders, seed, pace } = options;
    let mut scripts = Scripts::new(seed)
        .take(orders.unwrap_or(usize::MAX))
        .enumerate();
    let mut random = fastrand::Rng::with_seed(!seed);
    let mut underway = BinaryHeap::new();
    let mut next_order = Some(Instant::now());
    loop {
        let next_act = underway.peek().map(|Reverse(Underway { due, .. })| *due);
        let Some(due) = next_order.into_iter().chain(next_act).min() else {
            return;
        };
        sleep_until(due).await;
        if next_order == Some(due) {
            next_order = scripts.next().map(|(number, script)| {
                underway.extend(begin(&controls, number, script).map(Reverse));
                due + pace.mul_f64(0.5 + random.f64())
            });
        } else if let Some(Reverse(order)) = underway.pop() {
            underway.extend(go_on(&controls, order).map(Reverse));
        }
    }
}

fn begin(controls: &Controls, number: usize, script: Script) -> Option<Underway> {
    let Script { order, mut acts } = script;
    acts.reverse();
    let skus: Vec<_> = order
        .lines
        .iter()
        .map(|line| format!("{}× {}", line.quantity, line.sku))
        .collect();
    match controls.place(order) {
        Ok(sn) => {
            tracing::info!("{sn} placed: {}", skus.join(", "));
            Some(
                Underway {
                    due: Instant::now(),
                    number,
                    sn,
                    left: acts,
                }
                .scheduled(),
            )
        }
        Err(error) => {
            tracing::warn!("an order was not placed: {error}");
            None
        }
    }
}

fn go_on(controls: &Controls, mut order: Underway) -> Option<Underway> {
    let (_, verb) = order.left.pop()?;
    // Somebody may have moved the order by hand in the meantime: then its script ends here.
    if let Err(error) = controls.act(&order.sn, &verb) {
        tracing::info!("{} left alone: {error}", order.sn);
        return None;
    }
    if let Some(truth) = controls.order(&order.sn) {
        tracing::info!("{} {}", order.sn, truth.status);
    }
    Some(order.scheduled())
}

impl Underway {
    fn scheduled(mut self) -> Self {
        let wait = self.left.last().map_or(Duration::ZERO, |(wait, _)| *wait);
        self.due = Instant::now() + wait;
        self
    }
}

impl PartialEq for Underway {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Underway {}

impl PartialOrd for Underway {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Underway {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}
