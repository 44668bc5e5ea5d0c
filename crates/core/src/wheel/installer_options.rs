//! What uv or pip is to be told, so that both install from where pip's settings say, and into the environment.
//!
//! uv reads none of pip's settings. Left alone it would ask the public index for packages of a company's own: whoever
//! publishes the name there first is installed.

#[cfg(test)]
mod tests;

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::pip_settings::{Command, PipSettings, Places, SYSTEM, expand};
use crate::config::variables::{
    ALL_PROXY, CURL_CA_BUNDLE, HTTPS_PROXY, NO_PROXY, PIP, REQUESTS_CA_BUNDLE, SSL_CERT_FILE, UV,
};

/// What is changed about a call of an installer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InstallerOptions {
    /// Arguments to add after `install`.
    pub arguments: Vec<OsString>,
    /// Variables to set. Addresses may hold passwords, which everybody could read among the arguments.
    pub variables: Vec<(String, OsString)>,
    /// Variables to take away.
    pub removed: Vec<String>,
}

/// uv has no option for a setting of pip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("uv has nothing like pip's setting `{key}`")]
pub struct NotForUv {
    /// The key of the setting.
    pub key: &'static str,
}

/// Whom the installer works for.
#[derive(Clone, Copy)]
pub struct InstallerContext<'a> {
    /// The variables.
    pub lookup: &'a dyn Fn(&str) -> Option<OsString>,
    /// The user's home directory.
    pub home: Option<&'a Path>,
    /// The environment to install into.
    pub env: &'a Path,
    /// The directory in which the installer runs.
    pub current_dir: &'a Path,
}

/// Settings that decide where packages come from, or which of them.
const FROM: [&str; 23] = [
    "build-constraint",
    "cert",
    "client-cert",
    "constraint",
    "default-timeout",
    "extra-index-url",
    "find-links",
    "index-url",
    "keyring-provider",
    "no-binary",
    "no-dependencies",
    "no-deps",
    "no-index",
    "only-binary",
    "pre",
    "proxy",
    "pypi-url",
    "require-hashes",
    "retries",
    "timeout",
    "trusted-host",
    "uploaded-prior-to",
    "use-feature",
];

/// Settings that uv cannot express: those that count once they have a value, and switches.
const NOT_FOR_UV: [&str; 8] = [
    "all-releases",
    "config-settings",
    "editable",
    "global-option",
    "no-build-isolation",
    "only-final",
    "requirement",
    "use-deprecated",
];
const SWITCHES_NOT_FOR_UV: [&str; 2] = ["ignore-requires-python", "prefer-binary"];

/// Settings that decide where packages go. The environment is where they go.
const TO: [&str; 7] = ["dry-run", "prefix", "python", "require-virtualenv", "root", "target", "user"];

/// Returns what to tell uv.
pub fn for_uv(context: &InstallerContext<'_>) -> Result<InstallerOptions, NotForUv> {
    for_uv_in(SYSTEM, context)
}

/// Returns what to tell pip, which reads its settings itself: where packages go is not for them to decide.
pub fn for_pip(context: &InstallerContext<'_>) -> InstallerOptions {
    for_pip_in(SYSTEM, context)
}

fn for_uv_in(system: &[&str], context: &InstallerContext<'_>) -> Result<InstallerOptions, NotForUv> {
    let keys = [&FROM[..], &NOT_FOR_UV, &SWITCHES_NOT_FOR_UV].concat();
    translate(&PipSettings::read(Command::Install, &keys, &places(system, context)), context)
}

fn for_pip_in(system: &[&str], context: &InstallerContext<'_>) -> InstallerOptions {
    let settings = PipSettings::read(Command::Install, &[], &places(system, context));
    let mut options = InstallerOptions { removed: removed_from_pip(), ..InstallerOptions::default() };
    let mut add = |words: &[&dyn AsRef<OsStr>]| {
        options.arguments.extend(words.iter().map(|word| word.as_ref().to_os_string()));
    };
    // A variable cannot take back what a file says: an empty one counts as unset.
    if settings.in_files("user").is_some() {
        add(&[&"--no-user"]);
    }
    if settings.in_files("target").is_some() {
        add(&[&"--target", &""]);
    }
    if settings.in_files("prefix").is_some() {
        add(&[&"--prefix", &context.env]);
    }
    if settings.in_files("root").is_some() {
        add(&[&"--root", &"/"]);
    }
    if settings.in_files("python").is_some() {
        add(&[&"--python", &context.env.join("bin/python")]);
    }
    options
}

/// The variables of pip that decide where packages go; they mean nothing to an environment.
pub fn removed_from_pip() -> Vec<String> {
    TO.iter().map(|key| PIP.variable(key)).collect()
}

fn places<'a>(system: &'a [&'a str], context: &InstallerContext<'a>) -> Places<'a> {
    Places { system, lookup: context.lookup, home: context.home, env: Some(context.env) }
}

fn translate(settings: &PipSettings, context: &InstallerContext<'_>) -> Result<InstallerOptions, NotForUv> {
    let unknown = NOT_FOR_UV.iter().find(|key| settings.value(key).is_some());
    if let Some(key) = unknown.or_else(|| SWITCHES_NOT_FOR_UV.iter().find(|key| settings.is_on(key))) {
        return Err(NotForUv { key });
    }
    let mut uv = Translation { settings, context, options: InstallerOptions::default() };
    uv.indexes();
    uv.find_links()?;
    uv.connection();
    uv.keyring()?;
    uv.choice();
    // `--python` is given, and the directory is chosen.
    uv.options.removed.extend(["system-python", "working-dir"].map(|option| UV.variable(option)));
    Ok(uv.options)
}

struct Translation<'a> {
    settings: &'a PipSettings,
    context: &'a InstallerContext<'a>,
    options: InstallerOptions,
}

impl Translation<'_> {
    /// pip compares what all indexes offer and takes the best; uv takes the first index that has the name, the default one
    /// last, unless told otherwise. Of equals the one from `index-url` is to win.
    fn indexes(&mut self) {
        let index = self.settings.value("index-url").or_else(|| self.settings.value("pypi-url"));
        let extra = self.settings.words("extra-index-url");
        if self.settings.is_on("no-index") {
            self.argument("--no-index");
            return;
        }
        let has_own_default = self.has_uv("default-index") || self.has_uv("index-url");
        let has_own_extra = self.has_uv("index") || self.has_uv("extra-index-url");
        let (first, last) = match (index, extra.split_last()) {
            (Some(index), Some((last, others))) if !has_own_default && !has_own_extra => {
                ([&[index], others].concat(), Some(*last))
            }
            _ => (extra, index),
        };
        if let Some(last) = last.filter(|_| !has_own_default) {
            self.uv("index-url", last);
        }
        if !first.is_empty() && !has_own_extra {
            self.uv("extra-index-url", first.join(" "));
            self.uv_unless_set("index-strategy", "unsafe-best-match");
        }
    }

    fn find_links(&mut self) -> Result<(), NotForUv> {
        let links: Vec<String> =
            self.settings.words("find-links").into_iter().filter_map(|link| self.link(link)).collect();
        if links.iter().any(|link| link.contains(',')) {
            // uv would split the value there.
            return Err(NotForUv { key: "find-links" });
        }
        if !links.is_empty() {
            let own = (self.context.lookup)(&UV.variable("find-links")).and_then(|own| own.into_string().ok());
            let links = own.filter(|own| !own.is_empty()).into_iter().chain(links).collect::<Vec<_>>();
            self.uv("find-links", links.join(","));
        }
        Ok(())
    }

    /// A place with links to packages as uv takes it; none where pip would only warn that there is no such place.
    fn link(&self, link: &str) -> Option<String> {
        let local = link.strip_prefix("file://").unwrap_or(link);
        if local.contains("://") || (link != local && local.contains('%')) {
            return Some(link.to_owned());
        }
        let path = expand(local, self.context.home, self.context.current_dir);
        path.exists().then(|| path.to_string_lossy().into_owned())
    }

    fn connection(&mut self) {
        for host in self.settings.words("trusted-host") {
            self.option("--allow-insecure-host", host);
        }
        let requests = [REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE]
            .into_iter()
            .find_map(|variable| (self.context.lookup)(variable.name).filter(|value| !value.is_empty()));
        let cert = self.settings.value("cert").map(|cert| self.path(cert)).or(requests);
        if let Some(cert) = cert {
            self.variable(SSL_CERT_FILE.name, cert);
        }
        if let Some(cert) = self.settings.value("client-cert") {
            self.variable("SSL_CLIENT_CERT", self.path(cert));
        }
        if let Some(proxy) = self.settings.value("proxy") {
            for name in [ALL_PROXY.name, HTTPS_PROXY.name, "HTTP_PROXY"] {
                self.variable(name, proxy);
                self.variable(&name.to_lowercase(), proxy);
            }
            // pip makes no exceptions from a proxy that was set for it alone.
            self.options.removed.extend([NO_PROXY.name.to_owned(), NO_PROXY.name.to_lowercase()]);
        }
        let timeout = self.settings.value("timeout").or_else(|| self.settings.value("default-timeout"));
        if let Some(seconds) = timeout.and_then(|text| text.parse::<f64>().ok()).filter(|seconds| *seconds > 0.0) {
            self.uv_unless_set("http-timeout", format!("{:.0}", seconds.ceil()));
        }
        if let Some(retries) = self.settings.value("retries").filter(|text| text.parse::<u32>().is_ok()) {
            self.uv_unless_set("http-retries", retries);
        }
        if self.settings.words("use-feature").contains(&"truststore") {
            // The two names that uv has given to it.
            self.uv("native-tls", "1");
            self.uv("system-certs", "1");
        }
    }

    fn keyring(&mut self) -> Result<(), NotForUv> {
        match self.settings.value("keyring-provider") {
            None => {}
            Some("disabled") => self.uv_unless_set("keyring-provider", "disabled"),
            Some("subprocess" | "auto") => self.uv_unless_set("keyring-provider", "subprocess"),
            Some(_) => return Err(NotForUv { key: "keyring-provider" }),
        }
        Ok(())
    }

    /// Which of the packages that are offered.
    fn choice(&mut self) {
        for (key, option) in [("constraint", "--constraint"), ("build-constraint", "--build-constraints")] {
            for file in self.settings.words(key) {
                self.option(option, file);
            }
        }
        for (key, option) in [("no-binary", "--no-binary"), ("only-binary", "--only-binary")] {
            for packages in self.settings.words(key) {
                self.option(option, packages);
            }
        }
        if let Some(time) = self.settings.value("uploaded-prior-to") {
            self.option("--exclude-newer", time);
        }
        if self.settings.is_on("pre") {
            self.option("--prerelease", "allow");
        }
        if self.settings.is_on("no-deps") || self.settings.is_on("no-dependencies") {
            self.argument("--no-deps");
        }
        if self.settings.is_on("require-hashes") {
            self.argument("--require-hashes");
        }
    }

    fn path(&self, path: &str) -> OsString {
        expand(path, self.context.home, self.context.current_dir).into_os_string()
    }

    /// Returns whether the user has told uv itself, by its own variable.
    fn has_uv(&self, option: &str) -> bool {
        (self.context.lookup)(&UV.variable(option)).is_some_and(|value| !value.is_empty())
    }

    fn argument(&mut self, argument: &str) {
        self.options.arguments.push(argument.into());
    }

    /// One word, so that a value with a leading dash is no option.
    fn option(&mut self, option: &str, value: &str) {
        self.argument(&format!("{option}={value}"));
    }

    fn variable(&mut self, name: &str, value: impl Into<OsString>) {
        self.options.variables.push((name.to_owned(), value.into()));
    }

    fn uv(&mut self, option: &str, value: impl Into<OsString>) {
        self.variable(&UV.variable(option), value);
    }

    fn uv_unless_set(&mut self, option: &str, value: impl Into<OsString>) {
        if !self.has_uv(option) {
            self.uv(option, value);
        }
    }
}
