//! How the program ends, in a number that a script can act on. Documented in `hawker --help`.

use std::process::ExitCode;

use hawker_jobs::RunError;
use hawker_ports::StoreError;
use hawker_usecases::add_variants::AddVariantsError;
use hawker_usecases::api_bearers::MakeTokenError;
use hawker_usecases::authorise_shop::{ComeBackError, StartError};
use hawker_usecases::first_boot::FirstBootError;
use hawker_usecases::manage_jobs::AskJobError;
use hawker_usecases::manage_profiles::ProfileError;
use hawker_usecases::refresh_one_order::AskError;
use hawker_usecases::test_connection::TestConnectionError;
use hawker_usecases::work_exceptions::{AssignError, CloseError, NoteError, SnoozeError};

use crate::config::ConfigError;

/// The exit codes, as they are documented.
pub const HELP: &str = "Exit codes:
  0  done
  1  failed, or something that was tested is not as it should be; the message says why
  2  the command line could not be understood
  3  a setting is missing or wrong; every problem is listed
  4  what was asked for does not exist
  5  the database cannot be reached";

/// Something that was asked for does not exist.
#[derive(Debug, thiserror::Error)]
#[error("{what} {name} does not exist")]
pub struct Missing {
    /// What kind of thing, for example `event`.
    pub what: &'static str,
    /// Which.
    pub name: String,
}

/// The database cannot be reached.
#[derive(Debug, thiserror::Error)]
#[error("the database cannot be reached; DATABASE_URL says where it is looked for")]
pub struct Unreachable(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// The exit code for an error.
pub fn code_of(error: &anyhow::Error) -> ExitCode {
    match kind_of(error) {
        Kind::Setting => ExitCode::from(3),
        Kind::Missing => ExitCode::from(4),
        Kind::Unreachable => ExitCode::from(5),
        Kind::Other => ExitCode::FAILURE,
    }
}

/// What a script may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Setting,
    Missing,
    Unreachable,
    Other,
}

impl Kind {
    fn of_store(error: &StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unreachable,
            StoreError::NoSuchTenant(_) => Self::Missing,
            _ => Self::Other,
        }
    }
}

fn kind_of(error: &anyhow::Error) -> Kind {
    let of_own = [
        (error.is::<ConfigError>(), Kind::Setting),
        (error.is::<Missing>(), Kind::Missing),
        (error.is::<Unreachable>(), Kind::Unreachable),
    ];
    if let Some((_, kind)) = of_own.into_iter().find(|(is_it, _)| *is_it) {
        return kind;
    }
    let of_use_cases = [
        error.downcast_ref().map(Kind::of_store),
        error.downcast_ref().map(of_variants),
        error.downcast_ref().map(of_profile),
        error.downcast_ref().map(of_start),
        error.downcast_ref().map(of_way_back),
        error.downcast_ref().map(of_test),
        error.downcast_ref().map(of_first_boot),
        error.downcast_ref().map(of_token),
        error.downcast_ref().map(of_job),
        error.downcast_ref().map(of_run),
        error.downcast_ref().map(of_order),
        error.downcast_ref().map(of_assignment),
        error.downcast_ref().map(of_note),
        error.downcast_ref().map(of_snooze),
        error.downcast_ref().map(of_close),
    ];
    of_use_cases
        .into_iter()
        .flatten()
        .next()
        .unwrap_or(Kind::Other)
}

fn of_variants(error: &AddVariantsError) -> Kind {
    match error {
        AddVariantsError::UnknownPlace(_) => Kind::Missing,
        AddVariantsError::Store(error) => Kind::of_store(error),
    }
}

fn of_profile(error: &ProfileError) -> Kind {
    match error {
        ProfileError::NoSuchProfile(_) => Kind::Missing,
        ProfileError::Store(error) => Kind::of_store(error),
        _ => Kind::Other,
    }
}

fn of_start(error: &StartError) -> Kind {
    match error {
        StartError::NoSuchProfile(_) => Kind::Missing,
        StartError::NoPublicBaseUrl => Kind::Setting,
        StartError::Store(error) => Kind::of_store(error),
        _ => Kind::Other,
    }
}

fn of_way_back(error: &ComeBackError) -> Kind {
    match error {
        ComeBackError::NoSuchProfile(_) => Kind::Missing,
        ComeBackError::Store(error) => Kind::of_store(error),
        _ => Kind::Other,
    }
}

fn of_test(error: &TestConnectionError) -> Kind {
    match error {
        TestConnectionError::NoSuchProfile(_) => Kind::Missing,
        TestConnectionError::Store(error) => Kind::of_store(error),
    }
}

fn of_first_boot(error: &FirstBootError) -> Kind {
    match error {
        FirstBootError::Store(error) => Kind::of_store(error),
        FirstBootError::TokenWithoutShop => Kind::Setting,
        FirstBootError::Seal(_) => Kind::Other,
    }
}

fn of_token(error: &MakeTokenError) -> Kind {
    match error {
        MakeTokenError::Store(error) => Kind::of_store(error),
        MakeTokenError::Invalid { .. } | MakeTokenError::Seal(_) => Kind::Other,
    }
}

fn of_job(error: &AskJobError) -> Kind {
    match error {
        AskJobError::NoSuchProfile(_) | AskJobError::NoActiveProfile(_) => Kind::Missing,
        AskJobError::Store(error) => Kind::of_store(error),
        _ => Kind::Other,
    }
}

fn of_run(error: &RunError) -> Kind {
    match error {
        RunError::Store(error) => Kind::of_store(error),
        RunError::Taken => Kind::Other,
    }
}

fn of_order(error: &AskError) -> Kind {
    match error {
        AskError::NoSuchProfile(_) | AskError::NoActiveProfile => Kind::Missing,
        AskError::Store(error) => Kind::of_store(error),
        AskError::Ambiguous { .. } => Kind::Other,
    }
}

fn of_assignment(error: &AssignError) -> Kind {
    match error {
        AssignError::Store(error) => Kind::of_store(error),
        AssignError::TooLong(_) => Kind::Other,
    }
}

fn of_note(error: &NoteError) -> Kind {
    match error {
        NoteError::Store(error) => Kind::of_store(error),
        NoteError::Empty | NoteError::TooLong(_) => Kind::Other,
    }
}

fn of_snooze(error: &SnoozeError) -> Kind {
    match error {
        SnoozeError::Store(error) => Kind::of_store(error),
        SnoozeError::NotInTheFuture(_) | SnoozeError::TooFar { .. } => Kind::Other,
    }
}

fn of_close(error: &CloseError) -> Kind {
    match error {
        CloseError::Store(error) => Kind::of_store(error),
        CloseError::Note(error) => of_note(error),
        CloseError::StaysOpen => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn away() -> StoreError {
        StoreError::Unavailable("refused".into())
    }

    #[test]
    fn a_database_that_is_away_is_told_apart_whatever_was_asked_of_it() {
        let errors: [anyhow::Error; 14] = [
            away().into(),
            AddVariantsError::Store(away()).into(),
            ProfileError::Store(away()).into(),
            StartError::Store(away()).into(),
            ComeBackError::from(away()).into(),
            TestConnectionError::Store(away()).into(),
            FirstBootError::Store(away()).into(),
            AskJobError::Store(away()).into(),
            RunError::Store(away()).into(),
            AskError::Store(away()).into(),
            AssignError::Store(away()).into(),
            NoteError::Store(away()).into(),
            SnoozeError::Store(away()).into(),
            CloseError::Note(NoteError::Store(away())).into(),
        ];
        for error in errors {
            assert_eq!(kind_of(&error), Kind::Unreachable, "{error}");
        }
    }

    #[test]
    fn what_is_added_to_an_error_does_not_change_what_it_is() {
        let missing = Missing {
            what: "profile",
            name: "prof_1".into(),
        };
        let error = anyhow::Error::new(missing).context("look elsewhere");
        assert_eq!(kind_of(&error), Kind::Missing);
        let error: anyhow::Error = StartError::NoPublicBaseUrl.into();
        assert_eq!(kind_of(&error), Kind::Setting);
    }
}
