//! Choosing the best wheel that an index offers, and downloading it.

use std::path::{Path, PathBuf};

use pep440_rs::Version;
use sha2::{Digest, Sha256};

use super::error::IndexError;
use super::page::{Link, links};
use super::transport::{Transport, host};
use crate::fs::hex::hex;
use crate::fs::{read_limited, replace_file};
use crate::wheel::archive::MAX_WHEEL;
use crate::wheel::request::{Event, IndexSettings, SeedRequest};
use crate::wheel::sources::Candidate;
use crate::wheel::{metadata, safe_path, sources};

/// Downloads the newest wheel that serves the request into a directory.
pub(in crate::wheel) fn download(
    request: &SeedRequest,
    settings: &IndexSettings,
    python: &Version,
    directory: &Path,
    events: &mut dyn FnMut(Event),
) -> Result<Candidate, IndexError> {
    let transport = Transport::new(settings)?;
    let (link, version) = choose(request, settings, python, &transport, events)?;
    Ok(Candidate { path: fetched(&transport, &link, directory, events)?, version })
}

/// Does so if that wheel is newer than this version.
pub(in crate::wheel) fn download_newer(
    request: &SeedRequest,
    settings: &IndexSettings,
    python: &Version,
    than: Option<&Version>,
    directory: &Path,
) -> Result<Option<Candidate>, IndexError> {
    let transport = Transport::new(settings)?;
    let (link, version) = choose(request, settings, python, &transport, &mut |_| ())?;
    if than.is_some_and(|than| version <= *than) {
        return Ok(None);
    }
    Ok(Some(Candidate { path: fetched(&transport, &link, directory, &mut |_| ())?, version }))
}

/// The path of a file that an index offers, downloaded unless it is there already.
fn fetched(
    transport: &Transport<'_>,
    link: &Link,
    directory: &Path,
    events: &mut dyn FnMut(Event),
) -> Result<PathBuf, IndexError> {
    let path = directory.join(&link.file);
    if !is_there(&path, &link.sha256) {
        fetch(transport, link, &path, events)?;
    }
    Ok(path)
}

fn choose(
    request: &SeedRequest,
    settings: &IndexSettings,
    python: &Version,
    transport: &Transport<'_>,
    events: &mut dyn FnMut(Event),
) -> Result<(Link, Version), IndexError> {
    let mut best: Option<(Link, Version)> = None;
    let mut failure = None;
    for index in std::iter::once(&settings.index_url).chain(&settings.extra_index_urls) {
        events(Event::AskingIndex { project: request.project, host: host(index).to_owned() });
        let url = format!("{}/{}/", index.trim_end_matches('/'), request.project);
        match transport.page(&url).and_then(|page| links(&page).ok_or_else(|| page_error(&url))) {
            Ok(links) => best = best_of(best, links, request, python),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    best.ok_or_else(|| failure.unwrap_or_else(|| not_offered(request, settings, python)))
}

fn best_of(
    best: Option<(Link, Version)>,
    links: Vec<Link>,
    request: &SeedRequest,
    python: &Version,
) -> Option<(Link, Version)> {
    links.into_iter().fold(best, |best, link| match fitting_version(&link, request, python) {
        Some(version) if best.as_ref().is_none_or(|(_, newest)| version > *newest) => Some((link, version)),
        _ => best,
    })
}

/// The version of an offered file, if it is a wheel that serves the request.
fn fitting_version(link: &Link, request: &SeedRequest, python: &Version) -> Option<Version> {
    let name = metadata::WheelName::parse(&link.file)?;
    let is_final = request.version.is_some() || !name.version.any_prerelease();
    let fits = !link.is_yanked
        && is_final
        && safe_path::is_component(&link.file)
        && sources::serves(request, &name)
        && metadata::admits(link.requires_python.as_deref(), python);
    fits.then_some(name.version)
}

fn is_there(path: &Path, sha256: &str) -> bool {
    read_limited(path, MAX_WHEEL).is_ok_and(|content| hex(&Sha256::digest(content)) == sha256)
}

fn fetch(transport: &Transport<'_>, link: &Link, path: &Path, events: &mut dyn FnMut(Event)) -> Result<(), IndexError> {
    let mut progress = |received, size| events(Event::Downloading { file: link.file.clone(), received, size });
    let content = transport.file(&link.url, MAX_WHEEL, &mut progress)?;
    if hex(&Sha256::digest(&content)) != link.sha256 {
        return Err(IndexError::Checksum { file: link.file.clone(), host: host(&link.url).to_owned() });
    }
    Ok(replace_file(path, &content, 0o600)?)
}

fn page_error(url: &str) -> IndexError {
    IndexError::Page { host: host(url).to_owned() }
}

fn not_offered(request: &SeedRequest, settings: &IndexSettings, python: &Version) -> IndexError {
    let version = request.version.as_ref().map(|version| format!("=={version}")).unwrap_or_default();
    IndexError::NotOffered {
        host: host(&settings.index_url).to_owned(),
        wanted: format!("{}{version}", request.project),
        python: python.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;
    use crate::wheel::Project;

    fn link(file: &str) -> Link {
        Link {
            file: file.into(),
            url: format!("https://files.example/{file}"),
            sha256: "0".repeat(64),
            requires_python: None,
            is_yanked: false,
        }
    }

    fn newest(links: Vec<Link>, version: Option<&str>) -> Option<String> {
        let request = SeedRequest { project: Project::Pip, version: version.map(str::to_owned) };
        best_of(None, links, &request, &Version::from_str("3.9.1").unwrap()).map(|(link, _)| link.file)
    }

    #[test]
    fn the_newest_wheel_that_fits_is_chosen() {
        let mut yanked = link("pip-25.1-py3-none-any.whl");
        yanked.is_yanked = true;
        let mut too_new = link("pip-26.3-py3-none-any.whl");
        too_new.requires_python = Some(">=3.10".into());
        let other =
            ["pip-9.0-py3-none-any.whl", "pip-25.0-py3-none-any.whl", "pip-25.2b1-py3-none-any.whl", "pip-25.0.tar.gz"];
        let mut links: Vec<Link> = other.into_iter().map(link).collect();
        links.extend([yanked, too_new, link("../pip-30-py3-none-any.whl")]);
        assert_eq!(newest(links.clone(), None).unwrap(), "pip-25.0-py3-none-any.whl");
        assert_eq!(newest(links.clone(), Some("25.2b1")).unwrap(), "pip-25.2b1-py3-none-any.whl");
        assert_eq!(newest(links, Some("26.3")), None);
    }
}
