//! A private Postgres cluster of this checkout.
//!
//! It is made of the server programs found on the machine, lives under the target directory,
//! listens on a Unix socket and a free loopback port, and ends with the last command that uses
//! it. Two clusters exist, `dev` and `test`, and every checkout has its own.
//!
//! Invariants:
//! - The server never runs as root: for root it runs as an unprivileged account.
//! - Who uses a cluster holds a shared lock that the kernel takes back from the dead, so the last
//!   one standing stops the server, however the others ended.
//! - Nothing that a killed run leaves behind (lock file, socket, running server) needs a person.

mod account;
mod binaries;
mod cluster;
mod install;
mod lock_file;
mod place;
mod profile;
mod psql;
mod server;
mod users;

pub use account::Account;
pub use binaries::Binaries;
pub use cluster::Cluster;
pub use profile::Profile;
pub use psql::Psql;
pub use server::remove_folder;
