use hawker_ports::{SealError, Sealed, Sealer};
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};

use super::{KeyRingError, RingSealer};
use crate::{KeyDerivation, is_short_master_secret};

const MASTER: &str = "a master secret for tests only";

/// Made with another implementation of HKDF and AES-GCM: pins the stored format.
const STORED: &str = "v1:AAECAwQFBgcICQoLWPdscmLB8+nrfEpPdn5U2Mlbtoiay1MDIj+fkWBOB2AoKi9+";
const STORED_SECRET: &str = "shpk0123456789abcdef";

/// A row of another system, made with that same other implementation: its own master secret, salt
/// and info.
const OTHER_MASTER: &str = "the other system's secret, of its own";
const OTHER_STORED: &str =
    "v1:ZGVmZ2hpamtsbW5v33F5N8G+4wsJlZVGL21ichcpWfxiWCIoVFUH5QSI8dvNExGc6sfqSFhdmLU=";
const OTHER_SECRET: &str = "push-key-of-the-older-system";

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn ring(master: &str, previous: &[&str]) -> RingSealer {
    let previous: Vec<_> = previous.iter().copied().map(secret).collect();
    RingSealer::new(&secret(master), &previous, &KeyDerivation::default()).unwrap()
}

fn stored(text: &str) -> Sealed {
    Sealed::from_stored(text.to_owned())
}

fn open(keys: &RingSealer, text: &str) -> Result<String, SealError> {
    keys.open(&stored(text))
        .map(|secret| secret.expose_secret().to_owned())
}

/// The stored form with one byte of what is under the base64 flipped.
fn with_flipped_byte(stored: &str, index: usize) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let mut bytes = STANDARD.decode(&stored["v1:".len()..]).unwrap();
    bytes[index] ^= 1;
    format!("v1:{}", STANDARD.encode(bytes))
}

#[test]
fn what_another_implementation_sealed_in_the_documented_format_is_opened() {
    assert_eq!(
        open(&ring(MASTER, &[]), STORED),
        Ok(STORED_SECRET.to_owned())
    );
}

#[test]
fn a_row_of_another_system_is_opened_with_its_salt_and_info() {
    let derivation = KeyDerivation {
        salt: "tcg-shop:credentials".into(),
        info: "shopee/v1".into(),
    };
    let keys = RingSealer::new(&secret(OTHER_MASTER), &[], &derivation).unwrap();
    assert_eq!(open(&keys, OTHER_STORED), Ok(OTHER_SECRET.to_owned()));
    // The master secret alone is not enough.
    assert_eq!(
        open(&ring(OTHER_MASTER, &[]), OTHER_STORED),
        Err(SealError::NoKeyOpens)
    );
}

#[test]
fn rows_of_another_system_open_beside_our_own_and_wait_to_be_sealed_anew() {
    let others = KeyDerivation {
        salt: "tcg-shop:credentials".into(),
        info: "shopee/v1".into(),
    };
    let secrets = [secret(MASTER), secret(OTHER_MASTER)];
    let keys = ring(MASTER, &[OTHER_MASTER])
        .also_opening(&secrets, &others)
        .unwrap();
    assert_eq!(open(&keys, STORED), Ok(STORED_SECRET.to_owned()));
    assert_eq!(open(&keys, OTHER_STORED), Ok(OTHER_SECRET.to_owned()));
    assert_eq!(keys.is_in_force(&stored(STORED)), Ok(true));
    assert_eq!(keys.is_in_force(&stored(OTHER_STORED)), Ok(false));
    let anew = keys.seal(&secret(OTHER_SECRET)).unwrap();
    let ours = ring(MASTER, &[]);
    assert_eq!(open(&ours, anew.as_stored()), Ok(OTHER_SECRET.to_owned()));
}

#[test]
fn an_empty_salt_is_a_salt_of_its_own() {
    let unsalted = KeyDerivation {
        salt: String::new(),
        ..KeyDerivation::default()
    };
    let keys = RingSealer::new(&secret(MASTER), &[], &unsalted).unwrap();
    let sealed = keys.seal(&secret(STORED_SECRET)).unwrap();
    assert_eq!(
        open(&keys, sealed.as_stored()),
        Ok(STORED_SECRET.to_owned())
    );
    assert_eq!(
        open(&ring(MASTER, &[]), sealed.as_stored()),
        Err(SealError::NoKeyOpens)
    );
}

#[test]
fn a_secret_comes_back_as_it_was() {
    let keys = ring(MASTER, &[]);
    for text in ["", "x", STORED_SECRET, "密钥 with\nanything"] {
        let sealed = keys.seal(&secret(text)).unwrap();
        assert_eq!(open(&keys, sealed.as_stored()), Ok(text.to_owned()));
    }
}

#[test]
fn sealing_the_same_secret_twice_gives_two_stored_forms() {
    let keys = ring(MASTER, &[]);
    let [a, b] = [(); 2].map(|()| keys.seal(&secret("same")).unwrap());
    assert_ne!(a.as_stored(), b.as_stored());
}

#[test]
fn an_altered_iv_tag_or_ciphertext_is_refused() {
    let keys = ring(MASTER, &[]);
    for (part, index) in [
        ("iv", 0),
        ("iv", 11),
        ("tag", 12),
        ("tag", 27),
        ("ciphertext", 28),
        ("ciphertext", 47),
    ] {
        assert_eq!(
            open(&keys, &with_flipped_byte(STORED, index)),
            Err(SealError::NoKeyOpens),
            "{part} byte {index}"
        );
    }
}

#[test]
fn a_stored_form_that_was_cut_short_is_refused_at_every_length() {
    let keys = ring(MASTER, &[]);
    for length in 0..STORED.len() {
        assert!(
            open(&keys, &STORED[..length]).is_err(),
            "{length} characters"
        );
    }
    assert_eq!(open(&keys, "v1:AAAA"), Err(SealError::Malformed));
    assert_eq!(open(&keys, "v1:not base64!"), Err(SealError::Malformed));
}

#[test]
fn an_unknown_version_is_named_as_such() {
    let keys = ring(MASTER, &[]);
    for stored in ["", "v2:AAAA", "V1:AAAA", "plain text"] {
        assert_eq!(
            open(&keys, stored),
            Err(SealError::UnknownVersion),
            "{stored}"
        );
    }
}

#[test]
fn another_master_secret_or_derivation_opens_nothing() {
    assert_eq!(
        open(&ring("another", &[]), STORED),
        Err(SealError::NoKeyOpens)
    );
    let derivation = KeyDerivation {
        salt: "another".into(),
        ..KeyDerivation::default()
    };
    let keys = RingSealer::new(&secret(MASTER), &[], &derivation).unwrap();
    assert_eq!(open(&keys, STORED), Err(SealError::NoKeyOpens));
}

#[test]
fn after_a_rotation_old_secrets_open_and_new_ones_are_sealed_under_the_first() {
    let rotated = ring("the new one", &["some other", MASTER]);
    assert_eq!(open(&rotated, STORED), Ok(STORED_SECRET.to_owned()));

    let sealed = rotated.seal(&secret("fresh")).unwrap();
    assert_eq!(
        open(&ring("the new one", &[]), sealed.as_stored()),
        Ok("fresh".to_owned())
    );
    assert_eq!(
        open(&ring(MASTER, &[]), sealed.as_stored()),
        Err(SealError::NoKeyOpens)
    );
}

#[test]
fn what_an_earlier_key_sealed_is_due_to_be_sealed_anew_and_what_no_key_opens_is_an_error() {
    let in_force = |keys: &RingSealer, text: &str| keys.is_in_force(&stored(text));
    let rotated = ring("the new one", &["some other", MASTER]);
    assert_eq!(in_force(&rotated, STORED), Ok(false));

    let opened = rotated.open(&stored(STORED)).unwrap();
    let anew = rotated.seal(&opened).unwrap();
    assert_eq!(in_force(&rotated, anew.as_stored()), Ok(true));
    assert_eq!(
        open(&ring("the new one", &[]), anew.as_stored()),
        Ok(STORED_SECRET.to_owned())
    );

    assert_eq!(
        in_force(&ring("another", &[]), STORED),
        Err(SealError::NoKeyOpens)
    );
    assert_eq!(
        in_force(&rotated, &with_flipped_byte(STORED, 30)),
        Err(SealError::NoKeyOpens)
    );
    assert_eq!(in_force(&rotated, "v1:AAAA"), Err(SealError::Malformed));
    assert_eq!(
        in_force(&rotated, "v2:AAAA"),
        Err(SealError::UnknownVersion)
    );
}

#[test]
fn a_blank_master_secret_is_refused_and_blank_earlier_ones_are_left_out() {
    for blank in ["", " \n\t"] {
        assert_eq!(
            RingSealer::new(&secret(blank), &[secret(MASTER)], &KeyDerivation::default()).err(),
            Some(KeyRingError::EmptyMasterSecret)
        );
    }
    assert_eq!(
        format!("{:?}", ring(MASTER, &["", " "])),
        "RingSealer { keys: 1, .. }"
    );
}

#[test]
fn the_newline_at_the_end_of_a_secret_file_does_not_count() {
    assert_eq!(
        open(&ring(&format!("{MASTER}\n"), &[]), STORED),
        Ok(STORED_SECRET.to_owned())
    );
}

#[test]
fn a_short_master_secret_is_pointed_out() {
    assert!(is_short_master_secret(&secret("supersecret\n")));
    assert!(!is_short_master_secret(&secret(&"x".repeat(32))));
}

#[test]
fn nothing_that_can_be_printed_shows_a_secret() {
    let keys = ring(MASTER, &[]);
    let sealed = keys.seal(&secret("hush")).unwrap();
    let shown = format!("{keys:?} {sealed:?} {:?}", keys.open(&sealed));
    assert!(
        !shown.contains("hush") && !shown.contains(MASTER),
        "{shown}"
    );
}

proptest! {
    #[test]
    fn any_secret_comes_back_and_any_stored_text_gets_an_answer(text in ".*", stored in ".*") {
        let keys = ring(MASTER, &[]);
        let sealed = keys.seal(&secret(&text)).unwrap();
        prop_assert_eq!(open(&keys, sealed.as_stored()), Ok(text));
        prop_assert!(open(&keys, &stored).is_err());
        let versioned = format!("v1:{stored}");
        prop_assert!(open(&keys, &versioned).is_err());
    }

    #[test]
    fn no_single_flipped_byte_goes_unnoticed(text in ".{0,40}", at in any::<prop::sample::Index>()) {
        let keys = ring(MASTER, &[]);
        let sealed = keys.seal(&secret(&text)).unwrap();
        let altered = with_flipped_byte(sealed.as_stored(), at.index(28 + text.len()));
        prop_assert_eq!(open(&keys, &altered), Err(SealError::NoKeyOpens));
    }

    /// The stored form is text: whatever happens to one of its bytes, and wherever it is cut off, no
    /// other secret comes out of it.
    #[test]
    fn no_altered_byte_of_the_stored_form_and_no_cut_goes_unnoticed(
        text in ".{0,40}",
        at in any::<prop::sample::Index>(),
        flipped in 1_u8..0x80,
    ) {
        let keys = ring(MASTER, &["an earlier one"]);
        let sealed = keys.seal(&secret(&text)).unwrap();
        let whole = sealed.as_stored();
        let at = at.index(whole.len());
        let mut bytes = whole.as_bytes().to_vec();
        bytes[at] ^= flipped;
        let altered = String::from_utf8(bytes).unwrap();
        prop_assert!(open(&keys, &altered).is_err(), "{altered} for {whole}");
        prop_assert!(open(&keys, &whole[..at]).is_err(), "{at} bytes of {whole}");
        prop_assert_eq!(keys.is_in_force(&sealed), Ok(true));
    }
}
