//! `venvwrap activate`: activation where the functions are not loaded.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use venvwrap_core::shell::Shell;

use crate::support::program::{call, create, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{find_optional, find_program};

/// Hostile, and possible: the activate script quotes it.
const ODD: &str = "it's *; & odd";

#[test]
fn the_line_activates_in_every_shell_and_runs_nothing_else() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, ODD);
    for (program, shell) in [("sh", "sh"), ("bash", "bash"), ("zsh", "zsh"), ("fish", "fish")] {
        let line = call(&sandbox, &["activate", "--shell", shell, ODD]);
        let script = format!("{}\npython -c 'import sys; print(sys.prefix)'", line.succeeds(shell));
        let script = script.replace("[ROOT]", sandbox.path("").to_str().unwrap().trim_end_matches('/'));
        let Ok(output) = Command::new(program).args(["-c", &script]).current_dir(sandbox.path("home")).output() else {
            continue;
        };
        let printed = String::from_utf8_lossy(&output.stdout);
        assert_eq!(printed.trim_end(), env.to_str().unwrap(), "{shell}: {output:?}");
    }
    assert_eq!(Shell::ALL.len(), 3, "the other shells are in the list above");
}

/// In a shell with the functions and in one without; `workon` and `activate` take turns.
#[test]
fn variables_of_an_environment_are_given_back_whoever_has_set_them() {
    for program in ["bash", "zsh", "fish", "dash"] {
        let Some(shell) = find_program(program) else { continue };
        let is_fish = program == "fish";
        let sandbox = Sandbox::new();
        sandbox.use_real_program();
        for name in ["a", "b"] {
            sandbox.make_own_env(name);
            call(
                &sandbox,
                &["variables", "set", "-n", name, &format!("BOTH={name} '$(touch PWN)'"), &format!("ONLY_{name}=1")],
            )
            .succeeds(name);
        }
        sandbox.make_env("plain");
        let activate = |name: &str| match program {
            "fish" => format!("venvwrap activate --shell fish {name} | source\n"),
            "dash" => format!("eval \"$(venvwrap activate --shell sh {name})\"\n"),
            _ => format!("eval \"$(venvwrap activate --shell {program} {name})\"\n"),
        };
        let show = |label: &str| {
            format!(
                "echo {label} \"$(sh -c 'echo \"${{VIRTUAL_ENV##*/}}.$BOTH.${{ONLY_a-none}}.${{ONLY_b-none}}\"')\"\n"
            )
        };
        let leave = "deactivate\n".to_string() + &show("out");
        let (set, load) = match program {
            "fish" => ("set -gx BOTH old\n", "venvwrap init fish | source\n".to_string()),
            "dash" => ("export BOTH=old\n", String::new()),
            _ => ("export BOTH=old\n", format!("eval \"$(venvwrap init {program})\"\n")),
        };
        let turns = [activate("a") + &show("1") + &activate("b") + &show("2") + &leave, {
            let workon = |name: &str| if program == "dash" { activate(name) } else { format!("workon {name}\n") };
            workon("a")
                + &activate("b")
                + &show("3")
                + &leave
                + &activate("a")
                + &workon("b")
                + &show("4")
                + &leave
                + &workon("a")
                + &activate("plain")
                + &show("5")
                + &leave
        }];
        let strict = if is_fish { "" } else { "set -eu\n" };
        let script = [strict, set, &activate("a"), &load, "deactivate\n", &show("out"), &turns[0], &turns[1]].concat();
        let mut command = sandbox.command(&shell);
        command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
        let output = command.args(["-c", &script]).current_dir(sandbox.path("home")).output().unwrap();
        let outcome = Outcome::new(&sandbox, &output);
        let (a, b) = ("a.a '$(touch PWN)'.1.none", "b.b '$(touch PWN)'.none.1");
        let out = "out .old.none.none";
        let expected =
            format!("{out}\n1 {a}\n2 {b}\n{out}\n3 {b}\n{out}\n4 {b}\n{out}\n5 plain.old.none.none\n{out}\n");
        assert_eq!((&*outcome.stdout, &*outcome.stderr), (&*expected, ""), "{program}");
    }
}

/// Code that is evaluated ends a script that shall end with the first failure.
#[test]
fn evaluating_an_error_is_one() {
    for program in ["bash", "zsh", "dash", "fish", "tcsh"] {
        let Some(shell) = find_program(program) else { continue };
        let sandbox = Sandbox::new();
        sandbox.use_real_program();
        let evaluate = match program {
            "fish" => "venvwrap activate nope | source; or echo failed\n",
            "tcsh" => "eval \"`venvwrap activate nope`\" || echo failed\n",
            _ => {
                "eval \"$(venvwrap activate nope)\" || echo failed\nset -e; eval \"$(venvwrap activate nope)\"; echo on\n"
            }
        };
        let mut command = sandbox.command(&shell);
        command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
        let arguments: &[&str] = if program == "tcsh" { &["-fc", evaluate] } else { &["-c", evaluate] };
        let output = command.args(arguments).current_dir(sandbox.path("home")).output().unwrap();
        let outcome = Outcome::new(&sandbox, &output);
        assert_eq!(outcome.stdout, "failed\n", "{program} {outcome:#?}");
    }
}

#[test]
fn tcsh_is_detected() {
    let Some(shell) = find_program("tcsh") else { return };
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    let env = sandbox.make_own_env("api");
    std::fs::write(env.join("bin/activate.csh"), "setenv REACHED yes\n").unwrap();
    assert_eq!(call(&sandbox, &["variables", "set", "-n", "api", "A=1"]).status, Some(0));
    let mut command = sandbox.command(&shell);
    command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
    command.args(["-fc", "eval \"`venvwrap activate api`\"; printenv REACHED; printenv A"]);
    let outcome = Outcome::new(&sandbox, &command.current_dir(sandbox.path("home")).output().unwrap());
    assert_eq!((&*outcome.stdout, &*outcome.stderr), ("yes\n1\n", ""), "{outcome:#?}");
}

/// A script, a line of a Makefile: the shell that evaluates the code need not be its user's login shell.
#[test]
fn the_shell_that_evaluates_it_counts_and_not_the_login_shell() {
    const NAME: &str = "a';touch PWN #";
    const TEXT: &str = "eval \"$(venvwrap activate \"$1\")\"\nprintf '%s|' \"$VIRTUAL_ENV\" \"$LINES_OF_IT\"";
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    sandbox.make_own_env(NAME);
    call(&sandbox, &["variables", "set", "-n", NAME, "LINES_OF_IT=a\nb"]).succeeds("variables");
    let mut found = Vec::new();
    for (name, first) in
        [("dash", ""), ("ksh", ""), ("mksh", ""), ("busybox", "sh"), ("bash", ""), ("bash", "--posix"), ("zsh", "")]
    {
        found.extend(find_optional(name).map(|shell| (shell, first)));
    }
    // Called as `sh`, these are others.
    for name in ["bash", "zsh"] {
        let Some(shell) = find_program(name) else { continue };
        let link = sandbox.path(name).join("sh");
        std::fs::create_dir(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(shell, &link).unwrap();
        found.push((link, ""));
    }
    for (shell, first) in found {
        for login in ["/usr/bin/fish", "/bin/tcsh", "/bin/bash", "/bin/zsh", ""] {
            let mut command = sandbox.command(&shell);
            command.args(Some(first).filter(|first| !first.is_empty())).args(["-c", TEXT, "sh", NAME]);
            command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display())).env("SHELL", login);
            let context = format!("{} {first} {login}", shell.display());
            let outcome = Outcome::new(&sandbox, &command.output().unwrap());
            outcome.prints(&context, &format!("[ROOT]/envs/{NAME}|a\nb|"));
            assert!(!sandbox.path("home/PWN").exists(), "{context}");
        }
    }
}

/// `activate` answers as `workon` does, for every shell.
#[test]
fn what_others_could_change_is_not_printed_for_any_shell() {
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    let env = sandbox.make_own_env("api");
    for script in ["activate.csh", "activate.ps1"] {
        std::fs::write(env.join("bin").join(script), "rehash\n").unwrap();
    }
    let open = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let shells = ["bash", "zsh", "sh", "fish", "csh", "pwsh"];
    for part in [sandbox.path("envs"), env.clone(), env.join("bin")] {
        open(&part, 0o777);
        for shell in shells {
            let outcome = call(&sandbox, &["activate", "--shell", shell, "api"]);
            assert_eq!((&*outcome.stdout, outcome.status), ("false\n", Some(1)), "{shell} {outcome:#?}");
            assert!(outcome.stderr.contains("is writable by other users"), "{shell} {outcome:#?}");
            assert!(outcome.stderr.contains("venvwrap allow --shared"), "{shell} {outcome:#?}");
        }
        call(&sandbox, &["activate", "--json", "api"]).fails("json", "is writable by other users");
        open(&part, 0o755);
    }
    open(&env, 0o777);
    assert_eq!(call(&sandbox, &["allow", "--shared", env.to_str().unwrap()]).status, Some(0));
    for shell in shells {
        call(&sandbox, &["activate", "--shell", shell, "api"]).succeeds(shell);
    }
}

/// What the script for a Bourne shell is refused for, the others are.
#[test]
fn a_prompt_is_no_command_in_csh_either() {
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    let env = sandbox.make_own_env("api");
    let text = "setenv VIRTUAL_ENV_PROMPT \"\"; touch PWN; echo \"\"\n";
    std::fs::write(env.join("bin/activate.csh"), text).unwrap();
    let outcome = call(&sandbox, &["activate", "--shell", "csh", "api"]);
    assert_eq!(outcome.stdout, "false\n", "{outcome:#?}");
    assert!(outcome.stderr.contains("as a command, in line 1"), "{outcome:#?}");
    call(&sandbox, &["activate", "--shell", "sh", "api"]).succeeds("sh");
}

#[test]
fn programs_get_the_variables() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_bare_env("api");
    for (name, target) in [("python", "/bin/sh"), ("python3", "python"), ("python3.11", "python")] {
        std::os::unix::fs::symlink(target, env.join("bin").join(name)).unwrap();
    }
    let text = call(&sandbox, &["activate", "--json", "api"]);
    let value: serde_json::Value = serde_json::from_str(text.succeeds("json")).unwrap();
    assert_eq!(value["path"], "[ROOT]/envs/api");
    assert_eq!(value["set"]["VIRTUAL_ENV"], "[ROOT]/envs/api");
    assert!(value["set"]["PATH"].as_str().unwrap().starts_with("[ROOT]/envs/api/bin:"), "{value}");
    assert_eq!(value["unset"][0], "PYTHONHOME");
    // What is evaluated fails, unless it is JSON.
    let fails = |words: &[&str], told: &str| {
        let outcome = call(&sandbox, &[&["activate"], words].concat());
        assert_eq!((&*outcome.stdout, outcome.status == Some(0)), ("false\n", false), "{words:?} {outcome:#?}");
        assert!(outcome.stderr.contains(told), "{words:?} {outcome:#?}");
        call(&sandbox, &[&["activate", "--json"], words].concat()).fails(told, told);
    };
    fails(&["apo"], "no environment is named `apo`");
    let outcome = call(&sandbox, &["activate", "--shell", "csh", "api"]);
    assert_eq!(outcome.stdout, "false\n", "{outcome:#?}");
    assert!(outcome.stderr.contains("has no activation script"), "{outcome:#?}");
    for words in [&["--shell", "nosuchshell", "api"][..], &[], &["--workon-home", "/nowhere", "api"]] {
        let outcome = call(&sandbox, &[&["activate"], words].concat());
        assert_eq!((&*outcome.stdout, outcome.status == Some(0)), ("false\n", false), "{words:?} {outcome:#?}");
    }
    assert_eq!(call(&sandbox, &["--workon-home", "/nowhere", "activate", "api"]).stdout, "false\n");
    assert_eq!(call(&sandbox, &["init", "nosuchshell"]).stdout, "false\n");
    std::fs::rename(sandbox.make_own_env("old"), sandbox.env_path("moved")).unwrap();
    fails(&["moved"], "was moved or copied");
    for (lost, target) in
        [("python3.11", None), ("python3", None), ("python", Some("/nowhere/python")), ("python", None)]
    {
        std::fs::remove_file(env.join("bin").join(lost)).unwrap();
        target.inspect(|target| std::os::unix::fs::symlink(target, env.join("bin").join(lost)).unwrap());
        fails(&["api"], "`api` does not work: the interpreter ");
    }
    sandbox.write("envs/api/bin/python", "a copy");
    for name in ["python3", "python3.11"] {
        std::os::unix::fs::symlink("python", env.join("bin").join(name)).unwrap();
    }
    fails(&["api"], "is not executable");
    std::fs::remove_dir_all(env.join("bin")).unwrap();
    fails(&["api"], "has no activation script");
}
