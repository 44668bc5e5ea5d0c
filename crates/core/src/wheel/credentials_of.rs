//! Who the user is at the servers that pip's and uv's settings name.

use super::index::Credentials;
use super::installer_options::InstallerContext;
use super::pip_settings::{Command, PipSettings, Places, SYSTEM, expand};
use super::uv_settings;
use crate::config::variables::NETRC;
use crate::fs::read_limited;

/// The largest file with passwords.
const MAX_NETRC: u64 = 1 << 20;

/// Whether passwords are in a keyring that `keyring` can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyring {
    /// It is not used.
    Unused,
    /// It is asked.
    Asked,
}

/// Reads the settings of pip and uv, and `~/.netrc`.
pub fn known(context: &InstallerContext<'_>) -> (Credentials, Keyring) {
    let InstallerContext { names, lookup, home, env, current_dir, .. } = *context;
    let places = Places { system: SYSTEM, names, lookup, home, env: Some(env), current_dir, without: &[] };
    // Where pip refuses them, no server is asked: nobody has to be known there.
    let settings = PipSettings::read(Command::Install, &places).unwrap_or_default();
    let mut found = Credentials::default();
    let by_uv = uv_settings::learn(context, &mut found);
    for key in ["extra-index-url", "find-links", "index-url"] {
        settings.words(key).into_iter().for_each(|address| found.add_address(address));
    }
    let text = |name: &str| (context.lookup)(name).and_then(|value| value.into_string().ok());
    let named = text(NETRC.name).map(|path| expand(&path, context.home, context.current_dir));
    // pip takes the first that exists, on every system.
    let own = |name| context.home.map(|home| home.join(name)).filter(|file| file.exists());
    let file = named.or_else(|| own(".netrc")).or_else(|| own("_netrc"));
    if let Some(content) = file.and_then(|file| read_limited(&file, MAX_NETRC).ok()) {
        found.add_netrc(&String::from_utf8_lossy(&content));
    }
    let by_pip = settings.value("keyring-provider").is_some_and(|provider| provider == "subprocess");
    (found, if by_uv || by_pip { Keyring::Asked } else { Keyring::Unused })
}
