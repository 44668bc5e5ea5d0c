//! What pip's settings say about where packages come from, for others who have to be told.

use std::path::PathBuf;

use super::installer_options::InstallerContext;
use super::pip_refusal::PipRefusal;
use super::pip_settings::{Command, PipSettings, Places, SYSTEM, expand, last_file};
use crate::config::variables::{CURL_CA_BUNDLE, REQUESTS_CA_BUNDLE};

/// The index that everybody has.
const PUBLIC: &str = "https://pypi.org/simple";

/// Where packages come from on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageSources {
    /// Whether there is an index besides the public one.
    pub has_own_index: bool,
    /// Whether there are directories or pages with archives.
    pub has_links: bool,
    /// The certificates of those who sign for servers.
    pub certificate: Option<PathBuf>,
    /// The file of settings that counts most.
    pub file: Option<PathBuf>,
}

/// Reads pip's settings.
pub fn package_sources(context: &InstallerContext<'_>) -> Result<PackageSources, PipRefusal> {
    package_sources_in(SYSTEM, context)
}

fn package_sources_in(system: &[&str], context: &InstallerContext<'_>) -> Result<PackageSources, PipRefusal> {
    let InstallerContext { names, lookup, home, env, current_dir, .. } = *context;
    let places = Places { system, names, lookup, home, env: Some(env), current_dir, without: &[] };
    let settings = PipSettings::read(Command::Install, &places)?;
    let is_public = |url: &&str| url.trim_end_matches('/') == PUBLIC;
    let indexes = ["extra-index-url", "index-url"].iter().flat_map(|key| settings.words(key));
    let variable = |name| (context.lookup)(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let certificate = settings.value("cert").map(|path| expand(path, context.home, context.current_dir));
    Ok(PackageSources {
        has_own_index: indexes.filter(|url| !is_public(url)).count() > 0,
        has_links: !settings.words("find-links").is_empty(),
        certificate: certificate.or_else(|| variable(REQUESTS_CA_BUNDLE.name).or(variable(CURL_CA_BUNDLE.name))),
        file: last_file(&places),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_and_variables_are_looked_at() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(".config/pip/pip.conf");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let read = |content: &str, variable: Option<(&str, &str)>| {
            std::fs::write(&file, content).unwrap();
            let lookup = |name: &str| variable.filter(|(own, _)| *own == name).map(|(_, value)| value.into());
            let (env, current_dir) = (home.path(), home.path());
            let names = || variable.iter().map(|(own, _)| own.into()).collect();
            let home = Some(home.path());
            let options_in = |_: &std::path::Path| crate::wheel::file_options::FileOptions::default();
            let (names, lookup, options_in) = (&names, &lookup, &options_in);
            let context = InstallerContext { names, lookup, options_in, home, env, current_dir };
            package_sources_in(&[], &context).unwrap()
        };
        let plain = read("[global]\nindex-url = https://pypi.org/simple/\n", None);
        assert_eq!(plain, PackageSources { file: Some(file.clone()), ..PackageSources::default() });
        let own = read("[install]\nextra-index-url = https://pypi.org/simple\n  https://x/y\ncert = ~/ca.pem\n", None);
        assert!(own.has_own_index && !own.has_links);
        assert_eq!(own.certificate, Some(home.path().join("ca.pem")));
        assert!(read("", Some(("PIP_INDEX_URL", "https://x/y"))).has_own_index);
        assert!(read("[global]\nfind-links = /x\n", None).has_links);
        assert_eq!(read("", Some(("REQUESTS_CA_BUNDLE", "/c"))).certificate, Some("/c".into()));
    }
}
