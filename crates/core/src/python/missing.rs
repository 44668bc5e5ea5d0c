//! A Python that is not installed, in the words of programs that install some.

use std::fmt::Write as _;

use super::choose::ChooseError;
use super::find::FindError;
use super::names::Guess;
use super::request::{Kind, Request};
use super::version::Implementation;
use super::wanted::{Wanted, WantedVersion};

/// A program that installs Pythons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PythonInstaller {
    /// uv, which downloads them.
    Uv,
    /// pyenv, which compiles them.
    Pyenv,
}

/// A version of Python that is not installed.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing(Wanted);

impl PythonInstaller {
    /// All of them, the fastest first.
    pub const ALL: [Self; 2] = [Self::Uv, Self::Pyenv];

    /// Returns the name of the program.
    pub fn program(self) -> &'static str {
        match self {
            Self::Uv => "uv",
            Self::Pyenv => "pyenv",
        }
    }

    /// Returns the arguments that install a version; none if the program has no name for it.
    pub fn arguments(self, missing: &Missing) -> Option<Vec<String>> {
        let text = match self {
            Self::Uv => missing.for_uv()?,
            Self::Pyenv => missing.for_pyenv()?,
        };
        let verb: &[&str] = match self {
            Self::Uv => &["python", "install"],
            Self::Pyenv => &["install"],
        };
        Some(verb.iter().map(ToString::to_string).chain([text]).collect())
    }
}

impl Missing {
    /// Returns what an unsuccessful choice was about, if it was a version.
    pub fn of(error: &ChooseError) -> Option<Self> {
        let request = match error {
            ChooseError::Find(FindError::NotFound { request, .. }) => Some(request.clone()),
            ChooseError::Find(FindError::NoPython) => return Some(Self(Wanted::any())),
            ChooseError::PinnedMissing { text, .. } => Request::parse_version(text).ok().flatten(),
            _ => None,
        };
        match request?.kind {
            Kind::Wanted(wanted) => Some(Self(wanted)),
            Kind::Path(_) | Kind::Command(_) => None,
        }
    }

    /// Returns whether a library directory, such as `python3.12`, can be one of the version.
    pub fn may_use(&self, library: &str) -> bool {
        let guess = Guess::of_executable(library);
        guess.is_none_or(|guess| self.0.allows(&guess) && guess.is_free_threaded == self.0.is_free_threaded)
    }

    /// Returns whether the version is newer than this one, as far as the wish tells.
    pub fn is_newer(&self, than: (u32, u32)) -> bool {
        match &self.0.version {
            WantedVersion::Release { minor: Some(minor), .. } => (3, *minor) > than,
            _ => true,
        }
    }

    fn for_uv(&self) -> Option<String> {
        self.0.bits.is_none().then(|| self.to_string())
    }

    /// pyenv takes the newest release that begins like this; it knows no ranges.
    fn for_pyenv(&self) -> Option<String> {
        let prefix = match self.0.implementation {
            None | Some(Implementation::CPython) => "",
            Some(Implementation::PyPy) => "pypy",
            Some(Implementation::GraalPy) => return None,
        };
        self.0.bits.is_none().then(|| self.release())?.map(|release| prefix.to_string() + &release)
    }

    fn release(&self) -> Option<String> {
        let WantedVersion::Release { minor, micro, pre } = &self.0.version else {
            return (self.0.version == WantedVersion::Any).then(|| "3".to_string());
        };
        let mut text = "3".to_string();
        for part in [minor, micro].into_iter().flatten() {
            let _ = write!(text, ".{part}");
        }
        if let Some(pre) = pre {
            let _ = write!(text, "{pre}");
        }
        Some(text + if self.0.is_free_threaded { "t" } else { "" })
    }
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0.implementation {
            None | Some(Implementation::CPython) => "",
            Some(Implementation::PyPy) => "pypy",
            Some(Implementation::GraalPy) => "graalpy",
        })?;
        match &self.0.version {
            WantedVersion::Range(range) => f.write_str(&range.to_string().replace(' ', "")),
            _ => f.write_str(&self.release().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::Path;

    use super::*;

    fn missing(text: &str) -> Option<Missing> {
        let request = Request::parse(OsStr::new(text), Path::new("/"), None).unwrap();
        Missing::of(&ChooseError::Find(FindError::NotFound { request, seen: Vec::new(), failed: None }))
    }

    #[test]
    fn each_program_is_asked_in_its_own_words() {
        for (text, uv, pyenv) in [
            ("3.14", "3.14", Some("3.14")),
            ("python3.14", "3.14", Some("3.14")),
            ("314", "3.14", Some("3.14")),
            ("3.13.2", "3.13.2", Some("3.13.2")),
            ("3.14t", "3.14t", Some("3.14t")),
            ("3.15.0rc1", "3.15.0rc1", Some("3.15.0rc1")),
            ("3", "3", Some("3")),
            ("pypy3.11", "pypy3.11", Some("pypy3.11")),
            ("graalpy3.12", "graalpy3.12", None),
            (">=3.14, <3.16", ">=3.14,<3.16", None),
        ] {
            let missing = missing(text).unwrap();
            let last = |program: PythonInstaller| program.arguments(&missing).and_then(|words| words.last().cloned());
            assert_eq!(last(PythonInstaller::Uv).as_deref(), Some(uv), "{text}");
            assert_eq!(last(PythonInstaller::Pyenv).as_deref(), pyenv, "{text}");
        }
        let words = PythonInstaller::Uv.arguments(&missing("3.14").unwrap()).unwrap();
        assert_eq!(words, ["python", "install", "3.14"]);
    }

    #[test]
    fn only_a_version_can_be_installed() {
        assert_eq!(missing("/usr/bin/python9"), None);
        assert_eq!(missing("my-python"), None);
        let pinned = |text: &str| {
            let error =
                ChooseError::PinnedMissing { file: "/x".into(), text: text.into(), seen: Vec::new(), failed: None };
            PythonInstaller::Uv.arguments(&Missing::of(&error)?)
        };
        assert_eq!(pinned(">=3.15").unwrap()[2], ">=3.15");
        assert_eq!(pinned("my-env"), None);
        assert!(Missing::of(&ChooseError::Find(FindError::NoPython)).is_some());
    }
}
