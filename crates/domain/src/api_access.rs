//! Who may use the API for what.

use crate::channel::named;

named! {
    /// What a bearer of the API may do. The names are persisted; the set may only grow.
    ApiScope: "scope" {
        /// See profiles, their diagnostics and locations; never a secret.
        ConnectorsRead = "connectors:read",
        /// Change profiles, authorise shops, test connections.
        ConnectorsWrite = "connectors:write",
        /// See inbound events and how they were verified.
        EventsRead = "events:read",
        /// Verify events again.
        EventsWrite = "events:write",
        /// See orders, and how complete what we hold of them is.
        OrdersRead = "orders:read",
        /// Have orders refreshed and reconciled.
        OrdersWrite = "orders:write",
        /// See payouts and reports of them.
        EscrowRead = "escrow:read",
        /// Have payouts fetched.
        EscrowWrite = "escrow:write",
        /// See exceptions and their groups.
        ExceptionsRead = "exceptions:read",
        /// Retry, assign, note, snooze and close exceptions.
        ExceptionsWrite = "exceptions:write",
        /// See jobs and their runs.
        JobsRead = "jobs:read",
        /// Run jobs.
        JobsWrite = "jobs:write",
        /// See the audit log.
        AuditRead = "audit:read",
    }
}

impl ApiScope {
    /// Whether holding `self` allows what `needed` stands for: who may change may also see.
    pub fn covers(self, needed: Self) -> bool {
        self == needed
            || matches!(
                (self, needed),
                (Self::ConnectorsWrite, Self::ConnectorsRead)
                    | (Self::EventsWrite, Self::EventsRead)
                    | (Self::OrdersWrite, Self::OrdersRead)
                    | (Self::EscrowWrite, Self::EscrowRead)
                    | (Self::ExceptionsWrite, Self::ExceptionsRead)
                    | (Self::JobsWrite, Self::JobsRead)
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_change_may_also_see_but_not_the_other_way_round() {
        assert!(ApiScope::ConnectorsWrite.covers(ApiScope::ConnectorsRead));
        assert!(!ApiScope::ConnectorsRead.covers(ApiScope::ConnectorsWrite));
        assert!(!ApiScope::ConnectorsWrite.covers(ApiScope::EventsRead));
    }
}
