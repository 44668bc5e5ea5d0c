//! The rules, as one walk through directories.

use super::interactive::{interact, reports};
use crate::support::associations::associate;
use crate::support::sandbox::Sandbox;
use crate::support::shells::in_each_shell;
use venvwrap_core::shell::Shell;

fn place() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    for (name, project) in [("one", "one"), ("two", "two"), ("inner", "one/sub/inner"), ("odd", "it's \"odd\" $(x)")] {
        sandbox.make_env(name);
        associate(&sandbox, name, &sandbox.path("projects").join(project));
    }
    sandbox.make_env("other");
    std::fs::create_dir_all(sandbox.path("projects/one/deep/er")).unwrap();
    std::fs::create_dir_all(sandbox.path("projects/one/sub/inner/src")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("projects/one"), sandbox.path("home/link")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("projects"), sandbox.path("home/parent")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("projects/one/deep"), sandbox.path("home/inside")).unwrap();
    sandbox
}

/// Each step: what is typed, and the environment that is active at the next prompt.
const STEPS: &[(&str, &str)] = &[
    ("cd ../projects", ""),
    ("cd one", "one"),
    ("cd deep/er", "one"),
    ("cd ../../../two", "two"),
    ("cd /", ""),
    ("cd ~/../projects/one/deep/er", "one"),
    ("cd ../../sub/inner/src", "inner"),
    ("cd ../..", "one"),
    ("deactivate", ""),
    ("cd ../deep", ""),
    ("cd ~", ""),
    ("cd ../projects/one", "one"),
    ("workon -n other", "other"),
    ("cd deep", "other"),
    ("cd ../../two", "other"),
    ("cd ~", "other"),
    ("deactivate", ""),
    ("cd ../projects/two", "two"),
    ("workon -n two", "two"),
    ("cd ~", "two"),
    ("deactivate", ""),
    ("cd link", "one"),
    ("cd ~/parent/two", "two"),
    ("cd ~/inside", "one"),
    ("cd ~", ""),
    ("cd \"../projects/it's \\\"odd\\\" \\$(x)\"", "odd"),
    ("cd -", ""),
    ("pushd ../projects/one >/dev/null", "one"),
    ("popd >/dev/null", ""),
    ("cd ../projects/one && cd ~", ""),
    ("workon one", "one"),
    ("cd ~", "one"),
    ("deactivate", ""),
];

#[test]
fn every_step_ends_where_the_rules_say() {
    in_each_shell(|_, shell| {
        let sandbox = place();
        let steps = STEPS.iter().enumerate();
        let lines: Vec<_> = steps.map(|(number, (step, _))| format!("{step}\nreport {number}")).collect();
        let script = lines.join("\n");
        let outcome = interact(&sandbox, shell, &script);
        let reports = reports(&outcome);
        assert_eq!(reports.len(), STEPS.len(), "{}: {outcome:#?}", shell.name());
        for ((report, (step, env)), number) in reports.iter().zip(STEPS).zip(0..) {
            let expected = format!("{number}: status=0 env={env} ");
            assert!(report.starts_with(&expected), "{} {step}: {report} {outcome:#?}", shell.name());
        }
        assert!(!outcome.stderr.contains("venvwrap: "), "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn the_path_is_what_it_was_after_all_of_it() {
    in_each_shell(|_, shell| {
        let sandbox = place();
        let script = "cd ../projects/one\ncd ../two\ncd ~\necho \"path=$PATH mark=$VENVWRAP_AUTO_ENV\"";
        let script = if shell == Shell::Fish {
            script.replace("$PATH mark", "\"(string join : $PATH)\" mark")
        } else {
            script.to_string()
        };
        let outcome = interact(&sandbox, shell, &script);
        assert!(outcome.stdout.contains("path=/usr/local/bin:/usr/bin:/bin mark=\n"), "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn hooks_of_the_user_run_and_the_directory_stays() {
    in_each_shell(|_, shell| {
        let sandbox = place();
        sandbox.write_hook("envs/postactivate", "echo entered; cd /usr\n");
        sandbox.write_hook("envs/postdeactivate", "echo left\n");
        let outcome = interact(&sandbox, shell, "cd ../projects/one/deep\nreport 1\ncd ~\nreport 2");
        let lines: Vec<_> = outcome.stdout.lines().filter(|line| !line.is_empty()).collect();
        let expected = ["entered", "1: status=0 env=one cwd=/usr", "left", "2: status=0 env= cwd=[ROOT]/home"];
        assert_eq!(lines, expected, "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn a_new_shell_keeps_what_was_asked_for_and_drops_what_was_not() {
    in_each_shell(|_, shell| {
        let sandbox = place();
        let start = |directory: &str, automatic: bool| {
            let env = sandbox.env_path("one");
            let mut command = super::interactive::command(&sandbox, shell);
            command.current_dir(sandbox.path(directory)).env("VIRTUAL_ENV", &env);
            command.env("PATH", format!("{}/bin:/usr/bin:/bin", env.display()));
            if automatic {
                command.env("VENVWRAP_AUTO_ENV", &env);
            }
            let path = if shell == Shell::Fish { "(string join : $PATH)" } else { "$PATH" };
            let script = format!("report end\necho path={path}");
            let script = script.replace("path=$PATH", "\"path=$PATH\"");
            let text = super::interactive::text(&sandbox, shell, "", &script);
            super::interactive::feed(&sandbox, command, &text).stdout
        };
        let has = |output: &str, env: &str, bin: &str| {
            let found = output.contains(&format!("end: status=0 env={env} "));
            assert!(found && output.contains(&format!("path={bin}/usr/")), "{} {output}", shell.name());
        };
        has(&start("projects/one", true), "one", "[ROOT]/envs/one/bin:");
        has(&start("projects/two", true), "two", "[ROOT]/envs/two/bin:");
        has(&start("home", true), "", "");
        for directory in ["projects/one", "projects/two", "home"] {
            has(&start(directory, false), "one", "[ROOT]/envs/one/bin:");
        }
    });
}

#[test]
fn an_inherited_variable_without_its_place_in_path_is_no_active_environment() {
    in_each_shell(|_, shell| {
        let sandbox = place();
        let python = sandbox.path("home/python");
        std::fs::create_dir_all(&python).unwrap();
        std::fs::write(python.join("python3"), "").unwrap();
        let start = |directory: &str, env: &str, path: &str, is_automatic: bool| {
            let env = sandbox.env_path(env);
            let mut command = super::interactive::command(&sandbox, shell);
            command.current_dir(sandbox.path(directory)).env("VIRTUAL_ENV", &env);
            let bin = format!("{}/bin", env.display());
            command.env("PATH", path.replace("BIN", &bin).replace("PYTHON", python.to_str().unwrap()));
            if is_automatic {
                command.env("VENVWRAP_AUTO_ENV", &env);
            }
            let text = super::interactive::text(&sandbox, shell, "", "report end");
            super::interactive::feed(&sandbox, command, &text).stdout
        };
        // A login shell in a new pane has reset PATH, has put something before it, or has another Python before it.
        for (directory, env, path, is_automatic, expected) in [
            ("projects/one", "one", "/usr/bin:/bin", true, "one"),
            ("projects/one/deep", "one", "/usr/bin:/bin", false, "one"),
            ("projects/one", "other", "/usr/bin:/bin", false, "one"),
            ("projects/one", "other", "PYTHON:BIN:/usr/bin:/bin", false, "one"),
            ("projects/one", "other", "/nowhere:BIN:/usr/bin:/bin", false, "other"),
            ("projects/one", "other", "BIN:/usr/bin:/bin", false, "other"),
        ] {
            let output = start(directory, env, path, is_automatic);
            let context = format!("{} {directory} {env} {path}: {output}", shell.name());
            assert!(output.contains(&format!("end: status=0 env={expected} ")), "{context}");
        }
        for (directory, is_automatic) in [("projects/one", true), ("projects/one", false), ("projects/one/deep", true)]
        {
            let env = sandbox.env_path("one");
            let mut command = super::interactive::command(&sandbox, shell);
            command.current_dir(sandbox.path(directory)).env("VIRTUAL_ENV", &env).env("PATH", "/usr/bin:/bin");
            if is_automatic {
                command.env("VENVWRAP_AUTO_ENV", &env);
            }
            let path = if shell == Shell::Fish { "$PATH[1]" } else { "${PATH%%:*}" };
            let text = super::interactive::text(&sandbox, shell, "", &format!("echo \"first=<{path}>\""));
            let output = super::interactive::feed(&sandbox, command, &text).stdout;
            assert!(output.contains("first=<[ROOT]/envs/one/bin>"), "{} {directory}: {output}", shell.name());
        }
    });
}

#[test]
fn a_shell_opened_inside_enters() {
    in_each_shell(|_, shell| {
        let sandbox = place();
        let mut command = super::interactive::command(&sandbox, shell);
        command.current_dir(sandbox.path("projects/one/deep"));
        let text = super::interactive::text(&sandbox, shell, "", "report end");
        let outcome = super::interactive::feed(&sandbox, command, &text);
        assert_eq!(reports(&outcome), ["end: status=0 env=one cwd=[ROOT]/projects/one/deep"], "{outcome:#?}");
    });
}

#[test]
fn a_lost_python_is_told_once_where_it_cannot_be_repaired() {
    in_each_shell(|_, shell| {
        let sandbox = place();
        sandbox.write("home/.config/venvwrap/config.toml", "auto_repair = false\n");
        for name in ["python", "python3", "python3.11"] {
            std::fs::remove_file(sandbox.env_path("one").join("bin").join(name)).unwrap();
        }
        std::fs::remove_file(sandbox.env_path("two/bin/python3")).unwrap();
        let steps = "cd ../projects/one\ncd ~\ncd ../projects/one\ncd ../two\nreport end";
        let outcome = interact(&sandbox, shell, steps);
        for (name, lost) in [("one", "python"), ("two", "python3")] {
            let warning =
                format!("venvwrap: the interpreter `[ROOT]/envs/{name}/bin/{lost}` no longer exists; `venvwrap ");
            assert_eq!(outcome.stderr.matches(&warning).count(), 1, "{}: {outcome:#?}", shell.name());
        }
    });
}
