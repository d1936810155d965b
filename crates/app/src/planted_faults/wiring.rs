//! The ports that use cases get while a fault may be planted.

use std::sync::Arc;

use hawker_jobs::StorePushes;
use hawker_ports::alerts::AlertSink;
use hawker_ports::pushes::PushReader;
use hawker_ports::recovery::{LostPushes, OrderLister};
use hawker_ports::schedules::ScheduleLedger;
use hawker_ports::{Marketplace, Store};
use hawker_shopee::push::ShopeePushes;

use super::PlantedFault;
use super::Turns;
use super::alerts::SpoiltSink;
use super::intake::ForgetfulIntake;
use super::lists::{ConfirmedFirst, Overlooking};
use super::marketplace::{Lagging, SpoiltMarketplace};
use super::reader::Credulous;
use super::runs::Endless;
use super::unit::SpoiltStore;
use crate::wiring::Adapters;

impl Adapters {
    /// Units of work.
    pub(crate) fn units(&self) -> Arc<dyn Store> {
        self.spoilt(self.store.clone())
    }

    /// Units of work that take pushes in.
    pub(crate) fn push_units(&self) -> Arc<dyn Store> {
        self.spoilt(self.push_store.clone())
    }

    pub(crate) fn journal_units(&self) -> Arc<dyn Store> {
        self.spoilt(self.journal_store.clone())
    }

    fn spoilt(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        match self.planted_fault {
            None => store,
            Some(fault) => Arc::new(SpoiltStore {
                store,
                fault,
                ids: self.ids.clone(),
            }),
        }
    }

    /// Orders and payouts of the marketplace.
    pub(crate) fn orders_and_payouts(&self) -> Arc<dyn Marketplace> {
        let marketplace = self.marketplace.clone();
        match self.planted_fault {
            None => marketplace,
            Some(fault) => Arc::new(SpoiltMarketplace {
                marketplace,
                fault,
                lagging: Lagging::default(),
            }),
        }
    }

    /// Lists of orders.
    pub(crate) fn order_lister(&self) -> Arc<dyn OrderLister> {
        let lister = self.marketplace.clone();
        match self.planted_fault {
            Some(PlantedFault::DropListedOrders) => Arc::new(Overlooking(lister)),
            _ => lister,
        }
    }

    /// The queue of lost pushes.
    pub(crate) fn lost_pushes(&self) -> Arc<dyn LostPushes> {
        let lost = self.marketplace.clone();
        match self.planted_fault {
            Some(PlantedFault::ConfirmLostFirst) => Arc::new(ConfirmedFirst {
                lost,
                turns: Turns::default(),
            }),
            _ => lost,
        }
    }

    /// Reads and verifies pushes.
    pub(crate) fn push_reader(&self) -> Arc<dyn PushReader> {
        let reader = Arc::new(ShopeePushes);
        match self.planted_fault {
            Some(PlantedFault::TrustForged) => Arc::new(Credulous(reader)),
            _ => reader,
        }
    }

    /// Stores pushes.
    pub(crate) fn storing(&self, intake: impl StorePushes + 'static) -> Arc<dyn StorePushes> {
        let intake = Arc::new(intake);
        match self.planted_fault {
            Some(PlantedFault::AcknowledgeWithoutStoring) => Arc::new(ForgetfulIntake {
                intake,
                turns: Turns::default(),
            }),
            _ => intake,
        }
    }

    /// Takes alerts.
    pub(crate) fn taking(&self, sink: &Arc<dyn AlertSink>) -> Arc<dyn AlertSink> {
        let sink = sink.clone();
        match self.planted_fault {
            None => sink,
            Some(fault) => Arc::new(SpoiltSink {
                sink,
                fault,
                turns: Turns::default(),
            }),
        }
    }

    /// Runs of jobs.
    pub(crate) fn run_ledger(&self) -> Arc<dyn ScheduleLedger> {
        let ledger = self.store.clone();
        match self.planted_fault {
            Some(PlantedFault::LeaveRunRunning) => Arc::new(Endless(ledger)),
            _ => ledger,
        }
    }
}
