//! What the running service counts, read from its own `/metrics`.

use super::http;

/// One reading of all counters.
#[derive(Debug, Clone)]
pub struct Metrics {
    text: String,
}

impl Metrics {
    /// Reads them; none if the service does not answer now.
    pub fn read(port: u16) -> Option<Self> {
        let answer = http::get(port, "/metrics").ok()?;
        (answer.status == 200).then_some(Self { text: answer.body })
    }

    /// The sum of all samples of a name whose labels contain a text; none if there is no sample.
    pub fn sum(&self, name: &str, label: &str) -> Option<u64> {
        let samples = self.text.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let (labels, value) = rest.rsplit_once(' ')?;
            let ours = labels.is_empty() || labels.starts_with('{');
            (ours && labels.contains(label))
                .then(|| value.split('.').next()?.parse::<u64>().ok())?
        });
        samples.fold(None, |sum, sample| Some(sum.unwrap_or(0) + sample))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_one_name_are_added_up() {
        let text = "# HELP hawker_backlog_events Waiting.\n\
                    hawker_backlog_events{tenant=\"a\",state=\"due\"} 3\n\
                    hawker_backlog_events{tenant=\"b\",state=\"due\"} 4.0\n\
                    hawker_backlog_events{tenant=\"b\",state=\"waiting\"} 9\n\
                    hawker_backlog_events_other 7\n";
        let metrics = Metrics {
            text: text.to_owned(),
        };
        assert_eq!(
            metrics.sum("hawker_backlog_events", "state=\"due\""),
            Some(7)
        );
        assert_eq!(metrics.sum("hawker_backlog_events", ""), Some(16));
        assert_eq!(metrics.sum("hawker_nothing", ""), None);
    }
}
