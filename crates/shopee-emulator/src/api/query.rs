//! The query of a call, where all parameters of a GET and all of the signature are.

use super::error::ApiError;

pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub fn parse(query: &str) -> Self {
        Self {
            pairs: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
        }
    }

    /// The first value of that name; a blank one counts as missing.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A list: comma separated, the name repeated, or both.
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.pairs
            .iter()
            .filter(|(key, _)| key == name)
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect()
    }

    pub fn flag(&self, name: &str) -> bool {
        self.get(name)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// An integer that need not be there.
    pub fn optional_integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(_) => self.integer(name).map(Some),
        }
    }

    pub fn integer(&self, name: &str) -> Result<i64, ApiError> {
        self.get(name)
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| ApiError::wrong_parameters(&format!("{name} is missing or invalid")))
    }
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn lists_come_with_commas_and_by_repetition() {
        let query = Query::parse("sn=A,B&sn=C&other=D&blank=");
        assert_eq!(query.list("sn"), ["A", "B", "C"]);
        assert!(query.list("blank").is_empty());
        assert_eq!(query.get("blank"), None);
    }
}
