//! `mvvirtualenv`: the shell follows the environment that it renames.

use crate::support::scenario::{block, script};
use crate::support::shells::{in_each_shell, run};

#[test]
fn the_shell_follows_into_the_environment_and_its_directory() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        for name in ["old", "other"] {
            sandbox.make_own_env(name);
        }
        std::fs::create_dir(sandbox.env_path("old").join("src")).unwrap();
        sandbox.write_hook("envs/old/bin/predeactivate", "echo leaving\n");
        sandbox.write_program("envs/premvvirtualenv", "#!/bin/sh\necho pre \"$@\"\n");
        sandbox.write_program("envs/postmvvirtualenv", "#!/bin/sh\necho post \"$@\"\n");
        let steps = script(
            "
            1: workon old
               cd src 2>/dev/null || cd \"$VIRTUAL_ENV/src\"
            2: mvvirtualenv old 'new one'
            3: mvvirtualenv 'new one' other
            4: mvvirtualenv other third
               deactivate
            5: mvvirtualenv 'new one' fourth
            ",
        );
        let outcome = run(sandbox, shell, &steps);
        assert_eq!(
            outcome.stdout,
            block(
                r"
                1: status=0 env=[ROOT]/envs/old cwd=[ROOT]/home
                leaving
                pre old new one
                post old new one
                2: status=0 env=[ROOT]/envs/new one cwd=[ROOT]/envs/new one/src
                3: status=1 env=[ROOT]/envs/new one cwd=[ROOT]/envs/new one/src
                pre other third
                post other third
                4: status=0 env=[ROOT]/envs/new one cwd=[ROOT]/envs/new one/src
                leaving
                pre new one fourth
                post new one fourth
                5: status=0 env= cwd=[ROOT]/envs/fourth/src
                "
            ),
            "{}: {outcome:#?}",
            shell.name()
        );
        assert!(outcome.stderr.contains("`other` already exists"), "{outcome:#?}");
    });
}

#[test]
fn a_temporary_environment_is_kept_under_its_name() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let steps = "mktmpenv -n --no-seed >/dev/null 2>&1\nmvvirtualenv \"$(basename \"$VIRTUAL_ENV\")\" kept; report 1\n\
             deactivate; report 2";
        let steps = if shell == venvwrap_core::shell::Shell::Fish {
            steps.replace("\"$(basename \"$VIRTUAL_ENV\")\"", "(basename $VIRTUAL_ENV)")
        } else {
            steps.to_string()
        };
        let outcome = run(sandbox, shell, &steps);
        assert_eq!(
            outcome.stdout,
            "1: status=0 env=[ROOT]/envs/kept cwd=[ROOT]/home\n2: status=0 env= cwd=[ROOT]/home\n",
            "{}: {outcome:#?}",
            shell.name()
        );
        assert!(sandbox.env_path("kept").join("pyvenv.cfg").exists());
    });
}
