//! Whether the marketplace is reached and accepts the app: its host, the clock, its id and key.

use hawker_domain::TenantSlug;
use hawker_domain::profile::base_url;
use hawker_ports::StoreError;
use hawker_ports::authorisation::AuthorisedShop;
use hawker_ports::marketplace::{Fault, MarketplaceError};
use hawker_ports::profiles::Profile;

use super::TestConnection;
use super::clock::clock;
use super::report::Checks;
use super::words::{next_step, unavailable};
use crate::chain::chain;

impl TestConnection {
    /// Asks which shops authorise the app, which takes no token. Answers whether it is worth going
    /// on.
    pub(super) async fn app(
        &self,
        checks: &mut Checks,
        tenant: &TenantSlug,
        profile: &Profile,
    ) -> Result<bool, StoreError> {
        let access = match self.tokens.app_access(tenant, &profile.id).await? {
            Ok(access) => access,
            Err(blocked) => {
                checks.failed("app", blocked.to_string(), None);
                return Ok(false);
            }
        };
        let host = base_url(profile.region, profile.base_url_override.as_deref());
        Ok(match self.authoriser.authorised_shops(&access).await {
            Ok(shops) => {
                checks.passed("host", format!("{host} answers."));
                clock(checks, &*self.skew, &host);
                accepted(checks, profile, &shops);
                true
            }
            Err(error) => {
                refused(checks, profile, &host, &error);
                false
            }
        })
    }
}

fn accepted(checks: &mut Checks, profile: &Profile, shops: &[AuthorisedShop]) {
    let shops = match shops.len() {
        0 => "no shop authorises it".to_owned(),
        1 => "one shop authorises it".to_owned(),
        many => format!("{many} shops authorise it"),
    };
    let app = profile.partner_id.unwrap_or_default();
    checks.passed(
        "app",
        format!("The app {app} and its key are accepted; {shops}."),
    );
}

/// The check that an error belongs to fails; those that the answer proves pass.
fn refused(checks: &mut Checks, profile: &Profile, host: &str, error: &MarketplaceError) {
    let request_id = error.request_id();
    match error {
        MarketplaceError::Unavailable { .. } | MarketplaceError::Malformed { .. } => {
            checks.failed("host", unavailable(host, &chain(error)), request_id);
        }
        MarketplaceError::Misconfigured {
            fault: Fault::Host,
            code,
            message,
            ..
        } => {
            let what = next_step(Fault::Host, profile, host);
            checks.failed("host", told(&what, code, message), request_id);
        }
        MarketplaceError::Misconfigured {
            fault: Fault::Clock,
            code,
            message,
            ..
        } => {
            checks.passed("host", format!("{host} answers."));
            let what = next_step(Fault::Clock, profile, host);
            checks.failed("clock", told(&what, code, message), request_id);
        }
        MarketplaceError::Misconfigured {
            fault,
            code,
            message,
            ..
        } => {
            checks.passed("host", format!("{host} answers."));
            let what = next_step(*fault, profile, host);
            checks.failed("app", told(&what, code, message), request_id);
        }
        other => {
            checks.passed("host", format!("{host} answers."));
            checks.failed("app", super::words::otherwise(other), request_id);
        }
    }
}

/// Our words, and the marketplace's own behind them.
pub(super) fn told(what: &str, code: &str, message: &str) -> String {
    format!("{what} (The marketplace said: {code}: {message})")
}
