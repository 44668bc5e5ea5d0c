//! How servers are reached, and who the user is there.

use std::path::Path;
use std::process::{Command, Stdio};

use venvwrap_core::wheel::credentials_of::{self, Keyring};
use venvwrap_core::wheel::pip_config::PipConfig;
use venvwrap_core::wheel::{Credentials, IndexSettings};

use crate::process::{self, Process, on_path};

/// Reads the settings of pip and uv, and addresses in lines of requirements.
pub(crate) fn read(process: &Process, env: &Path, options: &[String]) -> (IndexSettings, Credentials) {
    let home = process.config.home.as_deref();
    let context = process.installer_context(env, &process.cwd);
    let (mut credentials, keyring) = credentials_of::known(&context);
    options.iter().filter_map(|option| address_in(option)).for_each(|address| credentials.add_address(&address));
    if keyring == Keyring::Asked && on_path("keyring").is_some() {
        credentials.or_ask(Box::new(ask_keyring));
    }
    (PipConfig::read(&process::names, &process::lookup, home, &process.cwd).index, credentials)
}

/// The address in a line such as `--index-url=https://user:${TOKEN}@host`, as pip reads it.
fn address_in(option: &str) -> Option<String> {
    let (scheme, rest) = option.split_once("://")?;
    let scheme = scheme.rsplit([' ', '\t', '=']).next()?;
    let rest = rest.split_whitespace().next()?;
    let mut address = format!("{scheme}://");
    let mut parts = rest.split("${");
    address.push_str(parts.next()?);
    for part in parts {
        let value =
            part.split_once('}').and_then(|(name, after)| Some((process::lookup(name)?.into_string().ok()?, after)));
        match value {
            Some((value, after)) => address.extend([value.as_str(), after]),
            None => address.extend(["${", part]),
        }
    }
    Some(address)
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

#[cfg(test)]
mod tests {
    use super::address_in;

    #[test]
    fn the_address_of_an_option_is_taken_as_it_is() {
        for (option, address) in [
            ("--index-url https://a:b=c@host/simple", Some("https://a:b=c@host/simple")),
            ("--extra-index-url=https://a:b@host/x?y=z", Some("https://a:b@host/x?y=z")),
            ("-i\thttps://a:${NO_SUCH_VARIABLE_1}@host", Some("https://a:${NO_SUCH_VARIABLE_1}@host")),
            ("-i https://${@host", Some("https://${@host")),
            ("--pre", None),
        ] {
            assert_eq!(address_in(option).as_deref(), address, "{option}");
        }
        let path = crate::process::lookup("PATH").unwrap().into_string().unwrap();
        assert_eq!(address_in("-i https://${PATH}@host"), Some(format!("https://{path}@host")));
    }
}
