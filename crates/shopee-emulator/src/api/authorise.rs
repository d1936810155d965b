//! Who is calling: signature, freshness, key, link between app and shop, token.

use super::endpoint::{ApiType, Endpoint};
use super::error::ApiError;
use super::query::Query;
use crate::signing::{public_base, shop_base, sign};
use crate::world::{Grantee, ShopId, Standing, Timestamp, World};

/// How far a call's timestamp may be from the gateway's clock.
pub(crate) const FRESH_SECONDS: i64 = 300;

/// A caller that was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub partner_id: i64,
    /// 0 for a call that is signed for the app alone.
    pub shop_id: ShopId,
}

/// `admit_app` has its say once the signature has shown which app calls.
pub(super) fn authorise(
    world: &World,
    endpoint: Endpoint,
    query: &Query,
    wall_now: Timestamp,
    admit_app: impl FnOnce(i64) -> Result<(), ApiError>,
) -> Result<Caller, ApiError> {
    let partner_id = id(query, "partner_id", "Partner_id")?;
    let timestamp = match query.get("timestamp") {
        None => return Err(ApiError::no_timestamp()),
        Some(text) => unsigned_32(text).ok_or_else(|| ApiError::not_an_id("Timestamp"))?,
    };
    let given = query
        .get("sign")
        .ok_or_else(|| ApiError::missing_in_query("sign"))?;
    let of_shop = match endpoint.api_type() {
        ApiType::Public => None,
        ApiType::Shop => {
            let token = query
                .get("access_token")
                .ok_or_else(|| ApiError::missing_in_query("access_token"))?;
            Some((token, id(query, "shop_id", "shop_id")?))
        }
    };
    if (wall_now - timestamp).abs() > FRESH_SECONDS {
        return Err(ApiError::timestamp_expired());
    }
    let app = world
        .app(partner_id)
        .ok_or_else(ApiError::unknown_partner)?;
    let path = endpoint.path();
    let base = match of_shop {
        None => public_base(partner_id, &path, timestamp),
        Some((token, shop_id)) => shop_base(partner_id, &path, timestamp, token, shop_id),
    };
    if sign(&app.partner_key, &base) != given {
        return Err(ApiError::wrong_sign());
    }
    if app.partner_key_expired {
        return Err(ApiError::partner_key_expired());
    }
    admit_app(partner_id)?;
    let Some((token, shop_id)) = of_shop else {
        return Ok(Caller {
            partner_id,
            shop_id: 0,
        });
    };
    let shop = world
        .shop(shop_id)
        .filter(|shop| shop.shop.partner_id == partner_id)
        .filter(|shop| shop.is_authorised(wall_now))
        .ok_or_else(ApiError::not_linked)?;
    if shop.standing == Standing::Banned {
        return Err(ApiError::banned());
    }
    let opens = world
        .tokens
        .access
        .opens(token, Grantee::Shop(shop_id), wall_now);
    if !opens {
        return Err(ApiError::bad_token());
    }
    Ok(Caller {
        partner_id,
        shop_id,
    })
}

fn id(query: &Query, name: &str, name_in_text: &str) -> Result<i64, ApiError> {
    let text = query
        .get(name)
        .ok_or_else(|| ApiError::missing_in_query(name))?;
    unsigned_32(text).ok_or_else(|| ApiError::not_an_id(name_in_text))
}

fn unsigned_32(text: &str) -> Option<i64> {
    text.parse::<u32>().ok().map(i64::from)
}
