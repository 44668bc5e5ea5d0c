//! The words of [`Packages::words`](super::install::Packages::words), read once more: what is in the pipes among them, and
//! whether uv takes all of it.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

use venvwrap_core::snapshot::requirements::{Requirements, is_editable_not_for_uv, with_absolute_files};
use venvwrap_core::wheel::file_options::FileOptions;

use super::inputs;
use super::tool::Tool;
use crate::error::Result;
use crate::process::lookup;

/// What pip and uv call it.
pub(super) const QUIET: &str = "--quiet";

/// What an installer is told.
pub(super) struct Words {
    told: Vec<OsString>,
    /// What was in the pipes. Each can be read only once, so the installer gets it on its standard input.
    piped: Vec<u8>,
    /// Whether something is editable that uv does not install so.
    pub(super) is_not_for_uv: bool,
    /// What the files say about where packages come from.
    pub(super) options: FileOptions,
    /// How many of them are from pipes, which are read before all files.
    ahead: usize,
}

impl Words {
    /// Reads the words; files are looked for in the directory in which the installer runs.
    pub(super) fn read(words: &[OsString], directory: &Path) -> Result<Self> {
        let (told, piped) = (Vec::new(), Vec::new());
        let mut read = Self { told, piped, is_not_for_uv: false, options: FileOptions::default(), ahead: 0 };
        let mut rest = words.iter();
        while let Some(word) = rest.next() {
            let value = if word == "-r" || word == "-e" { rest.next() } else { None };
            match value {
                Some(file) if word == "-r" && inputs::is_pipe(file.as_ref()) => {
                    read.take_pipe(file.as_ref(), directory)?;
                    continue;
                }
                Some(file) if word == "-r" => read.note(Requirements::read(&directory.join(file), &lookup).ok()),
                Some(place) => read.is_not_for_uv |= is_editable_not_for_uv(&place.to_string_lossy()),
                None => {}
            }
            read.told.extend(std::iter::once(word).chain(value).cloned());
            if word == "--" {
                read.told.extend(rest.by_ref().cloned());
            }
        }
        Ok(read)
    }

    fn take_pipe(&mut self, path: &Path, directory: &Path) -> Result<()> {
        let content = inputs::read_pipe(path)?;
        let known = self.options.lines.len();
        self.note(Requirements::parse_with(&content, directory, &path.display().to_string(), &lookup).ok());
        self.options.lines[self.ahead..].rotate_left(known - self.ahead);
        self.ahead += self.options.lines.len() - known;
        if !content.trim_ascii().is_empty() {
            // pip looks for what it includes next to the pipe.
            self.piped.extend(with_absolute_files(&content, directory));
            self.piped.push(b'\n');
        }
        Ok(())
    }

    /// What cannot be read is the installer's to refuse, or to fetch.
    fn note(&mut self, requirements: Option<Requirements>) {
        self.is_not_for_uv |= requirements.as_ref().is_some_and(Requirements::has_editable_not_for_uv);
        self.options.extend(requirements.map_or_else(Requirements::unknown_options, Requirements::into_file_options));
    }

    /// Returns whether nothing is left to install, as from an empty pipe.
    pub(super) fn is_empty(&self) -> bool {
        self.piped.is_empty() && self.told.iter().all(|word| word == QUIET || word == "--")
    }

    /// Adds the words to the command of an installer, and returns what it is to read.
    pub(super) fn add_to(&self, command: &mut Command, tool: &Tool) -> &[u8] {
        if !self.piped.is_empty() {
            command.args(["-r", if matches!(tool, Tool::Uv(_)) { "-" } else { "/dev/stdin" }]).stdin(Stdio::piped());
        }
        command.args(&self.told);
        &self.piped
    }

    /// Returns whether the installer is to say only what goes wrong.
    pub(super) fn is_quiet(&self) -> bool {
        self.told.first().is_some_and(|word| word == QUIET)
    }

    /// Returns whether pip has ended with this status because it does not know `--group`, the only word that is new to it.
    pub(super) fn has_unknown_option(&self, status: u8) -> bool {
        status == 2 && self.told.iter().any(|word| word.as_bytes().starts_with(b"--group="))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Words {
        Words::read(&line.split(' ').map(OsString::from).collect::<Vec<_>>(), Path::new("/nonexistent")).unwrap()
    }

    #[test]
    fn an_old_pip_is_known_by_its_status_and_the_word() {
        let group = read("--group=dev --");
        assert!(group.has_unknown_option(2) && !group.has_unknown_option(1));
        assert!(!read("-- web").has_unknown_option(2));
    }

    #[test]
    fn nothing_from_a_pipe_is_nothing() {
        assert!(read("--quiet -r /dev/null --").is_empty() && read("--").is_empty());
        for line in ["-r /dev/null -- six", "-r file --", "-e . --", "--group=dev --"] {
            assert!(!read(line).is_empty(), "{line}");
        }
        assert_eq!(read("-r /dev/null -e . -- -r /dev/null").told, ["-e", ".", "--", "-r", "/dev/null"]);
    }

    #[test]
    fn what_uv_does_not_install_is_found() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "six\n-e git+https://x/y@1#egg=y\n").unwrap();
        let file = format!("-r {} --", file.path().display());
        assert!(read(&file).is_not_for_uv && read("-e git+https://x/y --").is_not_for_uv);
        assert!(!read("-e . -- git+https://x/y").is_not_for_uv);
    }
}
