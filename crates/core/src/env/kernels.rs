//! Jupyter kernels: each is a directory with a `kernel.json` that says how a notebook starts an interpreter.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::name::EnvName;
use crate::fs;

/// The file that describes a kernel, in its directory.
pub const FILE_NAME: &str = "kernel.json";

/// Where venvwrap notes in a kernel that it has written it: an unknown key at the top would make Jupyter warn.
const MARK: &str = "venvwrap";

/// More than any description of a kernel.
const MAX_BYTES: u64 = 1 << 20;

/// A kernel that Jupyter lists.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// The name of its directory, which is what tools call it by.
    pub id: OsString,
    /// What people choose it by.
    pub display_name: String,
    /// What it runs: an absolute path, or the name of a program.
    pub program: PathBuf,
    /// The environment that venvwrap has written it for.
    pub environment: Option<String>,
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
    found.sort_by(|a, b| a.id.cmp(&b.id));
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
            mode: found.mode() & 0o7777,
            file,
            content,
        })
    }

    /// Its `kernel.json`.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Returns whether its interpreter is inside a directory.
    pub fn runs_in(&self, env: &Path) -> bool {
        self.program.is_absolute() && self.program.starts_with(env)
    }

    /// Returns whether its interpreter cannot be started.
    pub fn is_dead(&self) -> bool {
        self.program.is_absolute() && !self.program.exists()
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

    /// Takes over a new description, which has been written.
    pub(crate) fn note(&mut self, content: Vec<u8>) {
        self.content = content;
        if let Some(read) = self.file.parent().and_then(Self::read) {
            *self = read;
        }
    }
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
        let in_api: Vec<_> = found.iter().filter(|kernel| kernel.runs_in(Path::new("/e/api"))).collect();
        assert_eq!(in_api.len(), 1);
        assert_eq!(in_api[0].display_name, "Api");
        assert!(in_api[0].is_dead() && !found[2].is_dead());
        assert!(!found[0].runs_in(Path::new("/e/ap")));
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
