//! Where the files of a cluster lie.
//!
//! Under the target directory if the server's account can get there, else in a folder of
//! `/var/tmp` whose name is made from the checkout's path. The socket has a short path of its own
//! when the cluster's would be too long for the kernel.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::account::Account;
use super::profile::Profile;

/// A socket's path may have 107 bytes on Linux and 103 on macOS and the BSDs.
const SOCKET_PATH_BYTES_MAX: usize = 103;
/// The longest name that Postgres gives to a socket.
const SOCKET_NAME: &str = ".s.PGSQL.65535";

/// The folders of one cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The cluster's own folder: everything below it is the cluster's.
    pub home: PathBuf,
    /// The data folder of the server.
    pub data: PathBuf,
    /// Where the server puts its socket.
    pub sockets: PathBuf,
}

impl Place {
    /// Decides where the cluster lies and makes its folders (except the data folder).
    pub fn prepare(
        root: &Path,
        target: &Path,
        profile: Profile,
        account: &Account,
    ) -> anyhow::Result<Self> {
        let key = key(root);
        let shared = if target.starts_with(root) {
            target.join("hawker-pg")
        } else {
            // A target directory may serve several checkouts.
            target.join(format!("hawker-pg-{key}"))
        };
        fs::create_dir_all(&shared)
            .with_context(|| format!("cannot create {}", shared.display()))?;
        let home = if account.can_enter(&shared) {
            shared.join(profile.name())
        } else {
            PathBuf::from(format!("/var/tmp/hawker-pg-{key}-{}", profile.name()))
        };
        account.own_folder(&home)?;
        let home = home
            .canonicalize()
            .context("the cluster's folder is gone")?;
        let sockets = socket_folder(&home, &key, profile);
        account.own_folder(&sockets)?;
        Ok(Self {
            data: home.join("data"),
            sockets,
            home,
        })
    }
}

fn socket_folder(home: &Path, key: &str, profile: Profile) -> PathBuf {
    let near = home.join("run");
    if near.join(SOCKET_NAME).as_os_str().len() <= SOCKET_PATH_BYTES_MAX {
        near
    } else {
        PathBuf::from(format!("/tmp/hawker-pg-{key}-{}", profile.name()))
    }
}

/// A short name for a checkout: two checkouts differ, and one keeps its name whatever the
/// toolchain (FNV-1a, which the standard library's hasher does not promise to be).
fn key(root: &Path) -> String {
    let hash = root
        .as_os_str()
        .as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_checkouts_and_both_profiles_have_places_of_their_own() {
        let account = Account::for_server().unwrap();
        let target = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(
            target.path(),
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .unwrap();
        let place = |root: &str, profile| {
            Place::prepare(Path::new(root), target.path(), profile, &account).unwrap()
        };
        let all = [
            place("/one", Profile::Dev),
            place("/one", Profile::Test),
            place("/two", Profile::Dev),
            place("/two", Profile::Test),
        ];
        for (index, one) in all.iter().enumerate() {
            for other in &all[index + 1..] {
                assert_ne!(one.home, other.home);
                assert_ne!(one.sockets, other.sockets);
            }
        }
    }

    #[test]
    fn a_deep_checkout_gets_a_short_path_for_its_socket() {
        let deep = Path::new("/").join("long-folder-name/".repeat(8));
        let sockets = socket_folder(&deep, "0123456789abcdef", Profile::Dev);
        assert!(sockets.join(SOCKET_NAME).as_os_str().len() <= SOCKET_PATH_BYTES_MAX);
        assert!(!sockets.starts_with(&deep));
    }
}
