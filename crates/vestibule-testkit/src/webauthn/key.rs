//! The keys of an authenticator, and how COSE writes their public halves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minicbor::Encoder;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};

use super::Defect;

/// ring makes no RSA keys, so there is one that everybody knows.
const RSA: &str = include_str!("../provider/rsa-1.pem");

/// What an authenticator signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Ed25519, -8.
    EdDsa,
    /// ECDSA on P-256, -7.
    Es256,
    /// RSA, -257. All of this kind have the same key.
    Rs256,
}

impl KeyKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Rs256];

    fn cose(self) -> i64 {
        match self {
            Self::EdDsa => -8,
            Self::Es256 => -7,
            Self::Rs256 => -257,
        }
    }
}

pub(super) enum Key {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(Box<RsaKeyPair>),
}

pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("random bytes");
    bytes
}

impl Key {
    pub(super) fn new(kind: KeyKind) -> Self {
        let random = SystemRandom::new();
        match kind {
            KeyKind::EdDsa => {
                let document = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
                Self::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("a key"))
            }
            KeyKind::Es256 => {
                let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
                let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
                Self::P256(EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key"))
            }
            KeyKind::Rs256 => {
                let der = RSA.lines().filter(|line| !line.starts_with('-')).collect::<String>();
                let der = STANDARD.decode(der).expect("base64");
                Self::Rsa(Box::new(RsaKeyPair::from_pkcs8(&der).expect("a key")))
            }
        }
    }

    pub(super) fn kind(&self) -> KeyKind {
        match self {
            Self::Ed25519(_) => KeyKind::EdDsa,
            Self::P256(_) => KeyKind::Es256,
            Self::Rsa(_) => KeyKind::Rs256,
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Self::P256(pair) => pair.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a signature");
                signature
            }
        }
    }

    /// The public half, in canonical CBOR.
    pub(super) fn cose(&self, defect: Option<Defect>) -> Vec<u8> {
        match defect {
            Some(Defect::ShortModulus) => return rsa(&[0xff; 128], &[1, 0, 1]),
            Some(Defect::LongModulus) => return rsa(&[0xff; 2048], &[1, 0, 1]),
            Some(Defect::EvenModulus) => return rsa(&[0xfe; 256], &[1, 0, 1]),
            Some(Defect::ExponentOne) => return rsa(&[0xff; 256], &[1]),
            _ => {}
        }
        let alg = if defect == Some(Defect::OtherAlgorithm) { -35 } else { self.kind().cose() };
        let swap = defect == Some(Defect::OtherKeyType);
        let twice = defect == Some(Defect::ParameterTwice);
        let mut cbor = Cbor::new(Vec::new());
        match self {
            Self::Ed25519(pair) => {
                cbor.map(4 + u64::from(twice)).int(1).int(if swap { 2 } else { 1 }).int(3).int(alg);
                cbor.int(-1).int(6).int(-2).bytes(pair.public_key().as_ref());
            }
            Self::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                let mut y = y.to_vec();
                if defect == Some(Defect::OffCurve) {
                    y[31] ^= 1;
                }
                cbor.map(5 + u64::from(twice)).int(1).int(if swap { 1 } else { 2 }).int(3).int(alg);
                cbor.int(-1).int(1).int(-2).bytes(x).int(-3).bytes(&y);
            }
            Self::Rsa(pair) => {
                let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                cbor.map(4 + u64::from(twice)).int(1).int(if swap { 2 } else { 3 }).int(3).int(alg);
                cbor.int(-1).bytes(&n).int(-2).bytes(&e);
            }
        }
        if twice {
            cbor.int(3).int(alg);
        }
        cbor.into_bytes()
    }
}

fn rsa(n: &[u8], e: &[u8]) -> Vec<u8> {
    let mut cbor = Cbor::new(Vec::new());
    cbor.map(4).int(1).int(3).int(3).int(KeyKind::Rs256.cose()).int(-1).bytes(n).int(-2).bytes(e);
    cbor.into_bytes()
}

/// Writes CBOR into memory, which never fails.
pub(super) struct Cbor(Encoder<Vec<u8>>);

impl Cbor {
    pub(super) fn new(bytes: Vec<u8>) -> Self {
        Self(Encoder::new(bytes))
    }

    pub(super) fn map(&mut self, entries: u64) -> &mut Self {
        self.0.map(entries).expect("memory");
        self
    }

    pub(super) fn int(&mut self, number: i64) -> &mut Self {
        self.0.i64(number).expect("memory");
        self
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.0.str(text).expect("memory");
        self
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.bytes(bytes).expect("memory");
        self
    }

    /// CBOR that is written already.
    pub(super) fn raw(&mut self, cbor: &[u8]) -> &mut Self {
        self.0.writer_mut().extend_from_slice(cbor);
        self
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0.into_writer()
    }
}
