//! Jupyter kernels: each is a directory with a `kernel.json` that says how a notebook starts an interpreter.

use std::ffi::OsString;
use std::fs::DirEntry;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::AtFlags;
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::BIN;
use super::kernel_spec::{FILE_NAME, MARK, PICTURES, pictures};
use super::name::EnvName;
use super::packages::minor_of;
use crate::fs::order::Order as _;
use crate::fs::walk::Directory;
use crate::fs::{self, PathContext, PathError, PathResult, route};

/// More than any description of a kernel.
const MAX_BYTES: u64 = 1 << 20;

/// More than any description that venvwrap has written.
const MAX_KEPT_BYTES: usize = 64 * 1024;

/// A kernel that was removed with its environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptKernel {
    /// Its directory.
    pub directory: PathBuf,
    /// Its description.
    pub(crate) content: String,
}

/// A kernel that Jupyter lists.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// The name of its directory, which is what tools call it by.
    pub id: OsString,
    /// Name that Jupyter shows.
    pub display_name: String,
    /// What it runs: an absolute path, or the name of a program.
    pub program: PathBuf,
    /// The environment that venvwrap has written it for.
    pub environment: Option<String>,
    /// The PATH that it sets.
    pub path: Option<String>,
    file: PathBuf,
    content: Vec<u8>,
    mode: u32,
}

/// The kernels in a directory of kernels, sorted by their names. What cannot be read is passed over; so is a directory
/// that is a link, whose files are elsewhere.
pub fn list(directory: &Path) -> Vec<Kernel> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let directories = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let mut found: Vec<_> = directories.filter_map(|entry| Kernel::read(&entry.path())).collect();
    found.order_by(|a, b| a.id.cmp(&b.id));
    found
}

/// The descriptions there that [`list`] passes over although Jupyter looks at them.
pub(crate) fn unreadable(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let directories = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    let is_unreadable = |file: &PathBuf| file.is_file() && file.parent().and_then(Kernel::read).is_none();
    let mut found: Vec<_> = directories.map(|entry| entry.path().join(FILE_NAME)).filter(is_unreadable).collect();
    found.sort();
    found
}

/// What is in all descriptions that [`list`] passes over: also those in directories that are links.
pub(crate) fn passed_over(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let is_listed =
        |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_dir()) && Kernel::read(&entry.path()).is_some();
    let files = entries.filter(|entry| !is_listed(entry)).map(|entry| entry.path().join(FILE_NAME));
    let read = |file: PathBuf| Some((fs::read_limited(&file, MAX_BYTES).ok()?, file));
    let mut found: Vec<_> = files.filter_map(read).map(|(content, file)| (file, content)).collect();
    found.sort();
    found
}

impl Kernel {
    /// Reads the kernel in a directory; none where it says nothing that Jupyter could run.
    pub fn read(directory: &Path) -> Option<Self> {
        let file = directory.join(FILE_NAME);
        let found = std::fs::symlink_metadata(&file).ok().filter(std::fs::Metadata::is_file)?;
        let content = fs::read_limited(&file, MAX_BYTES).ok()?;
        let value = parse(&content)?;
        let program = value.get("argv")?.get(0)?.as_str()?.into();
        let display_name = value.get("display_name").and_then(Value::as_str).unwrap_or_default().into();
        let environment = value.pointer(&format!("/metadata/{MARK}/environment")).and_then(Value::as_str);
        Some(Self {
            id: directory.file_name()?.to_os_string(),
            display_name,
            program,
            environment: environment.map(String::from),
            path: value.pointer("/env/PATH").and_then(Value::as_str).map(|path| path.replace("$$", "$")),
            mode: found.mode() & 0o7777,
            file,
            content,
        })
    }

    /// Its `kernel.json`.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Returns whether its interpreter is inside an environment, however the path is spelled.
    pub fn runs_in(&self, env: &Path) -> bool {
        let Some((parent, name)) = env.parent().zip(env.file_name()) else { return false };
        let leads_there = || route::entry_of(&self.program, &parent.canonicalize().ok()?);
        self.program.is_absolute()
            && (self.program.starts_with(env) || leads_there().is_some_and(|found| found == name))
    }

    /// Returns whether its interpreter cannot be started.
    pub fn is_dead(&self) -> bool {
        is_gone(&self.program)
    }

    /// Returns whether the programs of an environment are found first in it, as venvwrap writes it.
    pub fn has_path_of(&self, env: &Path) -> bool {
        let first = self.path.as_deref().and_then(|path| path.split(':').next());
        first.is_some_and(|first| Path::new(first) == env.join(BIN))
    }

    /// Its directory.
    pub fn directory(&self) -> &Path {
        self.file.parent().unwrap_or(&self.file)
    }

    /// What is kept of it when it is removed with its environment; nothing of one that is larger than those of venvwrap.
    pub(crate) fn kept(&self) -> Option<KeptKernel> {
        let content = String::from_utf8(self.content.clone()).ok().filter(|text| text.len() <= MAX_KEPT_BYTES)?;
        Some(KeptKernel { directory: self.directory().to_path_buf(), content })
    }

    /// Deletes its description and pictures. Files of other names stay, and so does their directory then.
    pub(crate) fn delete(&self) -> PathResult<()> {
        delete(self.directory())
    }

    pub(crate) fn content(&self) -> &[u8] {
        &self.content
    }

    pub(crate) fn mode(&self) -> u32 {
        self.mode
    }

    /// Returns a description that also names the environment by its new name, where venvwrap has written it.
    pub(crate) fn renamed(&self, content: &[u8], name: &EnvName) -> Vec<u8> {
        let (Some(old), Some(mut value)) = (&self.environment, parse(content)) else { return content.to_vec() };
        let shown = name.as_os_str().to_string_lossy();
        let title = self.display_name.strip_prefix(old.as_str()).map(|rest| format!("{shown}{rest}"));
        if let (Some(title), Some(place)) = (title, value.get_mut("display_name")) {
            *place = title.into();
        }
        for (place, is_name) in
            [(format!("/metadata/{MARK}/environment"), true), ("/env/VIRTUAL_ENV_PROMPT".into(), false)]
        {
            if let Some(found) = value.pointer_mut(&place)
                && (is_name || found.as_str() == Some(old))
            {
                *found = shown.clone().into();
            }
        }
        serde_json::to_vec_pretty(&value).map_or_else(|_| content.to_vec(), |text| [text, b"\n".to_vec()].concat())
    }

    /// Returns a description whose title names this version of Python; none if it names no other one.
    pub(crate) fn retitled(&self, (major, minor): (u32, u32)) -> Option<Vec<u8>> {
        let (before, after) = self.display_name.rsplit_once("Python ")?;
        let end = after.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(after.len());
        let (version, rest) = after.split_at(end);
        minor_of(version).filter(|found| *found != (major, minor))?;
        let mut value = parse(&self.content)?;
        *value.get_mut("display_name")? = format!("{before}Python {major}.{minor}{rest}").into();
        Some([serde_json::to_vec_pretty(&value).ok()?, b"\n".to_vec()].concat())
    }

    /// Takes over a new description, which has been written.
    pub(crate) fn note(&mut self, content: Vec<u8>) {
        self.content = content;
        if let Some(read) = self.file.parent().and_then(Self::read) {
            *self = read;
        }
    }
}

impl KeptKernel {
    /// Puts it back, with the pictures of an environment; whatever has its place by now stays.
    pub(crate) fn put_back(&self, env: &Path) -> PathResult<()> {
        if let Some(found) = Kernel::read(&self.directory) {
            let is_same = found.content == self.content.as_bytes();
            return if is_same { Ok(()) } else { Err(taken(&self.directory)) };
        }
        if !is_free(&self.directory) {
            return Err(taken(&self.directory));
        }
        write(&self.directory, env, self.content.as_bytes())
    }
}

/// Deletes what makes a directory a kernel; of a link to one only the link.
pub(crate) fn delete(path: &Path) -> PathResult<()> {
    if path.is_symlink() {
        return std::fs::remove_file(path).at("remove", path);
    }
    let directory = Directory::open_itself(path).at("open", path)?;
    for name in [FILE_NAME].into_iter().chain(PICTURES) {
        match rustix::fs::unlinkat(&directory, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(error) => return Err(error).at("remove", &path.join(name)),
        }
    }
    match rustix::fs::rmdir(path) {
        Ok(()) | Err(Errno::NOTEMPTY | Errno::EXIST) => Ok(()),
        Err(error) => Err(error).at("remove", path),
    }
}

/// Finds what has the id of a kernel, and is none that [`list`] lists: its description cannot be read, or it is a link.
pub(crate) fn find_other(parent: &Path, id: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let named = entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.eq_ignore_ascii_case(id)));
    let mut found = named.map(|entry| entry.path());
    found.find(|path| path.is_symlink() || path.join(FILE_NAME).symlink_metadata().is_ok())
}

/// Returns whether a directory is not there, or holds nothing but what an interrupted command has left.
pub(crate) fn is_free(directory: &Path) -> bool {
    match std::fs::symlink_metadata(directory) {
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
        Ok(found) if !found.is_dir() => false,
        Ok(_) => {
            let names = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.file_name());
            names.into_iter().all(|name| PICTURES.iter().any(|picture| name == *picture) || fs::is_own_hidden(&name))
        }
    }
}

/// Writes a kernel with the pictures of an environment. Jupyter sees it when its description is complete.
pub(crate) fn write(directory: &Path, env: &Path, content: &[u8]) -> PathResult<()> {
    fs::create_private_all(directory)?;
    for (name, picture) in pictures(env) {
        fs::replace_file(&directory.join(name), &picture, 0o666)?;
    }
    fs::replace_file(&directory.join(FILE_NAME), content, 0o666)
}

fn taken(directory: &Path) -> PathError {
    let source = std::io::ErrorKind::AlreadyExists.into();
    PathError { action: "restore", path: directory.to_path_buf(), source }
}

/// Returns whether a description says what to run, and that may be there.
pub(crate) fn can_start(content: &[u8]) -> bool {
    let value = parse(content);
    let program = value.as_ref().and_then(|value| value.get("argv")?.get(0)?.as_str());
    program.is_some_and(|program| !is_gone(Path::new(program)))
}

fn is_gone(program: &Path) -> bool {
    program.is_absolute() && !program.exists()
}

/// The description as a value; some editors begin it with a byte order mark.
fn parse(content: &[u8]) -> Option<Value> {
    serde_json::from_slice(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(root: &Path, id: &str, content: &str) {
        std::fs::create_dir_all(root.join(id)).unwrap();
        std::fs::write(root.join(id).join(FILE_NAME), content).unwrap();
    }

    #[test]
    fn kernels_are_read_and_what_is_none_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        place(
            root.path(),
            "api",
            "\u{feff}{\"argv\": [\"/e/api/bin/python\", \"-m\", \"x\"], \"display_name\": \"Api\"}",
        );
        place(root.path(), "plain", "{\"argv\": [\"python\"], \"display_name\": \"P\"}");
        place(root.path(), "env", "{\"argv\": [\"/usr/bin/env\", \"/e/api/bin/python\"], \"display_name\": \"E\"}");
        place(root.path(), "empty", "{\"argv\": []}");
        place(root.path(), "broken", "{");
        place(root.path(), "huge", &" ".repeat(2 << 20));
        std::os::unix::fs::symlink("api", root.path().join("linked")).unwrap();
        std::fs::write(root.path().join("file"), "").unwrap();
        let found = list(root.path());
        let ids: Vec<_> = found.iter().map(|kernel| kernel.id.to_str().unwrap()).collect();
        assert_eq!(ids, ["api", "env", "plain"]);
        let unreadable: Vec<_> = ["broken", "empty", "huge"].map(|id| root.path().join(id).join(FILE_NAME)).into();
        assert_eq!(super::unreadable(root.path()), unreadable);
        let in_api: Vec<_> = found.iter().filter(|kernel| kernel.runs_in(Path::new("/e/api"))).collect();
        assert_eq!(in_api.len(), 1);
        assert_eq!(in_api[0].display_name, "Api");
        assert!(in_api[0].is_dead() && !found[2].is_dead());
        assert!(!found[0].runs_in(Path::new("/e/ap")));
    }

    #[test]
    fn a_title_gets_another_version_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        for (title, expected) in [
            ("api (Python 3.12)", Some("api (Python 3.13)")),
            ("Python 3.11 course (Python 3.12.4) é", Some("Python 3.11 course (Python 3.13) é")),
            ("api (Python 3.13)", None),
            ("Python 3.13.1", None),
            ("Python 3", None),
            ("Python course", None),
            ("api", None),
        ] {
            let text = format!("{{\"argv\": [\"python3.12\"], \"display_name\": \"{title}\", \"env\": {{}}}}");
            place(root.path(), "k", &text);
            let found = Kernel::read(&root.path().join("k")).unwrap().retitled((3, 13));
            let value: Option<Value> = found.map(|found| serde_json::from_slice(&found).unwrap());
            let expected =
                expected.map(|title| serde_json::json!({"argv": ["python3.12"], "display_name": title, "env": {}}));
            assert_eq!(value, expected, "{title}");
        }
    }

    #[test]
    fn only_what_venvwrap_has_written_gets_another_title() {
        let root = tempfile::tempdir().unwrap();
        let text = |mark: &str| {
            format!(
                "{{\"argv\": [\"/e/api/bin/python\"], \"display_name\": \"api (Python 3.12)\", \"metadata\": {{{mark}}}}}"
            )
        };
        place(root.path(), "own", &text("\"venvwrap\": {\"environment\": \"api\"}"));
        place(root.path(), "other", &text(""));
        let name = EnvName::for_new("web".as_ref()).unwrap();
        let found = list(root.path());
        assert_eq!(found[0].renamed(found[0].content(), &name), found[0].content());
        let renamed: Value = serde_json::from_slice(&found[1].renamed(found[1].content(), &name)).unwrap();
        assert_eq!(renamed["display_name"], "web (Python 3.12)");
        assert_eq!(renamed["metadata"]["venvwrap"]["environment"], "web");
    }
}
