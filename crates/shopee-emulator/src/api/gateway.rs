//! What the gateway turns away before anything is looked up: bursts, used-up days, and addresses
//! that were not declared.

use std::net::IpAddr;
use std::time::Instant;

use super::error::ApiError;
use super::limit::RateLimiter;
use super::quota::DailyQuota;
use crate::world::Timestamp;

#[derive(Debug, Default)]
pub(crate) struct Gateway {
    pub limiter: RateLimiter,
    /// Seconds that `Retry-After` names, if it is sent at all.
    pub retry_after: Option<u32>,
    pub quota: DailyQuota,
    /// None: every address may call.
    pub allowed_addresses: Option<Vec<IpAddr>>,
}

impl Gateway {
    /// Before it is known who calls.
    pub fn admit(&mut self, now: Instant) -> Result<(), ApiError> {
        if self.limiter.admits(now) {
            Ok(())
        } else {
            Err(ApiError::too_many_requests(self.retry_after))
        }
    }

    /// Once the signature has shown which app calls.
    pub fn admit_app(
        &mut self,
        partner_id: i64,
        from: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        if let (Some(allowed), Some(from)) = (&self.allowed_addresses, from)
            && !allowed.contains(&from)
        {
            return Err(ApiError::undeclared_address(from));
        }
        if self.quota.admits(partner_id, now) {
            Ok(())
        } else {
            Err(ApiError::daily_limit())
        }
    }
}
