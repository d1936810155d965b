//! Where in an order we are, so that a complaint can name the member.

use hawker_ports::marketplace::NormalizationError;
use serde::Deserialize;

use crate::wire::{Fault, Loose};

/// A place in an order: the order itself, or something within it.
pub(super) struct At(String);

impl At {
    /// The order itself.
    pub(super) const fn order() -> Self {
        Self(String::new())
    }

    /// An object within the order.
    pub(super) fn within(object: &str) -> Self {
        Self(object.to_owned())
    }

    /// An element of a list of the order.
    pub(super) fn element(list: &str, index: usize) -> Self {
        Self(format!("{list}[{index}]"))
    }

    /// The complaint about a member of this place.
    pub(super) fn error(&self, member: &str, fault: &Fault) -> NormalizationError {
        let field = match (self.0.as_str(), member) {
            ("", member) => member.to_owned(),
            (place, "") => place.to_owned(),
            (place, member) => format!("{place}.{member}"),
        };
        NormalizationError {
            field,
            fault: fault.to_string(),
        }
    }

    /// What was read, or the complaint about it.
    pub(super) fn checked<T>(
        &self,
        member: &str,
        read: Result<T, Fault>,
    ) -> Result<T, NormalizationError> {
        read.map_err(|fault| self.error(member, &fault))
    }

    /// A member that may be absent.
    pub(super) fn optional<T>(
        &self,
        member: &str,
        read: Result<Option<T>, Fault>,
    ) -> Result<Option<T>, NormalizationError> {
        self.checked(member, read)
    }

    /// A member that must be there.
    pub(super) fn required<T>(
        &self,
        member: &str,
        read: Result<Option<T>, Fault>,
    ) -> Result<T, NormalizationError> {
        self.checked(member, read.and_then(|value| value.ok_or(Fault::Missing)))
    }

    /// The object at this place.
    pub(super) fn whole<'a, T: Deserialize<'a>>(
        &self,
        element: Loose<'a>,
    ) -> Result<T, NormalizationError> {
        self.required("", element.object())
    }
}
