//! How servers are reached, and who the user is there.

use std::path::Path;
use std::process::{Command, Stdio};

use venvwrap_core::wheel::credentials_of::{self, Keyring};
use venvwrap_core::wheel::installer_options::InstallerContext;
use venvwrap_core::wheel::pip_config::PipConfig;
use venvwrap_core::wheel::{Credentials, IndexSettings};

use crate::process::{self, Process, on_path};

/// Reads the settings of pip and uv, and addresses in lines of requirements.
pub(crate) fn read(process: &Process, env: &Path, options: &[String]) -> (IndexSettings, Credentials) {
    let home = process.config.home.as_deref();
    let context = InstallerContext { lookup: &process::lookup, home, env, current_dir: &process.cwd };
    let (mut credentials, keyring) = credentials_of::known(&context);
    for word in options.iter().flat_map(|option| option.split([' ', '='])).filter(|word| word.contains("://")) {
        credentials.add_address(word);
    }
    if keyring == Keyring::Asked && on_path("keyring").is_some() {
        credentials.or_ask(Box::new(ask_keyring));
    }
    (PipConfig::read(process::lookup, home, &process.cwd).index, credentials)
}

/// Asks `keyring` as pip and uv do: for the address, then for its host.
fn ask_keyring(address: &str, user: Option<&str>) -> Option<(String, String)> {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest).split('/').next()?;
    [address, host].into_iter().find_map(|place| {
        if let Some(user) = user {
            return keyring(&["get", place, user]).map(|password| (user.to_owned(), password));
        }
        let answer = keyring(&["--mode", "creds", "get", place])?;
        let (user, password) = answer.split_once('\n')?;
        Some((user.to_owned(), password.to_owned()))
    })
}

fn keyring(arguments: &[&str]) -> Option<String> {
    let output = Command::new("keyring").args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(text.trim_end_matches(['\r', '\n']).to_owned()).filter(|text| !text.is_empty())
}
