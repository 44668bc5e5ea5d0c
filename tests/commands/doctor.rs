//! `venvwrap doctor`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::program::{call, create, names_in, program, python, pythons};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{uv, virtualenv};
use crate::support::wheels::{ANY, Wheels};

/// A sandbox with a base Python that is a file, and environments of it.
fn sandbox(names: &[&str]) -> Sandbox {
    laid_out(Sandbox::new(), names)
}

fn laid_out(sandbox: Sandbox, names: &[&str]) -> Sandbox {
    sandbox.write_program("base/bin/python3.11", "#!/bin/sh\n");
    for name in names {
        let env = sandbox.make_bare_env(name);
        symlink(sandbox.path("base/bin/python3.11"), env.join("bin/python")).unwrap();
        for name in ["python3", "python3.11"] {
            symlink("python", env.join("bin").join(name)).unwrap();
        }
        let cfg = format!("home = {}\nversion = 3.11.2\n", sandbox.path("base/bin").display());
        fs::write(env.join("pyvenv.cfg"), cfg + "include-system-site-packages = false\n").unwrap();
    }
    sandbox
}

fn examine(sandbox: &Sandbox, words: &[&str]) -> (Value, Outcome) {
    let outcome = call(sandbox, &[&["doctor", "--json"], words].concat());
    (serde_json::from_str(&outcome.stdout).unwrap_or_default(), outcome)
}

/// The identifiers of what is found, with the environments.
fn found(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let (value, outcome) = examine(sandbox, words);
    let checks = value["checks"].as_array().unwrap_or_else(|| panic!("{outcome:#?}"));
    let text = |check: &Value| {
        let name = check["environment"].as_str().map(|name| format!("{name} ")).unwrap_or_default();
        format!("{name}{} {}", check["severity"].as_str().unwrap(), check["id"].as_str().unwrap())
    };
    checks.iter().map(text).collect()
}

#[test]
fn a_finding_has_a_sentence_and_a_command() {
    let sandbox = sandbox(&["it's broken", "fine"]);
    fs::remove_file(sandbox.env_path("it's broken/bin/python")).unwrap();
    symlink("/nowhere/python3.11", sandbox.env_path("it's broken/bin/python")).unwrap();
    insta::assert_snapshot!(call(&sandbox, &["doctor"]).whole(), @r"
    --- standard output
    error: it's broken: its interpreter `/nowhere/python3.11` no longer exists [interpreter-gone]
      fix: venvwrap repair 'it'\''s broken'
    --- status 1
    ");
    insta::assert_snapshot!(call(&sandbox, &["doctor", "--json", "it's broken"]).whole(), @r#"
    --- standard output
    {
      "checks": [
        {
          "details": {
            "target": [
              "/nowhere/python3.11"
            ]
          },
          "environment": "it's broken",
          "fix": {
            "automatic": true,
            "command": [
              "venvwrap",
              "repair",
              "it's broken"
            ],
            "then": []
          },
          "id": "interpreter-gone",
          "message": "its interpreter `/nowhere/python3.11` no longer exists",
          "severity": "error"
        }
      ],
      "schema": 1,
      "summary": {
        "error": 1,
        "note": 0,
        "warning": 0
      }
    }
    --- status 1
    "#);
    assert_eq!(call(&sandbox, &["doctor", "fine"]).succeeds("fine"), "");
}

#[test]
fn each_kind_of_fault_is_found() {
    let names = [
        "altered", "copied", "dead", "home", "left", "lies", "lost", "minor", "moved", "needs", "nested", "noscript",
        "old", "locked", "orphan", "p1", "p2", "project", "twice", "uv",
    ];
    let sandbox = sandbox(&names);
    let env = |name: &str| sandbox.env_path(name);
    let site = |name: &str| format!("envs/{name}/lib/python3.11/site-packages");
    let cfg = |name: &str, text: &str| fs::write(env(name).join("pyvenv.cfg"), text).unwrap();
    let base = sandbox.path("base/bin").display().to_string();
    sandbox.write(format!("{}/a.py", site("altered")), "changed");
    sandbox.write(format!("{}/a-1.dist-info/METADATA", site("altered")), "Name: a\nVersion: 1\n");
    let empty = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0";
    sandbox.write(format!("{}/a-1.dist-info/RECORD", site("altered")), format!("a.py,{empty}\ngone.py,{empty}\n"));
    fs::remove_file(env("copied").join("bin/python")).unwrap();
    fs::write(env("copied").join("bin/python"), "another size").unwrap();
    sandbox.write_program("envs/dead/bin/tool", "#!/nowhere/python\n");
    sandbox.write_program("envs/dead/bin/mine", "#!/nowhere/python\n");
    sandbox.write(format!("{}/t-1.dist-info/RECORD", site("dead")), "../../../bin/tool,,\n");
    sandbox.write(format!("{}/t-1.dist-info/METADATA", site("dead")), "Name: t\nVersion: 1\n");
    sandbox.write(format!("{}/t-1.dist-info/RECORD", site("lost")), "../../../bin/tool,,\n");
    sandbox.write(format!("{}/t-1.dist-info/METADATA", site("lost")), "Name: t\nVersion: 1\n");
    sandbox.write(format!("{}/t-1.dist-info/entry_points.txt", site("lost")), "[console_scripts]\ntool = t:main\n");
    cfg("home", "home = /nowhere/bin\nversion = 3.11.2\n");
    sandbox.write(format!("{}/~ip/x", site("left")), "");
    sandbox.write(format!("{}/t-1.dist-info/RECORD", site("locked")), "");
    sandbox.write(format!("{}/t-1.dist-info/METADATA", site("locked")), "Name: t\nVersion: 1\n");
    sandbox.write(format!("{}/t-1.dist-info/entry_points.txt", site("locked")), "[console_scripts]\ntool = t:main\n");
    sandbox.write("envs/locked/bin/tool", "#!/bin/sh\n'''exec' '/a b/bin/python' \"$0\" \"$@\"\n' '''\n");
    cfg("lies", &format!("home = {base}\nversion = 3.12.1\n"));
    fs::create_dir(env("lies").join("lib/python3.12")).unwrap();
    fs::rename(env("minor").join("lib/python3.11"), env("minor").join("lib/python3.9")).unwrap();
    let activate = fs::read_to_string(env("moved").join("bin/activate")).unwrap();
    fs::write(env("moved").join("bin/activate"), activate.replace("/envs/moved", "/envs/other")).unwrap();
    sandbox.write(format!("{}/b-1.dist-info/METADATA", site("needs")), "Name: b\nVersion: 1\nRequires-Dist: c>=2\n");
    cfg("nested", &format!("home = {}\nversion = 3.11.2\n", env("p1").join("bin").display()));
    fs::remove_file(env("noscript").join("bin/activate")).unwrap();
    fs::rename(env("old").join("lib/python3.11"), env("old").join("lib/python3.7")).unwrap();
    fs::remove_file(env("old").join("bin/python")).unwrap();
    sandbox.write_program("base/bin/python3.7", "#!/bin/sh\n");
    symlink(sandbox.path("base/bin/python3.7"), env("old").join("bin/python")).unwrap();
    cfg("old", &format!("home = {base}\nversion = 3.7.2\n"));
    fs::write(env("orphan").join("venvwrap.toml"), "[temporary]\npid = 2147483647\n").unwrap();
    sandbox.make_project(&env("p1"), "p");
    sandbox.make_project(&env("p2"), "p");
    fs::write(env("project").join(".project"), "/nowhere/project\n").unwrap();
    for version in ["1", "2"] {
        let file = format!("{}/d-{version}.dist-info/METADATA", site("twice"));
        sandbox.write(file, format!("Name: d\nVersion: {version}\n"));
    }
    let project = sandbox.make_project(&env("uv"), "uv");
    fs::write(project.join("pyproject.toml"), "[project]\nname = 'x'\nrequires-python = '>=3.12'\n").unwrap();
    assert!(!found(&sandbox, &[]).iter().any(|text| text.starts_with("uv ")), "uv does not use it");
    fs::write(project.join("uv.lock"), "").unwrap();
    let expected = [
        "altered warning packages-altered",
        "copied warning interpreter-copy",
        "dead error script-dead",
        "home error interpreter-home",
        "left warning packages-leftover",
        "lies error cfg-lies",
        "locked error script-not-executable",
        "lost warning script-lost",
        "minor error interpreter-minor",
        "moved error moved",
        "needs warning packages-inconsistent",
        "nested warning interpreter-nested",
        "noscript error activate-missing",
        "old note creator-old",
        "orphan note temporary-orphan",
        "p1 note project-shared",
        "project warning project-gone",
        "twice warning packages-twice",
        "uv warning uv-would-replace",
    ];
    assert_eq!(found(&sandbox, &["--deep"]), expected);
    let quick: Vec<_> = expected.into_iter().filter(|text| !text.contains("altered")).collect();
    assert_eq!(found(&sandbox, &[]), quick);
    // What is lossless is done; the rest stays.
    let fixed = call(&sandbox, &["doctor", "--fix"]);
    assert_eq!(fixed.status, Some(1), "{fixed:#?}");
    assert!(!env("orphan").exists() && !sandbox.path(format!("{}/~ip", site("left"))).exists());
    // Whether there is a Python of the version depends on the machine.
    let gone = [
        "orphan",
        "leftover",
        "moved",
        "activate-missing",
        "interpreter-home",
        "interpreter-minor",
        "executable",
        "lost",
    ];
    let is_left = |text: &str| !text.starts_with("home ") && !gone.iter().any(|id| text.contains(id));
    let left: Vec<_> = found(&sandbox, &[]).into_iter().filter(|text| is_left(text)).collect();
    assert_eq!(left, quick.into_iter().filter(|text| is_left(text)).collect::<Vec<_>>());
    assert!(!found(&sandbox, &[]).iter().any(|text| text.contains("moved") || text.contains("activate-missing")));
}

#[test]
fn the_store_and_the_shell_are_examined_too() {
    let sandbox = sandbox(&["a", "A", "x-aBcD3f_1", "$(touch PWN)"]);
    fs::create_dir_all(sandbox.env_path(".venvwrap-op-x/new")).unwrap();
    let hook = sandbox.write("envs/postactivate", "true\n");
    fs::set_permissions(&hook, PermissionsExt::from_mode(0o666)).unwrap();
    sandbox.write("home/.bashrc", "source /usr/bin/virtualenvwrapper.sh\neval \"$(venvwrap init bash)\"\n");
    sandbox.write("home/.zshrc", "# source virtualenvwrapper.sh\neval \"$(venvwrap init zsh)\"\n");
    let mut command = program(&sandbox, &["doctor", "--json"]);
    let dead = sandbox.env_path("gone/bin");
    command.env("VIRTUAL_ENV", dead.parent().unwrap()).env("PATH", format!("{}:/usr/bin:/bin", dead.display()));
    let outcome = Outcome::new(&sandbox, &command.output().unwrap());
    let value: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let mut ids: Vec<_> =
        value["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let expected = [
        "hook-writable",
        "name-odd",
        "name-odd",
        "name-odd",
        "operation-leftover",
        "shell-active",
        "shell-path",
        "shell-twice",
    ];
    assert_eq!(ids, expected, "{outcome:#?}");
    fs::set_permissions(sandbox.path("envs"), PermissionsExt::from_mode(0o777)).unwrap();
    assert!(found(&sandbox, &[]).contains(&"error home-writable".to_string()));
    fs::set_permissions(sandbox.path("envs"), PermissionsExt::from_mode(0o755)).unwrap();
    assert_eq!(call(&sandbox, &["doctor", "--fix"]).status, Some(1));
    assert!(!sandbox.env_path(".venvwrap-op-x").exists());
    assert!(!Path::new("PWN").exists());
}

#[test]
fn what_only_looks_wrong_is_not_told() {
    // A blank would break the first line of a script.
    let sandbox = laid_out(Sandbox::named("venvwrap-test-"), &["api"]);
    let site = "envs/api/lib/python3.11/site-packages";
    let env = sandbox.env_path("api");
    sandbox.write_program("envs/api/bin/node", "");
    sandbox.write_program("envs/api/bin/npm", &format!("#!{}/bin/node\n", env.display()));
    let relocatable = "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n";
    sandbox.write_program("envs/api/bin/relocatable", relocatable);
    sandbox.write_program("envs/api/bin/plain", "#!/usr/bin/env perl\n");
    sandbox.write("envs/api/bin/not-run", "#!/nowhere\n");
    // pip lets run only what the wheel lets run.
    sandbox.write("envs/api/bin/data-script", format!("#!{}/bin/python\n", env.display()));
    sandbox.write(format!("{site}/a-1.dist-info/METADATA"), "Name: a\nVersion: 1\n");
    let url = r#"{"url": "file:///gone/a.whl", "archive_info": {}}"#;
    sandbox.write(format!("{site}/a-1.dist-info/direct_url.json"), url);
    sandbox.write(format!("{site}/a.py"), "");
    sandbox.write(format!("{site}/certifi/cacert.pem"), "of the company");
    let empty = "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    let record = format!(
        "a.py,{empty},0\n../../../bin/data-script,,\na-1.dist-info/RECORD,,\n__pycache__/a.pyc,{empty},0\nno-hash.py,,\nmd5.py,md5=x,1\n\
         /etc/hostname,{empty},0\n../../../../../x,{empty},0\ncertifi/cacert.pem,{empty},0\n\"broken\n"
    );
    sandbox.write(format!("{site}/a-1.dist-info/RECORD"), record);
    assert_eq!(found(&sandbox, &[]), [""; 0]);
    let (value, outcome) = examine(&sandbox, &["--deep"]);
    assert_eq!(outcome.status, Some(0), "a note is no failure");
    assert_eq!(value["checks"][0]["id"], "packages-altered");
    assert_eq!(value["summary"], serde_json::json!({ "error": 0, "warning": 0, "note": 1 }));
}

#[test]
fn healthy_environments_of_every_tool_are_silent() {
    let sandbox = Sandbox::new();
    let Some(first) = python() else { return };
    create(&sandbox, &first, "own");
    let run = |command: &mut Command| {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?} {output:?}");
    };
    for (number, python) in pythons().iter().enumerate() {
        for option in ["--symlinks", "--copies"] {
            let env = sandbox.env_path(format!("venv-{number}{option}"));
            let output = Command::new(python).args(["-m", "venv", option]).arg(&env).output().unwrap();
            // Not every Python can be copied.
            if !output.status.success() {
                assert_eq!(option, "--copies", "{python:?} {output:?}");
                let _ = fs::remove_dir_all(env);
            }
        }
    }
    if let Some(virtualenv) = virtualenv() {
        for option in ["--symlinks", "--copies"] {
            let env = sandbox.env_path(format!("virtualenv{option}"));
            run(Command::new(&virtualenv).args(["-q", "--no-download", option, "-p"]).arg(&first).arg(env));
        }
    }
    if let Some(uv) = uv() {
        for option in ["--relocatable", "--no-config"] {
            let env = sandbox.env_path(format!("uv{option}"));
            run(Command::new(&uv).args(["-q", "venv", "--offline", option, "--python"]).arg(&first).arg(env));
        }
    }
    assert!(names_in(&sandbox.path("envs")).len() > 2);
    assert_eq!(found(&sandbox, &["--deep"]), [""; 0]);
}

#[test]
fn one_that_cannot_look_says_so() {
    let sandbox = sandbox(&[]);
    assert_eq!(call(&sandbox, &["doctor"]).succeeds("nothing to examine"), "");
    for words in [&["doctor", "gone"][..], &["doctor", "../x"], &["doctor", "--list", "--fix"], &["doctor", "--nix"]] {
        let outcome = call(&sandbox, words);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(2), ""), "{words:?}");
    }
    let list = call(&sandbox, &["doctor", "--list", "--json"]);
    let checks: Vec<Value> = serde_json::from_str(list.succeeds("list")).unwrap();
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/doctor.md")).unwrap();
    for check in &checks {
        let row = format!("| `{}` | {} |", check["id"].as_str().unwrap(), check["severity"].as_str().unwrap());
        assert!(page.contains(&row), "docs/doctor.md has no row {row}");
    }
    assert!(checks.len() > 30);
}

#[test]
fn what_is_found_does_not_move_the_cursor() {
    let sandbox = sandbox(&["api"]);
    sandbox.write_program("envs/api/bin/x\u{1b}[31m", "#!/nowhere/\u{1b}]0;x\u{7}\n");
    let outcome = call(&sandbox, &["doctor"]);
    assert!(!outcome.stdout.contains(|c: char| c.is_control() && c != '\n'), "{outcome:#?}");
}

/// pip brings back what it has set aside if it fails: nothing of it goes while a program may be pip.
#[test]
fn what_pip_has_set_aside_stays_while_it_may_run() {
    let sandbox = Sandbox::new();
    let env = sandbox.make_bare_env("left");
    let aside = sandbox.write("envs/left/lib/python3.11/site-packages/~ip/x", "");
    for (program, is_kept) in [("cat", true), ("sh", false)] {
        let mut user = Command::new(program);
        let mut user = user.stdin(std::process::Stdio::piped()).env("VIRTUAL_ENV", &env).spawn().unwrap();
        let outcome = call(&sandbox, &["doctor", "--fix"]);
        assert_eq!(aside.exists(), is_kept, "{program}: {outcome:#?}");
        drop(user.stdin.take());
        user.wait().unwrap();
    }
}

/// pip would delete the metadata of one version only, and of any; the files tell which one is there.
#[test]
fn what_is_installed_twice_is_there_once_after_the_fix() {
    let Some(wheels) = Wheels::new("pip") else { return };
    for version in ["1.0", "2.0", "3.0"] {
        wheels.add("beta", version, ANY, "", "");
    }
    for (kept, others) in [("2.0", &["1.0"][..]), ("1.0", &["2.0"]), ("2.0", &["3.0", "1.0"]), ("changed", &["2.0"])] {
        let version = if kept == "changed" { "1.0" } else { kept };
        let env = wheels.create(&wheels.python, "api", &[&format!("beta=={version}")]);
        let site = wheels.site("api");
        for other in others {
            wheels.create(&wheels.python, "web", &[&format!("beta=={other}")]);
            let info = format!("beta-{other}.dist-info");
            fs::rename(wheels.site("web").join(&info), site.join(&info)).unwrap();
            assert_eq!(wheels.call(&["remove", "--now", "web"]).status, Some(0));
        }
        if kept == "changed" {
            fs::write(site.join("beta.py"), "").unwrap();
        }
        let outcome = wheels.call(&["doctor", "--json", "api"]);
        let found: Value = serde_json::from_str(&outcome.stdout).unwrap();
        let check = &found["checks"][0];
        assert_eq!(check["id"], "packages-twice", "{outcome:#?}");
        for key in ["command", "then"] {
            let root = wheels.sandbox.path("").display().to_string();
            let word = |word: &Value| word.as_str().unwrap().replace("[ROOT]", root.trim_end_matches('/'));
            let words: Vec<_> = check["fix"][key].as_array().unwrap().iter().map(word).collect();
            assert_eq!(words.is_empty(), key == "then" && kept != "changed", "{outcome:#?}");
            if words.first().is_some_and(|word| word == "venvwrap") {
                assert_eq!(wheels.call(&words[1..]).status, Some(0), "{words:?}");
            } else if let Some((program, words)) = words.split_first() {
                assert!(Command::new(program).args(words).status().unwrap().success(), "{words:?}");
            }
        }
        assert_eq!(wheels.call(&["doctor", "--deep", "api"]).stdout, "", "{kept} {others:?}");
        if kept != "changed" {
            assert_eq!(wheels.freeze("api"), format!("beta=={kept}\n"));
        }
        let code = Command::new(env.join("bin/python")).args(["-c", "import beta; beta.main()"]).output().unwrap();
        assert_eq!(wheels.freeze("api"), format!("beta=={}", String::from_utf8(code.stdout).unwrap()));
        assert_eq!(wheels.call(&["remove", "--now", "api"]).status, Some(0));
    }
}

#[test]
fn an_environment_is_examined_by_its_path_as_well() {
    let sandbox = sandbox(&["api"]);
    fs::create_dir_all(sandbox.path("projects/it's")).unwrap();
    let place = sandbox.path("projects/it's/.venv");
    fs::rename(sandbox.env_path("api"), &place).unwrap();
    fs::remove_file(place.join("bin/python3")).unwrap();
    let inside = |words: &[&str]| {
        let mut command = program(&sandbox, words);
        Outcome::new(&sandbox, &command.current_dir(sandbox.path("projects/it's")).output().unwrap())
    };
    let outcome = inside(&["doctor", "./.venv"]);
    assert!(outcome.stdout.contains("./.venv: ") && outcome.stdout.contains("fix: venvwrap repair ./.venv\n"));
    assert!(!outcome.stdout.contains("name-odd") && outcome.status == Some(1), "{outcome:#?}");
    let by_path = inside(&["doctor", "--json", place.to_str().unwrap()]);
    assert!(by_path.stdout.contains("\"environment\": \"[ROOT]/projects/it's/.venv\""), "{by_path:#?}");
    sandbox.write(
        place.join("lib/python3.11/site-packages/b-1.dist-info/METADATA"),
        "Name: b\nVersion: 1\nRequires-Dist: c\n",
    );
    let needs = inside(&["doctor", "./.venv"]);
    assert!(needs.stdout.contains("packages-inconsistent") && !needs.stdout.contains("venvwrap run"), "{needs:#?}");
    let fixed = inside(&["doctor", "--fix", "./.venv"]);
    assert_eq!(fixed.stderr.matches("fixed: ./.venv: ").count(), 1, "{fixed:#?}");
    assert!(!inside(&["doctor", ".venv/"]).stdout.contains("repair"));
    inside(&["doctor", ".venv"]).fails_with_hint("name", ".venv");
    inside(&["doctor", "./none"]).fails_with_hint("none", "`./none` is not an environment");
}

/// Nothing is left in it that a repair would keep.
#[test]
fn the_way_back_of_an_environment_without_programs_and_packages_is_named() {
    // The pip of the environment is gone with its packages.
    let Some(wheels) = Wheels::new("uv") else { return };
    wheels.add("alpha", "1.0", ANY, "", "");
    for name in ["none", "empty", "kept"] {
        let packages = if name == "kept" { &["alpha"][..] } else { &[] };
        let env = wheels.create(&wheels.python, name, packages);
        if name != "none" {
            assert_eq!(wheels.call(&["snapshot", name]).status, Some(0));
        }
        for directory in ["bin", "lib"] {
            fs::remove_dir_all(env.join(directory)).unwrap();
        }
    }
    let cfg = fs::read_to_string(wheels.sandbox.env_path("none").join("pyvenv.cfg")).unwrap();
    let version = cfg.lines().find_map(|line| line.strip_prefix("version = ")).unwrap();
    let minor = version.rsplit_once('.').unwrap().0;
    let repair = wheels.call(&["repair", "none"]);
    let hint = format!("`venvwrap upgrade none -p {minor}` rebuilds it without any\n");
    assert!(repair.status == Some(1) && repair.stderr.ends_with(&hint), "{repair:#?}");
    for words in [&["upgrade", "none", "-p", minor][..], &["upgrade", "empty", "-p", minor], &["restore", "kept"]] {
        let doctor = wheels.call(&["doctor", "--fix", words[1]]);
        let told = format!("[interpreter-gone]\n  fix: venvwrap {}\n", words.join(" "));
        assert!(doctor.status == Some(1) && doctor.stdout.ends_with(&told), "{doctor:#?}");
        assert_eq!(doctor.stderr, "", "it is not tried in vain");
        let outcome = wheels.call(words);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert_eq!(wheels.call(&["doctor", words[1]]).status, Some(0));
    }
    assert_eq!(wheels.freeze("kept"), "alpha==1.0\n");
}
