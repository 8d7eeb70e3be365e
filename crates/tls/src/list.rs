//! The servers that the holder, or his organisation, trusts with the card.

use std::collections::BTreeSet;

use thiserror::Error;
use url::Host;

/// Names of servers: whole ones, and `*.suffix` for everything below a suffix.
///
/// A server that is not on the list gets a consent of its own that says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustList {
    hosts: BTreeSet<String>,
    // Each begins with a full stop.
    suffixes: BTreeSet<String>,
}

/// Why an entry is not a name that can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrustListError {
    /// It is not a host name or address.
    #[error("entry {number} of the trust list, {entry:?}, is not a host name: {source}")]
    NotAName {
        /// Which entry, from 1.
        number: usize,
        /// The entry.
        entry: String,
        /// What is wrong with it.
        source: url::ParseError,
    },
    /// A star elsewhere than as the first label, or below a top-level domain.
    #[error("entry {number} of the trust list, {entry:?}, would trust too much")]
    TooWide {
        /// Which entry, from 1.
        number: usize,
        /// The entry.
        entry: String,
    },
}

impl TrustList {
    /// Reads the entries of a list. Cyrillic names are taken as they are written.
    ///
    /// # Errors
    /// [`TrustListError`] names the first entry at fault.
    pub fn parse<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, TrustListError> {
        let mut list = Self::default();
        for (index, entry) in entries.into_iter().enumerate() {
            let number = index + 1;
            let entry = entry.trim();
            let too_wide = || TrustListError::TooWide {
                number,
                entry: entry.to_owned(),
            };
            let (name, below) = match entry.strip_prefix("*.") {
                Some(suffix) => (suffix, true),
                None => (entry, false),
            };
            if name.contains('*') {
                return Err(too_wide());
            }
            let host = canonical(name).map_err(|source| TrustListError::NotAName {
                number,
                entry: entry.to_owned(),
                source,
            })?;
            match (host, below) {
                (Host::Domain(suffix), true) if suffix.contains('.') => {
                    list.suffixes.insert(format!(".{suffix}"));
                }
                (_, true) => return Err(too_wide()),
                (host, false) => {
                    list.hosts.insert(host.to_string());
                }
            }
        }
        Ok(list)
    }

    /// Whether the host (a name, or an address; no port) is on the list.
    #[must_use]
    pub fn knows(&self, host: &str) -> bool {
        let Ok(host) = canonical(host) else {
            return false;
        };
        if self.hosts.contains(&host.to_string()) {
            return true;
        }
        match host {
            Host::Domain(name) => name
                .match_indices('.')
                .filter_map(|(at, _)| name.get(at..))
                .any(|suffix| self.suffixes.contains(suffix)),
            Host::Ipv4(_) | Host::Ipv6(_) => false,
        }
    }
}

/// One spelling for each host: lower case, ASCII (RFC 5891), no full stop at the end.
fn canonical(name: &str) -> Result<Host, url::ParseError> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.is_empty() {
        return Err(url::ParseError::EmptyHost);
    }
    // An IPv6 address is bare here, and in brackets in a URL.
    match name.parse() {
        Ok(address) => Ok(Host::Ipv6(address)),
        Err(_) => Host::parse(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> TrustList {
        TrustList::parse(entries.iter().copied()).unwrap()
    }

    #[test]
    fn knows_whole_names_and_what_is_below_a_suffix() {
        let list = list(&["login.example.bg", "*.egov.bg", "127.0.0.1", "::1"]);
        assert!(list.knows("login.example.bg"));
        assert!(list.knows("LOGIN.example.bg."));
        assert!(list.knows("eauth.egov.bg"));
        assert!(list.knows("a.b.egov.bg"));
        assert!(list.knows("127.0.0.1"));
        assert!(list.knows("::1"));
        assert!(list.knows("[::1]"));
    }

    #[test]
    fn does_not_know_the_suffix_itself_nor_a_name_that_only_ends_alike() {
        let list = list(&["login.example.bg", "*.egov.bg"]);
        assert!(!list.knows("egov.bg"));
        assert!(!list.knows("notegov.bg"));
        assert!(!list.knows("egov.bg.evil.example"));
        assert!(!list.knows("x.login.example.bg"));
        assert!(!list.knows("example.bg"));
        assert!(!list.knows(""));
    }

    #[test]
    fn takes_cyrillic_names_in_both_spellings() {
        let list = list(&["*.портал.бг"]);
        assert!(list.knows("вход.портал.бг"));
        assert!(list.knows("xn--b1ae2d.xn--80aswg.xn--90ae") == list.knows("вход.сайт.бг"));
        let Host::<String>::Domain(ascii) = Host::parse("вход.портал.бг").unwrap()
        else {
            panic!("a domain");
        };
        assert!(ascii.is_ascii() && list.knows(&ascii));
    }

    #[test]
    fn refuses_entries_that_would_trust_too_much() {
        for entry in ["*", "*.bg", "a*.egov.bg", "login.*.bg", "*.127.0.0.1"] {
            let error = TrustList::parse(["ok.example.bg", entry]).unwrap_err();
            assert!(
                matches!(error, TrustListError::TooWide { number: 2, .. }),
                "{entry}: {error}"
            );
        }
    }

    #[test]
    fn names_the_entry_that_is_no_name() {
        for entry in ["", "https://egov.bg", "a b"] {
            let error = TrustList::parse([entry]).unwrap_err();
            assert!(
                matches!(error, TrustListError::NotAName { number: 1, .. }),
                "{entry}: {error}"
            );
        }
    }
}
