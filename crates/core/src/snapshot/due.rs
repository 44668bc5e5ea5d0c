//! Which environments an upgrade of all takes, and what one gets that is asked for no Python: never an older one.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::str::FromStr as _;

use super::python::Python;
use crate::env::Environment;
use crate::env::health::Health;
use crate::fs::private::User;
use crate::python::{self, Interpreter, Remedy, Request, Search};

/// How an environment stands to the Python that all are to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is to be rebuilt.
    Due {
        /// Whether its own Python is gone.
        is_gone: bool,
    },
    /// It has that version, or a newer one.
    Current,
    /// Its Python is gone, but not older, and another one of its version is there: a repair loses nothing.
    Repairable,
    /// It is for another kind of Python, such as PyPy, and asks for that to be named: gone or not, it is not exchanged unasked.
    Unlike,
}

/// The Python that all are to have.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// The interpreter.
    pub interpreter: &'a Interpreter,
    /// Whether somebody has asked for it.
    pub is_asked: bool,
    /// Whether it is only for those that do not work.
    pub is_for_broken: bool,
}

/// Why an upgrade of all leaves an environment out, whatever its Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// It is a link to an environment elsewhere.
    Link,
    /// It belongs to another user.
    OfAnother,
}

/// Returns why an upgrade of all leaves an environment out, if it does.
pub fn left_out(environment: &Environment, user: User) -> Option<LeftOut> {
    let found = std::fs::symlink_metadata(environment.path()).ok()?;
    if found.is_symlink() {
        return Some(LeftOut::Link);
    }
    (found.uid() != user.uid).then_some(LeftOut::OfAnother)
}

/// Returns whether the Python of an environment is gone, or is not the one that its packages are for.
pub fn is_gone(health: &Health) -> bool {
    match health {
        Health::DanglingInterpreter { .. } | Health::HomeMissing { .. } | Health::WrongVersion { .. } => true,
        Health::Ok
        | Health::LostName { .. }
        | Health::Moved { .. }
        | Health::NoActivateScript
        | Health::NoHome
        | Health::NotAnEnvironment => false,
    }
}

/// Tells how an environment with this Python stands to another one. Where nobody has asked for that, one whose Python is
/// gone gets another one of its kind, see [`own`].
pub fn standing(
    environment: &Environment,
    python: &Python,
    health: &Health,
    wish: Wish<'_>,
    search: &Search<'_>,
) -> Standing {
    let Wish { interpreter: wanted, is_asked, is_for_broken } = wish;
    let is_gone = is_gone(health);
    let is_alike = is_alike(python, wanted);
    let is_newer = is_alike && python.version < (wanted.version.major, wanted.version.minor);
    // What is only asked for those that are broken is that they work.
    let may_be_repaired = is_gone && (!is_newer || is_for_broken && !is_asked);
    match (is_gone, is_alike) {
        _ if may_be_repaired && python::remedy(environment.path(), search) == Remedy::Repair => Standing::Repairable,
        (true, _) if is_alike || !is_asked => Standing::Due { is_gone },
        (false, true) if is_newer => Standing::Due { is_gone },
        (false, true) => Standing::Current,
        (_, false) | (true, true) => Standing::Unlike,
    }
}

/// Returns the interpreter of an environment, or where that is gone another one of its version and kind.
pub fn own(environment: &Environment, python: &Python, search: &Search<'_>) -> Option<Interpreter> {
    let is_own = |found: &Interpreter| is_same(python, found);
    let found = python::choose_for_existing(environment.path(), search).ok().map(|choice| choice.interpreter);
    found.filter(is_own).or_else(|| {
        // Only `pyvenv.cfg` tells the version of one without packages.
        let request = Request::parse_version(&python.request()).ok()??;
        python::find(Some(&request), search).ok().filter(is_own)
    })
}

/// Returns whether two Pythons differ in nothing but their versions.
pub fn is_alike(python: &Python, wanted: &Interpreter) -> bool {
    is_of_same_kind(python, wanted) && is_for_same_machine(python, wanted)
}

/// Returns whether two Pythons are of one implementation, and both have a global lock or none.
pub fn is_of_same_kind(python: &Python, wanted: &Interpreter) -> bool {
    python.markers.platform_python_implementation == wanted.implementation.name()
        && python.is_free_threaded == wanted.is_free_threaded()
}

/// Returns whether two Pythons are programs for the same machine, as far as the files tell: of 32 or 64 bits, and one kind
/// of processor.
pub fn is_for_same_machine(python: &Python, wanted: &Interpreter) -> bool {
    match (machine_of(&python.program), machine_of(&wanted.executable)) {
        (Some(own), Some(other)) => own == other,
        _ => true,
    }
}

/// The class and the processor of a program of ELF; none for other files.
fn machine_of(program: &Path) -> Option<[u8; 3]> {
    let mut head = [0; 20];
    File::open(program).and_then(|mut file| file.read_exact(&mut head)).ok()?;
    head.starts_with(b"\x7fELF").then_some([head[4], head[18], head[19]])
}

/// Returns whether an interpreter is of the version and the kind of an environment's Python.
pub fn is_same(python: &Python, wanted: &Interpreter) -> bool {
    is_alike(python, wanted) && python.version == (wanted.version.major, wanted.version.minor)
}

/// Returns whether an interpreter is older than an environment's Python, be it a patch release.
pub fn is_older(interpreter: &Interpreter, python: &Python) -> bool {
    let version = |text: &str| pep440_rs::Version::from_str(text).ok();
    match (version(&interpreter.version.to_string()), version(python.full_version())) {
        (Some(new), Some(old)) => new < old,
        _ => (interpreter.version.major, interpreter.version.minor) < python.version,
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::config::variables::PATH;
    use crate::env::name::EnvName;

    fn interpreter(minor: u32, implementation: &str, abiflags: &str) -> Interpreter {
        serde_json::from_value(serde_json::json!({
            "executable": format!("/new/bin/python3.{minor}"),
            "version": {"major": 3, "minor": minor, "micro": 1, "level": "final", "serial": 0},
            "implementation": implementation, "implementation_version": "1", "magic": 1, "abiflags": abiflags,
            "base_prefix": "/new", "stdlib": format!("/new/lib/python3.{minor}"), "platlibdir": "lib",
            "is_64bit": true, "platform": "linux", "framework": ""
        }))
        .unwrap()
    }

    #[test]
    fn only_what_is_older_or_cannot_be_repaired_is_due() {
        let root = tempfile::tempdir().unwrap();
        let (root, bin) = (root.path(), root.path().join("bin"));
        std::fs::create_dir_all(&bin).unwrap();
        // The one Python that is there.
        std::os::unix::fs::symlink("/bin/sh", bin.join("python3.12")).unwrap();
        let path = bin.clone().into_os_string();
        let lookup = move |variable: &str| (variable == PATH.name).then(|| path.clone());
        let search = Search {
            lookup: &lookup,
            home: None,
            root,
            cwd: Path::new("/"),
            cache_dir: None,
            user: User::of_this_process(),
            query_timeout: Duration::from_secs(1),
        };
        let dead = Health::DanglingInterpreter { target: PathBuf::from("/gone") };
        let due = |is_gone| Standing::Due { is_gone };
        for (library, health, wanted, expected) in [
            ("python3.11", &Health::Ok, interpreter(13, "CPython", ""), due(false)),
            ("python3.11", &dead, interpreter(13, "CPython", ""), due(true)),
            ("python3.12", &dead, interpreter(13, "CPython", ""), due(true)),
            ("python3.13", &Health::Ok, interpreter(13, "CPython", ""), Standing::Current),
            ("python3.14", &Health::Ok, interpreter(13, "CPython", ""), Standing::Current),
            ("python3.14", &dead, interpreter(13, "CPython", ""), due(true)),
            ("python3.12", &dead, interpreter(11, "CPython", ""), Standing::Repairable),
            ("pypy3.9", &Health::Ok, interpreter(13, "CPython", ""), Standing::Unlike),
            ("pypy3.9", &dead, interpreter(13, "CPython", ""), Standing::Unlike),
            ("python3.13", &Health::Ok, interpreter(14, "CPython", "t"), Standing::Unlike),
            ("python3.13", &dead, interpreter(14, "CPython", "t"), Standing::Unlike),
            ("python3.13t", &dead, interpreter(14, "CPython", ""), Standing::Unlike),
            ("python3.11", &dead, interpreter(11, "PyPy", ""), Standing::Unlike),
            ("python3.13t", &dead, interpreter(14, "CPython", "t"), due(true)),
        ] {
            let directory = root.join("envs").join(library);
            std::fs::create_dir_all(directory.join("lib").join(library).join("site-packages")).unwrap();
            std::fs::create_dir_all(directory.join("bin")).unwrap();
            std::fs::write(directory.join("pyvenv.cfg"), "").unwrap();
            let environment = Environment::new(EnvName::for_existing(OsStr::new(library)).unwrap(), directory);
            let python = Python::of(&environment).unwrap();
            let standing = |is_asked, is_for_broken| {
                let wish = Wish { interpreter: &wanted, is_asked, is_for_broken };
                standing(&environment, &python, health, wish, &search)
            };
            for is_for_broken in [false, true] {
                assert_eq!(standing(true, is_for_broken), expected, "{library} {health:?} {}", wanted.version);
            }
            // Unasked, one that is gone is rebuilt as what it was.
            let is_dead = *health == dead && expected == Standing::Unlike;
            let expected = if is_dead { due(true) } else { expected };
            assert_eq!(standing(false, false), expected, "{library} {health:?} {}", wanted.version);
            let is_repairable = library == "python3.12" && *health == dead;
            assert_eq!(standing(false, true), if is_repairable { Standing::Repairable } else { expected }, "{library}");
            assert!(own(&environment, &python, &search).is_none(), "no Python here starts");
        }
    }

    #[test]
    fn programs_for_other_machines_are_not_alike() {
        let root = tempfile::tempdir().unwrap();
        let program = |name: &str, class: u8, machine: u8| {
            let (path, mut head) = (root.path().join(name), [0; 64]);
            head[..4].copy_from_slice(b"\x7fELF");
            (head[4], head[18]) = (class, machine);
            std::fs::write(&path, head).unwrap();
            path
        };
        let directory = root.path().join("api");
        std::fs::create_dir_all(directory.join("lib/python3.11/site-packages")).unwrap();
        std::fs::create_dir_all(directory.join("bin")).unwrap();
        std::fs::write(directory.join("pyvenv.cfg"), "").unwrap();
        let environment = Environment::new(EnvName::for_existing(OsStr::new("api")).unwrap(), directory);
        let python = Python::of(&environment).unwrap();
        let is_alike =
            |executable: PathBuf| is_alike(&python, &Interpreter { executable, ..interpreter(13, "CPython", "") });
        assert!(is_alike(program("narrow", 1, 3)), "nothing is known of the old one");
        program("api/bin/python", 2, 62);
        assert!(is_alike(program("same", 2, 62)) && is_alike("/bin/sh.gone".into()));
        assert!(!is_alike(program("narrow", 1, 3)) && !is_alike(program("arm", 2, 183)));
    }
}
