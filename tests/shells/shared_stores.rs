//! Environments that others may write to: whatever they put there does not run by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use venvwrap_core::shell::Shell;

use crate::support::associations::program;
use crate::support::sandbox::{Sandbox, activate_text};
use crate::support::shells::{in_each_shell, run};

/// Lets everyone write to a file or directory.
fn open(sandbox: &Sandbox, relative: &str, is_open: bool) {
    let path = sandbox.path(relative);
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    let mode = if is_open { mode | 0o022 } else { mode & !0o022 };
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn what_others_may_write_to_is_not_entered_until_that_is_accepted() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        let script = if shell == Shell::Fish { "envs/api/bin/activate.fish" } else { "envs/api/bin/activate" };
        for part in ["envs", "envs/api", "envs/api/bin", script] {
            open(sandbox, part, true);
            let outcome = run(sandbox, shell, "workon api; report end");
            assert_eq!(outcome.stdout, "end: status=1 env= cwd=[ROOT]/home\n", "{} {part}", shell.name());
            let words = format!("other users may write to `[ROOT]/{part}`");
            assert!(outcome.stderr.contains(&words), "{} {part}: {outcome:#?}", shell.name());
            open(sandbox, part, false);
        }
        open(sandbox, "envs", true);
        program(sandbox, &["allow", "--shared", sandbox.path("envs").to_str().unwrap()]);
        run(sandbox, shell, "workon api; report end")
            .prints(shell.name(), "end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n");
    });
}

#[test]
fn a_script_behind_a_link_counts_where_it_really_is() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let env = sandbox.make_env("api");
        let script = shell.dialect().activate_script(&env);
        fs::create_dir_all(sandbox.path("elsewhere")).unwrap();
        fs::write(sandbox.path("elsewhere/activate"), activate_text(&env, shell)).unwrap();
        fs::remove_file(&script).unwrap();
        std::os::unix::fs::symlink(sandbox.path("elsewhere/activate"), &script).unwrap();
        run(sandbox, shell, "workon api; report end")
            .prints(shell.name(), "end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n");
        open(sandbox, "elsewhere", true);
        let outcome = run(sandbox, shell, "workon api; report end");
        assert!(outcome.stdout.starts_with("end: status=1 env= "), "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn only_environments_that_may_be_entered_are_named_for_a_function() {
    let sandbox = &Sandbox::new();
    sandbox.use_real_program();
    sandbox.make_env("good");
    sandbox.make_env("open");
    open(sandbox, "envs/open", true);
    let hostile = sandbox.make_env("hostile");
    fs::write(hostile.join("bin/activate"), "VIRTUAL_ENV_PROMPT=\"$(touch PWN)\"\n").unwrap();
    assert_eq!(program(sandbox, &["__do", "enterable", "bash"]), "good\n");
}
