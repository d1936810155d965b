//! `hawker oauth` and `hawker connection`: arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hawker_domain::Environment;

use super::environments;

/// Which profile is meant: one by its id, or the active one of an environment.
#[derive(Debug, Args)]
pub(crate) struct ProfileChoice {
    /// The profile with this id; `hawker profiles list` shows them.
    #[arg(long, value_name = "ID", conflicts_with = "env")]
    pub(crate) profile: Option<String>,
    /// The active profile of this environment; of the active environment when nothing is said.
    #[arg(long, value_parser = environments())]
    pub(crate) env: Option<Environment>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OauthCommand {
    /// Print the link by which a seller authorises the app for a shop.
    #[command(after_long_help = "\
The link is good for five minutes: open it at once, sign in as the seller and agree. The browser
then comes back to this service, which fetches the tokens; PUBLIC_API_BASE_URL must be set for that.

Examples:
  hawker oauth start
  hawker oauth start --env live
  hawker oauth start --profile prof_live --json")]
    Start {
        #[command(flatten)]
        choice: ProfileChoice,
    },
    /// Exchange the code of an authorisation for tokens, where the browser could not come back here.
    #[command(after_long_help = "\
A code is good for ten minutes and a single use. It stands in the URL that the browser was sent to:
…?code=CODE&shop_id=SHOP, or &main_account_id=ACCOUNT for an account with several shops.

Examples:
  hawker oauth exchange --code-file code.txt --shop-id 220099887
  hawker oauth exchange --main-account-id 123456 < code.txt
  hawker oauth exchange --code 6b4c… --shop-id 220099887")]
    Exchange {
        #[command(flatten)]
        choice: ProfileChoice,
        #[command(flatten)]
        code: CodeArgs,
        #[command(flatten)]
        grantee: GranteeArgs,
    },
    /// Show what is known of the tokens: when they end, how the last renewal went. Asks nobody.
    #[command(after_long_help = "\
Only what the database says of the tokens is shown, never the tokens, and Shopee is not asked:
`hawker connection test` does that.

Examples:
  hawker oauth status
  hawker oauth status --env live --json")]
    Status {
        #[command(flatten)]
        choice: ProfileChoice,
    },
    /// Exchange a resend code, which Shopee's support gives out when the answer to a renewal was lost.
    #[command(after_long_help = "\
Examples:
  hawker oauth resend-code --code-file code.txt
  hawker oauth resend-code --profile prof_live < code.txt")]
    ResendCode {
        #[command(flatten)]
        choice: ProfileChoice,
        #[command(flatten)]
        code: CodeArgs,
    },
}

/// A code. It is good for one use, so that it may stand among the arguments, where a list of processes
/// shows it; better it does not.
#[derive(Debug, Args)]
pub(crate) struct CodeArgs {
    /// The file that holds the code, `-` for standard input, which is read when nothing is said.
    #[arg(long, value_name = "FILE", conflicts_with = "code")]
    pub(crate) code_file: Option<PathBuf>,
    /// The code itself; whoever may list the processes of this machine sees it.
    #[arg(long)]
    pub(crate) code: Option<String>,
}

/// For whom the seller agreed.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct GranteeArgs {
    /// The shop that the URL names.
    #[arg(long, value_name = "SHOP")]
    pub(crate) shop_id: Option<i64>,
    /// The main account that the URL names.
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) main_account_id: Option<i64>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConnectionCommand {
    /// Try the profile's settings, keys and token against Shopee, and say in words what is wrong.
    #[command(after_long_help = "\
Ends with exit code 1 when a check fails.

Examples:
  hawker connection test
  hawker connection test --env live --json")]
    Test {
        #[command(flatten)]
        choice: ProfileChoice,
    },
}
