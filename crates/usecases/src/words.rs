//! Small things that sentences for a person are made of.

use std::fmt::Display;

/// The things as `a, b, c`.
pub(crate) fn listed<T: Display>(things: &[T]) -> String {
    let things: Vec<_> = things.iter().map(T::to_string).collect();
    things.join(", ")
}
