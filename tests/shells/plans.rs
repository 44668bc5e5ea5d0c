//! What passes between shell and program: settings on the way in, the steps of a plan on the way out.

use std::path::Path;

use venvwrap_core::shell::plan::Plan;

use crate::support::shells::{in_bash_and_zsh, in_each_shell, run, run_with};
use venvwrap_core::shell::Shell;

#[test]
fn settings_that_were_never_exported_reach_the_program_only() {
    in_each_shell(|sandbox, shell| {
        sandbox.write(
            "do/lsvirtualenv",
            "echo \"${PROJECT_HOME-unset} ${VIRTUALENVWRAPPER_HOOK_DIR-unset} ${VIRTUALENVWRAPPER_PYTHON-unset}\"\n",
        );
        let set = match shell {
            Shell::Fish => "set -g PROJECT_HOME '/a b'\nset -g VIRTUALENVWRAPPER_PYTHON ''",
            _ => "PROJECT_HOME='/a b'\nVIRTUALENVWRAPPER_PYTHON=",
        };
        run_with(sandbox, shell, set, "lsvirtualenv\nsh -c 'echo ${PROJECT_HOME-unset}'")
            .prints(shell.name(), "/a b unset \nunset\n");
    });
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.write("do/lsvirtualenv", "echo \"$PROJECT_HOME\"\n");
        run_with(sandbox, shell, "typeset -r PROJECT_HOME=/readonly", "lsvirtualenv")
            .prints(shell.name(), "/readonly\n");
    });
}

#[test]
fn a_failing_program_in_a_plan_gives_the_status_and_later_steps_run() {
    in_each_shell(|sandbox, shell| {
        let mut plan = Plan::default();
        plan.run_and_remember(&sandbox.path("projects"), Path::new("/bin/sh"), ["-c".into(), "pwd; exit 5".into()]);
        plan.run_and_remember(
            &sandbox.path("projects"),
            Path::new("/bin/sh"),
            ["-c".into(), "echo \"$1\"".into(), "sh".into(), "a  'b\nc".into()],
        );
        plan.set("ADDED", Some("x  y".into()));
        plan.set("TERM", None);
        sandbox.plan(shell, "workon", &plan);
        let script = "workon; report end\nsh -c 'echo \"$ADDED ${TERM-unset}\"'";
        run(sandbox, shell, script)
            .prints(shell.name(), "[ROOT]/projects\na  'b\nc\nend: status=5 env= cwd=[ROOT]/home\nx  y unset\n");
    });
}
