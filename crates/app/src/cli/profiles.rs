//! `hawker profiles`: arguments.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use hawker_domain::profile::Region;
use hawker_domain::{Environment, Timestamp};

use super::{environments, names_of};

const SECRETS: &str = "\
A secret is never an argument: name the file that holds it, or `-` to type or pipe it in.
What is not given stays as it is.";

#[derive(Debug, Subcommand)]
pub(crate) enum ProfilesCommand {
    /// List the profiles; the active one of each environment is marked.
    List {
        /// Only those of this environment.
        #[arg(long, value_parser = environments())]
        env: Option<Environment>,
        #[command(flatten)]
        list: super::ListArgs,
    },
    /// Show one profile with its URLs, what it lacks, and what is known of its tokens.
    Show {
        /// Its id, for example `prof_live`.
        id: String,
    },
    /// Add a profile.
    #[command(after_long_help = format!("{SECRETS}

Examples:
  hawker profiles create --env live --name \"Live\" --region SG --partner-id 2001887 \\
      --partner-key-file /run/secrets/partner-key --push-key-file /run/secrets/push-key
  pass show shopee/partner-key | hawker profiles create --env sandbox --name Trial \\
      --region TEST_SG --partner-id 1001 --partner-key-file -"))]
    Create {
        /// Sandbox or live: they are two apps at Shopee, hence two profiles.
        #[arg(long, value_parser = environments())]
        env: Environment,
        /// Its name for a person.
        #[arg(long)]
        name: String,
        /// The region; decides the host.
        #[arg(long, value_parser = regions())]
        region: Region,
        #[command(flatten)]
        fields: Box<ProfileFields>,
    },
    /// Change a profile. Counts at once, in every process, for the next push and the next call.
    #[command(after_long_help = format!("{SECRETS}
A push key that is replaced stays valid as the previous one.

Examples:
  hawker profiles edit prof_live --push-key-file -
  hawker profiles edit prof_live \\
      --registered-url 'https://ops.example.com/connectors/shopee/webhook/live'
  hawker profiles edit prof_sandbox --base-url \"\"           # the region's host again"))]
    Edit {
        /// Its id, for example `prof_live`.
        id: String,
        /// Its name for a person.
        #[arg(long)]
        name: Option<String>,
        /// The region; decides the host.
        #[arg(long, value_parser = regions())]
        region: Option<Region>,
        #[command(flatten)]
        fields: Box<ProfileFields>,
        /// The warehouse that is meant where none is named: one of those that were fetched.
        #[arg(long, value_name = "ID")]
        default_location: Option<String>,
        /// Change nothing if somebody else has changed the profile since this version.
        #[arg(long, value_name = "VERSION")]
        if_version: Option<i64>,
    },
    /// Make a profile the active one of its environment.
    Activate {
        /// Its id, for example `prof_live`.
        id: String,
    },
    /// Delete a profile. The active one of an environment cannot be deleted.
    Delete {
        /// Its id, for example `prof_01J…`.
        id: String,
    },
    /// Switch to another environment: only pushes of the active one are worked on.
    Switch {
        /// Sandbox or live.
        #[arg(value_parser = environments())]
        environment: Environment,
    },
}

/// What else a profile says. A text that may be absent is taken away with "".
#[derive(Debug, Args)]
pub(crate) struct ProfileFields {
    /// The app's id.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) partner_id: Option<i64>,
    /// The shop; learnt from the authorisation when it is not given.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) shop_id: Option<i64>,
    /// A file with the app's key; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) partner_key_file: Option<PathBuf>,
    /// A file with the push key of the console's page “Set Push”; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) push_key_file: Option<PathBuf>,
    /// When the app's key ends, as the console says, for example 2027-03-01; warnings come before.
    #[arg(long, value_name = "DAY", value_parser = day)]
    pub(crate) partner_key_ends: Option<Timestamp>,
    /// API base URL that wins over the region's, /api/v2 included.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The callback URL exactly as it is registered in the console; the signature is over that text.
    #[arg(long, value_name = "URL")]
    pub(crate) registered_url: Option<String>,
    /// Accept the older signature, which is over the body alone, too.
    #[arg(long, value_name = "YES")]
    pub(crate) accept_body_only: Option<bool>,
}

fn regions() -> impl clap::builder::TypedValueParser<Value = Region> {
    names_of(Region::ALL, |region| region.as_str())
}

/// Midnight UTC of a day.
fn day(text: &str) -> Result<Timestamp, String> {
    let day: chrono::NaiveDate = text
        .parse()
        .map_err(|_| "a day is written like 2027-03-01".to_owned())?;
    Ok(day.and_time(chrono::NaiveTime::MIN).and_utc())
}
