//! The ports that use cases get: the adapters themselves.
//!
//! They have names of their own because a build for tests puts something in between, see the feature
//! `planted-faults`.

use std::sync::Arc;

use hawker_jobs::StorePushes;
use hawker_ports::alerts::AlertSink;
use hawker_ports::pushes::PushReader;
use hawker_ports::recovery::{LostPushes, OrderLister};
use hawker_ports::schedules::ScheduleLedger;
use hawker_ports::{Marketplace, Store};
use hawker_shopee::push::ShopeePushes;

use super::Adapters;

impl Adapters {
    /// Units of work.
    pub(crate) fn units(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    /// Units of work that take pushes in.
    pub(crate) fn push_units(&self) -> Arc<dyn Store> {
        self.push_store.clone()
    }

    /// Units of work that file the journal.
    pub(crate) fn journal_units(&self) -> Arc<dyn Store> {
        self.journal_store.clone()
    }

    /// Orders and payouts of the marketplace.
    pub(crate) fn orders_and_payouts(&self) -> Arc<dyn Marketplace> {
        self.marketplace.clone()
    }

    /// Lists of orders.
    pub(crate) fn order_lister(&self) -> Arc<dyn OrderLister> {
        self.marketplace.clone()
    }

    /// The queue of lost pushes.
    pub(crate) fn lost_pushes(&self) -> Arc<dyn LostPushes> {
        self.marketplace.clone()
    }

    /// Reads and verifies pushes.
    #[expect(
        clippy::unused_self,
        reason = "a build for tests may put another one in its place"
    )]
    pub(crate) fn push_reader(&self) -> Arc<dyn PushReader> {
        Arc::new(ShopeePushes)
    }

    /// Stores pushes.
    #[expect(
        clippy::unused_self,
        reason = "a build for tests may put another one in its place"
    )]
    pub(crate) fn storing(&self, intake: impl StorePushes + 'static) -> Arc<dyn StorePushes> {
        Arc::new(intake)
    }

    /// Takes alerts.
    #[expect(
        clippy::unused_self,
        reason = "a build for tests may put another one in its place"
    )]
    pub(crate) fn taking(&self, sink: &Arc<dyn AlertSink>) -> Arc<dyn AlertSink> {
        sink.clone()
    }

    /// Runs of jobs.
    pub(crate) fn run_ledger(&self) -> Arc<dyn ScheduleLedger> {
        self.store.clone()
    }
}
