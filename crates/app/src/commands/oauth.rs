//! `hawker oauth`.

use hawker_domain::audit::Actor;
use hawker_domain::ids::ProfileId;
use hawker_domain::{ShopId, TenantSlug};
use hawker_ports::authorisation::Grantee;
use hawker_usecases::authorise_shop::{
    Authorised, ComeBackError, StartError, StartedAuthorisation,
};
use hawker_usecases::manage_profiles::ProfileCard;
use secrecy::SecretString;

use super::choice::chosen;
use super::{input, token};
use crate::cli::{CodeArgs, GranteeArgs, OauthCommand};
use crate::config::{Config, Variables};
use crate::output::{self, line, note};
use crate::wiring::Adapters;

pub(crate) async fn oauth(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: OauthCommand,
) -> anyhow::Result<()> {
    let adapters = Adapters::for_command(&Config::read(variables)?)?;
    let actor = Actor::terminal();
    let profiles = adapters.manage_profiles();
    match command {
        OauthCommand::Start { choice } => {
            let profile = chosen(&profiles, tenant, choice).await?.id;
            let authorise = adapters.authorise_shop();
            let started = authorise.start(tenant, &profile, &actor).await;
            let started = started.map_err(|error| match error {
                StartError::NotConfigured { .. } => incomplete(error, &profile),
                error => error.into(),
            });
            tell_link(json, &started?)
        }
        OauthCommand::Status { choice } => {
            tell_status(json, &chosen(&profiles, tenant, choice).await?)
        }
        OauthCommand::Exchange {
            choice,
            code,
            grantee,
        } => {
            let profile = chosen(&profiles, tenant, choice).await?.id;
            let (code, grantee) = (code_of(code)?, grantee_of(&grantee)?);
            let authorise = adapters.authorise_shop();
            let authorised = authorise
                .exchange(tenant, &profile, &code, grantee, &actor)
                .await;
            adapters.finish(tenant).await;
            let authorised = authorised.map_err(|error| match error {
                ComeBackError::NotConfigured { .. } => incomplete(error, &profile),
                error => error.into(),
            });
            tell_authorised(json, &authorised?)
        }
        OauthCommand::ResendCode { choice, code } => {
            let profile = chosen(&profiles, tenant, choice).await?.id;
            let code = code_of(code)?;
            let authorise = adapters.authorise_shop();
            let authorised = authorise
                .redeem_resend_code(tenant, &profile, &code, &actor)
                .await;
            adapters.finish(tenant).await;
            let authorised = authorised.map_err(|error| match error {
                ComeBackError::NotConfigured { .. } => incomplete(error, &profile),
                error => error.into(),
            });
            tell_authorised(json, &authorised?)
        }
    }
}

/// The next step before the reason.
fn incomplete(
    error: impl std::error::Error + Send + Sync + 'static,
    profile: &ProfileId,
) -> anyhow::Error {
    let step = format!("complete the profile first, `hawker profiles edit {profile}`");
    anyhow::Error::new(error).context(step)
}

fn code_of(code: CodeArgs) -> anyhow::Result<SecretString> {
    match (code.code_file, code.code) {
        (Some(file), _) => input::secret_from(&file),
        (None, Some(code)) => Ok(code.into()),
        (None, None) => input::secret_from_stdin(),
    }
}

fn grantee_of(grantee: &GranteeArgs) -> anyhow::Result<Grantee> {
    match (grantee.shop_id, grantee.main_account_id) {
        (Some(shop), _) => Ok(Grantee::Shop(ShopId(shop))),
        (None, Some(account)) => Ok(Grantee::MainAccount(account)),
        (None, None) => anyhow::bail!("name the shop with --shop-id, or its --main-account-id"),
    }
}

/// The link alone on standard output, so that it can be handed on.
fn tell_link(json: bool, started: &StartedAuthorisation) -> anyhow::Result<()> {
    let StartedAuthorisation {
        link,
        profile,
        environment,
        redirect,
        expires_at,
    } = started;
    if json {
        return output::json(&serde_json::json!({
            "authorization_url": link,
            "environment": environment,
            "profile_id": profile,
            "redirect_url": redirect,
            "expires_at": expires_at,
        }));
    }
    line(link)?;
    Ok(note(&format!(
        "\nOpen it before {} UTC, sign in as the seller of profile {profile} ({environment}) and agree. The browser \
         comes back to {redirect}; the console of the Open Platform has to know that origin.",
        expires_at.format("%T")
    ))?)
}

fn tell_authorised(json: bool, authorised: &Authorised) -> anyhow::Result<()> {
    let Authorised {
        profile,
        environment,
        shops,
        is_first,
    } = authorised;
    if json {
        return output::json(&serde_json::json!({
            "profile_id": profile,
            "environment": environment,
            "shops": shops,
            "is_first": is_first,
        }));
    }
    let shops: Vec<_> = shops.iter().map(ToString::to_string).collect();
    Ok(line(&format!(
        "Authorised by way of profile {profile} ({environment}): {}. `hawker connection test --profile {profile}` tries it.",
        shops.join(", ")
    ))?)
}

fn tell_status(json: bool, profile: &ProfileCard) -> anyhow::Result<()> {
    let pair = profile.token.as_ref();
    let state = token::in_a_word(pair);
    if json {
        return output::json(&serde_json::json!({
            "profile_id": profile.id,
            "environment": profile.environment,
            "shop_id": profile.shop,
            "status": state,
            "token": pair,
        }));
    }
    let shop = profile
        .shop
        .map_or_else(|| "no shop yet".to_owned(), |shop| format!("shop {shop}"));
    line(&format!(
        "{} ({}), {shop}: {state}",
        profile.id, profile.environment
    ))?;
    match pair {
        Some(pair) => Ok(token::write(pair)?),
        None => Ok(line(
            "`hawker oauth start` prints the link by which its seller authorises the app.",
        )?),
    }
}
