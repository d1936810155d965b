//! A plan as Postgres tells it, and what is to be seen in it.

use crate::measure::statistics::float;
use crate::measure::table::figure;

/// What was executed for one statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    /// Milliseconds.
    pub(super) took: f64,
    /// Blocks that it touched, in memory or not.
    pub(super) buffers: u64,
    /// The statement and its plan.
    pub(super) text: String,
}

/// A node of a plan.
struct Node<'a> {
    name: &'a str,
    /// Rows that it looked at: those that it gave and those that it threw away, over all its loops.
    seen: u64,
}

impl Plan {
    /// From an entry of the server's log; nothing where it is no plan.
    pub(super) fn parse(entry: &str) -> Option<Self> {
        let (_, said) = entry.split_once("duration: ")?;
        let (took, plan) = said.split_once(" ms  plan:")?;
        let text: Vec<&str> = plan
            .lines()
            .map(|line| line.trim_start_matches('\t'))
            .collect();
        let buffers = text
            .iter()
            .find_map(|line| line.trim().strip_prefix("Buffers: shared "));
        Some(Self {
            took: took.parse().ok()?,
            buffers: buffers.map_or(0, blocks),
            text: format!("{took} ms\n{}", text.join("\n").trim()),
        })
    }

    /// The statement alone.
    pub(super) fn statement(&self) -> &str {
        let from = self.text.find("Query Text: ").unwrap_or_default();
        let until = self.text.find("\nQuery Parameters: ");
        let until = until.or_else(|| self.text.find("  (cost="));
        self.text
            .get(from..until.unwrap_or(self.text.len()))
            .unwrap_or_default()
    }

    /// Where most rows are looked at.
    pub(super) fn reason(&self) -> String {
        let nodes = self.nodes();
        let Some(worst) = nodes.iter().max_by_key(|node| node.seen) else {
            return format!("{} ms, no plan", figure(self.took, 0));
        };
        format!(
            "statement {} ms, {} blocks; {} rows in {}",
            figure(self.took, 0),
            figure(float(self.buffers), 0),
            figure(float(worst.seen), 0),
            worst.name
        )
    }

    fn nodes(&self) -> Vec<Node<'_>> {
        let mut nodes: Vec<Node<'_>> = Vec::new();
        let mut loops = 1;
        for line in self.text.lines() {
            let line = line.trim();
            if let Some((name, figures)) = line.split_once("  (cost=") {
                loops = number_after(figures, "loops=").unwrap_or(1);
                let rows = figures
                    .rsplit_once("actual")
                    .map_or("", |(_, actual)| actual);
                nodes.push(Node {
                    name: name.trim_start_matches("->").trim(),
                    seen: number_after(rows, "rows=").unwrap_or(0) * loops,
                });
            } else if line.starts_with("Rows Removed by") {
                let removed = line
                    .rsplit(' ')
                    .next()
                    .and_then(|count| count.parse::<u64>().ok());
                if let (Some(node), Some(removed)) = (nodes.last_mut(), removed) {
                    node.seen += removed * loops;
                }
            }
        }
        nodes
    }
}

/// `hit=12 read=3 …`: what was hit and what was read.
fn blocks(text: &str) -> u64 {
    let of = |name| number_after(text, name).unwrap_or(0);
    of("hit=") + of("read=")
}

fn number_after(text: &str, name: &str) -> Option<u64> {
    let (_, rest) = text.split_once(name)?;
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "2026-11-21 11:00:00.000 UTC [1] LOG:  duration: 812.500 ms  plan:\n\
        \tQuery Text: SELECT id FROM connector_event WHERE source = $1 LIMIT $2\n\
        \tQuery Parameters: $1 = 'manual', $2 = '51'\n\
        \tLimit  (cost=0.56..1.00 rows=51 width=31) (actual time=1.0..812.0 rows=51 loops=1)\n\
        \t  Buffers: shared hit=90 read=910\n\
        \t  ->  Seq Scan on connector_event  (cost=0.56..9.00 rows=9 width=31) (actual time=1.0..811.0 rows=51 loops=2)\n\
        \t        Filter: (source = 'manual'::text)\n\
        \t        Rows Removed by Filter: 500000\n\
        \t        Buffers: shared hit=90 read=910";

    #[test]
    fn a_plan_tells_where_rows_are_thrown_away() {
        let plan = Plan::parse(ENTRY).unwrap();
        assert_eq!((plan.took, plan.buffers), (812.5, 1_000));
        assert_eq!(
            plan.reason(),
            "statement 812 ms, 1,000 blocks; 1,000,102 rows in Seq Scan on connector_event"
        );
        assert_eq!(
            plan.statement(),
            "Query Text: SELECT id FROM connector_event WHERE source = $1 LIMIT $2"
        );
    }

    #[test]
    fn what_is_no_plan_is_none() {
        let entry = "2026-11-21 11:00:00.000 UTC [1] LOG:  checkpoint starting: time";
        assert_eq!(Plan::parse(entry), None);
    }
}
