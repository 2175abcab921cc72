//! As much of a browser as it takes to fill in a form.

use std::collections::BTreeMap;

use url::Url;
use vestibule_http::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use vestibule_http::http::{HeaderMap, Request, Response};
use vestibule_http::{Bytes, HttpClient, HyperClient, Limits};

/// Keeps cookies by their paths, and follows redirects until they leave the site.
pub(crate) struct Browser {
    http: HyperClient,
    /// By path and name.
    cookies: BTreeMap<(String, String), String>,
    site: String,
}

impl Browser {
    pub(crate) fn new(site: &str) -> Self {
        Self { http: HyperClient::new(), cookies: BTreeMap::new(), site: site.to_owned() }
    }

    /// Goes to a URL, signs in as `user` and agrees to everything, and gives the URL that it is sent away to.
    pub(crate) async fn sign_in(&mut self, url: &str, user: &str) -> Url {
        let mut at = Url::parse(url).expect("a URL");
        let mut form = None;
        for _ in 0..20 {
            let answer = self.ask(&at, form.take()).await;
            if let Some(location) = answer.headers().get(LOCATION) {
                at = at.join(location.to_str().expect("ASCII")).expect("a URL");
                if !at.as_str().starts_with(&self.site) {
                    return at;
                }
                continue;
            }
            let page = String::from_utf8_lossy(answer.body()).into_owned();
            assert_eq!(answer.status(), 200, "{at}: {page}");
            let asks = |prompt: &str| page.contains(&format!("name=\"prompt\" value=\"{prompt}\""));
            form = Some(if asks("login") {
                format!("prompt=login&login={user}&password=any")
            } else if asks("consent") {
                "prompt=consent".to_owned()
            } else {
                panic!("{at} asks for something else: {page}")
            });
        }
        panic!("{at} leads nowhere")
    }

    async fn ask(&mut self, url: &Url, form: Option<String>) -> Response<Bytes> {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .filter(|((path, _), _)| url.path().starts_with(path.as_str()))
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut request = match form {
            None => Request::get(url.as_str()).body(Bytes::new()),
            Some(form) => Request::post(url.as_str())
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Bytes::from(form)),
        }
        .expect("a request");
        request.headers_mut().insert(COOKIE, cookies.join("; ").parse().expect("a header"));
        let limits = Limits::new(std::time::Duration::from_secs(20), 1 << 20);
        let answer = self.http.send(request, limits).await.expect("an answer");
        self.keep(answer.headers());
        answer
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for cookie in headers.get_all(SET_COOKIE) {
            let mut parts = cookie.to_str().expect("ASCII").split("; ");
            let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a pair");
            let path = parts.find_map(|part| part.strip_prefix("path=")).unwrap_or("/");
            let key = (path.to_owned(), name.to_owned());
            if value.is_empty() {
                self.cookies.remove(&key);
            } else {
                self.cookies.insert(key, value.to_owned());
            }
        }
    }
}
