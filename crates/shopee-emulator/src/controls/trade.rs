//! Orders: placing them and moving them through their life.

use super::Controls;
use crate::sync::lock;
use crate::world::{
    Address, CancelAnswer, CancelledBy, DeliveryFailure, NewOrder, Order, OrderSn, PackageNumber,
    PackedLine, Parcels, ReturnOutcome, Verb, WorldError,
};

impl Controls {
    pub fn place(&self, new: NewOrder) -> Result<OrderSn, WorldError> {
        self.shared.run_due();
        self.shared.place(new, self.shared.clock.now_millis())
    }

    /// Moves an order. The methods below name the verbs one by one.
    pub fn act(&self, sn: &OrderSn, verb: &Verb) -> Result<(), WorldError> {
        self.shared.run_due();
        self.shared.act(sn, verb, self.shared.clock.now_millis())
    }

    /// The buyer pays; of a cash-on-delivery order, the courier collects the cash.
    pub fn pay(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::Pay)
    }

    /// The seller arranges shipment of everything that is not arranged yet.
    pub fn arrange_shipment(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::Arrange(Parcels::All))
    }

    pub fn arrange_package(&self, sn: &OrderSn, package: &PackageNumber) -> Result<(), WorldError> {
        self.act(sn, &Verb::Arrange(Parcels::One(package.clone())))
    }

    /// The courier names the tracking number of an order that is tracked later.
    pub fn assign_tracking(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::AssignTracking)
    }

    /// The courier takes the parcels: the order is shipped.
    pub fn pick_up(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::PickUp(Parcels::All))
    }

    pub fn pick_up_package(&self, sn: &OrderSn, package: &PackageNumber) -> Result<(), WorldError> {
        self.act(sn, &Verb::PickUp(Parcels::One(package.clone())))
    }

    /// The courier finds nothing to take: shipment must be arranged again.
    pub fn fail_pickup(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::FailPickup(Parcels::All))
    }

    pub fn deliver(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::Deliver(Parcels::All))
    }

    pub fn deliver_package(&self, sn: &OrderSn, package: &PackageNumber) -> Result<(), WorldError> {
        self.act(sn, &Verb::Deliver(Parcels::One(package.clone())))
    }

    /// Nobody takes the parcels in: cancelled after shipping.
    pub fn fail_delivery(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::FailDelivery(DeliveryFailure::Undelivered))
    }

    /// The courier loses the parcels: cancelled after shipping.
    pub fn lose_parcel(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::FailDelivery(DeliveryFailure::Lost))
    }

    pub fn complete(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::Complete)
    }

    pub fn cancel(&self, sn: &OrderSn, by: CancelledBy, reason: &str) -> Result<(), WorldError> {
        self.act(
            sn,
            &Verb::Cancel {
                by,
                reason: reason.to_owned(),
            },
        )
    }

    /// Screening refuses cash on delivery.
    pub fn reject_cod(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::RejectCod)
    }

    /// The buyer asks to cancel; the seller has to answer.
    pub fn request_cancel(&self, sn: &OrderSn, reason: &str) -> Result<(), WorldError> {
        self.act(
            sn,
            &Verb::RequestCancel {
                reason: reason.to_owned(),
            },
        )
    }

    pub fn answer_cancel(&self, sn: &OrderSn, answer: CancelAnswer) -> Result<(), WorldError> {
        self.act(sn, &Verb::AnswerCancel(answer))
    }

    /// The seller takes units out of an order that is not arranged yet.
    pub fn partial_cancel(&self, sn: &OrderSn, units: &[PackedLine]) -> Result<(), WorldError> {
        self.act(sn, &Verb::PartialCancel(units.to_vec()))
    }

    /// Splits an order into packages; every unit goes into exactly one.
    pub fn split(&self, sn: &OrderSn, parts: Vec<Vec<PackedLine>>) -> Result<(), WorldError> {
        self.act(sn, &Verb::Split(parts))
    }

    /// Opens a return over the given units; over everything when none are given.
    pub fn open_return(
        &self,
        sn: &OrderSn,
        units: &[PackedLine],
        reason: &str,
    ) -> Result<(), WorldError> {
        self.act(
            sn,
            &Verb::OpenReturn {
                units: units.to_vec(),
                reason: reason.to_owned(),
            },
        )
    }

    pub fn close_return(&self, sn: &OrderSn, outcome: ReturnOutcome) -> Result<(), WorldError> {
        self.act(sn, &Verb::CloseReturn(outcome))
    }

    /// The platform lets go of an order that it held.
    pub fn release_hold(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::ReleaseHold)
    }

    pub fn upload_invoice(&self, sn: &OrderSn) -> Result<(), WorldError> {
        self.act(sn, &Verb::UploadInvoice)
    }

    pub fn set_note(&self, sn: &OrderSn, note: &str) -> Result<(), WorldError> {
        self.act(sn, &Verb::SetNote(note.to_owned()))
    }

    pub fn change_address(&self, sn: &OrderSn, address: Address) -> Result<(), WorldError> {
        self.act(sn, &Verb::ChangeAddress(address))
    }

    /// The order as it truly is.
    pub fn order(&self, sn: &OrderSn) -> Option<Order> {
        self.shared.run_due();
        lock(&self.shared.world).orders.get(sn).cloned()
    }

    /// All orders as they truly are, by number.
    pub fn orders(&self) -> Vec<Order> {
        self.shared.run_due();
        lock(&self.shared.world).orders.values().cloned().collect()
    }
}
