//! The scripts in the shells they are for: one scenario each, under odd settings and with values that hurt.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::test_shells::{HOSTILE, Shell};

mod checks;
mod csh;
mod fish;
mod others;
mod posix;
mod prompts;
mod python;

/// A directory with one environment, which holds nothing but scripts.
struct Fixture {
    directory: tempfile::TempDir,
    env: PathBuf,
    prompt: String,
}

impl Fixture {
    fn new(name: &str, prompt: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let env = fs::canonicalize(directory.path()).unwrap().join(name);
        write_scripts(&env, prompt);
        Self { directory, env, prompt: prompt.to_owned() }
    }

    /// Runs a script with the environment's path as `$E`, a second environment as `$F`, the prompt as `$N`.
    fn run(&self, shell: &Shell, arguments: &[&str], script: &str) -> String {
        let output = self.output(shell, arguments, script);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && stderr.is_empty(), "{arguments:?}: {}: {stderr}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    fn output(&self, shell: &Shell, arguments: &[&str], script: &str) -> std::process::Output {
        let second = self.directory.path().join("second env");
        write_scripts(&second, "second");
        let mut command = shell.command();
        command.args(arguments).arg("-c").arg(script).current_dir(self.directory.path());
        command.env("E", &self.env).env("F", &second).env("N", &self.prompt);
        let output = command.output().unwrap();
        self.assert_nothing_ran();
        output
    }

    /// Fails if a payload has run: each creates this file in the working directory.
    fn assert_nothing_ran(&self) {
        assert!(!self.directory.path().join("PWN").exists(), "{:?} ran a command", self.prompt);
    }
}

fn write_scripts(env: &Path, prompt: &str) {
    let bin = env.join("bin");
    fs::create_dir_all(&bin).unwrap();
    fs::write(env.join("pyvenv.cfg"), "").unwrap();
    for script in Script::ALL {
        let text = render(script, &Activation { env, prompt }).unwrap();
        fs::write(bin.join(file_names(script)[0]), text).unwrap();
    }
}

/// The hostile values that can be the name of a directory in an environment's path.
fn hostile_names() -> impl Iterator<Item = &'static str> {
    HOSTILE.iter().copied().filter(|name| !name.contains([':', '/']))
}
