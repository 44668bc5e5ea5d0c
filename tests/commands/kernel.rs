//! `venvwrap kernel`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::program::{call, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;

/// A sandbox with environments in which ipykernel seems to be installed.
fn sandbox(names: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    for name in names {
        let env = sandbox.make_bare_env(name);
        fs::write(env.join("pyvenv.cfg"), "version = 3.13.1\n").unwrap();
        let packages = env.join("lib/python3.13/site-packages");
        fs::create_dir_all(&packages).unwrap();
        fs::write(packages.join("ipykernel_launcher.py"), "").unwrap();
        if !env.join("bin/python").exists() {
            fs::write(env.join("bin/python"), "").unwrap();
        }
    }
    sandbox
}

fn kernels(sandbox: &Sandbox) -> PathBuf {
    let data = if cfg!(target_os = "macos") { "home/Library/Jupyter" } else { "home/.local/jupyter" };
    sandbox.path(data).join("kernels")
}

/// Runs a verb that has to work; returns what it says.
fn works(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let outcome = call(sandbox, arguments);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    outcome.stderr
}

fn list(sandbox: &Sandbox) -> Vec<[String; 4]> {
    let outcome = call(sandbox, &["kernel", "list", "--json"]);
    let value: Value = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| panic!("{outcome:#?}"));
    // Not those of the system.
    let rows = value.as_array().unwrap().iter().filter(|row| !row["path"].as_str().unwrap().starts_with("/usr"));
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or("null").to_string();
    rows.map(|row| ["id", "display_name", "environment", "state"].map(|key| text(row, key))).collect()
}

#[test]
fn a_kernel_is_added_listed_and_removed() {
    let sandbox = sandbox(&["it's a $x"]);
    let added = works(&sandbox, &["kernel", "add", "it's a $x", "--id", "Odd", "--env", "A=$b"]);
    assert!(added.starts_with("added the kernel `it's a $x (Python 3.13)` (`"), "{added}");
    assert_eq!(added.lines().nth(1), Some("its id is `odd`, not `Odd`: Jupyter takes no notice of case"));
    let broken = works(&sandbox, &["kernel", "add", "it's a $x", "--id", "Lines", "--display", "one\ntwo"]);
    assert_eq!(broken.lines().count(), 2, "{broken}");
    let removed = call(&sandbox, &["kernel", "remove", "--json", "lines"]);
    assert_eq!(removed.succeeds("remove"), "{\n  \"removed\": [\n    \"lines\"\n  ]\n}\n");
    let added = call(&sandbox, &["kernel", "add", "it's a $x", "--id", "json", "--json"]);
    let value: Value = serde_json::from_str(added.succeeds("add")).unwrap();
    assert_eq!((value["id"].as_str(), value["state"].as_str()), (Some("json"), Some("ok")));
    works(&sandbox, &["kernel", "remove", "json"]);
    let text = fs::read_to_string(kernels(&sandbox).join("odd/kernel.json")).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let env = sandbox.env_path("it's a $x").to_str().unwrap().to_string();
    assert_eq!(value["argv"][0], format!("{env}/bin/python"));
    assert_eq!(value["env"]["PATH"], format!("{}/bin:${{PATH}}", env.replace('$', "$$")));
    assert_eq!(value["env"]["A"], "$$b");
    assert_eq!(list(&sandbox), [["odd", "it's a $x (Python 3.13)", "it's a $x", "ok"]]);
    let table = call(&sandbox, &["kernel", "list"]);
    let heading: Vec<_> = table.succeeds("a table").lines().next().unwrap().split_whitespace().collect();
    assert_eq!(heading, ["id", "display", "name", "environment", "python", "state"]);
    works(&sandbox, &["kernel", "remove", "odd"]);
    assert!(!kernels(&sandbox).join("odd").exists());
    assert!(list(&sandbox).is_empty());
}

/// Every project has a `.venv`: its kernel is called like the project.
#[test]
fn an_environment_outside_of_the_store_is_added_by_its_path() {
    let sandbox = sandbox(&["../home/web/.venv"]);
    let output =
        program(&sandbox, &["kernel", "add", "./.venv"]).current_dir(sandbox.path("home/web")).output().unwrap();
    let added = Outcome::new(&sandbox, &output);
    assert!(added.stderr.starts_with("added the kernel `web (Python 3.13)` (`"), "{added:#?}");
    assert_eq!(list(&sandbox), [["web", "web (Python 3.13)", "null", "elsewhere"]]);
    let text = fs::read_to_string(kernels(&sandbox).join("web/kernel.json")).unwrap();
    assert!(text.contains("/home/web/.venv/bin/python\""), "{text}");
}

#[test]
fn what_stands_in_the_way_is_one_line_with_a_hint() {
    let sandbox = sandbox(&["api"]);
    sandbox.make_bare_env("bare");
    fs::create_dir_all(kernels(&sandbox).join("api")).unwrap();
    fs::write(kernels(&sandbox).join("api/kernel.json"), r#"{"argv": ["/x/python"], "display_name": "X"}"#).unwrap();
    let refused = |arguments: &[&str], words: &str| {
        call(&sandbox, &[&["kernel"], arguments].concat()).fails_with_hint("kernel", words);
    };
    refused(&["add", "api"], "there is a kernel `api` already");
    refused(&["add", "bare"], "`bare` has no `ipykernel`");
    refused(&["add", "api", "--id", "../x"], "\"../x\" is not a valid id for a kernel: it begins with `.`");
    refused(&["add", "api", "--id=-x"], "it begins with `-`");
    refused(&["add", "api", "--id", "a/b"], "only letters from a to z, digits, `.`, `_` and `-` are allowed");
    refused(&["add", "api", "--id", ""], "it is empty");
    refused(&["add", "nope"], "no environment is named `nope`");
    refused(&["remove", "api"], "venvwrap did not write the kernel `api`");
    refused(&["remove", "no"], "no kernel has the id `no`");
    let unnamed = ["kernel", "add", "api", "--display", ""];
    for bad in [&["kernel", "add", "api", "--env", "1x=2"][..], &unnamed, &["kernel", "remove"]] {
        assert_eq!(call(&sandbox, bad).status, Some(2), "{bad:?}");
    }
    works(&sandbox, &["kernel", "add", "--force", "api"]);
    assert_eq!(list(&sandbox), [["api", "api (Python 3.13)", "api", "ok"]]);
    fs::create_dir(kernels(&sandbox).join("broken")).unwrap();
    fs::write(kernels(&sandbox).join("broken/kernel.json"), "{").unwrap();
    let told = works(&sandbox, &["kernel", "list"]);
    assert!(
        told.starts_with("warning: `~/") && told.ends_with("/broken/kernel.json` is not the description of a kernel\n")
    );
    refused(&["remove", "api", "Broken"], "/broken/kernel.json` is not the description of a kernel");
    std::os::unix::fs::symlink(sandbox.path("home"), kernels(&sandbox).join("link")).unwrap();
    refused(&["remove", "api", "link"], "the kernel `link` is a link");
    works(&sandbox, &["kernel", "remove", "--force", "broken", "link", "BROKEN"]);
    assert_eq!(crate::support::program::names_in(&kernels(&sandbox)), ["api"]);
    assert!(sandbox.path("home").is_dir());
}

#[test]
fn a_kernel_with_the_pip_of_the_server_is_told_and_put_right() {
    let sandbox = sandbox(&["api"]);
    let theirs = kernels(&sandbox).join("theirs");
    fs::create_dir_all(&theirs).unwrap();
    let python = sandbox.env_path("api/bin/python");
    let spec = format!(r#"{{"argv": [{python:?}, "-m", "ipykernel_launcher"], "display_name": "T"}}"#);
    fs::write(theirs.join("kernel.json"), spec).unwrap();
    let told = call(&sandbox, &["doctor"]).stdout;
    assert!(told.contains("[kernel-path]"), "{told}");
    assert!(told.contains("fix: venvwrap kernel add --force --id theirs api\n"), "{told}");
    works(&sandbox, &["kernel", "add", "--force", "--id", "theirs", "api"]);
    assert!(!call(&sandbox, &["doctor"]).stdout.contains("kernel"));
    // Who wrote this one knows what it does.
    works(&sandbox, &["kernel", "add", "--no-path", "api"]);
    assert!(!call(&sandbox, &["doctor"]).stdout.contains("kernel"));
}

#[test]
fn a_removed_environment_takes_its_kernel_along_and_brings_it_back() {
    let sandbox = sandbox(&["api"]);
    works(&sandbox, &["kernel", "add", "api"]);
    let theirs = kernels(&sandbox).join("theirs $(x)");
    fs::create_dir_all(&theirs).unwrap();
    let program = sandbox.env_path("api/bin/python");
    fs::write(theirs.join("kernel.json"), format!(r#"{{"argv": [{program:?}], "display_name": "T"}}"#)).unwrap();
    let removed = works(&sandbox, &["remove", "api"]);
    let command = "`venvwrap kernel remove --force 'theirs $(x)'`";
    assert_eq!(removed, format!("warning: the Jupyter kernel `theirs $(x)` is dead now; {command} removes it\n"));
    assert_eq!(list(&sandbox), [["theirs $(x)", "T", "null", "dead"]]);
    let findings = call(&sandbox, &["doctor"]).stdout;
    assert!(
        findings.contains("[kernel-dead]") && findings.contains("venvwrap kernel remove --force 'theirs $(x)'"),
        "{findings}"
    );
    works(&sandbox, &["undo"]);
    let found = list(&sandbox);
    assert_eq!(found[0], ["api", "api (Python 3.13)", "api", "ok"]);
    let findings = call(&sandbox, &["doctor", "api"]).stdout;
    assert!(findings.contains("note: api: in the Jupyter kernel `theirs $(x)`"), "{findings}");
}

#[test]
fn the_list_for_programs() {
    // Kernels of the system would be listed too; on macOS they are in another place.
    let of_system = ["/usr/share/jupyter/kernels", "/usr/local/share/jupyter/kernels"];
    if cfg!(target_os = "macos") || of_system.iter().any(|path| Path::new(path).exists()) {
        return;
    }
    let sandbox = sandbox(&["api", "gone"]);
    works(&sandbox, &["kernel", "add", "api"]);
    works(&sandbox, &["kernel", "add", "gone", "--display", "Gone"]);
    fs::remove_file(sandbox.env_path("gone/bin/python")).unwrap();
    insta::assert_snapshot!(call(&sandbox, &["kernel", "list", "--json"]).whole(), @r#"
    --- standard output
    [
      {
        "display_name": "api (Python 3.13)",
        "environment": "api",
        "id": "api",
        "is_own": true,
        "path": "[ROOT]/home/.local/jupyter/kernels/api",
        "program": "[ROOT]/envs/api/bin/python",
        "state": "ok"
      },
      {
        "display_name": "Gone",
        "environment": "gone",
        "id": "gone",
        "is_own": true,
        "path": "[ROOT]/home/.local/jupyter/kernels/gone",
        "program": "[ROOT]/envs/gone/bin/python",
        "state": "dead"
      }
    ]
    --- status 0
    "#);
}

#[test]
fn removing_an_environment_takes_the_kernels_of_others_along_on_request() {
    let sandbox = sandbox(&["api"]);
    let theirs = kernels(&sandbox).join("theirs");
    let text = format!("{{\"argv\": [\"{}/bin/python\"], \"display_name\": \"T\"}}", sandbox.env_path("api").display());
    fs::create_dir_all(&theirs).unwrap();
    fs::write(theirs.join("kernel.json"), &text).unwrap();
    assert_eq!(works(&sandbox, &["remove", "--kernels", "api"]), "");
    assert!(!theirs.exists());
    works(&sandbox, &["undo"]);
    assert_eq!(fs::read_to_string(theirs.join("kernel.json")).unwrap(), text);
    let told = works(&sandbox, &["remove", "api"]);
    assert!(told.contains("the Jupyter kernel `theirs` is dead now"), "{told}");
}

/// The installer is a stand-in that says what it is asked for, and makes it.
#[test]
fn ipykernel_is_installed_on_request() {
    let sandbox = sandbox(&["api"]);
    let launcher = sandbox.env_path("api").join("lib/python3.13/site-packages/ipykernel_launcher.py");
    fs::remove_file(&launcher).unwrap();
    call(&sandbox, &["kernel", "add", "api"]).fails_with_hint("kernel", "`api` has no `ipykernel`");
    assert!(!kernels(&sandbox).exists());
    sandbox.write_program("bin/uv", &format!("#!/bin/sh\necho \"$@\" >&2\n: >'{}'\n", launcher.display()));
    let mut command = program(&sandbox, &["kernel", "add", "--install", "api"]);
    let output = command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display())).output().unwrap();
    let told = Outcome::new(&sandbox, &output).stderr;
    assert!(told.lines().next().unwrap().ends_with("-- ipykernel"), "{told}");
    assert!(told.contains("added the kernel `api (Python 3.13)`"), "{told}");
    // A second time there is nothing to install.
    assert_eq!(works(&sandbox, &["kernel", "add", "--install", "api"]).lines().count(), 1);
    // Without `pyvenv.cfg` it would be installed into the base Python.
    fs::remove_file(&launcher).unwrap();
    fs::remove_file(sandbox.env_path("api/pyvenv.cfg")).unwrap();
    let mut command = program(&sandbox, &["kernel", "add", "--install", "api"]);
    let output = command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bin").display())).output().unwrap();
    let refused = Outcome::new(&sandbox, &output);
    refused.fails_with_hint("no pyvenv.cfg", "could not add a kernel for `api`");
    assert!(!launcher.exists() && !refused.stderr.contains("-- ipykernel"), "{refused:#?}");
}
