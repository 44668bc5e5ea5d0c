//! Who one is at an index: from addresses, from `~/.netrc`, and from whoever else can be asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::netrc::{self, Login};

/// Asks for the user and password at an address; the user's name may be known.
pub type Ask = dyn Fn(&str, Option<&str>) -> Option<(String, String)> + Send + Sync;

/// Names and passwords by place. They are sent to that place only, and never shown.
#[derive(Default)]
pub struct Credentials {
    of_addresses: Vec<(String, String)>,
    of_hosts: Vec<Login>,
    ask: Option<Box<Ask>>,
    /// What was answered for each place: files are many, and to ask takes long.
    answers: Mutex<HashMap<String, Option<String>>>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

impl Credentials {
    /// Learns the user and password in an address, if it has some.
    pub fn add_address(&mut self, address: &str) {
        if let (bare, Some(user)) = divided(address) {
            self.of_addresses.push((bare.trim_end_matches('/').to_owned(), user));
        }
    }

    /// Learns the user and password at an address.
    pub fn add(&mut self, address: &str, user: &str, password: &str) {
        let (bare, _) = divided(address);
        self.of_addresses.push((bare.trim_end_matches('/').to_owned(), format!("{user}:{password}")));
    }

    /// Learns what is in a file such as `~/.netrc`.
    pub fn add_netrc(&mut self, text: &str) {
        self.of_hosts.extend(netrc::logins(text));
    }

    /// Asks when nothing is known.
    pub fn or_ask(&mut self, ask: Box<Ask>) {
        self.ask = Some(ask);
    }

    /// Returns an address without a user and password, and the header that says who one is there.
    pub(in crate::wheel) fn for_address(&self, address: &str) -> (String, Option<String>) {
        let (bare, user) = divided(address);
        let known = self.known(&bare, user);
        let asked = || {
            let name = known.as_deref().and_then(|user| user.strip_suffix(':'));
            let ask = self.ask.as_ref().filter(|_| known.is_none() || name.is_some())?;
            let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
            let answer =
                answers.entry(format!("{}@{}", name.unwrap_or_default(), origin(&bare)?)).or_insert_with(|| {
                    let (user, password) = ask(&bare, name)?;
                    Some(format!("{user}:{password}"))
                });
            answer.clone()
        };
        let user = asked().or_else(|| known.clone());
        let header = user.map(|user| format!("Basic {}", STANDARD.encode(user)));
        (bare, header)
    }

    /// The user and password for an address, in which the user may be named.
    fn known(&self, address: &str, named: Option<String>) -> Option<String> {
        let of = |address: &str| origin(address).map(str::to_owned);
        let here = of(address);
        let same = || self.of_addresses.iter().filter(|(known, _)| of(known) == here);
        // The nearest one: an index of one host may be another's than the next.
        let nearest =
            || same().max_by_key(|(known, _)| if address.starts_with(known.as_str()) { known.len() } else { 0 });
        let of_host = self.of_host(address);
        let first = named.or_else(|| nearest().map(|(_, user)| user.clone())).or_else(|| of_host.clone())?;
        if !first.ends_with(':') {
            return Some(first);
        }
        // A name alone: the password may be known from elsewhere.
        let mut others = same().map(|(_, user)| user).chain(&of_host);
        let whole = others.find(|user| user.len() > first.len() && user.starts_with(&first));
        Some(whole.cloned().unwrap_or(first))
    }

    fn of_host(&self, address: &str) -> Option<String> {
        let host = address.split_once("://").map_or(address, |(_, rest)| rest).split(['/', '?', '#']).next()?;
        let host = match host.strip_prefix('[') {
            Some(address) => address.split(']').next()?,
            None => host.split(':').next()?,
        };
        let own = self.of_hosts.iter().rfind(|login| login.host.as_deref() == Some(host));
        let Login { user, password, .. } = own.or_else(|| self.of_hosts.iter().rfind(|login| login.host.is_none()))?;
        Some(format!("{user}:{password}"))
    }
}

/// Divides an address into the bare one and `user:password`.
pub(super) fn divided(address: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = address.split_once("://") else { return (address.to_owned(), None) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Some((user, host)) = rest[..end].rsplit_once('@') else { return (address.to_owned(), None) };
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    (format!("{scheme}://{host}{}", &rest[end..]), Some(format!("{}:{}", decoded(name), decoded(password))))
}

/// The scheme, host and port of an address.
pub(super) fn origin(address: &str) -> Option<&str> {
    let start = address.find("://")? + 3;
    let end = address[start..].find(['/', '?', '#']).map_or(address.len(), |end| start + end);
    Some(&address[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(user: &str) -> String {
        format!("Basic {}", STANDARD.encode(user))
    }

    #[test]
    fn the_nearest_address_counts_and_no_other_host_is_told() {
        let mut known = Credentials::default();
        known.add_address("https://a:1@x.example/one/simple/");
        known.add_address("https://b:p%40ss@x.example/two/simple");
        known.add_address("https://x.example/three");
        known.add_netrc(
            "# no\nmachine y.example login c\n password d\nmachine z.example\nmachine ::1 login g password \"h i\"",
        );
        let of = |known: &Credentials, address: &str| known.for_address(address).1;
        assert_eq!(of(&known, "https://x.example/two/simple/p/p.whl"), Some(header("b:p@ss")));
        assert_eq!(of(&known, "https://x.example/one/simple/p/p.whl"), Some(header("a:1")));
        assert!(of(&known, "https://x.example/files/p.whl").is_some());
        assert_eq!(of(&known, "https://y.example:8/p.whl"), Some(header("c:d")));
        for address in ["https://[::1]/p.whl", "https://[::1]:8443/p.whl"] {
            assert_eq!(of(&known, address), Some(header("g:h i")));
        }
        for other in ["http://x.example/one/simple/p", "https://x.example:8/", "https://evil-x.example/", "https://q/"]
        {
            assert_eq!(of(&known, other), None, "{other}");
        }
        // Who is named without a password may be known with one.
        known.add_address("https://c@y.example/simple");
        known.add_address("https://d@z.example/simple");
        known.add("https://z.example", "d", "e:f");
        assert_eq!(of(&known, "https://y.example/simple/p"), Some(header("c:d")));
        assert_eq!(of(&known, "https://z.example/simple/p"), Some(header("d:e:f")));
        assert_eq!(of(&known, "https://other@z.example/simple/p"), Some(header("other:")));
        let (bare, own) = known.for_address("https://e:f@x.example/a@b");
        assert_eq!((bare.as_str(), own), ("https://x.example/a@b", Some(header("e:f"))));
        assert!(!format!("{known:?}").contains("p@ss"));
        known.or_ask(Box::new(|address, _| Some((address.to_owned(), "w".into()))));
        for address in ["https://q/", "https://q/once", "https://r/"] {
            let first = if address.starts_with("https://q") { "https://q/" } else { address };
            assert_eq!(known.for_address(address).1, Some(header(&format!("{first}:w"))));
        }
    }
}
