//! One-time codes: those of a redirect, and those that the platform sends again by request.

use std::collections::BTreeMap;

use super::CODE_SECONDS;
use crate::world::consent::{Account, Consent, Grantee};
use crate::world::ids::Timestamp;

#[derive(Debug, Default)]
pub(crate) struct Codes {
    by_text: BTreeMap<String, Code>,
}

#[derive(Debug)]
struct Code {
    partner_id: i64,
    kind: Redeemed,
    consent: Consent,
    expires_at: Timestamp,
}

/// Where a code is redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redeemed {
    /// `auth/token/get`.
    Redirect,
    /// `public/get_token_by_resend_code`.
    Resend,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CodeRefusal {
    /// Unknown, used, too old, or another app's.
    Invalid,
    /// It was given to another shop.
    WrongShop,
    WrongMainAccount,
}

impl Codes {
    pub fn issue(
        &mut self,
        text: String,
        partner_id: i64,
        kind: Redeemed,
        consent: Consent,
        now: Timestamp,
    ) {
        let code = Code {
            partner_id,
            kind,
            consent,
            expires_at: now + CODE_SECONDS,
        };
        self.by_text.insert(text, code);
    }

    /// Uses a code up. `account` is whom the caller takes it for, if it says so at all; a code
    /// that is presented for another account stays good.
    pub fn redeem(
        &mut self,
        text: &str,
        partner_id: i64,
        kind: Redeemed,
        account: Option<Account>,
        now: Timestamp,
    ) -> Result<Consent, CodeRefusal> {
        let given = self
            .by_text
            .get(text)
            .filter(|code| code.partner_id == partner_id && code.kind == kind)
            .filter(|code| now < code.expires_at)
            .ok_or(CodeRefusal::Invalid)?;
        match account {
            Some(Account::Shop(_)) if account != Some(given.consent.account) => {
                return Err(CodeRefusal::WrongShop);
            }
            Some(Account::Main(_)) if account != Some(given.consent.account) => {
                return Err(CodeRefusal::WrongMainAccount);
            }
            _ => {}
        }
        self.by_text
            .remove(text)
            .map(|code| code.consent)
            .ok_or(CodeRefusal::Invalid)
    }

    /// Codes for them become worthless.
    pub fn void(&mut self, grantee: Grantee) {
        self.by_text
            .retain(|_, code| !code.consent.grantees().contains(&grantee));
    }
}
