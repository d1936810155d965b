//! Reading a profile that is in use.

use hawker_domain::ids::ProfileId;
use hawker_ports::profiles::Profile;
use hawker_ports::{StoreError, UnitOfWork};

/// The profile with this id, unless it was deleted.
pub(crate) async fn living(
    uow: &mut dyn UnitOfWork,
    profile: &ProfileId,
) -> Result<Option<Profile>, StoreError> {
    let found = uow.profiles().find(profile).await?;
    Ok(found.filter(|found| found.deleted_at.is_none()))
}
