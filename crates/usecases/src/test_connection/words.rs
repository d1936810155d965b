//! What is wrong, in words, and the next step: for each fault its own.

use hawker_domain::Environment;
use hawker_ports::marketplace::{Fault, MarketplaceError};
use hawker_ports::profiles::Profile;

/// What a fault means for a profile whose calls go to `host`, and what to do.
pub(super) fn next_step(fault: Fault, profile: &Profile, host: &str) -> String {
    let console = console(profile.environment);
    let app = profile
        .partner_id
        .map_or_else(|| "the app".to_owned(), |id| format!("app {id}"));
    match fault {
        Fault::Host => format!(
            "{host} leads to no API of the marketplace. Choose another region, or correct the base URL that overrides it: it ends in /api/v2."
        ),
        Fault::Sign => format!(
            "The signature is not accepted: the partner key is not that of {app}. Compare the partner key with the console of the {console} and save it again. The push key is another one."
        ),
        Fault::PartnerId => format!(
            "The partner id of {app} is not known at {host}. Compare it with the console of the {console}: the sandbox and live have ids of their own."
        ),
        Fault::PartnerKeyExpired => format!(
            "The partner key of {app} has ended. Make a new one in the console of the {console} and save it."
        ),
        Fault::Permission => format!(
            "{app} may not make this call. Ask for the API permission in the console of the {console}, then authorise the shop again.",
            app = capital(&app)
        ),
        Fault::IpAllowList => format!(
            "The call was refused for where it came from: this server's address is not on the IP allow-list of {app}. Add the address by which this server goes out to the list in the console of the {console}. If it is on the list, look for a proxy or firewall in between."
        ),
        Fault::Clock => "The clock of this server and the marketplace's differ by more than five minutes, and could not be brought together. Set this server's clock by NTP.".to_owned(),
        Fault::AppSuspended => format!(
            "{app} was suspended or deleted. The console of the {console} says why, and what the marketplace asks for.",
            app = capital(&app)
        ),
        Fault::ShopUnusable => "The shop is banned, frozen or under penalty. Look into the marketplace's seller centre for what it asks of the seller.".to_owned(),
        Fault::Other => format!(
            "The marketplace refuses calls of {app} for a reason of its own. Look it up in the console of the {console}, or quote the request id to its support."
        ),
    }
}

/// The host could not be reached, or is not what it should be.
pub(super) fn unavailable(host: &str, why: &str) -> String {
    format!(
        "{host} could not be reached, or did not answer as the marketplace does: {why}. Check that this server may go out to it, that its name resolves, and the region or the base URL of the profile. If all that is right, try again later."
    )
}

/// The marketplace was reached, and what is wrong is no fault of the settings.
pub(super) fn otherwise(error: &MarketplaceError) -> String {
    match error {
        MarketplaceError::RateLimited { retry_after, .. } => {
            let wait = retry_after.map_or_else(
                || "a minute".to_owned(),
                |wait| format!("{} seconds", wait.as_secs().max(1)),
            );
            format!("Too many calls were made just now. Test again in {wait}.")
        }
        MarketplaceError::DailyQuota { renewed_in, .. } => {
            let hours = renewed_in.as_secs().div_ceil(3600).max(1);
            format!(
                "The app's calls of the day are used up; they are renewed at 00:00 UTC+8, in at most {hours} h. Test again then."
            )
        }
        other => format!(
            "{other}. Test again; if it stays so, quote the request id to the marketplace's support."
        ),
    }
}

const fn console(environment: Environment) -> &'static str {
    match environment {
        Environment::Sandbox => "test app",
        Environment::Live => "live app",
    }
}

/// At the start of a sentence.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}
