//! The packages of an environment on another machine, asked for by ssh.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use venvwrap_core::env::name::EnvName;
use venvwrap_core::pack::host::{self, Host};
use venvwrap_core::shell::quote;

use super::ssh;
use crate::error::{Explain, Result, quoted};

/// What the other machine runs, after lines that say which environment, by its name or by its directory. Without this
/// program there, the Python of the environment is asked, with pip or without. The shell must not read on in its input,
/// which is this script. The answer follows a line that no greeting of a login shell has.
const SCRIPT: &str = r#"
printf '\nvenvwrap-freeze\n'
unset CDPATH
case $dir in '~/'*) dir=$HOME/${dir#'~/'} ;; esac
if command -v venvwrap >/dev/null 2>&1; then
  if [ -z "$dir" ]; then
    if [ -f "./$name/pyvenv.cfg" ] && ! venvwrap path -- "$name" </dev/null >/dev/null 2>&1; then
      printf '%s is a directory, not the name of an environment\n' "$name" >&2
      exit 125
    fi
    exec venvwrap freeze -- "$name" </dev/null
  fi
  if [ -f "$dir/pyvenv.cfg" ]; then
    cd -- "$dir" && cd .. && WORKON_HOME=$(pwd -P) && export WORKON_HOME || exit 1
    exec venvwrap freeze -- "$name" </dev/null
  fi
fi
python=${dir:-${WORKON_HOME:-$HOME/.virtualenvs}/$name}/bin/python
if [ ! -x "$python" ]; then
  if [ -n "$dir" ]; then printf 'there is no %s\n' "$python" >&2; exit 126; fi
  printf 'there is no venvwrap and no %s\n' "$python" >&2
  exit 127
fi
if "$python" -c 'import pip' </dev/null >/dev/null 2>&1; then exec "$python" -m pip freeze </dev/null; fi
exec "$python" -c '
import importlib.metadata, sys
left_out = ["pip"] if sys.version_info >= (3, 12) else ["pip", "setuptools", "wheel", "distribute"]
for found in importlib.metadata.distributions():
    if found.metadata["Name"].lower() not in left_out:
        print(found.metadata["Name"] + "==" + found.version)
' </dev/null
"#;

/// The statuses of the script where there is no environment of this name for want of a store, none in the directory, or
/// one in a directory of this name.
const NO_STORE: i32 = 127;
const NO_DIRECTORY: i32 = 126;
const IS_DIRECTORY: i32 = 125;

/// What stands before the answer.
const MARK: &[u8] = b"\nvenvwrap-freeze\n";

/// An environment on another machine: `HOST:NAME`, or `HOST:DIR` with a slash in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    host: Host,
    name: EnvName,
    /// Where it is, if not in the store: absolute, after `~/`, or from the home directory.
    directory: Option<PathBuf>,
}

/// Why another machine said nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RemoteError {
    /// ssh would take it for an option, or it is no name.
    #[error("`{}` is not the name of a host", .0.display())]
    Host(OsString),
    /// ssh cannot be started.
    #[error("could not run `ssh`")]
    Start(#[source] io::Error),
    /// Whatever ran there was not the script.
    #[error("`{0}` gave no usable answer")]
    NoAnswer(Host),
    /// ssh or the command there has failed and said why.
    #[error("could not list the packages of `{name}` on `{host}`")]
    Failed {
        /// The host.
        host: Host,
        /// The environment.
        name: EnvName,
        /// The directory that was named.
        directory: Option<PathBuf>,
        /// How it ended.
        status: Option<i32>,
    },
}

impl Explain for RemoteError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Host(_) => Some("it is `HOST:NAME` or `HOST:/DIR`, where HOST is what `ssh` takes".into()),
            Self::NoAnswer(host) => Some(ssh::must_answer(host)),
            Self::Start(_) => Some("install an ssh client, or run `venvwrap freeze` there and compare the file".into()),
            Self::Failed { host, status: Some(ssh::FAILED), .. } => Some(ssh::must_connect(host)),
            Self::Failed { host, directory: Some(_), status: Some(NO_DIRECTORY), .. } => {
                Some(format!("name the directory of an environment there: `{host}:/DIR`"))
            }
            Self::Failed { directory: Some(_), .. } => None,
            Self::Failed { host, name, status: Some(IS_DIRECTORY), .. } => {
                Some(format!("`{host}:./{}` is the environment in that directory", quoted(name)))
            }
            Self::Failed { host, status: Some(NO_STORE), .. } => {
                Some(format!("name its directory there: `{host}:/DIR/NAME`"))
            }
            Self::Failed { host, .. } => Some(format!("`{} venvwrap list` shows what is there", ssh::call(host))),
        }
    }
}

impl Place {
    /// Takes an argument apart; none if it names no other machine: there is no colon, or a `/` before it.
    pub(crate) fn parse(argument: &OsStr) -> Option<Result<Self>> {
        let bytes = argument.as_bytes();
        // What is after the colon need not be a text.
        let at = bytes.iter().position(|&byte| byte == b'/').unwrap_or(bytes.len());
        let text = bytes[..at].utf8_chunks().next().map_or("", |chunk| chunk.valid());
        let (host, name) = match host::split(text)? {
            (host, Some(_)) => (host, OsStr::from_bytes(&bytes[host.len() + 1..])),
            _ => return None,
        };
        if host.is_empty() || name.as_bytes().starts_with(b"//") {
            return None;
        }
        let Some(host) = Host::parse(host.as_ref()) else { return Some(Err(RemoteError::Host(host.into()).into())) };
        let (directory, name) = if name.as_bytes().contains(&b'/') {
            let path = Path::new(name);
            (Some(path.to_path_buf()), path.file_name().unwrap_or_default())
        } else {
            (None, name)
        };
        Some(EnvName::typed(name).map(|name| Self { host, name, directory }).map_err(Into::into))
    }

    /// Returns the packages as lines of a requirements file.
    pub(crate) fn freeze(&self) -> Result<Vec<u8>> {
        let output = ssh::run_script(&self.host, &self.script()).map_err(RemoteError::Start)?;
        if !output.status.success() {
            let (host, name, directory) = (self.host.clone(), self.name.clone(), self.directory.clone());
            return Err(RemoteError::Failed { host, name, directory, status: output.status.code() }.into());
        }
        let answer = answer(&output.stdout).map(<[u8]>::to_vec);
        answer.ok_or_else(|| RemoteError::NoAnswer(self.host.clone()).into())
    }

    fn script(&self) -> Vec<u8> {
        let name = quote::posix(self.name.as_os_str().as_bytes());
        let directory = self.directory.as_deref().unwrap_or(Path::new(""));
        let directory = quote::posix(directory.as_os_str().as_bytes());
        [b"name=", name.as_slice(), b"\ndir=", directory.as_slice(), SCRIPT.as_bytes()].concat()
    }
}

/// What was printed after the line that begins the answer.
fn answer(output: &[u8]) -> Option<&[u8]> {
    let at = output.windows(MARK.len()).position(|window| window == MARK)?;
    Some(&output[at + MARK.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Result<Place>> {
        Place::parse(text.as_ref())
    }

    #[test]
    fn what_names_another_machine() {
        for text in ["api", "./a:b", "/x/a:b", "https://x/y.txt", ":a", "::1", "[::1]", "[a", "[a]b:c"] {
            assert!(parse(text).is_none(), "{text}");
        }
        let place = parse("me@prod:it's $(x)").unwrap().unwrap();
        assert_eq!(place.host.as_os_str(), "me@prod");
        let place = parse("me@[::1]:a:b").unwrap().unwrap();
        assert_eq!((place.host.as_os_str(), place.name.as_os_str()), ("me@::1".as_ref(), "a:b".as_ref()));
        let place = parse("prod:it's $(x)").unwrap().unwrap();
        assert!(place.script().starts_with(b"name='it'\\''s $(x)'\ndir=''\n"));
        for (text, name) in [("prod:/srv/it's", "it's"), ("prod:a/b/", "b"), ("prod:~/x", "x"), ("prod:./x", "x")] {
            let place = parse(text).unwrap().unwrap();
            assert_eq!(place.name.as_os_str(), name, "{text}");
            assert_eq!(place.directory.as_deref(), Some(Path::new(&text[5..])), "{text}");
        }
    }

    #[test]
    fn a_greeting_is_no_package() {
        assert_eq!(answer(b"Welcome\nvenvwrap-freeze\na==1\n"), Some(&b"a==1\n"[..]));
        assert_eq!(answer(b"\nvenvwrap-freeze\n"), Some(&b""[..]));
        assert_eq!((answer(b""), answer(b"Welcome\n")), (None, None));
    }

    #[test]
    fn what_ssh_would_misunderstand_is_refused() {
        for text in
            ["-oProxyCommand=touch x:api", "a b:api", "-:api", "prod:", "prod:..", "prod:/", "prod:a/..", "[-x]:api"]
        {
            assert!(parse(text).unwrap().is_err(), "{text}");
        }
    }
}
