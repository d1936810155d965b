//! The secrets of a profile: what is shown of them, and what a save makes of them.

use hawker_ports::sealing::fingerprint;
use hawker_ports::{SealError, Sealed, Sealer};
use secrecy::{ExposeSecret as _, SecretString};

use super::card::SecretCard;

impl SecretCard {
    /// What may be shown of a secret.
    pub(crate) fn of(stored: Option<&Sealed>, sealer: &dyn Sealer) -> Self {
        let Some(stored) = stored else {
            return Self {
                is_set: false,
                fingerprint: None,
                is_readable: true,
            };
        };
        let opened = sealer.open(stored);
        Self {
            is_set: true,
            fingerprint: opened.as_ref().ok().map(fingerprint),
            is_readable: opened.is_ok(),
        }
    }
}

/// A secret that was given, unless it is blank.
pub(super) fn given(secret: Option<&SecretString>) -> Option<SecretString> {
    let text = secret?.expose_secret().trim();
    (!text.is_empty()).then(|| text.into())
}

/// The secret as it is to be stored, sealed; `None` when it is the one that is stored already.
pub(super) fn changed(
    stored: Option<&Sealed>,
    given: &SecretString,
    sealer: &dyn Sealer,
) -> Result<Option<Sealed>, SealError> {
    let opened = stored.and_then(|stored| sealer.open(stored).ok());
    if opened.is_some_and(|opened| opened.expose_secret() == given.expose_secret()) {
        return Ok(None);
    }
    sealer.seal(given).map(Some)
}

/// The slot of the previous key once the key in force is replaced. One that cannot be opened
/// verifies nothing; kept, it would have pushes refused that no key verifies.
pub(super) fn previous(
    replaced: Option<Sealed>,
    previous: Option<Sealed>,
    sealer: &dyn Sealer,
) -> Option<Sealed> {
    let is_readable = |sealed: &Sealed| sealer.open(sealed).is_ok();
    let replaced = replaced.filter(is_readable);
    replaced.or_else(|| previous.filter(is_readable))
}
