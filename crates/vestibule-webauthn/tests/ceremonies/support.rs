use vestibule_core::{Authenticator, OsRandom, UserId};
use vestibule_testkit::webauthn::{Defect, KeyKind, VirtualAuthenticator};
use vestibule_webauthn::{
    Authenticated, AuthenticationOptions, AuthenticationResponse, Challenge, Expected, NewUser, Problem,
    Registered, RegistrationOptions, RegistrationResponse, RelyingParty, Settings,
};

pub(crate) const ORIGIN: &str = "https://app.example";
pub(crate) const USER: NewUser<'_> = NewUser { handle: "6b1f", name: "ada@example.com", display_name: "Ada" };

/// A relying party, what it asked last, and a browser.
pub(crate) struct Site {
    pub(crate) party: RelyingParty,
    pub(crate) settings: Settings,
    pub(crate) browser: VirtualAuthenticator,
}

impl Site {
    pub(crate) fn new(kind: KeyKind) -> Self {
        Self::with(VirtualAuthenticator::new(kind))
    }

    pub(crate) fn with(browser: VirtualAuthenticator) -> Self {
        let party = RelyingParty::of_origin(ORIGIN).expect("a relying party");
        Self { party, settings: Settings::passkey(), browser }
    }

    pub(crate) fn register(&mut self) -> Result<Registered, Problem> {
        let challenge = Challenge::new(&OsRandom);
        let options = RegistrationOptions::new(&self.settings, &self.party, &challenge, USER).to_json();
        let answer = self.browser.register(ORIGIN, &options).to_string();
        RegistrationResponse::parse(&answer)?.verify(&self.expected(&challenge))
    }

    pub(crate) fn registered(&mut self) -> Authenticator {
        self.register().expect("a credential").into_authenticator(UserId::from("ada"))
    }

    pub(crate) fn authenticate(&mut self, stored: &Authenticator) -> Result<Authenticated, Problem> {
        let challenge = Challenge::new(&OsRandom);
        let options = AuthenticationOptions::new(&self.settings, &self.party, &challenge).to_json();
        let answer = self.browser.authenticate(ORIGIN, &options).to_string();
        AuthenticationResponse::parse(&answer)?.verify(&self.expected(&challenge), stored)
    }

    /// What is said of a registration that is wrong in this way.
    pub(crate) fn misregister(&mut self, defect: Defect) -> Result<Registered, Problem> {
        self.browser.misbehave(defect);
        self.register()
    }

    /// What is said of a sign-in that is wrong in this way, the second after a registration.
    pub(crate) fn misauthenticate(&mut self, defect: Defect) -> Result<Authenticated, Problem> {
        let mut stored = self.registered();
        stored.counter = self.authenticate(&stored).expect("a sign-in").counter;
        self.browser.misbehave(defect);
        self.authenticate(&stored)
    }

    pub(crate) fn expected<'a>(&'a self, challenge: &'a Challenge) -> Expected<'a> {
        Expected { challenge, relying_party: &self.party, settings: &self.settings }
    }
}
