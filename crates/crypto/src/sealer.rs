//! A ring of keys: reads try all of them, writes use the first.

use std::fmt;

use hawker_ports::{SealError, Sealed, Sealer};
use ring::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use ring::rand::{SecureRandom, SystemRandom};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::derivation::KeyDerivation;
use crate::envelope::Envelope;

/// Why there is no key to work with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// The master secret is missing: sealing under a key that everybody knows would be worse than
    /// not starting.
    #[error("the master secret (JWT_SECRET) is empty")]
    EmptyMasterSecret,
    /// The key could not be derived.
    #[error("no key could be derived from the master secret")]
    Derivation,
}

/// Seals under the master secret in force, opens under it or any earlier one.
pub struct RingSealer {
    in_force: LessSafeKey,
    previous: Vec<LessSafeKey>,
    random: SystemRandom,
}

impl RingSealer {
    /// Derives the keys. Blanks at the ends of a secret do not count (a secret read from a file
    /// often ends in a newline); earlier secrets that are blank are left out.
    ///
    /// # Errors
    /// The master secret in force is blank.
    pub fn new(
        master: &SecretString,
        previous: &[SecretString],
        derivation: &KeyDerivation,
    ) -> Result<Self, KeyRingError> {
        let in_force = match master.expose_secret().trim() {
            "" => return Err(KeyRingError::EmptyMasterSecret),
            secret => derivation
                .key(secret)
                .map_err(|_| KeyRingError::Derivation)?,
        };
        Ok(Self {
            in_force,
            previous: keys(previous, derivation)?,
            random: SystemRandom::new(),
        })
    }

    /// The same ring, which also opens what `secrets` sealed by way of another derivation. Nothing is
    /// sealed by it: what it opens counts as sealed under an earlier key.
    ///
    /// # Errors
    /// No key could be derived.
    pub fn also_opening(
        mut self,
        secrets: &[SecretString],
        derivation: &KeyDerivation,
    ) -> Result<Self, KeyRingError> {
        self.previous.extend(keys(secrets, derivation)?);
        Ok(self)
    }
}

/// A key for each secret that is not blank.
fn keys(
    secrets: &[SecretString],
    derivation: &KeyDerivation,
) -> Result<Vec<LessSafeKey>, KeyRingError> {
    secrets
        .iter()
        .map(|secret| secret.expose_secret().trim())
        .filter(|secret| !secret.is_empty())
        .map(|secret| derivation.key(secret).map_err(|_| KeyRingError::Derivation))
        .collect()
}

/// Says how many keys there are and nothing of them.
impl fmt::Debug for RingSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingSealer")
            .field("keys", &(1 + self.previous.len()))
            .finish_non_exhaustive()
    }
}

impl Sealer for RingSealer {
    fn seal(&self, secret: &SecretString) -> Result<Sealed, SealError> {
        let mut iv = [0; NONCE_LEN];
        self.random.fill(&mut iv).map_err(|_| SealError::Failed)?;
        // Encrypted in place: the buffer holds no plaintext once it succeeded, and is wiped if not.
        let mut buffer = Zeroizing::new(secret.expose_secret().as_bytes().to_vec());
        let tag = self
            .in_force
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(iv),
                Aad::empty(),
                buffer.as_mut_slice(),
            )
            .map_err(|_| SealError::Failed)?;
        let tag = tag.as_ref().try_into().map_err(|_| SealError::Failed)?;
        let ciphertext = std::mem::take(&mut *buffer);
        Ok(Envelope {
            iv,
            tag,
            ciphertext,
        }
        .to_stored())
    }

    fn open(&self, sealed: &Sealed) -> Result<SecretString, SealError> {
        let envelope = Envelope::from_stored(sealed)?;
        std::iter::once(&self.in_force)
            .chain(&self.previous)
            .find_map(|key| opened(key, &envelope))
            .ok_or(SealError::NoKeyOpens)
            .and_then(|plain| {
                std::str::from_utf8(&plain)
                    .map(SecretString::from)
                    .map_err(|_| SealError::Malformed)
            })
    }

    fn is_in_force(&self, sealed: &Sealed) -> Result<bool, SealError> {
        let envelope = Envelope::from_stored(sealed)?;
        if opened(&self.in_force, &envelope).is_some() {
            return Ok(true);
        }
        // What nothing opens must not pass for something that only has to be sealed anew.
        let is_of_an_earlier_key = self
            .previous
            .iter()
            .any(|key| opened(key, &envelope).is_some());
        is_of_an_earlier_key
            .then_some(false)
            .ok_or(SealError::NoKeyOpens)
    }
}

fn opened(key: &LessSafeKey, envelope: &Envelope) -> Option<Zeroizing<Vec<u8>>> {
    let mut buffer = Zeroizing::new(envelope.ciphertext.clone());
    key.open_in_place_separate_tag(
        Nonce::assume_unique_for_key(envelope.iv),
        Aad::empty(),
        envelope.tag.into(),
        buffer.as_mut_slice(),
        0..,
    )
    .is_ok()
    .then_some(buffer)
}

#[cfg(test)]
mod tests;
