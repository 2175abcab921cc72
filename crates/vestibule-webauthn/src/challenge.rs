//! The challenge: what an answer is bound to.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;
use vestibule_core::Random;

const BYTES: usize = 32;

/// Random bytes that an answer must have signed, in base64url as they travel.
///
/// It is no secret from the browser that it was made for; whoever else knows it gains nothing before that browser has
/// answered. It counts once.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge(Box<str>);

impl Challenge {
    /// Makes a challenge of 32 bytes.
    pub fn new(random: &dyn Random) -> Self {
        let mut bytes = [0; BYTES];
        random.fill(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes).into())
    }

    /// Reads a challenge that was kept; `None` if it is not 16 to 64 bytes in base64url without padding.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (16..=64).contains(&bytes.len()).then(|| Self(text.into()))
    }

    /// Borrows the text, to be kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the challenge in `text`, in a time that does not tell where they differ.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.0.as_bytes().ct_eq(text.as_bytes()).into()
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(..)")
    }
}
