//! Public keys as authenticators write them: COSE (RFC 9052 §7, RFC 9053 §7, RFC 8230 §4).

use minicbor::Decoder;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

use crate::Problem;
use crate::cbor::{self, NotCbor};

/// How many parameters a key may have. Five are meant.
const ENTRIES: u64 = 16;
/// The sizes of a modulus, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// An algorithm of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519.
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSA with PKCS #1 v1.5 and SHA-256.
    Rs256,
}

impl Algorithm {
    const ALL: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Rs256];

    /// The number in COSE.
    pub fn cose(self) -> i64 {
        match self {
            Self::EdDsa => -8,
            Self::Es256 => -7,
            Self::Rs256 => -257,
        }
    }

    fn from_cose(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.cose() == number)
    }
}

/// A public key whose form is right.
#[derive(Debug)]
pub(crate) enum PublicKey<'a> {
    Ed25519(&'a [u8; 32]),
    /// The point, uncompressed.
    P256([u8; 65]),
    Rsa {
        n: &'a [u8],
        e: &'a [u8],
    },
}

impl<'a> PublicKey<'a> {
    /// Reads a key, and nothing behind it.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Problem> {
        Self::from_parameters(&Parameters::read(bytes).map_err(|NotCbor| Problem::KeyMalformed)?)
    }

    fn from_parameters(key: &Parameters<'a>) -> Result<Self, Problem> {
        let number = key.alg.ok_or(Problem::KeyMalformed)?;
        match (Algorithm::from_cose(number).ok_or(Problem::AlgorithmRefused(number))?, key) {
            (
                Algorithm::EdDsa,
                Parameters { kty: Some(1), crv: Some(6), x: Some(x), y: None, n: None, .. },
            ) => (*x).try_into().map(Self::Ed25519).map_err(|_| Problem::KeyMalformed),
            (
                Algorithm::Es256,
                Parameters { kty: Some(2), crv: Some(1), x: Some(x), y: Some(y), n: None, .. },
            ) if x.len() == 32 && y.len() == 32 => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(x);
                point[33..].copy_from_slice(y);
                Ok(Self::P256(point))
            }
            (
                Algorithm::Rs256,
                // -2 is `x` of the other kinds.
                Parameters { kty: Some(3), n: Some(n), x: Some(e), crv: None, y: None, .. },
            ) => Ok(Self::Rsa { n, e }),
            _ => Err(Problem::KeyMalformed),
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::P256(_) => Algorithm::Es256,
            Self::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// Refuses what has the form of a key and is none.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let valid = match self {
            // Whether they are a point is found out with the first signature; a user whose key is none can never
            // sign in, which harms nobody else.
            Self::Ed25519(_) => true,
            Self::P256(point) => p256::PublicKey::from_sec1_bytes(point).is_ok(),
            Self::Rsa { n, e } => is_rsa(n, e),
        };
        if valid { Ok(()) } else { Err(Problem::KeyInvalid) }
    }

    /// Whether this key made this signature.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(point) => {
                UnparsedPublicKey::new(&ED25519, point).verify(message, signature).is_ok()
            }
            Self::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature).is_ok()
            }
            Self::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n, e };
                is_rsa(n, e) && key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
            }
        }
    }
}

/// Whether modulus and exponent are odd, without leading zeros, and of a size that is neither weak nor slow.
fn is_rsa(n: &[u8], e: &[u8]) -> bool {
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    let bits = |number: &[u8]| match number.first() {
        None | Some(0) => 0,
        Some(first) => number.len() * 8 - first.leading_zeros() as usize,
    };
    odd(n) && odd(e) && RSA_BITS.contains(&bits(n)) && (2..=32).contains(&bits(e))
}

/// The parameters that matter, by number.
#[derive(Debug, Default)]
struct Parameters<'a> {
    /// 1
    kty: Option<i64>,
    /// 3
    alg: Option<i64>,
    /// -1 of a curve
    crv: Option<i64>,
    /// -1 of RSA
    n: Option<&'a [u8]>,
    /// -2: `e` of RSA
    x: Option<&'a [u8]>,
    /// -3
    y: Option<&'a [u8]>,
}

impl<'a> Parameters<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, NotCbor> {
        let mut decoder = Decoder::new(bytes);
        let mut key = Self::default();
        let mut seen = Vec::new();
        let entries = cbor::map(&mut decoder)?;
        if entries > ENTRIES {
            return Err(NotCbor);
        }
        for _ in 0..entries {
            let label = decoder.i64()?;
            if seen.contains(&label) {
                return Err(NotCbor);
            }
            seen.push(label);
            key.take(label, &mut decoder)?;
        }
        if decoder.position() == bytes.len() { Ok(key) } else { Err(NotCbor) }
    }

    fn take(&mut self, label: i64, decoder: &mut Decoder<'a>) -> Result<(), NotCbor> {
        match label {
            1 => self.kty = Some(decoder.i64()?),
            3 => self.alg = Some(decoder.i64()?),
            -1 if decoder.datatype()? == minicbor::data::Type::Bytes => self.n = Some(decoder.bytes()?),
            -1 => self.crv = Some(decoder.i64()?),
            -2 => self.x = Some(decoder.bytes()?),
            -3 => self.y = Some(decoder.bytes()?),
            _ => cbor::skip(decoder)?,
        }
        Ok(())
    }
}
