//! A directory with fake interpreters: shell scripts that answer the query and note that they were run.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::{FindError, Interpreter, Request, Search, find};
use crate::fs::private::User;

/// A home, a working directory, a cache and a system root of its own.
pub(super) struct Sandbox {
    _dir: TempDir,
    top: PathBuf,
    variables: HashMap<String, OsString>,
    pub(super) cwd: PathBuf,
    pub(super) timeout: Duration,
}

impl Sandbox {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        let cwd = top.join("home/project");
        fs::create_dir_all(&cwd).unwrap();
        Self { _dir: dir, top, variables: HashMap::new(), cwd, timeout: Duration::from_secs(60) }
    }

    pub(super) fn path(&self, relative: &str) -> PathBuf {
        self.top.join(relative)
    }

    pub(super) fn shown(&self, relative: &str) -> String {
        self.path(relative).display().to_string()
    }

    pub(super) fn file(&self, relative: &str, content: &str) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    pub(super) fn executable(&self, relative: &str, content: &str) -> PathBuf {
        let path = self.file(relative, content);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    pub(super) fn script(&self, relative: &str, body: &str) -> PathBuf {
        self.executable(relative, &format!("#!/bin/sh\n{body}\n"))
    }

    pub(super) fn link(&self, target: impl AsRef<Path>, relative: &str) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target, &path).unwrap();
        path
    }

    /// Installs a fake CPython below this prefix, with `python3.N` and links to it, and returns its `bin/python3.N`.
    pub(super) fn python(&self, prefix: &str, major: u32, minor: u32, micro: u32) -> PathBuf {
        let name = format!("python{major}.{minor}");
        let top = self.shown(prefix);
        let json = answer(major, minor, micro, &top);
        let body =
            format!("echo run >>'{top}/runs'\nprintf '%s%s%s' \"$6\" '{json}' \"$7\" | sed \"s|EXECUTABLE|$0|\"");
        self.file(&format!("{prefix}/lib/{name}/os.py"), "");
        let path = self.script(&format!("{prefix}/bin/{name}"), &body);
        self.link(&name, &format!("{prefix}/bin/python3"));
        self.link("python3", &format!("{prefix}/bin/python"));
        path
    }

    /// Makes an environment whose `bin/python` leads to this executable.
    pub(super) fn environment(&self, relative: &str, base: &Path) -> PathBuf {
        let home = base.parent().unwrap().display();
        self.file(&format!("{relative}/pyvenv.cfg"), &format!("home = {home}\n"));
        self.link("python", &format!("{relative}/bin/python3"));
        self.link(base, &format!("{relative}/bin/python"))
    }

    /// How often the fake below this prefix was run.
    pub(super) fn runs(&self, prefix: &str) -> usize {
        fs::read_to_string(self.path(prefix).join("runs")).map_or(0, |text| text.lines().count())
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.into());
    }

    /// Puts these directories of the sandbox on PATH.
    pub(super) fn set_path(&mut self, entries: &[&str]) {
        let joined = entries.iter().map(|entry| self.shown(entry)).collect::<Vec<_>>().join(":");
        self.set("PATH", &joined);
    }

    pub(super) fn search<T>(&self, action: impl FnOnce(&Search<'_>) -> T) -> T {
        let (home, cache, root) = (self.path("home"), self.path("cache"), self.path("root"));
        action(&Search {
            lookup: &|name| self.variables.get(name).cloned(),
            cwd: &self.cwd,
            home: Some(&home),
            cache_dir: Some(&cache),
            user: User::of_this_process(),
            query_timeout: self.timeout,
            root: &root,
        })
    }

    pub(super) fn find(&self, request: &str) -> Result<Interpreter, FindError> {
        let request = Request::parse(request.as_ref(), &self.cwd, Some(&self.path("home"))).unwrap();
        self.search(|search| find(Some(&request), search))
    }

    /// What is found for a request, relative to the sandbox; the message when nothing is.
    pub(super) fn found(&self, request: &str) -> String {
        self.relative(self.find(request))
    }

    /// The versions that are named instead when nothing is found for a request.
    pub(super) fn seen(&self, request: &str) -> Vec<String> {
        self.find(request).unwrap_err().seen().to_vec()
    }

    /// Every executable that may be an interpreter, relative to the sandbox.
    pub(super) fn candidates(&self) -> Vec<String> {
        let found: Vec<_> = self.search(|search| super::candidates(search).collect());
        found.iter().map(|found| found.path.strip_prefix(&self.top).unwrap().display().to_string()).collect()
    }

    pub(super) fn found_by_default(&self) -> String {
        self.relative(self.search(|search| find(None, search)))
    }

    fn relative(&self, found: Result<Interpreter, FindError>) -> String {
        let text = found.map_or_else(|error| error.to_string(), |found| found.executable.display().to_string());
        text.replace(&format!("{}/", self.top.display()), "")
    }
}

/// What a CPython below this prefix answers; `EXECUTABLE` stands for its own path.
pub(super) fn answer(major: u32, minor: u32, micro: u32, prefix: &str) -> String {
    format!(
        r#"{{"major":{major},"minor":{minor},"micro":{micro},"level":"final","serial":0,"implementation":"cpython","#
    ) + &format!(
        r#""implementation_version":"{major}.{minor}.{micro}","magic":3531,"executable":"EXECUTABLE","platlibdir":"lib","#
    ) + &format!(r#""base_prefix":"{prefix}","stdlib":"{prefix}/lib/python{major}.{minor}","path":[],"abiflags":"","#)
        + r#""is_64bit":true,"platform":"linux","framework":""}"#
}
