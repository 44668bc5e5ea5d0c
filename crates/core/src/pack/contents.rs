//! What the files of an environment become in an archive.

use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::layout::Layout;
use super::secrets;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::env::{BIN, Environment};
use crate::fs;
use crate::relocate::links::{leaves, relative};
use crate::relocate::rewrite::{Rules, Verdict, is_bytecode};
use crate::relocate::script::{self, Head};
use crate::relocate::{Stale, elf, large, self_locating};

/// Stands for the place of an environment that has none yet.
const ANYWHERE: &str = "/venvwrap-anywhere";

/// What decides about the content of every file.
#[derive(Debug)]
pub(super) struct Contents {
    layout: Layout,
    rules: Rules,
    real: PathBuf,
    /// The directories of packages that are left out.
    projects: Vec<PathBuf>,
    with_secrets: bool,
}

impl Contents {
    /// Decides for an environment, whose real path is `real`.
    pub(super) fn new(
        environment: &Environment,
        real: &Path,
        layout: &Layout,
        projects: Vec<PathBuf>,
        with_secrets: bool,
    ) -> Self {
        let place = match layout {
            Layout::Fixed(destination) => destination.clone(),
            Layout::Relocatable | Layout::WithPython => ANYWHERE.into(),
        };
        let target = Environment::new(environment.name().clone(), place);
        let rules = Rules::of_copy(environment.path(), real, &target);
        Self { layout: layout.clone(), rules, real: real.to_path_buf(), projects, with_secrets }
    }

    /// The text for the prompt.
    pub(super) fn prompt(&self) -> &str {
        self.rules.prompt.custom.as_deref().unwrap_or(&self.rules.prompt.new_name)
    }

    /// The path that stands for the environment in lists of files.
    pub(super) fn place(&self) -> &Path {
        self.rules.mapping.new_path()
    }

    /// What becomes of a file that is held in memory.
    pub(super) fn apply(&self, path: &Path, content: &[u8]) -> Verdict {
        let redacted = (!self.with_secrets).then(|| secrets::redacted(path, content)).flatten();
        let cleaned = redacted.or_else(|| self.without_projects(path, content));
        let given = cleaned.as_deref().unwrap_or(content);
        let mut verdict = match self.layout {
            Layout::Fixed(_) => self.rules.apply(path, given),
            Layout::Relocatable | Layout::WithPython => self.relocatable(path, given),
        };
        verdict.content = verdict.content.or(cleaned);
        verdict
    }

    /// Returns whether a file is too large to be looked at as a whole and need not be, since it does not name the
    /// environment. Its position is at the beginning afterwards.
    pub(super) fn may_be_streamed(&self, path: &Path, file: &File, size: u64) -> io::Result<bool> {
        let is_left_alone = is_bytecode(path) && self.layout == Layout::Relocatable;
        Ok(is_left_alone || !large::may_name(&self.rules.mapping, file, size)?)
    }

    /// Where a link leads in the archive; none for one that leads out of it.
    pub(super) fn link(&self, path: &Path, target: &Path) -> Option<PathBuf> {
        let directory = path.parent().unwrap_or(Path::new(""));
        if target.is_relative() {
            let absolute = fs::absolute(&self.real.join(directory), target);
            let stays = absolute.starts_with(&self.real) && !leaves(directory, target);
            return if stays { Some(target.to_path_buf()) } else { self.inside(directory, &absolute) };
        }
        self.inside(directory, target)
    }

    /// A path of the source as one relative to a directory of the archive.
    fn inside(&self, directory: &Path, target: &Path) -> Option<PathBuf> {
        let place = self.place();
        let moved = self.rules.mapping.path(target)?;
        let inside = moved.strip_prefix(place).ok()?;
        let way = relative(directory, inside);
        Some(if way.as_os_str().is_empty() { ".".into() } else { way })
    }

    fn relocatable(&self, path: &Path, content: &[u8]) -> Verdict {
        let mapping = &self.rules.mapping;
        if is_bytecode(path) {
            // Python corrects the path of a compiled file when it imports it.
            return Verdict::default();
        }
        if path == Path::new("pyvenv.cfg") {
            let mut cfg = PyvenvCfg::parse(content);
            return Verdict { content: cfg.remove("command").then(|| cfg.to_bytes()), ..Verdict::default() };
        }
        let is_program = path.parent() == Some(Path::new(BIN)) && content.starts_with(b"#!");
        if !(mapping.may_be_in(content) || is_program && script::is_led(content, mapping)) {
            return Verdict::default();
        }
        let new = if is_program {
            self.program(content)
        } else if elf::is_elf(content) {
            let directory = mapping.new_path().join(path.parent().unwrap_or(Path::new("")));
            elf::relocated(content, &directory, mapping)
        } else if path.extension().is_some_and(|extension| extension == "pth") {
            self.path_file(path, content)
        } else {
            None
        };
        let result = new.as_deref().unwrap_or(content);
        let stale = mapping.is_in(result).then_some(if is_program { Stale::Script } else { Stale::Text });
        Verdict { content: new, stale, is_regenerated: false }
    }

    /// A script that is run by the environment's Python finds it next to itself.
    fn program(&self, content: &[u8]) -> Option<Vec<u8>> {
        let head = Head::parse(content, self.rules.mapping.old_paths()).filter(Head::is_python)?;
        let python = script::place_of(&head.interpreter, &self.rules.mapping)?;
        let name = python.file_name().filter(|_| python.parent() == Some(&self.place().join(BIN)))?;
        Some([self_locating::first_lines(name, &head.options).as_slice(), &content[head.length..]].concat())
    }

    /// Directories of the environment become relative ones, which Python resolves from where the file is.
    fn path_file(&self, path: &Path, content: &[u8]) -> Option<Vec<u8>> {
        let directory = path.parent()?;
        let line = |line: &[u8]| {
            let named = Path::new(std::ffi::OsStr::from_bytes(line.trim_ascii_end()));
            let inside = named.is_absolute().then(|| self.inside(directory, named)).flatten();
            inside.map_or_else(|| line.to_vec(), |inside| inside.as_os_str().as_bytes().to_vec())
        };
        let lines: Vec<_> = content.split(|&byte| byte == b'\n').map(line).collect();
        let new = lines.join(&b'\n');
        (new != content).then_some(new)
    }

    /// A `.pth` file without the directories of packages that are left out.
    fn without_projects(&self, path: &Path, content: &[u8]) -> Option<Vec<u8>> {
        if self.projects.is_empty() || path.extension().is_none_or(|extension| extension != "pth") {
            return None;
        }
        let stays = |line: &&[u8]| {
            let named = Path::new(std::ffi::OsStr::from_bytes(line.trim_ascii()));
            !self.projects.iter().any(|project| named.starts_with(project))
        };
        let lines: Vec<&[u8]> = content.split(|&byte| byte == b'\n').filter(stays).collect();
        let new = lines.join(&b'\n');
        (new != content).then_some(new)
    }
}
