//! What follows an environment that was moved by hand, and what a copy leaves to its original.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::program::{call, create, python};
use crate::support::sandbox::Sandbox;

fn copy(original: &Path, copy: &Path) {
    assert!(Command::new("cp").arg("-a").args([original, copy]).status().unwrap().success());
}

/// A project whose `.venv` is a link to an environment that has a snapshot.
fn with_belongings(sandbox: &Sandbox, name: &str) -> std::path::PathBuf {
    let project = sandbox.path("home/project");
    std::fs::create_dir_all(&project).unwrap();
    assert_eq!(call(sandbox, &["link", "--uv", name, project.to_str().unwrap()]).status, Some(0));
    assert_eq!(call(sandbox, &["snapshot", name, "-m", "mine"]).status, Some(0));
    project
}

fn has_snapshot(sandbox: &Sandbox, name: &str) -> bool {
    call(sandbox, &["snapshot", "list", name]).stdout.contains("mine")
}

#[test]
fn a_copy_takes_nothing_from_a_removed_environment_that_can_come_back() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let web = create(&sandbox, &python, "web");
    let project = with_belongings(&sandbox, "web");
    copy(&web, &sandbox.env_path("copy"));
    assert_eq!(call(&sandbox, &["remove", "web"]).status, Some(0));
    assert_eq!(call(&sandbox, &["repair", "copy"]).status, Some(0));
    assert!(!has_snapshot(&sandbox, "copy"));
    assert_eq!(std::fs::read_link(project.join(".venv")).unwrap(), web);
    assert_eq!(call(&sandbox, &["undo"]).status, Some(0));
    assert!(has_snapshot(&sandbox, "web"));
}

/// Any script may name another environment: that one was not moved.
#[test]
fn one_stray_script_takes_nothing_from_another_environment() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let (two, bare) = (create(&sandbox, &python, "two"), create(&sandbox, &python, "bare"));
    let project = with_belongings(&sandbox, "two");
    for name in crate::support::program::names_in(&bare.join("bin")) {
        let text = name.to_string_lossy().to_lowercase();
        if text.starts_with("pip") || text.starts_with("activate") {
            std::fs::remove_file(bare.join("bin").join(name)).unwrap();
        }
    }
    let script = bare.join("bin/stray");
    let first = format!("#!/bin/sh\n'''exec' \"{}/bin/python\" \"$0\" \"$@\"\n' '''\nprint(1)\n", two.display());
    sandbox.write_program(&script, &first);
    super::record(&sandbox, &bare, "stray");
    std::fs::rename(&two, sandbox.path("home/two")).unwrap();
    let outcome = call(&sandbox, &["repair", "bare"]);
    let text = std::fs::read_to_string(&script).unwrap();
    assert!(text.contains("/envs/bare/bin/python"), "{text}: {outcome:#?}");
    assert_eq!(std::fs::read_link(project.join(".venv")).unwrap(), two);
    std::fs::rename(sandbox.path("home/two"), &two).unwrap();
    assert!(!has_snapshot(&sandbox, "bare") && has_snapshot(&sandbox, "two"));
}

/// As after a rename: links in the store and kernels, too. What cannot follow is told.
#[test]
fn all_that_names_it_follows_one_that_was_moved_by_hand() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "k1");
    let lib = env.join("lib");
    let library = crate::support::program::names_in(&lib).remove(0);
    std::fs::write(lib.join(library).join("site-packages/ipykernel_launcher.py"), "").unwrap();
    let project = with_belongings(&sandbox, "k1");
    for id in ["one", "two"] {
        assert_eq!(call(&sandbox, &["kernel", "add", "k1", "--id", id]).status, Some(0));
    }
    symlink("k1", sandbox.env_path("short")).unwrap();
    let moved = sandbox.env_path("k2");
    std::fs::rename(&env, &moved).unwrap();
    let outcome = call(&sandbox, &["repair", "k2"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains("\nfollowed: link `short`, kernel `one`, kernel `two`\n"), "{outcome:#?}");
    assert_eq!(std::fs::read_link(sandbox.env_path("short")).unwrap(), Path::new("k2"));
    assert_eq!(std::fs::read_link(project.join(".venv")).unwrap(), moved);
    assert!(has_snapshot(&sandbox, "k2"));
    let kernels = call(&sandbox, &["kernel", "list", "--json"]).stdout;
    assert_eq!(kernels.matches("envs/k2/bin/python").count(), 2, "{kernels}");
}

/// A link of this store to an environment of the same name is not meant.
#[test]
fn links_stay_with_the_namesake_in_this_store() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "api");
    symlink("api", sandbox.env_path("short")).unwrap();
    let other = sandbox.path("other");
    std::fs::create_dir(&other).unwrap();
    let mut command = crate::support::program::program(&sandbox, &["create", "-p", python.to_str().unwrap(), "api"]);
    assert!(command.env("WORKON_HOME", &other).output().unwrap().status.success());
    std::fs::rename(other.join("api"), sandbox.env_path("from-other")).unwrap();
    assert_eq!(call(&sandbox, &["repair", "from-other"]).status, Some(0));
    assert_eq!(std::fs::read_link(sandbox.env_path("short")).unwrap(), Path::new("api"));
    assert!(env.exists());
}

/// What installers have written for projects inside it names them where they are now, as after a rename.
#[test]
fn editable_projects_inside_it_are_found_again() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "old");
    let library = crate::support::program::names_in(&env.join("lib")).remove(0);
    let site = Path::new("lib").join(library).join("site-packages");
    let project = env.join("src/tool");
    let url = project.to_str().unwrap().replace(' ', "%20");
    let files = [
        ("tool-1.dist-info/METADATA", "Name: tool\nVersion: 1\n".to_owned()),
        (
            "tool-1.dist-info/direct_url.json",
            format!("{{\"dir_info\": {{\"editable\": true}}, \"url\": \"file://{url}\"}}"),
        ),
        ("tool-1.dist-info/RECORD", "tool.pth,sha256=x,1\ntool-1.dist-info/direct_url.json,sha256=x,1\n".to_owned()),
        ("tool.pth", format!("{}/src\n", project.display())),
        ("__editable___tool_finder.py", format!("MAPPING = {{'tool': '{}/src/tool'}}\n", project.display())),
        ("_tool_editable_loader.py", format!("install('{}/build')\n", project.display())),
        ("tool.egg-link", format!("{}\n.", project.display())),
        ("other.pth", "/elsewhere/src\n".to_owned()),
    ];
    for (name, text) in &files {
        sandbox.write(env.join(&site).join(name), text);
    }
    sandbox.write(project.join("src/tool/__init__.py"), "");
    let moved = sandbox.env_path("new");
    std::fs::rename(&env, &moved).unwrap();
    let foreseen = call(&sandbox, &["repair", "--dry-run", "--json", "new"]);
    let outcome = call(&sandbox, &["repair", "--json", "new"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    for (name, text) in &files {
        let now = std::fs::read_to_string(moved.join(&site).join(name)).unwrap();
        let is_changed = text.contains("/envs/old/");
        for told in [&foreseen, &outcome] {
            assert_eq!(told.stdout.contains(&format!("/{name}\"")), is_changed, "{name}: {told:#?}");
        }
        if *name == "tool-1.dist-info/RECORD" {
            assert!(!now.contains("=x,"), "{now}");
        } else {
            assert_eq!(now, text.replace("/envs/old/", "/envs/new/"), "{name}");
        }
    }
    assert_eq!(call(&sandbox, &["doctor", "--deep", "new"]).stdout, "");
}

/// What reads `pyvenv.cfg` shows the name in the prompt, and so do scripts that are written again.
#[test]
fn the_prompt_is_the_new_name_wherever_it_is_written() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let python = python.to_str().unwrap();
    for (old, new, prompt) in [("m1", "m2", None), ("it's", "so so", None), ("p1", "p2", Some("mine"))] {
        let place = |name: &str| sandbox.path("projects").join(name);
        let mut options = vec!["venv", "-p", python];
        options.extend(prompt.iter().flat_map(|prompt| ["--prompt", prompt]));
        std::fs::create_dir_all(sandbox.path("projects")).unwrap();
        create(&sandbox, Path::new(python), old);
        let outcome = call(&sandbox, &[&options[..], &[place(old).to_str().unwrap()]].concat());
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        for (from, to, word) in [
            (sandbox.env_path(old), sandbox.env_path(new), new.to_owned()),
            (place(old), place(new), place(new).to_str().unwrap().to_owned()),
        ] {
            let is_place = word.contains('/');
            std::fs::rename(from, &to).unwrap();
            let dry = call(&sandbox, &["repair", "--dry-run", "--json", &word]);
            assert_eq!(dry.stdout.contains("pyvenv.cfg"), !(is_place && prompt.is_some()), "{dry:#?}");
            assert_eq!(call(&sandbox, &["repair", &word]).status, Some(0));
            let cfg = std::fs::read_to_string(to.join("pyvenv.cfg")).unwrap();
            let shown = prompt.filter(|_| is_place).unwrap_or(new);
            assert!(cfg.contains(&format!("prompt = '{shown}'\n")), "{cfg}");
            let verb = if is_place { "venv" } else { "create" };
            let again = call(&sandbox, &[verb, "-p", python, &word]);
            assert!(again.status == Some(0) && !again.stderr.contains("warning"), "{again:#?}");
            let script = std::fs::read_to_string(to.join("bin/activate")).unwrap();
            assert!(script.contains(shown) && (prompt.is_some() || !script.contains(old)), "{script}");
        }
    }
}

/// What is kept for a store is found under its new path: all that one environment has.
#[test]
fn what_belongs_to_the_environments_follows_a_store_that_was_moved() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "web");
    let library = crate::support::program::names_in(&env.join("lib")).remove(0);
    std::fs::write(env.join("lib").join(library).join("site-packages/ipykernel_launcher.py"), "").unwrap();
    let project = with_belongings(&sandbox, "web");
    let added = sandbox.path("home/added");
    std::fs::create_dir(&added).unwrap();
    assert_eq!(call(&sandbox, &["project", "set", "--add", "web", added.to_str().unwrap()]).status, Some(0));
    assert_eq!(call(&sandbox, &["kernel", "add", "web"]).status, Some(0));
    let place = sandbox.path("home/new place");
    std::fs::rename(env.parent().unwrap(), &place).unwrap();
    let there = |arguments: &[&str]| {
        let mut command = crate::support::program::program(&sandbox, arguments);
        let output = command.env("WORKON_HOME", &place).output().unwrap();
        assert!(output.status.success(), "{output:#?}");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    let repaired = there(&["repair", "--all"]);
    assert!(repaired.contains("kernel `web`") && !repaired.contains("warning"), "{repaired}");
    assert!(there(&["snapshot", "list", "web"]).contains("mine"));
    assert_eq!(std::fs::read_link(project.join(".venv")).unwrap(), place.join("web"));
    assert!(there(&["project", "which", added.to_str().unwrap()]).contains("web"));
    assert!(there(&["kernel", "list", "--json"]).contains("new place/web/bin/python"));
}

#[test]
fn what_could_not_follow_is_tried_again() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "web");
    with_belongings(&sandbox, "web");
    let found = Command::new("find").arg(sandbox.path("")).args(["-path", "*/snapshots/*/web"]).output().unwrap();
    let snapshots = std::path::PathBuf::from(String::from_utf8(found.stdout).unwrap().trim_end());
    // Something else is in the way.
    let obstacle = snapshots.with_file_name("api");
    std::fs::write(&obstacle, "").unwrap();
    std::fs::rename(&env, sandbox.env_path("api")).unwrap();
    let outcome = call(&sandbox, &["repair", "api"]);
    assert!(outcome.stderr.contains("warning:"), "{outcome:#?}");
    std::fs::remove_file(&obstacle).unwrap();
    assert!(!has_snapshot(&sandbox, "api"));
    let foreseen = call(&sandbox, &["repair", "--dry-run", "--all"]).stderr;
    assert!(foreseen.contains("would repair `api`: something had not followed it"), "{foreseen}");
    let repaired = call(&sandbox, &["repair", "--all"]).stderr;
    assert!(repaired.contains("repaired `api`: something had not followed it"), "{repaired}");
    assert!(has_snapshot(&sandbox, "api"));
    assert_eq!(call(&sandbox, &["repair", "--all"]).stderr, "");
}
