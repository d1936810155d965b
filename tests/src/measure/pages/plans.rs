//! The plans of pages, with what was executed: from the log of the server, for a service whose connections
//! have `auto_explain` loaded.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;

use super::plan::Plan;
use crate::Settings;
use crate::measure::ground::Ground;
use crate::measure::service::Service;

/// Longer than the pause of the slowest reconciler that reads often.
const WATCHED: Duration = Duration::from_secs(6);

/// How long a plan may take to reach the log: it is written when the statement's place is taken by the
/// next one, or when the transaction ends.
const PATIENCE: Duration = Duration::from_secs(2);

const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Every statement of the service is told in the log with its plan.
const OPTIONS: [(&str, &str); 6] = [
    ("session_preload_libraries", "auto_explain"),
    ("auto_explain.log_min_duration", "0"),
    ("auto_explain.log_analyze", "on"),
    ("auto_explain.log_buffers", "on"),
    ("auto_explain.log_nested_statements", "on"),
    ("auto_explain.log_format", "text"),
];

/// A service whose statements are explained.
pub(super) struct Explained {
    service: Service,
    log: PathBuf,
    /// Statements that it makes by itself.
    own: BTreeSet<String>,
}

impl Explained {
    /// Starts it and watches for a while what it does by itself.
    pub(super) async fn start(ground: &Ground, settings: &Settings) -> anyhow::Result<Self> {
        let mut url = url::Url::parse(settings.get("DATABASE_URL"))?;
        for (name, value) in OPTIONS {
            url.query_pairs_mut()
                .append_pair(&format!("options[{name}]"), value);
        }
        let settings = settings.clone().with("DATABASE_URL", url.as_str());
        let log = ground.cluster_folder().join("server.log");
        let mut explained = Self {
            service: Service::start(ground, "pages-explained", &settings).await?,
            log,
            own: BTreeSet::new(),
        };
        let before = explained.mark()?;
        tokio::time::sleep(WATCHED).await;
        let seen = explained.read(before)?;
        explained.own = seen
            .iter()
            .map(|plan| plan.statement().to_owned())
            .collect();
        Ok(explained)
    }

    pub(super) fn origin(&self) -> String {
        self.service.origin()
    }

    /// Where the log ends now.
    pub(super) fn mark(&self) -> anyhow::Result<u64> {
        Ok(std::fs::metadata(&self.log)?.len())
    }

    /// The plans since a mark that are about some of these tables, and are of no statement that the
    /// service makes by itself; of each statement the slowest.
    pub(super) async fn plans(&self, mark: u64, tables: &str) -> anyhow::Result<Vec<Plan>> {
        let looking = async {
            let mut tick = tokio::time::interval(LOOK_EVERY);
            loop {
                tick.tick().await;
                let plans = self.about(mark, tables)?;
                if !plans.is_empty() {
                    // Others of the same request come before the last one or with it.
                    tick.tick().await;
                    tick.tick().await;
                    return self.about(mark, tables);
                }
            }
        };
        tokio::time::timeout(PATIENCE, looking)
            .await
            .unwrap_or_else(|_| Ok(Vec::new()))
    }

    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.service.stop().await
    }

    fn about(&self, mark: u64, tables: &str) -> anyhow::Result<Vec<Plan>> {
        let mut plans: Vec<Plan> = Vec::new();
        for plan in self.read(mark)? {
            let is_meant = tables.split(' ').any(|table| plan.text.contains(table));
            if !is_meant || self.own.contains(plan.statement()) {
                continue;
            }
            let known = plans
                .iter_mut()
                .find(|known| known.statement() == plan.statement());
            match known {
                Some(known) if known.took < plan.took => *known = plan,
                Some(_) => {}
                None => plans.push(plan),
            }
        }
        Ok(plans)
    }

    fn read(&self, mark: u64) -> anyhow::Result<Vec<Plan>> {
        let mut file = File::open(&self.log)?;
        file.seek(SeekFrom::Start(mark))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let said = String::from_utf8_lossy(&bytes);
        Ok(entries(&said)
            .iter()
            .filter_map(|entry| Plan::parse(entry))
            .collect())
    }
}

/// Entries of a log: a line that begins with a date, and the lines that follow it and do not.
fn entries(said: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in said.lines() {
        let begins = line.len() > 10 && line.bytes().take(4).all(|byte| byte.is_ascii_digit());
        match entries.last_mut() {
            Some(entry) if !begins => {
                entry.push('\n');
                entry.push_str(line);
            }
            _ => entries.push(line.to_owned()),
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_goes_on_until_the_next_date() {
        let said = "2026-11-21 11:00:00 UTC [1] LOG:  duration: 1.0 ms  plan:\n\tQuery Text: SELECT 1\n\
                    2026-11-21 11:00:01 UTC [1] LOG:  checkpoint";
        let found = entries(said);
        assert_eq!(found.len(), 2);
        assert!(found[0].ends_with("SELECT 1"));
    }
}
