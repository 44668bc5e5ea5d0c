//! Helpers for the tests of seeding: wheels made by hand, and the interpreters that this machine has.

use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::{CacheDir, Download, Event, LinkMode, Project, SeedError, SeedRequest, Seeded, Sources, Target};
use crate::fs::private::User;
use crate::python::{Implementation, Interpreter, PythonVersion};

/// One entry of an archive, with every field that a hostile one might lie about.
#[derive(Clone)]
pub(super) struct ZipEntry {
    pub(super) name: Vec<u8>,
    pub(super) local_name: Vec<u8>,
    pub(super) content: Vec<u8>,
    pub(super) mode: u32,
    pub(super) crc: u32,
    pub(super) size: u32,
    pub(super) method: u8,
}

impl ZipEntry {
    pub(super) fn new(name: &str, content: &str) -> Self {
        Self {
            name: name.into(),
            local_name: name.into(),
            content: content.into(),
            mode: 0o100_644,
            crc: rawzip::crc32(content.as_bytes()),
            size: u32::try_from(content.len()).unwrap(),
            method: 0,
        }
    }

    /// Compresses the content.
    pub(super) fn deflated(self) -> Self {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&self.content).unwrap();
        Self { content: encoder.finish().unwrap(), method: 8, ..self }
    }
}

/// Writes an archive, byte by byte.
pub(super) fn zip(entries: &[ZipEntry]) -> Vec<u8> {
    // 2024-05-06 07:08:10.
    const CLOCK: u16 = (7 << 11) | (8 << 5) | 5;
    const DATE: u16 = (44 << 9) | (5 << 5) | 6;
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let offset = u32::try_from(archive.len()).unwrap();
        let stored = u32::try_from(entry.content.len()).unwrap();
        let common = |name: &[u8]| {
            let numbers = [&CLOCK.to_le_bytes()[..], &DATE.to_le_bytes(), &entry.crc.to_le_bytes()].concat();
            let name_length = u16::try_from(name.len()).unwrap().to_le_bytes();
            let sizes = [stored.to_le_bytes(), entry.size.to_le_bytes()].concat();
            [&[20, 0, 0, 0, entry.method, 0][..], &numbers, &sizes, &name_length, &[0, 0]].concat()
        };
        archive.extend([b"PK\x03\x04", common(&entry.local_name).as_slice()].concat());
        archive.extend_from_slice(&entry.local_name);
        archive.extend_from_slice(&entry.content);
        directory.extend([b"PK\x01\x02\x14\x03", common(&entry.name).as_slice(), &[0; 6]].concat());
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend_from_slice(&entry.name);
    }
    let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
    let [size, start] = [directory.len(), archive.len()].map(|number| u32::try_from(number).unwrap().to_le_bytes());
    archive.extend(directory);
    archive.extend([b"PK\x05\x06\0\0\0\0".as_slice(), &count, &count, &size, &start, &[0, 0]].concat());
    archive
}

/// The file name of the wheel that [`wheel_entries`] describes.
pub(super) const WHEEL_NAME: &str = "pip-99.1-py3-none-any.whl";

/// The entries of a small, sound wheel.
pub(super) fn wheel_entries() -> Vec<ZipEntry> {
    vec![
        ZipEntry::new("pip/__init__.py", "def main():\n    print('ran')\n"),
        ZipEntry::new("pip/sub/data.pem", "certificate\n"),
        ZipEntry::new("pip-99.1.dist-info/METADATA", "Name: pip\nVersion: 99.1\nRequires-Python: >=3.6\n\n"),
        ZipEntry::new("pip-99.1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"),
        ZipEntry::new("pip-99.1.dist-info/entry_points.txt", "[console_scripts]\npip = pip:main\n"),
        ZipEntry::new("pip-99.1.dist-info/RECORD", ""),
    ]
}

/// Writes a wheel into a directory.
pub(super) fn write_wheel(directory: &Path, entries: &[ZipEntry]) -> PathBuf {
    std::fs::create_dir_all(directory).unwrap();
    let path = directory.join(WHEEL_NAME);
    std::fs::write(&path, zip(entries)).unwrap();
    path
}

/// An interpreter that exists only as a value.
pub(super) fn imaginary_interpreter(minor: u32) -> Interpreter {
    Interpreter {
        executable: "/nowhere/bin/python3".into(),
        version: PythonVersion { major: 3, minor, micro: 1, level: "final".into(), serial: 0 },
        implementation: Implementation::CPython,
        implementation_version: format!("3.{minor}.1"),
        magic: 3571,
        abiflags: String::new(),
        base_prefix: "/nowhere".into(),
        stdlib: format!("/nowhere/lib/python3.{minor}").into(),
        platlibdir: "lib".into(),
        is_64bit: true,
        platform: "linux".into(),
        framework: String::new(),
    }
}

/// Sources with one directory that the user named.
pub(super) fn only(directory: &Path) -> Sources {
    Sources { search_dirs: vec![directory.to_path_buf()], download: Download::Never, ..Sources::default() }
}

/// Seeds pip and nothing else.
pub(super) fn seed_pip(
    sources: &Sources,
    interpreter: &Interpreter,
    root: &Path,
    final_root: &Path,
    cache: Option<&Path>,
) -> Result<Seeded, SeedError> {
    let request = SeedRequest { project: Project::Pip, version: None };
    let target = Target { interpreter, root, final_root };
    super::seed(&[request], sources, &target, cache.map(cache_dir), &mut |_: Event| {})
}

/// Makes an environment without packages.
pub(super) fn bare_environment(root: &Path, interpreter: &Interpreter) {
    let bin = root.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::create_dir_all(root.join("lib").join(interpreter.lib_dir_name()).join("site-packages")).unwrap();
    symlink(&interpreter.executable, bin.join("python")).unwrap();
    let settings = format!("home = {}\ninclude-system-site-packages = false\n", interpreter.home().display());
    std::fs::write(root.join("pyvenv.cfg"), settings).unwrap();
}

/// Returns the machine's Python 3, or says that the test is skipped.
pub(super) fn python3() -> Option<PathBuf> {
    real_interpreter().map(|interpreter| interpreter.executable.clone())
}

/// Asks the machine's Python 3 what it is, once; says that the test is skipped when there is none.
#[expect(clippy::print_stderr, reason = "a skipped test should say so")]
pub(super) fn real_interpreter() -> Option<&'static Interpreter> {
    static INTERPRETER: OnceLock<Option<Interpreter>> = OnceLock::new();
    let interpreter = INTERPRETER.get_or_init(|| query(Path::new("python3"))).as_ref();
    if interpreter.is_none() {
        eprintln!("skipped: there is no `python3`");
    }
    interpreter
}

/// Asks an interpreter what it is.
pub(super) fn query(python: &Path) -> Option<Interpreter> {
    let script = "import sys, os, importlib.util as u; b = getattr(sys, '_base_executable', None) or sys.executable; \
        print(os.path.realpath(b), *sys.version_info, sys.implementation.name, \
        u.MAGIC_NUMBER[0] + 256 * u.MAGIC_NUMBER[1], sys.base_prefix, os.path.dirname(os.__file__), \
        getattr(sys, 'abiflags', ''), sep='\\n')";
    let output = Command::new(python).args(["-I", "-c", script]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut lines = text.lines();
    let executable = lines.next()?.into();
    let mut number = || lines.next()?.parse().ok();
    let (major, minor, micro) = (number()?, number()?, number()?);
    let (level, serial) = (lines.next()?.to_owned(), lines.next()?.parse().ok()?);
    let is_cpython = lines.next()? == "cpython";
    Some(Interpreter {
        executable,
        version: PythonVersion { major, minor, micro, level, serial },
        implementation: if is_cpython { Implementation::CPython } else { Implementation::PyPy },
        magic: lines.next()?.parse().ok()?,
        base_prefix: lines.next()?.into(),
        stdlib: lines.next()?.into(),
        abiflags: lines.next().unwrap_or_default().to_owned(),
        ..imaginary_interpreter(minor)
    })
}

/// A cache of the user who runs the tests.
pub(super) fn cache_dir(path: &Path) -> CacheDir<'_> {
    CacheDir { path, user: User::of_this_process(), link_mode: LinkMode::default() }
}
