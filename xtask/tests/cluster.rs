//! The private cluster against the accidents that happen to it: real servers, in folders of their
//! own. Where no server programs are installed (the tests then run on a `DATABASE_URL`), there is
//! nothing to show, and each test says so.
#![cfg(test)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;
use xtask::postgres::{Account, Binaries, Cluster, Profile};
use xtask::process::{signal, wait_until};

/// A checkout with a target directory that everybody may enter.
struct Checkout {
    folder: tempfile::TempDir,
    binaries: Vec<Binaries>,
}

impl Checkout {
    fn new() -> Option<Self> {
        let binaries = Binaries::find_all(&Account::for_server().unwrap());
        if binaries.is_empty() {
            println!("skipped: no Postgres server is installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Some(Self { folder, binaries })
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn target(&self) -> PathBuf {
        self.root().join("target")
    }

    fn open(&self, profile: Profile) -> Cluster {
        Cluster::open_in(self.root(), &self.target(), profile, &self.binaries).unwrap()
    }

    fn home(&self, profile: Profile) -> PathBuf {
        self.target().join("hawker-pg").join(profile.name())
    }
}

fn ask(cluster: &Cluster, sql: &str) -> String {
    cluster.psql("postgres").query(sql).unwrap()
}

fn is_gone(pid: u32) -> bool {
    // A zombie of ours has no arguments any more.
    fs::read(format!("/proc/{pid}/cmdline")).map_or(true, |text| text.is_empty())
}

/// Whether a server is gone in a moment: it takes its lock away before it ends, and whoever stops it waits for the lock.
fn ends(pid: u32) -> bool {
    wait_until(Duration::from_secs(10), || is_gone(pid))
}

#[test]
fn the_last_user_of_a_cluster_stops_it() {
    let Some(checkout) = Checkout::new() else {
        return;
    };
    let first = checkout.open(Profile::Test);
    let second = checkout.open(Profile::Test);
    let pid = first.server_pid();
    assert_eq!(second.server_pid(), pid);
    assert_eq!(ask(&second, "SHOW fsync"), "off");

    drop(first);
    assert_eq!(ask(&second, "SELECT 1"), "1");
    drop(second);
    assert!(ends(pid));
}

#[test]
fn dev_data_stays_and_test_data_does_not() {
    let Some(checkout) = Checkout::new() else {
        return;
    };
    for profile in [Profile::Dev, Profile::Test] {
        ask(&checkout.open(profile), "CREATE TABLE kept (id int)");
    }
    let found = "SELECT count(*) FROM pg_class WHERE relname = 'kept'";
    assert_eq!(ask(&checkout.open(Profile::Dev), found), "1");
    assert_eq!(ask(&checkout.open(Profile::Test), found), "0");

    Cluster::reset_in(checkout.root(), &checkout.target(), Profile::Dev).unwrap();
    assert_eq!(ask(&checkout.open(Profile::Dev), found), "0");
}

#[test]
fn a_server_killed_in_the_middle_comes_back_with_its_data() {
    let Some(checkout) = Checkout::new() else {
        return;
    };
    let cluster = checkout.open(Profile::Dev);
    ask(&cluster, "CREATE TABLE kept (id int)");
    let pid = cluster.server_pid();
    signal(pid, Signal::KILL);
    assert!(ends(pid));
    drop(cluster);
    assert!(
        checkout
            .home(Profile::Dev)
            .join("data/postmaster.pid")
            .exists()
    );

    let next = checkout.open(Profile::Dev);
    assert_eq!(ask(&next, "SELECT count(*) FROM kept"), "0");
}

#[test]
fn a_server_left_behind_by_a_killed_command_is_taken_over_and_stopped() {
    let Some(checkout) = Checkout::new() else {
        return;
    };
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"));
    // The workspace is this one, the clusters lie in a target directory of their own.
    let target = checkout.target();
    let mut child = command
        .args(["postgres", "test"])
        .env("CARGO_TARGET_DIR", &target)
        .env_remove("DATABASE_URL")
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut url = String::new();
    let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut output, &mut url).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let cluster = Cluster::open_in(root, &target, Profile::Test, &checkout.binaries).unwrap();
    assert_eq!(cluster.url("postgres"), url.trim());
    let pid = cluster.server_pid();
    drop(cluster);
    assert!(ends(pid));
}

#[test]
fn a_lock_that_names_somebody_elses_process_is_not_believed() {
    let Some(checkout) = Checkout::new() else {
        return;
    };
    drop(checkout.open(Profile::Dev));
    let data = checkout.home(Profile::Dev).join("data");
    let stranger = std::process::id();
    let lock = format!(
        "{stranger}\n{}\n1\n1\n/run\n127.0.0.1\n0 0\nready\n",
        data.display()
    );
    fs::write(data.join("postmaster.pid"), lock).unwrap();
    assert_eq!(ask(&checkout.open(Profile::Dev), "SELECT 1"), "1");
}

#[test]
fn two_checkouts_and_both_profiles_run_side_by_side() {
    let (Some(one), Some(other)) = (Checkout::new(), Checkout::new()) else {
        return;
    };
    let clusters = [
        one.open(Profile::Dev),
        one.open(Profile::Test),
        other.open(Profile::Dev),
        other.open(Profile::Test),
    ];
    let mut pids: Vec<_> = clusters.iter().map(Cluster::server_pid).collect();
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), clusters.len());
    for cluster in &clusters {
        assert_eq!(ask(cluster, "SELECT 1"), "1");
    }
}

#[test]
fn a_deep_checkout_that_the_server_may_not_enter_still_gets_a_cluster() {
    let Some(checkout) = Checkout::new() else {
        return;
    };
    let deep = checkout.root().join("a-long-name-for-a-folder/".repeat(5));
    fs::create_dir_all(&deep).unwrap();
    fs::set_permissions(checkout.root(), fs::Permissions::from_mode(0o700)).unwrap();
    let target = deep.join("target");
    let cluster = Cluster::open_in(&deep, &target, Profile::Test, &checkout.binaries).unwrap();
    assert_eq!(ask(&cluster, "SELECT 1"), "1");
    let folders = cluster.folders();
    drop(cluster);
    for folder in folders {
        fs::remove_dir_all(folder).unwrap();
    }
}
