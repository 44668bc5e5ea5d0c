//! pip's own settings, so that a user who has told pip how to reach an index need not do it again.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::pip_settings::{Command, PipSettings, Places, SYSTEM, expand};
use super::pip_values;
use crate::config::variables::{
    ALL_PROXY, CURL_CA_BUNDLE, HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE, SSL_CERT_FILE, Variable,
};
use crate::fs::ini::is_blank;
use crate::wheel::request::IndexSettings;

/// The longest time that a server is waited for, whatever a file says.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

/// What pip's settings say about where packages come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PipConfig {
    /// How to reach the index.
    pub index: IndexSettings,
    /// Local directories that hold packages. Addresses of web pages are left out.
    pub find_links: Vec<PathBuf>,
}

impl PipConfig {
    /// Reads pip's environment variables and configuration files, in pip's order of precedence.
    ///
    /// Where pip would refuse them, no index can be asked.
    pub fn read(
        names: &dyn Fn() -> Vec<OsString>,
        lookup: &dyn Fn(&str) -> Option<OsString>,
        home: Option<&Path>,
        current_dir: &Path,
    ) -> Self {
        Self::read_in(&Places { system: SYSTEM, names, lookup, home, env: None, current_dir, without: &[] })
    }

    fn read_in(places: &Places<'_>) -> Self {
        let settings = match PipSettings::read(Command::Download, places) {
            Ok(settings) => settings,
            Err(refusal) => {
                let index = IndexSettings { refusal: Some(refusal), ..IndexSettings::default() };
                return Self { index, find_links: Vec::new() };
            }
        };
        let text = |name: &str| {
            (places.lookup)(name).and_then(|value| value.into_string().ok()).filter(|text| !text.is_empty())
        };
        let expand = |path: &str| expand(path, places.home, places.current_dir);
        let find_links = settings.words("find-links");
        Self { index: index_settings(&settings, &text, &expand), find_links: directories(&find_links, &expand) }
    }
}

fn index_settings(
    settings: &PipSettings,
    text: &dyn Fn(&str) -> Option<String>,
    expand: &dyn Fn(&str) -> PathBuf,
) -> IndexSettings {
    let default = IndexSettings::default();
    let value = |key: &str| settings.value(key).map(|value| value.trim_matches(is_blank));
    let words = |key: &str| settings.words(key).into_iter().map(str::to_owned).collect();
    let first_of = |variables: &[Variable]| variables.iter().find_map(|variable| text(variable.name));
    let in_either_case = |variable: &Variable| text(&variable.name.to_lowercase()).or_else(|| text(variable.name));
    let own_proxy = value("proxy").map(str::to_owned);
    let seconds = value("timeout").and_then(pip_values::float);
    let timeout = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let cert = value("cert").map(str::to_owned);
    IndexSettings {
        index_url: value("index-url").map_or(default.index_url, str::to_owned),
        extra_index_urls: words("extra-index-url"),
        // Exceptions are made from the system's proxy, not from the one that was set for pip alone.
        no_proxy: if own_proxy.is_some() { None } else { in_either_case(&NO_PROXY) },
        proxy: own_proxy.or_else(|| [HTTPS_PROXY, ALL_PROXY].iter().find_map(in_either_case)),
        cert: cert.or_else(|| first_of(&[REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE])).map(|p| expand(&p)),
        trusted_hosts: words("trusted-host"),
        timeout: timeout.map_or(default.timeout, |timeout| timeout.min(MAX_TIMEOUT)),
        no_index: settings.is_on("no-index"),
        refusal: None,
    }
}

fn directories(links: &[&str], expand: &dyn Fn(&str) -> PathBuf) -> Vec<PathBuf> {
    let paths = links.iter().map(|link| link.strip_prefix("file://").unwrap_or(link));
    paths.filter(|path| !path.contains("://")).map(expand).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    struct Setting {
        scratch: tempfile::TempDir,
        variables: HashMap<String, String>,
    }

    impl Setting {
        /// A home of its own, and none of this machine's files.
        fn new() -> Self {
            let scratch = tempfile::tempdir().unwrap();
            let nowhere = scratch.path().join("nowhere").to_str().unwrap().to_owned();
            Self { variables: HashMap::from([("XDG_CONFIG_DIRS".into(), nowhere)]), scratch }
        }

        fn file(self, path: &str, content: &str) -> Self {
            let path = self.scratch.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
            self
        }

        fn variable(mut self, name: &str, value: &str) -> Self {
            self.variables.insert(name.into(), value.into());
            self
        }

        fn read(&self) -> PipConfig {
            let (home, current_dir) = (Some(self.scratch.path()), Path::new("/srv/here"));
            let lookup = |name: &str| self.variables.get(name).map(OsString::from);
            let names = || self.variables.keys().map(OsString::from).collect();
            PipConfig::read_in(&Places {
                system: &[],
                names: &names,
                lookup: &lookup,
                home,
                env: None,
                current_dir,
                without: &[],
            })
        }
    }

    #[test]
    fn files_with_sections_comments_and_continuation_lines() {
        let content = "[global]\n# no\nindex_url: https://a.example/simple\nextra-index-url =\n  \
            https://b.example\n\thttps://c.example\n; no\ntimeout = 2.5\n[install]\nno-index = yes\n[list]\nformat=x\n";
        let config = Setting::new().file(".config/pip/pip.conf", content).read();
        assert_eq!(config.index.index_url, "https://a.example/simple");
        assert_eq!(config.index.extra_index_urls, ["https://b.example", "https://c.example"]);
        assert_eq!(config.index.timeout, Duration::from_millis(2500));
        assert!(config.index.no_index);
    }

    #[test]
    fn variables_before_named_file_before_new_file_before_old_file() {
        let setting = |number: u32| format!("[global]\nindex-url = https://{number}.example\n");
        let mut expected = Setting::new();
        for (number, path) in [(1, ".pip/pip.conf"), (2, ".config/pip/pip.conf"), (3, "named")] {
            expected = expected.file(path, &setting(number));
            if path == "named" {
                let named = expected.scratch.path().join(path).to_str().unwrap().to_owned();
                expected = expected.variable("PIP_CONFIG_FILE", &named);
            }
            assert_eq!(expected.read().index.index_url, format!("https://{number}.example"));
        }
        let by_variable = expected.variable("PIP_INDEX_URL", "https://4.example");
        assert_eq!(by_variable.read().index.index_url, "https://4.example");
        let no_files = by_variable.variable("PIP_CONFIG_FILE", "/dev/null").variable("PIP_INDEX_URL", "");
        assert_eq!(no_files.read().index, IndexSettings::default());
    }

    #[test]
    fn find_links_are_local_directories() {
        let config = Setting::new().variable("PIP_FIND_LINKS", "wheels ~/w file:///srv/w https://x.example/ /a").read();
        let names: Vec<_> = config.find_links.iter().map(|path| path.to_str().unwrap()).collect();
        assert_eq!((names[0], &names[2..]), ("/srv/here/wheels", &["/srv/w", "/a"][..]));
        assert!(names[1].ends_with("/w") && names.len() == 4);
    }

    #[test]
    fn proxies_and_certificates() {
        let system = Setting::new()
            .variable("HTTPS_PROXY", "http://proxy:1")
            .variable("NO_PROXY", "x.example")
            .variable("SSL_CERT_FILE", "/system.pem");
        let index = system.read().index;
        assert_eq!((index.proxy.as_deref(), index.no_proxy.as_deref()), (Some("http://proxy:1"), Some("x.example")));
        assert_eq!(index.cert.as_deref(), Some(Path::new("/system.pem")));
        let own = system.variable("PIP_PROXY", "http://own:2").variable("PIP_CERT", "own.pem").read().index;
        assert_eq!((own.proxy.as_deref(), own.no_proxy), (Some("http://own:2"), None));
        assert_eq!(own.cert.as_deref(), Some(Path::new("/srv/here/own.pem")));
    }

    #[test]
    fn no_timeout_is_longer_than_a_clock_can_count() {
        for (timeout, expected) in
            [("1e18", MAX_TIMEOUT), ("1e300", Duration::from_secs(15)), ("-1", Duration::from_secs(15))]
        {
            let config = Setting::new().variable("PIP_TIMEOUT", timeout).read();
            assert_eq!(config.index.timeout, expected, "{timeout}");
        }
    }

    #[test]
    fn what_pip_refuses_reaches_no_index() {
        let file = Setting::new().file(".config/pip/pip.conf", "[global]\nindex-url = https://a.example\nfoo\n");
        let refusal = file.read().index.refusal.unwrap().to_string();
        assert!(refusal.ends_with("pip.conf`: line 3 is no setting"), "{refusal}");
        let variable = Setting::new().variable("PIP_no_index", "maybe").read();
        let refusal = variable.index.refusal.unwrap().to_string();
        assert_eq!(refusal, "pip refuses `PIP_no_index`: `no-index` must be yes or no");
        // A blank is a value, and no index.
        assert_eq!(Setting::new().variable("PIP_INDEX_URL", " ").read().index.index_url, "");
    }
}
