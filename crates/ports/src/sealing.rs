//! Secrets at rest.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

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

    /// Whether a secret is sealed under the key in force, so that it need not be sealed anew.
    fn is_in_force(&self, sealed: &Sealed) -> Result<bool, SealError>;
}

/// A SHA-256 digest: what is stored of a token that only has to be recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// Makes tokens of our own and recognises them.
pub trait TokenMint: Send + Sync {
    /// A fresh token of 256 random bits: `prefix` and 64 hexadecimal digits.
    fn mint(&self, prefix: &str) -> Result<SecretString, SealError>;

    /// The digest of a text.
    fn digest(&self, bytes: &[u8]) -> Digest;
}

/// A secret shorter than this shows nothing: eight visible characters would be most of it.
const SHOWN_CHARS_MIN: usize = 12;

/// `first4…last4·lenN`, so that an operator can tell two keys apart; a short secret is masked
/// wholly.
pub fn fingerprint(secret: &SecretString) -> String {
    let chars: Vec<char> = secret.expose_secret().chars().collect();
    match chars.as_slice() {
        [first @ .., _, _, _, _] if chars.len() >= SHOWN_CHARS_MIN => {
            let head: String = first.iter().take(4).collect();
            let tail: String = chars.iter().skip(first.len()).collect();
            format!("{head}…{tail}·len{}", chars.len())
        }
        _ => "••••".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        fingerprint(&SecretString::from(text))
    }

    #[test]
    fn the_ends_and_the_length_of_a_long_secret_are_shown() {
        assert_eq!(of("shpk0123456789abcdef"), "shpk…cdef·len20");
        assert_eq!(of("123456789012"), "1234…9012·len12");
    }

    #[test]
    fn nothing_of_a_short_secret_is_shown() {
        for short in ["", "abc", "12345678901"] {
            assert_eq!(of(short), "••••");
        }
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        assert_eq!(of("ééééééééé"), "••••");
        assert_eq!(of("日本語日本語日本語日本語"), "日本語日…語日本語·len12");
    }
}
