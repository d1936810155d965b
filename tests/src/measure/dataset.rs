//! A world to measure in: one tenant with two years of orders, events and everything that goes with them.
//!
//! It is made by statements over whole sets, the same for the same size, and kept in the benchmark's
//! cluster until the making of it changes; migrations that came since then are run. Triggers and foreign keys are off while it is
//! loaded; what they would have kept is checked afterwards ([`consistency`]).
//!
//! No order of it is due: a service that runs on it finds nothing to fetch. What a measurement brings in
//! is taken away by its ids, which tell their time ([`World::restore`]).

mod consistency;
mod load;
mod tenants;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use hawker_domain::Timestamp;
use hawker_shopee_emulator::Shop;
use sqlx::{PgConnection, Row as _};

use self::tenants::TEND;
pub use self::tenants::{Tenant, Tenants, mark};
use super::ground::{Ground, run};
use super::progress::say;
use super::service::{operate, settings};
use super::table::figure;
use crate::PROFILE;

/// The schema of its tenant.
pub const SCHEMA: &str = "tenant_default";

/// Events of each order.
pub const EVENTS_PER_ORDER: u64 = 10;

/// Databases of worlds begin with this; what follows changes with whatever makes them.
const PREFIX: &str = "hawker_bench_data_";

/// What an order takes on disk with its lines, events and payouts, and with what is only there while it is
/// loaded: measured, and some more.
const BYTES_PER_ORDER: u64 = 25_000;

/// Beside that: the log of the server, and room for everybody else.
const BYTES_FREE_MIN: u64 = 8 << 30;

/// Smaller than this it says nothing.
const ORDERS_MIN: u64 = 1_000;

/// A world that stands.
#[derive(Clone, Debug)]
pub struct World {
    /// Its database.
    pub database: String,
    /// How many orders it has.
    pub orders: u64,
    /// Where its two years end.
    pub ends_at: Timestamp,
    /// What has to be known to judge what is measured in it.
    pub notes: Vec<String>,
}

/// Where a new shop is made, and nothing else.
const NEW_SHOP: &str = "hawker_bench_new_shop";

impl World {
    /// Takes the world of so many orders that is there, or makes it. With too little room on the disk it
    /// is smaller, and says so.
    pub async fn open(ground: &Ground, orders: u64) -> anyhow::Result<Self> {
        let version = version(ground.root())?;
        drop_older(ground, &version).await?;
        let (orders, mut notes) = fitting(ground, &version, orders).await?;
        let database = name(&version, orders);
        if exists(ground, &database).await? {
            let settings = settings(ground, &database, "http://127.0.0.1:9");
            operate(&settings, &["migrate"]).await?;
        } else {
            load::load(ground, &database, orders).await?;
        }
        let mut connection = ground.connect(&database).await?;
        let ends_at = sqlx::query("SELECT ends_at FROM measure.size");
        let ends_at = ends_at.fetch_one(&mut connection).await?.try_get(0)?;
        notes.push(size(&mut connection, &database).await?);
        Ok(Self {
            database,
            orders,
            ends_at,
            notes,
        })
    }

    /// Its database as it was when it was made, apart from what nobody looks at: what came in since then is
    /// taken away.
    pub async fn restore(&self, ground: &Ground) -> anyhow::Result<()> {
        self.authorise(ground).await?;
        self.take_away(ground, &self.first_id(ground).await?).await
    }

    /// The pair of tokens of a shop that is new: one that was renewed is known to a marketplace that is gone.
    async fn authorise(&self, ground: &Ground) -> anyhow::Result<()> {
        empty_shop(ground, NEW_SHOP).await?;
        let mut new = ground.connect(NEW_SHOP).await?;
        let pair = "SELECT access_token_encrypted, refresh_token_encrypted FROM tenant_default.connector_token";
        let (access, refresh): (String, String) = sqlx::query_as(pair).fetch_one(&mut new).await?;
        drop(new);
        ground.drop_database(NEW_SHOP).await?;
        let mut connection = ground.connect(&self.database).await?;
        let given = "UPDATE tenant_default.connector_token \
                     SET access_token_encrypted = $1, refresh_token_encrypted = $2";
        let given = sqlx::query(given).bind(access).bind(refresh);
        given.execute(&mut connection).await?;
        Ok(())
    }

    /// Takes away what was made since a mark.
    pub async fn take_away(&self, ground: &Ground, mark: &str) -> anyhow::Result<()> {
        self.tenants().take_away(ground, mark).await
    }

    /// Takes the room that is left in the pages of an inbox that was loaded at once, until the world is restored.
    pub async fn fill_pages(&self, ground: &Ground) -> anyhow::Result<()> {
        let mut connection = load::connect(ground, &self.database).await?;
        // What tells where there is room.
        run(&mut connection, TEND).await?;
        run(&mut connection, include_str!("dataset/fill_pages.sql")).await?;
        run(&mut connection, TEND).await
    }

    /// With which digits ids begin that were made after the world's end.
    async fn first_id(&self, ground: &Ground) -> anyhow::Result<String> {
        let mut connection = ground.connect(&self.database).await?;
        let asked =
            "SELECT left(measure.ulid(ends_at + interval '1 minute', 0), 10) FROM measure.size";
        let asked = sqlx::query(asked);
        Ok(asked.fetch_one(&mut connection).await?.try_get(0)?)
    }

    /// Leads its profile to a marketplace, with a pair of tokens that is good for the next hours.
    pub async fn connect_to(&self, ground: &Ground, base_url: &str) -> anyhow::Result<()> {
        self.tenants().connect_to(ground, base_url).await
    }

    /// Its one tenant.
    pub fn tenants(&self) -> Tenants {
        Tenants {
            database: self.database.clone(),
            each: vec![Tenant::first()],
        }
    }
}

/// A database with the schema and the profile of the benchmark's shop, and nothing else.
async fn empty_shop(ground: &Ground, database: &str) -> anyhow::Result<()> {
    ground.empty_database(database).await?;
    let settings = settings(ground, database, "http://127.0.0.1:9");
    operate(&settings, &["migrate"]).await?;
    operate(&settings, &["seed"]).await?;
    Ok(())
}

/// Whose world it is.
fn owner() -> (&'static str, i64) {
    (PROFILE, Shop::default().shop_id)
}

fn name(version: &str, orders: u64) -> String {
    format!("{PREFIX}{version}_{orders}")
}

/// Changes with everything that a world is made of. A world is migrated like any installation.
fn version(root: &Path) -> anyhow::Result<String> {
    let mut files = Vec::new();
    let folder = root.join("tests/src/measure/dataset");
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|ending| ending == "sql"));
    // Nothing of a world is made by these.
    files.retain(|file| !file.ends_with("restore.sql") && !file.ends_with("fill_pages.sql"));
    files.sort();
    digest(&files)
}

/// FNV-1a, which stays the same from one toolchain to the next.
fn digest(files: &[PathBuf]) -> anyhow::Result<String> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        let bytes = fs::read(file).with_context(|| file.display().to_string())?;
        for byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    Ok(format!("{hash:016x}"))
}

/// Drops worlds of another making, and those that were never finished.
async fn drop_older(ground: &Ground, version: &str) -> anyhow::Result<()> {
    let mut home = ground.connect_home().await?;
    let names = sqlx::query("SELECT datname::text FROM pg_database WHERE starts_with(datname, $1)");
    for row in names.bind(PREFIX).fetch_all(&mut home).await? {
        let name: String = row.try_get(0)?;
        let is_current = name.starts_with(&format!("{PREFIX}{version}_"));
        if !is_current || name.ends_with(load::UNFINISHED) {
            say(format_args!("{name} is of another making: it is dropped"));
            ground.drop_database(&name).await?;
        }
    }
    Ok(())
}

async fn exists(ground: &Ground, database: &str) -> anyhow::Result<bool> {
    let mut home = ground.connect_home().await?;
    let found = sqlx::query("SELECT FROM pg_database WHERE datname = $1").bind(database);
    Ok(found.fetch_optional(&mut home).await?.is_some())
}

/// As many orders as were asked for, or as there is room for.
async fn fitting(ground: &Ground, version: &str, asked: u64) -> anyhow::Result<(u64, Vec<String>)> {
    let mut orders = asked;
    let free = free_bytes(&ground.cluster_folder())?;
    while !exists(ground, &name(version, orders)).await?
        && orders * BYTES_PER_ORDER + BYTES_FREE_MIN > free
    {
        orders /= 2;
        anyhow::ensure!(
            orders >= ORDERS_MIN,
            "no world has room on the disk: {} MiB are free; `cargo xtask postgres bench --reset -- true` \
             frees what the benchmark keeps",
            free >> 20
        );
    }
    let mut notes = Vec::new();
    if orders < asked {
        let told = format!(
            "{} MiB are free on the disk, so that there are {orders} orders instead of {asked}",
            free >> 20
        );
        say(&told);
        notes.push(told);
    }
    Ok((orders, notes))
}

/// What is free where a folder is, as `df` says it.
fn free_bytes(folder: &Path) -> anyhow::Result<u64> {
    let output = Command::new("df").arg("-Pk").arg(folder).output();
    let output = output.context("`df` cannot be run")?;
    let said = String::from_utf8_lossy(&output.stdout);
    let kilobytes = available(&said).with_context(|| format!("`df` said: {said}"))?;
    Ok(kilobytes * 1024)
}

fn available(said: &str) -> Option<u64> {
    let line = said.lines().nth(1)?;
    line.split_whitespace().nth(3)?.parse().ok()
}

async fn size(connection: &mut PgConnection, database: &str) -> anyhow::Result<String> {
    let asked = sqlx::query(
        "SELECT pg_database_size(current_database()), \
             (SELECT count(*) FROM tenant_default.sales_order), \
             (SELECT count(*) FROM tenant_default.sales_order_line), \
             (SELECT reltuples::bigint FROM pg_class \
              WHERE oid = 'tenant_default.connector_event'::regclass)",
    );
    let row = asked.fetch_one(connection).await?;
    let [bytes, orders, lines, events] = [0, 1, 2, 3].map(|column| row.try_get::<i64, _>(column));
    let shown = |count: i64| figure(super::float(count.try_into().unwrap_or_default()), 0);
    let told = format!(
        "{database}: {} orders, {} lines, about {} events, {} MiB",
        shown(orders?),
        shown(lines?),
        shown(events?),
        shown(bytes? >> 20),
    );
    say(&told);
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_free_space_is_read_from_what_df_says() {
        let said = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                    /dev/vda 263174212 41000000 54000000 44% /\n";
        assert_eq!(available(said), Some(54_000_000));
        assert_eq!(available("df: nothing"), None);
    }

    #[test]
    fn another_byte_of_the_making_is_another_world() {
        let folder = std::env::temp_dir().join(format!("hawker-world-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("a.sql");
        let versions = ["SELECT 1", "SELECT 2"].map(|text| {
            fs::write(&file, text).unwrap();
            digest(std::slice::from_ref(&file)).unwrap()
        });
        fs::remove_dir_all(&folder).unwrap();
        assert_ne!(versions[0], versions[1]);
    }
}
