//! `hawker keys`, `hawker api-token` and `hawker audit`: arguments.

use clap::Subcommand;
use hawker_domain::api_access::ApiScope;

use super::{ListArgs, names_of};

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Say how many stored secrets are sealed under the master secret in force, and how many not yet.
    Status,
    /// Seal every stored secret anew under the master secret in force, while the service runs.
    #[command(after_long_help = "\
The order of things, so that no push and no call ever meets a secret that it cannot open:

  1. Choose a new master secret. Give it to every process as JWT_SECRET_PREVIOUS, beside the old
     JWT_SECRET, and restart them one after the other: now all of them open both.
  2. Swap the two everywhere: JWT_SECRET is the new one, JWT_SECRET_PREVIOUS the old one. Restart.
  3. hawker keys rotate
  4. hawker keys status says that nothing is left: drop JWT_SECRET_PREVIOUS everywhere. Restart.

A command counts as a process: so does one that a shell or cron still starts with the old settings.
Run `hawker keys status` again just before the old secret is dropped.

Every tenant is walked, whatever becomes of the others; --tenant is refused. It may be interrupted and
run again at any time: what is sealed anew already is skipped. What no key opens is named, left as it
is, and makes the exit code 1.")]
    Rotate,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApiTokenCommand {
    /// Make a token for the API. It is printed once and stored nowhere.
    #[command(after_long_help = "\
The token alone goes to standard output, so that it can be piped; everything else to standard error.

Examples:
  hawker api-token create --name backup --scope audit:read
  hawker api-token create --name office --scope connectors:write --scope events:write --days 90 \\
      > /run/secrets/hawker-token
  curl -H \"Authorization: Bearer $(cat /run/secrets/hawker-token)\" \\
      localhost:9000/admin/dashboard/whoami")]
    Create {
        /// Its name for a person; it stands in the audit log.
        #[arg(long)]
        name: String,
        /// What its bearer may do; `…:write` includes `…:read`. May be given several times.
        #[arg(long = "scope", required = true, value_parser = scopes())]
        scopes: Vec<ApiScope>,
        /// It ends after so many days; never, when nothing is said.
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        days: Option<u16>,
    },
    /// List the tokens, revoked ones included.
    List,
    /// Revoke a token. Counts for the very next request, in every process.
    Revoke {
        /// Its id, for example `apt_01J…`; `hawker api-token list` shows them.
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// List who did what, newest first.
    List {
        /// Only about this thing, for example `profile:prof_live`.
        #[arg(long)]
        subject: Option<String>,
        /// Only this deed, for example `profile.changed`.
        #[arg(long)]
        action: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
}

fn scopes() -> impl clap::builder::TypedValueParser<Value = ApiScope> {
    names_of(ApiScope::ALL, |scope| scope.as_str())
}
