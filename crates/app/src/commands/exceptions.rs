//! `hawker exceptions`.

mod retry;
mod shown;
mod work;

use anyhow::Context as _;
use hawker_domain::TenantSlug;
use hawker_domain::exception::{ErrorClass, ExceptionStatus};
use hawker_domain::ids::ExceptionId;
use hawker_ports::exception_desk::{ExceptionSelector, Selection};
use hawker_ports::views::{ExceptionFilter, ExceptionSort, ExceptionViews as _, Views as _};

use super::{order_sn, page, profile_id};
use crate::cli::{ExceptionsCommand, FilterArgs, SelectionArgs, Sort};
use crate::config::{Config, Variables, database_url};
use crate::exit::Missing;
use crate::output;
use crate::system::system;
use crate::wiring::{self, Adapters};

pub(crate) async fn exceptions(
    variables: &Variables,
    tenant: &TenantSlug,
    json: bool,
    command: ExceptionsCommand,
) -> anyhow::Result<()> {
    let store = || anyhow::Ok(wiring::store_for_command(&database_url(variables)?)?);
    match command {
        ExceptionsCommand::List {
            status,
            class,
            cause,
            order,
            assignee,
            env,
            profile,
            sort,
            with_snoozed,
            list,
        } => {
            let status = match status.as_str() {
                "all" => None,
                name => Some(name.parse::<ExceptionStatus>()?),
            };
            anyhow::ensure!(
                (status, sort) != (Some(ExceptionStatus::Resolved), Sort::Due),
                "what is resolved has no deadline any more: leave out `--sort due`, or ask for another status"
            );
            let filter = ExceptionFilter {
                status: status.map(|status| status.to_string()),
                class: class
                    .map(|name| name.parse::<ErrorClass>())
                    .transpose()?
                    .map(|class| class.to_string()),
                cause,
                order_sn: order.as_deref().map(order_sn).transpose()?,
                assignee,
                environment: env,
                profile: profile.as_deref().map(profile_id).transpose()?,
                with_snoozed,
                sort: match sort {
                    Sort::Newest => ExceptionSort::Newest,
                    Sort::Due => ExceptionSort::Due,
                },
            };
            let exceptions = store()?.exceptions(tenant, &filter, &page(list)).await?;
            if json {
                return output::json(&exceptions);
            }
            Ok(shown::list(&exceptions)?)
        }
        ExceptionsCommand::Groups { only } => {
            let (clock, _) = system();
            let selector = selector(only)?;
            let store = store()?;
            let groups = store.exception_groups(tenant, &selector, clock.now());
            let groups = groups.await?;
            if json {
                return output::json(&groups);
            }
            Ok(shown::groups(&groups)?)
        }
        ExceptionsCommand::Show { id } => {
            let exception = store()?.exception(tenant, exception_id(&id)?).await?;
            let exception = exception.ok_or(Missing {
                what: "exception",
                name: id,
            })?;
            if json {
                return output::json(&exception);
            }
            Ok(shown::detail(&exception)?)
        }
        ExceptionsCommand::Retry { which, wait } => {
            let adapters = Adapters::for_command(&Config::read(variables)?)?;
            let selection = selection(which)?;
            retry::retry(&adapters, tenant, json, &selection, wait).await
        }
        command => {
            let adapters = Adapters::for_command(&Config::read(variables)?)?;
            work::work(&adapters, tenant, json, command).await
        }
    }
}

fn exception_id(id: &str) -> anyhow::Result<ExceptionId> {
    id.parse().with_context(|| {
        format!(
            "`{id}`: an exception has an id such as cex_01J…; `hawker exceptions list` shows them"
        )
    })
}

fn selection(which: SelectionArgs) -> anyhow::Result<Selection> {
    let SelectionArgs {
        ids,
        all: _,
        matching,
    } = which;
    if ids.is_empty() {
        return Ok(Selection::Matching(selector(matching)?));
    }
    let ids = ids.iter().map(|id| exception_id(id));
    Ok(Selection::These(ids.collect::<Result<_, _>>()?))
}

fn selector(only: FilterArgs) -> anyhow::Result<ExceptionSelector> {
    let FilterArgs {
        class,
        cause,
        order,
        profile,
        env,
        assignee,
    } = only;
    Ok(ExceptionSelector {
        class,
        cause,
        environment: env,
        profile: profile.as_deref().map(profile_id).transpose()?,
        order_sn: order.as_deref().map(order_sn).transpose()?,
        assignee,
    })
}
