//! What a directory says about its own environment: `.venv`, in all the forms that tools write, and `.python-envs`.
//!
//! Reading decides nothing: a name selects among the user's own environments, everything else leads to code that came
//! with the directory and must not run unasked.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::env::is_environment;
use crate::env::name::EnvName;
use crate::fs::{self, PathContext, PathError};
use crate::store::Store;

/// The names of the files, in the order in which they win.
pub const FILES: [&str; 2] = [".venv", ".python-envs"];

/// What editors of Windows put before the first line.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// More than any list of environments.
const MAX_BYTES: u64 = 64 * 1024;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The file, link or directory that says so.
    pub file: PathBuf,
    /// The environment.
    pub env: PathBuf,
    /// Whether the word is also the name of a directory next to the file; the user's own environment has won.
    pub is_ambiguous: bool,
}

/// A `.venv` that names an environment of the store which is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dead {
    /// The file or link.
    pub(crate) file: PathBuf,
    /// The path that it names.
    pub(crate) target: PathBuf,
    /// Whether it is a link.
    pub(crate) is_link: bool,
}

/// Why a marker leads nowhere.
#[derive(Debug, thiserror::Error)]
pub enum MarkerError {
    /// It says nothing.
    #[error("`{}` names no environment", file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// What it names is not there.
    #[error("`{}` names the environment {target:?}, which does not exist", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
        /// What it names.
        target: PathBuf,
    },
    /// What it names is something else.
    #[error("`{}` points to {target:?}, which has no `pyvenv.cfg`", file.display())]
    NotAnEnvironment {
        /// The file.
        file: PathBuf,
        /// Where it leads.
        target: PathBuf,
    },
    /// It cannot be read.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Why a marker was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Something else has that path.
    #[error("`{}` already exists", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// The path cannot be written as one line.
    #[error("the path {path:?} contains a line break")]
    LineBreak {
        /// The path.
        path: PathBuf,
    },
    /// The system refused.
    #[error(transparent)]
    Path(#[from] PathError),
}

/// Reads what a directory says; nothing when it says nothing.
///
/// A word that is the name of an environment in the store means that one, even where a directory has the same name:
/// then nothing from the directory runs.
pub fn read(directory: &Path, store: &Store) -> Result<Option<Marker>, MarkerError> {
    for name in FILES {
        let file = directory.join(name);
        match std::fs::metadata(&file) {
            Ok(found) if found.is_dir() && name == ".venv" => return of_directory(file).map(Some),
            Ok(found) if found.is_file() => return of_file(directory, file, store).map(Some),
            // What may not be searched on the way up is not the user's.
            Err(source) if !is_absent(&source) && source.kind() != io::ErrorKind::PermissionDenied => {
                return Err(PathError { action: "read", path: file, source }.into());
            }
            _ => {}
        }
    }
    Ok(None)
}

/// Returns the `.venv` of a directory, if it says nothing but the path of an environment of the store that is not there.
pub(crate) fn dead(directory: &Path, store: &Store) -> Option<Dead> {
    let file = directory.join(FILES[0]);
    let is_link = std::fs::symlink_metadata(&file).ok()?.is_symlink();
    let target = if is_link {
        fs::absolute(directory, &std::fs::read_link(&file).ok()?)
    } else {
        let content = fs::read_limited(&file, MAX_BYTES).ok()?;
        let line = line(&content, false)?;
        in_home(line, store).unwrap_or_else(|| PathBuf::from(OsStr::from_bytes(line)))
    };
    let is_dead = || target.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    let is_meant = !store.is_anywhere() && target.is_absolute() && is_child(&target, store.home()) && is_dead();
    is_meant.then_some(Dead { file, target, is_link })
}

/// Writes a `.venv` file into a directory that leads to an environment, as [`write()`] does, unless one is there that leads
/// elsewhere than the user's own environments: it stays.
pub fn link(directory: &Path, env: &Path, store: &Store) -> Result<PathBuf, WriteError> {
    let file = directory.join(FILES[0]);
    let is_file = std::fs::symlink_metadata(&file).is_ok_and(|found| found.is_file());
    if is_file && !is_own(&file, store) {
        return Err(WriteError::Exists { path: file });
    }
    let file = write(directory, env)?;
    // Without its record, the file would not follow a rename.
    store.note_file_link(directory)?;
    Ok(file)
}

/// Writes a `.venv` file into a directory that leads to an environment. A file that is there is replaced, anything else
/// stays.
pub fn write(directory: &Path, env: &Path) -> Result<PathBuf, WriteError> {
    let file = directory.join(".venv");
    let bytes = env.as_os_str().as_bytes();
    if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return Err(WriteError::LineBreak { path: env.to_path_buf() });
    }
    let content = [bytes, b"\n"].concat();
    match std::fs::symlink_metadata(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::publish_new(&file, &content, 0o666)?,
        Ok(found) if found.is_file() => fs::replace_file(&file, &content, 0o666)?,
        Ok(_) => return Err(WriteError::Exists { path: file }),
        Err(error) => Err(error).at("read", &file)?,
    }
    Ok(file)
}

/// Returns whether replacing a file loses nothing: it is empty, or leads to an environment of the store, be it there or
/// not, or to one beside it, as [`write()`] leaves it.
pub(super) fn is_own(file: &Path, store: &Store) -> bool {
    let Ok(content) = fs::read_limited(file, MAX_BYTES) else { return false };
    let Some(line) = line(&content, false) else { return content.trim_ascii().is_empty() };
    let word = Path::new(OsStr::from_bytes(line));
    let target = in_home(line, store).unwrap_or_else(|| word.to_path_buf());
    let is_name = || EnvName::for_existing(word.as_os_str()).is_ok_and(|name| store.find(name.as_os_str()).is_ok());
    let is_beside = || line.strip_prefix(b"./").is_some_and(|name| !name.is_empty() && !name.contains(&b'/'));
    is_child(&target, store.home()) || is_name() || is_beside()
}

/// Returns whether a path is that of a child of a directory, which may be called otherwise.
pub(super) fn is_child(path: &Path, home: &Path) -> bool {
    let is_home = |found: &Path| {
        found == home || found.canonicalize().is_ok_and(|real| home.canonicalize().is_ok_and(|home| home == real))
    };
    path.parent().is_some_and(is_home)
}

fn of_directory(file: PathBuf) -> Result<Marker, MarkerError> {
    require_environment(&file, &file)?;
    Ok(Marker { env: file.clone(), file, is_ambiguous: false })
}

/// Fails unless a directory is an environment; what hides its `pyvenv.cfg` is another error than that there is none.
fn require_environment(target: &Path, file: &Path) -> Result<(), MarkerError> {
    let cfg = target.join("pyvenv.cfg");
    match std::fs::metadata(&cfg) {
        _ if is_environment(target) => Ok(()),
        Err(source) if !is_absent(&source) => Err(PathError { action: "read", path: cfg, source }.into()),
        _ => Err(MarkerError::NotAnEnvironment { file: file.to_path_buf(), target: target.to_path_buf() }),
    }
}

fn of_file(directory: &Path, file: PathBuf, store: &Store) -> Result<Marker, MarkerError> {
    let content = fs::read_limited(&file, MAX_BYTES)?;
    let is_list = file.file_name() == Some(OsStr::new(FILES[1]));
    let Some(line) = line(&content, is_list) else { return Err(MarkerError::Empty { file }) };
    let word = OsStr::from_bytes(line);
    let target = in_home(line, store).unwrap_or_else(|| fs::absolute(directory, Path::new(word)));
    if let Ok(name) = EnvName::for_existing(word)
        && let Ok(environment) = store.find(name.as_os_str())
    {
        let is_ambiguous = target.is_dir();
        return Ok(Marker { file, env: environment.path().to_path_buf(), is_ambiguous });
    }
    match std::fs::metadata(&target) {
        Ok(_) => {
            require_environment(&target, &file)?;
            Ok(Marker { file, env: target, is_ambiguous: false })
        }
        Err(error) if is_absent(&error) => Err(MarkerError::Missing { file, target: word.into() }),
        Err(source) => Err(PathError { action: "read", path: target, source }.into()),
    }
}

/// The path that begins with the user's home directory, as people write it; no shell has expanded it.
fn in_home(line: &[u8], store: &Store) -> Option<PathBuf> {
    let rest = OsStr::from_bytes(line.strip_prefix(b"~/")?);
    // With a slash before it, it would be no part of another path.
    let rest = Path::new(rest).strip_prefix("/").unwrap_or(rest.as_ref());
    Some(store.options().user_home.as_deref()?.join(rest))
}

/// Whether a path leads to nothing; any other error may hide what is there.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The one line of a `.venv` file, or the last one of a list; none where there is no such line, or it is not a path.
fn line(content: &[u8], is_list: bool) -> Option<&[u8]> {
    let content = content.strip_prefix(BYTE_ORDER_MARK).unwrap_or(content);
    let lines = content.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut lines = lines.filter(|line| !line.trim_ascii().is_empty());
    let line = if is_list { lines.next_back() } else { lines.next().filter(|_| lines.next().is_none()) };
    line.filter(|line| !line.contains(&0)).map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Place {
        root: tempfile::TempDir,
        store: Store,
    }

    impl Place {
        fn new() -> Self {
            let root = tempfile::tempdir().unwrap();
            let store = Store::at(root.path().join("envs"));
            let place = Self { root, store };
            place.env("envs/api");
            place.env("p/local");
            place
        }

        fn env(&self, path: &str) {
            std::fs::create_dir_all(self.root.path().join(path)).unwrap();
            std::fs::write(self.root.path().join(path).join("pyvenv.cfg"), "").unwrap();
        }

        fn project(&self) -> PathBuf {
            self.root.path().join("p")
        }

        fn with(&self, name: &str, content: &str) -> Result<Option<PathBuf>, MarkerError> {
            std::fs::write(self.project().join(name), content).unwrap();
            Ok(read(&self.project(), &self.store)?.map(|marker| marker.env))
        }
    }

    #[test]
    fn what_others_wrote_stays() {
        let place = Place::new();
        let (project, env) = (place.project(), place.root.path().join("envs/api"));
        let file = project.join(".venv");
        let dead = place.root.path().join("envs/dead").display().to_string();
        for content in ["", "\n", "api\n", &dead, "./local\n", env.to_str().unwrap()] {
            std::fs::write(&file, content).unwrap();
            assert_eq!(link(&project, &env, &place.store).unwrap(), file, "{content:?}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{}\n", env.display()));
        }
        for content in ["/some/where/else\n", "A=1\nB=2\n", "gone\n", "../p/local", "./a/b", "./", "api\napi\n"] {
            std::fs::write(&file, content).unwrap();
            assert!(matches!(link(&project, &env, &place.store), Err(WriteError::Exists { .. })), "{content:?}");
            assert_eq!(std::fs::read_to_string(&file).unwrap(), content);
        }
    }

    #[test]
    fn a_name_and_a_path_are_told_apart() {
        let place = Place::new();
        let own = place.root.path().join("envs/api");
        let local = place.project().join("local");
        for text in ["api", "api\n", "api\r\n", "  api \n\n"] {
            assert_eq!(place.with(".venv", text).unwrap().as_ref(), Some(&own), "{text:?}");
        }
        for text in ["local\n", "./local", "../p/local\n", local.to_str().unwrap()] {
            assert_eq!(place.with(".venv", text).unwrap().as_ref(), Some(&local), "{text:?}");
        }
        assert!(matches!(place.with(".venv", "gone\n"), Err(MarkerError::Missing { .. })));
        assert!(matches!(place.with(".venv", "../../../nowhere"), Err(MarkerError::Missing { .. })));
        assert!(matches!(place.with(".venv", ".\n"), Err(MarkerError::NotAnEnvironment { .. })));
        for text in ["\u{feff}api\r\n", "\u{feff}\napi"] {
            assert_eq!(place.with(".venv", text).unwrap().as_ref(), Some(&own), "{text:?}");
        }
        for text in ["", "\n \n", "api\nlocal\n", "a\0b", "\u{feff}", "\u{feff}\n"] {
            assert!(matches!(place.with(".venv", text), Err(MarkerError::Empty { .. })), "{text:?}");
        }
    }

    #[test]
    fn a_tilde_is_the_home_directory() {
        let mut place = Place::new();
        assert!(matches!(place.with(".venv", "~/envs/api"), Err(MarkerError::Missing { .. })), "nobody's");
        let mut options = place.store.options().clone();
        options.user_home = Some(place.root.path().to_path_buf());
        place.store = Store::open(options);
        let own = place.root.path().join("envs/api");
        for text in ["~/envs/api\n", "\u{feff}~/envs/api\r\n", "~//envs/api"] {
            assert_eq!(place.with(".venv", text).unwrap().as_ref(), Some(&own), "{text:?}");
        }
        let listed = place.project().join("local");
        assert_eq!(place.with(".venv", "~/p/local").unwrap(), Some(listed));
        for text in ["~", "~nobody/envs/api", "~/gone", "./~/envs/api", "~+/envs/api"] {
            assert!(place.with(".venv", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_last_line_of_a_list_counts_and_venv_beside_it_wins() {
        let place = Place::new();
        let local = place.project().join("local");
        assert_eq!(place.with(".python-envs", "elsewhere\nlocal\n").unwrap(), Some(local));
        let own = place.root.path().join("envs/api");
        assert_eq!(place.with(".venv", "api").unwrap(), Some(own));
    }

    #[test]
    fn directories_and_links_to_them_are_environments() {
        let place = Place::new();
        assert_eq!(read(&place.project(), &place.store).unwrap(), None);
        std::os::unix::fs::symlink("local", place.project().join(".venv")).unwrap();
        let marker = read(&place.project(), &place.store).unwrap().unwrap();
        assert_eq!(marker.env, place.project().join(".venv"));
        std::fs::remove_file(place.project().join("local/pyvenv.cfg")).unwrap();
        assert!(matches!(read(&place.project(), &place.store), Err(MarkerError::NotAnEnvironment { .. })));
    }

    #[test]
    fn what_hides_an_environment_is_told() {
        let place = Place::new();
        let hidden = place.project().join(".venv");
        std::fs::create_dir(&hidden).unwrap();
        std::os::unix::fs::symlink("pyvenv.cfg", hidden.join("pyvenv.cfg")).unwrap();
        let refused = read(&place.project(), &place.store);
        assert!(
            matches!(&refused, Err(MarkerError::Path(error)) if error.path.ends_with(".venv/pyvenv.cfg")),
            "{refused:?}"
        );
        std::fs::rename(&hidden, place.project().join("hidden")).unwrap();
        assert!(matches!(place.with(".venv", "hidden\n"), Err(MarkerError::Path(_))));
    }

    #[test]
    fn a_word_that_is_both_means_the_users_own() {
        let place = Place::new();
        place.env("p/api");
        std::fs::write(place.project().join(".venv"), "api\n").unwrap();
        let marker = read(&place.project(), &place.store).unwrap().unwrap();
        assert!(marker.is_ambiguous);
        assert_eq!(marker.env, place.root.path().join("envs/api"));
    }

    #[test]
    fn a_redirection_replaces_only_a_redirection() {
        let place = Place::new();
        let (root, env) = (&place.root, place.project().join("local"));
        let project = root.path().join("q");
        std::fs::create_dir(&project).unwrap();
        let other = root.path().join("r");
        std::fs::create_dir_all(other.join(".venv")).unwrap();
        let file = write(&project, &env).unwrap();
        assert_eq!(read(&project, &place.store).unwrap().unwrap().env, env);
        write(&project, Path::new("/w/other")).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"/w/other\n");
        assert!(matches!(write(&other, &env), Err(WriteError::Exists { .. })));
        std::fs::remove_file(&file).unwrap();
        std::os::unix::fs::symlink(root.path().join("precious"), &file).unwrap();
        assert!(matches!(write(&project, &env), Err(WriteError::Exists { .. })));
        assert!(matches!(write(&project, Path::new("/a\nb")), Err(WriteError::LineBreak { .. })));
    }
}
