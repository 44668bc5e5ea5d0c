//! An environment that was moved or renamed says so, and works again when it is renewed.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::program::{assert_works, call, create, create_arguments, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{in_each_shell, run};

fn health(sandbox: &Sandbox, name: &str) -> String {
    let outcome = call(sandbox, &["show", "--json", name]);
    let json: serde_json::Value = serde_json::from_str(outcome.succeeds(name)).unwrap();
    json["health"].as_str().unwrap().to_string()
}

fn assert_pip_works(env: &Path) {
    let output = Command::new(env.join("bin/pip")).arg("--version").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && text.contains(env.to_str().unwrap()), "{output:?}");
}

/// The lines of `RECORD` that are about the programs of pip.
fn recorded_scripts(env: &Path) -> Vec<String> {
    let output =
        Command::new("grep").args(["-rhs", "^../../../bin/pip", "--include=RECORD"]).arg(env.join("lib")).output();
    String::from_utf8(output.unwrap().stdout).unwrap().lines().map(String::from).collect()
}

#[test]
fn what_was_renamed_is_moved_and_renewing_mends_its_scripts() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for (old, new) in [("beta", "gamma"), ("b c", "it's"), ("long", &"n".repeat(150)), ("twice", "thrice")] {
        let (from, to) = (sandbox.env_path(old), sandbox.env_path(new));
        create(&sandbox, &python, old);
        assert_eq!(health(&sandbox, old), "ok");
        std::fs::rename(&from, &to).unwrap();
        assert_eq!(health(&sandbox, new), "moved", "{new}");
        let before = recorded_scripts(&to);
        // Programs of the user and of other tools stay as they are.
        let own = [("mine", "#!/bin/sh\n"), ("other", "#!/usr/bin/python3.0\n"), ("env", "#!/usr/bin/env python3\n")];
        for (name, text) in own {
            std::fs::write(to.join("bin").join(name), text).unwrap();
        }
        let outcome = call(&sandbox, &["create", "--no-setuptools", "--", new]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert_works(&to);
        assert_pip_works(&to);
        assert_eq!(health(&sandbox, new), "ok", "{new}");
        for (name, text) in own {
            assert_eq!(std::fs::read_to_string(to.join("bin").join(name)).unwrap(), text);
        }
        let after = recorded_scripts(&to);
        assert!(!before.is_empty() && before.len() == after.len() && before != after, "{before:?} {after:?}");
    }
}

#[test]
fn a_copy_with_other_tools_is_moved_although_the_source_is_there() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let source = create(&sandbox, &python, "source");
    let copy = sandbox.env_path("copy");
    assert!(Command::new("cp").arg("-a").args([&source, &copy]).status().unwrap().success());
    assert_eq!(health(&sandbox, "copy"), "moved");
    let _ = call(&sandbox, &["create", "--no-setuptools", "copy"]);
    assert_pip_works(&copy);
    assert_pip_works(&source);
    assert_eq!((health(&sandbox, "copy"), health(&sandbox, "source")), ("ok".into(), "ok".into()));
    // What names its place by a link is where it says it is.
    std::fs::create_dir(sandbox.path("elsewhere")).unwrap();
    let real = sandbox.path("elsewhere/real");
    std::fs::rename(&copy, &real).unwrap();
    std::os::unix::fs::symlink(&real, &copy).unwrap();
    assert_eq!(health(&sandbox, "copy"), "ok");
}

#[test]
fn a_dead_interpreter_is_told_before_another_runs_in_its_place() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        for (name, quoted) in [("dead", "dead"), ("it's dead", "'it'\\''s dead'"), (" blank", "' blank'")] {
            let env = sandbox.make_env(name);
            let warning =
                |problem: &str| format!("warning: {problem}; `venvwrap repair {quoted}` repairs the environment\n");
            let script = format!("workon \"{name}\"; report 1");
            assert_eq!(run(sandbox, shell, &script).stderr, "", "it is not dead yet");
            // Nothing that could take its place may be known.
            std::fs::write(env.join("pyvenv.cfg"), "home = /nowhere/bin\nversion = 3.11.2\n").unwrap();
            std::fs::remove_file(env.join("bin/python")).unwrap();
            std::os::unix::fs::symlink("/nowhere/bin/python3", env.join("bin/python")).unwrap();
            let outcome = run(sandbox, shell, &script);
            assert_eq!(
                outcome.stderr,
                warning("the interpreter `/nowhere/bin/python3` no longer exists"),
                "{}",
                shell.name()
            );
            assert_eq!(outcome.stdout, format!("1: status=0 env=[ROOT]/envs/{name} cwd=[ROOT]/home\n"));
            std::fs::remove_file(env.join("bin/python")).unwrap();
            std::fs::write(env.join("bin/python"), "a copy").unwrap();
            std::fs::write(env.join("pyvenv.cfg"), "home = /usr/bin\nversion = 3.11.2\n").unwrap();
            let outcome = run(sandbox, shell, &script);
            let python = format!("[ROOT]/envs/{name}/bin/python");
            let says =
                format!("warning: `{python}` is not executable, so another Python runs in its place; run `chmod +x ");
            assert!(outcome.stderr.starts_with(&says), "{}: {outcome:#?}", shell.name());
            assert_eq!(outcome.stderr.lines().count(), 1, "{}: {outcome:#?}", shell.name());
            std::fs::write(env.join("pyvenv.cfg"), "home = /nowhere/bin\n").unwrap();
            let problem = "the directory `/nowhere/bin` of the base Python no longer exists";
            assert_eq!(run(sandbox, shell, &script).stderr, warning(problem), "{}", shell.name());
        }
    });
}

#[test]
fn what_nobody_asks_to_change_stays() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let arguments = create_arguments(&python, "api", &["--system-site-packages", "--prompt", "my prompt"]);
    call(&sandbox, &arguments).succeeds("create");
    let env = sandbox.env_path("api");
    let read = |file: &str| std::fs::read_to_string(env.join(file)).unwrap();
    let venv = sandbox.env_path("api").into_os_string().into_string().unwrap();
    for arguments in [&["create", "-q", "api"][..], &["venv", "-q", &venv]] {
        call(&sandbox, arguments).succeeds("renew");
        let cfg = read("pyvenv.cfg");
        assert!(
            cfg.contains("include-system-site-packages = true\n") && cfg.contains("prompt = 'my prompt'\n"),
            "{cfg}"
        );
        assert!(read("bin/activate").contains("my prompt"));
    }
    call(&sandbox, &["create", "-q", "api", "--prompt", "other"]).succeeds("prompt");
    assert!(read("pyvenv.cfg").contains("prompt = 'other'\n"));
    // An old name that was the prompt is none.
    call(&sandbox, &["create", "-q", "api", "--prompt", "api"]).succeeds("prompt");
    std::fs::rename(&env, sandbox.env_path("web")).unwrap();
    call(&sandbox, &["create", "-q", "web"]).succeeds("moved");
    assert!(std::fs::read_to_string(sandbox.env_path("web").join("pyvenv.cfg")).unwrap().contains("prompt = 'web'\n"));
}

#[test]
fn a_version_of_pip_that_is_not_there_is_refused_before_anything_changes() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    call(&sandbox, &create_arguments(&python, "api", &[])).succeeds("create");
    let cfg = sandbox.env_path("api").join("pyvenv.cfg");
    std::fs::write(&cfg, std::fs::read_to_string(&cfg).unwrap() + "own = 1\n").unwrap();
    let identity = || std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(&cfg).unwrap());
    let before = identity();
    let venv = sandbox.env_path("api").into_os_string().into_string().unwrap();
    for start in [["create", "api"], ["venv", &venv]] {
        let outcome = call(&sandbox, &[&start[..], &["--pip", "999"]].concat());
        outcome.fails_with_hint("another version", "it has pip ");
        assert!(
            outcome.stderr.contains("/envs/api/bin/python' -m pip install 'pip==999'` changes it; `--clear`"),
            "{outcome:#?}"
        );
        let outcome = call(&sandbox, &[&start[..], &["--pip", "abc"]].concat());
        outcome.fails_with_hint("no version", "`abc` is not a version");
    }
    assert_eq!(identity(), before);
    for word in ["bundle", "embed", "latest", "none"] {
        call(&sandbox, &["create", "-q", "api", "--no-download", "--pip", word]).succeeds(word);
    }
}

/// Of the activation scripts, too, what the user has written stays, and of the interpreters a wrapper.
#[test]
fn what_the_user_has_written_stays() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    let bin = env.join("bin");
    let read = |name: &str| std::fs::read_to_string(bin.join(name)).unwrap();
    let wrapper = format!("#!/bin/sh\nexec '{}/python' \"$@\"\n", bin.display());
    std::fs::write(bin.join("activate.fish"), "# mine\n".to_owned() + &read("activate.fish")).unwrap();
    let fish = read("activate.fish");
    for options in [&[][..], &["--copies"], &["--prompt", "api"], &["--prompt", "new"]] {
        std::fs::write(bin.join("activate"), read("activate") + "# mine\n").unwrap();
        let _ = std::fs::remove_file(bin.join("python3"));
        sandbox.write_program(bin.join("python3"), &wrapper);
        let outcome = call(&sandbox, &[&["create", "--no-setuptools", "api"], options].concat());
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        // A script that works stays, unless it would show another prompt than the one that is asked for.
        let is_new = options.contains(&"new");
        let told = "`bin/activate.fish` of `api` is a new one; the old one, which may have changes, is \
                    `bin/activate.fish.old`";
        assert_eq!(outcome.stderr.contains(told), is_new, "{outcome:#?}");
        assert_eq!(read(if is_new { "activate.fish.old" } else { "activate.fish" }), fish);
        assert_eq!(read("activate.fish").contains("# mine"), !is_new);
        assert_eq!(bin.join("activate.fish.old").exists(), is_new);
        assert!(read("activate").ends_with("# mine\n") && !bin.join("activate.old").exists(), "{outcome:#?}");
        assert_eq!(read("python3"), wrapper);
        let mode = std::fs::metadata(bin.join("python3")).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111);
        assert_works(&env);
    }
    std::fs::remove_file(bin.join("activate.fish.old")).unwrap();
    assert_eq!(call(&sandbox, &["doctor", "api"]).stdout, "");
}
