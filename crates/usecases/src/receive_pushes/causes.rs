//! What pushes raise, in words that say what to do.

use std::collections::BTreeMap;

use hawker_domain::ShopId;
use hawker_domain::event::{Disposition, EventOutcome, NewEvent, PushCode, Verdict};
use hawker_domain::exception::{Cause, ErrorClass, RaisedException, Subject};
use hawker_domain::ids::EventId;

use super::ReceivePushes;
use crate::tokens::ways_to_authorise;

/// Shops that one code 12 push may name; the platform pages long lists over several pushes.
const EXPIRING_SHOPS_MAX: usize = 500;

impl ReceivePushes {
    /// What somebody has to know of a newly stored event.
    pub(crate) fn raised_by(&self, event: &NewEvent) -> Vec<RaisedException> {
        if !event.is_trusted() {
            return self.mismatch(event, Some(event.id)).into_iter().collect();
        }
        match event.disposition {
            Disposition::Finished(EventOutcome::Alerted) => self.expiring_authorisations(event),
            Disposition::Parked => vec![self.without_order(event)],
            Disposition::Due | Disposition::Finished(_) => Vec::new(),
        }
    }

    /// A registration ping never alarms: it is sent before the key is known on both sides.
    pub(super) fn mismatch(
        &self,
        event: &NewEvent,
        shown_by: Option<EventId>,
    ) -> Option<RaisedException> {
        if event.content.code == PushCode::VERIFICATION.0 {
            return None;
        }
        let (key, message) = match (&event.profile, event.verdict) {
            (None, _) => (
                "unknown-profile",
                "Pushes arrive for a profile that does not exist. Set up the profile, or correct the push URL in the marketplace's console.".to_owned(),
            ),
            (Some(profile), Some(Verdict::NoKey)) => (
                "no-push-key",
                format!("Pushes for profile {profile} cannot be verified: it has no push key. Save the push key of the marketplace's console; the pushes are kept."),
            ),
            (Some(profile), _) => (
                "push-signature",
                format!("Pushes for profile {profile} carry a signature that matches none of its keys. Compare the push key and the registered URL with the marketplace's console."),
            ),
        };
        let cause = Cause {
            class: ErrorClass::SignatureMismatch,
            key: key.into(),
            message,
            due_at: None,
        };
        let subject = Subject {
            order_sn: None,
            event: shown_by,
            ..self.subject(event)
        };
        Some(RaisedException::once(subject, cause, &*self.ids))
    }

    fn without_order(&self, event: &NewEvent) -> RaisedException {
        let code = event.content.code;
        let cause = Cause {
            class: ErrorClass::NormalizationFailed,
            key: format!("push-without-order:{code}"),
            message: format!(
                "A genuine push of code {code} names no order that can be read, so nothing could be brought up to date. Look at the event's body (`hawker events show`)."
            ),
            due_at: None,
        };
        RaisedException::once(self.subject(event), cause, &*self.ids)
    }

    fn expiring_authorisations(&self, event: &NewEvent) -> Vec<RaisedException> {
        let before = event.content.expires_before.map_or_else(
            || "within a week".to_owned(),
            |at| format!("before {}", at.format("%F %H:%M UTC")),
        );
        let again = match &event.profile {
            Some(profile) => ways_to_authorise(profile),
            None => "Authorise the shop again before then.".to_owned(),
        };
        let shops = event.content.expiring_shops.iter().take(EXPIRING_SHOPS_MAX);
        shops
            .map(|shop: &ShopId| {
                let cause = Cause {
                    class: ErrorClass::TokenExpired,
                    key: format!("authorisation-expiry:{shop}"),
                    message: format!("The authorisation of shop {shop} ends {before}. {again}"),
                    due_at: event.content.expires_before,
                };
                let subject = Subject {
                    shop: Some(*shop),
                    ..self.subject(event)
                };
                RaisedException::once(subject, cause, &*self.ids)
            })
            .collect()
    }

    fn subject(&self, event: &NewEvent) -> Subject {
        Subject {
            connector: self.connector,
            environment: event.environment,
            profile: event.profile.clone(),
            shop: event.content.shop,
            order_sn: event.content.order_sn.clone(),
            event: Some(event.id),
        }
    }
}

/// Equal causes of one batch as one, with their number: a flood is one exception and one alert.
pub(crate) fn merged(raised: Vec<RaisedException>) -> Vec<RaisedException> {
    let mut merged: Vec<RaisedException> = Vec::new();
    let mut places = BTreeMap::new();
    for exception in raised {
        let Subject {
            profile,
            order_sn,
            environment,
            ..
        } = &exception.subject;
        let place = (
            exception.cause.class,
            exception.cause.key.clone(),
            *environment,
            profile.clone(),
            order_sn.clone(),
        );
        if let Some(&index) = places.get(&place) {
            let first: &mut RaisedException = &mut merged[index];
            first.occurrences += exception.occurrences;
            first.subject.event = first.subject.event.or(exception.subject.event);
        } else {
            places.insert(place, merged.len());
            merged.push(exception);
        }
    }
    merged
}
