//! What was seen to go to and fro, by others than the code under test.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::listener::Heard;
use crate::prove::Passed;

/// What was seen.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    /// Pushes on their way to the service.
    pub passed: Vec<Passed>,
    /// Alerts that came out of it.
    pub heard: Vec<Heard>,
    /// What did not come to rest.
    pub restless: Vec<String>,
    /// Somebody was killed, or cut off from the database: a message may be repeated.
    pub was_disturbed: bool,
}

impl Witness {
    /// What genuine pushes said, and whether one that says so was acknowledged.
    pub(super) fn genuine(&self) -> BTreeMap<String, bool> {
        let mut genuine = BTreeMap::new();
        for passed in self.passed.iter().filter(|passed| passed.is_genuine) {
            let is_acknowledged = genuine.entry(content(&passed.body)).or_default();
            *is_acknowledged |= passed.is_acknowledged();
        }
        genuine
    }

    /// What nobody but a forger said.
    pub(super) fn forged(&self) -> BTreeSet<String> {
        let genuine = self.genuine();
        let forged = self.passed.iter().filter(|passed| !passed.is_genuine);
        forged
            .map(|passed| content(&passed.body))
            .filter(|content| !genuine.contains_key(content))
            .collect()
    }
}

/// What a push says, without when it was sent and under which number: its repetition says the same.
pub(super) fn content(body: &str) -> String {
    let push: Value = serde_json::from_str(body).unwrap_or_default();
    // Keys are sorted: a map of this library keeps them so.
    format!("{} {} {}", push["code"], push["shop_id"], push["data"])
}
