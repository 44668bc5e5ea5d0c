//! Hints for activation.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use venvwrap_core::env::name::EnvName;
use venvwrap_core::fs::exposure::{Exposure, is_for_user_to_close};
use venvwrap_core::fs::private::Danger;
use venvwrap_core::shell::activate::ActivateError;
use venvwrap_core::shell::safety::SafetyError;

use super::env::{name_at, quoted};
use super::system::quoted as quoted_path;
use super::{Explain, Familiar, called};

/// What helps a link to an environment elsewhere, which no command here changes.
pub(crate) const LINKED: &str = "it is a link: repair it with the tool that keeps it";

impl Explain for ActivateError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownActivator { .. } => {
                Some("the activators are bash, fish, cshell, powershell, nushell and python".into())
            }
            Self::ControlInPrompt { .. } => Some("choose another `--prompt`".into()),
            Self::RelativePath { .. }
            | Self::ColonInPath { .. }
            | Self::ControlInPath { .. }
            | Self::PathNotUtf8 { .. } => {
                Some("no shell could activate an environment there; set WORKON_HOME to another directory".into())
            }
        }
    }
}

/// What to do about a directory such as `/tmp`, a device, or what the user may not change.
pub(crate) const USE_OWN_FILE: &str = "use a file of your own, in a directory that no other user can write to";

/// Returns whether this user should take the permission away from others.
pub(crate) fn is_closable(path: &Path) -> bool {
    is_for_user_to_close(path, euid())
}

fn euid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// How a user goes on who trusts those that may change something.
pub(crate) fn accept(exposure: &Exposure) -> String {
    let path = quoted_path(&exposure.path);
    let is_closable = is_closable(&exposure.path);
    let is_for_everybody = exposure.is_for_everybody(&std::env::temp_dir(), euid());
    if is_for_everybody && !is_closable {
        return USE_OWN_FILE.into();
    }
    let accept = format!("`venvwrap allow --shared {path}`");
    let or_accept = |whom: &str| {
        if is_for_everybody { String::new() } else { format!(", or {accept} if you trust {whom}") }
    };
    match exposure.danger {
        Danger::WritableByGroup(_) if !is_closable => format!("if you trust that group, run {accept}"),
        Danger::ForeignEntry(_) => format!("if you trust all users, run {accept}"),
        Danger::WritableByOthers if !is_closable => format!("if you trust all users, run {accept}"),
        Danger::ForeignOwner(_) => format!("if you trust that user, run {accept}"),
        Danger::WritableByGroup(_) => format!("run `chmod g-w {path}`{}", or_accept("that group")),
        Danger::WritableByOthers => format!("run `chmod go-w {path}`{}", or_accept("all users")),
    }
}

/// The same for an archive. Where one user could change all of it, to accept the file is enough, and less than a whole home
/// directory.
fn accept_archive(archive: &Path, exposure: &Exposure) -> String {
    match exposure.danger {
        Danger::ForeignOwner(uid) if std::fs::metadata(archive).is_ok_and(|found| found.uid() == uid) => {
            accept(&Exposure { path: archive.to_path_buf(), danger: exposure.danger })
        }
        _ => accept(exposure),
    }
}

/// How an environment gets an activation script that holds its path and its prompt as mere text. Its packages stay.
fn renewal_of(script: &Path) -> String {
    let environment = script.ancestors().nth(2).unwrap_or(script);
    match name_at(environment).filter(has_plain_name) {
        _ if environment.is_symlink() => LINKED.into(),
        Some(name) => {
            format!("`venvwrap repair {}` writes a safe script; `venvwrap run` works without one", quoted(&name))
        }
        None => super::env::renames(environment).unwrap_or_else(|| {
            format!(
                "`venvwrap venv {}` writes a safe script and keeps the packages; `venvwrap run` works without one",
                quoted_path(environment)
            )
        }),
    }
}

/// Returns whether an environment could be created with its name: not so the `.venv` of a directory.
fn has_plain_name(name: &EnvName) -> bool {
    EnvName::for_new(name.as_os_str()).is_ok()
}

impl Explain for SafetyError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoScript { env, .. } | Self::Elsewhere { env, .. } if env.is_symlink() => Some(LINKED.into()),
            Self::NoScript { env, .. } => Some(super::env::renames(env).unwrap_or_else(|| {
                format!("`{}` with the same name restores it and keeps the packages", called::create())
            })),
            Self::Injection { script, .. } => Some(renewal_of(script)),
            Self::Elsewhere { env, .. } => Some(match name_at(env).filter(has_plain_name) {
                Some(name) => format!("`venvwrap repair {}` repairs it", quoted(&name)),
                None => super::env::recreates_at(env),
            }),
            Self::Exposed { exposure, .. } | Self::Foreign { exposure, .. } | Self::Programs { exposure, .. } => {
                Some(accept(exposure))
            }
            Self::Archive { archive, exposure } => Some(accept_archive(archive, exposure)),
            Self::Path(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::NoScript { env, .. } => Some(Familiar::NoScript(env.clone())),
            Self::Injection { .. }
            | Self::Elsewhere { .. }
            | Self::Exposed { .. }
            | Self::Foreign { .. }
            | Self::Programs { .. }
            | Self::Archive { .. }
            | Self::Path(_) => None,
        }
    }
}
