//! `venvwrap diff`.

use std::io::Write as _;
use std::process::Stdio;

use venvwrap_core::shell::Shell;

use crate::support::program::{call, make_fifo, output_in_time, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::{Outcome, command, in_each_shell, script_text};
use crate::support::tools::find_program;

/// Two environments.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    for (environment, python, packages) in [
        ("api", "3.11", [("a", "1.0", "c; extra == 'x'"), ("b", "2", "d"), ("c", "1", "e"), ("d", "1", "")]),
        ("prod", "3.12", [("a", "1", ""), ("b", "1", ""), ("f", "1", ""), ("pip", "24", "")]),
    ] {
        sandbox.make_env(environment);
        std::fs::remove_dir_all(sandbox.env_path(environment).join("lib")).unwrap();
        for (name, version, needs) in packages {
            let info = format!("envs/{environment}/lib/python{python}/site-packages/{name}-{version}.dist-info");
            let needs = if needs.is_empty() { String::new() } else { format!("Requires-Dist: {needs}\n") };
            sandbox.write(format!("{info}/METADATA"), format!("Name: {name}\nVersion: {version}\n{needs}"));
        }
        let cfg = format!("version = {python}.1\ninclude-system-site-packages = false\n");
        sandbox.write(format!("envs/{environment}/pyvenv.cfg"), cfg);
    }
    sandbox
}

#[test]
fn the_table() {
    let sandbox = sandbox();
    let outcome = call(&sandbox, &["diff", "api", "prod"]);
    insta::assert_snapshot!(outcome.whole(), @"
    --- standard output
    package  api     prod    change
    python   3.11.1  3.12.1  upgraded
    b        2       1       downgraded
    c        1       -       removed
    d        1       -       removed
    f        -       1       added
    --- status 1
    ");
    assert!(outcome.stdout.lines().all(|line| line.chars().count() <= 60), "{outcome:#?}");
}

#[test]
fn what_an_extra_needs_is_missing() {
    let sandbox = sandbox();
    for info in ["c-1", "d-1"] {
        let path = format!("envs/api/lib/python3.11/site-packages/{info}.dist-info");
        std::fs::remove_dir_all(sandbox.path(path)).unwrap();
    }
    let metadata = sandbox.path("envs/api/lib/python3.11/site-packages/b-2.dist-info/METADATA");
    std::fs::write(metadata, "Name: b\nVersion: 2\nRequires-Dist: a[x]<1; extra == 'y'\n").unwrap();
    let diff = |text: &str| {
        let file = sandbox.write("projects/in.txt", text);
        let outcome = call(&sandbox, &["diff", "api", file.to_str().unwrap()]);
        let rows: Vec<_> =
            outcome.stdout.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        (outcome.status, rows)
    };
    for (text, rows) in [
        ("a>=1\nb\n", &[][..]),
        ("a[x]>=1\nb\n", &["c - any added"]),
        ("a[x]==1\nb==2\n", &["c - any added"]),
        ("a\nb[y]\n", &["c - any added"]),
        ("b[y]\n", &["a 1.0 <1 violated", "c - any added"]),
        ("a\nb[z]\n", &[]),
    ] {
        let status = Some(i32::from(!rows.is_empty()));
        assert_eq!(diff(text), (status, rows.iter().map(|row| (*row).to_owned()).collect()), "{text}");
    }
    assert_eq!(diff("a==1\na<1\nb\n").0, Some(2));
}

/// The second time nothing is left of it.
#[test]
fn standard_input_is_read_once() {
    let sandbox = sandbox();
    let list = sandbox.write("projects/list.txt", "a==1.0\n");
    for arguments in
        [["diff", "-", "-"].as_slice(), &["diff", "/dev/stdin", "-"], &["diff", "api", "-", "--ignore", "-"]]
    {
        let mut command = program(&sandbox, arguments);
        command.stdin(std::fs::File::open(&list).unwrap());
        let outcome = Outcome::new(&sandbox, &command.output().unwrap());
        outcome.fails_with_hint("twice", "standard input is named twice, and can be read once");
        assert_eq!(outcome.status, Some(2), "{outcome:#?}");
    }
}

#[test]
fn an_environment_may_be_named_by_its_directory() {
    let sandbox = sandbox();
    let (api, prod) = (sandbox.env_path("api"), format!("{}/", sandbox.env_path("prod").display()));
    let outcome = call(&sandbox, &["diff", "--names-only", api.to_str().unwrap(), &prod]);
    let named = call(&sandbox, &["diff", "--names-only", "api", "prod"]);
    assert_eq!((outcome.status, &outcome.stdout), (named.status, &named.stdout), "{outcome:#?}");
    assert_eq!(outcome.stderr, "");
}

#[test]
fn other_forms() {
    let sandbox = sandbox();
    insta::assert_snapshot!(call(&sandbox, &["diff", "--names-only", "api", "prod"]).whole(), @"
    --- standard output
    b
    c
    d
    f
    --- status 1
    ");
    insta::assert_snapshot!(call(&sandbox, &["diff", "--format", "pip", "api", "prod"]).whole(), @"
    --- standard output
    b==1
    # pip uninstall c
    # pip uninstall d
    f==1
    --- status 1
    ");
    insta::assert_snapshot!(call(&sandbox, &["diff", "--json", "api", "prod"]).whole(), @r#"
    --- standard output
    {
      "a": "api",
      "b": "prod",
      "equal": false,
      "packages": [
        {
          "a": "2",
          "b": "1",
          "change": "downgraded",
          "name": "b"
        },
        {
          "a": "1",
          "b": null,
          "change": "removed",
          "name": "c"
        },
        {
          "a": "1",
          "b": null,
          "change": "removed",
          "name": "d"
        },
        {
          "a": null,
          "b": "1",
          "change": "added",
          "name": "f"
        }
      ],
      "python": [
        {
          "a": "3.11.1",
          "b": "3.12.1",
          "change": "upgraded",
          "name": "python"
        }
      ]
    }
    --- status 1
    "#);
}

#[test]
fn what_is_frozen_is_no_different() {
    let sandbox = sandbox();
    let frozen = call(&sandbox, &["freeze", "prod"]);
    sandbox.write("home/prod.txt", frozen.succeeds("freeze"));
    for arguments in [["diff", "prod", "prod.txt"], ["diff", "./prod.txt", "prod"], ["diff", "prod", "prod"]] {
        let outcome = call(&sandbox, &arguments);
        assert_eq!((outcome.succeeds("diff"), outcome.status), ("", Some(0)));
    }
    let mut command = program(&sandbox, &["diff", "prod", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(frozen.stdout.as_bytes()).unwrap();
    let outcome = Outcome::new(&sandbox, &child.wait_with_output().unwrap());
    assert_eq!((outcome.succeeds("standard input"), outcome.status), ("", Some(0)));
}

/// As `restore` does.
#[test]
fn a_file_that_contradicts_itself_is_not_compared() {
    let sandbox = sandbox();
    sandbox.write("home/twice.txt", "a==1\nb==2\na==2\n");
    for arguments in [["diff", "api", "twice.txt"], ["diff", "twice.txt", "api"]] {
        let outcome = call(&sandbox, &arguments);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(2), ""), "{outcome:#?}");
        assert!(outcome.stderr.contains("error: `a` is named twice, with versions 1 and 2\nhint: "), "{outcome:#?}");
    }
}

#[test]
fn a_file_with_open_versions_names_only_what_is_wanted() {
    let sandbox = sandbox();
    // `d` is there because of `b`; `c` only because of an extra of `a`.
    sandbox.write("home/loose.txt", "a>=1\nb<3\nf; python_version < '3'\n");
    insta::assert_snapshot!(call(&sandbox, &["diff", "api", "loose.txt"]).whole(), @"
    --- standard output
    package  api  loose.txt  change
    c        1    -          removed
    --- status 1
    ");
    sandbox.write("home/extra.txt", "a[x]>=1\nb<3\n");
    assert_eq!(call(&sandbox, &["diff", "api", "extra.txt"]).status, Some(0));
    sandbox.write("home/ignored.txt", "c\n");
    assert_eq!(call(&sandbox, &["diff", "--ignore", "ignored.txt", "api", "loose.txt"]).status, Some(0));
    sandbox.write("home/missing.txt", "a>=1\nb<3\nc\nnot-there\n");
    let missing = call(&sandbox, &["diff", "--names-only", "api", "missing.txt"]);
    assert_eq!((missing.status, &*missing.stdout), (Some(1), "not-there\n"), "{missing:#?}");
    sandbox.write("home/wrong.txt", "a>=1\nb>=3\nc\n-c ./limits.txt\n");
    sandbox.write("home/limits.txt", "d>1\nnot-there==1\n");
    insta::assert_snapshot!(call(&sandbox, &["diff", "api", "wrong.txt"]).whole(), @"
    --- standard output
    package  api  wrong.txt  change
    b        2    >=3        violated
    d        1    >1         violated
    --- status 1
    ");
}

#[test]
fn one_argument_is_compared_with_the_active_environment() {
    let sandbox = sandbox();
    let mut command = program(&sandbox, &["diff", "--names-only", "prod"]);
    let output = command.env("VIRTUAL_ENV", sandbox.env_path("api")).output().unwrap();
    assert_eq!((String::from_utf8(output.stdout).unwrap().as_str(), output.status.code()), ("b\nc\nd\nf\n", Some(1)));
    assert_eq!(call(&sandbox, &["diff", "prod"]).status, Some(2));
}

/// What was skipped may be the difference.
#[test]
fn what_cannot_be_read_is_not_equal() {
    let sandbox = sandbox();
    for line in ["a b", "x==", "x==1; python_version ~~ '3'", "-e ./gone", "--frobnicate"] {
        sandbox.write("home/odd.txt", format!("a>=1\nb<3\nc\n{line}\n"));
        let outcome = call(&sandbox, &["diff", "--json", "api", "odd.txt"]);
        assert_eq!(outcome.status, Some(2), "{line}: {outcome:#?}");
        assert!(outcome.stderr.contains("line 4 of ") && outcome.stdout.contains("\"equal\": false"), "{outcome:#?}");
    }
}

#[test]
fn a_failure_is_no_difference() {
    let sandbox = sandbox();
    sandbox.write("home/loop.txt", "-r loop.txt\n");
    sandbox.write("home/binary.txt", b"\xff\xff");
    for other in ["gone", "gone.txt", "loop.txt", "binary.txt", "./$(touch PWN)"] {
        let outcome = call(&sandbox, &["diff", "api", other]);
        outcome.fails(other, "");
        assert_eq!(outcome.status, Some(2), "{outcome:#?}");
    }
}

#[test]
fn another_machine_is_asked_by_ssh() {
    let sandbox = sandbox();
    // The machine is this one, without and with this program.
    sandbox.write_program(
        "bin/ssh",
        "#!/bin/sh\nprintf '<%s>' \"$2\" \"$3\" >\"${0%/*}/../asked\"\nexec \"$LOGIN\" -c \"$4\"\n",
    );
    // A backslash ends a word in quotes for some shells, and not for others.
    let name = "it's $(touch PWN)!b\\";
    sandbox.write_program(format!("remote/{name}/bin/python"), "#!/bin/sh\necho a==7\necho \"$*\" >&2\n");
    let diff = |with_program: bool, login: &str, argument: &str| {
        let mut command = program(&sandbox, &["diff", "--names-only", "api", argument]);
        let own = if with_program { format!("{}:", sandbox.path("there").display()) } else { String::new() };
        command.env("PATH", format!("{own}{}:/usr/bin:/bin", sandbox.path("onlyssh").display()));
        command.env("WORKON_HOME", sandbox.path("envs")).env("LOGIN", login).current_dir(sandbox.path(""));
        Outcome::new(&sandbox, &command.output().unwrap())
    };
    sandbox.write_program(
        "there/venvwrap",
        "#!/bin/sh\nprintf '%s\\n' \"$*\" >&2\nprintf 'a==1\\nb==2\\nc==1\\nd==1\\n'\n",
    );
    std::fs::create_dir(sandbox.path("onlyssh")).unwrap();
    std::fs::rename(sandbox.path("bin/ssh"), sandbox.path("onlyssh/ssh")).unwrap();
    for login in ["sh", "bash", "zsh", "fish", "tcsh"] {
        let Some(login) = find_program(login) else { continue };
        let outcome = diff(true, login.to_str().unwrap(), &format!("me@prod:{name}"));
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(0), ""), "{login:?} {outcome:#?}");
        assert_eq!(outcome.stderr, format!("freeze -- {name}\n"));
    }
    assert_eq!(std::fs::read_to_string(sandbox.path("asked")).unwrap(), "<--><me@prod>");
    let gone = diff(false, "sh", "prod:nope");
    assert_eq!((gone.status, gone.stdout.as_str()), (Some(2), ""), "{gone:#?}");
    assert!(gone.stderr.contains("there is no venvwrap and no [ROOT]/envs/nope/bin/python"), "{gone:#?}");
    assert!(gone.stderr.contains("error: could not list the packages of `nope` on `prod`"), "{gone:#?}");
    assert!(gone.stderr.ends_with("hint: name its directory there: `prod:/DIR/NAME`\n"), "{gone:#?}");
    std::fs::rename(sandbox.path("remote").join(name), sandbox.env_path(name)).unwrap();
    let by_pip = diff(false, "sh", &format!("prod:{name}"));
    assert_eq!((by_pip.status, by_pip.stdout.as_str()), (Some(1), "a\nb\nc\nd\n"), "{by_pip:#?}");
    assert_eq!(by_pip.stderr, "-m pip freeze\n");
    // What `send` has put into a directory, with or without this program there, and without pip.
    let directory = sandbox.env_path(name);
    let by_path = diff(false, "sh", &format!("prod:{}/", directory.display()));
    assert_eq!((by_path.status, &by_path.stdout, &by_path.stderr), (Some(1), &by_pip.stdout, &by_pip.stderr));
    std::fs::write(directory.join("pyvenv.cfg"), "home = /usr/bin\n").unwrap();
    let by_path = diff(true, "sh", &format!("prod:{}", directory.display()));
    assert_eq!((by_path.status, by_path.stderr), (Some(0), format!("freeze -- {name}\n")));
    // There is no environment of this name, but a directory.
    sandbox.write("std/pyvenv.cfg", "home = /usr/bin\n");
    sandbox.write_program("there/venvwrap", "#!/bin/sh\n[ \"$1\" != path ] && printf 'b==2\\n'\n");
    let outcome = diff(true, "sh", "prod:std");
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(2), ""), "{outcome:#?}");
    assert!(outcome.stderr.ends_with("hint: `prod:./std` is the environment in that directory\n"), "{outcome:#?}");
    sandbox.write_program("there/venvwrap", "#!/bin/sh\nprintf 'b==2\\n'\n");
    assert_eq!(diff(true, "sh", "prod:std").status, Some(1), "a name comes first");
    sandbox.write_program(
        "there/venvwrap",
        "#!/bin/sh\nprintf '%s\\n' \"$*\" >&2\nprintf 'a==1\\nb==2\\nc==1\\nd==1\\n'\n",
    );
    sandbox.write_program(
        "srv/web/bin/python",
        "#!/bin/sh\ncase $* in *'import pip'*) exit 1 ;; -c*) printf 'a==1\\nb==2\\nc==1\\nd==1\\n' ;; esac\n",
    );
    let by_path = diff(false, "sh", &format!("prod:{}", sandbox.path("srv/web").display()));
    assert_eq!((by_path.status, by_path.stdout.as_str(), by_path.stderr.as_str()), (Some(0), "", ""));
    for with_program in [false, true] {
        let gone = diff(with_program, "sh", "prod:/nowhere/nope");
        assert!(gone.stderr.contains("there is no /nowhere/nope/bin/python"), "{gone:#?}");
        assert!(gone.stderr.ends_with("hint: name the directory of an environment there: `prod:/DIR`\n"), "{gone:#?}");
    }
    sandbox.write_program("greeting", "#!/bin/sh\nprintf 'Welcome> '\nexec /bin/sh \"$@\"\n");
    sandbox.write_program("silence", "#!/bin/sh\necho Welcome\n");
    let greeted = diff(false, sandbox.path("greeting").to_str().unwrap(), &format!("prod:{name}"));
    assert_eq!((greeted.stdout, greeted.stderr), (by_pip.stdout, by_pip.stderr));
    let silent = diff(false, sandbox.path("silence").to_str().unwrap(), &format!("prod:{name}"));
    assert_eq!((silent.status, silent.stdout.as_str()), (Some(2), ""), "{silent:#?}");
    assert!(silent.stderr.contains("`prod` gave no usable answer"), "{silent:#?}");
    for hostile in ["-oProxyCommand=touch PWN:api", "-:api"] {
        let outcome = call(&sandbox, &["diff", "--", "api", hostile]);
        assert_eq!(outcome.status, Some(2), "{outcome:#?}");
        outcome.fails_with_hint(hostile, "is not the name of a host");
    }
    // A name of this store comes first.
    sandbox.make_env("a:b");
    assert_eq!(call(&sandbox, &["diff", "--names-only", "api", "a:b"]).status, Some(1));
    assert!(!sandbox.path("PWN").exists());
}

#[test]
fn locks_are_read_and_editable_projects_have_names() {
    let sandbox = sandbox();
    let lock = "lock-version = \"1.0\"\ncreated-by = \"test\"\n[[packages]]\nname = \"a\"\nversion = \"2.0\"\n\
        wheels = [{url = \"https://x.example/a-2.0-py3-none-any.whl\", hashes = {sha256 = \"00\"}}]\n\
        [[packages]]\nname = \"b\"\nversion = \"2\"\nmarker = \"os_name == 'nt'\"\n\
        sdist = {url = \"https://x.example/b-2.tar.gz\", hashes = {sha256 = \"00\"}}\n";
    let file = sandbox.write("projects/pylock.dev.toml", lock);
    let rows = |file: &std::path::Path| {
        let outcome = call(&sandbox, &["diff", "api", file.to_str().unwrap()]);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (Some(1), ""), "{outcome:#?}");
        let lines = outcome.stdout.lines().skip(1);
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(rows(&file), ["a 1.0 2.0 upgraded", "b 2 - removed", "c 1 - removed", "d 1 - removed"]);
    // The same on standard input; a project without a name in its files has it in the comment of pip.
    let mut command = program(&sandbox, &["diff", "--names-only", "-", file.to_str().unwrap()]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(lock.replace("2.0\"", "1.0\"").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((String::from_utf8(output.stdout).unwrap().as_str(), output.status.code()), ("a\n", Some(1)));
    let frozen = "# Editable install with no version control (a==1.0)\n-e /nowhere/a\nb==2\nc==1\nd==1\n";
    let file = sandbox.write("projects/frozen.txt", frozen);
    assert_eq!(rows(&file), ["a 1.0 1.0 (editable) editable"]);
}

#[test]
fn a_word_that_is_taken_for_a_file_says_what_else_there_is() {
    let sandbox = Sandbox::new();
    sandbox.make_env("one");
    sandbox.write("envs/one/pyvenv.cfg", "home = /usr/bin\nversion = 3.12.1\n");
    std::fs::create_dir_all(sandbox.path("envs/one/lib/python3.12/site-packages")).unwrap();
    std::os::unix::fs::symlink("self", sandbox.path("home/self")).unwrap();
    for verb in ["diff", "restore"] {
        let option = call(&sandbox, &[verb, "-r", "/dev/null"]);
        assert_eq!(option.status, Some(2), "{option:#?}");
        assert!(option.stderr.contains("name the file alone, as in `venvwrap"), "{option:#?}");
        for (word, hint) in [
            ("./self", "a symlink on the way to `[ROOT]/home/self` leads back to itself"),
            ("nope.txt", "give the name of an environment, which `venvwrap list` lists, or a file"),
            ("nope.lock", "give the name of an environment"),
            ("./nope", "give the name of an environment"),
            ("/tmp", "it is no environment: it has neither `pyvenv.cfg` nor `bin/activate`"),
            ("no/nope.txt", "there is no directory `[ROOT]/home/no`"),
        ] {
            let mut command = program(&sandbox, &[verb, "one", word]);
            let outcome = Outcome::new(&sandbox, &command.current_dir(sandbox.path("home")).output().unwrap());
            assert!(matches!(outcome.status, Some(1 | 2)), "{outcome:#?}");
            assert!(outcome.stderr.contains(&format!("\nhint: {hint}")), "{verb} {word}: {outcome:#?}");
        }
    }
}

/// As `pip install -r` takes it.
#[test]
fn a_file_needs_no_ending_where_no_environment_has_its_name() {
    let sandbox = sandbox();
    sandbox.write("home/reqs", "a==1.0\n");
    sandbox.write("home/api", "x==7\n");
    let in_home = |arguments: &[&str]| {
        let mut command = program(&sandbox, arguments);
        Outcome::new(&sandbox, &command.current_dir(sandbox.path("home")).output().unwrap())
    };
    assert_eq!(in_home(&["diff", "reqs", "./reqs"]).status, Some(0));
    assert_eq!(in_home(&["diff", "api", "api"]).status, Some(0), "the environment comes first");
    assert_eq!(in_home(&["diff", "api", "./api"]).status, Some(1));
    let dry = in_home(&["restore", "api", "reqs", "--dry-run"]);
    assert!(dry.status == Some(0) && dry.stdout.starts_with("package"), "{dry:#?}");
    in_home(&["restore", "api", "nope"]).fails_with_hint("nope", "no environment is named `nope`");
    sandbox.write("home/unpacked/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n");
    for verb in ["diff", "restore"] {
        let outcome = in_home(&[verb, "api", "unpacked"]);
        let hint = "\nhint: `./unpacked` is the environment in this directory\n";
        assert!(outcome.stderr.ends_with(hint), "{verb}: {outcome:#?}");
    }
}

/// `<(...)` is a pipe that the shell has opened, fish's `psub -F` one that has to be opened, and only once.
#[test]
fn what_another_command_prints_is_read_from_a_pipe_of_the_shell() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        for (name, version) in [("api", "1"), ("prod", "2")] {
            sandbox.make_env(name);
            let cfg = "home = /usr/bin\nversion = 3.11.2\ninclude-system-site-packages = false\n";
            sandbox.write(format!("envs/{name}/pyvenv.cfg"), cfg);
            let info = format!("envs/{name}/lib/python3.11/site-packages/a-{version}.dist-info/METADATA");
            sandbox.write(info, format!("Name: a\nVersion: {version}\n"));
        }
        let venvwrap = format!("\"{}\"", sandbox.path("bin/venvwrap").display());
        let pipe = |printed: &str| match shell {
            Shell::Fish => format!("({printed} | psub -F)"),
            Shell::Bash | Shell::Zsh => format!("<({printed})"),
        };
        let (api, prod) = (pipe(&format!("{venvwrap} freeze api")), pipe(&format!("{venvwrap} freeze prod")));
        let (kept, a) = (pipe("printf '# kept\\na\\n'"), pipe("echo a"));
        let script = format!(
            "{venvwrap} diff --names-only api {api}; report 1\n\
             {venvwrap} diff --names-only api {prod}; report 2\n\
             {venvwrap} freeze -r {kept} api; report 3\n\
             {venvwrap} diff --names-only --ignore {a} api prod; report 4\n\
             {venvwrap} diff --names-only api /dev/null; report 5"
        );
        let expected = "1: status=0 env= cwd=[ROOT]/home\na\n2: status=1 env= cwd=[ROOT]/home\n\
                        # kept\na==1\n## The following requirements were added by pip freeze:\n3: status=0 env= cwd=[ROOT]/home\n4: status=0 env= cwd=[ROOT]/home\n\
                        a\n5: status=1 env= cwd=[ROOT]/home\n";
        let mut command = command(sandbox, shell, &script_text(sandbox, shell, "", &script));
        let outcome = Outcome::new(sandbox, &output_in_time(&mut command));
        assert_eq!(outcome.stdout, expected, "{}: {outcome:#?}", shell.name());
    });
}

/// Nobody writes to it a second time: the command would wait for ever.
#[test]
fn a_pipe_is_read_once() {
    let sandbox = sandbox();
    let pipe = sandbox.path("home/ff");
    make_fifo(&pipe);
    std::os::unix::fs::symlink("ff", sandbox.path("home/link")).unwrap();
    for arguments in
        [&["diff", "./ff", "./ff"][..], &["diff", "./ff", "./link"], &["diff", "api", "./ff", "--ignore", "./ff"]]
    {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::write(pipe, "a==1.0\n"));
        let mut command = program(&sandbox, arguments);
        let outcome = Outcome::new(&sandbox, &output_in_time(command.current_dir(sandbox.path("home"))));
        outcome.fails_with_hint("twice", "is named twice, and a pipe can be read once");
        assert_eq!(outcome.status, Some(2), "{outcome:#?}");
    }
    let mut command = program(&sandbox, &["diff", "/dev/null", "/dev/null"]);
    assert_eq!(Outcome::new(&sandbox, &output_in_time(&mut command)).status, Some(0), "there is nothing to read");
}

/// Only a pipe that is named on the command line is waited for.
#[test]
fn a_pipe_with_the_name_of_an_environment_or_in_a_file_is_not_read() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    make_fifo(&sandbox.path("home/api"));
    sandbox.write("home/all.txt", "-r api\n");
    let call = |arguments: &[&str]| {
        let output = output_in_time(program(&sandbox, arguments).current_dir(sandbox.path("home")));
        Outcome::new(&sandbox, &output)
    };
    assert_eq!(call(&["diff", "api", "api"]).status, Some(0));
    let outcome = call(&["diff", "api", "all.txt"]);
    outcome.fails_with_hint("included", "could not read `[ROOT]/home/api`: not a regular file");
}
