//! What goes on in the background of a service.

use std::sync::Arc;

use hawker_jobs::{
    AlertDelivery, BacklogGauge, ConnectionWatch, EscrowCapture, Reconciler, RestockCheck,
    Reverification, TokenCare,
};
use hawker_usecases::{
    CaptureEscrow, CareForTokens, ClearRestocked, DeliverAlerts, WatchConnections,
};

use super::Adapters;

impl Adapters {
    /// The reconcilers that every service runs.
    pub fn reconcilers(&self) -> Vec<Arc<dyn Reconciler>> {
        vec![
            Arc::new(AlertDelivery::new(self.deliver_alerts())),
            Arc::new(EscrowCapture::new(self.capture_escrow())),
            Arc::new(RestockCheck::new(ClearRestocked {
                store: self.store.clone(),
                clock: self.clock.clone(),
            })),
            Arc::new(Reverification::new(self.verify_again())),
            Arc::new(TokenCare::new(self.care_for_tokens())),
            Arc::new(ConnectionWatch::new(self.watch_connections())),
            Arc::new(self.call_logging()),
            Arc::new(BacklogGauge::new(
                self.store.clone(),
                self.clock.clone(),
                self.metrics.clone(),
            )),
        ]
    }

    fn deliver_alerts(&self) -> DeliverAlerts {
        DeliverAlerts {
            store: self.store.clone(),
            sink: self.sink.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
        }
    }

    fn capture_escrow(&self) -> CaptureEscrow {
        CaptureEscrow {
            store: self.store.clone(),
            marketplace: self.marketplace.clone(),
            tokens: self.shop_tokens(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            metrics: self.metrics.clone(),
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
