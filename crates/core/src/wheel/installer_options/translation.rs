//! pip's settings, as uv is told them.

use std::ffi::OsString;
use std::path::PathBuf;

use super::context::{InstallerContext, InstallerOptions};
use crate::config::variables::{
    ALL_PROXY, CURL_CA_BUNDLE, HTTPS_PROXY, NO_PROXY, PIP_CONFIG_FILE, REQUESTS_CA_BUNDLE, SSL_CERT_FILE, UV,
};
use crate::fs::ini::is_blank;
use crate::wheel::file_options::{FileOptions, Indexes};
use crate::wheel::format_control::FormatControl;
use crate::wheel::not_for_uv::NotForUv;
use crate::wheel::pip_settings::{PipSettings, expand, is_true};
use crate::wheel::pip_values::{self, disputed};
use crate::wheel::uv_settings;

/// Settings that uv cannot express once they have a value.
const NOT_FOR_UV: [&str; 17] = [
    "abi",
    "all-releases",
    "config-settings",
    "editable",
    "global-option",
    "group",
    "implementation",
    "install-option",
    "no-use-pep517",
    "only-final",
    "platform",
    "python-version",
    "refresh-package",
    "report",
    "requirement",
    "requirements-from-script",
    "use-deprecated",
];

/// Switches that uv does not have, or means otherwise.
const SWITCHES_NOT_FOR_UV: [&str; 9] = [
    "check-build-dependencies",
    "force-reinstall",
    "ignore-installed",
    "ignore-requires-python",
    "no-proxy-env",
    "no-require-hashes",
    "only-deps",
    "prefer-binary",
    "upgrade",
];

/// Settings whose value uv is told, so that it has to be text.
const TRANSLATED: [&str; 12] = [
    "build-constraint",
    "cert",
    "client-cert",
    "constraint",
    "extra-index-url",
    "find-links",
    "index-url",
    "no-binary",
    "only-binary",
    "proxy",
    "trusted-host",
    "uploaded-prior-to",
];

/// Variables by which uv is told of indexes.
const INDEXES_OF_UV: [&str; 4] = ["default-index", "index", "index-url", "extra-index-url"];

/// Returns what to tell uv so that it does what pip would do.
pub(super) fn translate(
    settings: &PipSettings,
    context: &InstallerContext<'_>,
    file: &FileOptions,
) -> Result<InstallerOptions, NotForUv> {
    if let Some(key) = not_for_uv(settings) {
        return Err(NotForUv { key });
    }
    let file = &with_constraints(settings, context, file)?;
    let mut uv = Translation { settings, context, file, options: InstallerOptions::default() };
    uv.indexes()?;
    uv.find_links()?;
    uv.connection()?;
    uv.keyring()?;
    uv.choice()?;
    // `--python` is given, and the directory is chosen.
    uv.options.removed.extend(["system-python", "working-dir"].map(|option| UV.variable(option)));
    Ok(uv.options)
}

/// The options of the files of constraints that settings name, which pip reads first, and of the requirements files.
fn with_constraints(
    settings: &PipSettings,
    context: &InstallerContext<'_>,
    file: &FileOptions,
) -> Result<FileOptions, NotForUv> {
    let options_in = |place: &str| {
        if place.contains("://") {
            return FileOptions { is_partial: true, ..FileOptions::default() };
        }
        (context.options_in)(&context.current_dir.join(place))
    };
    // pip hands them on with these files to the process that builds.
    let is_plain = |place: &str| options_in(place).lines.is_empty();
    if !settings.words("build-constraint").into_iter().all(is_plain) {
        return Err(NotForUv { key: "build-constraint" });
    }
    let mut all = FileOptions::default();
    settings.words("constraint").into_iter().for_each(|place| all.extend(options_in(place)));
    all.extend(file.clone());
    Ok(all)
}

/// The setting for which pip has to do the work, if there is one.
fn not_for_uv(settings: &PipSettings) -> Option<&'static str> {
    let unread = settings.unread.then_some(PIP_CONFIG_FILE.name);
    let of_file = |key: &String| TRANSLATED.into_iter().find(|known| known == key).unwrap_or(PIP_CONFIG_FILE.name);
    let unread = unread.or(settings.respelt.as_ref().map(of_file));
    let value = || NOT_FOR_UV.into_iter().find(|key| settings.value(key).is_some());
    let switch = || SWITCHES_NOT_FOR_UV.into_iter().find(|key| settings.is_on(key));
    // pip takes this switch for the one that it turns off.
    let isolation = || "no-build-isolation";
    let is_isolated = settings.value(isolation()).is_none_or(is_true);
    let disputed = || settings.all().find_map(|(key, value)| disputed(key, value));
    let is_broken = |key: &&str| settings.value(key).is_some_and(|value| value.contains('\u{fffd}'));
    let broken = || TRANSLATED.into_iter().find(is_broken);
    unread.or_else(value).or_else(switch).or((!is_isolated).then(isolation)).or_else(disputed).or_else(broken)
}

struct Translation<'a> {
    settings: &'a PipSettings,
    context: &'a InstallerContext<'a>,
    file: &'a FileOptions,
    options: InstallerOptions,
}

impl<'a> Translation<'a> {
    /// pip compares what all indexes offer and takes the best; uv takes the first index that has the name, the default one
    /// last, unless told otherwise. Of equals the one from `index-url` is to win.
    fn indexes(&mut self) -> Result<(), NotForUv> {
        let index = self.one("index-url")?;
        let extra = self.settings.words("extra-index-url").into_iter().map(str::to_owned).collect();
        let is_off = self.settings.is_on("no-index");
        // uv would rather ask what variables say than what the file says.
        let settings = Indexes { index: index.map(str::to_owned), extra, is_off, is_of_file: false };
        let found = settings.with(self.file, self.context.lookup)?;
        if found.is_of_file {
            self.options.removed.extend(INDEXES_OF_UV.map(|option| UV.variable(option)));
        }
        if found.is_off {
            self.argument("--no-index");
            return Ok(());
        }
        if found.is_of_file && uv_settings::has_index(self.context) {
            return Err(NotForUv { key: "--index-url" });
        }
        let has_own = |first, second| !found.is_of_file && (self.has_uv(first) || self.has_uv(second));
        let (has_own_default, has_own_extra) =
            (has_own("default-index", "index-url"), has_own("index", "extra-index-url"));
        let (index, extra) = (found.index, found.extra);
        let (first, last) = match (&index, extra.split_last()) {
            (Some(index), Some((last, others))) if !has_own_default && !has_own_extra => {
                ([std::slice::from_ref(index), others].concat(), Some(last.clone()))
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
        Ok(())
    }

    /// A value in which pip sees no words: a blank within it is a mistake that pip will tell.
    fn one(&self, key: &'static str) -> Result<Option<&'a str>, NotForUv> {
        let value = self.settings.value(key).map(|value| value.trim_start_matches(is_blank));
        match value {
            Some(value) if value.is_empty() || value.contains(is_blank) => Err(NotForUv { key }),
            value => Ok(value),
        }
    }

    fn find_links(&mut self) -> Result<(), NotForUv> {
        let links: Vec<String> =
            self.settings.words("find-links").into_iter().filter_map(|link| self.link(link)).collect();
        let is_of_another = |link: &&str| link.starts_with('~') && !link.starts_with("~/");
        if links.iter().any(|link| link.contains(',')) || self.settings.words("find-links").iter().any(is_of_another) {
            // uv would split the value at a comma, and knows no homes of others.
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

    fn connection(&mut self) -> Result<(), NotForUv> {
        let of_file = self.file.trusted_hosts(self.context.lookup)?;
        for host in self.settings.words("trusted-host").into_iter().chain(of_file.iter().map(String::as_str)) {
            self.option("--allow-insecure-host", host);
        }
        let requests = [REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE].into_iter().find_map(|variable| {
            let value = (self.context.lookup)(variable.name).filter(|value| !value.is_empty())?;
            Some((variable.name, self.context.current_dir.join(value)))
        });
        let cert = self.settings.value("cert").map(|cert| ("cert", self.path(cert))).or(requests);
        let client = self.settings.value("client-cert").map(|cert| ("client-cert", self.path(cert)));
        for (variable, found) in [(SSL_CERT_FILE.name, cert), ("SSL_CLIENT_CERT", client)] {
            // uv passes over a file that is not there, and over a directory; pip takes the one and fails at the other.
            if let Some((key, _)) = found.as_ref().filter(|(_, file)| !file.is_file()) {
                return Err(NotForUv { key });
            }
            if let Some((_, file)) = found {
                self.variable(variable, file);
            }
        }
        if let Some(proxy) = self.one("proxy")? {
            for name in [ALL_PROXY.name, HTTPS_PROXY.name, "HTTP_PROXY"] {
                self.variable(name, proxy);
                self.variable(&name.to_lowercase(), proxy);
            }
            // pip makes no exceptions from a proxy that was set for it alone.
            self.options.removed.extend([NO_PROXY.name.to_owned(), NO_PROXY.name.to_lowercase()]);
        }
        let timeout = self.settings.value("timeout").and_then(pip_values::float);
        if let Some(seconds) = timeout.filter(|seconds| seconds.is_finite() && *seconds > 0.0) {
            self.uv_unless_set("http-timeout", format!("{:.0}", seconds.ceil()));
        }
        let retries = self.settings.value("retries").and_then(pip_values::integer);
        if let Some(retries) = retries.and_then(|number| u32::try_from(number).ok()) {
            self.uv_unless_set("http-retries", retries.to_string());
        }
        if self.settings.words("use-feature").contains(&"truststore") {
            // The two names that uv has given to it.
            self.uv("native-tls", "1");
            self.uv("system-certs", "1");
        }
        Ok(())
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
    fn choice(&mut self) -> Result<(), NotForUv> {
        for (key, option) in [("constraint", "--constraint"), ("build-constraint", "--build-constraints")] {
            for file in self.settings.words(key) {
                self.option(option, file);
            }
        }
        let formats = FormatControl::read(self.settings.all());
        if let Some(key) = formats.not_for_uv() {
            return Err(NotForUv { key });
        }
        for (option, packages) in [("--no-binary", formats.no_binary), ("--only-binary", formats.only_binary)] {
            for package in &packages {
                self.option(option, package);
            }
        }
        if let Some(time) = self.settings.value("uploaded-prior-to") {
            // Of a day alone uv takes the end, and pip the beginning.
            if !time.contains(['T', 'P']) {
                return Err(NotForUv { key: "uploaded-prior-to" });
            }
            self.option("--exclude-newer", time);
        }
        if self.settings.is_on("pre") {
            self.option("--prerelease", "allow");
        }
        if self.settings.is_on("no-deps") {
            self.argument("--no-deps");
        }
        if self.settings.is_on("require-hashes") || self.file.requires_hashes() {
            self.argument("--require-hashes");
        }
        Ok(())
    }

    fn path(&self, path: &str) -> PathBuf {
        expand(path, self.context.home, self.context.current_dir)
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
