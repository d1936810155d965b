//! The link between sellers and apps: given by consent, renewed by tokens, ended by revocation or
//! by time.

use super::World;
use super::consent::{AUTHORISATION_DAYS_MAX, Account, Consent, Grantee};
use super::error::WorldError;
use super::ids::{ShopId, Timestamp};
use super::region::Region;
use super::shop::Standing;
use super::tokens::{CodeRefusal, Redeemed, TokenPair, Unfit};

/// A merchant who authorised an app along with some shops.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Merchant {
    pub partner_id: i64,
    pub region: Region,
    pub authorised_at: Timestamp,
    pub authorised_until: Timestamp,
}

/// Why an app gets no new tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefreshRefusal {
    NotLinked,
    AuthorisationOver,
    Banned,
    Token(Unfit),
}

impl World {
    /// The seller agrees: the shops are linked, and a code is on its way to the app.
    pub fn consent(
        &mut self,
        partner_id: i64,
        consent: &Consent,
        now: Timestamp,
    ) -> Result<String, WorldError> {
        if !(1..=AUTHORISATION_DAYS_MAX).contains(&consent.days) {
            return Err(WorldError::AuthorisationLength(consent.days));
        }
        if consent.shops.is_empty() && consent.merchants.is_empty() {
            return Err(WorldError::NobodyAuthorised);
        }
        for shop_id in &consent.shops {
            let shop = self.shop_of(partner_id, *shop_id)?;
            if shop.standing == Standing::Banned {
                return Err(WorldError::BannedShop(*shop_id));
            }
        }
        let until = now + i64::from(consent.days) * 86_400;
        for shop_id in &consent.shops {
            let shop = self.shop_mut(*shop_id)?;
            if shop.standing == Standing::Unlinked {
                shop.standing = Standing::Linked;
            }
            shop.authorised_at = now;
            shop.authorised_until = until;
        }
        let shops = self.shops.iter();
        let mut regions = shops
            .filter(|shop| shop.shop.partner_id == partner_id)
            .map(|shop| shop.shop.region);
        let region = regions.next().unwrap_or(Region::Sg);
        for merchant_id in &consent.merchants {
            let merchant = Merchant {
                partner_id,
                region,
                authorised_at: now,
                authorised_until: until,
            };
            self.merchants.insert(*merchant_id, merchant);
        }
        let code = self.serials.hex32();
        let kind = Redeemed::Redirect;
        self.tokens
            .codes
            .issue(code.clone(), partner_id, kind, consent.clone(), now);
        Ok(code)
    }

    /// The code that the platform sends again when a reply with tokens got lost.
    pub fn resend_code(&mut self, shop_id: ShopId, now: Timestamp) -> Result<String, WorldError> {
        let shop = self.shop(shop_id).ok_or(WorldError::UnknownShop(shop_id))?;
        if shop.standing == Standing::Unlinked {
            return Err(WorldError::NotAuthorised(shop_id));
        }
        let partner_id = shop.shop.partner_id;
        let code = format!("resend{}", self.serials.hex32());
        let (kind, consent) = (Redeemed::Resend, Consent::of_shop(shop_id));
        self.tokens
            .codes
            .issue(code.clone(), partner_id, kind, consent, now);
        Ok(code)
    }

    /// A code becomes the tokens of all that it was given for.
    pub fn exchange(
        &mut self,
        code: &str,
        partner_id: i64,
        kind: Redeemed,
        account: Option<Account>,
        now: Timestamp,
    ) -> Result<(Consent, TokenPair), CodeRefusal> {
        let consent = self
            .tokens
            .codes
            .redeem(code, partner_id, kind, account, now)?;
        let pair = self
            .tokens
            .grant(&consent.grantees(), &mut self.serials, now);
        Ok((consent, pair))
    }

    pub fn refresh(
        &mut self,
        partner_id: i64,
        grantee: Grantee,
        token: &str,
        now: Timestamp,
    ) -> Result<TokenPair, RefreshRefusal> {
        let until = match grantee {
            Grantee::Shop(shop_id) => {
                let shop = self
                    .shop_of(partner_id, shop_id)
                    .map_err(|_| RefreshRefusal::NotLinked)?;
                match shop.standing {
                    Standing::Linked | Standing::Frozen => shop.authorised_until,
                    Standing::Unlinked => return Err(RefreshRefusal::NotLinked),
                    Standing::Banned => return Err(RefreshRefusal::Banned),
                }
            }
            Grantee::Merchant(merchant_id) => self
                .merchants
                .get(&merchant_id)
                .filter(|merchant| merchant.partner_id == partner_id)
                .map(|merchant| merchant.authorised_until)
                .ok_or(RefreshRefusal::NotLinked)?,
        };
        if until <= now {
            return Err(RefreshRefusal::AuthorisationOver);
        }
        self.tokens
            .rotate(token, grantee, &mut self.serials, now)
            .map_err(RefreshRefusal::Token)
    }

    /// The seller, or the platform, ends the authorisation of a shop.
    pub fn unlink(&mut self, shop_id: ShopId, now: Timestamp) -> Result<(), WorldError> {
        self.shop_mut(shop_id)?.standing = Standing::Unlinked;
        self.tokens.end_all_of(Grantee::Shop(shop_id), now);
        Ok(())
    }

    /// The same for a merchant.
    pub fn unlink_merchant(&mut self, merchant_id: i64, now: Timestamp) {
        self.merchants.remove(&merchant_id);
        self.tokens.end_all_of(Grantee::Merchant(merchant_id), now);
    }

    fn shop_of(&self, partner_id: i64, shop_id: ShopId) -> Result<&super::OpenShop, WorldError> {
        self.shop(shop_id)
            .filter(|shop| shop.shop.partner_id == partner_id)
            .ok_or(WorldError::UnknownShop(shop_id))
    }
}
