//! The two clocks. The wall clock judges signatures and tokens and can be injected. The shop
//! clock times what happens in the shop and can run at any speed, stand still, or be stepped.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::sync::lock;
use crate::world::Timestamp;

/// The time by which the platform's gateway judges.
pub trait WallClock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemWall;

impl WallClock for SystemWall {
    #[expect(
        clippy::disallowed_methods,
        reason = "the stand-in owns its wall clock, here only"
    )]
    fn now(&self) -> Timestamp {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::try_from(elapsed.as_secs()).unwrap_or(Timestamp::MAX)
    }
}

/// A wall clock that moves only when told to.
#[derive(Debug)]
pub struct SteppedWall(AtomicI64);

impl SteppedWall {
    pub const fn at(now: Timestamp) -> Self {
        Self(AtomicI64::new(now))
    }

    pub fn set(&self, now: Timestamp) {
        self.0.store(now, Ordering::SeqCst);
    }
}

impl WallClock for SteppedWall {
    fn now(&self) -> Timestamp {
        self.0.load(Ordering::SeqCst)
    }
}

/// A wall clock that goes wrong by command.
pub(crate) struct GatewayClock {
    right: Arc<dyn WallClock>,
    offset: AtomicI64,
}

impl GatewayClock {
    pub const fn new(right: Arc<dyn WallClock>) -> Self {
        Self {
            right,
            offset: AtomicI64::new(0),
        }
    }

    /// Seconds that it is ahead of the clock that was injected.
    pub fn set_offset(&self, seconds: i64) {
        self.offset.store(seconds, Ordering::SeqCst);
    }
}

impl WallClock for GatewayClock {
    fn now(&self) -> Timestamp {
        self.right
            .now()
            .saturating_add(self.offset.load(Ordering::SeqCst))
    }
}

/// The fastest and the slowest that the shop clock may run, besides standing still.
const SPEED_MAX: f64 = 1_000_000.0;
const SPEED_MIN: f64 = 0.001;

/// Shop time = base + elapsed real time × speed + steps. It never runs backwards.
pub(crate) struct ShopClock {
    anchor: Mutex<Anchor>,
}

struct Anchor {
    shop_millis: i64,
    since: Instant,
    speed: f64,
}

impl ShopClock {
    pub fn new(base: Timestamp, speed: f64) -> Self {
        let anchor = Anchor {
            shop_millis: base * 1000,
            since: Instant::now(),
            speed: bounded(speed),
        };
        Self {
            anchor: Mutex::new(anchor),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.now_millis().div_euclid(1000)
    }

    pub fn now_millis(&self) -> i64 {
        lock(&self.anchor).millis()
    }

    pub fn speed(&self) -> f64 {
        lock(&self.anchor).speed
    }

    /// 0 stands still.
    pub fn set_speed(&self, speed: f64) {
        let mut anchor = lock(&self.anchor);
        anchor.shop_millis = anchor.millis();
        anchor.since = Instant::now();
        anchor.speed = bounded(speed);
    }

    pub fn advance(&self, step: Duration) {
        let millis = i64::try_from(step.as_millis()).unwrap_or(i64::MAX);
        let mut anchor = lock(&self.anchor);
        anchor.shop_millis = anchor.shop_millis.saturating_add(millis);
    }

    /// How long, in real time, until the shop clock shows that; None when it stands still.
    pub fn real_time_until(&self, shop_millis: i64) -> Option<Duration> {
        let anchor = lock(&self.anchor);
        let left = u64::try_from(shop_millis - anchor.millis()).unwrap_or(0);
        let left = Duration::from_millis(left);
        if left.is_zero() {
            return Some(left);
        }
        (anchor.speed > 0.0).then(|| left.div_f64(anchor.speed))
    }
}

impl Anchor {
    fn millis(&self) -> i64 {
        let elapsed = self.since.elapsed().mul_f64(self.speed).as_millis();
        self.shop_millis
            .saturating_add(i64::try_from(elapsed).unwrap_or(i64::MAX))
    }
}

fn bounded(speed: f64) -> f64 {
    if speed > 0.0 {
        speed.clamp(SPEED_MIN, SPEED_MAX)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_stands_still_moves_by_steps_only() {
        let clock = ShopClock::new(1000, 0.0);
        clock.advance(Duration::from_mins(5));
        assert_eq!(clock.now(), 1300);
        assert_eq!(clock.real_time_until(1_300_000), Some(Duration::ZERO));
        assert_eq!(clock.real_time_until(1_300_001), None);
    }

    #[test]
    fn a_fast_clock_shortens_the_wait() {
        let clock = ShopClock::new(0, 1000.0);
        let wait = clock.real_time_until(1_000_000).unwrap();
        assert!(wait <= Duration::from_secs(1));
    }

    #[test]
    fn changing_the_speed_keeps_the_time() {
        let clock = ShopClock::new(5000, 1_000_000.0);
        clock.set_speed(0.0);
        let then = clock.now();
        assert!(then >= 5000);
        assert_eq!(clock.now(), then);
    }
}
