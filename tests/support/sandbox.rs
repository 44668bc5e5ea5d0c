//! A place for one test: its own home, environments and projects, a cleared process environment, and a stand-in for
//! the program that prints prepared plans.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Once};

use tempfile::TempDir;
use venvwrap_core::fs::exposure::Vetting;
use venvwrap_core::fs::private::User;
use venvwrap_core::shell::activate::{self, Activation, Script};
use venvwrap_core::shell::event::Places;
use venvwrap_core::shell::hooks::find_run_hooks;
use venvwrap_core::shell::plan::{Enter, LeavingHooks, Plan, Step, WorkonInputs};

use venvwrap_core::shell::Shell;

use super::shims::load_text;

/// The stand-in: `__plan SHELL FUNCTION ARG..` prints `plans/SHELL/FUNCTION [ARG]`, `__load` prints `load/SHELL` before
/// that, `__do FUNCTION ARG..` runs `do/FUNCTION`; every call goes into the log.
const STAND_IN: &str = r#"#!/bin/sh
here=${0%/*}/..
printf '%s' "$1" >>"$here/log"
verb=$1
shift
printf ' <%s>' "$@" >>"$here/log"
printf '\n' >>"$here/log"
case $verb in
__plan | __load)
  if [ "$verb" = __load ]; then load=$here/load/$1; fi
  if [ $# = 1 ]; then exec cat "$load"; fi
  if [ -f "$here/plans/$1/$2 $3" ]; then exec cat ${load:+"$load"} "$here/plans/$1/$2 $3"; fi
  if [ -f "$here/plans/$1/$2" ]; then exec cat ${load:+"$load"} "$here/plans/$1/$2"; fi
  echo "error: no plan for $2" >&2
  exit 4
  ;;
__do)
  function=$1
  shift
  if [ -f "$here/do/$function" ]; then . "$here/do/$function"; fi
  ;;
esac
"#;

/// One test's own place; everything in it goes when the test ends.
pub(crate) struct Sandbox {
    root: TempDir,
}

impl Sandbox {
    /// Creates the directories and the stand-in for the program.
    pub(crate) fn new() -> Self {
        Self::named("venvwrap test ")
    }

    /// Creates a sandbox whose directory begins with other characters: not every program can bear a space.
    pub(crate) fn named(prefix: &str) -> Self {
        let root = tempfile::Builder::new().prefix(prefix).tempdir().unwrap();
        let sandbox = Self { root };
        for directory in ["home", "envs", "projects", "bin", "do", "plans/bash", "plans/zsh", "plans/fish"] {
            fs::create_dir_all(sandbox.path(directory)).unwrap();
        }
        for shell in Shell::ALL {
            sandbox.write(format!("load/{}", shell.name()), load_text(shell));
            sandbox.plan(shell, "forget", &Plan::default());
        }
        sandbox.write_program("bin/venvwrap", STAND_IN);
        sandbox
    }

    /// Puts the real program in the place of the stand-in.
    pub(crate) fn use_real_program(&self) {
        let program = self.path("bin/venvwrap");
        fs::remove_file(&program).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_venvwrap"), program).unwrap();
    }

    /// Returns a path in the sandbox; links on the way to it are resolved, so that shells print the same.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.path().canonicalize().unwrap().join(relative)
    }

    /// Returns the path of the environment with this name.
    pub(crate) fn env_path(&self, name: impl AsRef<OsStr>) -> PathBuf {
        self.path("envs").join(name.as_ref())
    }

    /// Writes a file, with the directories above it.
    pub(crate) fn write(&self, relative: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// Writes an executable file.
    pub(crate) fn write_program(&self, relative: impl AsRef<Path>, content: &str) -> PathBuf {
        let path = self.write(relative, content);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Writes a hook for the Bourne shells, and the same text for fish.
    pub(crate) fn write_hook(&self, relative: &str, content: &str) {
        self.write(relative, content);
        self.write(format!("{relative}.fish"), content);
    }

    /// Makes an environment by hand that keeps to what activate scripts promise; its Python is a file, as if it was copied.
    pub(crate) fn make_env(&self, name: impl AsRef<OsStr>) -> PathBuf {
        let environment = self.make_bare_env(name);
        Self::give_python(&environment);
        environment
    }

    /// The same without a Python.
    pub(crate) fn make_bare_env(&self, name: impl AsRef<OsStr>) -> PathBuf {
        let environment = self.env_path(name);
        for directory in ["bin", "lib/python3.11/site-packages"] {
            fs::create_dir_all(environment.join(directory)).unwrap();
        }
        fs::write(environment.join("pyvenv.cfg"), "home = /usr/bin\nversion = 3.11.2\n").unwrap();
        fs::write(environment.join("bin/activate"), activate_text(&environment, Shell::Bash)).unwrap();
        fs::write(environment.join("bin/activate.fish"), activate_text(&environment, Shell::Fish)).unwrap();
        environment
    }

    fn give_python(environment: &Path) {
        let python = environment.join("bin/python");
        fs::write(&python, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["python3", "python3.11"] {
            let link = environment.join("bin").join(name);
            let _ = fs::remove_file(&link);
            std::os::unix::fs::symlink("python", link).unwrap();
        }
    }

    /// Gives an environment the activate scripts that the program writes.
    pub(crate) fn make_own_env(&self, name: &str) -> PathBuf {
        let environment = self.make_env(name);
        for script in [Script::Posix, Script::Fish] {
            let text = activate::render(script, &Activation { env: &environment, prompt: name }).unwrap();
            fs::write(environment.join("bin").join(activate::file_names(script)[0]), text).unwrap();
        }
        environment
    }

    /// Says which project an environment belongs to, and makes the project's directory.
    pub(crate) fn make_project(&self, environment: &Path, name: &str) -> PathBuf {
        let project = self.path("projects").join(name);
        fs::create_dir_all(&project).unwrap();
        fs::write(environment.join(".project"), format!("{}\n", project.display())).unwrap();
        project
    }

    /// Returns what the plan of `workon NAME` depends on, as the program would find it.
    pub(crate) fn workon_inputs(&self, name: impl AsRef<OsStr>, shell: Shell) -> WorkonInputs {
        let environment = self.env_path(&name);
        let bin = environment.join("bin");
        let hook_dir = self.path("envs");
        let project = fs::read_to_string(environment.join(".project")).ok().map(|text| PathBuf::from(text.trim_end()));
        let vetting = Vetting::new(
            User { uid: rustix::process::geteuid().as_raw(), gid: rustix::process::getegid().as_raw() },
            None,
        );
        WorkonInputs {
            name: name.as_ref().to_os_string(),
            enter: Enter {
                note: None,
                text: None,
                activate: shell.dialect().activate_script(&environment),
                flags: Vec::new(),
                hooks: LeavingHooks::new(
                    &Places { hook_dir: &hook_dir, environment: Some(&environment), project: project.as_deref() },
                    shell.dialect(),
                ),
                environment,
            },
            workon_home: hook_dir.clone(),
            hook_dir: hook_dir.clone(),
            project,
            cd: true,
            preactivate: find_run_hooks("preactivate", [&hook_dir, &bin].map(PathBuf::as_path), &vetting).ready,
            dialect: shell.dialect(),
        }
    }

    /// Prepares the answer to `workon NAME`, and that to `cdproject` afterwards.
    pub(crate) fn plan_workon(&self, name: impl AsRef<OsStr>) {
        for shell in Shell::ALL {
            let mut answer = OsString::from("workon ");
            answer.push(name.as_ref());
            let inputs = self.workon_inputs(&name, shell);
            self.plan(shell, &answer, &Plan::workon(&inputs));
            self.plan_leave(shell, &name);
            if let Some(project) = &inputs.project {
                let mut plan = Plan::default();
                plan.cd(project);
                self.plan(shell, "cdproject", &plan);
            }
        }
    }

    /// Prepares the answer of `deactivate` in an environment: all hooks that there are.
    pub(crate) fn plan_leave(&self, shell: Shell, name: impl AsRef<OsStr>) {
        let hooks = self.workon_inputs(name, shell).enter.hooks;
        self.plan(shell, "leave", &Plan(vec![Step::Renew(hooks)]));
    }

    /// Prepares a plan for one shell; `call` is the function, or the function and its first argument.
    pub(crate) fn plan(&self, shell: Shell, call: impl AsRef<OsStr>, plan: &Plan) {
        self.write(Path::new("plans").join(shell.name()).join(call.as_ref()), shell.render(plan));
    }

    /// Returns the calls of the program so far, and forgets them.
    pub(crate) fn take_log(&self) -> String {
        let text = fs::read_to_string(self.path("log")).unwrap_or_default();
        let _ = fs::remove_file(self.path("log"));
        self.normalise(&text)
    }

    /// Returns the text with the sandbox's own path as `[ROOT]`.
    pub(crate) fn normalise(&self, text: &str) -> String {
        text.replace(self.path("").to_str().unwrap().trim_end_matches('/'), "[ROOT]")
    }

    /// Returns a command with nothing of the surrounding process environment, in the sandbox's home.
    pub(crate) fn command(&self, program: &Path) -> Command {
        heed_interruptions();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.path("home"))
            .env("XDG_CONFIG_HOME", self.path("home/.config"))
            .env("XDG_DATA_HOME", self.path("home/.local"))
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("WORKON_HOME", self.path("envs"))
            .env("LC_ALL", "C.UTF-8")
            .env("VIRTUALENV_NO_PERIODIC_UPDATE", "1")
            .env("TERM", "dumb")
            .current_dir(self.path("home"));
        command
    }
}

/// Has this process, and so what it starts, end at Ctrl-C and Ctrl-\, which whatever was started in the background ignores.
fn heed_interruptions() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let always = Arc::new(AtomicBool::new(true));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGQUIT] {
            signal_hook::flag::register_conditional_default(signal, Arc::clone(&always)).unwrap();
        }
    });
}

/// The text of an activate script with all that users and tools rely on.
pub(crate) fn activate_text(environment: &Path, shell: Shell) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    let template = match shell {
        Shell::Bash | Shell::Zsh => include_str!("activate.sh"),
        Shell::Fish => include_str!("activate.fish"),
    };
    let [before, after] = template.split("__ENVIRONMENT__").collect::<Vec<_>>()[..] else {
        panic!("the template names the environment once");
    };
    let quoted = shell.quote(environment.as_os_str().as_bytes());
    [before.as_bytes(), &quoted, after.as_bytes()].concat()
}
