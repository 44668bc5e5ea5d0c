//! What tests that run real shells share: finding them, feeding them a script, and the inputs that hurt.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Values that run a command, or break a script, wherever they are taken for text of the language around them.
pub(crate) const HOSTILE: &[&str] = &[
    "$(touch PWN)",
    "`touch PWN`",
    "';touch PWN;'",
    "\";touch PWN;\"",
    "a\";touch PWN;\"b",
    "x'$(touch PWN)'y",
    "x'(touch PWN)'y",
    "$(touch$IFS$9PWN)",
    "${x:-$(touch PWN)}",
    "%n%m%(?..$(touch PWN))",
    "\\$(touch PWN)",
    "\\`touch PWN\\`",
    "\\\\$(touch PWN)\\",
    "\\w\\u\\h",
    "x\" & calc & \"",
    "!NAME!%PATH%",
    "a!b%p c",
    "py!env",
    "$HOME ~root #x {a,b} *",
    "-dash",
    " lead and trail ",
    "__VENVWRAP_PROMPT__",
    "'\";&&e-$ èрт🚒♞中片-j\u{a0}",
];

/// A shell, or another interpreter, found on this machine.
pub(crate) struct Shell(PathBuf);

impl Shell {
    /// Finds a program on the search path, or says that the test is skipped.
    #[expect(clippy::disallowed_methods, reason = "tests look for shells where the user would")]
    pub(crate) fn find(name: &str) -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&path).map(|directory| directory.join(name)).find(|file| file.is_file());
        if found.is_none() {
            skip(&format!("{name} is not on this machine"));
        }
        found.map(Self)
    }

    /// A command for this shell with an empty environment but for PATH and the locale.
    #[expect(clippy::disallowed_methods, reason = "the shell has to find its programs")]
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.0);
        command.env_clear().env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Runs a script from a file and returns what it prints; it must succeed without a word on stderr.
    pub(crate) fn run_script(&self, arguments: &[&str], script: &[u8]) -> Vec<u8> {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("script");
        fs::write(&file, script).unwrap();
        let output = self.command().args(arguments).arg(&file).current_dir(directory.path()).output().unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{}: {}: {}",
            self.0.display(),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    }
}

/// Says that a test is skipped and why; with `VENVWRAP_TEST_SHELLS=all` that is a failure, so that nothing is skipped
/// unseen.
#[expect(clippy::disallowed_methods, clippy::print_stderr, reason = "tests say what they skip")]
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("VENVWRAP_TEST_SHELLS").is_none_or(|value| value != "all"), "{why}");
    eprintln!("skipped: {why}");
}
