//! The shop clock.

use std::time::Duration;

use super::Controls;
use crate::world::Timestamp;

impl Controls {
    /// The time in the shop.
    pub fn shop_time(&self) -> Timestamp {
        self.shared.clock.now()
    }

    pub fn speed(&self) -> f64 {
        self.shared.clock.speed()
    }

    /// Times real time; 0 stands still.
    pub fn set_speed(&self, speed: f64) {
        self.shared.clock.set_speed(speed);
        self.shared.run_due();
        self.shared.outbox_moved();
    }

    /// Steps the shop clock forward, whatever its speed. What is due by then in the shop happens
    /// before this returns, each thing at its own time.
    pub fn advance(&self, step: Duration) {
        self.shared.clock.advance(step);
        self.shared.run_due();
        self.shared.outbox_moved();
    }
}
