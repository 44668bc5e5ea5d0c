//! Paths and prompts that are code where a script holds them unquoted: what other tools write for them is judged before
//! a shell reads it.

use std::path::{Path, PathBuf};
use std::process::Command;

use venvwrap_core::shell::Shell;
use venvwrap_core::shell::activate::known;
use venvwrap_core::shell::dialect::Dialect;

use crate::support::program::{old_pythons, python, pythons};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, run};
use crate::support::tools::{self, find_program};

/// What a directory or a prompt may be called.
const HOSTILE: [&str; 8] = [
    "p$(touch PWN)",
    "p`touch PWN`",
    "p\"; touch PWN; \"",
    "p'; touch PWN; '",
    "p\"\ntouch PWN\n\"",
    "p(touch PWN)",
    "p\\$(touch PWN)",
    "p%!$PATH",
];

/// A program that makes environments, and its arguments before the directory.
pub(super) struct Maker {
    /// The program.
    pub(super) program: PathBuf,
    arguments: &'static [&'static str],
}

impl Maker {
    /// Every one that is here.
    pub(super) fn all() -> Vec<Self> {
        Self::of(old_pythons().into_iter().chain(pythons().iter().cloned()))
    }

    /// virtualenv, uv, and the venv of one Python.
    pub(super) fn one_of_each_kind() -> Vec<Self> {
        Self::of(python().into_iter())
    }

    fn of(pythons: impl Iterator<Item = PathBuf>) -> Vec<Self> {
        let venv = ["-m", "venv", "--without-pip"].as_slice();
        let venvs = pythons.map(|program| Self { program, arguments: venv });
        let virtualenv = ["--quiet", "--no-seed", "--no-download"].as_slice();
        let uv = ["venv", "--quiet", "--offline", "--no-config"].as_slice();
        let tools = [(tools::virtualenv(), virtualenv), (tools::uv(), uv)];
        let tools = tools.into_iter().filter_map(|(program, arguments)| Some(Self { program: program?, arguments }));
        tools.chain(venvs).collect()
    }

    /// Makes an environment; returns whether the program accepts the values.
    pub(super) fn make(&self, sandbox: &Sandbox, env: &Path, prompt: Option<&str>) -> bool {
        let mut command = Command::new(&self.program);
        command.args(self.arguments).args(prompt.map(|prompt| format!("--prompt={prompt}"))).arg(env);
        command.env("HOME", sandbox.path("home")).current_dir(sandbox.path("home"));
        command.output().is_ok_and(|output| output.status.success()) && env.join("pyvenv.cfg").exists()
    }
}

/// Enters an environment and draws the prompt.
fn enter(sandbox: &Sandbox, shell: Shell, name: &str) -> Outcome {
    let draw = match shell {
        Shell::Bash => ": \"${PS1@P}\"",
        Shell::Zsh => "setopt prompt_subst; print -P \"$PS1\" >/dev/null",
        Shell::Fish => "fish_prompt >/dev/null",
    };
    run(sandbox, shell, &format!("PS1='> '\nworkon {name} 2>/dev/null; report end\n{draw}\n{draw}"))
}

#[track_caller]
fn nothing_ran(sandbox: &Sandbox, context: &str, outcome: &Outcome) {
    for directory in ["home", "envs", "elsewhere"] {
        assert!(!sandbox.path(directory).join("PWN").exists(), "{context}: {outcome:#?}");
    }
}

#[test]
fn no_value_in_a_script_of_another_tool_runs() {
    // One sandbox for all shells: making environments takes longer than anything else here.
    let sandbox = &Sandbox::new();
    sandbox.use_real_program();
    std::fs::create_dir_all(sandbox.path("elsewhere")).unwrap();
    let shells = Shell::ALL.into_iter().filter(|shell| find_program(shell.name()).is_some()).collect::<Vec<_>>();
    let enter_all = |name: &str, context: &str| {
        for shell in &shells {
            nothing_ran(sandbox, &format!("{} {context}", shell.name()), &enter(sandbox, *shell, name));
        }
    };
    for (index, maker) in Maker::all().iter().enumerate() {
        // One Python tries everything; the scripts of the others differ in how they quote.
        let values = if index < 3 { &HOSTILE[..] } else { &HOSTILE[..2] };
        for hostile in values {
            let context = format!("{} {hostile:?}", maker.program.display());
            let env = sandbox.path("elsewhere").join(hostile).join(".venv");
            let link = sandbox.env_path("plain");
            if maker.make(sandbox, &env, None) {
                std::os::unix::fs::symlink(&env, &link).unwrap();
                enter_all("plain", &context);
                std::fs::remove_file(&link).unwrap();
                std::fs::remove_dir_all(&env).unwrap();
            }
            if maker.make(sandbox, &sandbox.env_path("innocent"), Some(hostile)) {
                enter_all("innocent", &format!("{context} as a prompt"));
            }
            let _ = std::fs::remove_dir_all(sandbox.env_path("innocent"));
        }
    }
}

#[test]
fn scripts_of_known_versions_are_recognised_and_others_are_not() {
    let sandbox = Sandbox::new();
    let mut count = 0;
    for maker in Maker::all() {
        let env = sandbox.env_path("an env");
        if !maker.make(&sandbox, &env, None) {
            continue;
        }
        for dialect in [Dialect::Posix, Dialect::Fish] {
            let text = std::fs::read(dialect.activate_script(&env)).unwrap();
            let Some(template) = known::recognise(&text, dialect) else { continue };
            count += 1;
            assert_eq!(template.path.as_deref(), Some(&*env), "{}", maker.program.display());
            let edited = [&text[..], b"export X=1\n"].concat();
            assert_eq!(known::recognise(&edited, dialect), None);
            let mut bytes = text.clone();
            let last = bytes.len() - 2;
            bytes[last] ^= 1;
            assert_eq!(known::recognise(&bytes, dialect), None);
        }
        std::fs::remove_dir_all(&env).unwrap();
    }
    assert!(count > 0 || Maker::all().is_empty(), "none of the versions that are here is known");
}
