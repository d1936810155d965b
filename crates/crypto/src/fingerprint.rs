//! What a person may see of a secret.

use secrecy::{ExposeSecret, SecretString};

/// A secret shorter than this shows nothing: eight visible characters would be most of it.
const CHARS_MIN: usize = 12;

/// `first4…last4·lenN`, so that an operator can tell two keys apart; a short secret is masked
/// wholly.
pub fn fingerprint(secret: &SecretString) -> String {
    let chars: Vec<char> = secret.expose_secret().chars().collect();
    match chars.as_slice() {
        [first @ .., _, _, _, _] if chars.len() >= CHARS_MIN => {
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
