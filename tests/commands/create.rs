//! The options of virtualenv, old and new, on the command line and as variables.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::program::{assert_works, call, create, create_arguments, names_in, program, python, pythons};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

fn cfg(env: &Path, key: &str) -> Option<String> {
    let text = fs::read_to_string(env.join("pyvenv.cfg")).unwrap();
    text.lines().find_map(|line| Some(line.strip_prefix(key)?.strip_prefix(" = ")?.to_string()))
}

fn has_pip(env: &Path) -> bool {
    env.join("bin/pip").exists()
}

#[test]
fn options_that_mean_nothing_any_more_are_one_warning() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let ignored: &[&[&str]] = &[
        &["--no-site-packages"],
        &["--distribute"],
        &["--use-distribute"],
        &["--unzip-setuptools"],
        &["--no-wheel"],
        &["--wheel", "bundle"],
        &["--no-site-packages", "--distribute", "--no-wheel"],
    ];
    for options in ignored {
        let outcome =
            call(&sandbox, &create_arguments(&python, "a", &[options, &["--no-seed", "--clear"][..]].concat()));
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(0), ""), "{options:?} {outcome:#?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{options:?} {outcome:#?}");
        assert!(outcome.stderr.starts_with("warning: `--"), "{options:?} {outcome:#?}");
    }
    for options in [&["-q"][..], &["--quiet"], &["-vvv"], &["--verbose"], &["--with-traceback"]] {
        let arguments = create_arguments(&python, "a", &[options, &["--no-seed", "--clear"]].concat());
        call(&sandbox, &arguments).succeeds(&format!("{options:?}"));
    }
}

#[test]
fn options_do_what_they_say() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let make = |options: &[&str]| {
        let options = [options, &["--clear", "--no-setuptools"]].concat();
        call(&sandbox, &create_arguments(&python, "a", &options)).succeeds(&format!("{options:?}"));
        sandbox.env_path("a")
    };
    let env = make(&[]);
    assert_eq!(cfg(&env, "include-system-site-packages").as_deref(), Some("false"));
    assert_eq!(cfg(&env, "prompt").as_deref(), Some("'a'"));
    assert!(env.join(".gitignore").is_file() && env.join("bin/python").is_symlink());
    assert_works(&env);
    for option in ["--system-site-packages", "--symlinks", "--no-download", "--never-download"] {
        assert_works(&make(&[option]));
        assert_eq!(cfg(&env, "include-system-site-packages"), Some((option == "--system-site-packages").to_string()));
    }
    for option in ["--copies", "--always-copy"] {
        assert_works(&make(&[option]));
        assert!(!env.join("bin/python").is_symlink(), "{option}");
    }
    for options in [&["--no-pip"][..], &["--without-pip"], &["--no-seed"]] {
        assert!(!has_pip(&make(options)), "{options:?}");
    }
    assert_eq!(cfg(&make(&["--prompt", "it's $(touch PWN)"]), "prompt").as_deref(), Some("\"it's $(touch PWN)\""));
    assert_eq!(cfg(&make(&["--prompt", "."]), "prompt").as_deref(), Some("'home'"));
    assert!(!make(&["--no-vcs-ignore"]).join(".gitignore").exists());
    let env = make(&["--activators", "fish,cshell"]);
    assert!(env.join("bin/activate.fish").exists() && env.join("bin/activate.csh").exists());
    assert!(!env.join("bin/activate").exists() && !env.join("bin/activate.ps1").exists());
    assert_eq!(names_in(&sandbox.path("home")), Vec::<std::ffi::OsString>::new());
}

/// It is not missed, and nothing adds it.
#[test]
fn the_script_of_bash_that_was_left_out_stays_away() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let options = ["--no-seed", "--activators", "fish"];
    call(&sandbox, &create_arguments(&python, "a", &options)).succeeds("create");
    let scripts = |name: &str| {
        let names = names_in(&sandbox.env_path(name).join("bin")).into_iter();
        names.filter(|name| name.to_string_lossy().contains("ctivate")).collect::<Vec<_>>()
    };
    assert_eq!(call(&sandbox, &["doctor", "a"]).succeeds("doctor"), "");
    let listed = call(&sandbox, &["list", "--json"]);
    assert!(listed.stdout.contains("\"health\": \"ok\"") || listed.stdout.contains("\"ok\""), "{listed:#?}");
    let idle = call(&sandbox, &["repair", "a", "--json"]);
    assert!(idle.succeeds("repair").contains("\"state\": \"ok\""), "{idle:#?}");
    std::fs::rename(sandbox.env_path("a"), sandbox.env_path("b")).unwrap();
    assert_eq!(call(&sandbox, &["repair", "b"]).status, Some(0));
    assert_eq!(call(&sandbox, &["doctor", "b"]).succeeds("doctor"), "");
    let text = std::fs::read_to_string(sandbox.env_path("b").join("bin/activate.fish")).unwrap();
    assert!(text.contains(sandbox.env_path("b").to_str().unwrap()), "{text}");
    assert_eq!(scripts("b"), ["activate.fish"]);
    let version = call(&sandbox, &["upgrade", "b", "-p", python.to_str().unwrap()]);
    assert_eq!((version.status, scripts("b")), (Some(0), vec!["activate.fish".into()]), "{version:#?}");
    call(&sandbox, &["venv", "-p", python.to_str().unwrap(), "--activators", "", "--no-seed", "envs"]).succeeds("venv");
    assert_eq!(call(&sandbox, &["doctor", "./envs"]).stdout, "");
}

#[test]
fn every_option_is_a_variable_too() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let make = |variable: &str, value: &str| {
        let mut command = program(&sandbox, &["create", "--clear", "--no-setuptools", "a"]);
        let output = command.env("VIRTUALENV_PYTHON", &python).env(variable, value).output().unwrap();
        Outcome::new(&sandbox, &output).succeeds(&format!("{variable}={value}"));
        sandbox.env_path("a")
    };
    assert!(has_pip(&make("VIRTUALENV_NO_PIP", "0")) && has_pip(&make("VIRTUALENV_NO_PIP", "false")));
    assert!(!has_pip(&make("VIRTUALENV_NO_PIP", "1")) && !has_pip(&make("VIRTUALENV_NO_SEED", "true")));
    let env = make("VIRTUALENV_SYSTEM_SITE_PACKAGES", "1");
    assert_eq!(cfg(&env, "include-system-site-packages").as_deref(), Some("true"));
    assert_eq!(cfg(&make("VIRTUALENV_PROMPT", "shown"), "prompt").as_deref(), Some("'shown'"));
    assert!(!make("VIRTUALENV_COPIES", "1").join("bin/python").is_symlink());
    assert!(make("VIRTUALENV_COPIES", "").join("bin/python").is_symlink());
    assert!(!make("VIRTUALENV_NO_VCS_IGNORE", "1").join(".gitignore").exists());
    assert!(!make("VIRTUALENV_ACTIVATORS", "fish").join("bin/activate").exists());
}

#[test]
fn a_hostile_prompt_is_refused_or_only_text() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    for prompt in ["a\nb", "x\"\nhome = /attacker", "a\u{2028}b", "a\u{85}b", "\x1b]0;t\x07", "a\rb"] {
        let outcome = call(&sandbox, &create_arguments(&python, "a", &["--no-seed", "--prompt", prompt]));
        outcome.fails_with_hint(prompt, "the prompt");
        assert_eq!(names_in(&sandbox.path("envs")), Vec::<std::ffi::OsString>::new());
    }
}

#[test]
fn what_is_not_there_is_refused_before_anything_is_made() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write("home/file", "");
    let cases = [
        (["-a", "missing"], "missing"),
        (["-a", "file"], "file"),
        (["-r", "missing.txt"], "missing.txt"),
        (["--activators", "elvish"], "elvish"),
        (["--pip", "not a version"], "not a version"),
        (["--pip", "0.0.1"], "pip==0.0.1"),
    ];
    for (options, words) in cases {
        let outcome = call(&sandbox, &create_arguments(&python, "a", &options));
        outcome.fails(&format!("{options:?}"), words);
        assert_eq!(names_in(&sandbox.path("envs")), Vec::<std::ffi::OsString>::new(), "{options:?}");
    }
}

#[test]
fn an_existing_environment_keeps_its_packages_unless_cleared() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "a");
    let library = names_in(&env.join("lib")).remove(0);
    let module = env.join("lib").join(library).join("site-packages/mine.py");
    fs::write(&module, "").unwrap();
    for broken in ["bin/python", "bin/activate", "pyvenv.cfg"] {
        fs::remove_file(env.join(broken)).unwrap();
        create(&sandbox, &python, "a");
        assert_works(&env);
        assert!(module.exists(), "{broken}");
    }
    let output = Command::new(env.join("bin/python")).args(["-c", "import mine"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let minor = |path: &Path| path.canonicalize().unwrap().file_name().unwrap().to_owned();
    if let Some(other) = pythons().iter().find(|other| minor(other) != minor(&python)) {
        call(&sandbox, &create_arguments(other, "a", &[]))
            .fails_with_hint("another Python", "exists and is for Python");
        assert!(module.exists());
        assert_works(&env);
    }
    call(&sandbox, &create_arguments(&python, "a", &["--clear", "--no-setuptools"])).succeeds("clear");
    assert_works(&env);
    assert!(!module.exists());
}

#[test]
fn what_is_no_environment_is_never_cleared() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write("envs/notes/precious", "");
    sandbox.write("envs/file", "");
    sandbox.write("elsewhere/pyvenv.cfg", "");
    for (target, link) in [("elsewhere", "link"), ("nowhere", "dangling")] {
        std::os::unix::fs::symlink(sandbox.path(target), sandbox.env_path(link)).unwrap();
    }
    for name in ["notes", "file", "link", "dangling"] {
        for options in [&["--no-seed"][..], &["--no-seed", "--clear"]] {
            call(&sandbox, &create_arguments(&python, name, options)).fails_with_hint(name, "");
        }
    }
    for name in ["notes", "file"] {
        call(&sandbox, &["remove", name]).fails_with_hint(name, "is not");
    }
    assert!(sandbox.env_path("notes/precious").exists() && !sandbox.path("nowhere").exists());
    assert_eq!(names_in(&sandbox.path("elsewhere")), ["pyvenv.cfg"]);
    // A directory inside that leads out is not written to either.
    for inside in ["bin", "lib"] {
        let env = create(&sandbox, &python, "a");
        fs::rename(env.join(inside), sandbox.path("moved")).unwrap();
        std::os::unix::fs::symlink(sandbox.path("moved"), env.join(inside)).unwrap();
        let before = names_in(&sandbox.path("moved"));
        call(&sandbox, &create_arguments(&python, "a", &[]))
            .fails_with_hint(inside, "is not a directory inside the environment");
        call(&sandbox, &["remove", "a"]).succeeds(inside);
        assert_eq!(names_in(&sandbox.path("moved")), before);
        fs::remove_dir_all(sandbox.path("moved")).unwrap();
    }
}

/// Every case asks an index with its own address, so that a request tells which case made it.
#[test]
fn a_newer_pip_is_looked_for_in_the_background_unless_that_is_off() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let create = |case: &str, options: &[&str], variables: &[(&str, &str)]| {
        let options = [&["--no-setuptools"], options].concat();
        let mut command = program(&sandbox, &create_arguments(&python, case, &options));
        command.env("VENVWRAP_CACHE_DIR", sandbox.path(format!("cache/{case}")));
        command.env("PIP_INDEX_URL", format!("{address}/{case}")).env_remove("VIRTUALENV_NO_DOWNLOAD");
        command.env_remove("VIRTUALENV_NO_PERIODIC_UPDATE").envs(variables.iter().copied());
        Outcome::new(&sandbox, &command.output().unwrap()).succeeds(case);
    };
    create("option", &["--no-periodic-update"], &[]);
    create("no-download", &["--no-download"], &[]);
    create("no-pip", &["--no-pip"], &[]);
    create("variable", &[], &[("VIRTUALENV_NO_PERIODIC_UPDATE", "1")]);
    create("no-index", &[], &[("PIP_NO_INDEX", "1")]);
    let config = sandbox.write("off.toml", "seed_update = false\n");
    create("file", &[], &[("VENVWRAP_CONFIG", config.to_str().unwrap())]);
    create("on", &[], &[]);

    let (mut stream, _) = listener.accept().unwrap();
    let mut request = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(&stream), &mut request).unwrap();
    assert!(request.starts_with("GET /on/pip/ "), "{request}");
    let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    drop(stream);
    // Once in two weeks, also after a failure.
    create("on", &["--clear"], &[]);
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err());
    for case in ["option", "no-download", "no-pip", "variable", "no-index", "file"] {
        assert!(!sandbox.path(format!("cache/{case}/v1/pip-update")).exists(), "{case}");
    }
}

#[test]
fn projects_groups_and_default_packages_reach_the_installer() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let log = "#!/bin/sh\n{ printf '<%s>' \"$@\"; echo \" in $PWD\"; } >>\"$HOME/log\"\n";
    sandbox.write_program("bin/uv", log);
    sandbox.write("home/p q/pyproject.toml", "");
    sandbox.write("home/.config/venvwrap/config.toml", "default_packages = ['rich', \"x; python_version<'4'\"]\n");
    let call = |arguments: &[&str]| {
        let mut command = program(&sandbox, arguments);
        command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
        let outcome = Outcome::new(&sandbox, &command.current_dir(sandbox.path("home")).output().unwrap());
        let log = sandbox.normalise(&std::fs::read_to_string(sandbox.path("home/log")).unwrap_or_default());
        let _ = std::fs::remove_file(sandbox.path("home/log"));
        (outcome, log)
    };
    let python = python.to_str().unwrap();
    let create = ["create", "-p", python, "--no-seed"];
    let options = ["-e", "p q[dev,docs]", "--group", "test", "-i", ".[a]", "--", "web"];
    sandbox.write("home/pyproject.toml", "[dependency-groups]\ntest = []\n");
    let (outcome, log) = call(&[&create[..], &options].concat());
    std::fs::remove_file(sandbox.path("home/pyproject.toml")).unwrap();
    outcome.succeeds("create");
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(lines[0].ends_with("<--><rich><x; python_version<'4'> in [ROOT]/home"), "{log}");
    let words = "<-e><[ROOT]/home/p q[dev,docs]><--group=test><--><.[a]> in [ROOT]/home";
    assert!(lines[1].starts_with("<pip><install>") && lines[1].ends_with(words), "{log}");
    let (_, log) = call(&[&create[..], &["web"]].concat());
    assert_eq!(log, "", "it exists");
    let (outcome, log) = call(&["__do", "mktmpenv", "--token", "1.2", "-p", python, "--no-seed"]);
    assert_eq!((outcome.status, log.as_str()), (Some(0), ""), "{outcome:#?}");
    let (outcome, _) = call(&[&create[..], &["-e", ".", "new"]].concat());
    outcome.fails_with_hint("no project", "`[ROOT]/home` has neither `pyproject.toml` nor `setup.py`");
    assert!(!sandbox.env_path("new").exists());
    sandbox.write_program("bin/uv", "#!/bin/sh\nexit 3\n");
    let (outcome, _) = call(&[&create[..], &["new"]].concat());
    assert_eq!((outcome.status, outcome.stderr.lines().count()), (Some(0), 1), "{outcome:#?}");
    assert!(
        outcome.stderr.starts_with("warning: the packages of `default_packages` were not installed: "),
        "{outcome:#?}"
    );
}

/// uv installs nothing editable from a repository: pip takes its place where the environment has one.
#[test]
fn pip_installs_what_uv_refuses() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write_program("bin/uv", "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
    sandbox.write("home/nested.txt", "-e git+https://x.invalid/y@1#egg=y\n");
    sandbox.write("home/reqs.txt", "six\n-r nested.txt\n");
    let call = |arguments: &[&str]| {
        let mut command = program(&sandbox, arguments);
        command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
        Outcome::new(&sandbox, &command.current_dir(sandbox.path("home")).output().unwrap())
    };
    let create = ["create", "-p", python.to_str().unwrap()];
    let place = "git+https://x.invalid/y@1#egg=y";
    for project in ["a#b", "c[d]"] {
        sandbox.write(format!("home/{project}/pyproject.toml"), "");
    }
    let bracketed = call(&[&create[..], &["--no-seed", "-e", "c[d]", "bracketed"]].concat());
    assert!(bracketed.stdout.contains("/home/c%5Bd%5D>"), "not an extra: {bracketed:#?}");
    let all = [&["-r", "reqs.txt"][..], &["-r", "nested.txt"], &["-e", place], &["-e", "a#b"], &["-e", "./a#b[x]"]];
    for (at, words) in all.into_iter().enumerate() {
        let name = format!("none{at}");
        let outcome = call(&[&create[..], &["--no-seed"], words, &[&name]].concat());
        outcome.fails_with_hint(&name, "the environment has no pip, and uv refuses editable packages");
        assert_eq!(outcome.stdout, "", "{outcome:#?}");
    }
    call(&[&create[..], &["web"]].concat()).succeeds("web");
    let pip = sandbox.env_path("web").join("lib");
    assert!(pip.is_dir());
    // The environment's Python is replaced: what matters is that it is asked, not uv.
    std::fs::remove_file(sandbox.env_path("web").join("bin/python")).unwrap();
    sandbox.write_program("envs/web/bin/python", "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
    let env = sandbox.env_path("web");
    let mut install = program(&sandbox, &["__do", "install"]);
    install.arg(&env).args(["-r", "reqs.txt", "--"]).current_dir(sandbox.path("home"));
    install.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
    let outcome = Outcome::new(&sandbox, &install.output().unwrap());
    assert!(outcome.stdout.contains("<install>"), "{outcome:#?}");
    assert_eq!(
        outcome.stderr,
        "installing with pip: uv refuses editable packages such as `-e git+https://…` or `-e './a#b'`\n"
    );
}

/// What a shell opens for the command is read, as with pip itself; the installer gets it on its standard input.
#[test]
fn requirements_come_from_pipes() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write_program("bin/uv", "#!/bin/sh\nprintf '<%s>' \"$@\"\ncase \"$*\" in *'-r -'*) cat; esac\n");
    let script = r#"PATH=$1:/usr/bin:/bin; shift
        "$@" -r <(echo one) -r <(printf two) a
        echo three | "$@" -r - b
        echo four | "$@" -r /dev/stdin c
        "$@" -r /dev/null d
        "$@" -r <(echo -c more.txt) g
        mkfifo named; echo five > named & "$@" -r named h
        "$@" -r <(:) -i x e
        "$@" -r /dev f"#;
    let mut command = std::process::Command::new("bash");
    let template = program(&sandbox, &["create", "-p", python.to_str().unwrap(), "--no-seed", "-q"]);
    command.args(["-c", script, "bash"]).arg(sandbox.path("bin")).arg(template.get_program()).args(template.get_args());
    command.envs(template.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let outcome = Outcome::new(&sandbox, &command.current_dir(sandbox.path("home")).output().unwrap());
    // What it includes is looked for here, not next to the pipe.
    let more = format!("<-r><-><--quiet><-->-c '{}'", sandbox.path("home/more.txt").display());
    let ends = ["<-r><-><--quiet><-->one", "two", "<-r><-><--quiet><-->three", "<-r><-><--quiet><-->four"];
    let lines: Vec<_> = outcome.stdout.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 7, "{outcome:#?}");
    assert!(lines.iter().zip(ends).all(|(line, end)| line.ends_with(end)), "{outcome:#?}");
    assert!(lines[5].ends_with("<-r><-><--quiet><-->five"), "{outcome:#?}");
    assert!(lines[6].ends_with("<--quiet><--><x>"), "{outcome:#?}");
    assert!(lines[4].ends_with(&more.replace(sandbox.path("").to_str().unwrap(), "[ROOT]/")), "{outcome:#?}");
    assert_eq!(outcome.stderr, "error: the requirements file `/dev` is not a file\n", "{outcome:#?}");
    assert!(sandbox.env_path("d").exists());
}

/// As `-i ./PATH` and `--group`.
#[test]
fn an_editable_project_is_meant_from_the_project() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    sandbox.write_program("bin/uv", "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
    sandbox.write("home/src/app/pyproject.toml", "");
    let mut command = program(&sandbox, &["create", "-p", python.to_str().unwrap(), "--no-seed"]);
    command.args(["-a", "src/app", "-e", ".[dev]", "x"]).current_dir(sandbox.path("home"));
    command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display()));
    let outcome = Outcome::new(&sandbox, &command.output().unwrap());
    let text = outcome.succeeds("create");
    assert!(text.contains("<-e><[ROOT]/home/src/app[dev]>"), "{text}");
}

/// Without pip and uv nothing could install packages: that is told before anything is made.
#[test]
fn packages_without_an_installer_make_nothing() {
    let sandbox = Sandbox::new();
    for start in [&["create", "x"][..], &["__do", "mkvirtualenv", "x"], &["__do", "mktmpenv"]] {
        for lacks in [&["--no-pip"][..], &["--no-seed"], &["--pip", "none"]] {
            let words = [start, &["-i", "six"], lacks].concat();
            let outcome =
                Outcome::new(&sandbox, &program(&sandbox, &words).env("PATH", sandbox.path("home")).output().unwrap());
            outcome.fails_with_hint(
                "no installer",
                "no packages can be installed: the environment is to have no pip, and uv is not on PATH",
            );
        }
    }
    assert!(crate::support::program::names_in(&sandbox.path("envs")).is_empty());
}

/// A group that is not there is told before anything is made, by the verbs and by the shell functions.
#[test]
fn a_group_that_is_not_there_makes_nothing() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.path("home/p")).unwrap();
    let call = |words: &[&str], directory: &str| {
        let mut command = program(&sandbox, words);
        Outcome::new(&sandbox, &command.current_dir(sandbox.path(directory)).output().unwrap())
    };
    for start in [&["create", "x", "--no-seed"][..], &["__do", "mkvirtualenv", "x"], &["__do", "mktmpenv"]] {
        let words = [start, &["--group", "dev"]].concat();
        let none = "there is no `[ROOT]/home/pyproject.toml` with the dependency group `dev`";
        call(&words, "home").fails_with_hint("no file", none);
        sandbox.write("home/p/pyproject.toml", "[dependency-groups]\ntest = []\n");
        let unknown = call(&words, "home/p");
        unknown.fails_with_hint("unknown", "`[ROOT]/home/p/pyproject.toml` has no dependency group `dev`");
        assert!(unknown.stderr.ends_with("hint: it has `test`\n"), "{unknown:#?}");
    }
    let project = call(&["create", "x", "--no-seed", "-a", "p", "--group", "dev"], "home");
    project.fails_with_hint("project", "`[ROOT]/home/p/pyproject.toml` has no dependency group `dev`");
    assert!(crate::support::program::names_in(&sandbox.path("envs")).is_empty());
}

#[test]
fn quiet_also_holds_for_the_installer_unless_it_fails() {
    for wheels in crate::support::wheels::Wheels::both() {
        wheels.add_common();
        for start in [&["create", "-q"][..], &["__do", "mkvirtualenv", "-q"]] {
            let python = wheels.python.to_str().unwrap();
            let name = start.last().unwrap().len().to_string() + start[0].trim_start_matches('_');
            let words = [start, &["--no-setuptools", "-p", python, &name]].concat();
            if start[0] == "create" {
                wheels.call(&[&words[..], &["-i", "alpha"]].concat()).succeeds("quiet");
                let failed = wheels.call(&[&words[..], &["-i", "nosuch"]].concat());
                assert!(failed.status == Some(1) && failed.stderr.contains("nosuch"), "{failed:#?}");
            } else {
                wheels.call(&words).succeeds("quiet");
                let env = wheels.sandbox.env_path(&name).into_os_string().into_string().unwrap();
                wheels.call(&["__do", "install", &env, "--quiet", "--", "alpha"]).succeeds("quiet");
            }
        }
    }
}
