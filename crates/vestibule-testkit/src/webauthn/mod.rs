//! A browser with an authenticator, in software: it answers what a relying party asks, with real keys.

mod defect;
mod key;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

pub use defect::Defect;
pub use key::KeyKind;
use key::{Cbor, Key, random};

/// An authenticator and the browser around it, which answer as the client of SimpleWebAuthn 9 does.
///
/// ```
/// use serde_json::json;
/// use vestibule_testkit::webauthn::{KeyKind, VirtualAuthenticator};
///
/// let mut authenticator = VirtualAuthenticator::new(KeyKind::Es256);
/// let options = json!({
///     "challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rp": {"id": "app.example"}, "user": {"id": "6b1f"},
/// });
/// let answer = authenticator.register("https://app.example", &options);
/// assert_eq!(answer["type"], "public-key");
/// ```
pub struct VirtualAuthenticator {
    kind: KeyKind,
    credentials: Vec<Credential>,
    defect: Option<Defect>,
    verifies: bool,
    counts: bool,
    synced: bool,
}

struct Credential {
    id: Vec<u8>,
    key: Key,
    rp_id: String,
    user_handle: String,
    counter: u32,
}

impl std::fmt::Debug for VirtualAuthenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VirtualAuthenticator").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl VirtualAuthenticator {
    /// One that verifies its user, counts, and keeps its credentials to itself.
    pub fn new(kind: KeyKind) -> Self {
        Self { kind, credentials: Vec::new(), defect: None, verifies: true, counts: true, synced: false }
    }

    /// One that verifies nobody.
    #[must_use]
    pub fn without_verification(mut self) -> Self {
        self.verifies = false;
        self
    }

    /// One that shows 0 always.
    #[must_use]
    pub fn without_counter(mut self) -> Self {
        self.counts = false;
        self
    }

    /// One whose credentials are backed up, and could be from the beginning.
    #[must_use]
    pub fn synced(mut self) -> Self {
        self.synced = true;
        self
    }

    /// Makes the next answer wrong in this way, and those behind it right again.
    pub fn misbehave(&mut self, defect: Defect) -> &mut Self {
        self.defect = Some(defect);
        self
    }

    /// A public key of this kind that is wrong in this way, in COSE.
    pub fn public_key(kind: KeyKind, defect: Defect) -> Vec<u8> {
        Key::new(kind).cose(Some(defect))
    }

    /// How many credentials there are.
    pub fn credentials(&self) -> usize {
        self.credentials.len()
    }

    /// Answers `PublicKeyCredentialCreationOptionsJSON` on a page of this origin with `RegistrationResponseJSON`.
    ///
    /// # Panics
    ///
    /// If there is no challenge, relying party or user in the options.
    pub fn register(&mut self, origin: &str, options: &Value) -> Value {
        let defect = self.defect.take();
        let rp_id = text(&options["rp"]["id"]);
        let length = if defect == Some(Defect::LongId) { 1024 } else { 32 };
        let credential = Credential {
            id: random::<1024>()[..length].to_vec(),
            key: Key::new(self.kind),
            rp_id: rp_id.to_owned(),
            user_handle: text(&options["user"]["id"]).to_owned(),
            counter: u32::from(self.counts),
        };
        let attested = (defect != Some(Defect::NoCredential)).then(|| {
            let length = u16::try_from(credential.id.len()).expect("a short id");
            [&[0; 16], &length.to_be_bytes()[..], &credential.id, &credential.key.cose(defect)].concat()
        });
        let data = self.data(&credential, attested.as_deref(), self.synced, defect);
        let response = json!({
            "clientDataJSON": client_data("webauthn.create", text(&options["challenge"]), origin, defect),
            "attestationObject": URL_SAFE_NO_PAD.encode(attestation(&data, defect)),
            "transports": ["internal", "hybrid"],
        });
        let answer = envelope(&credential.id, &response, &json!({"credProps": {"rk": true}}), defect);
        self.credentials.push(credential);
        answer
    }

    /// Answers `PublicKeyCredentialRequestOptionsJSON` on a page of this origin with `AuthenticationResponseJSON`: with
    /// the newest credential of the relying party that is allowed.
    ///
    /// # Panics
    ///
    /// If there is no challenge or relying party in the options, or no such credential.
    pub fn authenticate(&mut self, origin: &str, options: &Value) -> Value {
        let defect = self.defect.take();
        let counts = self.counts;
        let credential = self.credentials.iter_mut().rev().find(|credential| {
            let allowed = |descriptor: &Value| descriptor["id"] == URL_SAFE_NO_PAD.encode(&credential.id);
            let listed = options["allowCredentials"].as_array();
            credential.rp_id == text(&options["rpId"])
                && listed.is_none_or(|listed| listed.iter().any(allowed))
        });
        let credential = credential.expect("a credential for this relying party");
        match defect {
            Some(Defect::CounterBack) => credential.counter = 1,
            Some(Defect::CounterStays) => {}
            _ if counts => credential.counter += 1,
            _ => {}
        }
        let id = credential.id.clone();
        let credential =
            self.credentials.iter().find(|credential| credential.id == id).expect("it was there");
        let synced = self.synced ^ (defect == Some(Defect::EligibilityChanged));
        let mut data = self.data(credential, None, synced, defect);
        let mut client = client_data("webauthn.get", text(&options["challenge"]), origin, defect);
        let hashed = URL_SAFE_NO_PAD.decode(&client).unwrap_or_default();
        let message = [&*data, digest(&SHA256, &hashed).as_ref()].concat();
        let mut signature = match defect {
            Some(Defect::OtherKey) if self.kind == KeyKind::Rs256 => vec![7; 256],
            Some(Defect::OtherKey) => Key::new(self.kind).sign(&message),
            _ => credential.key.sign(&message),
        };
        match defect {
            // The last byte: an ECDSA signature begins with lengths.
            Some(Defect::SignatureFlipped) => *signature.last_mut().expect("a signature") ^= 1,
            Some(Defect::DataChanged) => data[36] ^= 0x40,
            Some(Defect::ClientDataChanged) => {
                client = URL_SAFE_NO_PAD.encode([&*hashed, b" "].concat());
            }
            _ => {}
        }
        let response = json!({
            "clientDataJSON": client,
            "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "signature": URL_SAFE_NO_PAD.encode(signature),
            "userHandle": credential.user_handle,
        });
        envelope(&id, &response, &json!({}), defect)
    }

    fn data(
        &self,
        credential: &Credential,
        attested: Option<&[u8]>,
        synced: bool,
        defect: Option<Defect>,
    ) -> Vec<u8> {
        let is = |this| defect == Some(this);
        let rp_id = if is(Defect::WrongRelyingParty) { "evil.example" } else { &credential.rp_id };
        let flags = u8::from(!is(Defect::UserNotPresent))
            | u8::from(self.verifies && !is(Defect::UserNotVerified)) << 2
            | u8::from(synced && !is(Defect::BackedUpAlone)) << 3
            | u8::from(synced || is(Defect::BackedUpAlone)) << 4
            | u8::from(attested.is_some()) << 6
            | u8::from(is(Defect::ExtensionsMissing) || is(Defect::ExtensionsWithoutLength)) << 7;
        let mut data = digest(&SHA256, rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(credential.counter.to_be_bytes());
        data.extend(attested.unwrap_or_default());
        match defect {
            Some(Defect::DataShort) => drop(data.pop()),
            Some(Defect::DataTrailing) => data.push(0),
            Some(Defect::ExtensionsWithoutLength) => data.extend([0xbf, 0xff]),
            _ => {}
        }
        data
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text in the options")
}

fn client_data(kind: &str, challenge: &str, origin: &str, defect: Option<Defect>) -> String {
    let mut data = json!({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false});
    match defect {
        Some(Defect::WrongOrigin) => data["origin"] = json!("https://evil.example"),
        Some(Defect::OriginWithSlash) => data["origin"] = json!(format!("{origin}/")),
        Some(Defect::WrongChallenge) => data["challenge"] = json!(URL_SAFE_NO_PAD.encode(random::<32>())),
        Some(Defect::WrongType) if kind == "webauthn.get" => data["type"] = json!("webauthn.create"),
        Some(Defect::WrongType) => data["type"] = json!("webauthn.get"),
        Some(Defect::CrossOrigin) => data["crossOrigin"] = json!(true),
        Some(Defect::CrossOriginText) => data["crossOrigin"] = json!("false"),
        Some(Defect::TopOrigin) => data["topOrigin"] = json!("https://evil.example"),
        Some(Defect::ClientDataNotEncoded) => return "not base64url!".to_owned(),
        Some(Defect::ClientDataNotJson) => return URL_SAFE_NO_PAD.encode("{"),
        _ => {}
    }
    URL_SAFE_NO_PAD.encode(data.to_string())
}

fn attestation(data: &[u8], defect: Option<Defect>) -> Vec<u8> {
    if defect == Some(Defect::AttestationWithoutLength) {
        let mut object = attestation(data, None);
        object[0] = 0xbf;
        object.push(0xff);
        return object;
    }
    let twice = defect == Some(Defect::AttestationTwice);
    let mut object = Cbor::new(Vec::new());
    object.map(3 + u64::from(twice)).text("fmt");
    match defect {
        Some(Defect::StatementDeep) => {
            object.text("packed").text("attStmt").map(1).text("x").raw(&[0x81; 100]).int(0);
        }
        Some(Defect::StatementLies) => {
            object
                .text("packed")
                .text("attStmt")
                .raw(&[0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
        }
        Some(Defect::StatementOfNone) => drop(object.text("none").text("attStmt").map(1).text("alg").int(-7)),
        _ => drop(object.text("none").text("attStmt").map(0)),
    }
    object.text("authData").bytes(data);
    if twice {
        object.text("fmt").text("none");
    }
    if defect == Some(Defect::AttestationTrailing) {
        object.int(0);
    }
    object.into_bytes()
}

fn envelope(id: &[u8], response: &Value, extensions: &Value, defect: Option<Defect>) -> Value {
    let other = URL_SAFE_NO_PAD.encode(random::<32>());
    let id = if defect == Some(Defect::OtherId) { other.clone() } else { URL_SAFE_NO_PAD.encode(id) };
    let mut answer = json!({
        "id": id,
        "rawId": if defect == Some(Defect::RawIdDiffers) { other } else { id.clone() },
        "type": if defect == Some(Defect::OtherCredentialType) { "password" } else { "public-key" },
        "response": response,
        "clientExtensionResults": extensions,
        "authenticatorAttachment": "platform",
    });
    if defect == Some(Defect::Huge) {
        answer["padding"] = json!("x".repeat(100_000));
    }
    answer
}
