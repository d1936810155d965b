//! Asking for pages, as somebody with a token for everything does.

use std::time::{Duration, Instant};

use serde_json::Value;
use url::Url;

use super::cursor::Cursor;
use super::lists::Case;
use crate::Settings;
use crate::measure::service::operate;
use crate::measure::statistics::Latencies;

/// A page that takes longer than this in all is asked for less often.
const LIMIT: Duration = Duration::from_secs(4);

/// Though not less often than this.
const REQUESTS_MIN: usize = 3;

/// What the token allows.
const SCOPES: [&str; 7] = [
    "audit:read",
    "connectors:read",
    "escrow:read",
    "events:read",
    "exceptions:read",
    "jobs:read",
    "orders:read",
];

/// What came of asking for a page again and again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// Its rows.
    pub(super) rows: u64,
    /// Milliseconds of the first request.
    pub(super) first: f64,
    /// Of the middle one of all.
    pub(super) p50: f64,
    /// At the 95th percentile.
    pub(super) p95: f64,
    /// How many there were.
    pub(super) requests: usize,
}

/// Somebody with a token.
pub(super) struct Client {
    http: reqwest::Client,
    origin: String,
    token: String,
}

impl Client {
    pub(super) async fn new(settings: &Settings, origin: &str) -> anyhow::Result<Self> {
        let mut arguments = vec!["api-token", "create", "--name", "bench", "--days", "1"];
        arguments.extend(SCOPES.iter().flat_map(|scope| ["--scope", scope]));
        let token = operate(settings, &arguments).await?;
        Ok(Self {
            http: hawker_app::wiring::http_client()?,
            origin: origin.to_owned(),
            token: token.trim().to_owned(),
        })
    }

    /// What the service says that there is.
    pub(super) async fn document(&self) -> anyhow::Result<Value> {
        let answer = self.http.get(format!("{}/openapi.json", self.origin));
        Ok(answer.send().await?.error_for_status()?.json().await?)
    }

    /// Asks for a page so many times, or as often as there is time.
    pub(super) async fn measure(
        &self,
        case: &Case,
        cursor: &Cursor,
        requests: usize,
    ) -> anyhow::Result<Visit> {
        let began = Instant::now();
        let mut latencies = Latencies::default();
        let (mut first, mut rows) = (0.0, 0);
        while latencies.count() < requests
            && (began.elapsed() < LIMIT || latencies.count() < REQUESTS_MIN)
        {
            let asked = Instant::now();
            let answer = self.ask(case, cursor).await?;
            let took = asked.elapsed();
            if latencies.count() == 0 {
                first = took.as_secs_f64() * 1_000.0;
                rows = rows_in(&answer);
            }
            latencies.add(took);
        }
        // A cursor that leads nowhere would be a page that costs nothing.
        anyhow::ensure!(
            rows > 0 || cursor.after.is_none(),
            "behind the cursor {:?} there is nothing",
            cursor.after
        );
        Ok(Visit {
            rows,
            first,
            p50: latencies.percentile(0.5),
            p95: latencies.percentile(0.95),
            requests: latencies.count(),
        })
    }

    /// Asks for a page; answers its body.
    pub(super) async fn ask(&self, case: &Case, cursor: &Cursor) -> anyhow::Result<String> {
        let url = format!("{}{}", self.origin, target(case, cursor));
        let answer = self.http.get(url).bearer_auth(&self.token).send().await?;
        let status = answer.status();
        let body = answer.text().await?;
        anyhow::ensure!(status.is_success(), "{status}: {body}");
        Ok(body)
    }
}

/// Path and query.
pub(super) fn target(case: &Case, cursor: &Cursor) -> String {
    let Ok(mut url) = Url::parse("http://localhost") else {
        return case.path.clone();
    };
    url.set_path(&case.path);
    let after = cursor.after.iter().map(|after| ("after", after));
    let query = case.query.iter().map(|(name, value)| (*name, value));
    for (name, value) in query.chain(after) {
        url.query_pairs_mut().append_pair(name, value);
    }
    url[url::Position::BeforePath..].to_owned()
}

/// How many rows an answer has: those of its first list, or the lines of a table; one thing is one.
fn rows_in(body: &str) -> u64 {
    let count = match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(members)) => {
            let lists = ["items", "groups", "days"];
            let list = lists.iter().find_map(|name| members.get(*name)?.as_array());
            list.map_or(1, Vec::len)
        }
        Ok(_) => 1,
        Err(_) => body.lines().count().saturating_sub(1),
    };
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_in_whatever_form_they_come() {
        assert_eq!(rows_in(r#"{"items":[{},{}],"next":null}"#), 2);
        assert_eq!(rows_in(r#"{"total":0,"groups":[]}"#), 0);
        assert_eq!(rows_in(r#"{"order_sn":"A","lines":[1,2,3]}"#), 1);
        assert_eq!(rows_in("order,amount\r\nA,1\r\nB,2\r\n"), 2);
    }
}
