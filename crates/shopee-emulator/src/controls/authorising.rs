//! Sellers: they authorise, they withdraw, and the platform ends what they agreed to.

use url::Url;

use super::Controls;
use crate::api::ApiError;
use crate::clock::WallClock;
use crate::consent::{ConsentError, Link, Purpose, after_cancelling, with_code};
use crate::push::{Message, Notice, Revocation};
use crate::sync::lock;
use crate::world::{Account, Consent, Grantee, ShopId, Timestamp, World, WorldError};

impl Controls {
    /// A seller follows the link, agrees, and is sent back: the answer is the redirect URL with
    /// its code. The link is one of the app's: `…/api/v2/shop/auth_partner?…`, signed, or the
    /// login page's `…/auth?…`. It is judged as over HTTP; only its path and query count. Sends
    /// code 1.
    pub fn authorise(&self, link: &str, consent: &Consent) -> Result<String, ConsentError> {
        let link = self.judged(link, Purpose::Authorise)?;
        self.agree(&link, consent)
    }

    /// A seller follows a link `…/api/v2/shop/cancel_auth_partner?…` and takes the app's access
    /// away. The answer is the redirect URL. Sends code 2 in the shape of the platform's sample.
    pub fn cancel_authorisation(
        &self,
        link: &str,
        shop_id: ShopId,
    ) -> Result<String, ConsentError> {
        let link = self.judged(link, Purpose::Cancel)?;
        self.withdraw(&link, shop_id)
    }

    /// What a redirect would carry, without a link: a code for the first app, or for the one that
    /// the first of the shops belongs to. Links the shops and sends code 1, like a consent.
    pub fn issue_code(&self, consent: &Consent) -> Result<String, ConsentError> {
        let partner_id = match consent.shops.first() {
            Some(shop_id) => self.partner_of(*shop_id)?,
            None => lock(&self.shared.world)
                .apps
                .first()
                .map(|app| app.partner_id)
                .ok_or(WorldError::UnknownApp(0))?,
        };
        Ok(self.consented(partner_id, consent)?)
    }

    /// What the platform's support sends when a reply with tokens got lost: a code for
    /// `public/get_token_by_resend_code`.
    pub fn issue_resend_code(&self, shop_id: ShopId) -> Result<String, WorldError> {
        let now = self.shared.wall.now();
        lock(&self.shared.world).resend_code(shop_id, now)
    }

    /// Ends the authorisation of a shop: its tokens work no more, the app's list of shops does not
    /// have it, and code 2 goes out in that shape. Fixed tokens work again once it is linked.
    pub fn revoke(&self, shop_id: ShopId, how: Revocation) -> Result<(), WorldError> {
        let now = self.shared.wall.now();
        let mut world = lock(&self.shared.world);
        world.unlink(shop_id, now)?;
        if let Revocation::OfMerchant(merchant_id) = how {
            world.unlink_merchant(merchant_id, now);
        }
        self.tell(&world, &Notice::AuthorisationEnded { shop_id, how })
    }

    /// Moves the end of an authorisation, on the wall clock. Once it has passed, calls and
    /// refreshes are refused; no push says so.
    pub fn expire_authorisation_at(
        &self,
        shop_id: ShopId,
        at: Timestamp,
    ) -> Result<(), WorldError> {
        lock(&self.shared.world).shop_mut(shop_id)?.authorised_until = at;
        Ok(())
    }

    /// The origin that redirects of the first app must have, such as `https://ops.example.com`.
    /// None: any.
    pub fn set_redirect_origin(&self, origin: Option<&str>) {
        if let Some(app) = lock(&self.shared.world).apps.first_mut() {
            app.redirect_origin = origin.map(str::to_owned);
        }
    }

    pub(crate) fn agree(&self, link: &Link, consent: &Consent) -> Result<String, ConsentError> {
        let code = self.consented(link.partner_id, consent)?;
        Ok(with_code(link, &code, consent.account))
    }

    pub(crate) fn withdraw(&self, link: &Link, shop_id: ShopId) -> Result<String, ConsentError> {
        if self.partner_of(shop_id)? != link.partner_id {
            return Err(WorldError::UnknownShop(shop_id).into());
        }
        self.revoke(shop_id, Revocation::BySeller)?;
        Ok(after_cancelling(link, shop_id))
    }

    fn consented(&self, partner_id: i64, consent: &Consent) -> Result<String, WorldError> {
        let now = self.shared.wall.now();
        let mut world = lock(&self.shared.world);
        let code = world.consent(partner_id, consent, now)?;
        let notice = match consent.account {
            Account::Shop(shop_id) => Notice::Authorised { shop_id },
            Account::Main(main_account_id) => Notice::AuthorisedByMainAccount {
                main_account_id,
                shops: consent.shops.clone(),
                merchants: consent.merchants.clone(),
            },
        };
        self.tell_app(&world, partner_id, &notice);
        Ok(code)
    }

    fn tell(&self, world: &World, notice: &Notice) -> Result<(), WorldError> {
        let partner_id = super::pushing::addressee(world, notice)?;
        self.tell_app(world, partner_id, notice);
        Ok(())
    }

    fn tell_app(&self, world: &World, partner_id: i64, notice: &Notice) {
        let mut outbox = lock(&self.shared.outbox);
        for message in Message::of_notice(notice, partner_id) {
            self.shared.queue_automatic(world, &mut outbox, message);
        }
        drop(outbox);
        self.shared.outbox_moved();
    }

    fn judged(&self, link: &str, purpose: Purpose) -> Result<Link, ConsentError> {
        let not_a_link = || ConsentError::WrongPurpose(link.to_owned());
        let url = Url::parse(link).map_err(|_| not_a_link())?;
        let world = lock(&self.shared.world);
        let now = self.shared.wall.now();
        let judged = Link::judge(&world, url.path(), url.query().unwrap_or_default(), now, 0);
        let judged = judged.map_err(|ApiError { code, message, .. }| ConsentError::Link {
            code: code.to_owned(),
            message,
        })?;
        if judged.purpose == purpose {
            Ok(judged)
        } else {
            Err(not_a_link())
        }
    }

    /// Whom a token of the shop speaks for, if there is such a shop.
    pub(super) fn grantee(world: &World, shop_id: ShopId) -> Result<Grantee, WorldError> {
        world
            .shop(shop_id)
            .map(|_| Grantee::Shop(shop_id))
            .ok_or(WorldError::UnknownShop(shop_id))
    }
}
