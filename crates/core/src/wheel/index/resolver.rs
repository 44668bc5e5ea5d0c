//! Looking up hosts: each once, since four connections that begin at the same time would ask four times, and the name
//! servers of some networks answer only the first of them, and the others five seconds later.

use std::collections::HashMap;
use std::fmt::{self, Debug};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

/// A resolver that remembers what another has found, as long as it lives.
#[derive(Default)]
pub(super) struct Remembering<R = DefaultResolver> {
    inner: R,
    /// By host and port the addresses, or the number of the failure to find them.
    known: Mutex<HashMap<String, Result<Vec<SocketAddr>, usize>>>,
    failures: AtomicUsize,
}

/// An agent that looks up each host once.
pub(super) fn agent(config: Config) -> Agent {
    Agent::with_parts(config, DefaultConnector::new(), Remembering::<DefaultResolver>::default())
}

impl<R: Resolver> Resolver for Remembering<R> {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let key = format!("{}://{}", uri.scheme_str().unwrap_or_default(), place(uri));
        let failures_before = self.failures.load(Ordering::Relaxed);
        // Who wants the same host meanwhile waits for the answer, also for a bad one; who wants it later asks again.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(&key) {
            Some(Ok(addresses)) => {
                let mut found = self.empty();
                for address in addresses {
                    found.push(*address);
                }
                return Ok(found);
            }
            Some(Err(number)) if *number > failures_before => return Err(Error::HostNotFound),
            _ => {}
        }
        let found = self.inner.resolve(uri, config, timeout);
        let noted = match &found {
            Ok(addresses) => Ok(addresses.to_vec()),
            Err(_) => Err(self.failures.fetch_add(1, Ordering::Relaxed) + 1),
        };
        known.insert(key, noted);
        found
    }
}

/// The host with its port, without the user.
fn place(uri: &Uri) -> &str {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    authority.rsplit_once('@').map_or(authority, |(_, place)| place)
}

impl<R> Debug for Remembering<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Remembering").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Counting(AtomicUsize);

    impl Resolver for Counting {
        fn resolve(&self, uri: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
            let before = self.0.fetch_add(1, Ordering::Relaxed);
            if uri.host() == Some("gone.example") {
                return Err(Error::HostNotFound);
            }
            let mut found = self.empty();
            found.push(SocketAddr::from(([127, 0, 0, 1], u16::try_from(before + 1).unwrap())));
            Ok(found)
        }
    }

    #[test]
    fn a_host_is_looked_up_once_and_a_failure_is_not_remembered() {
        let resolver = Remembering::<Counting>::default();
        let config = Config::default();
        let resolve = |uri: &str| {
            let found = resolver.resolve(&uri.parse().unwrap(), &config, NextTimeout::default());
            found.map(|addresses| addresses.to_vec())
        };
        std::thread::scope(|scope| {
            for number in 0..8 {
                let resolve = &resolve;
                scope.spawn(move || {
                    let found = resolve(&format!("https://files.example/wheel-{number}")).unwrap();
                    assert_eq!(found, [SocketAddr::from(([127, 0, 0, 1], 1))]);
                });
            }
        });
        assert_ne!(resolve("https://files.example:444/x").unwrap(), resolve("https://files.example/x").unwrap());
        resolve("https://gone.example/x").unwrap_err();
        resolve("https://gone.example/x").unwrap_err();
        assert_eq!(resolver.inner.0.load(Ordering::Relaxed), 4);
    }
}
