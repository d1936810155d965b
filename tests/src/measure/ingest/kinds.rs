//! Kinds of pushes that are measured.

/// A kind of pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Each of another order, and nothing is drained.
    Plain,
    /// Of a hundred, 20 were sent before and 5 are forged.
    Mixed,
    /// Of orders that the marketplace knows, and the workers bring them up to date at the same time.
    Draining,
}

impl Kind {
    /// Of a hundred, so many were sent before.
    pub const TWICE: usize = 20;

    /// Of a hundred, so many are forged.
    pub const FORGED: usize = 5;

    /// As it stands in a table.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Plain => "distinct",
            Self::Mixed => "20 % repeated, 5 % forged",
            Self::Draining => "distinct, drained at the same time",
        }
    }
}
