//! For which Python and which systems a bundle is made, and what of them is on this machine.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use venvwrap_core::bundle::platform::{self, Platform};
use venvwrap_core::bundle::target_python::TargetPython;
use venvwrap_core::env::import_path::library_name;
use venvwrap_core::python::{self, Interpreter, Wishes};
use venvwrap_core::wheel::{Sources, pip_for};

use super::input::Input;
use crate::actions::archives;
use crate::args::BundleArgs;
use crate::error::Result;
use crate::process::Process;

/// The Python and the systems that a bundle is for.
pub(crate) struct Targets {
    /// The Python.
    pub(crate) python: TargetPython,
    /// The systems.
    pub(crate) platforms: Vec<Platform>,
    /// That Python, if it is on this machine.
    pub(crate) interpreter: Option<Interpreter>,
    /// Any Python on this machine, for a resolver that needs one.
    pub(crate) any: Option<PathBuf>,
    glibc: Option<u32>,
}

impl Targets {
    /// Reads what the user said, and what the environment is.
    pub(crate) fn of(process: &Process, args: &BundleArgs, input: &Input) -> Result<Self> {
        let environment = input.environment.as_ref().map(|(environment, _)| environment);
        let of_environment = environment.and_then(library_name);
        let default = || find(process, None);
        let python = match (&args.python, &of_environment, &input.python) {
            (Some(text), _, _) | (None, Some(text), _) | (None, None, Some(text)) => TargetPython::parse(text)?,
            (None, None, None) => {
                let found = python::choose(&wishes(process, &[]), &process.search())?;
                TargetPython::parse(&found.interpreter.lib_dir_name())?
            }
        };
        let is_own = |found: &Interpreter| found.lib_dir_name() == python.library();
        let base = environment.and_then(|environment| archives::base(process, environment)).filter(is_own);
        let interpreter = base.or_else(|| find(process, Some(&python.to_string())).filter(is_own));
        let any = interpreter.clone().or_else(default).map(|found| found.executable);
        let glibc = any.as_deref().map_or(Some(u32::MAX), platform::glibc_of);
        let mut platforms: Vec<Platform> = Vec::new();
        for text in &args.platforms {
            let platform = Platform::parse(text)?;
            if !platforms.contains(&platform) {
                platforms.push(platform);
            }
        }
        if platforms.is_empty() {
            platforms.push(Platform::here(glibc, args.exact));
        }
        Ok(Self { python, platforms, interpreter, any, glibc })
    }

    /// Returns whether this machine's Python takes the same wheels, and is there.
    pub(crate) fn here(&self, platform: &Platform) -> Option<&Interpreter> {
        self.interpreter.as_ref().filter(|_| platform.is_here(self.glibc))
    }

    /// Any Python, where the right one is missing: for what is not compiled.
    pub(crate) fn any_interpreter(&self, process: &Process) -> Option<Interpreter> {
        self.interpreter.clone().or_else(|| find(process, None))
    }

    /// A wheel of pip for the Python, which need not be here.
    pub(crate) fn pip_for_others(&self, sources: &Sources) -> Option<PathBuf> {
        let (major, minor) = self.python.version();
        pip_for(sources, major, minor)
    }

    /// The path of any Python.
    pub(crate) fn any(&self) -> Option<&Path> {
        self.any.as_deref()
    }
}

fn find(process: &Process, asked: Option<&str>) -> Option<Interpreter> {
    let asked = asked.map(OsString::from);
    python::choose(&wishes(process, asked.as_slice()), &process.search()).ok().map(|found| found.interpreter)
}

fn wishes<'a>(process: &'a Process, asked: &'a [OsString]) -> Wishes<'a> {
    Wishes {
        asked,
        first: &[],
        configured: process.config.python.as_deref(),
        project: None,
        newest_patch: false,
        fallback: process.config.fallback_python.as_deref(),
    }
}
