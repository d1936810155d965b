//! What pushes about authorisations do to token pairs, in the transaction that stores them.
//!
//! They act for profiles that are not in force as well: the pair of an inactive profile dies, too. A
//! push that comes late never harms an authorisation that was given after it was sent, and a push to
//! one app none that was given to another.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use hawker_domain::event::{NewEvent, PushCode};
use hawker_domain::exception::RaisedException;
use hawker_domain::ids::ProfileId;
use hawker_domain::token::TokenState;
use hawker_domain::{Environment, ShopId, Timestamp};
use hawker_ports::inbox::StoredAs;
use hawker_ports::profiles::ReceivingProfile;
use hawker_ports::tokens::TokenKey;
use hawker_ports::{StoreError, UnitOfWork};

use super::ReceivePushes;
use crate::tokens::Blocked;

/// The platform tells the time of sending in whole seconds.
const SENT_WITHIN: TimeDelta = TimeDelta::seconds(1);

impl ReceivePushes {
    /// Acts on what was just stored; answers what somebody has to know.
    pub(crate) async fn act_on_authorisations(
        &self,
        uow: &mut dyn UnitOfWork,
        profiles: &[&ReceivingProfile],
        events: &[NewEvent],
        stored: &[StoredAs],
        now: Timestamp,
    ) -> Result<Vec<RaisedException>, StoreError> {
        let mut changed = BTreeSet::new();
        let mut raised = Vec::new();
        for (event, stored) in events.iter().zip(stored) {
            if !event.is_trusted() {
                continue;
            }
            // A repetition acts no more, but it may be a second push of the same words: then the
            // marketplace is asked.
            let is_new = *stored == StoredAs::New;
            match PushCode(event.content.code) {
                PushCode::AUTHORISED => {
                    changed.insert(event.environment);
                }
                PushCode::AUTHORISATION_CANCELLED => {
                    changed.insert(event.environment);
                    if is_new {
                        raised.extend(self.withdraw(uow, profiles, event).await?);
                    }
                }
                PushCode::AUTHORISATION_EXPIRY if is_new => {
                    self.note_ends(uow, profiles, event).await?;
                }
                _ => {}
            }
        }
        for environment in changed {
            uow.watches()
                .look_soon(self.connector, environment, now)
                .await?;
        }
        Ok(raised)
    }

    /// The sellers of the shops that the push names took their authorisations back. It may name none.
    async fn withdraw(
        &self,
        uow: &mut dyn UnitOfWork,
        profiles: &[&ReceivingProfile],
        event: &NewEvent,
    ) -> Result<Vec<RaisedException>, StoreError> {
        let named = &event.content.authorised_shops;
        let shops = self.of_its_app(uow, profiles, event, named).await?;
        if shops.is_empty() {
            return Ok(Vec::new());
        }
        let sent_at = event.content.sent_at.unwrap_or(event.received_at);
        let before = event.received_at.min(sent_at + SENT_WITHIN);
        let reason = format!(
            "the marketplace told so at {}",
            sent_at.format("%F %H:%M:%S UTC")
        );
        let state = TokenState::Revoked;
        let withdrawn = uow
            .tokens()
            .withdraw(
                self.connector,
                event.environment,
                &shops,
                before,
                state,
                &reason,
            )
            .await?;
        for shop in &withdrawn {
            tracing::warn!(
                event = "token.withdrawn", event_id = %event.id, %shop, %state, error = %reason,
                "a shop does not authorise the app any more; no call is made for it"
            );
        }
        let raised = withdrawn.iter().filter_map(|shop| {
            let profile = of_shop(profiles, event.environment, *shop).or(event.profile.as_ref())?;
            let key = TokenKey {
                connector: self.connector,
                environment: event.environment,
                shop: *shop,
            };
            let blocked = Blocked::revoked(profile, *shop, &reason);
            let mut raised = blocked.raised(key, profile, &*self.ids)?;
            raised.subject.event = Some(event.id);
            Some(raised)
        });
        Ok(raised.collect())
    }

    /// The authorisations of these shops end within a week.
    async fn note_ends(
        &self,
        uow: &mut dyn UnitOfWork,
        profiles: &[&ReceivingProfile],
        event: &NewEvent,
    ) -> Result<(), StoreError> {
        let Some(before) = event.content.expires_before else {
            return Ok(());
        };
        let named = &event.content.expiring_shops;
        let shops = self.of_its_app(uow, profiles, event, named).await?;
        let ends: Vec<_> = shops.iter().map(|shop| (*shop, before)).collect();
        uow.tokens()
            .note_authorisation_ends(self.connector, event.environment, &ends)
            .await
    }

    /// Those of the shops whose pair may be of the app that the push is for: the one of the profile
    /// that it verified for. A shop may have authorised several apps, and has one pair.
    async fn of_its_app(
        &self,
        uow: &mut dyn UnitOfWork,
        profiles: &[&ReceivingProfile],
        event: &NewEvent,
        shops: &[ShopId],
    ) -> Result<Vec<ShopId>, StoreError> {
        let own = profiles
            .iter()
            .find(|profile| Some(&profile.id) == event.profile.as_ref());
        let Some(partner_id) = own.and_then(|own| own.partner_id) else {
            return Ok(shops.to_vec());
        };
        let mut of_app = Vec::with_capacity(shops.len());
        for shop in shops {
            let key = TokenKey {
                connector: self.connector,
                environment: event.environment,
                shop: *shop,
            };
            let token = uow.tokens().find(key).await?;
            if token.is_some_and(|token| token.other_app(partner_id).is_none()) {
                of_app.push(*shop);
            }
        }
        Ok(of_app)
    }
}

/// The profile that stands for a shop, the active one before others.
fn of_shop<'a>(
    profiles: &[&'a ReceivingProfile],
    environment: Environment,
    shop: ShopId,
) -> Option<&'a ProfileId> {
    let stands_for_it = |profile: &&&ReceivingProfile| {
        profile.environment == environment && profile.shop == Some(shop)
    };
    profiles
        .iter()
        .find(stands_for_it)
        .map(|profile| &profile.id)
}
