//! What uv does with an environment that a project's `.venv` leads to: one whose Python does not fit it deletes.

use std::io;
use std::path::{Path, PathBuf};

use request::{Python, Request, excludes};

use super::marker;
use crate::env::Environment;
use crate::env::name::EnvName;
use crate::fs::identity::is_same_file;
use crate::fs::{self, PathContext, PathError};
use crate::store::Store;

mod request;

/// The file with the version that uv, pyenv and others take.
pub const PIN: &str = ".python-version";

/// The same with several, of which uv uses the first.
const PINS: &str = ".python-versions";

/// What a project of uv has.
const LOCK: &str = "uv.lock";

/// The directory in the state directory that remembers which projects something was said about.
const TOLD: &str = "told-of-uv";

/// More than any `pyproject.toml`.
const MAX_BYTES: u64 = 1 << 20;

/// Why uv would delete an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The file of the project that excludes its Python.
    pub file: PathBuf,
    /// What the file asks for.
    pub wanted: String,
    /// The version that the environment has.
    pub version: String,
}

/// Why `.venv` was not made a link.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// uv would delete the environment.
    #[error(
        "uv would delete `{name}` here: `{}` wants {}, the environment has Python {}",
        unfit.file.file_name().unwrap_or_default().to_string_lossy(), unfit.wanted, unfit.version
    )]
    Unfit {
        /// The environment.
        name: EnvName,
        /// What excludes it.
        unfit: Unfit,
    },
    /// uv would replace an environment that cannot be started.
    #[error("uv would delete `{name}` here: its interpreter no longer exists")]
    Dead {
        /// The environment.
        name: EnvName,
    },
    /// Something else has that path.
    #[error("`{}` already exists", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// The file that would pin a version is there, and names none that uv knows.
    #[error("`{}` names no Python that uv knows", file.display())]
    NoRequest {
        /// The file.
        file: PathBuf,
    },
    /// There is no version to pin.
    #[error("the version of Python in `{name}` is not recorded")]
    NoVersion {
        /// The environment.
        name: EnvName,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Returns why uv would delete an environment that it finds as that of a directory; none where it fits. As for uv, the
/// nearest files count, also those above the directory.
pub fn unfit(environment: &Environment, directory: &Path) -> Option<Unfit> {
    let python = Python::of(environment);
    if let Some((file, wanted)) =
        nearest(directory, requires_python).filter(|(_, text)| excludes(text, &python.version))
    {
        return Some(Unfit { file, wanted, version: python.version });
    }
    let (file, wanted, request) = nearest(directory, pinned)?;
    let Python { version, implementation, .. } = &python;
    let is_fit = request.fits(environment, &python);
    (!is_fit).then(|| Unfit { file, wanted, version: format!("{version} ({implementation})") })
}

/// What a person should know who activates an environment in a project of uv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// uv uses the environment and is going to delete it.
    Unfit(Unfit),
    /// uv is going to create another one.
    Unlinked,
}

/// Returns what to say about an environment whose project has a `uv.lock`; `variable` is what `UV_PROJECT_ENVIRONMENT`
/// says. Costs one look where there is none.
pub fn advice(environment: &Environment, project: &Path, variable: Option<&Path>) -> Option<Advice> {
    if !project.join(LOCK).is_file() {
        return None;
    }
    let link = project.join(marker::FILES[0]);
    let is_it = |path: &Path| is_same_file(path, environment.path());
    if is_it(&link) || variable.is_some_and(|path| is_it(&fs::absolute(project, path))) {
        return unfit(environment, project).map(Advice::Unfit);
    }
    // Whoever lets uv have its own environment has decided.
    let is_free = std::fs::symlink_metadata(&link).is_err() && variable.is_none();
    is_free.then_some(Advice::Unlinked)
}

/// Notes that something was said about a project; returns whether that is new. Without a place to remember it, it is not.
pub fn is_first_time(state: Option<&Path>, project: &Path) -> bool {
    use sha2::Digest;
    let Some(directory) = state.map(|state| state.join(TOLD)) else { return false };
    let hash = fs::hex::hex(&sha2::Sha256::digest(project.as_os_str().as_encoded_bytes()));
    let file = directory.join(&hash[..16]);
    !file.exists() && fs::create_private_all(&directory).is_ok() && fs::publish_new(&file, b"", 0o600).is_ok()
}

/// Returns the file that pins the Python of a directory.
pub fn pin_of(directory: &Path) -> Option<PathBuf> {
    nearest(directory, pinned).map(|(file, ..)| file)
}

/// Makes `.venv` of a directory a link to an environment, which uv then uses. Only a redirection, or a link into the
/// store, is replaced.
pub fn link(directory: &Path, environment: &Environment, store: &Store) -> Result<PathBuf, LinkError> {
    if !environment.python().exists() {
        return Err(LinkError::Dead { name: environment.name().clone() });
    }
    if let Some(unfit) = unfit(environment, directory) {
        return Err(LinkError::Unfit { name: environment.name().clone(), unfit });
    }
    let file = directory.join(marker::FILES[0]);
    match std::fs::symlink_metadata(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match std::os::unix::fs::symlink(environment.path(), &file) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    return Err(LinkError::Exists { path: file });
                }
                other => other.at("link", &file)?,
            }
        }
        Ok(found) if found.is_file() && marker::is_own(&file, store) => {
            fs::replace_symlink(environment.path(), &file)?;
        }
        Ok(found) if found.is_symlink() && leads_into(&file, store) => {
            fs::replace_symlink(environment.path(), &file)?;
        }
        Ok(_) => return Err(LinkError::Exists { path: file }),
        Err(error) => Err(error).at("read", &file)?,
    }
    Ok(file)
}

/// Writes the minor version of an environment where nothing pins one; returns the file if it is new.
pub fn pin(directory: &Path, environment: &Environment) -> Result<Option<PathBuf>, LinkError> {
    if pin_of(directory).is_some() {
        return Ok(None);
    }
    let file = directory.join(PIN);
    if file.symlink_metadata().is_ok() {
        return Err(LinkError::NoRequest { file });
    }
    let none = || LinkError::NoVersion { name: environment.name().clone() };
    let version = environment.cfg().and_then(|cfg| cfg.version()).ok_or_else(none)?;
    let minor: Vec<_> = version.split('.').take(2).collect();
    if minor.len() < 2 || !minor.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(none());
    }
    fs::publish_new(&file, format!("{}\n", minor.join(".")).as_bytes(), 0o666)?;
    Ok(Some(file))
}

/// Returns whether a link leads to a child of the store, be it there or not.
fn leads_into(link: &Path, store: &Store) -> bool {
    let Ok(target) = std::fs::read_link(link) else { return false };
    let parent = link.parent().unwrap_or(link);
    let target = fs::absolute(parent, &target);
    marker::is_child(&target, store.home())
}

fn nearest<T>(directory: &Path, read: fn(&Path) -> Option<T>) -> Option<T> {
    directory.ancestors().find_map(read)
}

fn requires_python(project: &Path) -> Option<(PathBuf, String)> {
    let file = project.join("pyproject.toml");
    let content = fs::read_limited(&file, MAX_BYTES).ok()?;
    let table: toml::Table = toml::from_str(std::str::from_utf8(&content).ok()?).ok()?;
    let text = table.get("project")?.get("requires-python")?.as_str()?.trim().to_string();
    Some((file, text)).filter(|(_, text)| !text.is_empty())
}

/// The first request that uv knows: other lines, such as the names of pyenv's environments, it passes over. The second
/// file counts where the first names none.
fn pinned(project: &Path) -> Option<(PathBuf, String, Request)> {
    [PIN, PINS].into_iter().find_map(|name| {
        let file = project.join(name);
        let content = fs::read_limited(&file, MAX_BYTES).ok()?;
        let content = String::from_utf8_lossy(&content);
        let lines = content.trim_start_matches('\u{feff}').lines().map(str::trim);
        let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (text, request) = lines.find_map(|line| Some((line.to_string(), Request::parse(line, project)?)))?;
        Some((file, text, request))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn place() -> (tempfile::TempDir, Store, Environment) {
        let root = tempfile::tempdir().unwrap();
        let store = Store::at(root.path().join("envs"));
        let environment = store.environment(EnvName::for_new("api".as_ref()).unwrap());
        std::fs::create_dir_all(environment.bin()).unwrap();
        std::fs::write(environment.python(), "").unwrap();
        std::fs::write(environment.path().join("pyvenv.cfg"), "version = 3.13.0\n").unwrap();
        std::fs::create_dir_all(root.path().join("p/q")).unwrap();
        (root, store, environment)
    }

    #[test]
    fn what_excludes_the_python_is_the_nearest_file() {
        let (root, _, environment) = place();
        let write = |path: &str, text: &str| std::fs::write(root.path().join(path), text).unwrap();
        let found = || unfit(&environment, &root.path().join("p/q")).map(|unfit| unfit.wanted);
        let project = |wanted: &str| format!("[project]\nrequires-python = '{wanted}'\n");
        assert_eq!(found(), None);
        write("p/pyproject.toml", &project(">=3.11,<3.13"));
        assert_eq!(found().as_deref(), Some(">=3.11,<3.13"));
        write("p/q/pyproject.toml", &project(">=3.11"));
        assert_eq!(found(), None);
        for (pin, is_excluded) in [
            ("3.13", false),
            ("3.13.0", false),
            ("3", false),
            ("3.12", true),
            ("3.13.1", true),
            ("# x\n\n3.11.4\n", true),
            ("<3.13", true),
            ("pypy3.10", true),
            ("my-env\n3.11\n", true),
            ("", false),
            ("$(x)", false),
        ] {
            write("p/.python-version", pin);
            assert_eq!(found().is_some(), is_excluded, "{pin}");
        }
        std::fs::rename(root.path().join("p/.python-version"), root.path().join("p/q/.python-version")).unwrap();
        write("p/q/.python-versions", "3.11\n3.13\n");
        assert_eq!(found().as_deref(), Some("3.11"));
    }

    #[test]
    fn only_in_a_project_of_uv_there_is_something_to_say() {
        let (root, _, environment) = place();
        let project = root.path().join("p");
        let said = |variable: Option<&Path>| advice(&environment, &project, variable);
        let wants = |wanted: &str| {
            let text = format!("[project]\nrequires-python = '{wanted}'\n");
            std::fs::write(project.join("pyproject.toml"), text).unwrap();
        };
        wants("<3.13");
        assert_eq!(said(None), None);
        std::fs::write(project.join("uv.lock"), "").unwrap();
        assert_eq!(said(None), Some(Advice::Unlinked));
        assert_eq!(said(Some(Path::new("elsewhere"))), None);
        assert!(matches!(said(Some(Path::new("../envs/api"))), Some(Advice::Unfit(_))));
        symlink(environment.path(), project.join(".venv")).unwrap();
        assert!(matches!(said(None), Some(Advice::Unfit(_))));
        wants(">=3.13");
        assert_eq!(said(None), None);
        std::fs::remove_file(project.join(".venv")).unwrap();
        std::fs::create_dir(project.join(".venv")).unwrap();
        assert_eq!(said(None), None, "it has its own");
    }

    #[test]
    fn something_is_said_once_for_each_project() {
        let root = tempfile::tempdir().unwrap();
        let state = root.path().join("state");
        let first = |project: &str| is_first_time(Some(&state), Path::new(project));
        assert!(first("/p") && !first("/p") && first("/it's $(p)"));
        assert!(!is_first_time(None, Path::new("/p")));
    }

    #[test]
    fn only_a_redirection_and_a_link_into_the_store_are_replaced() {
        let (root, store, environment) = place();
        let project = root.path().join("p");
        let file = project.join(".venv");
        let linked = || std::fs::read_link(&file).is_ok_and(|target| target == environment.path());
        link(&project, &environment, &store).unwrap();
        assert!(linked());
        link(&project, &environment, &store).unwrap();
        for target in [store.home().join("gone"), "../envs/other".into()] {
            std::fs::remove_file(&file).unwrap();
            symlink(target, &file).unwrap();
            link(&project, &environment, &store).unwrap();
            assert!(linked());
        }
        std::fs::remove_file(&file).unwrap();
        marker::write(&project, environment.path()).unwrap();
        link(&project, &environment, &store).unwrap();
        assert!(linked());
        let refused = || assert!(matches!(link(&project, &environment, &store), Err(LinkError::Exists { .. })));
        for target in ["/tmp", "../envs", "../envs/api/bin"] {
            std::fs::remove_file(&file).unwrap();
            symlink(target, &file).unwrap();
            refused();
        }
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, "two\nlines\n").unwrap();
        refused();
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        refused();
        std::fs::remove_dir(&file).unwrap();
        std::fs::remove_file(environment.python()).unwrap();
        assert!(matches!(link(&project, &environment, &store), Err(LinkError::Dead { .. })));
        assert!(!file.exists());
    }

    #[test]
    fn a_pin_is_written_where_there_is_none() {
        let (root, _, environment) = place();
        let directory = root.path().join("p/q");
        assert_eq!(pin(&directory, &environment).unwrap(), Some(directory.join(PIN)));
        assert_eq!(std::fs::read(directory.join(PIN)).unwrap(), b"3.13\n");
        assert_eq!(pin(&directory, &environment).unwrap(), None);
        std::fs::rename(directory.join(PIN), root.path().join("p").join(PIN)).unwrap();
        assert_eq!(pin(&directory, &environment).unwrap(), None, "one above counts");
        std::fs::write(environment.path().join("pyvenv.cfg"), "version = evil/x\n").unwrap();
        std::fs::remove_file(root.path().join("p").join(PIN)).unwrap();
        std::fs::write(directory.join(PIN), "my-env\n").unwrap();
        assert!(matches!(pin(&directory, &environment), Err(LinkError::NoRequest { .. })), "not in silence");
        std::fs::remove_file(directory.join(PIN)).unwrap();
        assert!(matches!(pin(&directory, &environment), Err(LinkError::NoVersion { .. })));
    }
}
