//! Secrets that come in: from a file or standard input, never from the arguments, where a list of
//! processes would show them.

use std::io::Read;
use std::path::Path;

use anyhow::Context as _;
use secrecy::SecretString;

/// Far longer than any key or code; a mistaken file is not read into memory as a whole.
const BYTES_MAX: u64 = 64 * 1024;

/// The secret in a file; `-` stands for standard input. Blanks at its ends do not count.
pub(super) fn secret_from(path: &Path) -> anyhow::Result<SecretString> {
    if path == Path::new("-") {
        return secret_from_stdin();
    }
    let name = || format!("the secret in {}", path.display());
    let file =
        std::fs::File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    read(file).with_context(name)
}

/// The secret on standard input.
pub(super) fn secret_from_stdin() -> anyhow::Result<SecretString> {
    read(std::io::stdin().lock()).context("the secret on standard input")
}

fn read(source: impl Read) -> anyhow::Result<SecretString> {
    let mut text = String::new();
    source.take(BYTES_MAX).read_to_string(&mut text)?;
    anyhow::ensure!(!text.trim().is_empty(), "it is empty");
    Ok(text.trim().to_owned().into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_newline_at_the_end_does_not_count() {
        let secret = read(&b"hunter2\n"[..]).unwrap();
        assert_eq!(secret.expose_secret(), "hunter2");
    }

    #[test]
    fn nothing_is_no_secret() {
        for nothing in [&b""[..], b" \n"] {
            assert!(read(nothing).is_err());
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let error = secret_from(Path::new("/nowhere/key")).unwrap_err();
        assert!(format!("{error:#}").contains("/nowhere/key"), "{error:#}");
    }
}
