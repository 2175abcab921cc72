//! Reading and writing what the protocol is made of. Reading returns `None` where there is too little.

/// Takes from the front.
pub(super) struct Input<'a>(pub(super) &'a [u8]);

impl<'a> Input<'a> {
    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// An unsigned number of so many bytes, the lowest first.
    pub(super) fn number(&mut self, bytes: usize) -> Option<u64> {
        let taken = self.take(bytes).filter(|taken| taken.len() <= 8)?;
        Some(taken.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// So many units of UTF-16.
    pub(super) fn text(&mut self, units: usize) -> Option<String> {
        utf16(self.take(units * 2)?)
    }

    /// The chunks of a value, as those of the `max` types come, after their total length.
    pub(super) fn chunks(&mut self) -> Option<Vec<u8>> {
        let mut value = Vec::new();
        loop {
            match self.u32()? {
                0 => return Some(value),
                length => value.extend(self.take(length as usize)?),
            }
        }
    }
}

pub(super) fn utf16(bytes: &[u8]) -> Option<String> {
    let units: Vec<_> = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    String::from_utf16(&units).ok()
}

pub(super) fn to_utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A length as the protocol has it.
///
/// # Panics
///
/// If it does not fit, which is a fault of the test.
pub(super) fn length<T: TryFrom<usize>>(length: usize) -> T {
    T::try_from(length).ok().expect("what a test sends is short enough for the protocol")
}

/// A text with its length in one byte.
pub(super) fn short_text(out: &mut Vec<u8>, text: &str) {
    out.push(length(text.encode_utf16().count()));
    out.extend(to_utf16(text));
}

/// A text with its length in two bytes.
pub(super) fn long_text(out: &mut Vec<u8>, text: &str) {
    out.extend(length::<u16>(text.encode_utf16().count()).to_le_bytes());
    out.extend(to_utf16(text));
}
