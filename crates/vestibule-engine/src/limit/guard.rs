//! Which counts a request belongs to.

use std::sync::{Arc, Once};
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use unicode_normalization::UnicodeNormalization as _;
use vestibule_core::AdapterError;

use crate::error::Failure;
use crate::limit::network::Origin;
use crate::limit::{Admission, KnownBrowser, Limit, LimitKey, Permit, RateLimiter, network};
use crate::places::Full;
use crate::route::Context;
use crate::{Engine, Parts};

/// What requests are counted with.
#[derive(Debug)]
pub(crate) struct Guards {
    pub(crate) limiter: Arc<dyn RateLimiter>,
    /// The codes that are known to be dead.
    pub(crate) dead: Full,
    /// That a proxy is in front which nobody told of is said once.
    hidden: Once,
    /// And so is that there is no place to count in.
    uncountable: Once,
}

impl Guards {
    pub(crate) fn new(limiter: Arc<dyn RateLimiter>) -> Self {
        Self { limiter, dead: Full::default(), hidden: Once::new(), uncountable: Once::new() }
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// Mails that are asked for.
    Mail,
    /// Credentials that are wrong.
    Credentials,
    /// Codes that are wrong.
    Code,
    /// Addresses that somebody asks about who would register a passkey.
    PasskeyAddress,
}

impl Topic {
    fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Credentials => "credentials",
            Self::Code => "code",
            Self::PasskeyAddress => "passkey-address",
        }
    }
}

/// About whom a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The provider, and the name as whoever signs in has it.
    exact: String,
    /// The same for all spellings of the name. It may be the same for two names of different people, which must not make
    /// a browser of one known for the other.
    spelled: String,
}

impl Subject {
    /// An e-mail address. What is behind a `+` in it is left out, since the mails end in one place.
    pub(crate) fn address(address: &str) -> Self {
        let one_place = match address.rsplit_once('@') {
            Some((local, domain)) => {
                let local = local.split_once('+').map_or(local, |(name, _)| name);
                format!("{local}@{domain}")
            }
            None => address.to_owned(),
        };
        Self { exact: format!("email {address}"), spelled: format!("email {one_place}") }
    }

    /// A name at a provider for credentials, whichever way it is spelled.
    pub(crate) fn name(provider: &str, name: &str) -> Self {
        let spelling: String = name.nfkc().collect::<String>().to_lowercase();
        Self {
            exact: format!("credentials {provider} {name}"),
            spelled: format!("credentials {provider} {}", spelling.trim()),
        }
    }

    /// The cookie by which the browser is known from now on.
    pub(crate) fn remember(&self, context: &Context<'_>) -> Option<http::HeaderValue> {
        context.settings.limits.is_on().then(|| KnownBrowser::remember(&self.exact, context))
    }
}

/// What was counted for a request. It stays counted unless it is given back.
#[derive(Debug, Default)]
#[must_use = "what is not given back stays counted"]
pub(crate) struct Taken(Vec<Permit>);

impl Taken {
    /// Takes back what was counted. What cannot be stays counted for its time, and nobody is told but the log.
    pub(crate) async fn give_back(self, guards: &Guards) {
        let limiter = &guards.limiter;
        for given in join_all(self.0.into_iter().map(|permit| limiter.give_back(permit))).await {
            if let Err(error) = given {
                tracing::warn!(%error, "what a rate limit counted was not taken back");
            }
        }
    }
}

/// What was counted; or that there is no room, and for how long.
pub(crate) type Counted = Result<Result<Taken, Duration>, AdapterError>;

/// Counts a request, or refuses it.
pub(crate) async fn admit(
    topic: Topic,
    subject: Option<&Subject>,
    context: &Context<'_>,
) -> Result<Taken, Failure> {
    count(topic, subject, context).await?.map_err(|retry_after| Failure::TooMany { retry_after })
}

/// Counts a request, if there is room for it.
///
/// In a browser that is known for the subject it counts for that browser alone. Otherwise it counts for the subject, as for
/// all strangers, and for the network, if that is known. What one count refuses, the other does not keep.
pub(crate) async fn count(topic: Topic, subject: Option<&Subject>, context: &Context<'_>) -> Counted {
    let limits = &context.settings.limits;
    let (per_subject, per_network) = limits.of(topic);
    let key = |texts: &[&str]| {
        let texts = [&[topic.name()], texts].concat();
        LimitKey::new(context.settings.secrets.tag("vestibule:limit", &texts))
    };
    let browser = subject.and_then(|subject| {
        KnownBrowser::read(context)
            .filter(|browser| browser.knows(&subject.exact))
            .map(|browser| (browser, subject))
    });
    let counts: Vec<(LimitKey, Limit)> = if let Some((browser, subject)) = browser {
        per_subject.map(|limit| (key(&["browser", &browser.id, &subject.exact]), limit)).into_iter().collect()
    } else {
        let subject =
            subject.zip(per_subject).map(|(subject, limit)| (key(&["name", &subject.spelled]), limit));
        let network = per_network.and_then(|limit| Some((key(&["network", &place(context)?]), limit)));
        subject.into_iter().chain(network).collect()
    };
    ask(&counts, context.guards, context.parts).await
}

/// Counts a try with a code for a purpose of the application's own, if there is room for it.
pub(crate) async fn count_own(purpose: &str, identifier: &str, engine: &Engine) -> Counted {
    let settings = engine.settings();
    let (limit, _) = settings.limits.of(Topic::Code);
    let key = || LimitKey::new(settings.secrets.tag("vestibule:limit", &["own-code", purpose, identifier]));
    let counts: Vec<_> = limit.map(|limit| (key(), limit)).into_iter().collect();
    ask(&counts, engine.guards(), engine.parts()).await
}

/// The name of the network that a request comes from.
fn place(context: &Context<'_>) -> Option<String> {
    let request = context.request;
    match network(request.client, request.headers, context.settings.trusted_proxies) {
        Origin::Network(network) => Some(network.name()),
        Origin::Unknown => None,
        Origin::Hidden => {
            context.guards.hidden.call_once(|| {
                tracing::warn!(
                    "requests come from a private network: a proxy is in front, so that clients cannot be told apart; \
                     say how many proxies there are (trusted proxies), or that there are none"
                );
            });
            None
        }
    }
}

/// Counts for all of these at once.
async fn ask(counts: &[(LimitKey, Limit)], guards: &Guards, parts: &Parts) -> Counted {
    let limiter = &*guards.limiter;
    let now = parts.clock.now();
    let one = async |key: &LimitKey, limit: Limit| match limiter.admit(key, limit, now).await {
        Ok(admission) => Ok(Some(admission)),
        Err(error @ AdapterError::Refused { .. }) => {
            guards.uncountable.call_once(|| {
                tracing::warn!(%error, "nothing can be counted here, so that nothing is limited");
            });
            Ok(None)
        }
        Err(error) => Err(error),
    };
    let admissions = try_join_all(counts.iter().map(|(key, limit)| one(key, *limit))).await?;
    let mut taken = Taken::default();
    let mut refused: Option<Duration> = None;
    for admission in admissions.into_iter().flatten() {
        match admission {
            Admission::Granted(permit) => taken.0.push(permit),
            Admission::Refused { retry_after } => refused = refused.max(Some(retry_after)),
        }
    }
    match refused {
        None => Ok(Ok(taken)),
        Some(retry_after) => {
            taken.give_back(guards).await;
            Ok(Err(retry_after))
        }
    }
}
