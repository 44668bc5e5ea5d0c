//! `cdvirtualenv`, and what holds for all functions that change the directory.

use crate::support::scenario::{block, script};
use crate::support::shells::{in_each_shell, run, run_with};
use venvwrap_core::shell::Shell;

#[test]
fn goes_to_places_of_the_active_environment() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("a b");
        sandbox.make_project(&env, "it's here");
        std::fs::create_dir_all(env.join("lib/python3.9/site-packages")).unwrap();
        std::fs::create_dir_all(env.join("lib/python3.11/site-packages/sub dir")).unwrap();
        sandbox.plan_workon("a b");
        sandbox.take_log();
        run(
            sandbox,
            shell,
            &script(
                r"
                workon 'a b'
                1: cdvirtualenv
                2: cdvirtualenv bin
                3: cdsitepackages
                4: cdsitepackages 'sub dir'
                ",
            ),
        )
        .prints(
            shell.name(),
            &block(
                r"
                1: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/envs/a b
                2: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/envs/a b/bin
                3: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/envs/a b/lib/python3.11/site-packages
                4: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/envs/a b/lib/python3.11/site-packages/sub dir
                ",
            ),
        );
        assert_eq!(sandbox.take_log().lines().count(), 1, "only workon asks the program");
        sandbox.use_real_program();
        run(sandbox, shell, "workon 'a b'\ncd /\ncdproject; report 5")
            .prints(shell.name(), "5: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/projects/it's here\n");
    });
}

#[test]
fn overrides_of_cd_and_cdpath_have_no_say() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.make_project(&env, "api");
        sandbox.plan_workon("api");
        let before = match shell {
            Shell::Fish => "function cd; echo called; return 1; end\nset -g CDPATH /usr /",
            Shell::Zsh => "cd() { echo called; return 1 }\nchpwd() { echo chpwd >&2; return 1 }\nCDPATH=/usr:/",
            Shell::Bash => "cd() { echo called; return 1; }\nCDPATH=/usr:/",
        };
        run_with(sandbox, shell, before, "workon api; report 1\ncdvirtualenv bin; report 2").prints(
            shell.name(),
            "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/projects/api\n\
             2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/envs/api/bin\n",
        );
    });
}

const MISSING: &str = "ERROR: no virtualenv active, or active virtualenv is missing\n\
                       hint: activate one first with `workon NAME`\n";

#[test]
fn says_what_is_missing() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.use_real_program();
        let outcome = run(sandbox, shell, "cdvirtualenv; report 1\ncdsitepackages; report 2\ncdproject; report 3");
        assert_eq!(outcome.stderr, MISSING.repeat(3));
        assert_eq!(outcome.stdout.matches("status=1").count(), 3, "{outcome:#?}");
        let outcome = run(sandbox, shell, "workon api\ncdproject; report end");
        assert_eq!(outcome.stderr, "No project set in [ROOT]/envs/api/.project\n");
        assert!(outcome.stdout.contains("status=1"), "{outcome:#?}");
        std::fs::rename(env.join("lib"), env.join("elsewhere")).unwrap();
        let outcome = run(sandbox, shell, "workon api\ncdsitepackages; report end");
        assert_eq!(outcome.stderr, "ERROR: `[ROOT]/envs/api` has no site-packages directory\n");
        assert!(outcome.stdout.contains("status=1"), "{outcome:#?}");
        for text in ["/does/not/exist\n", "relative\n", "/usr\n/usr\n", "\n\n"] {
            std::fs::write(env.join(".project"), text).unwrap();
            let outcome = run(sandbox, shell, "workon api\ncdproject; report end");
            assert!(outcome.stderr.contains("roject"), "{text:?} {outcome:#?}");
            assert!(outcome.stdout.contains("status=1"), "{text:?} {outcome:#?}");
        }
    });
}

#[test]
fn a_directory_that_is_not_there_is_one_plain_line() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let env = sandbox.make_env("api");
        std::fs::create_dir_all(env.join("lib/python3.11/site-packages")).unwrap();
        std::fs::write(env.join("file"), "").unwrap();
        let text = script(
            r"
            workon api
            1: cdvirtualenv nope
            2: cdvirtualenv file
            3: cdsitepackages '$(touch pwned)'
            ",
        );
        let outcome = run(sandbox, shell, &text);
        assert_eq!(
            outcome.stderr,
            "error: `[ROOT]/envs/api/nope` does not exist\nerror: `[ROOT]/envs/api/file` is not a directory\n\
             error: `[ROOT]/envs/api/lib/python3.11/site-packages/$(touch pwned)` does not exist\n",
            "{}",
            shell.name()
        );
        assert_eq!(outcome.stdout.matches("status=1").count(), 3, "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn every_function_shows_help_without_an_active_environment_and_makes_nothing() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        std::fs::remove_dir_all(sandbox.env_path("")).ok();
        for name in ["cdvirtualenv", "cdsitepackages", "cdproject", "lssitepackages", "workon", "allvirtualenv"] {
            let outcome = run(sandbox, shell, &format!("{name} --help"));
            let is_help = outcome.stdout.contains(&format!("Usage: {name}"));
            assert!(is_help && outcome.stderr.is_empty(), "{} {name}: {outcome:#?}", shell.name());
            assert!(!sandbox.env_path("").exists(), "{} {name}", shell.name());
        }
    });
}
