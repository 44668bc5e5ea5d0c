//! The shims together with the program itself: what a user sees from the first command to the last.

use venvwrap_core::shell::Shell;

use crate::support::shells::{in_each_shell, run, run_with};
use crate::support::tools::find_program;

#[test]
fn workon_runs_every_hook_and_goes_to_the_project() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let env = sandbox.make_env("it's here");
        sandbox.write_program("envs/it's here/bin/python", "#!/bin/sh\n");
        sandbox.make_project(&env, "a project");
        sandbox.write_program("envs/preactivate", "#!/bin/sh\necho preactivate \"$1\"\n");
        sandbox.write_program("envs/it's here/bin/preactivate", "#!/bin/sh\n# nothing\n");
        sandbox.write_hook("projects/a project/.virtualenvwrapper/postactivate", "echo project\n");
        sandbox.write_hook("envs/postactivate", "echo global\n");
        sandbox.write_hook("envs/postdeactivate", "echo left \"$VIRTUALENVWRAPPER_LAST_VIRTUAL_ENV\"\n");
        run(sandbox, shell, "workon \"it's here\"; report 1\ndeactivate; report 2\nworkon -n \"it's here\"; report 3")
            .prints(
                shell.name(),
                "preactivate it's here\nproject\nglobal\n\
             1: status=0 env=[ROOT]/envs/it's here cwd=[ROOT]/projects/a project\n\
             left [ROOT]/envs/it's here\n\
             2: status=0 env= cwd=[ROOT]/projects/a project\n\
             preactivate it's here\nproject\nglobal\n\
             3: status=0 env=[ROOT]/envs/it's here cwd=[ROOT]/projects/a project\n",
            );
    });
}

#[test]
fn settings_need_no_export() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        sandbox.write_program("envs/api/bin/python", "#!/bin/sh\n");
        let unexport = match shell {
            Shell::Bash => "export -n WORKON_HOME",
            Shell::Zsh => "typeset +x WORKON_HOME",
            Shell::Fish => "set -gu WORKON_HOME $WORKON_HOME",
        };
        let script = "sh -c 'echo ${WORKON_HOME-unset}'\nworkon\nworkon api; report end";
        run_with(sandbox, shell, unexport, script)
            .prints(shell.name(), "unset\napi\nend: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n");
    });
}

#[test]
fn an_unknown_name_changes_nothing() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let missing = "ERROR: Environment '";
        let names =
            [("nowhere", missing), ("../home", "error: \"../home\" is not a valid"), ("'$(touch pwned)'", missing)];
        for (name, words) in names {
            let outcome = run(sandbox, shell, &format!("workon {name}; report end"));
            assert!(outcome.stdout.starts_with("end: status="), "{name} {outcome:#?}");
            assert!(!outcome.stdout.contains("status=0"), "{name} {outcome:#?}");
            assert!(outcome.stderr.starts_with(words), "{name} {outcome:#?}");
        }
        assert!(!sandbox.path("home/pwned").exists());
    });
}

#[test]
fn environments_are_made_and_removed() {
    if find_program("python3").is_none() {
        return;
    }
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let script = "mkvirtualenv --without-pip api; report 1\ncdvirtualenv bin\ndeactivate\nrmvirtualenv api; report 2\n\
                      mktmpenv --without-pip; test -d \"$VIRTUAL_ENV\"; report 3\ndeactivate; report 4\n\
                      mktmpenv --without-pip; test -d \"$VIRTUAL_ENV\"; report 5";
        let outcome = run(sandbox, shell, script);
        let lines: Vec<_> = outcome.stdout.lines().filter(|line| line.contains(": status=")).collect();
        let [made, removed, temporary, left, again] = lines[..] else { panic!("{outcome:#?}") };
        assert_eq!(made, "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home");
        assert_eq!(removed, "2: status=0 env= cwd=[ROOT]/envs");
        assert!(temporary.starts_with("3: status=0 env=[ROOT]/envs/tmp-"), "{outcome:#?}");
        assert_eq!(left, "4: status=0 env= cwd=[ROOT]/envs");
        assert!(again.starts_with("5: status=0 env=[ROOT]/envs/tmp-"), "{outcome:#?}");
        let names = std::fs::read_dir(sandbox.path("envs")).unwrap().map(|entry| entry.unwrap().file_name());
        let kept: Vec<_> = names.filter(|name| !name.to_string_lossy().starts_with('.')).collect();
        assert_eq!(kept, [""; 0], "{}: the end of the shell removed the last one", shell.name());
    });
}
