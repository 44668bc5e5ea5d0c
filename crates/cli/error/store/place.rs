//! Hints for environments that get another place or name, or none.

use venvwrap_core::fs::private::user_name;
use venvwrap_core::store::UndoError;
use venvwrap_core::store::copy::CopyError;
use venvwrap_core::store::remove::RemoveError;
use venvwrap_core::store::rename::RenameError;
use venvwrap_core::store::trash::Foreign;

use super::{existing, of_conda};
use crate::error::system::as_user;
use crate::error::{Explain, Familiar, called, quoted, quoted_path};

impl Explain for CopyError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => existing(error),
            Self::Missing { .. } => Some("give the name of an environment, or its directory".into()),
            Self::Exists { .. } => Some(format!("choose another name, or remove it first with `{}`", called::remove())),
            Self::IntoItself { .. } => Some("set WORKON_HOME to a directory outside it".into()),
            Self::Conda { .. } => Some(of_conda()),
            Self::Elsewhere(error) => error.hint(),
            Self::Vanished { .. } => None,
            Self::Activate(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Source(error) => error.familiar(),
            Self::Operation(error) => error.familiar(),
            Self::Missing { .. }
            | Self::Exists { .. }
            | Self::IntoItself { .. }
            | Self::Conda { .. }
            | Self::Elsewhere(_)
            | Self::Vanished { .. }
            | Self::Activate(_) => None,
        }
    }
}

impl Explain for RemoveError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Active { .. } => Some("run `deactivate`, or switch to another environment, first".into()),
            Self::NotAnEnvironment { .. } => Some("`--force` removes the directory anyway".into()),
            Self::NotADirectory { .. } => Some("only environments can be removed".into()),
            Self::Find(error) => existing(error),
            Self::Holds { .. } => {
                Some("set WORKON_HOME to a directory that holds nothing else, such as `~/.virtualenvs`".into())
            }
            Self::Mounted(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Active { name } => Some(Familiar::Active(name.clone())),
            Self::Find(error) => error.familiar(),
            Self::Operation(error) => error.familiar(),
            Self::NotAnEnvironment { .. } | Self::NotADirectory { .. } | Self::Holds { .. } | Self::Mounted(_) => None,
        }
    }
}

/// Who else keeps removed environments in a store, and how to see them.
pub(crate) fn kept_by_others(others: &[Foreign]) -> Option<String> {
    let Foreign { home, owner, .. } = others.first()?;
    let (owner, sudo) = (user_name(*owner), as_user(*owner));
    Some(format!(
        "`{owner}` keeps what it has removed: `{sudo} WORKON_HOME={} venvwrap trash` lists it",
        quoted_path(home)
    ))
}

impl Explain for UndoError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotFound { kept, .. } if !kept.is_empty() => Some("`venvwrap undo --list` lists what is kept".into()),
            Self::Empty { others } | Self::NotFound { others, .. } => {
                Some(kept_by_others(others).unwrap_or_else(|| {
                    "what was removed is kept for a day, unless `trash_keep` says otherwise or the disk is almost full"
                        .into()
                }))
            }
            Self::Taken { name } => {
                Some(format!("`venvwrap undo {} --as NEW` brings it back under another name", quoted(name)))
            }
            Self::Busy { .. } => Some("wait for it to finish, then try again".into()),
            Self::Copy(error) => error.hint(),
            Self::Mounted(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }
}

impl Explain for RenameError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Find(error) => error.hint(),
            Self::Exists { .. } => Some(format!("choose another name, or remove it first with `{}`", called::remove())),
            Self::SameName { .. } => Some("choose another name".into()),
            Self::Active { name, new } => {
                Some(format!("`mvvirtualenv {} {}` renames it in this shell, too", quoted(name), quoted(new)))
            }
            Self::InUse { .. } => Some("deactivate it there first, or use `--force`".into()),
            Self::Mounted { .. } => Some("unmount it first".into()),
            Self::Conda { .. } => Some(of_conda()),
            Self::Elsewhere(error) => error.hint(),
            Self::Activate(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Find(error) => error.familiar(),
            Self::Operation(error) => error.familiar(),
            Self::Active { .. }
            | Self::Elsewhere(_)
            | Self::Conda { .. }
            | Self::Exists { .. }
            | Self::SameName { .. }
            | Self::InUse { .. }
            | Self::Mounted { .. }
            | Self::Activate(_) => None,
        }
    }
}
