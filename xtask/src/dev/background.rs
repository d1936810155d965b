//! A program in the background whose lines are read as they come.
//!
//! It runs in a process group of its own, so that Ctrl-C reaches only the command that started it,
//! which then ends everything in the right order.

use std::io::{BufRead as _, BufReader, Read};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;

use crate::process;

/// How long a program may take to end in order; the service drains what it has taken in.
const GRACE: Duration = Duration::from_secs(30);

/// A running program.
#[derive(Debug)]
pub struct Background {
    name: &'static str,
    child: Child,
}

/// A line that a program has written.
#[derive(Debug)]
pub struct Line {
    pub program: &'static str,
    pub text: String,
}

impl Background {
    /// Starts a program; both of its streams go to `lines`.
    pub fn start(
        name: &'static str,
        command: &Command,
        lines: &Sender<Line>,
    ) -> anyhow::Result<Self> {
        let mut child = dying_with_this_process(command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot run {name}"))?;
        if let Some(stream) = child.stdout.take() {
            forward(name, stream, lines.clone())?;
        }
        if let Some(stream) = child.stderr.take() {
            forward(name, stream, lines.clone())?;
        }
        Ok(Self { name, child })
    }

    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Asks it to end and waits until it has.
    pub fn stop(&mut self) -> anyhow::Result<ExitStatus> {
        process::end(&mut self.child, GRACE).with_context(|| format!("cannot stop {}", self.name))
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// Where the kernel can be asked to, a program ends when this process is killed: otherwise its port
/// would be taken when the next command starts.
fn dying_with_this_process(command: &Command) -> Command {
    let guard = || {
        let mut setpriv = Command::new("setpriv");
        setpriv.args(["--pdeathsig", "TERM", "--"]);
        setpriv
    };
    let works = process::output(guard().arg("true")).is_ok();
    let mut run = if works {
        guard()
    } else {
        Command::new(command.get_program())
    };
    if works {
        run.arg(command.get_program());
    }
    run.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        run.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => run.env(name, value),
            None => run.env_remove(name),
        };
    }
    run
}

/// Reads a stream to its end, line by line. Bytes that are no text are shown as such.
fn forward(
    program: &'static str,
    stream: impl Read + Send + 'static,
    lines: Sender<Line>,
) -> anyhow::Result<()> {
    let read = move || {
        let mut stream = BufReader::new(stream);
        let mut bytes = Vec::new();
        while stream
            .read_until(b'\n', &mut bytes)
            .is_ok_and(|count| count > 0)
        {
            let text = String::from_utf8_lossy(&bytes).trim_end().to_owned();
            bytes.clear();
            // Go on reading when nobody listens any more: a full pipe would stop the program.
            let _ = lines.send(Line { program, text });
        }
    };
    thread::Builder::new()
        .name(format!("{program}-lines"))
        .spawn(read)
        .with_context(|| format!("cannot read what {program} says"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn lines_of_both_streams_arrive_and_the_program_ends_when_asked() {
        let (sender, lines) = mpsc::channel();
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exec sleep 600"]);
        let mut program = Background::start("it", &command, &sender).unwrap();
        let mut texts = [lines.recv().unwrap().text, lines.recv().unwrap().text];
        texts.sort();
        assert_eq!(texts, ["one", "two"]);
        assert!(program.ended().is_none());

        assert!(!program.stop().unwrap().success());
        assert!(program.ended().is_some());
    }

    #[test]
    fn a_program_gets_its_variables_and_its_folder() {
        let (sender, lines) = mpsc::channel();
        let mut command = Command::new("sh");
        command
            .args(["-c", "echo $GIVEN in $PWD"])
            .env("GIVEN", "value")
            .current_dir("/");
        let _program = Background::start("it", &command, &sender).unwrap();
        assert_eq!(lines.recv().unwrap().text, "value in /");
    }
}
