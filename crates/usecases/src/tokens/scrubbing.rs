//! What the marketplace says may be kept and shown: an answer that repeats the access token does not
//! take it any further than this.

use std::sync::Arc;

use hawker_ports::marketplace::{MarketplaceError, ShopAccess};
use secrecy::{ExposeSecret as _, SecretString};

use super::OpenedAccess;

/// What stands in the place of a token.
const SCRUBBED: &str = "…";

/// Makes the call; its failure holds the access token nowhere.
pub(super) async fn scrubbed<T, F, Fut>(
    call: &F,
    opened: &OpenedAccess,
) -> Result<T, MarketplaceError>
where
    F: Fn(Arc<ShopAccess>) -> Fut,
    Fut: Future<Output = Result<T, MarketplaceError>>,
{
    let answer = call(Arc::clone(&opened.access)).await;
    answer.map_err(|mut error| {
        for words in words_of(&mut error) {
            *words = without(words, &opened.access.access_token);
        }
        error
    })
}

/// The text without the token.
pub(super) fn without(text: &str, token: &SecretString) -> String {
    match token.expose_secret() {
        "" => text.to_owned(),
        token => text.replace(token, SCRUBBED),
    }
}

/// Everything in it that is the marketplace's own words.
fn words_of(error: &mut MarketplaceError) -> Vec<&mut String> {
    use MarketplaceError as E;
    match error {
        E::RateLimited { .. } | E::DailyQuota { .. } => Vec::new(),
        E::TokenInvalid {
            code,
            message,
            request_id,
            ..
        }
        | E::Reauthorise {
            code,
            message,
            request_id,
            ..
        }
        | E::Misconfigured {
            code,
            message,
            request_id,
            ..
        }
        | E::NotFound {
            code,
            message,
            request_id,
            ..
        }
        | E::Refused {
            code,
            message,
            request_id,
            ..
        } => [code, message].into_iter().chain(request_id).collect(),
        E::Unavailable { reason, .. }
        | E::MaybeApplied { reason, .. }
        | E::Malformed { reason, .. } => vec![reason],
    }
}
