//! Reading an archive to find out what it holds: which of its files say so.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use super::comparison::Compared;
use super::conda::{self, Table};
use super::input::with_archive;
use super::inspect::Inspection;
use super::macos::is_of_macos;
use super::manifest::{FILE_NAME, Manifest, SCHEMA};
use super::problem::ArchiveProblem;
use super::refusal::UnpackError;
use super::safe_name::safe_target;
use super::untar::{Member, MemberKind, Untar};
use crate::env::BIN;
use crate::env::activate_path::path_in_script;
use crate::env::packages::version_of;
use crate::env::pyvenv_cfg::PyvenvCfg;
use crate::relocate::activation;
use crate::relocate::script::Head;

/// More than any small file that is looked at.
const MAX_BYTES: u64 = 4 << 20;

/// More than the first lines of a script.
const MAX_HEAD: u64 = 4096;

/// Finds out what an archive holds. One with a manifest is read only so far, unless the whole is to be verified; any
/// other as a whole.
pub fn inspect(path: &Path, is_whole: bool) -> Result<Inspection, UnpackError> {
    with_archive(path, |archive| {
        let mut reading = Reading::default();
        if is_whole {
            archive.compare();
        }
        reading.read(archive, is_whole).map_err(|problem| UnpackError::Archive { path: path.into(), problem })?;
        let (has_checksum, comparison) = (archive.has_checksum(), archive.comparison());
        let inspection = reading.finish(path)?;
        let compared = comparison.finish(inspection.manifest.is_none(), inspection.conda.is_some());
        Ok(Inspection { has_checksum, compared, ..inspection })
    })
}

/// What is known while an archive is read.
#[derive(Default)]
pub(super) struct Reading {
    manifest: Option<(PathBuf, Vec<u8>)>,
    cfg: Option<(PathBuf, Vec<u8>)>,
    script: Option<(PathBuf, Vec<u8>)>,
    /// The environment whose Python runs a script.
    run_by: Option<PathBuf>,
    libraries: Vec<PathBuf>,
    /// The directories that have a standard library, and those that have a linked or copied one instead.
    own_libraries: HashSet<PathBuf>,
    borrowed: HashSet<PathBuf>,
    is_conda: bool,
    table: Option<(PathBuf, Vec<u8>)>,
    machine: Option<&'static str>,
    /// The directory in which activation scripts are twice.
    remade: Option<PathBuf>,
    files: u64,
    bytes: u64,
    /// The hashes of all names, in place of names of any length. A collision, which nobody can plan, would be refused.
    names: HashSet<u64>,
    /// The directory that everything is in, and the files that say so: the first, and those that left less in common.
    common: Option<PathBuf>,
    corners: Vec<PathBuf>,
    hasher: RandomState,
}

impl Reading {
    /// Reads up to the manifest, if that comes first, or everything.
    pub(super) fn read(&mut self, archive: &mut Untar<&mut dyn Read>, is_whole: bool) -> Result<(), ArchiveProblem> {
        while let Some(member) = archive.next()? {
            if !self.check(archive, &member)? {
                continue;
            }
            let is_manifest = Manifest::is_at(&member.path);
            self.note(archive, &member)?;
            if is_manifest && self.files == 1 {
                if !is_whole {
                    return Ok(());
                }
                // Data may shrink to nearly nothing.
                let known = self.manifest.as_ref().and_then(|(_, content)| Manifest::parse(content));
                if let Some(manifest) = known {
                    archive.allow(manifest.files, manifest.bytes);
                }
            }
        }
        Ok(())
    }

    /// Refuses what unpacking would refuse. Returns whether the member says anything new.
    fn check(&mut self, archive: &mut Untar<&mut dyn Read>, member: &Member) -> Result<bool, ArchiveProblem> {
        let is_new = self.names.insert(self.hasher.hash_one(&member.path));
        if !is_new && member.kind != MemberKind::Directory {
            if self.is_same_cfg(archive, member)? || self.is_remade(member) {
                return Ok(false);
            }
            return Err(ArchiveProblem::Unsafe { name: member.path.clone(), reason: "is in it twice" });
        }
        if let MemberKind::Link(target) = &member.kind
            && target.is_relative()
            && safe_target(member.path.parent().unwrap_or(Path::new("")), target).is_none()
        {
            return Err(ArchiveProblem::Unsafe { name: member.path.clone(), reason: "is a link that leads out of it" });
        }
        Ok(true)
    }

    /// Returns whether a member is an activation script, all of which are written anew: venv-pack2 adds those of its own.
    /// They must be in the environment's `bin`, which is not known yet.
    fn is_remade(&mut self, member: &Member) -> bool {
        let directory = member.path.parent().unwrap_or(Path::new(""));
        let is_script = directory.ends_with(BIN) && activation::is_script(member.path.file_name().unwrap_or_default());
        is_script
            && matches!(member.kind, MemberKind::File(_))
            && self.remade.get_or_insert_with(|| directory.to_path_buf()) == directory
    }

    /// Returns whether a member is the `pyvenv.cfg` that is known, once more: venv-pack writes the same one twice.
    fn is_same_cfg(&self, archive: &mut Untar<&mut dyn Read>, member: &Member) -> Result<bool, ArchiveProblem> {
        let Some((_, known)) = self.cfg.as_ref().filter(|(path, _)| *path == member.path) else { return Ok(false) };
        if member.kind != MemberKind::File(known.len() as u64) {
            return Ok(false);
        }
        let mut content = Vec::new();
        archive.content().read_to_end(&mut content)?;
        Ok(content == *known)
    }

    fn note(&mut self, archive: &mut Untar<&mut dyn Read>, member: &Member) -> Result<(), ArchiveProblem> {
        let path = &member.path;
        if path.components().any(|part| part.as_os_str() == "conda-meta") && path.components().count() <= 2 {
            self.is_conda = true;
        }
        if path.ends_with("site-packages") || path.components().any(|part| part.as_os_str() == "site-packages") {
            self.note_library(path);
        }
        if member.kind != MemberKind::Directory && !is_of_macos(member) {
            self.note_corner(path);
        }
        let MemberKind::File(size) = member.kind else { return Ok(()) };
        self.files += 1;
        self.bytes += size;
        self.note_standard_library(path);
        let is_manifest = path.file_name().is_some_and(|name| name == FILE_NAME);
        let place = if is_manifest {
            &mut self.manifest
        } else if path.ends_with("pyvenv.cfg") {
            &mut self.cfg
        } else if path.ends_with("bin/activate") {
            &mut self.script
        } else if path.ends_with("bin/conda-unpack") {
            &mut self.table
        } else {
            return self.note_program(archive, path);
        };
        let most = if path.ends_with("bin/conda-unpack") { conda::MAX_BYTES } else { MAX_BYTES };
        let depth = |path: &Path| path.components().count();
        // The one at the top counts: packages may hold others.
        if size <= most && place.as_ref().is_none_or(|(known, _)| depth(known) > depth(path)) {
            let mut content = Vec::new();
            archive.content().read_to_end(&mut content)?;
            *place = Some((path.clone(), content));
        }
        Ok(())
    }

    /// How scripts and Python itself begin.
    fn note_program(&mut self, archive: &mut Untar<&mut dyn Read>, path: &Path) -> Result<(), ArchiveProblem> {
        let is_python = path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"python"));
        let is_wanted = self.run_by.is_none() || is_python && self.machine.is_none();
        if is_wanted && path.parent().is_some_and(|parent| parent.ends_with(BIN)) {
            let mut start = Vec::new();
            archive.content().take(MAX_HEAD).read_to_end(&mut start)?;
            self.run_by = self.run_by.take().or_else(|| environment_of(&start));
            self.machine = self.machine.or_else(|| machine_of(&start).filter(|_| is_python));
        }
        Ok(())
    }

    fn note_standard_library(&mut self, path: &Path) {
        let directory = || path.parent().unwrap_or(Path::new("")).to_path_buf();
        if path.ends_with("os.py") {
            self.own_libraries.insert(directory());
        } else if path.ends_with("orig-prefix.txt") {
            self.borrowed.insert(directory());
        }
    }

    fn note_corner(&mut self, path: &Path) {
        let above = path.parent().unwrap_or(Path::new(""));
        let known = self.common.as_deref().unwrap_or(above);
        let shared = known.components().zip(above.components()).take_while(|(a, b)| a == b).map(|(part, _)| part);
        let shared: PathBuf = shared.collect();
        if self.common.as_ref() != Some(&shared) {
            self.corners.push(path.to_path_buf());
            self.common = Some(shared);
        }
    }

    fn note_library(&mut self, path: &Path) {
        let mut above = PathBuf::new();
        for part in path.components() {
            if part.as_os_str() == "site-packages" {
                if !self.libraries.contains(&above) {
                    self.libraries.push(above);
                }
                return;
            }
            above.push(part);
        }
    }

    /// What all that was read amounts to.
    pub(super) fn finish(self, path: &Path) -> Result<Inspection, UnpackError> {
        if let Some((place, content)) = self.manifest.as_ref().filter(|(place, _)| Manifest::is_at(place)) {
            let manifest = Manifest::parse(content).ok_or_else(|| UnpackError::OtherSchema { path: path.into() })?;
            self.check_remade(path, Path::new(""))?;
            debug_assert_eq!(manifest.schema, SCHEMA);
            return Ok(Inspection {
                path: path.into(),
                library: library_in(place).unwrap_or_default(),
                size: (manifest.files, manifest.bytes),
                prefix: PathBuf::new(),
                conda: None,
                has_python: manifest.layout == "python",
                machine: None,
                has_checksum: true,
                compared: Compared::default(),
                version: None,
                old_path: Some(manifest.path.clone()).filter(|path| path.is_absolute()),
                manifest: Some(manifest),
            });
        }
        let table = self.table(path)?;
        let nothing = || {
            let path = path.into();
            if self.is_conda {
                UnpackError::CondaWithoutPython { path }
            } else {
                UnpackError::NotAnEnvironment { path }
            }
        };
        let prefix = match (&self.cfg, &self.script) {
            (Some((place, _)), _) => place.parent().unwrap_or(Path::new("")).to_path_buf(),
            (None, Some((place, _))) => place.ancestors().nth(2).unwrap_or(Path::new("")).to_path_buf(),
            (None, None) => return Err(nothing()),
        };
        let below = prefix.join("lib");
        // Debian's Python keeps packages elsewhere when it is no environment.
        let mut libraries = self.libraries.iter().chain(&self.own_libraries);
        let library = libraries.find(|library| library.parent() == Some(&below) && library_in(library).is_some());
        let has_python = self.is_conda
            || self.cfg.is_none()
                && library.is_some_and(|path| self.own_libraries.contains(path) && !self.borrowed.contains(path));
        if let Some(stray) = self.corners.iter().find(|corner| !corner.starts_with(&prefix)) {
            return Err(UnpackError::Stray { path: path.into(), environment: prefix, stray: stray.clone() });
        }
        self.check_remade(path, &prefix)?;
        let no_library = || if self.is_conda { nothing() } else { UnpackError::NoLibrary { path: path.into() } };
        Ok(Inspection {
            path: path.into(),
            manifest: None,
            library: library.and_then(|library| library_in(library)).ok_or_else(no_library)?,
            size: (self.files, self.bytes),
            old_path: table.as_ref().map_or_else(|| self.old_path(), Table::old_path),
            conda: table,
            has_python,
            machine: self.machine,
            has_checksum: true,
            compared: Compared::default(),
            version: self.version(),
            prefix,
        })
    }

    /// Refuses activation scripts that are twice where they are not written anew.
    fn check_remade(&self, path: &Path, prefix: &Path) -> Result<(), UnpackError> {
        match &self.remade {
            Some(directory) if *directory != prefix.join(BIN) => {
                let problem =
                    ArchiveProblem::Unsafe { name: directory.clone(), reason: "has files that are in it twice" };
                Err(UnpackError::Archive { path: path.into(), problem })
            }
            _ => Ok(()),
        }
    }

    /// What conda-pack notes; an environment of conda needs it.
    fn table(&self, path: &Path) -> Result<Option<Table>, UnpackError> {
        if !self.is_conda {
            return Ok(None);
        }
        let (_, script) = self.table.as_ref().ok_or_else(|| UnpackError::Conda { path: path.into() })?;
        let table = Table::parse(script).map_err(|problem| UnpackError::Archive { path: path.into(), problem })?;
        Ok(Some(table))
    }

    /// The version of its Python, as far as that can be a CPython.
    fn version(&self) -> Option<String> {
        let cfg = PyvenvCfg::parse(&self.cfg.as_ref()?.1);
        cfg.version().filter(|_| cfg.implementation().is_none_or(|name| name == "CPython"))
    }

    /// The path that the environment had: as its script says, or the command that made it.
    fn old_path(&self) -> Option<PathBuf> {
        let of_script = self.script.as_ref().and_then(|(_, script)| path_in_script(script));
        let of_script = of_script.or_else(|| {
            let cfg = PyvenvCfg::parse(&self.cfg.as_ref()?.1);
            let words = shell_words::split(cfg.get("command")?).ok()?;
            words.last().map(PathBuf::from).filter(|path| path.is_absolute())
        });
        of_script.or_else(|| self.run_by.clone())
    }
}

/// The machine that a program runs on, as `uname` names it.
fn machine_of(program: &[u8]) -> Option<&'static str> {
    match program {
        [0x7f, b'E', b'L', b'F', 2, 1, ..] => match program.get(18..20)? {
            [62, 0] => Some("Linux x86_64"),
            [183, 0] => Some("Linux aarch64"),
            _ => None,
        },
        [0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1, ..] => Some("Darwin x86_64"),
        [0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1, ..] => Some("Darwin arm64"),
        _ => None,
    }
}

/// The environment whose Python runs a script; none for one of the system.
fn environment_of(script: &[u8]) -> Option<PathBuf> {
    let head = Head::parse(script, &[]).filter(Head::is_python)?;
    let root = head.interpreter.parent().filter(|bin| bin.ends_with(BIN))?.parent()?;
    let is_system = ["/", "/usr", "/usr/local"].iter().any(|system| root == Path::new(system));
    (root.is_absolute() && !is_system).then(|| root.to_path_buf())
}

/// The name of a library directory in a path.
fn library_in(path: &Path) -> Option<String> {
    let mut names = path.components().filter_map(|part| match part {
        Component::Normal(name) => std::str::from_utf8(name.as_bytes()).ok(),
        _ => None,
    });
    names.rfind(|name| version_of(name).is_some()).map(ToString::to_string)
}
