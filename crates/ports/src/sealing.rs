//! Secrets at rest.

use std::fmt;

use secrecy::SecretString;

/// A secret as it is stored: encrypted, versioned, safe to copy but of no use in a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(String);

impl Sealed {
    /// The stored form, for example `v1:…`.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The stored form.
    pub fn as_stored(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}

/// Why a sealed secret cannot be opened, or a secret not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The stored form has a version that this build does not know.
    #[error("the secret is stored in a format that this version does not know")]
    UnknownVersion,
    /// The stored form is cut short or not base64.
    #[error("the stored secret is damaged")]
    Malformed,
    /// No key of the ring opens it: it was sealed under another master secret or tampered with.
    #[error("no key opens the stored secret: it was sealed under another JWT_SECRET, or altered")]
    NoKeyOpens,
    /// Sealing itself failed.
    #[error("the secret could not be sealed")]
    Failed,
}

/// Seals and opens secrets.
pub trait Sealer: Send + Sync {
    /// Encrypts a secret under the key in force.
    fn seal(&self, secret: &SecretString) -> Result<Sealed, SealError>;

    /// Decrypts a secret with whichever key of the ring fits.
    fn open(&self, sealed: &Sealed) -> Result<SecretString, SealError>;
}
