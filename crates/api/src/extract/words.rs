//! What serde says of a value that does not fit, without the value.

/// What is wrong, and with which field where the words tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    /// The field that is not known, missing or given twice.
    pub(super) field: Option<String>,
    /// In words.
    pub(super) message: String,
}

impl Complaint {
    /// Reads serde's words: `` unknown field `x`, expected … ``, `` missing field `x` ``,
    /// `` duplicate field `x` ``, `invalid type: …, expected …`, `invalid value: …, expected …`.
    /// Only the names of fields and what was expected are taken over. Words of our own types (an
    /// unknown region) are taken as they are: those types bound what they repeat.
    pub(super) fn of(words: &str) -> Self {
        let words = words
            .rsplit_once(" at line ")
            .map_or(words, |(words, _)| words);
        let named = |prefix| {
            let rest = words.strip_prefix(prefix)?.strip_prefix('`')?;
            rest.split_once('`')
        };
        if let Some((field, rest)) = named("unknown field ") {
            let known = rest.trim_start_matches(", ");
            return Self {
                field: Some(shortened(field)),
                message: format!("there is no such field; {known}"),
            };
        }
        if let Some((field, _)) = named("missing field ") {
            return Self {
                field: Some(field.to_owned()),
                message: "it is missing".to_owned(),
            };
        }
        if let Some((field, _)) = named("duplicate field ") {
            return Self {
                field: Some(field.to_owned()),
                message: "it is given twice".to_owned(),
            };
        }
        let about_values = ["invalid type: ", "invalid value: ", "invalid length "];
        let is_about_a_value = about_values.iter().any(|start| words.starts_with(start));
        let message = match words.rsplit_once("expected ") {
            Some((_, expected)) if is_about_a_value => format!("expected {expected}"),
            _ if is_about_a_value => "it is not of the right kind".to_owned(),
            _ => words.to_owned(),
        };
        Self {
            field: None,
            message,
        }
    }
}

/// A name of the client's making, cut to what can be a name.
fn shortened(field: &str) -> String {
    field.chars().take(64).collect()
}

/// The field that a complaint is about: where the reader stood, and the name in the complaint.
pub(super) fn field_of(path: &str, complaint: &Complaint) -> String {
    let at_top = path.is_empty() || path == ".";
    match &complaint.field {
        None if at_top => "body".to_owned(),
        None => path.to_owned(),
        Some(field) if at_top || path == field => field.clone(),
        // The reader may stand on the very field already.
        Some(field) if path.ends_with(&format!(".{field}")) => path.to_owned(),
        Some(field) => format!("{path}.{field}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(words: &str) -> (Option<String>, String) {
        let Complaint { field, message } = Complaint::of(words);
        (field, message)
    }

    #[test]
    fn a_value_is_never_repeated() {
        for words in [
            r#"invalid type: string "s3cret", expected i64 at line 1 column 20"#,
            r#"invalid value: string "s3cret", expected a short text at line 1 column 20"#,
            r#"invalid type: string "s3cret expected s3cret", expected i64 at line 1 column 2"#,
        ] {
            let (_, message) = told(words);
            assert!(!message.contains("s3cret"), "{message}");
            assert!(message.starts_with("expected "), "{message}");
        }
    }

    #[test]
    fn an_unknown_field_is_told_with_those_that_there_are() {
        let words =
            "unknown field `partner_idd`, expected `partner_id` or `shop_id` at line 1 column 14";
        let (field, message) = told(words);
        assert_eq!(field.as_deref(), Some("partner_idd"));
        assert_eq!(
            message,
            "there is no such field; expected `partner_id` or `shop_id`"
        );
    }

    #[test]
    fn a_field_is_named_by_its_path() {
        let bare = Complaint::of("invalid type: null, expected i32");
        assert_eq!(field_of("switch_on[2]", &bare), "switch_on[2]");
        assert_eq!(field_of(".", &bare), "body");
        let unknown = Complaint::of("unknown field `b`, expected `c`");
        assert_eq!(field_of("a", &unknown), "a.b");
        assert_eq!(field_of(".", &unknown), "b");
        assert_eq!(field_of("a.b", &unknown), "a.b");
        assert_eq!(field_of("b", &unknown), "b");
    }
}
