//! Environments that others may write to: whatever they put there does not run by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use venvwrap_core::shell::Shell;

use crate::support::associations::program;
use crate::support::program::call;
use crate::support::sandbox::{Sandbox, activate_text};
use crate::support::shells::{in_each_shell, run};
use crate::support::tools::skip;

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
            let words = format!("`[ROOT]/{part}` is writable by other users");
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
fn a_function_is_called_only_in_environments_that_may_be_entered() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let write = |name: &str, text: &str| {
            let env = sandbox.make_env(name);
            fs::write(shell.dialect().activate_script(&env), text).unwrap();
        };
        sandbox.make_env("good");
        for name in ["open", "open too"] {
            sandbox.make_env(name);
            open(sandbox, &format!("envs/{name}/bin"), true);
        }
        match shell {
            Shell::Fish => {
                write("hostile", "set -gx VIRTUAL_ENV_PROMPT \"$(touch $HOME/PWN)\"\n");
                write("another", "set -gx VIRTUAL_ENV (touch $HOME/PWN)\n");
            }
            Shell::Bash | Shell::Zsh => {
                write("hostile", "VIRTUAL_ENV_PROMPT=\"$(touch $HOME/PWN)\"\n");
                write("another", "VIRTUAL_ENV=\"/x`touch $HOME/PWN`\"\n");
            }
        }
        let define = match shell {
            Shell::Fish => "function mine; echo $VIRTUAL_ENV; end",
            Shell::Bash | Shell::Zsh => "mine() { echo \"$VIRTUAL_ENV\"; }",
        };
        let outcome = run(sandbox, shell, &format!("{define}\nallvirtualenv mine"));
        assert_eq!(outcome.stdout, "good\n====\n[ROOT]/envs/good\n\n", "{}: {outcome:#?}", shell.name());
        assert_eq!(outcome.stderr.matches("as a command, in line 1").count(), 2, "{}: {outcome:#?}", shell.name());
        assert_eq!(outcome.stderr.matches("is writable by other users").count(), 2, "{}: {outcome:#?}", shell.name());
        assert!(!sandbox.path("home/PWN").exists(), "{}: {outcome:#?}", shell.name());
        // One open store is one fact.
        open(sandbox, "envs", true);
        let outcome = run(sandbox, shell, &format!("{define}\nallvirtualenv mine"));
        assert_eq!(outcome.stdout, "", "{}: {outcome:#?}", shell.name());
        assert_eq!(outcome.stderr.matches("is writable by other users").count(), 1, "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn root_enters_what_belongs_to_another_user_once_that_is_accepted() {
    if !rustix::process::geteuid().is_root() {
        return skip("root alone can be two users");
    }
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let env = sandbox.make_env("api");
        let others = [env.clone(), env.join("bin"), shell.dialect().activate_script(&env)];
        for path in &others {
            std::os::unix::fs::chown(path, Some(4321), Some(4321)).unwrap();
        }
        let outcome = run(sandbox, shell, "workon api; report end");
        assert_eq!(outcome.stdout, "end: status=1 env= cwd=[ROOT]/home\n", "{}: {outcome:#?}", shell.name());
        for words in ["belongs to another user, `4321`", "`venvwrap allow --shared '[ROOT]/envs/api'`"] {
            assert!(outcome.stderr.contains(words), "{}: {outcome:#?}", shell.name());
        }
        program(sandbox, &["allow", "--shared", env.to_str().unwrap()]);
        assert!(program(sandbox, &["allow", "--list"]).contains("shared"));
        run(sandbox, shell, "workon api; report end")
            .prints(shell.name(), "end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n");
        program(sandbox, &["deny", env.to_str().unwrap()]);
        assert!(run(sandbox, shell, "workon api; report end").stdout.starts_with("end: status=1"));
        // A group is named; one that may only read harms nobody.
        for path in &others {
            std::os::unix::fs::chown(path, Some(0), Some(4321)).unwrap();
        }
        run(sandbox, shell, "workon api; report end")
            .prints(shell.name(), "end: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n");
        fs::set_permissions(&env, fs::Permissions::from_mode(0o775)).unwrap();
        let outcome = run(sandbox, shell, "workon api; report end");
        assert!(outcome.stderr.contains("is writable by the group `4321`"), "{}: {outcome:#?}", shell.name());
    });
}

#[test]
fn a_store_that_root_makes_in_the_home_of_another_user_is_told_once() {
    if !rustix::process::geteuid().is_root() {
        return skip("root alone can be two users");
    }
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let home = sandbox.path("home");
        std::os::unix::fs::chown(&home, Some(4321), Some(4321)).unwrap();
        let told = |script: &str| {
            run(sandbox, shell, script).stderr.matches("belongs to root, in a directory of `4321`").count()
        };
        for (store, make) in
            [("home/store", "mkvirtualenv --no-pip api"), ("home/a/b", "workon"), ("home/c", "mktmpenv --no-pip")]
        {
            let point = match shell {
                Shell::Fish => format!("set -gx WORKON_HOME '{}'", sandbox.path(store).display()),
                Shell::Bash | Shell::Zsh => format!("export WORKON_HOME='{}'", sandbox.path(store).display()),
            };
            assert_eq!(told(&format!("{point}\n{make} >/dev/null")), 1, "{} {make}", shell.name());
            assert_eq!(told(&format!("{point}\n{make} >/dev/null")), 0, "{} {make} again", shell.name());
        }
        assert!(!home.join(".cache").exists(), "{}: no cache that its owner could not use", shell.name());
    });
}

#[test]
fn nothing_is_told_of_stubs_and_nothing_made_under_an_open_umask_is_open() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        fs::remove_dir_all(sandbox.path("envs")).unwrap();
        let script = "umask 000\nmkvirtualenv --no-pip api >/dev/null\nreport 1\ndeactivate\nworkon api\nreport 2\nmkvirtualenv --no-pip web >/dev/null\nreport 3";
        let outcome = run(sandbox, shell, script);
        assert_eq!(
            outcome.stdout,
            "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n\
             2: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n\
             3: status=0 env=[ROOT]/envs/web cwd=[ROOT]/home\n",
            "{}: {outcome:#?}",
            shell.name()
        );
        assert!(!outcome.stderr.contains("writable"), "{}: {outcome:#?}", shell.name());
        // A store that has been open before is one line, whatever is in it.
        open(sandbox, "envs", true);
        sandbox.write_hook("envs/postactivate", "echo planted\n");
        sandbox.write_hook("envs/predeactivate", "echo planted\n");
        for script in ["workon web", "mkvirtualenv --no-pip next", "lsvirtualenv -l", "allvirtualenv true"] {
            let outcome = run(sandbox, shell, script);
            assert!(
                outcome.stderr.matches("is writable by other users").count() <= 1,
                "{}: {outcome:#?}",
                shell.name()
            );
            assert!(!outcome.stdout.contains("planted"), "{}: {outcome:#?}", shell.name());
        }
    });
}

#[test]
fn an_initialize_hook_that_others_could_change_is_not_sourced_at_the_start() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.write_hook("envs/initialize", "echo planted\n");
        let name = if shell == Shell::Fish { "envs/initialize.fish" } else { "envs/initialize" };
        run(sandbox, shell, "report end").prints(shell.name(), "planted\nend: status=0 env= cwd=[ROOT]/home\n");
        let venvwrap = sandbox.path("bin/venvwrap").display().to_string();
        // As the program prints the functions, and as virtualenvwrapper's entry point has it.
        let started = match shell {
            Shell::Fish => format!("'{venvwrap}' init fish | source"),
            Shell::Bash | Shell::Zsh => {
                format!("eval \"$('{venvwrap}' init {})\"\nvirtualenvwrapper_initialize", shell.name())
            }
        };
        let starts = if shell == Shell::Fish { 2 } else { 3 };
        for part in ["envs", name] {
            open(sandbox, part, true);
            let outcome = run(sandbox, shell, "report end");
            assert_eq!(outcome.stdout, "end: status=0 env= cwd=[ROOT]/home\n", "{} {part}: {outcome:#?}", shell.name());
            let words = format!("`[ROOT]/{part}` is writable by other users");
            assert_eq!(outcome.stderr.matches(&words).count(), 1, "{} {part}: {outcome:#?}", shell.name());
            let outcome = run(sandbox, shell, &started);
            assert!(!outcome.stdout.contains("planted"), "{} {part}: {outcome:#?}", shell.name());
            assert_eq!(outcome.stderr.matches(&words).count(), starts, "{} {part}: {outcome:#?}", shell.name());
            open(sandbox, part, false);
        }
        open(sandbox, "envs", true);
        program(sandbox, &["allow", "--shared", sandbox.path("envs").to_str().unwrap()]);
        run(sandbox, shell, "report end").prints(shell.name(), "planted\nend: status=0 env= cwd=[ROOT]/home\n");
    });
}

#[test]
fn what_others_could_have_written_becomes_nobodys_own() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        let venvwrap = sandbox.path("bin/venvwrap").display().to_string();
        let evil = sandbox.make_env("evil");
        let away = sandbox.path("away");
        fs::create_dir_all(away.join("bin")).unwrap();
        for file in ["pyvenv.cfg", "bin/activate"] {
            let text = fs::read(evil.join(file)).unwrap_or_default();
            fs::write(away.join(file), text).unwrap();
        }
        sandbox.write_hook("envs/evil/bin/postactivate", "echo planted\n");
        let hook = shell.dialect().sourced(&evil.join("bin"), "postactivate");
        let hook = format!("envs/evil/bin/{}", hook.file_name().unwrap().to_str().unwrap());
        for (part, source) in [("envs/evil/bin", "evil"), (&*hook, "evil"), ("away/bin", "'[ROOT]/away'")] {
            open(sandbox, part, true);
            let source = source.replace("[ROOT]/away", away.to_str().unwrap());
            let mut commands = vec![format!("cpvirtualenv {source} mine"), format!("'{venvwrap}' copy {source} mine")];
            if source == "evil" {
                commands.push(format!("'{venvwrap}' pack evil -o x.tar.gz"));
            }
            for command in commands {
                let outcome = run(sandbox, shell, &format!("{command}; report end"));
                assert!(outcome.stdout.ends_with("env= cwd=[ROOT]/home\n"), "{} {command}: {outcome:#?}", shell.name());
                assert!(!outcome.stdout.contains("status=0"), "{} {command}: {outcome:#?}", shell.name());
                let words = format!("`[ROOT]/{part}` is writable by other users");
                assert!(outcome.stderr.contains(&words), "{} {command}: {outcome:#?}", shell.name());
                assert!(outcome.stderr.contains("venvwrap allow --shared"), "{} {command}: {outcome:#?}", shell.name());
                assert!(!sandbox.path("envs/mine").exists(), "{} {command}", shell.name());
            }
            open(sandbox, part, false);
        }
    });
}

#[test]
fn no_program_runs_in_an_environment_that_others_could_have_changed() {
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    sandbox.make_env("api");
    sandbox.write_program("envs/api/bin/tool", "#!/bin/sh\necho \"ran $VIRTUAL_ENV\"\n");
    let outcome = call(&sandbox, &["run", "api", "tool"]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("ran [ROOT]/envs/api\n", Some(0)), "{outcome:#?}");
    for part in ["envs", "envs/api", "envs/api/bin", "envs/api/bin/tool"] {
        open(&sandbox, part, true);
        let told = format!("no program of `[ROOT]/envs/api` is run: `[ROOT]/{part}` is writable by other users");
        let outcome = call(&sandbox, &["run", "api", "tool"]);
        assert!(outcome.stderr.starts_with(&format!("error: {told}\nhint: run `chmod go-w ")), "{part}: {outcome:#?}");
        assert_eq!((outcome.stdout.as_str(), outcome.status), ("", Some(126)), "{part}: {outcome:#?}");
        let outcome = call(&sandbox, &["__do", "allvirtualenv", "tool"]);
        assert_eq!(outcome.stdout, "api\n===\n\n", "{part}: {outcome:#?}");
        assert!(outcome.stderr.contains(&told), "{part}: {outcome:#?}");
        if part != "envs/api/bin/tool" {
            let env = sandbox.env_path("api");
            let outcome =
                call(&sandbox, &["__do".as_ref(), "install".as_ref(), env.as_os_str(), "--".as_ref(), "six".as_ref()]);
            assert!(outcome.stderr.contains(&told), "{part}: {outcome:#?}");
        }
        open(&sandbox, part, false);
    }
    // What is not the environment's is not its owner's doing.
    open(&sandbox, "envs/api/bin/tool", true);
    assert_eq!(call(&sandbox, &["run", "api", "true"]).status, Some(0));
    program(&sandbox, &["allow", "--shared", sandbox.env_path("api").to_str().unwrap()]);
    assert_eq!(call(&sandbox, &["run", "api", "tool"]).status, Some(0));
}

#[test]
fn what_a_program_is_a_link_to_or_names_is_judged_too() {
    if !rustix::process::geteuid().is_root() {
        return skip("root alone can be two users");
    }
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    let env = sandbox.make_env("api");
    // A first line has no room for the blank in the sandbox's path.
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let foreign = place.path().join("t");
    fs::write(&foreign, "#!/bin/sh\necho foreign\n").unwrap();
    fs::set_permissions(&foreign, fs::Permissions::from_mode(0o755)).unwrap();
    let set_mode = |mode| fs::set_permissions(place.path(), fs::Permissions::from_mode(mode)).unwrap();
    let link = env.join("bin/linked");
    std::os::unix::fs::symlink(&foreign, &link).unwrap();
    for (name, line) in [("named", String::new()), ("started", "/usr/bin/env ".into()), ("read", "/bin/sh ".into())] {
        sandbox.write_program(format!("envs/api/bin/{name}"), &format!("#!{line}{}\n", foreign.display()));
    }
    let programs = ["linked", "named", "started", "read"];
    for program in programs {
        assert_eq!(call(&sandbox, &["run", "api", program]).stdout, "foreign\n", "{program}");
    }
    set_mode(0o777);
    for path in [place.path().to_path_buf(), foreign.clone()] {
        std::os::unix::fs::chown(&path, Some(4321), Some(4321)).unwrap();
        for program in programs {
            let outcome = call(&sandbox, &["run", "api", program]);
            assert_eq!((outcome.stdout.as_str(), outcome.status), ("", Some(126)), "{program}: {outcome:#?}");
            assert!(outcome.stderr.contains("no program of `[ROOT]/envs/api` is run"), "{program}: {outcome:#?}");
        }
    }
    // A Python is refused only if it is another user's, in a place where everybody may put one.
    fs::remove_file(&link).unwrap();
    for name in ["python", "python3"] {
        let _ = fs::remove_file(env.join("bin").join(name));
        std::os::unix::fs::symlink(&foreign, env.join("bin").join(name)).unwrap();
    }
    let outcome = call(&sandbox, &["run", "api", "python3"]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("", Some(126)), "{outcome:#?}");
    // So is one in a directory that somebody else has put there.
    std::os::unix::fs::chown(&foreign, Some(0), Some(0)).unwrap();
    let outcome = call(&sandbox, &["run", "api", "python3"]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("", Some(126)), "{outcome:#?}");
    std::os::unix::fs::chown(place.path(), Some(0), Some(0)).unwrap();
    assert_eq!(call(&sandbox, &["run", "api", "python3"]).stdout, "foreign\n");
}

#[test]
fn the_environment_of_another_user_is_refused_before_anything_is_written() {
    if !rustix::process::geteuid().is_root() {
        return skip("root alone can be two users");
    }
    let sandbox = Sandbox::new();
    sandbox.use_real_program();
    program(&sandbox, &["create", "web"]);
    let env = sandbox.env_path("web");
    fs::remove_file(env.join("bin/activate")).unwrap();
    for path in [env.clone(), env.join("bin")] {
        std::os::unix::fs::chown(path, Some(4321), Some(4321)).unwrap();
    }
    for words in [&["create", "web"][..], &["create", "web", "-i", "six"], &["venv", env.to_str().unwrap()]] {
        let outcome = call(&sandbox, words);
        assert_eq!(outcome.status, Some(1), "{outcome:#?}");
        assert!(outcome.stderr.contains("belongs to another user, `4321`"), "{outcome:#?}");
        assert!(!env.join("bin/activate").exists(), "{words:?}");
    }
    // In a shared store the way out is the store.
    fs::set_permissions(sandbox.path("envs"), fs::Permissions::from_mode(0o1777)).unwrap();
    let outcome = call(&sandbox, &["run", "web", "python"]);
    let hint = "hint: if you trust all users, run `venvwrap allow --shared '[ROOT]/envs'`";
    assert!(outcome.stderr.contains("belongs to another user, `4321`\n"), "{outcome:#?}");
    assert!(outcome.stderr.contains(hint), "{outcome:#?}");
    program(&sandbox, &["allow", "--shared", sandbox.path("envs").to_str().unwrap()]);
    assert_eq!(call(&sandbox, &["run", "web", "python", "-c", "print(1)"]).stdout, "1\n");
    assert_eq!(call(&sandbox, &["create", "web"]).status, Some(0));
    assert!(env.join("bin/activate").exists());
}
