//! A sealer that hides nothing.

use secrecy::{ExposeSecret, SecretString};

use crate::{SealError, Sealed, Sealer};

const PREFIX: &str = "plain:";

/// Marks a secret as sealed without encrypting it, so that a test can tell which of both it sees.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainSealer;

impl Sealer for PlainSealer {
    fn seal(&self, secret: &SecretString) -> Result<Sealed, SealError> {
        Ok(Sealed::from_stored(format!(
            "{PREFIX}{}",
            secret.expose_secret()
        )))
    }

    /// What [`PlainSealer::seal`] made is opened, anything else is taken for another key's work.
    fn open(&self, sealed: &Sealed) -> Result<SecretString, SealError> {
        let secret = sealed
            .as_stored()
            .strip_prefix(PREFIX)
            .ok_or(SealError::NoKeyOpens)?;
        Ok(secret.into())
    }
}
