//! Issuers, and who counts as one.

use url::Url;

/// Where the tenant stands in the issuer of Entra ID's document for several tenants.
const TENANT: &str = "{tenantid}";

/// The issuer that answers must be of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Issuer {
    /// This text.
    Exact(Box<str>),
    /// This text, with the id of any tenant between its halves.
    AnyTenant {
        /// What stands before the id.
        before: Box<str>,
        /// What stands after it.
        after: Box<str>,
    },
}

impl Issuer {
    pub(crate) fn exact(text: &str) -> Self {
        Self::Exact(text.into())
    }

    /// The issuer that a document names, if it is the configured one.
    ///
    /// They are the same if they are the same URL: `https://a.example` and `https://a.example/` are. What counts from
    /// then on is the text of the document.
    pub(crate) fn same(configured: &str, document: &str) -> Option<Self> {
        let same = Url::parse(configured).ok()? == Url::parse(document).ok()?;
        same.then(|| Self::exact(document))
    }

    /// The same for Entra ID, where the configured issuer may name a tenant otherwise than by its id: `common`,
    /// `organizations`, `consumers`, a domain.
    pub(crate) fn of_tenant(configured: &str, document: &str) -> Option<Self> {
        if let Some(same) = Self::same(configured, document) {
            return Some(same);
        }
        let (before, name, after) = split_tenant(configured)?;
        if is_guid(name) {
            // The document of one tenant speaks of that tenant.
            return (document == format!("{before}{TENANT}{after}")).then(|| Self::exact(configured));
        }
        let tenant = document.strip_prefix(before)?.strip_suffix(after)?;
        match tenant {
            TENANT => Some(Self::AnyTenant { before: before.into(), after: after.into() }),
            tenant if is_guid(tenant) => Some(Self::exact(document)),
            _ => None,
        }
    }

    /// Whether an answer that names this issuer may be of it. For several tenants the ID token has to say the rest.
    pub(crate) fn admits(&self, got: &str) -> bool {
        match self {
            Self::Exact(expected) => **expected == *got,
            Self::AnyTenant { before, after } => {
                got.strip_prefix(&**before).and_then(|rest| rest.strip_suffix(&**after)).is_some_and(is_guid)
            }
        }
    }

    /// The issuer of a tenant; the one and only, if there is just one.
    pub(crate) fn for_tenant(&self, tenant: Option<&str>) -> Option<Box<str>> {
        match self {
            Self::Exact(expected) => Some(expected.clone()),
            Self::AnyTenant { before, after } => tenant
                .filter(|tenant| is_guid(tenant))
                .map(|tenant| format!("{before}{tenant}{after}").into()),
        }
    }

    /// For messages, and for assertions that name whom they are meant for.
    pub(crate) fn text(&self) -> Box<str> {
        match self {
            Self::Exact(expected) => expected.clone(),
            Self::AnyTenant { before, after } => format!("{before}{TENANT}{after}").into(),
        }
    }
}

/// `https://host/TENANT/rest` in three.
fn split_tenant(issuer: &str) -> Option<(&str, &str, &str)> {
    let path = issuer.find("://")? + 3;
    let start = path + issuer[path..].find('/')? + 1;
    let end = issuer[start..].find('/').map_or(issuer.len(), |at| start + at);
    let name = &issuer[start..end];
    (!name.is_empty()).then_some((&issuer[..start], name, &issuer[end..]))
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GUID: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
    const OTHER: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

    fn entra(tenant: &str) -> String {
        format!("https://login.microsoftonline.com/{tenant}/v2.0")
    }

    #[test]
    fn the_same_url_is_the_same_issuer_and_the_document_says_how_it_is_written() {
        let same = Issuer::same("https://A.example", "https://a.example/");

        assert_eq!(same, Some(Issuer::exact("https://a.example/")));
        for other in ["https://a.example/x", "http://a.example", "https://a.example.evil", "a.example", ""] {
            assert_eq!(Issuer::same("https://a.example", other), None, "{other}");
        }
        assert_eq!(Issuer::same("https://a.example/x", "https://a.example/x/"), None);
    }

    #[test]
    fn many_tenants_are_admitted_by_their_ids_alone() {
        let issuer = Issuer::of_tenant(&entra("common"), &entra(TENANT)).unwrap();

        assert!(issuer.admits(&entra(GUID)));
        for other in [entra("common"), entra(TENANT), entra(""), entra("x/y"), "https://evil.example".into()]
        {
            assert!(!issuer.admits(&other), "{other}");
        }
        assert_eq!(issuer.for_tenant(Some(GUID)).as_deref(), Some(&*entra(GUID)));
        assert_eq!(issuer.for_tenant(Some("evil")), None);
        assert_eq!(issuer.for_tenant(None), None);
    }

    #[test]
    fn a_tenant_that_was_chosen_stays_the_only_one() {
        assert_eq!(Issuer::of_tenant(&entra(GUID), &entra(GUID)), Some(Issuer::exact(&entra(GUID))));
        assert_eq!(Issuer::of_tenant(&entra(GUID), &entra(TENANT)), Some(Issuer::exact(&entra(GUID))));
        assert_eq!(Issuer::of_tenant(&entra(GUID), &entra(OTHER)), None);
    }

    #[test]
    fn a_tenant_may_be_named_otherwise_than_by_its_id() {
        for name in ["consumers", "contoso.onmicrosoft.com"] {
            assert_eq!(Issuer::of_tenant(&entra(name), &entra(GUID)), Some(Issuer::exact(&entra(GUID))));
        }
        assert_eq!(Issuer::of_tenant(&entra("consumers"), "https://evil.example/x/v2.0"), None);
        assert_eq!(Issuer::of_tenant(&entra("consumers"), &entra("evil")), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(a in ".*", b in ".*", c in ".*") {
            drop(Issuer::same(&a, &b));
            if let Some(issuer) = Issuer::of_tenant(&a, &b) {
                issuer.admits(&c);
                issuer.for_tenant(Some(&c));
            }
        }
    }
}
