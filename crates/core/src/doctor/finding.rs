//! One finding.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::check::{ACTIVATE_MISSING, ACTIVATE_UNSAFE, Check, MOVED, Severity};
use crate::env::Environment;
use crate::env::name::EnvName;
use crate::shell::quote;
use crate::store::create::is_replaceable;

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The check that has found it.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The environment that it is about; none for what they share.
    pub environment: Option<EnvName>,
    /// What was found, as a part of a sentence.
    pub message: String,
    /// What puts it right.
    pub fix: Option<Fix>,
    /// Paths, versions and the like by their names.
    pub details: BTreeMap<&'static str, Vec<String>>,
}

/// What puts something right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The command, word by word.
    pub command: Vec<OsString>,
    /// The command to run after it; empty for none.
    pub then: Vec<OsString>,
    /// Whether [`Doctor::fix`](super::Doctor::fix) does it, because nothing is lost.
    pub is_automatic: bool,
    /// What becomes of the environment.
    pub kind: FixKind,
}

/// What a fix does with the environment that a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixKind {
    /// It gets another Python of its version, or its scripts are put right.
    Repair,
    /// It is built again, be it for the version that it has.
    Rebuild,
    /// Something else.
    Other,
}

impl Fix {
    /// The command as it is typed in a shell: a POSIX shell, unless a word is no printable text, which only bash, zsh and
    /// their like can spell.
    pub fn text(&self) -> String {
        let word = |word: &OsString| match word.to_str().filter(|text| !text.contains(char::is_control)) {
            Some(text) => shell_words::quote(text).into_owned(),
            None => String::from_utf8_lossy(&quote::bash_zsh(word.as_bytes())).into_owned(),
        };
        let command = |words: &[OsString]| words.iter().map(word).collect::<Vec<_>>().join(" ");
        if self.then.is_empty() {
            return command(&self.command);
        }
        format!("{} && {}", command(&self.command), command(&self.then))
    }
}

impl Finding {
    pub(super) fn new(check: &Check, message: impl Into<String>) -> Self {
        Self {
            id: check.id,
            severity: check.severity,
            environment: None,
            message: message.into(),
            fix: None,
            details: BTreeMap::new(),
        }
    }

    pub(super) fn of(check: &Check, environment: &Environment, message: impl Into<String>) -> Self {
        Self { environment: Some(environment.name().clone()), ..Self::new(check, message) }
    }

    pub(super) fn into_note(self) -> Self {
        Self { severity: Severity::Note, ..self }
    }

    pub(super) fn detail(mut self, key: &'static str, values: impl IntoIterator<Item = String>) -> Self {
        self.details.insert(key, values.into_iter().collect());
        self
    }

    pub(super) fn path(self, key: &'static str, path: &Path) -> Self {
        self.detail(key, [text(path)])
    }

    /// Names the command that puts it right.
    pub(super) fn fixed_by<S: Into<OsString>>(mut self, words: impl IntoIterator<Item = S>) -> Self {
        let command = words.into_iter().map(Into::into).collect();
        self.fix = Some(Fix { command, then: Vec::new(), is_automatic: false, kind: FixKind::Other });
        self
    }

    /// Says that nothing is lost by what puts it right.
    pub(super) fn without_loss(mut self) -> Self {
        self.fix = self.fix.map(|fix| Fix { is_automatic: true, ..fix });
        self
    }

    /// Names the command that puts it right, and the one to run after it, which may be empty.
    pub(super) fn fixed_by_both(self, [command, then]: [Vec<String>; 2]) -> Self {
        let mut finding = self.fixed_by(command);
        if let Some(fix) = &mut finding.fix {
            fix.then = then.into_iter().map(Into::into).collect();
        }
        finding
    }

    /// Names `venvwrap VERB NAME` as the command.
    pub(super) fn fixed_by_verb(self, verb: &str) -> Self {
        let name = self.environment.as_ref().map(|name| name.word().to_os_string());
        let words: Vec<_> = ["venvwrap", verb].map(OsString::from).into_iter().chain(name).collect();
        self.fixed_by(words)
    }

    /// Names `venvwrap repair NAME`, which loses nothing.
    pub(super) fn repaired(self) -> Self {
        let mut finding = self.repaired_on_request();
        let is_automatic = |fix: &Fix| fix.kind == FixKind::Repair;
        finding.fix = finding.fix.map(|fix| Fix { is_automatic: is_automatic(&fix), ..fix });
        finding
    }

    /// Names it for what should be looked at first.
    pub(super) fn repaired_on_request(self) -> Self {
        // No activate script can name its path; renaming it writes all scripts anew.
        let is_about_scripts = [MOVED, ACTIVATE_MISSING, ACTIVATE_UNSAFE].iter().any(|check| check.id == self.id);
        let has_name_for_none = self.environment.as_ref().is_some_and(|name| !is_writable(name));
        if is_about_scripts && has_name_for_none {
            return self.renamed();
        }
        let mut finding = self.fixed_by_verb("repair");
        finding.fix = finding.fix.map(|fix| Fix { kind: FixKind::Repair, ..fix });
        finding
    }

    /// Names the command that makes anew what cannot be repaired.
    pub(super) fn recreated(self, environment: &Environment) -> Self {
        let is_outside = self.environment.as_ref().is_some_and(|name| name.path().is_some());
        if is_outside && !is_replaceable(environment.path()) {
            return self;
        }
        let mut finding = self.fixed_by_verb(if is_outside { "venv" } else { "create" });
        if let Some(fix) = &mut finding.fix {
            fix.command.insert(2, "--clear".into());
        }
        finding
    }

    /// Names the command that writes its scripts again and keeps its packages.
    pub(super) fn renewed(self) -> Self {
        let is_outside = self.environment.as_ref().is_some_and(|name| name.path().is_some());
        self.fixed_by_verb(if is_outside { "venv" } else { "create" })
    }

    /// Names the command that builds the environment again, with a Python of this version or with the usual one.
    pub(super) fn rebuilt(self, version: Option<&str>) -> Self {
        let mut finding = self.fixed_by_verb("upgrade");
        if let Some(fix) = &mut finding.fix {
            fix.kind = FixKind::Rebuild;
            fix.command.extend(version.into_iter().flat_map(|version| ["-p", version].map(OsString::from)));
        }
        finding
    }

    /// Names `venvwrap rename NAME NEW`, whose last word is the user's. One that is called by its path has no such command.
    pub(super) fn renamed(self) -> Self {
        if self.environment.as_ref().is_some_and(|name| name.path().is_some()) {
            return self;
        }
        let mut finding = self.fixed_by_verb("rename");
        if let Some(fix) = &mut finding.fix {
            fix.command.push("NEW".into());
        }
        finding
    }

    /// Says that it is put right without loss.
    pub(super) fn automatically(mut self) -> Self {
        let name = self.environment.as_ref().map(|name| name.word().to_os_string());
        let words = ["venvwrap", "doctor", "--fix"].map(OsString::from).into_iter().chain(name);
        let (command, then) = (words.collect(), Vec::new());
        self.fix = Some(Fix { command, then, is_automatic: true, kind: FixKind::Other });
        self
    }
}

/// Returns whether activate scripts can name an environment.
fn is_writable(name: &EnvName) -> bool {
    name.as_os_str().to_str().is_some_and(|name| !name.contains(|c: char| c.is_control() || c == ':'))
}

/// A path for a message.
pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
