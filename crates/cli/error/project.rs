//! Hints for directories and what they bring along.

use venvwrap_core::fs::text::enumerated;
use venvwrap_core::project::dotenv::DotenvError;
use venvwrap_core::project::groups::GroupError;
use venvwrap_core::project::marker::{MarkerError, WriteError};
use venvwrap_core::project::templates::ProjectHomeError;
use venvwrap_core::project::trust::TrustError;
use venvwrap_core::project::uv::{LinkError, Source};
use venvwrap_core::project::variables::VariablesError;

use super::env::{is_active, quoted as name_of};
use super::shell::{USE_OWN_FILE, accept, is_closable};
use super::system::quoted;
use super::{Explain, Familiar};

impl Explain for TrustError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::WritableByOthers { path } if is_closable(path) => Some(format!("run `chmod go-w {}`", quoted(path))),
            Self::WritableByOthers { .. } => Some(USE_OWN_FILE.into()),
            Self::ForeignOwner { path } => {
                Some(format!("if you trust that user, run `venvwrap allow --shared {}` first", quoted(path)))
            }
            Self::Variable { .. } => Some("a name consists of letters, digits and `_`".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for GroupError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoFile { .. } => Some("change to the directory of the project, or associate it with `-a DIR`".into()),
            Self::Toml { .. } => Some("correct the file".into()),
            Self::Unknown { known, .. } if known.is_empty() => Some("a table `[dependency-groups]` lists them".into()),
            Self::Unknown { known, .. } => {
                let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
                Some(format!("it has {}", enumerated(&known, "and")))
            }
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for MarkerError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Empty { file } | Self::Missing { file, .. } | Self::NotAnEnvironment { file, .. } => {
                Some(format!("remove `{}`, and write it again with `venvwrap link NAME`", file.display()))
            }
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for WriteError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Exists { .. } => Some("nothing was replaced; move it away first".into()),
            Self::LineBreak { .. } => Some("rename the directory".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for LinkError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unfit { name, unfit } => Some(match &unfit.source {
                Source::Variable(variable) => format!("unset `{variable}`, or link another environment"),
                Source::File(_) => format!(
                    "`venvwrap upgrade {} -p PYTHON` rebuilds it for a Python that fits, or link another environment",
                    name_of(name)
                ),
            }),
            Self::Inside { name, root, .. } => {
                let root = quoted(root);
                Some(match name.path() {
                    None => format!("`venvwrap link --uv {} {root}`", name_of(name)),
                    Some(_) if is_active(name) => format!("run `venvwrap link --uv` in {root}"),
                    Some(_) => format!("`venvwrap link --uv . {root}`"),
                })
            }
            Self::Dead { .. } => None,
            Self::Lock(error) => error.hint(),
            Self::Exists { .. } => Some("nothing was replaced; move it away first".into()),
            Self::NoRequest { file } if !file.is_file() => Some("remove it: uv reads a file".into()),
            Self::NoRequest { .. } => Some("write a version such as `3.12` into it; uv ignores other words".into()),
            Self::NoVersion { .. } => Some("add `--no-pin`, or write `.python-version` yourself".into()),
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for DotenvError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Syntax { .. } | Self::Changed { .. } => None,
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for VariablesError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Dangerous(_) => Some(
                "a hook can: `export` it in `bin/postactivate` of the environment, and `unset` it in `bin/postdeactivate`"
                    .into(),
            ),
            Self::Special(_) => Some("choose another name".into()),
            Self::Name(_) => Some("a name consists of letters, digits and `_`".into()),
            Self::Unset(_) => Some("`venvwrap variables list` shows which are".into()),
            Self::Syntax { file, .. } => Some(format!("correct or remove `{}`", file.display())),
            Self::Nul(_) | Self::ValueTooLong(_) | Self::TooLong => None,
            Self::Path(error) => error.hint(),
        }
    }
}

impl Explain for ProjectHomeError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Unset => Some(
                "`venvwrap config set project_home '~/src'` sets the directory of your projects, as does PROJECT_HOME"
                    .into(),
            ),
            Self::Missing(_) => Some("create it, or set PROJECT_HOME to an existing directory".into()),
            Self::Exists(_) => Some("`--force` creates an environment for it anyway".into()),
            Self::NoTemplate { name, directories } => {
                let places: Vec<_> = directories.iter().map(|directory| format!("`{}`", directory.display())).collect();
                Some(format!("a template is an executable file `template_{name}` in {}", places.join(" or ")))
            }
            Self::Exposed { exposure, .. } => Some(accept(exposure)),
            Self::Path(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Unset => Some(Familiar::ProjectHomeUnset),
            Self::Missing(directory) => Some(Familiar::ProjectHomeMissing(directory.clone())),
            Self::Exists(directory) => Some(Familiar::ProjectExists(directory.clone())),
            Self::NoTemplate { .. } | Self::Exposed { .. } | Self::Path(_) => None,
        }
    }
}
