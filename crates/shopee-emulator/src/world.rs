//! The shop world: partner apps, shops and orders, pure and deterministic.
//!
//! No clock, no network: callers pass the shop's time in and carry out the [`Change`]s that come
//! back. The same seed and the same calls give the same world.

mod address;
mod cancelling;
mod change;
mod charges;
mod consent;
mod console;
mod error;
mod escrow;
mod ids;
mod line;
mod linking;
mod listing;
mod new_order;
mod order;
mod package;
mod paying;
mod payout;
mod placing;
mod region;
mod returning;
mod shipping;
mod shop;
mod splitting;
mod status;
mod tokens;
mod warehouse;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::push::PushKeys;

pub use address::{Address, Masking};
pub use cancelling::CancelAnswer;
pub use change::{Change, News, Scenario};
pub use charges::Charges;
pub use consent::{AUTHORISATION_DAYS_MAX, Account, Consent, Grantee};
pub(crate) use console::{Console, Passage, SWITCHABLE_CODES};
pub use console::{LivePushStatus, PushConsole};
pub use error::{SplitError, WorldError};
pub use escrow::Escrow;
pub(crate) use ids::Serials;
pub use ids::{OrderSn, PackageNumber, ReturnSn, ShopId, Timestamp};
pub use line::{Bundle, Line};
pub(crate) use linking::{Merchant, RefreshRefusal};
pub use listing::Listing;
pub use new_order::{NewLine, NewOrder};
pub use order::{Cancellation, CancelledBy, InvoiceState, Order, Return, ReturnStatus};
pub use package::{LogisticsStatus, Package, PackedLine};
pub use payout::{Adjustment, Payout};
pub use region::{Region, UnknownRegion};
pub use returning::ReturnOutcome;
pub use shipping::{DeliveryFailure, Parcels};
pub(crate) use shop::OpenShop;
pub use shop::{FeeRates, PartnerApp, Shop, Standing};
pub use status::{IllegalTransition, Next, OrderStatus, Step};
pub use tokens::{
    ACCESS_TOKEN_SECONDS, CODE_SECONDS, GRACE_SECONDS, REFRESH_TOKEN_SECONDS, TokenPair,
};
pub(crate) use tokens::{CodeRefusal, Redeemed, Tokens, Unfit};
pub use warehouse::Warehouse;

pub(crate) struct World {
    pub apps: Vec<PartnerApp>,
    pub shops: Vec<OpenShop>,
    pub merchants: BTreeMap<i64, Merchant>,
    pub tokens: Tokens,
    /// By partner id; an app without an entry has a console that nobody touched.
    pub consoles: BTreeMap<i64, Console>,
    /// Where the platform's pushes come from, as it says.
    pub ip_ranges: Vec<String>,
    pub orders: BTreeMap<OrderSn, Order>,
    pub serials: Serials,
    /// Seed of the charges that orders are placed with, when there are to be any.
    charges_seed: Option<u64>,
}

/// Something that happens to one order. Quantities and numbers ride along.
#[derive(Clone, Debug)]
pub enum Verb {
    Pay,
    Arrange(Parcels),
    AssignTracking,
    PickUp(Parcels),
    FailPickup(Parcels),
    Deliver(Parcels),
    FailDelivery(DeliveryFailure),
    Complete,
    Cancel {
        by: CancelledBy,
        reason: String,
    },
    RejectCod,
    RequestCancel {
        reason: String,
    },
    AnswerCancel(CancelAnswer),
    PartialCancel(Vec<PackedLine>),
    Split(Vec<Vec<PackedLine>>),
    OpenReturn {
        units: Vec<PackedLine>,
        reason: String,
    },
    CloseReturn(ReturnOutcome),
    ReleaseHold,
    UploadInvoice,
    SetNote(String),
    ChangeAddress(Address),
}

impl World {
    pub fn new(apps: Vec<PartnerApp>, shops: Vec<Shop>, seed: u64, wall_now: Timestamp) -> Self {
        let mut tokens = Tokens::default();
        for shop in &shops {
            for token in &shop.fixed_tokens {
                tokens.access.fix(token, shop.shop_id);
            }
        }
        Self {
            apps,
            shops: shops
                .into_iter()
                .map(|shop| OpenShop::new(shop, wall_now))
                .collect(),
            merchants: BTreeMap::new(),
            tokens,
            consoles: BTreeMap::new(),
            ip_ranges: vec!["127.0.0.1/32".to_owned()],
            orders: BTreeMap::new(),
            serials: Serials::new(seed),
            charges_seed: None,
        }
    }

    pub fn place(
        &mut self,
        new: NewOrder,
        now: Timestamp,
    ) -> Result<(OrderSn, Vec<Change>), WorldError> {
        if let Some(sn) = new
            .order_sn
            .as_ref()
            .filter(|sn| self.orders.contains_key(*sn))
        {
            return Err(WorldError::OrderExists(sn.clone()));
        }
        let shop = match new.shop_id {
            Some(id) => self.shops.iter_mut().find(|shop| shop.shop.shop_id == id),
            None => self.shops.first_mut(),
        }
        .ok_or(WorldError::UnknownShop(new.shop_id.unwrap_or_default()))?;
        let mut order = placing::place(new, shop, &mut self.serials, now)?;
        order.note_packages(now);
        self.charge(&mut order);
        let changes = Change::between(None, &order);
        let sn = order.order_sn.clone();
        self.orders.insert(sn.clone(), order);
        Ok((sn, changes))
    }

    /// Moves one order, or says why not and leaves it as it is.
    pub fn act(
        &mut self,
        sn: &OrderSn,
        verb: &Verb,
        now: Timestamp,
    ) -> Result<Vec<Change>, WorldError> {
        let order = self
            .orders
            .get_mut(sn)
            .ok_or_else(|| WorldError::UnknownOrder(sn.clone()))?;
        let at = now.max(order.update_time + 1);
        let mut moved = order.clone();
        moved.apply(verb, at, &mut self.serials)?;
        moved.update_time = at;
        moved.note_packages(at);
        let changes = Change::between(Some(order), &moved);
        *order = moved;
        Ok(changes)
    }

    pub fn app(&self, partner_id: i64) -> Option<&PartnerApp> {
        self.apps.iter().find(|app| app.partner_id == partner_id)
    }

    pub fn app_mut(&mut self, partner_id: i64) -> Result<&mut PartnerApp, WorldError> {
        self.apps
            .iter_mut()
            .find(|app| app.partner_id == partner_id)
            .ok_or(WorldError::UnknownApp(partner_id))
    }

    pub fn shop(&self, shop_id: ShopId) -> Option<&OpenShop> {
        self.shops.iter().find(|shop| shop.shop.shop_id == shop_id)
    }

    pub fn shop_mut(&mut self, shop_id: ShopId) -> Result<&mut OpenShop, WorldError> {
        self.shops
            .iter_mut()
            .find(|shop| shop.shop.shop_id == shop_id)
            .ok_or(WorldError::UnknownShop(shop_id))
    }

    /// Everything that an app's pushes can be signed by.
    pub fn push_keys(&self, app: &PartnerApp) -> PushKeys {
        let console = self.consoles.get(&app.partner_id);
        PushKeys {
            push: app.push_key.clone(),
            previous: console.and_then(|console| console.previous_push_key.clone()),
            partner: app.partner_key.clone(),
        }
    }

    /// What the console says to a push of an app.
    pub fn passage(&self, partner_id: i64, code: i64, shop_id: Option<ShopId>) -> Passage {
        self.consoles
            .get(&partner_id)
            .map_or(Passage::Open, |console| console.passage(code, shop_id))
    }

    /// An order, as far as that shop may see it.
    pub fn order_of(&self, shop_id: ShopId, sn: &str) -> Option<&Order> {
        self.orders.get(sn).filter(|order| order.shop_id == shop_id)
    }
}

impl Order {
    fn apply(
        &mut self,
        verb: &Verb,
        at: Timestamp,
        serials: &mut Serials,
    ) -> Result<(), WorldError> {
        match verb {
            Verb::Pay => self.pay(at),
            Verb::Arrange(parcels) => self.arrange(parcels, at, serials),
            Verb::AssignTracking => self.assign_tracking(serials),
            Verb::PickUp(parcels) => self.pick_up(parcels, at),
            Verb::FailPickup(parcels) => self.fail_pickup(parcels),
            Verb::Deliver(parcels) => self.deliver(parcels, at),
            Verb::FailDelivery(outcome) => self.fail_delivery(*outcome),
            Verb::Complete => self.complete(at),
            Verb::Cancel { by, reason } => self.cancel(*by, reason),
            Verb::RejectCod => self.reject_cod(),
            Verb::RequestCancel { reason } => self.request_cancel(reason),
            Verb::AnswerCancel(answer) => self.answer_cancel(*answer),
            Verb::PartialCancel(units) => self.partial_cancel(units),
            Verb::Split(parts) => self.split(parts, serials),
            Verb::OpenReturn { units, reason } => {
                let return_sn = serials.return_sn(self.region, at);
                self.open_return_of(units, reason, return_sn, at)
            }
            Verb::CloseReturn(outcome) => self.close_return(*outcome, at),
            Verb::ReleaseHold => self.release_hold(),
            Verb::UploadInvoice => self.upload_invoice(at),
            Verb::SetNote(note) => {
                self.note.clone_from(note);
                self.note_update_time = at;
                Ok(())
            }
            Verb::ChangeAddress(address) => {
                self.address = address.clone();
                Ok(())
            }
        }
    }
}
