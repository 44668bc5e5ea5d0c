//! What pip answers to `--report`, as packages with their files.

use serde::Deserialize;

use super::offer::{Offer, OfferError, Remote, Source, name_in, place_of};
use super::wheel_name::WheelName;
use crate::env::packages::normalized;

#[derive(Deserialize)]
struct Report {
    install: Vec<Installed>,
}

#[derive(Deserialize)]
struct Installed {
    download_info: DownloadInfo,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct DownloadInfo {
    url: String,
    archive_info: Option<ArchiveInfo>,
    vcs_info: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct ArchiveInfo {
    hash: Option<String>,
    #[serde(default)]
    hashes: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    version: String,
}

/// Reads what pip has answered to `--report`.
pub fn of_report(text: &str) -> Result<Vec<Offer>, OfferError> {
    let report: Report = serde_json::from_str(text).map_err(|error| OfferError::Report(error.to_string()))?;
    Ok(report.install.into_iter().map(Installed::offer).collect())
}

impl Installed {
    fn offer(self) -> Offer {
        let DownloadInfo { url, archive_info, vcs_info } = self.download_info;
        let file = name_in(&url).unwrap_or_default();
        let is_wheel = WheelName::parse(&file).is_some();
        let source = match archive_info {
            _ if vcs_info.is_some() => Some(Source::Repository),
            None => Some(Source::Directory),
            Some(_) if !is_wheel => Some(Source::Archive),
            Some(_) => None,
        };
        let old = || archive_info.as_ref()?.hash.as_deref()?.strip_prefix("sha256=").map(str::to_owned);
        let new = || archive_info.as_ref()?.hashes.get("sha256").cloned();
        let sha256 = new().or_else(old).unwrap_or_default().to_ascii_lowercase();
        let wheels =
            if source.is_none() { vec![Remote { file, place: place_of(&url), sha256, size: None }] } else { vec![] };
        Offer {
            key: normalized(&self.metadata.name),
            version: Some(self.metadata.version),
            wheels,
            source,
            refused: Vec::new(),
        }
    }
}
