//! `venvwrap list`: names for programs, a table for people, and never a Python that runs.

use std::fs;

use venvwrap_core::shell::Shell;

use crate::completion::terminal::Terminal;
use crate::support::program::{call, create, make_fifo, names_in, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::snapshot::make_old;

/// An environment whose every program says that it has been run.
fn make_trap(sandbox: &Sandbox, name: &str) -> std::path::PathBuf {
    let env = sandbox.make_bare_env(name);
    for program in ["python", "python3", "python3.11", "pip"] {
        sandbox.write_program(env.join("bin").join(program), "#!/bin/sh\ntouch \"$HOME/PWN\" PWN\n");
    }
    env
}

/// Nothing has run: in the home directory is nothing but the note that a shell is in an environment.
#[track_caller]
fn assert_only_noted(sandbox: &Sandbox) {
    assert_eq!(names_in(&sandbox.path("home")), [".local"]);
}

#[test]
fn a_thousand_environments_are_listed_without_running_one() {
    let sandbox = Sandbox::new();
    let names: Vec<_> = (0..1000).map(|number| format!("e{number:04}")).collect();
    for name in &names {
        make_trap(&sandbox, name);
    }
    for arguments in [&["list", "-b"][..], &["list"], &["list", "-l"], &["list", "--json"], &["list", "--size"]] {
        let outcome = call(&sandbox, arguments);
        let text = outcome.succeeds(&format!("{arguments:?}"));
        assert!(names.iter().all(|name| text.contains(name)), "{arguments:?}");
    }
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout.lines().collect::<Vec<_>>(), names);
    call(&sandbox, &["show", "e0000"]).succeeds("show");
    call(&sandbox, &["__plan", "bash", "workon", "e0000"]).succeeds("workon");
    call(&sandbox, &["remove", "e0000"]).succeeds("remove");
    assert_only_noted(&sandbox);
}

#[test]
fn every_form_lists_the_same() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    create(&sandbox, &python, "zeta");
    make_trap(&sandbox, "alpha beta");
    for sort in ["name", "python", "health", "project", "packages", "used", "created", "size"] {
        for form in [&["-b"][..], &["-l"], &["--json"], &[]] {
            let outcome = call(&sandbox, &[&["list", "--sort", sort], form].concat());
            let text = outcome.succeeds(&format!("{sort} {form:?}"));
            assert!(text.contains("zeta") && text.contains("alpha beta"), "{sort} {form:?} {text}");
            assert!(!text.contains('\x1b'), "{sort} {form:?} {text}");
        }
    }
    assert_eq!(call(&sandbox, &["list", "-b"]).stdout, "alpha beta\nzeta\n");
    assert_eq!(call(&sandbox, &["list", "-b", "--sort", "packages"]).stdout, "zeta\nalpha beta\n");
    let json = call(&sandbox, &["list", "--json"]).stdout;
    for (key, value) in [("name", "\"zeta\""), ("health", "\"ok\""), ("packages", "1")] {
        assert!(json.contains(&format!("\"{key}\": {value}")), "{json}");
    }
    for (variable, value, is_coloured) in [("CLICOLOR_FORCE", "1", true), ("NO_COLOR", "1", false)] {
        let output = program(&sandbox, &["list"]).env(variable, value).output().unwrap();
        assert_eq!(Outcome::new(&sandbox, &output).succeeds(variable).contains('\x1b'), is_coloured, "{variable}");
    }
}

#[test]
fn an_empty_or_missing_store_is_an_empty_list() {
    let sandbox = Sandbox::new();
    for arguments in [&["list"][..], &["list", "-b"], &["list", "-l"]] {
        assert_eq!(call(&sandbox, arguments).succeeds("empty"), "");
        let output = program(&sandbox, arguments).env("WORKON_HOME", sandbox.path("missing")).output().unwrap();
        assert_eq!(Outcome::new(&sandbox, &output).succeeds("missing"), "");
    }
    assert_eq!(call(&sandbox, &["list", "--json"]).succeeds("empty"), "[]\n");
    assert!(!sandbox.path("missing").exists());
}

#[test]
fn a_closed_pipe_is_quiet() {
    let sandbox = Sandbox::new();
    for number in 0..300 {
        sandbox.make_bare_env(format!("{number}{}", "x".repeat(200)));
    }
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = program(&sandbox, &["list", "-b"]).stdout(writer).output().unwrap();
    assert_eq!(Outcome::new(&sandbox, &output).succeeds("closed"), "");
}

#[test]
fn odd_files_in_an_environment_are_only_described() {
    let sandbox = Sandbox::new();
    let huge = |path| fs::File::create(path).unwrap().set_len(100 << 20).unwrap();
    let fifo = |path: std::path::PathBuf| make_fifo(&path);
    let files = ["pyvenv.cfg", "venvwrap.toml", ".project"];
    for file in files {
        for kind in ["fifo", "huge", "directory", "loop", "nul", "hostile", "escape"] {
            let env = make_trap(&sandbox, &format!("{kind}-{}", file.trim_start_matches('.')));
            let path = env.join(file);
            let _ = fs::remove_file(&path);
            match kind {
                "fifo" => fifo(path),
                "huge" => huge(path),
                "directory" => fs::create_dir(path).unwrap(),
                "loop" => std::os::unix::fs::symlink(file, path).unwrap(),
                "nul" => fs::write(path, b"home = \0\xff\xfe\nversion = \0\n").unwrap(),
                "hostile" => {
                    fs::write(path, "home = $(touch PWN)\nversion = $(touch PWN)\nprompt = `touch PWN`\n").unwrap();
                }
                _ => {
                    fs::write(path, "/\x1b]0;t\x07\nversion = 3.\x1b[2J\nimplementation = \x1b[2J\nprompt = \x1b[2J\n")
                        .unwrap();
                }
            }
        }
    }
    for arguments in [&["list"][..], &["list", "-l"], &["list", "--json"], &["list", "--sort", "size"]] {
        let outcome = call(&sandbox, arguments);
        let text = outcome.succeeds(&format!("{arguments:?}"));
        assert!(!text.contains(|c: char| c.is_control() && c != '\n'), "{arguments:?} {text}");
        assert!(text.contains("fifo-pyvenv.cfg") && text.contains("loop-project"), "{text}");
    }
    for name in names_in(&sandbox.path("envs")) {
        let name = name.to_str().unwrap();
        let shown = call(&sandbox, &["show", name]);
        assert!(!shown.succeeds(name).contains(|c: char| c.is_control() && c != '\n'), "{shown:#?}");
        assert_eq!(call(&sandbox, &["run", name, "echo", "fine"]).succeeds(name), "fine\n");
        let plan = call(&sandbox, &["__plan", "bash", "workon", name]);
        assert_eq!(plan.status, Some(0), "{plan:#?}");
        call(&sandbox, &["remove", name]).succeeds(name);
    }
    assert_only_noted(&sandbox);
}

/// One environment that works and one that does not, with projects below the home directory, so that no column
/// depends on where the test runs.
fn store(sandbox: &Sandbox) {
    let api = sandbox.make_bare_env("api");
    for name in ["python", "python3", "python3.11"] {
        std::os::unix::fs::symlink("/bin/sh", api.join("bin").join(name)).unwrap();
    }
    fs::create_dir_all(sandbox.path("home/work/api")).unwrap();
    fs::write(api.join(".project"), format!("{}\n", sandbox.path("home/work/api").display())).unwrap();
    for package in ["tiny-1.0", "small-2.0"] {
        fs::create_dir_all(api.join(format!("lib/python3.11/site-packages/{package}.dist-info"))).unwrap();
    }
    make_old(sandbox, &api);
    let odd = sandbox.make_bare_env("it's \"odd\" $(touch PWN)");
    make_old(sandbox, &odd);
    fs::remove_file(odd.join("venvwrap.toml")).unwrap();
    fs::write(odd.join(".project"), format!("{}\n", sandbox.path("home/work/gone").display())).unwrap();
}

#[test]
fn the_table() {
    let sandbox = Sandbox::new();
    store(&sandbox);
    insta::assert_snapshot!(call(&sandbox, &["list"]).whole(), @r#"
    --- standard output
    name                     python  health     project                packages  last used
    api                      3.11.2  ok         ~/work/api                    2  3d ago
    it's "odd" $(touch PWN)  3.11.2  no python  ~/work/gone (missing)         0  never
    --- status 0
    "#);
}

#[test]
fn the_long_form() {
    let sandbox = Sandbox::new();
    store(&sandbox);
    insta::assert_snapshot!(call(&sandbox, &["list", "--long"]).whole(), @r#"
    --- standard output
    api
    ===
    path       [ROOT]/envs/api
    python     3.11.2
    health     ok
    project    ~/work/api
    packages   2, plus those of the base Python
    created    1 month ago
    last used  3 days ago

    it's "odd" $(touch PWN)
    =======================
    path       [ROOT]/envs/it's "odd" $(touch PWN)
    python     3.11.2
    health     the interpreter `[ROOT]/envs/it's "odd" $(touch PWN)/bin/python` no longer exists
    project    ~/work/gone (missing)
    packages   0, plus those of the base Python
    created    1 month ago
    last used  never

    --- status 0
    "#);
}

#[test]
fn the_names() {
    let sandbox = Sandbox::new();
    store(&sandbox);
    insta::assert_snapshot!(call(&sandbox, &["list", "--brief"]).whole(), @r#"
    --- standard output
    api
    it's "odd" $(touch PWN)
    --- status 0
    "#);
}

#[test]
fn of_two_forms_the_last_counts_and_names_have_no_size() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    let of = |words: &str| call(&sandbox, &["list"].into_iter().chain(words.split(' ')).collect::<Vec<_>>());
    for words in ["-b", "-lb", "--json -b", "-b -l -b", "-b --sort size"] {
        assert_eq!(of(words).stdout, "api\n", "{words}");
    }
    for words in ["-bl", "--json -l", "-b -l --size"] {
        assert!(of(words).stdout.starts_with("api\n===\n"), "{words}");
    }
    for words in ["-b --json", "-l --json", "-b -l --json --size"] {
        assert!(of(words).stdout.starts_with("[\n"), "{words}");
    }
    let refused = of("-b --size");
    assert!(refused.stderr.starts_with("error: the argument '--brief' cannot be used with '--size'\n"), "{refused:?}");
    assert_eq!(refused.status, Some(2));
}

#[test]
fn the_json() {
    let sandbox = Sandbox::new();
    store(&sandbox);
    insta::assert_snapshot!(call(&sandbox, &["list", "--json"]).whole(), @r#"
    --- standard output
    [
      {
        "created": "[TIME]",
        "health": "ok",
        "implementation": "CPython",
        "last_used": "[TIME]",
        "link": null,
        "name": "api",
        "packages": 2,
        "path": "[ROOT]/envs/api",
        "problem": null,
        "project": "[ROOT]/home/work/api",
        "python": "3.11.2",
        "system_site_packages": true,
        "temporary": false
      },
      {
        "created": "[TIME]",
        "health": "dangling",
        "implementation": "CPython",
        "last_used": null,
        "link": null,
        "name": "it's \"odd\" $(touch PWN)",
        "packages": 0,
        "path": "[ROOT]/envs/it's \"odd\" $(touch PWN)",
        "problem": "the interpreter `[ROOT]/envs/it's \"odd\" $(touch PWN)/bin/python` no longer exists",
        "project": "[ROOT]/home/work/gone",
        "python": "3.11.2",
        "system_site_packages": true,
        "temporary": false
      }
    ]
    --- status 0
    "#);
}

#[test]
fn patterns_choose_environments() {
    let sandbox = Sandbox::new();
    for name in ["web", "website", "api", "a*"] {
        sandbox.make_bare_env(name);
    }
    let names = |patterns: &[&str]| call(&sandbox, &[&["list", "-b"], patterns].concat()).succeeds("names").to_string();
    assert_eq!(names(&["web*"]), "web\nwebsite\n");
    assert_eq!(names(&["we?", "api/"]), "api\nweb\n");
    assert_eq!(names(&["a*"]), "a*\napi\n");
    for form in [&["list"][..], &["list", "-l"], &["list", "--json"], &["list", "--size"]] {
        let outcome = call(&sandbox, &[form, &["[w]*e"]].concat());
        let text = outcome.succeeds("form");
        assert!(text.contains("website") && !text.contains("api"), "{text}");
    }
    call(&sandbox, &["list", "web", "x*"]).fails_with_hint("nothing matches", "no environment matches `x*`");
    call(&sandbox, &["list", "wbe"]).fails_with_hint("a slip", "no environment is named `wbe`");
}

#[test]
fn on_a_terminal_each_environment_has_one_line_that_fits() {
    let sandbox = Sandbox::new();
    store(&sandbox);
    sandbox.make_bare_env("a-name-of-forty-characters-for-narrow-ones");
    for columns in [40, 60, 80, 120] {
        let before = "export NO_COLOR=1";
        let mut terminal = Terminal::open_real(&sandbox, Shell::Bash, before, (40, columns));
        terminal.enter("workon api; clear");
        // Who asks for sizes sees them compared, however narrow the terminal is.
        let is_sized = |line: &str| line.contains("B  █") || line.contains("B  ░");
        let is_healthy = |line: &str| line.contains(" no python") || line.contains(" ok");
        for options in ["", "--size"] {
            let is_row = |line: &str| if options.is_empty() { is_healthy(line) } else { is_sized(line) };
            terminal.enter(&format!("lsvirtualenv {options}"));
            let lines: Vec<_> = terminal.prompt().lines().filter(|line| is_row(line)).collect();
            assert_eq!(lines.len(), 3, "{columns}: {}", terminal.prompt());
            for line in lines {
                let width = line.trim_end().chars().count();
                assert!(width <= usize::from(columns), "{columns}: {line}");
                assert_eq!(line.starts_with("* api "), line.contains("api "), "{columns}: {line}");
            }
        }
    }
    let empty = Sandbox::new();
    let mut terminal = Terminal::open_real(&empty, Shell::Bash, "", (40, 80));
    terminal.enter("lsvirtualenv");
    assert!(terminal.prompt().contains("there are no environments yet"), "{}", terminal.prompt());
}

/// One directory that is no environment takes no room from the names; a project none, where sizes are shown.
#[test]
fn names_of_24_columns_are_whole_and_longer_ones_keep_as_many() {
    let sandbox = Sandbox::new();
    sandbox.make_env("customer-portal-backend2");
    sandbox.make_env("a-name-of-forty-characters-for-narrow-ones");
    std::fs::remove_file(sandbox.make_env("lost").join("pyvenv.cfg")).unwrap();
    let project = sandbox.path("projects/customers/portal/backend");
    crate::support::associations::associate(&sandbox, "customer-portal-backend2", &project);
    for (columns, option) in [(40, ""), (60, ""), (60, "--size"), (80, "--size")] {
        let mut terminal = Terminal::open_real(&sandbox, Shell::Bash, "export NO_COLOR=1", (40, columns));
        terminal.enter(&format!("lsvirtualenv {option}"));
        let shown = terminal.prompt();
        assert!(shown.contains("no pyvenv.cfg") && shown.contains("customer-portal-backend2 "), "{columns}: {shown}");
        let cut = shown.lines().find(|line| line.starts_with("a-name")).unwrap();
        assert!(cut.find("  ").is_some_and(|end| cut[..end].chars().count() >= 24), "{columns}: {shown}");
    }
}

#[test]
fn where_there_is_nothing_people_are_told_and_programs_are_not() {
    let empty = Sandbox::new();
    let mut terminal = Terminal::open_real(&empty, Shell::Bash, "", (40, 120));
    for (arguments, line) in [
        ("list", "there are no environments yet"),
        ("trash", "nothing is kept of removed environments"),
        ("project list", "no environment has a project directory"),
        ("kernel list", "no environment is a kernel of Jupyter"),
        ("gc", "every environment seems to be needed"),
        ("doctor", "all is well"),
        ("repair --all", "nothing to repair"),
    ] {
        terminal.enter(&format!("\"$__venvwrap_bin\" {arguments}"));
        assert!(terminal.prompt().contains(line), "{arguments}: {}", terminal.prompt());
        let outcome = call(&empty, &arguments.split(' ').collect::<Vec<_>>());
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""), "{arguments}");
    }
}

#[test]
fn where_no_environment_could_be_the_reason_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("tool/pyvenv.cfg", "");
    for (home, reason) in [
        ("tool/lib/envs", "is in the environment"),
        ("tool", "an environment itself"),
        ("home", "it also holds other files"),
    ] {
        let home = sandbox.path(home);
        let mut terminal = Terminal::open_real(&sandbox, Shell::Bash, "", (40, 200));
        let quoted = Shell::Bash.quote(home.as_os_str().as_encoded_bytes());
        for words in ["list", "list --brief", "list --long"] {
            let quoted = String::from_utf8_lossy(&quoted);
            terminal.enter(&format!("WORKON_HOME={quoted} \"$__venvwrap_bin\" {words}"));
            let shown = terminal.prompt().replace('\n', " ");
            assert!(shown.contains(reason) && !shown.contains("no environments yet"), "{words}: {shown}");
        }
        for words in [&["remove", "x"][..], &["path", "x"], &["rename", "x", "y"], &["doctor"]] {
            let mut command = program(&sandbox, words);
            let outcome = Outcome::new(&sandbox, &command.env("WORKON_HOME", &home).output().unwrap());
            let said = [&outcome.stdout[..], &outcome.stderr].concat();
            assert!(said.contains(reason) && !said.contains("no environments yet"), "{words:?}: {outcome:#?}");
        }
    }
}

#[test]
fn a_name_has_three_fifths_of_a_line_before_it_is_cut() {
    let sandbox = Sandbox::new();
    let [fits, long] = [60, 100].map(|length| "n".repeat(length));
    for name in [&fits, &long] {
        sandbox.make_bare_env(name);
    }
    let mut terminal = Terminal::open_real(&sandbox, Shell::Bash, "", (40, 100));
    terminal.enter("lsvirtualenv");
    let shown = terminal.prompt();
    let rows: Vec<_> = shown.lines().filter(|line| line.starts_with("nn")).collect();
    assert!(rows.len() == 2 && rows[0].starts_with(&format!("{fits} ")), "{shown}");
    assert!(rows[1].contains('…') && !shown.contains(&long), "{shown}");
    let listed = call(&sandbox, &["list"]);
    assert!(listed.stdout.contains(&long) && !listed.stdout.contains('…'), "a program gets the whole name");
}
