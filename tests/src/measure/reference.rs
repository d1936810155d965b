//! The reference: `pgbench` puts the same row into the same kind of table, one row and one commit at a
//! time, with prepared statements, over the same kind of connection.
//!
//! The table is a copy of the inbox with all its indexes and checks. The values of a row are those of
//! one that the service has stored; what tells rows apart differs, and has the same length and the
//! same order: ids grow, keys are scattered.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context as _;
use sqlx::{AssertSqlSafe, PgConnection};
use tokio::process::Command;

use super::ground::{Ground, run};
use super::shop::Shop;

/// The copy of the inbox.
const TABLE: &str = "tenant_default.bench_reference";

/// Threads of `pgbench`: as many as the benchmark is meant for has cores.
const THREADS_MAX: usize = 2;

/// Connections that are made in a second even by a slow machine.
const CONNECTED_IN_A_SECOND: usize = 128;

/// What `pgbench` did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inserted {
    /// Rows committed by the second, connecting left out.
    pub rate: f64,
    /// All rows of the run.
    pub rows: u64,
}

/// The reference, ready to be run.
pub struct Reference {
    program: PathBuf,
    script: PathBuf,
    variables: Vec<(&'static str, String)>,
    rounds: usize,
}

impl Reference {
    /// Makes the table and the script from a row that is in the inbox.
    pub async fn prepare(ground: &Ground, shop: &Shop) -> anyhow::Result<Self> {
        let program = ground.postgres_program("pgbench");
        anyhow::ensure!(
            program.exists(),
            "`pgbench` is the reference and is not beside the server's other programs ({}): install \
             it, on Debian and Ubuntu with `apt-get install postgresql-contrib`, elsewhere with the \
             package that the server came with",
            program.display()
        );
        let mut connection = shop.connect(ground).await?;
        // What the server would tidy up there falls into the rounds of the service, which come after.
        let table = format!(
            "DROP TABLE IF EXISTS {TABLE};
             CREATE TABLE {TABLE} (LIKE tenant_default.connector_event INCLUDING ALL)
                 WITH (autovacuum_enabled = false)"
        );
        run(&mut connection, &table).await?;
        let script = ground.folder().join("reference.sql");
        tokio::fs::write(&script, text(&mut connection).await?).await?;
        Ok(Self {
            program,
            script,
            variables: ground.libpq(&shop.database),
            rounds: 0,
        })
    }

    /// Empties the table.
    pub async fn empty(&self, connection: &mut PgConnection) -> anyhow::Result<()> {
        run(connection, &format!("TRUNCATE {TABLE}")).await
    }

    /// Inserts for so long over so many connections.
    pub async fn insert(&mut self, connections: usize, time: Duration) -> anyhow::Result<Inserted> {
        self.rounds += 1;
        let threads = connections.min(THREADS_MAX);
        // To connect takes processor time, for the passwords; pgbench counts it as time, though not
        // in its rate.
        let to_connect = connections.div_ceil(CONNECTED_IN_A_SECOND) as u64;
        let seconds = time.as_secs().max(1) + to_connect;
        let mut command = Command::new(&self.program);
        command
            .args(["-n", "-M", "prepared", "-D", "n=0"])
            .args(["-D", &format!("round={}", self.rounds)])
            .args(["-c", &connections.to_string(), "-j", &threads.to_string()])
            .args(["-T", &seconds.to_string(), "-f"])
            .arg(&self.script)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = command.output().await.context("pgbench cannot be run")?;
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "pgbench failed: {complaint}");
        let failed = said.contains("number of failed transactions: 0 ");
        anyhow::ensure!(
            failed || !said.contains("number of failed"),
            "pgbench had failures: {said}"
        );
        inserted(&said).with_context(|| format!("pgbench tells no rate: {said}"))
    }
}

/// The number of an order as the load makes them: the day first, then something scattered.
const ORDER: &str =
    "concat('26', lpad(:round::text, 4, '0'), right(lpad(to_hex(:one::bigint), 8, '0'), 8))";

/// The script, from the newest row of the inbox.
async fn text(connection: &mut PgConnection) -> anyhow::Result<String> {
    // No colon but those of casts: pgbench takes every other one for a variable.
    let values = format!(
        r"SELECT format(
            $$'srev_0' || lpad(upper(to_hex(:key::bigint)), 25, '0'), %L, %L, %L, %L, %s, %s,
              {ORDER}, to_timestamp(%s),
              concat('msg', ':', %s, ':', {ORDER}, ':', lpad(to_hex(:other::bigint), 16, '0'), lpad(to_hex(:one::bigint), 16, '0')),
              concat({ORDER}, ':', repeat(lpad(to_hex(:one::bigint), 16, '0') || lpad(to_hex(:other::bigint), 16, '0'), 2)),
              true, %L, true, %L, %L, '\x%s'::bytea, true, false, now(), now()$$,
            connector, environment, profile_id, source, event_type, shop_id,
            extract(epoch FROM marketplace_updated_at)::bigint, event_type,
            signature, signature_scheme, signature_key, encode(body, 'hex'))
          FROM tenant_default.connector_event
          WHERE trusted AND delivery_id IS NOT NULL AND NOT processed
          ORDER BY id DESC LIMIT 1"
    );
    let values: Option<String> = sqlx::query_scalar(AssertSqlSafe(values))
        .fetch_optional(connection)
        .await?;
    let values = values.context("the inbox holds no push that the reference could be made of")?;
    Ok(format!(
        "\\set n :n + 1\n\
         \\set key :round * 1000000000000 + :n * 1000 + :client_id\n\
         \\set one hash_murmur2(:key)\n\
         \\set other hash_fnv1a(:key)\n\
         INSERT INTO {TABLE} (
           id, connector, environment, profile_id, source, event_type, shop_id, order_sn,
           marketplace_updated_at, delivery_id, content_key, trusted, signature, signature_ok,
           signature_scheme, signature_key, body, body_is_json, processed, next_attempt_at,
           received_at
         ) VALUES ({values});\n"
    ))
}

fn inserted(said: &str) -> Option<Inserted> {
    let after = |words: &str| {
        let line = said.lines().find_map(|line| line.strip_prefix(words))?;
        line.split_whitespace().next()
    };
    Some(Inserted {
        rate: after("tps = ")?.parse().ok()?,
        rows: after("number of transactions actually processed: ")?
            .parse()
            .ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_rows_are_read_from_what_pgbench_says() {
        let said = "number of transactions actually processed: 9938\nlatency average = 0.5 ms\n\
                    tps = 1987.654321 (without initial connection time)\n";
        let expected = Inserted {
            rate: 1_987.654_321,
            rows: 9_938,
        };
        assert_eq!(inserted(said), Some(expected));
        assert_eq!(inserted("no such line"), None);
    }
}
