//! What is to be done about many exceptions at once, as it comes in.

use chrono::{DateTime, Utc};
use hawker_domain::exception::ErrorClass;
use hawker_domain::ids::{ExceptionId, ProfileId, RetryBatchId};
use hawker_domain::{Environment, OrderSn};
use hawker_ports::exception_desk::{ExceptionSelector, Selection};
use hawker_usecases::manage_profiles::Edited;
use hawker_usecases::work_exceptions::{ITEMS_PER_CALL_MAX, Portion};
use serde::Deserialize;
use utoipa::ToSchema;

use super::exception_form::{missing, refused, said, wrong};
use super::names::{EnvironmentWire, ErrorClassWire};
use crate::problem::{FieldError, Problem};

/// What is to be done about many exceptions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExceptionBulk, example = json!({
    "action": "retry",
    "selection": { "matching": { "class": "sku_not_found", "cause": "sku:POK-OBF-223-NM-EN" } },
}))]
pub(crate) struct BulkForm {
    /// What.
    action: ActionWire,
    /// About which.
    selection: SelectionForm,
    /// The `next` of the portion before.
    #[schema(value_type = Option<String>)]
    after: Option<ExceptionId>,
    /// At most so many in this portion; 500 where nothing is said.
    #[schema(minimum = 1, maximum = 500)]
    limit: Option<u32>,
    /// Of a retry: the `batch` of the portion before.
    #[schema(value_type = Option<String>)]
    batch: Option<RetryBatchId>,
    /// For `assign`: a person's name; `null` takes them back.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    assignee: Edited<String>,
    /// For `note`: what is to be remembered. For `resolve` and `wont_fix`: kept as a note.
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
    /// For `snooze`: a moment within the next 90 days; `null` brings them back at once.
    #[serde(default)]
    #[schema(value_type = Option<DateTime<Utc>>)]
    until: Edited<DateTime<Utc>>,
}

/// What is done about exceptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ExceptionAction)]
enum ActionWire {
    /// What they are about is tried again.
    Retry,
    /// They are given to a person.
    Assign,
    /// A note is added.
    Note,
    /// They are out of sight for some time.
    Snooze,
    /// They are done.
    Resolve,
    /// They are left as they are.
    WontFix,
}

/// Which exceptions are meant: either these ids, or all open ones that match.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExceptionSelection)]
struct SelectionForm {
    /// These.
    #[schema(value_type = Option<Vec<String>>, min_items = 1, max_items = 500)]
    ids: Option<Vec<ExceptionId>>,
    /// All open ones that match.
    matching: Option<SelectorForm>,
}

/// What exceptions have in common. What is left out says nothing.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExceptionSelector)]
struct SelectorForm {
    /// Of this class.
    #[schema(value_type = Option<ErrorClassWire>)]
    class: Option<ErrorClass>,
    /// Of this cause.
    cause: Option<String>,
    /// Of this environment.
    #[schema(value_type = Option<EnvironmentWire>)]
    env: Option<Environment>,
    /// Of this profile.
    profile_id: Option<String>,
    /// Of this order.
    order_sn: Option<String>,
    /// Assigned to this person.
    assignee: Option<String>,
}

/// What is done about many exceptions, all of it there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// As part of this retry.
    Retry(Option<RetryBatchId>),
    /// To this person.
    Assign(Option<String>),
    /// This.
    Note(String),
    /// Until then.
    Snooze(Option<DateTime<Utc>>),
    /// With this note.
    Resolve(Option<String>),
    /// With this note.
    WontFix(Option<String>),
}

/// Something that is to be done about many exceptions.
#[derive(Debug)]
pub(crate) struct Bulk {
    pub(crate) action: Action,
    pub(crate) selection: Selection,
    pub(crate) portion: Portion,
}

impl BulkForm {
    /// What is asked for; everything that is wrong with it is told at once.
    pub(crate) fn checked(self) -> Result<Bulk, Problem> {
        let Self {
            action,
            selection,
            after,
            limit,
            batch,
            assignee,
            note,
            until,
        } = self;
        let mut errors = Vec::new();
        let with_note = [ActionWire::Note, ActionWire::Resolve, ActionWire::WontFix];
        for (field, is_given, fits) in [
            ("batch", batch.is_some(), action == ActionWire::Retry),
            (
                "assignee",
                is_given(&assignee),
                action == ActionWire::Assign,
            ),
            ("note", note.is_some(), with_note.contains(&action)),
            ("until", is_given(&until), action == ActionWire::Snooze),
        ] {
            if is_given && !fits {
                let message = "it says nothing about this action: leave it out";
                errors.push(wrong(field, message));
            }
        }
        let limit = limit.unwrap_or(ITEMS_PER_CALL_MAX);
        if !(1..=ITEMS_PER_CALL_MAX).contains(&limit) {
            let message = format!("1 to {ITEMS_PER_CALL_MAX} are possible");
            errors.push(wrong("limit", &message));
        }
        let action = match action {
            ActionWire::Retry => Ok(Action::Retry(batch)),
            ActionWire::Assign => said("assignee", assignee).map(Action::Assign),
            ActionWire::Note => note.map(Action::Note).ok_or_else(|| missing("note")),
            ActionWire::Snooze => said("until", until).map(Action::Snooze),
            ActionWire::Resolve => Ok(Action::Resolve(note)),
            ActionWire::WontFix => Ok(Action::WontFix(note)),
        };
        let action = action.map_err(|error| errors.push(error)).ok();
        let selection = selection.checked(&mut errors);
        match (action, selection) {
            (Some(action), Some(selection)) if errors.is_empty() => Ok(Bulk {
                action,
                selection,
                portion: Portion {
                    after,
                    at_most: limit,
                },
            }),
            _ => Err(refused(errors)),
        }
    }
}

impl SelectionForm {
    fn checked(self, errors: &mut Vec<FieldError>) -> Option<Selection> {
        match (self.ids, self.matching) {
            (Some(ids), None) => {
                let most = usize::try_from(ITEMS_PER_CALL_MAX).unwrap_or(usize::MAX);
                if (1..=most).contains(&ids.len()) {
                    return Some(Selection::These(ids));
                }
                let message = format!("1 to {ITEMS_PER_CALL_MAX} ids are possible");
                errors.push(wrong("selection.ids", &message));
                None
            }
            (None, Some(selector)) => selector.checked(errors).map(Selection::Matching),
            (None, None) | (Some(_), Some(_)) => {
                let message = "either `ids` or `matching` says which exceptions are meant";
                errors.push(wrong("selection", message));
                None
            }
        }
    }
}

impl SelectorForm {
    fn checked(self, errors: &mut Vec<FieldError>) -> Option<ExceptionSelector> {
        let Self {
            class,
            cause,
            env,
            profile_id,
            order_sn,
            assignee,
        } = self;
        let before = errors.len();
        let profile = profile_id.map(|text| ProfileId::parse(&text));
        if profile == Some(None) {
            errors.push(wrong(
                "selection.matching.profile_id",
                "it is no profile's id",
            ));
        }
        let order_sn = order_sn.map(|text| OrderSn::parse(&text));
        if order_sn == Some(None) {
            errors.push(wrong(
                "selection.matching.order_sn",
                "it is no order number",
            ));
        }
        (errors.len() == before).then(|| ExceptionSelector {
            class,
            cause,
            environment: env,
            profile: profile.flatten(),
            order_sn: order_sn.flatten(),
            assignee,
        })
    }
}

fn is_given<T>(field: &Edited<T>) -> bool {
    !matches!(field, Edited::Kept)
}
