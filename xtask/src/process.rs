//! Running other programs so that a request to stop reaches them and is waited for.

use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};

use crate::stop::Stop;

/// How often a running child is looked at: short beside any step, long beside the cost of looking.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A child in the foreground hears Ctrl-C itself; this long it may take to act on it.
const GRACE_AFTER_INTERRUPT: Duration = Duration::from_secs(15);
/// How long a child may take to end in order before it is ended.
const GRACE_AFTER_TERMINATE: Duration = Duration::from_secs(15);

/// Runs a program in the foreground until it ends, and passes a request to stop on to it.
pub fn run(command: &mut Command, stop: &Stop) -> anyhow::Result<ExitStatus> {
    if stop.requested() {
        bail!("stopped on request");
    }
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot run `{name}`"))?;
    let mut asked_since = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if stop.requested() {
            let since = *asked_since.get_or_insert_with(Instant::now);
            if stop.terminated() || since.elapsed() > GRACE_AFTER_INTERRUPT {
                return end(&mut child, GRACE_AFTER_TERMINATE);
            }
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Runs a program in the foreground; its failure is an error that names it.
pub fn run_ok(command: &mut Command, stop: &Stop) -> anyhow::Result<()> {
    let status = run(command, stop)?;
    if stop.requested() {
        bail!("stopped on request");
    }
    if !status.success() {
        bail!("`{}` failed: {status}", shown(command));
    }
    Ok(())
}

/// Runs a program to its end and returns what it wrote to standard output.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run `{}`", command.get_program().to_string_lossy()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{}` failed: {}: {}",
            shown(command),
            output.status,
            said.trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asks a child to end (SIGTERM), waits, and ends it (SIGKILL) when it does not listen.
pub fn end(child: &mut Child, grace: Duration) -> anyhow::Result<ExitStatus> {
    if let Some(status) = child.try_wait()? {
        return Ok(status);
    }
    signal(child.id(), Signal::TERM);
    let since = Instant::now();
    while since.elapsed() < grace {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        thread::sleep(LOOK_EVERY);
    }
    child.kill()?;
    Ok(child.wait()?)
}

/// Sends a signal; a process that is gone already is what the sender wanted.
pub fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Waits until a condition holds or the time is over; says which.
pub fn wait_until(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let since = Instant::now();
    loop {
        if holds() {
            return true;
        }
        if since.elapsed() > limit {
            return false;
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// The exit code of another program as our own; one that died of a signal counts as 128 + signal.
pub fn exit_code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt as _;

    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn the_exit_code_of_a_program_is_passed_on() {
        let status = shell("exit 7").status().unwrap();
        assert_eq!(exit_code(status), ExitCode::from(7));
        let status = shell("kill -TERM $$").status().unwrap();
        assert_eq!(exit_code(status), ExitCode::from(128 + 15));
    }

    #[test]
    fn a_program_that_does_not_listen_is_ended() {
        let mut child = shell("trap '' TERM; while true; do sleep 1; done")
            .spawn()
            .unwrap();
        let status = end(&mut child, Duration::from_millis(200)).unwrap();
        assert!(!status.success());
    }

    #[test]
    fn a_failure_shows_what_the_program_said() {
        let error = output(&mut shell("echo the reason >&2; exit 1")).unwrap_err();
        assert!(error.to_string().ends_with("the reason"), "{error}");
    }
}
