//! `cargo xtask dev`: the whole product with a demo shop, and a live account of what happens.
//!
//! Order of things: build, database, migrations, demo catalogue and profile, service, emulator, the
//! shop's authorisation; and backwards at the end, so that the service can drain what it has taken in
//! before its database goes.

use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, ExitCode};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::commands::hawker;
use crate::console::{self, Paint};
use crate::database::{self, Database};
use crate::dev::account::Account;
use crate::dev::background::{Background, Line};
use crate::dev::header::Header;
use crate::dev::luck::{self, BadLuck};
use crate::dev::newcomer::Newcomers;
use crate::dev::seller;
use crate::dev::shop::{self, DemoShop};
use crate::postgres::{Cluster, Profile};
use crate::process::{self, run_ok};
use crate::stop::Stop;
use crate::workspace::Workspace;

/// How often the account looks up from the log, to see whether it should end.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long the service may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(30);

const SERVICE: &str = "hawker";
const EMULATOR: &str = "shopee-emulator";

#[derive(Debug, clap::Args)]
#[command(after_help = "\
In another terminal: cargo xtask hawker orders list, cargo xtask hawker --help, \
cargo xtask postgres -- psql")]
pub struct Args {
    /// Start over with an empty database
    #[arg(long)]
    reset: bool,

    /// Run the service alone, with its own log: no demo shop, no account
    #[arg(long)]
    quiet: bool,

    /// The port of the service
    #[arg(long, env = "PORT", default_value_t = shop::SERVICE_PORT)]
    port: u16,
}

pub fn run(workspace: &Workspace, args: &Args) -> anyhow::Result<ExitCode> {
    let stop = Stop::listen()?;
    let demo = DemoShop {
        service_port: free(args.port)?,
        emulator_port: emulator_port()?,
    };
    build(workspace, args, &stop)?;
    if args.reset {
        if database::given().is_some() {
            bail!("--reset empties only the private database of this checkout: unset DATABASE_URL");
        }
        Cluster::reset(workspace, Profile::Dev)?;
    }
    let database = Database::open(workspace, Profile::Dev)?;
    let hawker = || {
        let mut command = hawker::program(workspace, &database);
        if args.quiet {
            demo.fill_in(&mut command);
        } else {
            demo.configure(&mut command);
        }
        command.env("PORT", args.port.to_string());
        command
    };
    console::progress("migrations and demo catalogue");
    run_ok(hawker().arg("migrate").stdout(std::io::stderr()), &stop)?;
    run_ok(
        hawker().args(["seed", "--demo"]).stdout(std::io::stderr()),
        &stop,
    )?;
    if args.quiet {
        let status = process::run(hawker().arg("serve"), &stop)?;
        return Ok(process::exit_code(status));
    }
    process::output(demo.move_profile(&mut hawker()))?;

    let (sender, lines) = mpsc::channel();
    let mut service = start_service(&mut hawker(), &sender, &lines, &stop)?;
    show_header(workspace, &database, demo);
    let mut emulator = Background::start(EMULATOR, &emulator_command(workspace, demo), &sender)?;
    seller::authorise(hawker(), demo)?;
    luck::lose_pushes(demo.emulator_port)?;
    let newcomers = Newcomers::new(hawker);
    let told = tell(
        &lines,
        &mut [&mut service, &mut emulator],
        newcomers,
        demo,
        &stop,
    );

    console::progress("stopping: the shop, the service, the database");
    emulator.stop()?;
    service.stop()?;
    told.map(|()| ExitCode::SUCCESS)
}

/// Builds what will run. `cargo` shows its own progress.
fn build(workspace: &Workspace, args: &Args, stop: &Stop) -> anyhow::Result<()> {
    console::progress("building (the first time takes minutes)");
    let mut build = hawker::build(workspace);
    if !args.quiet {
        build.args(["--package", "hawker-shopee-emulator", "--bin", EMULATOR]);
    }
    run_ok(&mut build, stop)
}

/// Starts the service and waits until it listens; what it says until then is told when it fails.
fn start_service(
    command: &mut Command,
    sender: &Sender<Line>,
    lines: &Receiver<Line>,
    stop: &Stop,
) -> anyhow::Result<Background> {
    command.arg("serve").env("LOG_FORMAT", "json");
    // Pushes are told at this level: in production they are too many to log.
    command.env("RUST_LOG", "info,hawker_usecases=debug");
    let mut service = Background::start(SERVICE, command, sender)?;
    let since = Instant::now();
    let mut said = Vec::new();
    while since.elapsed() < START_LIMIT && !stop.requested() {
        match lines.recv_timeout(LOOK_EVERY) {
            Ok(line) if line.text.contains("service.started") => return Ok(service),
            Ok(line) => said.push(line.text),
            Err(_) if service.ended().is_some() => break,
            Err(_) => {}
        }
    }
    if stop.requested() {
        bail!("stopped on request");
    }
    bail!("the service does not start:\n{}", said.join("\n"))
}

fn emulator_command(workspace: &Workspace, demo: DemoShop) -> Command {
    let mut command = Command::new(workspace.program(EMULATOR));
    // What the shop does shows in what arrives; here only its troubles are of interest.
    command
        .current_dir(workspace.root())
        .env("RUST_LOG", "warn")
        .env("NO_COLOR", "1");
    demo.configure_emulator(&mut command);
    command
}

fn show_header(workspace: &Workspace, database: &Database, demo: DemoShop) {
    let hawker = workspace.program(SERVICE);
    let hawker = hawker.strip_prefix(workspace.root()).unwrap_or(&hawker);
    let header = Header::new("Hawker, with a demo shop")
        .row(
            "service",
            format!("{}  (/readyz, /metrics)", demo.service_url()),
        )
        .row(
            "API",
            format!("{}/docs  (/openapi.json)", demo.service_url()),
        )
        .row(
            "shop",
            format!(
                "{}  (/_control: the emulator of Shopee)",
                demo.emulator_url()
            ),
        )
        .row("database", database.url())
        .row("program", hawker.display().to_string())
        .row(
            "try",
            "cargo xtask hawker orders list      in another terminal",
        )
        .row("", "cargo xtask hawker exceptions groups")
        .row("", "cargo xtask hawker completeness --from $(date +%F)")
        .row("", "cargo xtask hawker jobs history")
        .row("", "cargo xtask hawker oauth status")
        .row(
            "",
            "cargo xtask hawker api-token create --name me --scope connectors:write",
        )
        .row("", "cargo xtask postgres -- psql")
        .row(
            "end",
            "Ctrl-C; the data stays, `--reset` starts over. Times are UTC.",
        );
    console::result("");
    for line in header.lines(Paint::for_stdout()) {
        console::result(line);
    }
    console::result("");
}

/// Tells what happens until somebody asks to stop or a program ends.
fn tell<F: Fn() -> Command>(
    lines: &Receiver<Line>,
    programs: &mut [&mut Background],
    mut newcomers: Newcomers<F>,
    demo: DemoShop,
    stop: &Stop,
) -> anyhow::Result<()> {
    let mut account = Account::new(demo.service_port);
    let mut luck = BadLuck::new(demo.emulator_port);
    while !stop.requested() {
        match lines.recv_timeout(LOOK_EVERY) {
            Ok(Line {
                program: SERVICE,
                text,
            }) => {
                if let Some(line) = account.service_said(&text) {
                    newcomers.notice(&line);
                    luck.notice(&line);
                }
            }
            Ok(Line { text, .. }) => account.emulator_said(&text),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                for program in programs.iter_mut() {
                    if let Some(status) = program.ended() {
                        bail!("{} has ended by itself: {status}", program.name());
                    }
                }
            }
        }
        if let Some(added) = newcomers.add_due()? {
            account.tell(&added);
        }
        luck.strike();
        account.tick();
    }
    // Below the `^C` that the terminal shows.
    console::result("");
    account.sum_up();
    Ok(())
}

/// The port, if nothing listens on it.
fn free(port: u16) -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    listener
        .map(|_| port)
        .with_context(|| format!("port {port} is taken: choose another one with --port"))
}

/// The emulator's usual port, or any free one: nobody types it.
fn emulator_port() -> anyhow::Result<u16> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let listener = bind(shop::EMULATOR_PORT)
        .or_else(|_| bind(0))
        .context("no free port")?;
    Ok(listener.local_addr().context("no free port")?.port())
}
