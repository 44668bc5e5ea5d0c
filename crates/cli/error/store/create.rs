//! Hints for environments that are created, or built anew.

use std::path::{Path, PathBuf};

use venvwrap_core::store::create::{self, CreateError, ForeignError, RebuildError};
use venvwrap_core::wheel::Project;

use crate::error::{Explain, Familiar, called, quoted, quoted_path, quoted_word};

impl Explain for RebuildError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Find(error) => error.hint(),
            Self::Create(CreateError::Link { .. }) => {
                Some("go to what it points to; `venvwrap restore --in-place` changes that".into())
            }
            Self::OwnPython { name } => {
                Some(format!("create another one with the packages that `venvwrap freeze {}` prints", quoted(name)))
            }
            Self::Create(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Find(error) => error.familiar(),
            Self::OwnPython { .. } => None,
            Self::Create(error) => error.familiar(),
        }
    }
}

/// Where the environment's own files are.
const PARTS: [&str; 3] = ["bin", "include", "lib"];

/// The most files that a hint names.
const NAMED: usize = 10;

/// What is left where other files would go with the whole: what is among the environment's own must be moved away first.
fn without_others(environment: &Path, others: &[PathBuf]) -> String {
    let is_inside = |other: &PathBuf| PARTS.iter().any(|part| other.starts_with(part));
    if !others.is_empty() && others.iter().all(is_inside) { moves(environment, others) } else { by_hand(environment) }
}

/// A command that removes what is the environment's, once nothing else is in that.
fn by_hand(environment: &Path) -> String {
    match create::others_in_own(environment) {
        Ok(others) if others.is_empty() => {}
        Ok(others) => return moves(environment, &others),
        Err(_) => return moves(environment, &[]),
    }
    let words: Vec<_> = create::own(environment).iter().map(|path| quoted_path(path)).collect();
    let removes = format!("cd {} && rm -r {}", quoted_path(environment), words.join(" "));
    format!("`{removes}` removes the environment and leaves the other files; then create it again")
}

fn moves(environment: &Path, others: &[PathBuf]) -> String {
    let environment = quoted_path(environment);
    if others.is_empty() || others.len() > NAMED {
        return format!("move what is yours out of {environment}");
    }
    let words: Vec<_> = others.iter().map(|path| quoted_path(path)).collect();
    format!(
        "`cd {environment} && mv -i {} DIRECTORY` moves it to another directory; then run this again",
        words.join(" ")
    )
}

/// The hint where an environment is among other files, if the usual one speaks of `--clear`, which is refused there.
pub(crate) fn hint_among_files(environment: &Path, error: &CreateError) -> Option<String> {
    match error {
        CreateError::OtherSeed { environment, project, requested, .. } => {
            Some(installs(environment, *project, requested))
        }
        CreateError::OtherPython { .. } | CreateError::Foreign { .. } => Some(by_hand(environment)),
        _ => None,
    }
}

fn installs(environment: &Path, project: Project, version: &str) -> String {
    let python = quoted_path(&environment.join("bin/python"));
    let requirement = quoted_word(format!("{project}=={version}").as_ref());
    format!("`{python} -m pip install {requirement}` changes it")
}

impl Explain for CreateError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Exists { .. } => Some("`--clear` replaces it".into()),
            Self::Occupied { .. } => Some("move it away, or choose another place".into()),
            Self::Link { .. } => Some(format!("`{}` removes the link and leaves its target alone", called::remove())),
            Self::Foreign { .. } => Some("`--clear` recreates the environment".into()),
            Self::OtherPython { .. } => Some("`--clear` replaces it; its packages must be installed again".into()),
            Self::OtherSeed { environment, project, requested, .. } => {
                let installs = installs(environment, *project, requested);
                Some(format!("{installs}; `--clear` replaces the environment"))
            }
            Self::NotCopyable { .. } => Some("leave out `--copies`".into()),
            Self::Holds { .. } => Some("create the environment in another directory".into()),
            Self::Filled { path, others } => Some(without_others(path, others)),
            Self::Conda { .. } => Some("conda changes it; choose another directory".into()),
            Self::Activate(error) => error.hint(),
            Self::Configuration(error) => error.hint(),
            Self::Seed(error) => error.hint(),
            Self::Wheel(error) => error.hint(),
            Self::Mounted(error) => error.hint(),
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Operation(error) => error.familiar(),
            Self::Exists { .. }
            | Self::Occupied { .. }
            | Self::Link { .. }
            | Self::Foreign { .. }
            | Self::OtherPython { .. }
            | Self::OtherSeed { .. }
            | Self::NotCopyable { .. }
            | Self::Holds { .. }
            | Self::Filled { .. }
            | Self::Conda { .. }
            | Self::Activate(_)
            | Self::Configuration(_)
            | Self::Seed(_)
            | Self::Wheel(_)
            | Self::Mounted(_) => None,
        }
    }
}

impl Explain for ForeignError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Start { .. } => Some(
                "VIRTUALENVWRAPPER_VIRTUALENV or `creator` in config.toml names it; unset it to use the built-in creator"
                    .into(),
            ),
            Self::Failed { .. } | Self::Nothing { .. } => None,
            Self::Operation(error) => error.hint(),
        }
    }

    fn familiar(&self) -> Option<Familiar> {
        match self {
            Self::Start { program, .. } => Some(Familiar::NoProgram(program.clone())),
            Self::Operation(error) => error.familiar(),
            Self::Failed { .. } | Self::Nothing { .. } => None,
        }
    }
}
