//! `venvwrap config`.

use std::os::unix::process::CommandExt;

use crate::completion::terminal::Terminal;
use crate::support::associations::{fails, place, program as program_output};
use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::scenario::script;
use crate::support::shells::{Outcome, in_each_shell, run};
use venvwrap_core::shell::Shell;

#[test]
fn keys_of_the_configuration() {
    let sandbox = place();
    program_output(&sandbox, &["config", "set", "picker", "false"]);
    program_output(&sandbox, &["config", "set", "python", "3.12"]);
    assert_eq!(program_output(&sandbox, &["config", "get", "picker"]), "false\n");
    assert_eq!(program_output(&sandbox, &["config", "list"]), "picker = false\npython = 3.12\n");
    program_output(&sandbox, &["config", "unset", "picker"]);
    assert_eq!(fails(&sandbox, &["config", "get", "picker"]), "");
    assert!(fails(&sandbox, &["config", "set", "nothing", "1"]).contains("there is no key `nothing`"));
}

#[test]
fn the_other_names_of_a_hard_link_are_told_of() {
    let sandbox = place();
    configure(&sandbox, "picker = false\n");
    let file = sandbox.path("home/.config/venvwrap/config.toml");
    let told = "`[ROOT]/home/.config/venvwrap/config.toml` was a hard link: its other names keep the old content\n";
    for (number, words) in [&["set", "cd", "false"][..], &["unset", "cd"], &["unset", "picker"]].iter().enumerate() {
        let other = sandbox.path(format!("other-{number}"));
        std::fs::hard_link(&file, &other).unwrap();
        let old = std::fs::read(&other).unwrap();
        let outcome = call(&sandbox, &[&["config"], *words].concat());
        assert_eq!((outcome.stderr.as_str(), outcome.status), (told, Some(0)), "{words:?}");
        assert_eq!(std::fs::read(&other).unwrap(), old);
    }
    // What stays as it is stays a link, also to a link.
    configure(&sandbox, "picker = false\n");
    std::fs::hard_link(&file, sandbox.path("other")).unwrap();
    assert_eq!(call(&sandbox, &["config", "set", "picker", "false"]).stderr, "");
}

/// Writes the configuration file.
fn configure(sandbox: &Sandbox, text: &str) {
    sandbox.write("home/.config/venvwrap/config.toml", text);
}

/// The command without `WORKON_HOME`, which the sandbox sets.
fn without_home(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let mut command = program(sandbox, arguments);
    command.env_remove("WORKON_HOME");
    Outcome::new(sandbox, &command.output().unwrap())
}

#[test]
fn a_wrong_value_is_named_with_file_line_and_key_and_stops_only_what_needs_it() {
    let sandbox = place();
    configure(&sandbox, "cd = false\npicker = maybe\n");
    let outcome = without_home(&sandbox, &["list", "--brief"]);
    let warning = "warning: `[ROOT]/home/.config/venvwrap/config.toml`, line 2, `picker`: ";
    assert!(outcome.status == Some(0) && outcome.stderr.starts_with(warning), "{outcome:#?}");
    assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:#?}");
    for (text, line) in [
        ("workon_home = ~/envs\n", "line 1, `workon_home`: "),
        ("\n# mine\nworkon_home = [1]\n", "line 3, `workon_home`: it must be a string in quotes, not `[1]`"),
        ("workon_home = '~bob/x'\n", "line 1, `workon_home`: "),
        ("python = \"3.12\nworkon_home = '/x'\n", "line 1, `python`: "),
        ("workon_home = '/x'\nworkon_home = '/y'\n", "line 2, `workon_home`: "),
    ] {
        configure(&sandbox, text);
        for command in [&["list"][..], &["remove", "api"], &["show", "api"]] {
            without_home(&sandbox, command).fails_with_hint(text, line);
            assert!(sandbox.env_path("api").is_dir(), "{text}");
        }
        let outcome = call(&sandbox, &["list", "--brief"]);
        assert!(outcome.status == Some(0) && outcome.stdout == "api\nweb\n", "{text}: {outcome:#?}");
        assert_eq!(outcome.stderr.lines().count(), usize::from(!text.contains("~bob")), "{text}: {outcome:#?}");
    }
}

#[test]
fn what_creates_does_not_guess_who_creates() {
    let sandbox = place();
    for (text, key) in
        [("creator = 7\n", "creator"), ("creator = \"uv 'venv\"\n", "creator"), ("python = 3.12\n", "python")]
    {
        configure(&sandbox, text);
        let outcome = call(&sandbox, &["create", "new"]);
        assert_eq!(outcome.status, Some(1), "{outcome:#?}");
        let error = "error: `[ROOT]/home/.config/venvwrap/config.toml`, line 1, `";
        assert!(outcome.stderr.contains(&format!("{error}{key}`: ")), "{outcome:#?}");
        assert!(!sandbox.env_path("new").exists(), "{text}");
    }
    configure(&sandbox, "project_home = 1\n");
    let outcome = call(&sandbox, &["create-project", "new"]);
    assert!(outcome.stderr.contains("error: ") && outcome.stderr.contains("line 1, `project_home`: "), "{outcome:#?}");
}

#[test]
fn an_unknown_key_is_a_warning_with_the_nearest_one() {
    let sandbox = place();
    for (text, told) in [
        ("worken_home = '/x'\n", "line 1, `worken_home`: there is no such key; did you mean `workon_home`?"),
        ("cd = true\npikcer = true\n", "line 2, `pikcer`: there is no such key; did you mean `picker`?"),
        ("[shell]\nprompt = 1\n", "line 1, `shell`: there is no such key\n"),
    ] {
        configure(&sandbox, text);
        let outcome = call(&sandbox, &["list", "--brief"]);
        assert!(outcome.status == Some(0) && outcome.stderr.contains(told), "{text}: {outcome:#?}");
    }
}

#[test]
fn a_broken_file_is_repaired_by_the_program() {
    let sandbox = place();
    configure(&sandbox, "# mine\npicker = maybe\ncd = false\n");
    let listed = call(&sandbox, &["config", "list"]);
    assert!(listed.stdout == "cd = false\n" && listed.stderr.contains("line 2, `picker`"), "{listed:#?}");
    program_output(&sandbox, &["config", "unset", "picker"]);
    assert_eq!(program_output(&sandbox, &["config", "list"]), "cd = false\n");
    configure(&sandbox, "workon_home = \nworkon_hme = 1\n");
    for key in ["workon_home", "python"] {
        let refused = call(&sandbox, &["config", "set", key, "/x"]);
        refused.fails_with_hint(key, "config.toml`, line 1, `workon_home`: ");
        let file = sandbox.path("home/.config/venvwrap/config.toml");
        assert_eq!(std::fs::read_to_string(file).unwrap(), "workon_home = \nworkon_hme = 1\n");
    }
    program_output(&sandbox, &["config", "unset", "workon_home"]);
    program_output(&sandbox, &["config", "unset", "workon_hme"]);
    assert!(!sandbox.path("home/.config/venvwrap/config.toml").exists());
    configure(&sandbox, "python = '3.12\n");
    assert_eq!(without_home(&sandbox, &["setup", "--print", "bash"]).status, Some(0));
}

#[test]
fn nothing_fails_in_a_shell_because_of_the_file() {
    in_each_shell(|sandbox, shell| {
        sandbox.use_real_program();
        sandbox.make_env("api");
        configure(sandbox, "workon_home = [\n");
        let unset = if shell == Shell::Fish { "set -e WORKON_HOME" } else { "unset WORKON_HOME" };
        let venvwrap = env!("CARGO_BIN_EXE_venvwrap");
        let text = format!(
            r"
            1: workon api
               {unset}
            2: deactivate
            3: {venvwrap} __plan {shell} follow /usr
            4: {venvwrap} __complete {shell} workon '' ''
            ",
            shell = shell.name()
        );
        let outcome = run(sandbox, shell, &script(&text));
        let reports = "1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home\n2: status=0 env= cwd=[ROOT]/home\n\
                       3: status=0 env= cwd=[ROOT]/home\n4: status=0 env= cwd=[ROOT]/home\n";
        assert_eq!(outcome.stdout, reports, "{outcome:#?}");
        assert_eq!(outcome.stderr.matches("warning: ").count(), 1, "{outcome:#?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:#?}");
    });
}

#[test]
fn an_optional_file_that_cannot_be_reached_is_no_error() {
    let sandbox = place();
    sandbox.write("home/file", "");
    std::os::unix::fs::symlink("loop", sandbox.path("home/loop")).unwrap();
    for base in ["home/file", "home/loop", "home/none", "home/file/deeper"] {
        for variable in ["XDG_CONFIG_HOME", "HOME"] {
            let mut command = program(&sandbox, &["list", "--brief"]);
            command.env(variable, sandbox.path(base));
            if variable == "HOME" {
                command.env_remove("XDG_CONFIG_HOME");
            }
            assert_eq!(Outcome::new(&sandbox, &command.output().unwrap()).succeeds(base), "api\nweb\n");
        }
        let mut named = program(&sandbox, &["list"]);
        named.env("VENVWRAP_CONFIG", sandbox.path(base).join("config.toml"));
        Outcome::new(&sandbox, &named.output().unwrap()).fails(base, "could not read ");
    }
    // What is there and cannot be read is wrong.
    std::fs::create_dir_all(sandbox.path("home/.config/venvwrap/config.toml")).unwrap();
    without_home(&sandbox, &["list"]).fails_with_hint("a directory", "config.toml`: could not be read: ");
}

/// `set` makes it, and whoever only reads it is told that it is missing.
#[test]
fn a_file_that_is_named_must_exist() {
    let sandbox = place();
    let file = sandbox.path("home/named/config.toml");
    let call = |arguments: &[&str]| {
        let mut command = program(&sandbox, arguments);
        command.env("VENVWRAP_CONFIG", &file).env("EDITOR", "false").env_remove("VISUAL");
        Outcome::new(&sandbox, &command.output().unwrap())
    };
    for arguments in
        [&["config"][..], &["config", "list", "--all"], &["config", "get", "cd"], &["config", "unset", "cd"], &["list"]]
    {
        call(arguments).fails(&arguments.join(" "), "could not read `[ROOT]/home/named/config.toml`");
    }
    assert_eq!(call(&["config", "edit"]).status, Some(1));
    assert!(!sandbox.path("home/named").exists());
    call(&["config", "set", "cd", "true"]).succeeds("set");
    assert_eq!(call(&["config"]).succeeds("list"), "cd = true\n");
    assert_eq!(call(&["config", "edit"]).status, Some(1));
    assert!(file.exists());
}

/// The key is that whose value has no end, and no line after it is called wrong.
#[test]
fn a_list_without_an_end_is_named_by_its_key() {
    let sandbox = place();
    for text in ["python = [\n \"a\",\n \"b\"\ncd = true\nauto = true\n", "python = [\n \"a\"\n"] {
        configure(&sandbox, text);
        let outcome = call(&sandbox, &["config", "set", "link_mode", "copy"]);
        assert!(outcome.stderr.contains(", `python`: ") && !outcome.stderr.contains("must be"), "{outcome:#?}");
    }
}

#[test]
fn of_a_file_that_is_not_utf_8_no_line_is_said_to_be_removable() {
    let sandbox = place();
    std::fs::create_dir_all(sandbox.path("home/.config/venvwrap")).unwrap();
    let file = sandbox.path("home/.config/venvwrap/config.toml");
    std::fs::write(&file, b"cd = true\nauto = \xff\n").unwrap();
    for arguments in [&["config", "unset", "auto"][..], &["config", "set", "cd", "false"]] {
        let outcome = call(&sandbox, arguments);
        let hint = "line 2, `auto`: not UTF-8\nhint: `venvwrap config edit` opens the file\n";
        assert!(outcome.status == Some(1) && outcome.stderr.ends_with(hint), "{outcome:#?}");
    }
}

/// A hint is followed, and no key that it names is an option.
#[test]
fn what_is_said_to_remove_a_line_removes_it() {
    let sandbox = place();
    for (text, key) in [
        ("bad = [\n", "bad"),
        ("x = 1 y\n", "x"),
        ("cd = maybe\n", "cd"),
        ("-y = [\n", ""),
        ("python = [\n \"a\"\ncd = true\nauto = true\n", ""),
        ("python = [\n \"a\"\n", ""),
        ("[x]\nauto = \n", ""),
    ] {
        configure(&sandbox, text);
        let outcome = call(&sandbox, &["config", "set", "auto", "true"]);
        outcome.fails_with_hint(text, "");
        let hint = format!("hint: `venvwrap config unset {key}` removes the line");
        assert_eq!(outcome.stderr.contains(&hint), !key.is_empty(), "{outcome:#?}");
        assert_eq!(outcome.stderr.contains("config unset"), !key.is_empty(), "{outcome:#?}");
        if !key.is_empty() {
            call(&sandbox, &["config", "unset", key]).succeeds(text);
            assert!(!sandbox.path("home/.config/venvwrap/config.toml").exists(), "{text}");
        }
    }
}

#[test]
fn everything_that_can_be_set_is_listed_with_its_origin() {
    let sandbox = place();
    configure(&sandbox, "python = '3.12'\ndefault_packages = ['ipython', 'rich']\n");
    let text = program_output(&sandbox, &["config", "list", "--all"]);
    for (key, value, origin) in [
        ("python", "3.12", "config.toml"),
        ("default_packages", "ipython rich", "config.toml"),
        ("workon_home", "[ROOT]/envs", "WORKON_HOME"),
        ("installer", "auto", "default"),
        ("picker", "true", "default"),
        ("auto", "false", "default"),
    ] {
        let words = [key, value, origin].join(" ");
        let has = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") == words;
        assert!(text.lines().any(has), "{words}: {text}");
    }
    assert_eq!(program_output(&sandbox, &["config", "path"]), "[ROOT]/home/.config/venvwrap/config.toml\n");
}

#[test]
fn what_sets_a_key_is_told_on_every_terminal() {
    let sandbox = place();
    configure(&sandbox, "python = '3.12'\ndefault_packages = ['ipython', 'rich', 'black', 'pytest']\n");
    for columns in [40, 60, 80, 120] {
        let mut terminal = Terminal::open_real(&sandbox, Shell::Bash, "export NO_COLOR=1", (60, columns));
        terminal.enter("clear; \"$__venvwrap_bin\" config list --all");
        let text = terminal.prompt();
        let last = |key: &str| {
            let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_else(|| panic!("{columns}: {text}"));
            assert!(line.trim_end().chars().count() <= usize::from(columns), "{columns}: {text}");
            line.split_whitespace().last().unwrap().to_owned()
        };
        assert_eq!(last("installer "), "default", "{columns}: {text}");
        for (key, origin) in
            [("python ", "config.toml"), ("default_packages ", "config.toml"), ("workon_home ", "WORKON_HOME")]
        {
            let found = last(key);
            let begins = found.strip_suffix('…').is_some_and(|begin| begin.len() > 4 && origin.starts_with(begin));
            assert!(found == origin || (columns == 40 && begins), "{columns}: {key} {found}\n{text}");
        }
    }
}

#[test]
fn a_value_that_is_not_used_is_listed_as_such() {
    let sandbox = place();
    let lines = "picker = 'perhaps'\nproject_filename = 'a/b'\ntrash_keep = '7d'\nkeep = 'api'\nworkon_home = 3\n";
    configure(&sandbox, lines);
    let of = |key: &str| {
        let outcome = call(&sandbox, &["config", "list", "--all"]);
        let rows = outcome.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        rows.filter_map(|row| Some(row.strip_prefix(&format!("{key} "))?.to_owned())).collect::<String>()
    };
    assert_eq!(of("picker"), "perhaps (not used) config.toml");
    assert_eq!(of("project_filename"), "a/b (not used) config.toml");
    assert_eq!(of("trash_keep"), "7d config.toml");
    assert_eq!(of("workon_home"), "[ROOT]/envs WORKON_HOME");
    let outcome = call(&sandbox, &["config", "list"]);
    assert!(outcome.stderr.contains("line 2, `project_filename`: it contains `/`"), "{outcome:?}");
    // Of a file that is no TOML nothing is used, and a line that cannot be read has no value.
    configure(&sandbox, "keep = 'api'\npython = \n");
    assert_eq!(of("keep"), "api (not used) config.toml");
    assert_eq!(of("python"), "(not used) config.toml");
    assert_eq!(of("picker"), "true default");
}

#[test]
fn the_defaults_of_keys_without_a_variable_are_those_of_the_documents() {
    let text = program_output(&place(), &["config", "list", "--all"]);
    let documents = include_str!("../../docs/configuration.md");
    let rows: Vec<_> = documents.lines().filter_map(|line| line.strip_prefix("| | `")).collect();
    assert!(rows.len() > 7, "{rows:?}");
    for row in rows {
        let (key, rest) = row.split_once('`').unwrap();
        let default = rest.trim_end_matches(" |").rsplit("| ").next().unwrap().trim_matches('`');
        // It does not hold for root.
        let is_roots = key == "link_mode" && rustix::process::geteuid().is_root();
        let default = if is_roots { "clone" } else { default };
        let has = |line: &str| line.split_whitespace().eq([key, default, "default"]);
        assert!(text.lines().any(has), "{key} {default}: {text}");
    }
}

#[test]
fn the_editor_gets_the_file_as_one_word() {
    let sandbox = Sandbox::new();
    let edit = |variable: &str, editor: &str| {
        let mut command = program(&sandbox, &["config", "edit"]);
        command.env("EDITOR", "false").env(variable, editor).process_group(0);
        Outcome::new(&sandbox, &command.output().unwrap())
    };
    let outcome = edit("VISUAL", "printf '<%s>' -w");
    assert_eq!(outcome.succeeds("words"), "<-w><[ROOT]/home/.config/venvwrap/config.toml>");
    let outcome = edit("EDITOR", "echo 'picker = 7' >");
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains("line 1, `picker`: it must be `true` or `false`, not `7`"), "{outcome:#?}");
    assert_eq!(edit("EDITOR", "exit 5; :").status, Some(5));
    // No shell is in between, which a signal would end before the editor; what the shell itself does stays its own.
    let parent = sandbox.write_program("parent", "#!/bin/sh\nps -o args= -p $PPID\n");
    let told = |editor: String| {
        let outcome = edit("EDITOR", &editor);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        outcome.stdout.trim_end().to_owned()
    };
    let parent = parent.display();
    assert!(
        told(format!("'{parent}'")).ends_with(" config edit")
            && told(format!(" '{parent}' -w")).ends_with(" config edit")
    );
    assert!(told(format!("A=1 '{parent}'")).contains("A=1"));
    assert_eq!(edit("EDITOR", ":").status, Some(0));
    let missing = edit("EDITOR", "nosuch-editor");
    assert_eq!(missing.status, Some(127), "{missing:#?}");
    assert!(missing.stderr.contains("set EDITOR to the command of your editor\n"), "{missing:#?}");
    // Editors have a meaning of their own for Ctrl-C.
    let ctrl_c = "trap : INT; kill -INT 0; i=0; while [ $i -lt 99999 ]; do i=$((i+1)); done; exit 6; :";
    assert_eq!(edit("EDITOR", ctrl_c).status, Some(6));
}

#[test]
fn the_list_for_people() {
    let sandbox = Sandbox::new();
    configure(&sandbox, "picker = false\npython = \"3.12\"\nworkon_hme = \"x\"\n");
    insta::assert_snapshot!(call(&sandbox, &["config", "list"]).whole(), @"
    --- standard output
    picker = false
    python = 3.12
    workon_hme = x
    --- standard error
    warning: `[ROOT]/home/.config/venvwrap/config.toml`, line 3, `workon_hme`: there is no such key; did you mean `workon_home`?
    --- status 0
    ");
    insta::assert_snapshot!(call(&sandbox, &["config", "get", "python"]).whole(), @"
    --- standard output
    3.12
    --- standard error
    warning: `[ROOT]/home/.config/venvwrap/config.toml`, line 3, `workon_hme`: there is no such key; did you mean `workon_home`?
    --- status 0
    ");
    insta::assert_snapshot!(call(&sandbox, &["config", "set", "pyhton", "3.13"]).whole(), @"
    --- standard error
    error: there is no key `pyhton`
    hint: did you mean `python`?
    --- status 1
    ");
}

#[test]
fn a_command_with_commands_lists_when_it_is_called_alone() {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    call(&sandbox, &["config", "set", "keep", "[\"api\"]"]).succeeds("a key");
    let home = sandbox.path("home");
    assert_eq!(call(&sandbox, &["project", "set", "api", home.to_str().unwrap()]).status, Some(0));
    call(&sandbox, &["variables", "set", "-n", "api", "GREETING=hello"]).succeeds("a variable");
    for (verb, listed) in
        [("config", "keep = "), ("project", "api"), ("variables", "GREETING=hello"), ("kernel", ""), ("trash", "")]
    {
        let with_active = |arguments: &[&str]| {
            let mut command = program(&sandbox, arguments);
            Outcome::new(&sandbox, &command.env("VIRTUAL_ENV", sandbox.env_path("api")).output().unwrap())
        };
        let alone = with_active(&[verb]);
        assert_eq!(alone.status, Some(0), "{verb}: {alone:#?}");
        assert!(alone.stdout.contains(listed), "{verb}: {alone:#?}");
        assert_eq!(alone.whole(), with_active(&[verb, "list"]).whole(), "{verb}");
    }
    insta::assert_snapshot!(call(&sandbox, &["variables"]).whole(), @"
    --- standard error
    error: no environment is active
    hint: name one with `-n NAME`, or activate one first
    --- status 1
    ");
    insta::assert_snapshot!(call(&sandbox, &["variables", "lits"]).whole(), @"
    --- standard error
    error: unrecognized subcommand 'lits'

      tip: a similar subcommand exists: 'list'

    Usage: venvwrap variables [OPTIONS]
           venvwrap variables <COMMAND>

    For more information, try '--help'.
    --- status 2
    ");
}
