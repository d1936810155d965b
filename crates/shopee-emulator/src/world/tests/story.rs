//! An order, what happens to it, and what is heard of it.

use rust_decimal::Decimal;

use crate::world::{
    CancelledBy, Change, LogisticsStatus as L, NewLine, NewOrder, News, Order, OrderSn,
    OrderStatus as S, PackedLine, Parcels, PartnerApp, Shop, Timestamp, Verb, World, WorldError,
};

pub const NOON: Timestamp = 1_712_635_200;

pub struct Story {
    pub world: World,
    pub sn: OrderSn,
    now: Timestamp,
    pub heard: Vec<Change>,
}

pub fn cents(amount: i64) -> Decimal {
    Decimal::new(amount, 2)
}

pub fn two_lines() -> NewOrder {
    NewOrder::of([
        NewLine::new("A", cents(1000)).times(2),
        NewLine::plain("B", cents(500)),
    ])
}

impl Story {
    pub fn of(new: NewOrder) -> Self {
        let mut world = World::new(vec![PartnerApp::default()], vec![Shop::default()], 1, NOON);
        let (sn, heard) = world.place(new, NOON).unwrap();
        Self {
            world,
            sn,
            now: NOON,
            heard,
        }
    }

    pub fn paid() -> Self {
        Self::of(two_lines().paid_at_once())
    }

    pub fn shipped() -> Self {
        Self::paid()
            .then(Verb::Arrange(Parcels::All))
            .then(Verb::PickUp(Parcels::All))
    }

    pub fn attempt(&mut self, verb: &Verb) -> Result<(), WorldError> {
        self.now += 60;
        self.heard.extend(self.world.act(&self.sn, verb, self.now)?);
        Ok(())
    }

    pub fn then(mut self, verb: Verb) -> Self {
        self.attempt(&verb).unwrap();
        self
    }

    pub fn order(&self) -> &Order {
        &self.world.orders[&self.sn]
    }

    pub fn refuses(&mut self, verb: Verb) -> WorldError {
        let before = self.order().clone();
        let error = self.attempt(&verb).unwrap_err();
        assert_eq!(*self.order(), before, "a refused verb changes nothing");
        error
    }

    pub fn statuses(&self) -> Vec<S> {
        let of_orders = self.heard.iter().filter_map(|change| match change.news {
            News::Order { status, .. } => Some(status),
            _ => None,
        });
        of_orders.collect()
    }

    pub fn logistics(&self) -> Vec<L> {
        self.order()
            .packages
            .iter()
            .map(|package| package.logistics_status)
            .collect()
    }
}

pub fn cancel(by: CancelledBy) -> Verb {
    Verb::Cancel {
        by,
        reason: "Out of Stock".to_owned(),
    }
}

pub fn ask_to_cancel() -> Verb {
    Verb::RequestCancel {
        reason: "Changed my mind".to_owned(),
    }
}

pub fn units(list: &[(usize, u32)]) -> Vec<PackedLine> {
    list.iter()
        .map(|&(line, quantity)| PackedLine { line, quantity })
        .collect()
}
