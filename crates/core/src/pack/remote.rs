//! Another machine that is reached by ssh, and has nothing but sh and tar.
//!
//! What ssh runs goes through the login shell there, which may be any. So the commands are words without special
//! characters, or between single quotes without what any shell changes there, and the scripts are what they read.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::host::{self, Host};
use super::manifest::{Manifest, ManifestPython};
use crate::fs::temporary::unique_name;
use crate::relocate::glibc;
use crate::shell::quote;

/// Asks the machine what it is.
const PROBE: &str = include_str!("probe.sh");
/// Receives the archive.
const RECEIVE: &str = include_str!("receive.sh");

/// The status of the receiving script if something has taken the place meanwhile.
const TAKEN: i32 = 73;
/// Its status if not all of it has arrived.
const CUT: i32 = 74;

/// A place on another machine.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Where the environment will be; relative to the home directory there, or absolute.
    pub target: PathBuf,
    staging: OsString,
}

/// What the other machine has answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Whether something has the path already.
    pub is_taken: bool,
    /// The system and the processor: `Linux x86_64`.
    pub machine: String,
    /// The version of glibc, the second number of 2.N.
    pub glibc: Option<u32>,
    /// Whether its C library is musl.
    pub is_musl: bool,
    /// The Python of the wanted version.
    pub python: Option<String>,
    /// What that is: its minor version, implementation and flags; none if it cannot be run.
    pub python_is: Option<[String; 3]>,
    /// The free space in bytes.
    pub free: Option<u64>,
    /// Whether nothing can be written there.
    pub is_read_only: bool,
    /// What is where a directory above the path would be.
    pub in_the_way: Option<String>,
    /// Whether it can unpack an archive.
    pub has_tar: bool,
}

/// Why nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// The answer is not what the script prints.
    #[error("the other machine gave no usable answer")]
    NoAnswer,
    /// It cannot unpack.
    #[error("the other machine has no `tar`, or none that reads `.tar.gz`")]
    NoTar,
    /// The path is taken.
    #[error("`{}` exists on the other machine", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// It has no fitting Python.
    #[error("the other machine has no Python {version}")]
    NoPython {
        /// The version that the packages are for.
        version: String,
    },
    /// The Python that was named is not there.
    #[error("there is no `{}` on the other machine", python.display())]
    NotThere {
        /// Its path, or its name.
        python: PathBuf,
    },
    /// Its Python is another one.
    #[error("the packages are for {wanted}, and `{}` on the other machine is {found}", python.display())]
    OtherPython {
        /// Its path.
        python: PathBuf,
        /// What the packages are for.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// The directory, or the one that it would be in, is closed.
    #[error("`{}` cannot be written on the other machine", path.display())]
    ReadOnly {
        /// The path.
        path: PathBuf,
    },
    /// A directory that would be created has the name of something else.
    #[error("`{}` on the other machine is not a directory", path.display())]
    InTheWay {
        /// What it is.
        path: PathBuf,
    },
    /// It is of another kind.
    #[error("the packages are for {wanted}, and the other machine is {found}")]
    OtherMachine {
        /// What the packages are for.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// Its system is too old.
    #[error("the packages need glibc {needed}, and the other machine has {found}")]
    OldGlibc {
        /// The version that they need.
        needed: String,
        /// The one that it has.
        found: String,
    },
    /// It has too little room.
    #[error("the other machine has {free} MB free, and {needed} MB are needed")]
    NoSpace {
        /// How much it has.
        free: u64,
        /// How much is needed.
        needed: u64,
    },
}

impl Remote {
    /// Names a place. Paths begin in the home directory, which `~` stands for.
    pub fn new(target: &Path) -> Self {
        // Put together from its components, it has no slash at its end: the directory above would be itself.
        let path: PathBuf = target.strip_prefix("~").unwrap_or(target).components().collect();
        let target = if path.as_os_str().is_empty() { ".".into() } else { path };
        Self { target, staging: unique_name(".venvwrap-send-") }
    }

    /// The script that asks, for sh to read. `python` is a path there, or the name to look for.
    pub fn probe(&self, python: &str) -> Vec<u8> {
        filled(PROBE, &self.values(python))
    }

    /// What receives: the command, and the script that is sent to it before the archive. So nothing is there before the
    /// script is, which removes what it has made however it ends.
    pub fn receive(&self, python: &str) -> (String, Vec<u8>) {
        let mut script = filled(RECEIVE, &self.values(python));
        script.truncate(script.trim_ascii_end().len());
        // Neither a byte more nor less: some shells read ahead. An empty script would succeed.
        let read = format!("dd bs=1 count={} 2>/dev/null", script.len());
        (format!("sh -c 'eval \"$({read})\"; exit {CUT}' venvwrap-receive"), script)
    }

    fn values(&self, python: &str) -> [(&'static str, Vec<u8>); 4] {
        [
            ("@TARGET@", quote::posix(self.target.as_os_str().as_bytes())),
            ("@STAGING@", quote::posix(self.staging.as_bytes())),
            ("@PYTHON@", quote::posix(python.as_bytes())),
            ("@TAKEN@", TAKEN.to_string().into_bytes()),
        ]
    }

    /// Returns why the receiving script has failed, if its status says so.
    pub fn refusal(&self, status: Option<i32>) -> Option<RemoteError> {
        (status == Some(TAKEN)).then(|| RemoteError::Exists { path: self.target.clone() })
    }
}

/// A script with these values; each of its lines has at most one.
fn filled(script: &str, values: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut result = Vec::new();
    for line in script.split_inclusive('\n') {
        match values.iter().find_map(|(mark, value)| Some((line.split_once(mark)?, value))) {
            Some(((before, after), value)) => {
                result.extend_from_slice(before.as_bytes());
                result.extend_from_slice(value);
                result.extend_from_slice(after.as_bytes());
            }
            None => result.extend_from_slice(line.as_bytes()),
        }
    }
    result
}

impl Answer {
    /// Reads what the script has printed. What the login shell prints before it is passed over.
    pub fn parse(output: &[u8]) -> Result<Self, RemoteError> {
        let text = String::from_utf8_lossy(output);
        let lines: Vec<&str> = text.lines().skip_while(|line| *line != "venvwrap-probe").skip(1).collect();
        let [state, machine, libc, python, facts, free, access, tar, place, ..] = lines[..] else {
            return Err(RemoteError::NoAnswer);
        };
        let facts: Vec<_> = facts.split_whitespace().map(str::to_string).collect();
        Ok(Self {
            is_taken: state == "exists",
            machine: machine.to_string(),
            glibc: libc.strip_prefix("glibc ").and_then(glibc::minor),
            is_musl: libc == "musl",
            python: Some(python.to_string()).filter(|python| !python.is_empty()),
            python_is: facts.try_into().ok(),
            free: free.parse::<u64>().ok().map(|kilobytes| kilobytes.saturating_mul(1024)),
            is_read_only: access == "read-only" || free == "none",
            in_the_way: (access == "in-the-way").then(|| place.to_string()),
            has_tar: tar == "tar",
        })
    }

    /// Fails if the machine cannot take an archive with this manifest. `named` is the Python that the user has named.
    pub fn check(&self, remote: &Remote, manifest: &Manifest, named: Option<&str>) -> Result<(), RemoteError> {
        if self.is_taken {
            return Err(RemoteError::Exists { path: remote.target.clone() });
        }
        if let Some(path) = &self.in_the_way {
            return Err(RemoteError::InTheWay { path: path.into() });
        }
        if manifest.layout != "python" {
            if let (None, Some(named)) = (&self.python, named) {
                return Err(RemoteError::NotThere { python: named.into() });
            }
            self.check_python(&manifest.python)?;
        }
        if self.is_read_only {
            return Err(RemoteError::ReadOnly { path: remote.target.clone() });
        }
        let wanted = format!("{} {}", manifest.system, manifest.machine);
        if (manifest.glibc.is_some() || manifest.layout == "python") && wanted != self.machine {
            return Err(RemoteError::OtherMachine { wanted, found: self.machine.clone() });
        }
        let needed = manifest.glibc.as_deref().and_then(glibc::minor);
        if let Some(needed) = needed.filter(|_| self.is_musl) {
            return Err(RemoteError::OldGlibc { needed: glibc::version(needed), found: "musl".into() });
        }
        if let (Some(needed), Some(found)) = (needed, self.glibc)
            && needed > found
        {
            return Err(RemoteError::OldGlibc { needed: glibc::version(needed), found: glibc::version(found) });
        }
        if !self.has_tar {
            return Err(RemoteError::NoTar);
        }
        // Half a block is lost for each file.
        let needed = manifest.bytes.saturating_add(manifest.files.saturating_mul(2048));
        match self.free {
            Some(free) if free < needed => Err(RemoteError::NoSpace { free: free >> 20, needed: needed >> 20 }),
            _ => Ok(()),
        }
    }
}

impl Answer {
    fn check_python(&self, python: &ManifestPython) -> Result<(), RemoteError> {
        let minor: Vec<&str> = python.version.split('.').take(2).collect();
        let minor = minor.join(".");
        let Some(path) = &self.python else { return Err(RemoteError::NoPython { version: minor }) };
        let flags: String = python.abiflags.chars().filter(|c| *c != 'm').collect();
        let wanted = [minor, python.implementation.to_lowercase(), if flags.is_empty() { "-".into() } else { flags }];
        if self.python_is.as_ref() == Some(&wanted) {
            return Ok(());
        }
        let found = self.python_is.as_ref().map_or_else(|| "none that runs".into(), told);
        Err(RemoteError::OtherPython { python: path.into(), wanted: told(&wanted), found })
    }
}

/// A Python in words: `cpython 3.13 t`.
fn told([minor, implementation, flags]: &[String; 3]) -> String {
    format!("{implementation} {minor} {}", flags.trim_matches('-')).trim_end().to_string()
}

/// Returns the name by which a machine is asked for the Python of an environment.
pub fn python_name(library: &str) -> String {
    library.trim_end_matches('t').to_string()
}

/// Splits `[USER@]HOST[:PATH]`; none for what is no host, and for a path that no script of an environment could name or
/// that begins in the home directory of another user.
pub fn destination(text: &str) -> Option<(Host, Option<&Path>)> {
    let (host, path) = if host::is_address(text) {
        (text, None)
    } else {
        let (host, path) = host::split(text)?;
        (host, path.filter(|path| !path.is_empty()))
    };
    let host = Host::parse(host.as_ref())?;
    // The home directory of another user is known there only, and a URL is none of a directory.
    let is_of_another = |path: &str| path.starts_with('~') && path != "~" && !path.starts_with("~/");
    let is_odd = |path: &str| path.contains(char::is_control) || path.starts_with("//") || is_of_another(path);
    (!path.is_some_and(is_odd)).then(|| (host, path.map(Path::new)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::manifest::LeftOut;

    #[test]
    fn a_destination_has_a_host_and_perhaps_a_path() {
        let host = |name: &str| Host::parse(name.as_ref()).unwrap();
        assert_eq!(destination("me@host"), Some((host("me@host"), None)));
        assert_eq!(destination("host:"), Some((host("host"), None)));
        for own in ["~", "~/a", "./~a"] {
            assert_eq!(destination(&format!("host:{own}")), Some((host("host"), Some(Path::new(own)))));
        }
        assert_eq!(destination("me@[::1]:~/a"), Some((host("me@[::1]"), Some(Path::new("~/a")))));
        for address in ["::1", "me@fe80::1%eth0", "[::1]"] {
            assert_eq!(destination(address), Some((host(address), None)), "{address}");
        }
        assert_eq!(destination("host:a b/c:d"), Some((host("host"), Some(Path::new("a b/c:d")))));
        let bad =
            ["-oProxyCommand=x", "", ":x", "a b", "a\nb", "a:b\nc", "a:~b", "a:~b/c", "ssh://a/b", "[::1]x", "[::1"];
        for bad in bad {
            assert_eq!(destination(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_one_status_says_that_the_place_is_taken() {
        let remote = Remote::new("new".as_ref());
        let refusal = |status| remote.refusal(status).map(|error| error.to_string());
        assert_eq!(refusal(Some(TAKEN)).as_deref(), Some("`new` exists on the other machine"));
        assert_eq!([Some(0), Some(1), Some(255), None].map(refusal), [const { None }; 4]);
    }

    #[test]
    fn an_answer_is_found_after_a_greeting() {
        let output = b"Welcome! \nvenvwrap-probe\nfree\nLinux x86_64\nglibc 2.36\n/usr/bin/python3.11\n\
            3.11 cpython -\n1000\nwritable\ntar\n.\n";
        let answer = Answer::parse(output).unwrap();
        assert_eq!((answer.is_taken, answer.glibc, answer.free), (false, Some(36), Some(1_024_000)));
        assert!(!answer.is_read_only && answer.has_tar && !answer.is_musl);
        assert_eq!(answer.python.as_deref(), Some("/usr/bin/python3.11"));
        assert!(Answer::parse(b"Welcome!\n").is_err());
    }

    #[test]
    fn only_the_same_python_will_do() {
        let python = ManifestPython {
            version: "3.13.1".into(),
            implementation: "CPython".into(),
            abiflags: "t".into(),
            magic: None,
        };
        let check = |facts: &str| {
            let words: Vec<_> = facts.split_whitespace().map(str::to_string).collect();
            let answer = Answer { python: Some("/p".into()), python_is: words.try_into().ok(), ..Answer::default() };
            answer.check_python(&python).map_err(|error| error.to_string())
        };
        assert_eq!(check("3.13 cpython t"), Ok(()));
        let refused =
            |found| Err(format!("the packages are for cpython 3.13 t, and `/p` on the other machine is {found}"));
        assert_eq!(check("3.13 cpython -"), refused("cpython 3.13"));
        assert_eq!(check("3.12 cpython t"), refused("cpython 3.12 t"));
        assert_eq!(check(""), refused("none that runs"));
        assert!(matches!(Answer::default().check_python(&python), Err(RemoteError::NoPython { .. })));
    }

    #[test]
    fn a_machine_that_cannot_take_the_archive_is_refused() {
        let manifest = Manifest {
            schema: 1,
            tool: String::new(),
            name: "api".into(),
            layout: "python".into(),
            path: "/envs/api".into(),
            python: ManifestPython::default(),
            system: "Linux".into(),
            machine: "x86_64".into(),
            glibc: Some("2.30".into()),
            libraries: Vec::new(),
            files: 1024,
            bytes: 3 << 20,
            packages: Vec::new(),
            left_out: LeftOut::default(),
        };
        let good = || Answer { machine: "Linux x86_64".into(), glibc: Some(30), has_tar: true, ..Answer::default() };
        let check = |answer: Answer| {
            let checked = answer.check(&Remote::new("new".as_ref()), &manifest, None);
            checked.map_err(|error| error.to_string())
        };
        assert_eq!(check(good()), Ok(()));
        // Not every machine can say which glibc it has.
        assert_eq!(check(Answer { glibc: None, ..good() }), Ok(()));
        assert_eq!(check(Answer { free: Some(5 << 20), ..good() }), Ok(()));
        for (answer, words) in [
            (Answer { glibc: Some(29), ..good() }, "need glibc 2.30, and the other machine has 2.29"),
            (Answer { glibc: None, is_musl: true, ..good() }, "need glibc 2.30, and the other machine has musl"),
            (Answer { machine: "Linux aarch64".into(), ..good() }, "are for Linux x86_64, and the other machine is"),
            (Answer { machine: "Darwin x86_64".into(), ..good() }, "and the other machine is Darwin x86_64"),
            (Answer { has_tar: false, ..good() }, "has no `tar`"),
            // Of each file's last block half is lost.
            (Answer { free: Some(4 << 20), ..good() }, "has 4 MB free, and 5 MB are needed"),
            (Answer { is_taken: true, ..good() }, "`new` exists"),
            (Answer { is_read_only: true, ..good() }, "`new` cannot be written"),
            (Answer { in_the_way: Some("a".into()), ..good() }, "`a` on the other machine is not a directory"),
        ] {
            let refused = check(answer).unwrap_err();
            assert!(refused.contains(words), "{words}: {refused}");
        }
    }
}
