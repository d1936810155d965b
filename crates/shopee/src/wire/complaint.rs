//! Why a reply, or a part of one, cannot be read. It names the member and never quotes free text,
//! which may be personal data.

use super::Fault;
use super::list::EXPECTED_LIST;

/// What serde says of a member that is not there; it names nothing but the member.
const MISSING: &str = "missing field";

/// A member that is not what is documented.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{member}` is {fault}")]
pub struct Complaint {
    /// Where it is, for example `order_list[3].update_time`; `.` for the whole.
    pub member: String,
    /// What is wrong with it, for example `missing` or `not a whole number: "many"`.
    pub fault: String,
}

impl Complaint {
    /// About a member that has to be there.
    pub(crate) fn of(member: &str, fault: &Fault) -> Self {
        Self {
            member: member.to_owned(),
            fault: fault.to_string(),
        }
    }
}

impl From<serde_path_to_error::Error<serde_json::Error>> for Complaint {
    fn from(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let said = error.inner().to_string();
        let member = error.path().to_string();
        match said.strip_prefix(MISSING) {
            Some(rest) => {
                let name = rest.split('`').nth(1).unwrap_or_default();
                let member = match member.as_str() {
                    "." => name.to_owned(),
                    within => format!("{within}.{name}"),
                };
                Self::of(&member, &Fault::Missing)
            }
            None => Self {
                member,
                fault: fault(&said),
            },
        }
    }
}

/// A [`Fault`] in the words of serde, without the place that serde adds. Other words of serde's
/// quote what they found; only what they expected is taken from them.
fn fault(said: &str) -> String {
    let said = said.rsplit_once(" at line ").map_or(said, |(said, _)| said);
    if Fault::is_told_by(said) {
        said.to_owned()
    } else if said.ends_with(&format!("expected {EXPECTED_LIST}")) {
        Fault::NotList.to_string()
    } else if said.starts_with("invalid type") && said.contains(", expected struct ") {
        Fault::NotObject.to_string()
    } else {
        "not what is documented".to_owned()
    }
}
