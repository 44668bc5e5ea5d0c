//! A place with packages that no index has, and an environment that both installers fill from there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::program::{create_arguments, names_in, program, python};
use super::sandbox::Sandbox;
use super::shells::Outcome;
use super::tools::uv;

/// Writes a wheel: directory, name, version, tag, requirements with `|` between them, versions of Python.
const CODE: &str = r"
import base64, hashlib, sys, zipfile
directory, name, version, tag, needs, python = sys.argv[1:]
info = f'{name}-{version}.dist-info'
metadata = f'Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n'
metadata += ''.join(f'Requires-Dist: {need}\n' for need in needs.split('|') if need)
metadata += f'Requires-Python: {python}\n' if python else ''
files = {
    f'{name}.py': f'def main(): print({version!r})\n',
    f'{info}/METADATA': metadata,
    f'{info}/WHEEL': f'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n',
    f'{info}/entry_points.txt': f'[console_scripts]\n{name}-tool = {name}:main\n',
}
def row(path, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).decode().rstrip('=')
    return f'{path},sha256={digest},{len(content.encode())}\n'
record = ''.join(row(*file) for file in files.items())
files[f'{info}/RECORD'] = record + f'{info}/RECORD,,\n'
with zipfile.ZipFile(f'{directory}/{name}-{version}-{tag}.whl', 'w') as wheel:
    for path, content in files.items():
        wheel.writestr(path, content)
";

/// Builds a project in its own directory, without any other package.
const BACKEND: &str = r"
import os, zipfile
def build_editable(directory, config_settings=None, metadata_directory=None):
    info, name = 'proj-1.0.dist-info', 'proj-1.0-py3-none-any.whl'
    files = {
        'proj.pth': os.getcwd() + '\n',
        f'{info}/METADATA': 'Metadata-Version: 2.1\nName: proj\nVersion: 1.0\n',
        f'{info}/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    }
    files[f'{info}/RECORD'] = ''.join(f'{path},,\n' for path in [*files, f'{info}/RECORD'])
    with zipfile.ZipFile(os.path.join(directory, name), 'w') as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
    return name
build_wheel = build_editable
";

/// The tag of a wheel for every Python.
pub(crate) const ANY: &str = "py3-none-any";

/// A sandbox with wheels.
pub(crate) struct Wheels {
    /// The sandbox.
    pub(crate) sandbox: Sandbox,
    /// The first interpreter.
    pub(crate) python: PathBuf,
}

impl Wheels {
    /// Makes the place for an installer, `uv` or `pip`; none where that or a Python is missing.
    pub(crate) fn new(installer: &str) -> Option<Self> {
        let (sandbox, python) = (Sandbox::new(), python()?);
        sandbox.write("home/.config/venvwrap/config.toml", format!("installer = \"{installer}\"\n"));
        if installer == "uv" {
            std::os::unix::fs::symlink(uv()?, sandbox.path("bin/uv")).unwrap();
        }
        std::fs::create_dir(sandbox.path("wheels")).unwrap();
        let links = sandbox.path("wheels");
        // A blank in the value would divide it.
        std::os::unix::fs::symlink(links, sandbox.path("home/links")).unwrap();
        sandbox.write("home/.config/pip/pip.conf", "[global]\nno-index = true\nfind-links = ~/links\n");
        Some(Self { sandbox, python })
    }

    /// Makes both places, as far as their installers are there.
    pub(crate) fn both() -> Vec<Self> {
        ["uv", "pip"].into_iter().filter_map(Self::new).collect()
    }

    /// Adds a wheel.
    pub(crate) fn add(&self, name: &str, version: &str, tag: &str, needs: &str, requires_python: &str) {
        let mut command = Command::new(&self.python);
        command.args(["-c", CODE]).arg(self.sandbox.path("wheels")).args([name, version, tag, needs, requires_python]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:#?}");
    }

    /// Adds two versions of `alpha`, which needs `beta`, and one of `beta`.
    pub(crate) fn add_common(&self) {
        self.add("alpha", "1.0", ANY, "beta", "");
        self.add("alpha", "2.0", ANY, "beta", "");
        self.add("beta", "1.0", ANY, "", "");
    }

    /// Makes a project that can be installed as editable without an index.
    pub(crate) fn add_project(&self, path: &str) -> PathBuf {
        let build = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";
        self.sandbox.write(format!("{path}/pyproject.toml"), build);
        self.sandbox.write(format!("{path}/backend.py"), BACKEND);
        self.sandbox.write(format!("{path}/proj_module.py"), "");
        self.sandbox.path(path)
    }

    /// Returns a call of the program that finds the installer.
    pub(crate) fn command(&self, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = program(&self.sandbox, arguments);
        command.env("PATH", format!("{}:/usr/bin:/bin", self.sandbox.path("bin").display()));
        command.env("UV_CACHE_DIR", self.sandbox.path("uv")).env("PIP_NO_CACHE_DIR", "1").env("NO_COLOR", "1");
        command
    }

    /// Calls the program.
    pub(crate) fn call(&self, arguments: &[impl AsRef<OsStr>]) -> Outcome {
        Outcome::new(&self.sandbox, &self.command(arguments).output().unwrap())
    }

    /// Makes an environment of an interpreter with packages.
    #[track_caller]
    pub(crate) fn create(&self, python: &Path, name: &str, packages: &[&str]) -> PathBuf {
        let options: Vec<_> = packages.iter().flat_map(|package| ["-i", package]).collect();
        let options = [&["--no-setuptools"], &options[..]].concat();
        let outcome = self.call(&create_arguments(python, name, &options));
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        self.sandbox.env_path(name)
    }

    /// What is installed.
    #[track_caller]
    pub(crate) fn freeze(&self, name: &str) -> String {
        let outcome = self.call(&["freeze", name]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        outcome.stdout
    }

    /// Asserts that a script runs in an environment and prints the version of its package.
    #[track_caller]
    pub(crate) fn assert_runs(&self, name: &str, tool: &str, version: &str) {
        let tool = self.sandbox.env_path(name).join("bin").join(tool);
        let output = Command::new(&tool).output().unwrap_or_else(|error| panic!("{}: {error}", tool.display()));
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), version, "{output:#?}");
    }

    /// The site-packages of an environment.
    pub(crate) fn site(&self, name: &str) -> PathBuf {
        let lib = self.sandbox.env_path(name).join("lib");
        lib.join(&names_in(&lib)[0]).join("site-packages")
    }
}
