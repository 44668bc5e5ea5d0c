//! `venvwrap link`.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::support::associations::{fails, place, program};
use crate::support::program::{assert_works, call, create, program as command_of, python, pythons};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::uv;

#[test]
fn links_for_editors() {
    let sandbox = place();
    insta::assert_snapshot!(program(&sandbox, &["link", "--json", "api", "../projects/api"]), @r#"
    {
      "file": "[ROOT]/projects/api/.venv",
      "name": "api",
      "path": "[ROOT]/envs/api",
      "pinned": null
    }
    "#);
    let text = fs::read_to_string(sandbox.path("projects/api/.venv")).unwrap();
    assert_eq!(sandbox.normalise(&text), "[ROOT]/envs/api\n");
    assert_eq!(program(&sandbox, &["project", "which", "../projects/api"]), "[ROOT]/envs/api\n");
    fs::create_dir_all(sandbox.path("projects/web/.venv/bin")).unwrap();
    fs::write(sandbox.path("projects/web/.venv/pyvenv.cfg"), "").unwrap();
    assert!(fails(&sandbox, &["link", "api", "../projects/web"]).contains("already exists"));
    // So does a file that leads elsewhere, for both kinds of link.
    program(&sandbox, &["link", "api", "../projects/api"]);
    fs::write(sandbox.path("projects/api/.venv"), "/some/where/else\n").unwrap();
    for words in [["link", "api", "../projects/api"].as_slice(), &["link", "--uv", "api", "../projects/api"]] {
        assert!(fails(&sandbox, words).contains("already exists"), "{words:?}");
        assert_eq!(fs::read_to_string(sandbox.path("projects/api/.venv")).unwrap(), "/some/where/else\n");
    }
}

#[test]
fn a_symlink_for_uv_is_refused_where_uv_would_delete_the_environment() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_env("api");
    fs::write(env.join("pyvenv.cfg"), "version = 3.13.0\n").unwrap();
    fs::write(env.join("bin/python"), "").unwrap();
    sandbox.write("projects/p/pyproject.toml", "[project]\nname = 'p'\nrequires-python = '>=3.11,<3.13'\n");
    let link = |words: &[&str]| call(&sandbox, &[&["link", "--uv", "api", "../projects/p"], words].concat());
    insta::assert_snapshot!(link(&["--pin"]).whole(), @"
    --- standard error
    error: could not link `api`: uv would refuse `api` here: `pyproject.toml` wants >=3.11,<3.13, the environment has Python 3.13.0
    hint: `venvwrap upgrade api -p PYTHON` rebuilds it for a Python that fits, or link another environment
    --- status 1
    ");
    assert_eq!(fs::read_dir(sandbox.path("projects/p")).unwrap().count(), 1);
    sandbox.write("projects/p/pyproject.toml", "[project]\nname = 'p'\nrequires-python = '>=3.11'\n");
    insta::assert_snapshot!(link(&[]).whole(), @"
    --- standard error
    `[ROOT]/projects/p/.venv` points to `[ROOT]/envs/api`
    wrote `[ROOT]/projects/p/.python-version`, so that uv keeps the environment
    --- status 0
    ");
    assert_eq!(fs::read_link(sandbox.path("projects/p/.venv")).unwrap(), env);
    assert_eq!(fs::read_to_string(sandbox.path("projects/p/.python-version")).unwrap(), "3.13\n");
    assert_eq!(link(&["--pin"]).status, Some(0));
    sandbox.write("projects/p/.python-version", "3.12\n");
    link(&[]).fails_with_hint("another pin", "`.python-version` wants 3.12");
    fs::remove_file(sandbox.path("projects/p/.python-version")).unwrap();
    insta::assert_snapshot!(link(&["--no-pin"]).whole(), @"
    --- standard error
    `[ROOT]/projects/p/.venv` points to `[ROOT]/envs/api`
    warning: uv deletes the environment if the project asks for another Python
    --- status 0
    ");
    let with = |name: &str, value: &str| {
        let mut command = command_of(&sandbox, &["link", "--uv", "api", "../projects/p"]);
        Outcome::new(&sandbox, &command.env(name, value).output().unwrap())
    };
    with("UV_PYTHON", "3.12").fails_with_hint("a variable", "uv would delete `api` here: `UV_PYTHON` wants 3.12");
    let elsewhere = with("UV_PROJECT_ENVIRONMENT", "/elsewhere");
    assert_eq!(elsewhere.status, Some(0), "{elsewhere:#?}");
    assert!(elsewhere.stderr.contains("as long as `UV_PROJECT_ENVIRONMENT` is set"), "{elsewhere:#?}");
    sandbox.write("projects/p/it's/x", "");
    let member = call(&sandbox, &["link", "--uv", "api", "../projects/p/it's"]);
    insta::assert_snapshot!(member.whole(), @"
    --- standard error
    error: could not link `api`: `[ROOT]/projects/p/it's` belongs to the project `[ROOT]/projects/p`: uv uses the `.venv` of that
    hint: `venvwrap link --uv api '[ROOT]/projects/p'`
    --- status 1
    ");
    assert_eq!(call(&sandbox, &["link", "--pin", "api"]).status, Some(2));
    for words in [&["link", "api", "/gone"][..], &["link", "--uv", "api", "/gone"]] {
        call(&sandbox, words).fails_with_hint("gone", "could not link `api`: `/gone` is not a directory");
    }
}

/// What was pinned so that uv keeps the environment would make it delete the next one.
#[test]
fn what_was_pinned_for_uv_follows_an_environment_with_another_python() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let create = |words: &[&str]| {
        let arguments = ["create", "--no-pip", "--no-setuptools", "-p", python.to_str().unwrap()];
        call(&sandbox, &[&arguments[..], words, &["api"]].concat())
    };
    assert_eq!(create(&[]).status, Some(0));
    let pin = sandbox.path("projects/p/.python-version");
    let cfg = sandbox.env_path("api/pyvenv.cfg");
    let text = fs::read_to_string(&cfg).unwrap();
    fs::write(&cfg, "home = /gone\nversion = 3.8.1\n").unwrap();
    fs::create_dir_all(sandbox.path("projects/p")).unwrap();
    assert_eq!(call(&sandbox, &["link", "--uv", "api", "../projects/p"]).status, Some(0));
    assert_eq!(fs::read_to_string(&pin).unwrap(), "3.8\n");
    let upgrade =
        |words: &[&str]| call(&sandbox, &[&["upgrade", "-n", "-p", python.to_str().unwrap(), "api"], words].concat());
    let dry = upgrade(&[]);
    let would = "`[ROOT]/projects/p/.python-version` would pin its version, so that uv keeps the environment\n";
    assert!(dry.status == Some(0) && dry.stderr.ends_with(would), "{dry:#?}");
    let value: serde_json::Value = serde_json::from_str(&upgrade(&["--json"]).stdout).unwrap();
    assert_eq!(value[0]["pins"], serde_json::json!(["[ROOT]/projects/p/.python-version"]), "{value}");
    assert_eq!(fs::read_to_string(&pin).unwrap(), "3.8\n", "a dry run");
    let cleared = create(&["--clear"]);
    let told = "`[ROOT]/projects/p/.python-version` now pins its version, so that uv keeps the environment\n";
    assert!(cleared.status == Some(0) && cleared.stderr.contains(told), "{cleared:#?}");
    let renewed = fs::read_to_string(&pin).unwrap();
    assert!(text.contains(&format!(" {}", renewed.trim())), "{renewed}: {text}");
    let undone = call(&sandbox, &["undo"]);
    assert!(undone.status == Some(0) && undone.stderr.contains(told), "{undone:#?}");
    let removed = call(&sandbox, &["remove", "api"]);
    let named = "warning: `[ROOT]/projects/p/.venv` leads to `api`, and uv fails there until you remove that link\n";
    assert!(removed.status == Some(0) && removed.stderr.contains(named), "{removed:#?}");
    assert_eq!(call(&sandbox, &["undo"]).status, Some(0));
    assert_eq!(fs::read_to_string(&pin).unwrap(), "3.8\n");
}

/// Also where the environment is at a path, outside of the store.
#[test]
fn what_was_pinned_for_uv_follows_an_environment_at_a_path() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let path = sandbox.path("projects/e");
    let path = path.to_str().unwrap();
    let python = python.to_str().unwrap();
    let made = call(&sandbox, &["venv", "-q", "--no-pip", "--no-setuptools", "-p", python, path]);
    assert_eq!(made.status, Some(0), "{made:#?}");
    assert_eq!(call(&sandbox, &["adopt", path, "e"]).status, Some(0));
    let cfg = sandbox.path("projects/e/pyvenv.cfg");
    fs::write(&cfg, "home = /gone\nversion = 3.8.1\n").unwrap();
    fs::create_dir_all(sandbox.path("projects/p")).unwrap();
    assert_eq!(call(&sandbox, &["link", "--uv", "e", "../projects/p"]).status, Some(0));
    let pin = sandbox.path("projects/p/.python-version");
    assert_eq!(fs::read_to_string(&pin).unwrap(), "3.8\n");
    let upgraded = call(&sandbox, &["upgrade", "-p", python, path]);
    let told = "`[ROOT]/projects/p/.python-version` now pins its version, so that uv keeps the environment\n";
    assert!(upgraded.status == Some(0) && upgraded.stderr.contains(told), "{upgraded:#?}");
    assert_ne!(fs::read_to_string(&pin).unwrap(), "3.8\n");
    fs::write(&cfg, "home = /gone\nversion = 3.8.1\n").unwrap();
    fs::remove_file(&pin).unwrap();
    fs::remove_file(sandbox.path("projects/p/.venv")).unwrap();
    assert_eq!(call(&sandbox, &["link", "--uv", "e", "../projects/p"]).status, Some(0));
    let cleared = call(&sandbox, &["venv", "--clear", "-q", "--no-pip", "--no-setuptools", "-p", python, path]);
    assert_eq!(cleared.status, Some(0), "{cleared:#?}");
    assert_ne!(fs::read_to_string(&pin).unwrap(), "3.8\n", "{cleared:#?}");
    assert!(!sandbox.path("state/auto").exists() || !call(&sandbox, &["list", "-b"]).stdout.contains("projects"));
}

/// So it does however another environment has come under the name.
#[test]
fn what_was_pinned_for_uv_follows_whatever_gets_the_name() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let works = |words: &[&str]| {
        let outcome = call(&sandbox, words);
        assert_eq!(outcome.status, Some(0), "{words:?}: {outcome:#?}");
        outcome.stderr
    };
    create(&sandbox, &python, "other");
    works(&["pack", "other", "-o", "../other.tar.gz"]);
    create(&sandbox, &python, "w");
    fs::write(sandbox.env_path("w/pyvenv.cfg"), "home = /gone\nversion = 3.8.1\n").unwrap();
    sandbox.write("projects/p/pyproject.toml", "");
    works(&["link", "--uv", "w", "../projects/p"]);
    let read = || fs::read_to_string(sandbox.path("projects/p/.python-version")).unwrap();
    let told = "`[ROOT]/projects/p/.python-version` now pins its version, so that uv keeps the environment\n";
    let python = python.to_str().unwrap();
    for words in [
        &["copy", "other", "w"][..],
        &["unpack", "../other.tar.gz", "w"],
        &["adopt", "../elsewhere", "w"],
        &["create", "--no-pip", "--no-setuptools", "-p", python, "w"],
        &["__do", "cpvirtualenv", "other", "w"],
        &["__do", "mkvirtualenv", "--no-pip", "--no-setuptools", "-p", python, "w"],
        &["rename", "other", "w"],
    ] {
        // Another Python of that name first.
        fs::write(sandbox.env_path("w/pyvenv.cfg"), "home = /gone\nversion = 3.8.1\n").unwrap();
        works(&["__plan", "bash", "workon", "w"]);
        assert_eq!(read(), "3.8\n");
        works(&["remove", "w"]);
        if words[0] == "adopt" {
            works(&["venv", "--without-pip", "../elsewhere"]);
        }
        let stderr = works(words);
        assert!(stderr.contains(told), "{words:?}: {stderr}");
        assert_ne!(read(), "3.8\n", "{words:?}");
        assert!(!call(&sandbox, &["doctor"]).stdout.contains("uv-would-replace"));
    }
}

/// A person may put one there as well.
#[test]
fn what_was_pinned_for_uv_follows_what_was_put_there_by_hand() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "w");
    sandbox.write("projects/p/pyproject.toml", "");
    assert_eq!(call(&sandbox, &["link", "--uv", "w", "../projects/p"]).status, Some(0));
    let told = "`[ROOT]/projects/p/.python-version` now pins its version, so that uv keeps the environment\n";
    fs::write(env.join("pyvenv.cfg"), "home = /gone\nversion = 3.8.1\n").unwrap();
    assert_eq!(call(&sandbox, &["__plan", "bash", "workon", "w"]).stderr, told);
    fs::write(env.join("pyvenv.cfg"), "home = /gone\nversion = 3.7.1\n").unwrap();
    let fixed = call(&sandbox, &["doctor", "--fix", "w"]);
    assert!(fixed.stderr.contains("fixed: w: uv would delete it"), "{fixed:#?}");
    // It may have got a Python that is there, too.
    assert_ne!(fs::read_to_string(sandbox.path("projects/p/.python-version")).unwrap(), "3.8\n");
}

/// So does what a project has brought along that was moved: nothing is noted of its directory.
#[test]
fn what_was_pinned_for_uv_follows_a_project_that_was_moved() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let create = |words: &[&str]| {
        let arguments = ["create", "--no-pip", "--no-setuptools", "-p", python.to_str().unwrap()];
        assert_eq!(call(&sandbox, &[&arguments[..], words, &["api"]].concat()).status, Some(0));
    };
    create(&[]);
    let cfg = sandbox.env_path("api/pyvenv.cfg");
    let older = || fs::write(&cfg, "home = /gone\nversion = 3.8.1\n").unwrap();
    older();
    sandbox.write("projects/it's/pyproject.toml", "");
    assert_eq!(call(&sandbox, &["link", "--uv", "api", "../projects/it's"]).status, Some(0));
    let moved = |from: &str, to: &str| fs::rename(sandbox.path(from), sandbox.path(to)).unwrap();
    let told = |directory: &str| {
        format!(
            "`[ROOT]/projects/{directory}/.python-version` now pins its version, so that uv keeps the environment\n"
        )
    };
    moved("projects/it's", "projects/set");
    let text = fs::read_to_string(sandbox.path("projects/set/.python-version")).unwrap();
    create(&["--clear"]);
    let set = call(&sandbox, &["project", "set", "api", "../projects/set"]);
    assert!(set.status == Some(0) && set.stderr.contains(&told("set")), "{set:#?}");
    assert_ne!(fs::read_to_string(sandbox.path("projects/set/.python-version")).unwrap(), text);
    moved("projects/set", "projects/entered");
    older();
    let here = || {
        let mut command = command_of(&sandbox, &["__plan", "bash", "workon", "."]);
        Outcome::new(&sandbox, &command.current_dir(sandbox.path("projects/entered")).output().unwrap())
    };
    let entered = here();
    assert!(entered.stderr.contains(&told("entered")), "{entered:#?}");
    moved("projects/entered", "projects/linked");
    create(&["--clear"]);
    let linked = call(&sandbox, &["link", "--uv", "api", "../projects/linked"]);
    let wrote = "wrote `[ROOT]/projects/linked/.python-version`";
    assert!(linked.status == Some(0) && linked.stderr.contains(wrote), "{linked:#?}");
    // What is somebody's stays, and is named before the environment gets a Python that does not fit it.
    sandbox.write("projects/linked/.python-version", "3.8 # mine\n3.8\n");
    let upgraded = call(&sandbox, &["upgrade", "api", "-p", python.to_str().unwrap()]);
    let named =
        "warning: uv would then delete `api`: `[ROOT]/projects/linked/.python-version` wants Python 3.8, it gets ";
    assert!(upgraded.status == Some(0) && upgraded.stderr.starts_with(named), "{upgraded:#?}");
}

/// It is known as soon as anything finds the environment through the link; until then it is named.
#[test]
fn a_linked_project_that_was_moved_is_known_where_it_is_seen_and_else_named() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "w");
    sandbox.write("projects/p/pyproject.toml", "");
    assert_eq!(call(&sandbox, &["link", "--uv", "w", "../projects/p"]).status, Some(0));
    let mut place = "projects/p".to_owned();
    let has = |minor: &str| {
        fs::write(env.join("pyvenv.cfg"), format!("home = /gone\nversion = {minor}.1\n")).unwrap();
    };
    let here = sandbox.path("projects/q").to_str().unwrap().to_owned();
    let seeing: [&[&str]; 5] = [
        &["run", ".", "true"],
        &["path", "."],
        &["project", "which"],
        &["__plan", "bash", "follow", &here],
        &["upgrade", "w", "-n", "-p", python.to_str().unwrap()],
    ];
    for (number, words) in seeing.iter().enumerate() {
        let next = format!("projects/{number}");
        fs::rename(sandbox.path(&place), sandbox.path("projects/q")).unwrap();
        let mut command = command_of(&sandbox, words);
        let seen = Outcome::new(&sandbox, &command.current_dir(sandbox.path("projects/q")).output().unwrap());
        assert_eq!(seen.status, Some(0), "{words:?}: {seen:#?}");
        has(&format!("3.{number}"));
        let doctor = call(&sandbox, &["doctor"]).stdout;
        assert!(!doctor.contains("project-gone") && doctor.contains("uv-would-replace"), "{words:?}: {doctor}");
        assert_eq!(call(&sandbox, &["__plan", "bash", "workon", "w"]).status, Some(0));
        let pin = fs::read_to_string(sandbox.path("projects/q/.python-version")).unwrap();
        assert_eq!(pin, format!("3.{number}\n"), "{words:?}");
        fs::rename(sandbox.path("projects/q"), sandbox.path(&next)).unwrap();
        place = next;
        let mut command = command_of(&sandbox, &["path", "."]);
        assert!(command.current_dir(sandbox.path(&place)).output().unwrap().status.success());
    }
    fs::rename(sandbox.path(&place), sandbox.path("projects/away")).unwrap();
    assert!(!call(&sandbox, &["doctor"]).stdout.contains("project-gone"), "what it pins is right");
    let dry = call(&sandbox, &["upgrade", "w", "-n", "-p", python.to_str().unwrap()]);
    let upgraded = call(&sandbox, &["upgrade", "w", "-p", python.to_str().unwrap()]);
    let named =
        "warning: `[ROOT]/projects/4`, which was linked to `w`, is gone; if it was moved, `venvwrap link --uv w DIR`";
    for outcome in [dry, upgraded] {
        assert!(outcome.status == Some(0) && outcome.stderr.contains(named), "{outcome:#?}");
    }
    let doctor = call(&sandbox, &["doctor"]).stdout;
    assert!(doctor.contains("project-gone"), "{doctor}");
    assert!(doctor.contains("fix: venvwrap project unset w '[ROOT]/projects/4'"), "{doctor}");
    let unset = call(&sandbox, &["project", "unset", "w", "../projects/4"]);
    assert_eq!(unset.status, Some(0), "{unset:#?}");
    assert!(!call(&sandbox, &["doctor"]).stdout.contains("project-gone"));
    call(&sandbox, &["project", "unset", "w", "../projects/4"]).fails_with_hint("unset twice", "is not");
}

#[test]
fn uv_keeps_an_environment_that_is_linked() {
    let (Some(python), Some(uv)) = (python(), uv()) else { return };
    let sandbox = Sandbox::new();
    create(&sandbox, &python, "it's");
    sandbox.write("projects/p/pyproject.toml", "[project]\nname = 'p'\nversion = '1'\nrequires-python = '>=3.8'\n");
    sandbox.write("envs/it's/mark", "");
    assert_eq!(call(&sandbox, &["link", "--uv", "--pin", "it's", "../projects/p"]).status, Some(0));
    for arguments in [&["sync", "--inexact"][..], &["run", "python", "-c", "import pip"], &["sync"]] {
        let mut command = std::process::Command::new(&uv);
        command.args(["--offline", "--no-python-downloads", "--cache-dir"]).arg(sandbox.path("uv-cache"));
        let outcome =
            command.args(arguments).current_dir(sandbox.path("projects/p")).env_remove("VIRTUAL_ENV").output().unwrap();
        assert!(outcome.status.success(), "{outcome:?}");
        assert!(!String::from_utf8_lossy(&outcome.stderr).contains("Removed virtual environment"), "{outcome:?}");
        assert!(sandbox.env_path("it's/mark").exists(), "{outcome:?}");
    }
    assert_works(&sandbox.env_path("it's"));
    // uv replaces an environment that does not fit, unless its version is pinned.
    let pin = fs::read_to_string(sandbox.path("projects/p/.python-version")).unwrap();
    let text = format!("[project]\nname = 'p'\nversion = '1'\nrequires-python = '>=3.8,!={}.*'\n", pin.trim());
    sandbox.write("projects/p/pyproject.toml", text);
    let mut command = std::process::Command::new(&uv);
    command.args(["--offline", "--no-python-downloads", "sync", "--cache-dir"]).arg(sandbox.path("uv-cache"));
    let outcome = command.current_dir(sandbox.path("projects/p")).env_remove("VIRTUAL_ENV").output().unwrap();
    assert!(!outcome.status.success(), "{outcome:?}");
    assert!(sandbox.env_path("it's/mark").exists(), "{outcome:?}");
    assert_works(&sandbox.env_path("it's"));
}

/// uv is called as a person would, with every Python of this machine to choose from.
fn uv_sync(uv: &Path, sandbox: &Sandbox, directory: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = sandbox.command(uv);
    let path = pythons().iter().filter_map(|python| python.parent()).chain([Path::new("/usr/bin"), Path::new("/bin")]);
    command.env("PATH", std::env::join_paths(path).unwrap()).current_dir(sandbox.path(directory));
    command.args(["--offline", "--no-python-downloads", "--cache-dir"]).arg(sandbox.path("uv-cache"));
    command.args(["sync", "--inexact"]).args(arguments).envs(variables.iter().copied()).output().unwrap()
}

/// The minor version of an environment's Python, by its library.
fn minor_of(env: &Path) -> String {
    let name = fs::read_dir(env.join("lib")).unwrap().next().unwrap().unwrap().file_name();
    name.to_str().unwrap().trim_start_matches("python").to_owned()
}

/// A name, files, variables, arguments for uv, and whether the link is refused.
type Case<'a> = (&'a str, Vec<(&'a str, String)>, Vec<(&'a str, &'a str)>, &'a [&'a str], bool);

#[test]
fn uv_deletes_nothing_that_was_linked() {
    let (Some(python), Some(uv)) = (python(), uv()) else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "it's");
    let minor = minor_of(&env);
    let other = |spec: &str| spec.replace("MINOR", &minor);
    let project = |more: &str| other(&format!("[project]\nname = 'p'\nversion = '1'\n{more}"));
    let workspace = "[tool.uv.workspace]\nmembers = ['packages/*']\n";
    let cases: Vec<Case<'_>> = vec![
        ("plain", vec![("pyproject.toml", project(""))], vec![], &[], false),
        (
            "a member",
            vec![
                ("pyproject.toml", project(workspace)),
                (
                    "packages/m/pyproject.toml",
                    "[project]\nname = 'm'\nversion = '1'\nrequires-python = '<3.4'\n".into(),
                ),
            ],
            vec![],
            &[],
            true,
        ),
        (
            "a default group",
            vec![(
                "pyproject.toml",
                project(
                    "[dependency-groups]\ndev = []\n[tool.uv.dependency-groups]\ndev = {requires-python = '!=MINOR.*,>=3.9'}\n",
                ),
            )],
            vec![],
            &[],
            true,
        ),
        (
            "another group",
            vec![(
                "pyproject.toml",
                project("[dependency-groups]\nx = []\n[tool.uv.dependency-groups]\nx = {requires-python = '>=3.99'}\n"),
            )],
            vec![],
            &["--all-groups"],
            false,
        ),
        ("UV_PYTHON", vec![("pyproject.toml", project(""))], vec![("UV_PYTHON", "3.99")], &[], true),
        ("its base", vec![("pyproject.toml", project(""))], vec![("UV_PYTHON", python.to_str().unwrap())], &[], false),
        (
            "the user's pin",
            vec![("pyproject.toml", project("")), ("../../home/.config/uv/.python-version", "3.99\n".into())],
            vec![],
            &[],
            false,
        ),
        (
            "a pin above",
            vec![("pyproject.toml", project("")), ("../.python-version", "3.99\n".into())],
            vec![],
            &[],
            false,
        ),
        (
            "managed",
            vec![("pyproject.toml", project("")), ("uv.toml", "python-preference = 'only-managed'\n".into())],
            vec![],
            &[],
            true,
        ),
    ];
    for (name, files, variables, arguments, is_refused) in cases {
        let _ = fs::remove_dir_all(sandbox.path("projects"));
        for (file, text) in files {
            sandbox.write(format!("projects/p/{file}"), text);
        }
        sandbox.write("envs/it's/mark", "");
        let mut command = command_of(&sandbox, &["link", "--uv", "it's", "../projects/p"]);
        let linked = Outcome::new(&sandbox, &command.envs(variables.iter().copied()).output().unwrap());
        assert_eq!(linked.status == Some(0), !is_refused, "{name}: {linked:#?}");
        if is_refused {
            assert!(!sandbox.path("projects/p/.venv").exists(), "{name}");
            continue;
        }
        let outcome = uv_sync(&uv, &sandbox, "projects/p", arguments, &variables);
        assert!(sandbox.env_path("it's/mark").exists(), "{name}: {outcome:?}");
        let text = project("requires-python = '!=MINOR.*,>=3.9'\n");
        sandbox.write("projects/p/pyproject.toml", text);
        let outcome = uv_sync(&uv, &sandbox, "projects/p", &[], &variables);
        assert!(!outcome.status.success() && sandbox.env_path("it's/mark").exists(), "{name}: {outcome:?}");
    }
    assert_works(&env);
}

#[test]
fn uv_keeps_what_was_linked_when_the_system_updates_python() {
    let (Some(python), Some(uv)) = (python(), uv()) else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    // As venv writes it, and as it is after the update.
    let cfg = fs::read_to_string(env.join("pyvenv.cfg")).unwrap();
    let minor = minor_of(&env);
    let is_of_venv = |line: &&str| !line.starts_with("version") && !line.starts_with("python-version");
    let text: Vec<_> = cfg.lines().filter(is_of_venv).collect();
    fs::write(env.join("pyvenv.cfg"), format!("{}\nversion = {minor}.99\n", text.join("\n"))).unwrap();
    sandbox.write("projects/p/pyproject.toml", "[project]\nname = 'p'\nversion = '1'\n");
    sandbox.write("envs/api/mark", "");
    assert_eq!(call(&sandbox, &["link", "--uv", "api", "../projects/p"]).status, Some(0));
    let outcome = uv_sync(&uv, &sandbox, "projects/p", &[], &[]);
    assert!(outcome.status.success() && sandbox.env_path("api/mark").exists(), "{outcome:?}");
}

#[test]
fn what_uv_would_do_in_a_linked_directory_is_told_without_a_project() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "web");
    let pyproject = "[project]\nname = 'p'\nversion = '1'\n";
    sandbox.write("projects/p/pyproject.toml", pyproject);
    let told = || {
        let workon = call(&sandbox, &["__plan", "bash", "workon", "web"]).stderr;
        let doctor = call(&sandbox, &["doctor", "web"]).stdout;
        (workon, doctor.lines().filter(|line| line.contains(" uv ")).collect::<String>())
    };
    assert_eq!(call(&sandbox, &["link", "--uv", "--no-pin", "web", "../projects/p"]).status, Some(0));
    assert_eq!(told(), Default::default());
    let text = format!("{pyproject}requires-python = '!={}.*,>=3.9'\n", minor_of(&env));
    sandbox.write("projects/p/pyproject.toml", text);
    let (workon, doctor) = told();
    assert!(workon.contains("uv would delete `web` here") && doctor.contains("uv-would-replace"), "{workon}{doctor}");
    // What happens then, where another Python is.
    fs::write(env.join("pyvenv.cfg"), "home = /usr/bin\nversion_info = 3.11\nuv = 0.13.8\n").unwrap();
    let (workon, doctor) = told();
    assert!(workon.contains("uv has recreated `web` for"), "{workon}");
    assert!(doctor.contains("replaced-by-uv"), "{doctor}");
    assert_eq!(call(&sandbox, &["rename", "--force", "web", "it's"]).status, Some(0));
    assert_eq!(fs::read_link(sandbox.path("projects/p/.venv")).unwrap(), sandbox.env_path("it's"));
}

#[test]
fn what_is_known_of_an_environment_that_uv_has_recreated_is_put_back_or_named() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "web");
    let minor = minor_of(&env);
    sandbox.write("projects/p/x", "");
    for words in
        [&["link", "--uv", "--no-pin", "web", "../projects/p"][..], &["project", "set", "web", "../projects/p"]]
    {
        assert_eq!(call(&sandbox, words).status, Some(0));
    }
    assert_eq!(call(&sandbox, &["snapshot", "web"]).status, Some(0));
    // As uv does.
    fs::rename(env.join("lib").join(format!("python{minor}")), env.join("lib/python3.7")).unwrap();
    fs::write(env.join("pyvenv.cfg"), "home = /usr/bin\nversion_info = 3.7.1\nuv = 0.13.8\n").unwrap();
    fs::remove_file(env.join(".project")).unwrap();
    // What would lead into the next deletion is not advised.
    let restored = call(&sandbox, &["restore", "web", "1"]);
    restored.fails_with_hint("another Python", "and `web` has Python 3.7");
    assert!(restored.stderr.contains("| venvwrap restore web -` installs them for Python 3.7"), "{restored:#?}");
    let fixed = call(&sandbox, &["doctor", "--fix", "web"]);
    assert!(fixed.stdout.contains("its project `[ROOT]/projects/p` was put back"), "{fixed:#?}");
    assert!(fixed.stdout.contains("fix: venvwrap link --uv web '[ROOT]/projects/p'"), "what is left: {fixed:#?}");
    for words in [&["__plan", "bash", "workon", "web"][..], &["link", "--uv", "--no-pin", "web", "../projects/p"]] {
        fs::remove_file(env.join(".project")).unwrap();
        assert_eq!(call(&sandbox, &["project", "list"]).status, Some(0));
        let entered = call(&sandbox, words);
        let told = "uv has recreated `web`, so its project directory `[ROOT]/projects/p` was put back";
        assert!(entered.stderr.contains(told), "{entered:#?}");
        // A name may be used again for something else.
        assert!(entered.stderr.contains("; if that is wrong, `venvwrap project unset web`"), "{entered:#?}");
    }
}
