//! What goes on in the background of a service.

use std::sync::Arc;

use hawker_jobs::{
    AlertDelivery, AlertTelling, BacklogGauge, CompletenessWatch, ConnectionWatch, EscrowCapture,
    Reconciler, RestockCheck, ReturnDeadlines, Reverification, TokenCare, TrackingNumbers,
};
use hawker_ports::alerts::AlertSink;
use hawker_usecases::{
    CaptureEscrow, CareForTokens, ClearRestocked, DeliverAlerts, LearnReturnDeadlines,
    LearnTrackingNumbers, TellAlerts, WatchCompleteness, WatchConnections,
};

use super::Adapters;

impl Adapters {
    /// The reconcilers that every service runs.
    pub fn reconcilers(&self) -> Vec<Arc<dyn Reconciler>> {
        let mut reconcilers: Vec<Arc<dyn Reconciler>> = vec![
            Arc::new(AlertTelling::new(self.tell_alerts(), self.store.clone())),
            Arc::new(CompletenessWatch::new(self.watch_completeness())),
            Arc::new(EscrowCapture::new(self.capture_escrow())),
            Arc::new(RestockCheck::new(ClearRestocked {
                store: self.store.clone(),
                clock: self.clock.clone(),
            })),
            Arc::new(ReturnDeadlines::new(self.learn_return_deadlines())),
            Arc::new(TrackingNumbers::new(self.learn_tracking_numbers())),
            Arc::new(Reverification::new(self.verify_again())),
            Arc::new(TokenCare::new(self.care_for_tokens())),
            Arc::new(ConnectionWatch::new(self.watch_connections())),
            Arc::new(self.call_logging()),
            Arc::new(BacklogGauge::new(
                self.store.clone(),
                self.clock.clone(),
                self.metrics.clone(),
            )),
        ];
        // Each on its own: a sink that is away holds up no other.
        let deliveries = self.sinks.iter().map(|sink| -> Arc<dyn Reconciler> {
            let name = match sink.name() {
                "n8n" => "alert-delivery-n8n",
                "telegram" => "alert-delivery-telegram",
                _ => "alert-delivery-log",
            };
            Arc::new(AlertDelivery::new(name, self.deliver_alerts(sink)))
        });
        reconcilers.extend(deliveries);
        reconcilers
    }

    fn tell_alerts(&self) -> TellAlerts {
        TellAlerts {
            store: self.units(),
            policy: self.alert_policy,
            sinks: self
                .sinks
                .iter()
                .map(|sink| sink.name().to_owned())
                .collect(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
        }
    }

    fn watch_completeness(&self) -> WatchCompleteness {
        WatchCompleteness {
            store: self.store.clone(),
            views: self.store.clone(),
            metrics: self.metrics.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn deliver_alerts(&self, sink: &Arc<dyn AlertSink>) -> DeliverAlerts {
        DeliverAlerts {
            store: self.units(),
            turns: self.store.clone(),
            sink: self.taking(sink),
            clock: self.clock.clone(),
            sleeper: self.sleeper.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
        }
    }

    /// Captures payouts that are due.
    pub fn capture_escrow(&self) -> CaptureEscrow {
        CaptureEscrow {
            store: self.units(),
            marketplace: self.orders_and_payouts(),
            tokens: self.shop_tokens(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
        }
    }

    fn learn_return_deadlines(&self) -> LearnReturnDeadlines {
        LearnReturnDeadlines {
            store: self.store.clone(),
            views: self.store.clone(),
            returns: self.marketplace.clone(),
            tokens: self.shop_tokens(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    /// Learns the tracking numbers that no push told.
    pub fn learn_tracking_numbers(&self) -> LearnTrackingNumbers {
        LearnTrackingNumbers {
            store: self.store.clone(),
            tracker: self.marketplace.clone(),
            tokens: self.shop_tokens(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn care_for_tokens(&self) -> CareForTokens {
        CareForTokens {
            tokens: self.shop_tokens(),
            store: self.store.clone(),
            views: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }

    fn watch_connections(&self) -> WatchConnections {
        WatchConnections {
            tokens: self.shop_tokens(),
            authoriser: self.marketplace.clone(),
            console: self.marketplace.clone(),
            locations: self.refresh_locations(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }
}
