//! Verbs as the control API spells them.

use serde::Deserialize;

use super::answer::Refusal;
use crate::world::{
    CancelAnswer, CancelledBy, DeliveryFailure, PackageNumber, PackedLine, Parcels, ReturnOutcome,
    Verb,
};

/// What verbs need to know, all in one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerbForm {
    package_number: Option<PackageNumber>,
    by: Option<CancelledBy>,
    reason: Option<String>,
    answer: Option<CancelAnswer>,
    #[serde(default)]
    units: Vec<PackedLine>,
    parts: Option<Vec<Vec<PackedLine>>>,
    outcome: Option<ReturnOutcome>,
    note: Option<String>,
}

impl VerbForm {
    pub fn verb(self, name: &str) -> Result<Verb, Refusal> {
        let parcels = self.package_number.map_or(Parcels::All, Parcels::One);
        let reason = self.reason.unwrap_or_default();
        let verb = match name {
            "pay" => Verb::Pay,
            "arrange" => Verb::Arrange(parcels),
            "assign_tracking" => Verb::AssignTracking,
            "pick_up" => Verb::PickUp(parcels),
            "fail_pickup" => Verb::FailPickup(parcels),
            "deliver" => Verb::Deliver(parcels),
            "fail_delivery" => Verb::FailDelivery(DeliveryFailure::Undelivered),
            "lose" => Verb::FailDelivery(DeliveryFailure::Lost),
            "complete" => Verb::Complete,
            "cancel" => Verb::Cancel {
                by: self.by.ok_or(Refusal::Missing("by"))?,
                reason,
            },
            "reject_cod" => Verb::RejectCod,
            "request_cancel" => Verb::RequestCancel { reason },
            "answer_cancel" => Verb::AnswerCancel(self.answer.ok_or(Refusal::Missing("answer"))?),
            "partial_cancel" => Verb::PartialCancel(self.units),
            "split" => Verb::Split(self.parts.ok_or(Refusal::Missing("parts"))?),
            "open_return" => Verb::OpenReturn {
                units: self.units,
                reason,
            },
            "close_return" => Verb::CloseReturn(self.outcome.ok_or(Refusal::Missing("outcome"))?),
            "release_hold" => Verb::ReleaseHold,
            "upload_invoice" => Verb::UploadInvoice,
            "set_note" => Verb::SetNote(self.note.ok_or(Refusal::Missing("note"))?),
            other => return Err(Refusal::UnknownVerb(other.to_owned())),
        };
        Ok(verb)
    }
}
