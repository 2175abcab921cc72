//! What a browser does, as far as it matters here: cookies, pages, forms.

use std::net::SocketAddr;

use crate::http::{Response, get, send};

/// The name of the session cookie without https.
pub(crate) const SESSION_COOKIE: &str = "authjs.session-token";

/// A browser with its cookies.
pub(crate) struct Browser {
    address: SocketAddr,
    /// By what name it reaches the program.
    host: String,
    cookies: Vec<(String, String)>,
}

impl Browser {
    /// A browser on this machine.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, host: address.to_string(), cookies: Vec::new() }
    }

    /// The same, which calls the machine by a name.
    pub(crate) fn named(name: &str, address: SocketAddr) -> Self {
        Self { host: format!("{name}:{}", address.port()), ..Self::new(address) }
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// Opens a page.
    pub(crate) fn open(&mut self, path: &str) -> Response {
        self.request("GET", path, "")
    }

    /// Sends a form.
    pub(crate) fn submit(&mut self, path: &str, form: &str) -> Response {
        self.request("POST", path, form)
    }

    fn request(&mut self, method: &str, path: &str, form: &str) -> Response {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let origin = format!("http://{}", self.host);
        let host = self.host.clone();
        let mut headers = vec![("accept", "text/html,*/*;q=0.8"), ("cookie", &*cookies), ("host", &*host)];
        if method == "POST" {
            headers.push(("content-type", "application/x-www-form-urlencoded"));
            headers.push(("origin", &origin));
            headers.push(("sec-fetch-site", "same-origin"));
        }
        let response = send(self.address, method, path, &headers, form);
        for cookie in response.cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            self.cookies.retain(|(other, _)| other != name);
            let value = rest.split(';').next().unwrap();
            if !rest.contains("Max-Age=0") {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        response
    }

    /// Asks for a link to be sent.
    pub(crate) fn ask_for_link(&mut self, email: &str) -> Response {
        let page = self.open("/auth/signin?callbackUrl=%2F");
        assert_eq!(page.status, 200, "{page:?}");
        let token = hidden(&page.body, "csrfToken");
        let email = email.replace('@', "%40");
        self.submit("/auth/signin/email", &format!("csrfToken={token}&email={email}&callbackUrl=%2F"))
    }

    /// Opens the link of a mail and presses the button of the page that it leads to.
    pub(crate) fn follow(&mut self, link: &str) -> Response {
        let path = path_of(link);
        let page = self.open(&path);
        assert_eq!(page.status, 200, "{page:?}");
        let action = attribute(&page.body, "<form", "action");
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for field in page.body.split("<input type=\"hidden\"").skip(1) {
            form.append_pair(&attribute(field, "", "name"), &attribute(field, "", "value"));
        }
        let form = form.finish();
        self.submit(&path_of(&action), &form)
    }

    /// Signs in by the development mailbox.
    pub(crate) fn sign_in(&mut self, email: &str) {
        let asked = self.ask_for_link(email);
        assert_eq!(asked.status, 302, "{asked:?}");
        let link = newest_link(&get(self.address, "/mailbox", &[("host", &self.host)]));
        let landed = self.follow(&link);
        assert_eq!(landed.status, 302, "{landed:?}");
        assert!(self.cookie(SESSION_COOKIE).is_some(), "{landed:?}");
    }

    /// Signs out.
    pub(crate) fn sign_out(&mut self) -> Response {
        let page = self.open("/auth/signout");
        let token = hidden(&page.body, "csrfToken");
        self.submit("/auth/signout", &format!("csrfToken={token}&callbackUrl=%2F"))
    }
}

/// The link of the newest mail in the mailbox.
pub(crate) fn newest_link(mailbox: &Response) -> String {
    assert_eq!(mailbox.status, 200, "{mailbox:?}");
    let start = mailbox.body.find("/auth/callback/email?").unwrap_or_else(|| panic!("{}", mailbox.body));
    let before = mailbox.body[..start].rfind('"').unwrap() + 1;
    let end = start + mailbox.body[start..].find('"').unwrap();
    mailbox.body[before..end].replace("&amp;", "&")
}

/// The path and query of a URL.
pub(crate) fn path_of(url: &str) -> String {
    match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/".to_owned(), |slash| rest[slash..].to_owned()),
        None => url.to_owned(),
    }
}

/// The value of a hidden field.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    attribute(page, &format!("name=\"{name}\""), "value")
}

/// An attribute that follows a text.
fn attribute(page: &str, after: &str, name: &str) -> String {
    let rest = page.split_once(after).unwrap_or_else(|| panic!("no {after} in {page}")).1;
    let rest = rest.split_once(&format!("{name}=\"")).unwrap().1;
    rest.split('"').next().unwrap().replace("&amp;", "&")
}
