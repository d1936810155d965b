//! A link that an app sends a seller to, and whether the platform accepts it.

use url::Url;

use crate::api::{ApiError, FRESH_SECONDS, Query};
use crate::signing::{public_base, sign};
use crate::world::{PartnerApp, Timestamp, World};

/// Where the unsigned form lives, on a host of its own at the platform.
pub(crate) const LOGIN_PATH: &str = "/auth";
const API_PREFIX: &str = "/api/v2";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Authorise,
    Cancel,
}

impl Purpose {
    /// Below `/api/v2`.
    pub const fn route(self) -> &'static str {
        match self {
            Self::Authorise => "/shop/auth_partner",
            Self::Cancel => "/shop/cancel_auth_partner",
        }
    }
}

/// A link that was judged good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub purpose: Purpose,
    pub partner_id: i64,
    /// Where the seller goes afterwards, as the link has it.
    pub redirect: String,
    /// Only the unsigned form carries one.
    pub state: Option<String>,
}

impl Link {
    /// `patience` is how many seconds a signed link may be older than usual.
    pub fn judge(
        world: &World,
        path: &str,
        query: &str,
        now: Timestamp,
        patience: i64,
    ) -> Result<Self, ApiError> {
        let query = Query::parse(query);
        if path == LOGIN_PATH {
            return Self::unsigned(world, &query);
        }
        let route = path.strip_prefix(API_PREFIX).unwrap_or_default();
        let purpose = [Purpose::Authorise, Purpose::Cancel]
            .into_iter()
            .find(|purpose| purpose.route() == route)
            .ok_or_else(ApiError::no_such_path)?;
        Self::signed(world, purpose, path, &query, now, patience)
    }

    fn signed(
        world: &World,
        purpose: Purpose,
        path: &str,
        query: &Query,
        now: Timestamp,
        patience: i64,
    ) -> Result<Self, ApiError> {
        let app = app(world, query)?;
        let timestamp = match query.get("timestamp") {
            None => return Err(ApiError::no_timestamp()),
            Some(text) => text
                .parse::<u32>()
                .map_err(|_| ApiError::not_an_id("Timestamp"))?,
        };
        let timestamp = Timestamp::from(timestamp);
        let given = query
            .get("sign")
            .ok_or_else(|| ApiError::missing_in_query("sign"))?;
        if now - timestamp > FRESH_SECONDS + patience || timestamp - now > FRESH_SECONDS {
            return Err(ApiError::timestamp_expired());
        }
        let base = public_base(app.partner_id, path, timestamp);
        if sign(&app.partner_key, &base) != given {
            return Err(ApiError::wrong_sign());
        }
        if app.partner_key_expired {
            return Err(ApiError::partner_key_expired());
        }
        Ok(Self {
            purpose,
            partner_id: app.partner_id,
            redirect: redirect(app, query, "redirect")?,
            state: None,
        })
    }

    fn unsigned(world: &World, query: &Query) -> Result<Self, ApiError> {
        let app = app(world, query)?;
        match query.get("auth_type") {
            Some("seller") => {}
            Some(other) => {
                return Err(ApiError::wrong_parameters(&format!(
                    "auth_type {other} has no accounts here, only seller has"
                )));
            }
            None => return Err(ApiError::missing_in_query("auth_type")),
        }
        if query.get("response_type") != Some("code") {
            return Err(ApiError::wrong_parameters("response_type should be code"));
        }
        Ok(Self {
            purpose: Purpose::Authorise,
            partner_id: app.partner_id,
            redirect: redirect(app, query, "redirect_uri")?,
            state: query.get("state").map(str::to_owned),
        })
    }
}

fn app<'a>(world: &'a World, query: &Query) -> Result<&'a PartnerApp, ApiError> {
    let partner_id = query
        .get("partner_id")
        .ok_or_else(|| ApiError::missing_in_query("partner_id"))?
        .parse::<u32>()
        .map_err(|_| ApiError::not_an_id("Partner_id"))?;
    world
        .app(i64::from(partner_id))
        .ok_or_else(ApiError::unknown_partner)
}

/// The redirect must lie within the origin that the console has for the app.
fn redirect(app: &PartnerApp, query: &Query, name: &str) -> Result<String, ApiError> {
    let text = query
        .get(name)
        .ok_or_else(|| ApiError::missing_in_query(name))?;
    let url = Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| ApiError::wrong_parameters(&format!("{name} is not a web address")))?;
    let registered = app.redirect_origin.as_deref().map(Url::parse);
    let within = match registered {
        None => true,
        Some(Ok(registered)) => registered.origin() == url.origin(),
        Some(Err(_)) => false,
    };
    if within {
        Ok(text.to_owned())
    } else {
        Err(ApiError::wrong_parameters(&format!(
            "{name} is not within the redirect URL domain of the app"
        )))
    }
}
