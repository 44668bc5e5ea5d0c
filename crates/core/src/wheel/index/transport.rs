//! Requests to an index over HTTP, with the user's proxy, certificates and patience.

use std::collections::HashMap;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, Proxy};

use super::credentials::{Credentials, divided, origin};
use super::error::IndexError;
use super::page::{Page, join};
use super::resolver;
use crate::fs::read_limited;
use crate::wheel::request::IndexSettings;

/// The largest index page; setuptools has one of about 1 MB.
const MAX_PAGE: u64 = 32 << 20;
const MAX_CERTIFICATES: u64 = 16 << 20;
/// The status of a server that is asked for what comes after the end.
const NOT_THAT_LONG: u16 = 416;
/// How often a server may send on: as often as in pip.
const MOST_REDIRECTS: usize = 30;
/// How many connections to one host are kept.
const MOST_IDLE: usize = 8;
const ACCEPT: &str = "application/vnd.pypi.simple.v1+json, text/html;q=0.1";

/// How requests are made.
pub(super) struct Transport<'a> {
    settings: &'a IndexSettings,
    /// Who the user is at the indexes of the settings.
    credentials: Credentials,
    roots: RootCerts,
    /// Those that were made, by whether they only speak TLS and whether they use the proxy: each keeps connections.
    agents: Mutex<HashMap<(bool, bool), Agent>>,
}

/// The rest of a file.
pub(super) struct Answer {
    /// What is still to be read.
    pub(super) body: Body,
    /// Where it begins in the file.
    pub(super) start: u64,
}

impl<'a> Transport<'a> {
    /// Reads the certificates to trust.
    pub(super) fn new(settings: &'a IndexSettings) -> Result<Self, IndexError> {
        if let Some(refusal) = &settings.refusal {
            return Err(refusal.clone().into());
        }
        let Some(path) = &settings.cert else { return Ok(Self::with(settings, RootCerts::PlatformVerifier)) };
        let content = read_limited(path, MAX_CERTIFICATES)?;
        let items = parse_pem(&content).filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        });
        let certificates: Vec<_> = items.collect();
        if certificates.is_empty() {
            return Err(IndexError::Certificates(path.clone()));
        }
        Ok(Self::with(settings, RootCerts::Specific(Arc::new(certificates))))
    }

    fn with(settings: &'a IndexSettings, roots: RootCerts) -> Self {
        let mut credentials = Credentials::default();
        let indexes = std::iter::once(&settings.index_url).chain(&settings.extra_index_urls);
        indexes.for_each(|address| credentials.add_address(address));
        Self { settings, credentials, roots, agents: Mutex::default() }
    }

    /// Asks for a file from a byte on; the server may send all of it nevertheless, also if it ends before.
    pub(super) fn part(&self, url: &str, authorization: Option<&str>, start: u64) -> Result<Answer, IndexError> {
        let range = format!("bytes={start}-");
        let headers = [("Accept-Encoding", "identity"), ("Range", &range)];
        let headers = if start > 0 { &headers[..] } else { &headers[..1] };
        let (_, response) = match self.ask(url, authorization, headers) {
            Err(IndexError::Refused { status: NOT_THAT_LONG, .. }) if start > 0 => {
                return self.part(url, authorization, 0);
            }
            other => other?,
        };
        let range = response.headers().get("Content-Range").and_then(|value| value.to_str().ok());
        let begins = range.is_some_and(|range| range.starts_with(&format!("bytes {start}-")));
        let start = if response.status() == 206 && begins { start } else { 0 };
        Ok(Answer { body: response.into_body(), start })
    }

    /// Fetches a page of an index.
    pub(super) fn page(&self, url: &str) -> Result<Page, IndexError> {
        let (url_in_the_end, mut response) = self.get(url, &[("Accept", ACCEPT)])?;
        let is_json = response.body().mime_type().is_some_and(|mime_type| mime_type.ends_with("json"));
        let text = response.body_mut().with_config().limit(MAX_PAGE).read_to_string();
        Ok(Page { url: url_in_the_end, is_json, text: text.map_err(|error| unreachable(url, error))? })
    }

    /// Fetches a file, telling how much has arrived out of how much.
    pub(super) fn file(
        &self,
        url: &str,
        limit: u64,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Vec<u8>, IndexError> {
        let (_, response) = self.get(url, &[])?;
        let body = response.into_body();
        let size = body.content_length();
        let mut reader = body.into_with_config().limit(limit).reader();
        let mut content = Vec::new();
        let mut chunk = vec![0; 1 << 16];
        loop {
            progress(content.len() as u64, size);
            match reader.read(&mut chunk) {
                Ok(0) => return Ok(content),
                Ok(count) => content.extend_from_slice(&chunk[..count]),
                Err(error) => return Err(unreachable(url, error.into())),
            }
        }
    }

    fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<(String, Response<Body>), IndexError> {
        let (url, authorization) = self.credentials.for_address(url);
        self.ask(&url, authorization.as_deref(), headers)
    }

    /// Asks, also where the server sends on to, and returns the address that has answered. What says who the user is
    /// goes to no other host or port, and every address is one that could have been named at once.
    fn ask(
        &self,
        url: &str,
        authorization: Option<&str>,
        headers: &[(&str, &str)],
    ) -> Result<(String, Response<Body>), IndexError> {
        let (mut url, mut authorization) = (url.to_owned(), authorization);
        for _ in 0..=MOST_REDIRECTS {
            let mut request = self.agent(&url)?.get(&url);
            for (name, value) in headers.iter().copied().chain(authorization.map(|value| ("Authorization", value))) {
                request = request.header(name, value);
            }
            let response = request.call().map_err(|error| unreachable(&url, error))?;
            let Some(next) = next(&url, response.status().as_u16(), response.headers())? else {
                return Ok((url, response));
            };
            if origin(&next) != origin(&url) {
                authorization = None;
            }
            url = next;
        }
        Err(IndexError::Unreachable { host: host(&url).to_owned(), source: "it sends on without an end".into() })
    }

    fn agent(&self, url: &str) -> Result<Agent, IndexError> {
        let host = host(url);
        let is_encrypted = is_encrypted(url);
        if !is_encrypted && !self.may_be_plain(host) {
            return Err(IndexError::Unencrypted { host: host.to_owned() });
        }
        let proxy = self.settings.proxy.as_deref().filter(|_| !self.bypasses_proxy(host));
        let kind = (is_encrypted, proxy.is_some());
        if let Some(agent) = self.agents.lock().unwrap_or_else(PoisonError::into_inner).get(&kind) {
            return Ok(agent.clone());
        }
        let proxy = proxy.map(Proxy::new).transpose().map_err(|_| IndexError::Proxy)?;
        let patience = Some(self.settings.timeout).filter(|timeout| *timeout > Duration::ZERO);
        let config = Agent::config_builder()
            // Always set: the default is to look into the environment.
            .proxy(proxy)
            .https_only(is_encrypted)
            .tls_config(self.tls())
            .user_agent(concat!("venvwrap/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(patience)
            .timeout_connect(patience)
            .timeout_recv_response(patience)
            .timeout_per_read(patience)
            .max_redirects(0)
            .max_idle_connections_per_host(MOST_IDLE);
        let agent = resolver::agent(config.build());
        self.agents.lock().unwrap_or_else(PoisonError::into_inner).insert(kind, agent.clone());
        Ok(agent)
    }

    fn tls(&self) -> TlsConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        TlsConfig::builder().root_certs(self.roots.clone()).unversioned_rustls_crypto_provider(provider).build()
    }

    fn may_be_plain(&self, host: &str) -> bool {
        let name = without_port(host);
        let is_local = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
        is_local || self.settings.trusted_hosts.iter().any(|trusted| trusted == host || trusted == name)
    }

    fn bypasses_proxy(&self, host: &str) -> bool {
        let name = without_port(host).to_ascii_lowercase();
        let exceptions = self.settings.no_proxy.as_deref().unwrap_or_default();
        exceptions.split(',').map(str::trim).filter(|exception| !exception.is_empty()).any(|exception| {
            let exception = exception.trim_start_matches('.').to_ascii_lowercase();
            let is_below = name.strip_suffix(exception.as_str()).is_some_and(|rest| rest.ends_with('.'));
            exception == "*" || name == exception || is_below
        })
    }
}

/// Returns where an answer sends on to; fails if that is less safe.
fn next(url: &str, status: u16, headers: &HeaderMap) -> Result<Option<String>, IndexError> {
    let location = headers.get("Location").filter(|_| matches!(status, 301 | 302 | 303 | 307 | 308));
    let Some(location) = location.and_then(|value| value.to_str().ok()) else { return Ok(None) };
    let (next, _) = divided(&join(url, location));
    if is_encrypted(url) && !is_encrypted(&next) {
        return Err(IndexError::Downgraded { host: host(url).to_owned(), to: host(&next).to_owned() });
    }
    Ok(Some(next))
}

fn is_encrypted(url: &str) -> bool {
    url.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"))
}

/// Returns the host of an address, with its port, but never the credentials before it.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

pub(super) fn unreachable(url: &str, error: ureq::Error) -> IndexError {
    let source = match error {
        ureq::Error::StatusCode(status) => return IndexError::Refused { host: host(url).to_owned(), status },
        // Its message repeats the address with the password in it.
        ureq::Error::BadUri(_) => "the address is not valid".into(),
        other => other.into(),
    };
    IndexError::Unreachable { host: host(url).to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_never_shown() {
        assert_eq!(host("https://me:secret@i.example:8443/simple/pip/?x"), "i.example:8443");
        assert_eq!(host("i.example"), "i.example");
    }

    #[test]
    fn plain_addresses_need_trust() {
        let settings = IndexSettings { trusted_hosts: vec!["i.example".into()], ..IndexSettings::default() };
        let transport = Transport::new(&settings).unwrap();
        assert!(transport.agent("http://i.example:3141/simple").is_ok());
        assert!(transport.agent("http://localhost:3141/simple").is_ok());
        assert!(matches!(transport.agent("http://other.example/simple"), Err(IndexError::Unencrypted { .. })));
    }

    #[test]
    fn nobody_is_sent_on_to_where_others_can_listen() {
        let next = |url: &str, status: u16, to: &str| {
            let headers = [(ureq::http::header::LOCATION, to.parse().unwrap())].into_iter().collect();
            next(url, status, &headers)
        };
        for (to, expected) in [
            ("/b", "https://i.example:1/b"),
            ("c", "https://i.example:1/s/c"),
            ("//j.example/d", "https://j.example/d"),
            ("HTTPS://me:secret@j.example/e?f", "HTTPS://j.example/e?f"),
        ] {
            assert_eq!(next("https://i.example:1/s/a", 302, to).unwrap().as_deref(), Some(expected));
        }
        assert_eq!(next("https://i.example/", 304, "/b").unwrap(), None);
        for to in ["http://i.example/", "http://localhost/", "HTTP://i.example/", "ftp://i.example/"] {
            assert!(matches!(next("https://i.example/", 307, to), Err(IndexError::Downgraded { .. })), "{to}");
        }
    }

    #[test]
    fn some_hosts_bypass_the_proxy() {
        let settings = IndexSettings { no_proxy: Some("10.0.0.1, .Corp.example".into()), ..IndexSettings::default() };
        let transport = Transport::new(&settings).unwrap();
        for (host, bypasses) in
            [("corp.example", true), ("pypi.corp.example:443", true), ("evilcorp.example", false), ("10.0.0.1", true)]
        {
            assert_eq!(transport.bypasses_proxy(host), bypasses, "{host}");
        }
    }

    #[test]
    fn a_certificate_file_without_certificates_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let settings = IndexSettings { cert: Some(file.path().into()), ..IndexSettings::default() };
        assert!(matches!(Transport::new(&settings), Err(IndexError::Certificates(_))));
    }
}
