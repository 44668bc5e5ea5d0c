//! virtualenvwrapper 6.1.1 itself: found, or installed once below the target directory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::support::tools::{find_program, skip};

/// An installed virtualenvwrapper, with virtualenv next to it.
pub(super) struct Original {
    directory: PathBuf,
    script: PathBuf,
}

impl Original {
    /// Returns it, or says why there is none: `VENVWRAP_TEST_VIRTUALENVWRAPPER` names the directory of its script and its
    /// Python; without that, pip fetches it.
    pub(super) fn find() -> Option<&'static Self> {
        static FOUND: OnceLock<Option<Original>> = OnceLock::new();
        let found = FOUND.get_or_init(|| {
            let given = std::env::var_os("VENVWRAP_TEST_VIRTUALENVWRAPPER").map(PathBuf::from);
            let directory = given.or_else(install)?;
            let script = directory.join("virtualenvwrapper.sh");
            script.is_file().then_some(Self { directory, script })
        });
        if found.is_none() {
            skip("virtualenvwrapper 6.1.1 is not there and cannot be installed");
        }
        found.as_ref()
    }

    /// The directory of its programs.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// What a shell sources.
    pub(super) fn script(&self) -> &Path {
        &self.script
    }
}

fn install() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("virtualenvwrapper-6.1.1");
    let directory = home.join("bin");
    if directory.join("virtualenvwrapper.sh").is_file() && directory.join("virtualenv").is_file() {
        return Some(directory);
    }
    let python = find_program("python3")?;
    run(Command::new(python).args(["-m", "venv"]).arg(&home))?;
    let packages = ["virtualenvwrapper==6.1.1", "virtualenv", "setuptools<81"];
    run(Command::new(directory.join("pip"))
        .args(["install", "--quiet", "--timeout", "10", "--retries", "1"])
        .args(packages))?;
    Some(directory)
}

fn run(command: &mut Command) -> Option<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().ok()?;
    status.success().then_some(())
}
