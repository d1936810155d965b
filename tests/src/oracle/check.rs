//! One thing that was compared.

/// What was compared, how much of it, and what differs.
#[derive(Clone, Debug)]
pub struct Check {
    /// What must be so.
    pub name: &'static str,
    /// How many things were looked at.
    pub counted: usize,
    /// What is not so, a line each.
    pub differences: Vec<String>,
}

impl Check {
    /// Nothing differs yet.
    pub(super) const fn of(name: &'static str, counted: usize) -> Self {
        Self {
            name,
            counted,
            differences: Vec::new(),
        }
    }

    /// Something does.
    pub(super) fn differs(&mut self, difference: String) {
        self.differences.push(difference);
    }

    /// Whether it is so.
    pub fn holds(&self) -> bool {
        self.differences.is_empty()
    }
}
