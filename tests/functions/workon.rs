//! `workon`: activation, its hooks and their order, and switching.

use crate::completion::terminal::Terminal;
use crate::support::program::{assert_works, call, create, create_arguments, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_bash_and_zsh, in_each_shell, run};
use venvwrap_core::shell::Shell;

#[test]
fn activates_and_switches() {
    in_each_shell(|sandbox, shell| {
        for name in ["one", "two"] {
            sandbox.make_env(name);
            sandbox.plan_workon(name);
        }
        let script = "set -x START 1; before=$PATH\nworkon one; report 1\nworkon two; report 2\ndeactivate; report 3";
        let script = if shell == Shell::Fish {
            script.replace("before=$PATH", "true")
        } else {
            script.replace("set -x START 1; ", "")
        };
        let outcome = run(sandbox, shell, &format!("{script}\nprintf '%s\\n' \"$PATH\""));
        outcome.prints(
            shell.name(),
            "1: status=0 env=[ROOT]/envs/one cwd=[ROOT]/home\n\
             2: status=0 env=[ROOT]/envs/two cwd=[ROOT]/home\n\
             3: status=0 env= cwd=[ROOT]/home\n\
             /usr/local/bin:/usr/bin:/bin\n",
        );
        let name = shell.name();
        assert_eq!(sandbox.take_log(), format!("__load <{name}> <workon> <one>\n__plan <{name}> <workon> <two>\n"));
    });
}

#[test]
fn hooks_run_in_the_order_of_virtualenvwrapper() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        sandbox.make_project(&env, "api");
        for (place, directory) in [("global", "envs"), ("local", "envs/api/bin")] {
            let program = format!("#!/bin/sh\nprintf '%s\\n' \"preactivate {place} $1 in $PWD\"\nexit 3\n");
            sandbox.write_program(format!("{directory}/preactivate"), &program);
            sandbox.write_hook(&format!("{directory}/postactivate"), &format!("echo postactivate {place}\n"));
        }
        sandbox.write_hook("projects/api/.virtualenvwrapper/postactivate", "echo postactivate project in $PWD\n");
        sandbox.plan_workon("api");
        run(sandbox, shell, "workon api; report end").prints(
            shell.name(),
            "preactivate global api in [ROOT]/envs\n\
             preactivate local api in [ROOT]/envs\n\
             postactivate project in [ROOT]/projects/api\n\
             postactivate global\n\
             postactivate local\n\
             end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/projects/api\n",
        );
    });
}

#[test]
fn hooks_that_cannot_run_stop_nothing() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        sandbox.write("envs/preactivate", "#!/bin/sh\necho not executable\n");
        std::fs::create_dir(sandbox.path("envs/api/bin/preactivate")).unwrap();
        sandbox.plan_workon("api");
        run(sandbox, shell, "workon api; report end")
            .prints(shell.name(), "end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n");
        sandbox.write_program("envs/preactivate", "echo no shebang\n");
        sandbox.plan_workon("api");
        run(sandbox, shell, "workon api; report end")
            .prints(shell.name(), "no shebang\nend: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n");
    });
}

#[test]
fn what_a_hook_sets_persists() {
    in_bash_and_zsh(|sandbox, shell| {
        sandbox.make_env("api");
        let option = if shell == Shell::Bash { "shopt -s nullglob" } else { "setopt null_glob" };
        sandbox.write(
            "envs/postactivate",
            format!("plain=1\ntypeset typed=1\nexport exported=1\nalias aliased=true\nfunction made {{ :; }}\n{option}\ncd /usr\n"),
        );
        sandbox.plan_workon("api");
        let is_set = if shell == Shell::Bash { "shopt -q nullglob" } else { "[[ -o null_glob ]]" };
        let script = format!(
            "workon api; report end\nprintf '%s\\n' \"${{plain-}} ${{typed-unset}} $exported\"\nalias aliased >/dev/null && echo aliased\nmade && echo made\n{is_set} && echo option"
        );
        run(sandbox, shell, &script)
            .prints(shell.name(), "end: status=0 env=[ROOT]/envs/api cwd=/usr\n1 unset 1\naliased\nmade\noption\n");
    });
}

#[test]
fn a_hook_may_create_the_next() {
    in_each_shell(|sandbox, shell| {
        sandbox.make_env("api");
        let suffix = if shell == Shell::Fish { ".fish" } else { "" };
        sandbox.write_hook(
            "envs/postactivate",
            &format!("echo echo created >\"$VIRTUAL_ENV\"/bin/postactivate{suffix}\n"),
        );
        sandbox.plan_workon("api");
        run(sandbox, shell, "workon api").prints(shell.name(), "created\n");
    });
}

#[test]
fn text_appended_to_the_activate_script_takes_effect() {
    in_bash_and_zsh(|sandbox, shell| {
        let env = sandbox.make_env("api");
        let activate = std::fs::read_to_string(env.join("bin/activate")).unwrap();
        sandbox.write("envs/api/bin/activate", activate + "export APPENDED=1\n");
        sandbox.plan_workon("api");
        run(sandbox, shell, "workon api; echo $APPENDED").prints(shell.name(), "1\n");
    });
}

#[test]
fn the_root_directory_has_no_environment() {
    crate::support::shells::in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let outcome = crate::support::shells::run(sandbox, shell, "cd /\nworkon .; report end");
        assert_eq!(outcome.stdout, "end: status=1 env= cwd=/\n", "{}", shell.name());
        let expected = "error: no environment belongs to `/`\nhint: `mkvirtualenv -a . NAME` creates one\n";
        assert_eq!(outcome.stderr, expected, "{}", shell.name());
    });
}

#[test]
fn a_script_that_does_nothing_is_no_use_of_the_environment() {
    crate::support::shells::in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        for content in ["", "# only a comment\n", "\n\n"] {
            let env = sandbox.make_env("api");
            std::fs::write(shell.dialect().activate_script(&env), content).unwrap();
            std::fs::remove_file(env.join("venvwrap.toml")).ok();
            let outcome = crate::support::shells::run(sandbox, shell, "workon api; report end");
            assert_eq!(outcome.stdout, "end: status=1 env= cwd=[ROOT]/home\n", "{}", shell.name());
            let hint = "hint: `mkvirtualenv api` renews the environment\n";
            assert!(outcome.stderr.ends_with(hint), "{}: {outcome:#?}", shell.name());
            assert!(!env.join("venvwrap.toml").exists(), "{}: {content:?}", shell.name());
        }
    });
}

#[test]
fn in_a_project_of_uv_what_uv_would_do_is_told_once() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let env = sandbox.make_own_env("api");
        let project = sandbox.make_project(&env, "api");
        std::fs::write(project.join("uv.lock"), "").unwrap();
        assert_eq!(run(sandbox, shell, "workon api\n").stderr, "", "{}: nobody reads it", shell.name());
        let hint = "uv creates its own environment here; `venvwrap link --uv api` makes it use this one";
        let mut terminal = Terminal::open_real(sandbox, shell, "", (24, 120));
        terminal.press("workon api\r");
        terminal.read_until(hint.as_bytes());
        terminal.wait_for_prompt();
        terminal.enter("workon api");
        assert!(!terminal.prompt().contains("uv creates"), "{}: {:?}", shell.name(), terminal.prompt());
        std::os::unix::fs::symlink(&env, project.join(".venv")).unwrap();
        std::fs::write(project.join(".python-version"), "2.2\n").unwrap();
        let outcome = run(sandbox, shell, "workon api\n");
        let start =
            "warning: uv would delete `api` here: `[ROOT]/projects/api/.python-version` wants Python 2.2, it has ";
        assert!(outcome.stderr.starts_with(start), "{}: {outcome:#?}", shell.name());
        assert_eq!(outcome.stderr.lines().count(), 1, "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn a_function_is_not_taken_for_a_command_of_the_program() {
    let sandbox = Sandbox::new();
    let call = |words: &[&str]| crate::support::program::call(&sandbox, words);
    let outcome = call(&["workon", "api"]);
    assert_eq!(outcome.status, Some(1), "{outcome:#?}");
    assert!(outcome.stderr.starts_with("error: `workon` is a function of the shell"), "{outcome:#?}");
    for words in [&["help", "mkvirtualenv"][..], &["mkvirtualenv", "--help"]] {
        let help = call(words);
        assert_eq!(help.status, Some(0), "{help:#?}");
        assert!(help.stdout.contains("Usage: mkvirtualenv"), "{help:#?}");
    }
    assert!(call(&["no-such-verb"]).stderr.contains("unrecognized subcommand"));
}

#[test]
fn an_environment_that_was_moved_is_named_with_what_helps() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        assert_eq!(call(sandbox, &["create", "--no-seed", "old"]).status, Some(0));
        std::fs::rename(sandbox.env_path("old"), sandbox.env_path("api")).unwrap();
        let script = shell.dialect().activate_script(&sandbox.env_path("api"));
        let by_hand = if shell == Shell::Fish { "set -gx VIRTUAL_ENV " } else { "export VIRTUAL_ENV=" };
        let by_hand = format!("{by_hand}'{}'\n", sandbox.env_path("old").display());
        for text in [std::fs::read_to_string(&script).unwrap(), by_hand] {
            std::fs::write(&script, text).unwrap();
            let outcome = crate::support::shells::run(sandbox, shell, "workon api; report end");
            assert_eq!(outcome.stdout, "end: status=1 env= cwd=[ROOT]/home\n", "{}", shell.name());
            let expected = "error: `[ROOT]/envs/api` was moved or copied: its activation script is for `[ROOT]/envs/old`\n\
                            hint: `venvwrap repair api` repairs it\n";
            assert_eq!(outcome.stderr, expected, "{}", shell.name());
        }
    });
}

/// `--activators` may have left out the script of every shell that has `workon`.
#[test]
fn what_was_made_without_a_script_is_entered_all_the_same() {
    let Some(python) = python() else { return };
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let options = ["--no-seed", "--prompt", "it's 50%", "--activators", "powershell"];
        call(sandbox, &create_arguments(&python, "a b", &options)).succeeds(shell.name());
        let define = if shell == Shell::Fish {
            "function mine; command -v python; echo $VIRTUAL_ENV; end"
        } else {
            "mine() { command -v python; echo \"$VIRTUAL_ENV\"; }"
        };
        let script = format!(
            "{define}\nworkon 'a b'; report 1\ncommand -v python\necho \"$VIRTUAL_ENV_PROMPT\"\ndeactivate; report 2\n\
             allvirtualenv mine; report 3"
        );
        run(sandbox, shell, &script).prints(
            shell.name(),
            "1: status=0 env=[ROOT]/envs/a b cwd=[ROOT]/home\n[ROOT]/envs/a b/bin/python\nit's 50%\n\
             2: status=0 env= cwd=[ROOT]/home\n\
             a b\n===\n[ROOT]/envs/a b/bin/python\n[ROOT]/envs/a b\n\n3: status=0 env= cwd=[ROOT]/home\n",
        );
    });
    for (program, syntax) in [("sh", "sh"), ("bash", "bash"), ("fish", "fish")] {
        let sandbox = Sandbox::new();
        let options = ["--no-seed", "--activators", "powershell"];
        call(&sandbox, &create_arguments(&python, "a", &options)).succeeds(program);
        let line = call(&sandbox, &["activate", "--shell", syntax, "a"]).succeeds(program).to_owned();
        let line = line.replace("[ROOT]", sandbox.path("").to_str().unwrap().trim_end_matches('/'));
        let script = format!("{line}\ncommand -v python");
        let Ok(output) = std::process::Command::new(program).args(["-c", &script]).output() else { continue };
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(printed.trim_end(), sandbox.env_path("a").join("bin/python").to_str().unwrap(), "{output:?}");
        let other = call(&sandbox, &["activate", "--shell", "csh", "a"]);
        assert!(other.status == Some(1) && other.stderr.contains("with the same name restores it"), "{other:#?}");
    }
}

#[test]
fn a_python_that_is_lost_in_part_or_as_a_whole_is_repaired_or_told() {
    let Some(python) = python() else { return };
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let env = create(sandbox, &python, "api");
        let names = ["python", "python3"].map(|name| env.join("bin").join(name));
        let versioned = std::fs::read_dir(env.join("bin")).unwrap().flatten().map(|entry| entry.path());
        let versioned = versioned.filter(|path| path.to_string_lossy().contains("/python3.")).last().unwrap();
        let all = [names[0].clone(), names[1].clone(), versioned];
        for lost in [&all[..], &all[..1], &all[1..], &all[2..]] {
            for content in [None, Some("")] {
                for is_repaired in [false, true] {
                    for path in lost {
                        let _ = std::fs::remove_file(path);
                        content.inspect(|content| std::fs::write(path, content).unwrap());
                    }
                    let config = format!("auto_repair = {is_repaired}\n");
                    sandbox.write("home/.config/venvwrap/config.toml", config);
                    let outcome = run(sandbox, shell, "workon api; report end");
                    let told = if is_repaired { "repaired `api`: " } else { "; `venvwrap repair api` repairs " };
                    let context = format!("{} {lost:?} {content:?} {outcome:#?}", shell.name());
                    assert!(outcome.stderr.contains(told) && outcome.stderr.lines().count() == 1, "{context}");
                    assert!(outcome.stdout.contains("end: status=0 env=[ROOT]/envs/api"), "{context}");
                    assert_eq!(all.iter().all(|path| path.exists()), is_repaired || content.is_some(), "{context}");
                }
                assert_works(&env);
            }
        }
    });
}
