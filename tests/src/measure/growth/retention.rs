//! The job that keeps the inbox small: what pushes notice of it, how quickly it forgets, and whether the space of
//! what is gone is used again. Rounds without it and beside it take turns, so that whatever else happens on the
//! machine happens to both.

mod inbox;
mod job;
mod stand;

use self::inbox::{KEPT_DAYS, OLD_DAYS};
use self::job::Forgetting;
use self::stand::{CONNECTIONS, Round, Stand, Turn};
use crate::measure::goal::{Bound, Goal};
use crate::measure::ground::Ground;
use crate::measure::progress::say;
use crate::measure::section::Section;
use crate::measure::statistics::{Summary, float, ratio};
use crate::measure::table::{Cell, Table, figure};

/// Old events: the job rests for 50 ms after each thousand of them, so that these last longer than a round,
/// however quick it is.
const OLD: u64 = 1_000_000;
const OLD_QUICK: u64 = 60_000;

/// Of events that are dealt with and not old there is one for so many old ones: the job must end where
/// they begin.
const OLD_FOR_KEPT: u64 = 4;

/// Without a pause means: while old events are forgotten, no less than this part of the pushes that are
/// taken in otherwise.
const UNDISTURBED: f64 = 0.8;

/// Rounds of a kind, as a row of a table.
type Kind = (&'static str, fn(&Turn) -> &Round);

const WITHOUT: Kind = ("old events are there", |turn| &turn.without);
const WITH: Kind = ("they are being forgotten", |turn| &turn.with);
const AFTER: Kind = ("they are gone", |turn| &turn.after);

pub(super) async fn measure(ground: &Ground, section: &mut Section) -> anyhow::Result<()> {
    let old = ground.sized(OLD, OLD_QUICK);
    let mut stand = Stand::build(ground, old, old / OLD_FOR_KEPT).await?;
    let mut turns = Vec::new();
    // The first turn makes the plans and the files, and is not counted.
    for number in 0..=ground.sized(3, 1) {
        say(format_args!(
            "growth, round {number} beside the forgetting of {} events",
            figure(float(old), 0)
        ));
        let turn = stand.turn().await?;
        if number > 0 {
            turns.push(turn);
        }
    }
    stand.take_down().await?;
    report(section, &turns, old);
    Ok(())
}

/// All rounds of a kind, one figure of each.
fn of(turns: &[Turn], (_, round): Kind, pick: impl Fn(&Round) -> f64) -> Summary {
    let picked: Vec<f64> = turns.iter().map(|turn| pick(round(turn))).collect();
    Summary::of(&picked)
}

/// Each round by the one without of its turn.
fn times_without(turns: &[Turn], (_, round): Kind) -> Summary {
    let times: Vec<f64> = turns
        .iter()
        .map(|turn| ratio(round(turn).rate, turn.without.rate))
        .collect();
    Summary::of(&times)
}

/// All runs of the job, one figure of each that has it.
fn of_job(turns: &[Turn], pick: impl Fn(&Forgetting) -> Option<f64>) -> Summary {
    let picked: Vec<f64> = turns
        .iter()
        .filter_map(|turn| pick(&turn.forgetting))
        .collect();
    Summary::of(&picked)
}

fn report(section: &mut Section, turns: &[Turn], old: u64) {
    section.tables.push(pushes_table(turns));
    section.tables.push(inbox_table(turns));
    section.tables.push(job_table(turns, old));
    section.goals.push(Goal {
        what: "pushes a second while old events are forgotten".to_owned(),
        measured: times_without(turns, WITH).median,
        unit: "× without",
        decimals: 2,
        budget: Some(Bound::AtLeast(UNDISTURBED)),
        target: None,
    });
    let longest = |what: &str, kind: Kind| Goal {
        what: what.to_owned(),
        measured: of(turns, kind, |round| round.slowest).greatest,
        unit: "ms",
        decimals: 1,
        budget: None,
        target: None,
    };
    section.goals.push(longest(
        "the longest answer while old events are forgotten",
        WITH,
    ));
    section.goals.push(longest(
        "the longest answer before, when nothing is forgotten",
        WITHOUT,
    ));
    notes(section, turns);
}

fn notes(section: &mut Section, turns: &[Turn]) {
    let rounds = turns
        .iter()
        .flat_map(|turn| [&turn.without, &turn.with, &turn.after]);
    let checked: u64 = rounds.map(|round| round.checked).sum();
    section.note(format!(
        "beside the forgetting, {checked} distinct pushes were acknowledged; each of them is in the inbox exactly \
         once. Of the events of {OLD_DAYS} days ago none is left after the job, of those of {KEPT_DAYS} days ago \
         none is gone"
    ));
    section.note(format!(
        "old events are forgotten by `hawker jobs run inbox-retention`, a process beside the service; pushes at \
         {CONNECTIONS} connections begin when its first portion is gone, and it goes on by itself after them. \
         Each round begins with a vacuum and a checkpoint; the server's own vacuum comes when it likes"
    ));
    let covered = of_job(turns, |job| Some(job.covered)).least;
    if covered < 1.0 {
        section.note(format!(
            "the job ended before the pushes of a round did: it was there for {:.0} % of them",
            100.0 * covered
        ));
    }
}

fn pushes_table(turns: &[Turn]) -> Table {
    let mut table = Table::new(
        "a push, while old events are forgotten, and before and after that",
        &[
            "inbox",
            "pushes/s",
            "× without",
            "p50 ms",
            "p99 ms",
            "max ms",
        ],
    );
    for kind in [WITHOUT, WITH, AFTER] {
        table.row(vec![
            kind.0.into(),
            Cell::Spread(of(turns, kind, |round| round.rate), 0),
            Cell::Spread(times_without(turns, kind), 2),
            Cell::Spread(of(turns, kind, |round| round.p50), 1),
            Cell::Spread(of(turns, kind, |round| round.p99), 1),
            Cell::Spread(of(turns, kind, |round| round.slowest), 1),
        ]);
    }
    table
}

/// How large the inbox is. What a push needs of the disk is least where the space of others is used again.
fn inbox_table(turns: &[Turn]) -> Table {
    let mut table = Table::new(
        "the inbox before and after these pushes, and by how much its rows grew on disk",
        &[
            "inbox",
            "rows before",
            "rows after",
            "heap MiB before",
            "heap MiB after",
            "indexes MiB before",
            "indexes MiB after",
            "heap bytes/push",
        ],
    );
    let mebibytes = |bytes: f64| bytes / f64::from(1 << 20);
    for kind in [WITHOUT, WITH, AFTER] {
        let middle = |pick: fn(&Round) -> f64| of(turns, kind, pick).median;
        table.row(vec![
            kind.0.into(),
            Cell::Figure(middle(|round| float(round.before.rows())), 0),
            Cell::Figure(middle(|round| float(round.after.rows())), 0),
            Cell::Figure(mebibytes(middle(|round| round.before.heap)), 0),
            Cell::Figure(mebibytes(middle(|round| round.after.heap)), 0),
            Cell::Figure(mebibytes(middle(|round| round.before.indexes)), 0),
            Cell::Figure(mebibytes(middle(|round| round.after.indexes)), 0),
            Cell::Spread(of(turns, kind, Round::heap_bytes_each), 0),
        ]);
    }
    table
}

fn job_table(turns: &[Turn], old: u64) -> Table {
    let mut table = Table::new(
        "events forgotten per second, and how much of the round the job was there for",
        &["old events", "beside pushes", "alone", "of the round %"],
    );
    let alone = of_job(turns, |job| job.rate_alone);
    table.row(vec![
        figure(float(old), 0).into(),
        Cell::Spread(of_job(turns, |job| Some(job.rate)), 0),
        if alone.rounds > 0 {
            Cell::Spread(alone, 0)
        } else {
            Cell::Nothing
        },
        Cell::Spread(of_job(turns, |job| Some(100.0 * job.covered)), 0),
    ]);
    table
}
