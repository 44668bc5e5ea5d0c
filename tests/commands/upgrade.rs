//! `venvwrap upgrade`; the chain through all Pythons is with `restore`.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use venvwrap_core::shell::Shell;

use crate::completion::terminal::Terminal;
use crate::support::program::{
    call, create, create_arguments, names_in, python, pythons, remove_interpreter, residue, wait_until,
};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::wheels::{ANY, Wheels};

/// Two Pythons of different minor versions, the older first, with their versions.
fn two() -> Option<[(PathBuf, String); 2]> {
    let mut found: Vec<(PathBuf, (u32, u32))> = Vec::new();
    for path in pythons() {
        let code = "import sys; print(*sys.version_info[:2])";
        let output = std::process::Command::new(path).args(["-c", code]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (major, minor) = text.trim().split_once(' ').unwrap();
        let version = (major.parse().unwrap(), minor.parse().unwrap());
        if !path.ends_with("pypy3") && version >= (3, 9) && !found.iter().any(|(_, known)| *known == version) {
            found.push((path.clone(), version));
        }
    }
    found.sort_by_key(|(_, version)| *version);
    let mut found = found.into_iter().map(|(path, (major, minor))| (path, format!("{major}.{minor}")));
    let (Some(first), Some(last)) = (found.next(), found.next_back()) else {
        eprintln!("skipped: there are no two versions of Python");
        return None;
    };
    Some([first, last])
}

/// A plan without pip, which some Pythons need another version of.
fn without_pip(plan: &str) -> String {
    plan.lines().filter(|line| !line.starts_with("pip ")).flat_map(|line| [line, "\n"]).collect()
}

fn tag(version: &str) -> String {
    format!("py{}-none-any", version.replace('.', ""))
}

#[test]
fn the_plan_comes_first_and_nothing_is_changed_without_a_wheel() {
    let Some([(old, old_version), (new, new_version)]) = two() else { return };
    for wheels in Wheels::both() {
        wheels.add_common();
        // For one version of Python only, and a newer release for all.
        let only_old = format!("cp{}-none-any", old_version.replace('.', ""));
        wheels.add("native", "1.0", &only_old, "", "");
        wheels.add("native", "1.1", ANY, "beta", "");
        wheels.add("native", "1.2", ANY, "", "");
        wheels.create(&old, "api", &["alpha==1.0", "native==1.0"]);
        let before = wheels.freeze("api");
        let new_python = new.to_str().unwrap();
        let dry = wheels.call(&["upgrade", "-n", "api", "-p", new_python]);
        assert_eq!(dry.status, Some(1), "as the upgrade itself: {dry:#?}");
        let expected =
            "package  version  plan\nalpha    1.0      keep\nbeta     1.0      keep\nnative   1.0      no-wheel\n";
        assert_eq!(without_pip(&dry.stdout), expected, "{dry:#?}");
        let words =
            "`api` would not be upgraded: these packages cannot be kept: `native` (no wheel)\nhint: `--relax native`";
        assert!(dry.stderr.contains(words), "{dry:#?}");
        let unknown =
            wheels.call(&["upgrade", "-n", "api", "-p", new_python, "--relax", "Native", "--allow-build", "nothing"]);
        unknown.fails_with_hint("unknown", "`api` has no package `nothing`");
        let outcome = wheels.call(&["upgrade", "api", "-p", new_python]);
        assert_eq!(outcome.status, Some(1), "{outcome:#?}");
        assert!(outcome.stderr.contains("these packages cannot be kept: `native` (no wheel)"), "{outcome:#?}");
        assert!(outcome.stderr.contains("hint: `--relax native` takes"), "{outcome:#?}");
        assert_eq!(wheels.freeze("api"), before);
        wheels.assert_runs("api", "native-tool", "1.0");

        let dry = wheels.call(&["upgrade", "-n", "api", "-p", new_python, "--relax", "Native"]);
        assert_eq!(dry.status, Some(0), "{dry:#?}");
        assert!(dry.stderr.contains("the installer chooses the newer versions"), "{dry:#?}");
        let outcome = wheels.call(&["upgrade", "api", "-p", new_python, "--relax", "Native"]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        let plan = format!(" to Python {new_version}.");
        let plan_at = outcome.stderr.find("upgrading `api` from Python ").expect("the plan");
        let whole = outcome.stderr[plan_at..].lines().next().unwrap();
        assert!(whole.contains(&plan) && whole.ends_with(": 2 packages keep their versions"), "{outcome:#?}");
        let words = "reinstalled 2 of 3 packages, 1 in the nearest version that fits";
        assert!(outcome.stderr.contains(words), "{outcome:#?}");
        assert!(outcome.stderr.contains("\nnewer: `native` 1.0 → 1.1\n"), "{outcome:#?}");
        let frozen = wheels.freeze("api");
        assert_eq!(frozen, "alpha==1.0\nbeta==1.0\nnative==1.1\n", "the nearest: {outcome:#?}");
        assert!(outcome.stderr.contains(&format!("to Python {new_version}.")), "{outcome:#?}");
        // What was there before is a snapshot, which is for another Python; the newest is of what is there now.
        let back = wheels.call(&["restore", "api", "2"]);
        back.fails_with_hint("restore", &format!("the packages are for Python {old_version}, and `api` has"));
        wait_until("no residue", || residue(&wheels.sandbox.path("envs")).is_empty());
    }
}

#[test]
fn another_kind_of_python_is_for_those_who_name_it() {
    let Some(pypy) = pythons().iter().find(|path| path.ends_with("pypy3")) else {
        return crate::support::tools::skip("there is no PyPy");
    };
    let Some([_, (python, version)]) = two() else { return };
    let sandbox = Sandbox::new();
    create(&sandbox, pypy, "api");
    let with_default = |arguments: &[&str]| {
        let mut command = crate::support::program::program(&sandbox, arguments);
        command.env("VIRTUALENVWRAPPER_PYTHON", &python).env("VIRTUALENV_PYTHON", &python);
        command.env("PATH", python.parent().unwrap());
        crate::support::shells::Outcome::new(&sandbox, &command.output().unwrap())
    };
    let refused = with_default(&["upgrade", "api", "-n"]);
    refused.fails_with_hint("kind", "`api` has PyPy 3.");
    assert!(refused.stderr.contains("would get another kind of Python: Python 3."), "{refused:#?}");
    let open = with_default(&["upgrade", "api", "-n", "-p", &version]);
    open.fails_with_hint("open", "would get another kind of Python: Python 3.");
    assert!(open.stderr.contains(&format!("`cpython{version}`")), "{open:#?}");
    for named in [python.to_str().unwrap(), &format!("cpython{version}")] {
        let named = with_default(&["upgrade", "api", "-n", "-p", named]);
        assert!(named.stderr.contains("from PyPy 3."), "{named:#?}");
    }
}

/// Also where its own is gone: who asks for all has not asked for that.
#[test]
fn all_does_not_exchange_the_kind_of_a_python() {
    let (Some(python), Some(wheels)) = (python(), Wheels::new("pip")) else { return };
    let [free, pypy] = ["free", "pypy"].map(|name| wheels.create(&python, name, &[]));
    lose_python(&free, "python3.99t");
    lose_python(&pypy, "pypy3.99");
    let cfg = std::fs::read_to_string(pypy.join("pyvenv.cfg")).unwrap();
    wheels.sandbox.write(pypy.join("pyvenv.cfg"), cfg.replace("= CPython", "= PyPy"));
    let default = python.to_str().unwrap();
    for words in [["--all", "-y"], ["--broken", "-y"], ["--all", "--json"]] {
        let outcome = wheels.call(&[&["upgrade", "-p", default], &words[..]].concat());
        let told = "skipped `free`: it is for free-threaded Python, which is gone\n\
                    skipped `pypy`: it is for PyPy, which is gone\n";
        assert!(outcome.status == Some(0) && outcome.stderr.starts_with(told), "{words:?} {outcome:#?}");
    }
    // Unasked, another one of its kind is looked for.
    let outcome = wheels.call(&["upgrade", "--broken", "-y"]);
    let gone = ["could not upgrade `free`: Python 3.99t is gone", "could not upgrade `pypy`: Python pypy3.99 is gone"];
    assert_eq!(
        (outcome.status, gone.map(|words| outcome.stderr.contains(words))),
        (Some(1), [true; 2]),
        "{outcome:#?}"
    );
    for (env, library) in [(free, "python3.99t"), (pypy, "pypy3.99")] {
        assert_eq!(names_in(&env.join("lib")), [library]);
    }
    let named = wheels.call(&["upgrade", "free", "-p", default]);
    assert!(named.status == Some(0) && named.stderr.contains("`free` from Python 3.99.0t to "), "{named:#?}");
}

/// A newer version that needs a newer one of what is kept.
#[test]
fn a_dry_run_finds_that_no_newer_version_fits() {
    let Some([(old, old_version), (new, _)]) = two() else { return };
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.add("native", "1.0", &format!("cp{}-none-any", old_version.replace('.', "")), "", "");
        wheels.add("native", "1.1", ANY, "beta>=9", "");
        wheels.create(&old, "api", &["beta", "native==1.0"]);
        let before = wheels.freeze("api");
        let words = ["upgrade", "api", "-p", new.to_str().unwrap(), "--relax", "native"];
        let (uv, calls) = (wheels.sandbox.path("bin/uv"), wheels.sandbox.path("calls"));
        if let Ok(real) = std::fs::read_link(&uv) {
            std::fs::remove_file(&uv).unwrap();
            let script = format!("#!/bin/sh\necho \"$*\" >> '{}'\nexec '{}' \"$@\"\n", calls.display(), real.display());
            wheels.sandbox.write_program("bin/uv", &script);
        }
        let dry = wheels.call(&[&words[..], &["-n"]].concat());
        if uv.exists() {
            let calls = std::fs::read_to_string(&calls).unwrap();
            assert_eq!(calls.matches("limits.txt --dry-run").count(), 1, "asked once: {calls}");
        }
        assert_eq!(dry.status, Some(1), "{dry:#?}");
        assert!(dry.stdout.contains("native   1.0      relax\n"), "{dry:#?}");
        let reason = ["beta>=9", "ResolutionImpossible"];
        assert!(reason.iter().any(|reason| dry.stderr.contains(reason)), "{dry:#?}");
        let told = "`api` would not be upgraded: the installer finds no versions of these that fit the others: `native`\n\
                    hint: `--relax`";
        assert!(dry.stderr.contains(told), "{dry:#?}");
        let json = wheels.call(&[&words[..], &["-n", "--json"]].concat());
        assert!(json.status == Some(1) && json.stdout.contains("\"error\": \"the installer finds no"), "{json:#?}");
        assert_eq!(wheels.call(&words).status, Some(1));
        assert_eq!(wheels.freeze("api"), before);
    }
}

#[test]
fn markers_and_versions_of_python_count() {
    let Some([(old, old_version), (new, _)]) = two() else { return };
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.add("gamma", "1.0", ANY, &format!("beta; python_version > '{old_version}'"), "");
        wheels.add("delta", "1.0", ANY, "", &format!("<={old_version}.99"));
        wheels.create(&old, "api", &["gamma", "delta"]);
        assert_eq!(wheels.freeze("api"), "delta==1.0\ngamma==1.0\n");
        let outcome = wheels.call(&["upgrade", "api", "-p", new.to_str().unwrap(), "--json"]);
        assert_eq!(outcome.status, Some(1), "{outcome:#?}");
        assert!(
            outcome.stdout.contains("these packages cannot be kept: `delta` (not for this Python)"),
            "{outcome:#?}"
        );
        assert_eq!(wheels.freeze("api"), "delta==1.0\ngamma==1.0\n");
        wheels.create(&old, "web", &["gamma"]);
        let outcome = wheels.call(&["upgrade", "web", "-p", new.to_str().unwrap(), "--json"]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert!(outcome.stdout.contains("\"action\": \"add\""), "{outcome:#?}");
        assert_eq!(wheels.freeze("web"), "beta==1.0\ngamma==1.0\n");
    }
}

/// Silence says nothing about wheels, and who waits for it once need not do so for each package and environment.
#[test]
fn an_index_that_does_not_answer_is_told_and_asked_once() {
    let Some([(old, old_version), (new, _)]) = two() else { return };
    for wheels in Wheels::both() {
        wheels.add_common();
        for name in ["native", "other"] {
            wheels.add(name, "1.0", &tag(&old_version).replace("py", "cp"), "", "");
        }
        wheels.create(&old, "api", &["native", "other", "alpha==1.0"]);
        wheels.create(&old, "pure", &["alpha==1.0"]);
        std::fs::remove_dir_all(wheels.sandbox.path("uv")).unwrap_or_default();
        let conf = "[global]\nindex-url = http://me:secret@127.0.0.1:9/simple\nretries = 0\n";
        wheels.sandbox.write("home/.config/pip/pip.conf", conf);
        let log = wheels.sandbox.write("log", "");
        if let Ok(uv) = wheels.sandbox.path("bin/uv").read_link() {
            std::fs::remove_file(wheels.sandbox.path("bin/uv")).unwrap();
            let noted = format!("#!/bin/sh\necho \"$*\" >> '{}'\nexec '{}' \"$@\"\n", log.display(), uv.display());
            wheels.sandbox.write_program("bin/uv", &noted);
        }
        let call = |words: &[&str]| {
            let words = [&["upgrade", "-p", new.to_str().unwrap()], words].concat();
            Outcome::new(&wheels.sandbox, &wheels.command(&words).env("UV_HTTP_RETRIES", "0").output().unwrap())
        };
        let outcome = call(&["api"]);
        let hint = "hint: the environment is as it was; try again when the index answers\n";
        outcome.fails_with_hint("silent", "could not upgrade `api`: an index does not answer: ");
        assert!(outcome.stderr.ends_with(hint) && outcome.stderr.lines().count() == 2, "{outcome:#?}");
        for words in ["127.0.0.1:9/simple/", "Connection refused"] {
            assert!(outcome.stderr.contains(words) && !outcome.stderr.contains("secret"), "{words}: {outcome:#?}");
        }
        let questions = || {
            let text = std::fs::read_to_string(&log).unwrap();
            std::fs::write(&log, "").unwrap();
            text.lines().filter(|line| !line.contains("--offline")).count()
        };
        let once = usize::from(wheels.sandbox.path("bin/uv").exists());
        assert_eq!(questions(), once);
        let outcome = call(&["api", "--dry-run"]);
        let plan = "alpha    1.0      carry\nbeta     1.0      carry\nnative   1.0      unanswered\n";
        assert!(outcome.status == Some(1) && outcome.stdout.contains(plan), "{outcome:#?}");
        assert!(outcome.stderr.starts_with("warning: an index does not answer: "), "{outcome:#?}");
        let outcome = call(&["api", "--offline"]);
        let end = "`native` (no index was asked), `other` (no index was asked)\nhint: leave out `--offline`\n";
        assert!(outcome.status == Some(1) && outcome.stderr.ends_with(end), "{outcome:#?}");
        questions();
        let outcome = call(&["api", "pure", "--keep-going"]);
        assert_eq!((outcome.status, questions()), (Some(1), once), "{outcome:#?}");
        assert_eq!(outcome.stderr.matches("an index does not answer: ").count(), 2, "{outcome:#?}");
        assert!(outcome.stderr.contains("upgraded `pure` from "), "{outcome:#?}");
        wheels.assert_runs("pure", "alpha-tool", "1.0");
    }
}

/// Serves files at a local address until the tests end: an index of one package, with the metadata of its wheels.
fn serve(files: Vec<(String, Vec<u8>)>) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = String::new();
            let _ = std::io::BufRead::read_line(&mut std::io::BufReader::new(&stream), &mut request);
            let path = request.split(' ').nth(1).unwrap_or_default();
            let found = files.iter().find(|(name, _)| path == name);
            let (status, body) = found.map_or(("404 Not Found", &[][..]), |(_, content)| ("200 OK", content));
            let kind = if path.ends_with('/') { "text/html" } else { "application/octet-stream" };
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(&[head.as_bytes(), body].concat());
        }
    });
    address
}

/// uv keeps what an index says longer than the wheels, and in another place.
#[test]
fn a_wheel_that_only_the_index_has_is_not_there_without_it() {
    let (Some([(old, old_version), (new, new_version)]), Some(wheels)) = (two(), Wheels::new("uv")) else { return };
    let tags = [&old_version, &new_version].map(|version| tag(version).replace("py", "cp"));
    let mut files = Vec::new();
    let mut page = "<!DOCTYPE html><html><body>\n".to_owned();
    for tag in &tags {
        wheels.add("native", "1.0", tag, "", "");
        let name = format!("native-1.0-{tag}.whl");
        page += &["<a href=\"/files/", &name, "\" data-core-metadata=\"true\">", &name, "</a>\n"].concat();
        let content = std::fs::read(wheels.sandbox.path("wheels").join(&name)).unwrap();
        files.push((format!("/files/{name}"), content));
        let metadata = "Metadata-Version: 2.1\nName: native\nVersion: 1.0\n";
        files.push((format!("/files/{name}.metadata"), metadata.into()));
    }
    files.push(("/simple/native/".into(), page.into_bytes()));
    wheels.create(&old, "api", &["native"]);
    // Of a directory they are there without an index, whether uv has installed one before or not.
    let new = new.to_str().unwrap();
    let call = |words: &[&str]| wheels.call(&[&["upgrade", "api", "-p", new, "--offline"], words].concat());
    let plan = |action: &str| format!("package  version  plan\nnative   1.0      {action}\n");
    let dry = call(&["-n"]);
    assert_eq!((dry.status, without_pip(&dry.stdout)), (Some(0), plan("keep")), "{dry:#?}");

    std::fs::remove_dir_all(wheels.sandbox.path("uv")).unwrap();
    let conf = format!("[global]\nindex-url = {}/simple\n", serve(files));
    wheels.sandbox.write("home/.config/pip/pip.conf", conf);
    let dry = wheels.call(&["upgrade", "api", "-p", new, "-n"]);
    assert_eq!((dry.status, without_pip(&dry.stdout)), (Some(0), plan("keep")), "{dry:#?}");
    let dry = call(&["-n"]);
    assert_eq!((dry.status, without_pip(&dry.stdout)), (Some(1), plan("not-asked")), "{dry:#?}");
    let outcome = call(&[]);
    let end = "`native` (no index was asked)\nhint: leave out `--offline`\n";
    assert!(outcome.status == Some(1) && outcome.stderr.ends_with(end), "{outcome:#?}");

    let mut uv = wheels.sandbox.command(&wheels.sandbox.path("bin/uv"));
    uv.env("UV_CACHE_DIR", wheels.sandbox.path("uv")).args(["pip", "install", "-q", "--target"]);
    let index = std::fs::read_to_string(wheels.sandbox.path("home/.config/pip/pip.conf")).unwrap();
    let index = index.rsplit(' ').next().unwrap().trim();
    uv.arg(wheels.sandbox.path("elsewhere")).args(["--python", new, "--index-url", index, "native"]);
    assert!(uv.status().unwrap().success());
    let outcome = call(&[]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    wheels.assert_runs("api", "native-tool", "1.0");
    assert!(!wheels.sandbox.env_path("api").join(".venvwrap-tried").exists());
}

/// An upgrade changes no version, so what does not fit is not its doing.
#[test]
fn what_did_not_fit_before_is_counted() {
    let (Some([(old, _), (new, _)]), Some(wheels)) = (two(), Wheels::new("pip")) else { return };
    wheels.add_common();
    for (name, words) in [("api", &[][..]), ("web", &["--json"])] {
        let env = wheels.create(&old, name, &["alpha==1.0"]);
        let mut pip = wheels.sandbox.command(&env.join("bin/python"));
        assert!(pip.args(["-m", "pip", "uninstall", "-qy", "beta"]).output().unwrap().status.success());
        let outcome = wheels.call(&[&["upgrade", name, "-p", new.to_str().unwrap()], words].concat());
        let told = [
            outcome.stderr.contains("warning: 1 problem is older than this: `venvwrap check api` names it\n"),
            outcome
                .stdout
                .contains("\"problems\": [\n      \"alpha 1.0 requires beta, which is not installed.\"\n    ]"),
        ];
        assert_eq!((outcome.status, told), (Some(0), [words.is_empty(), !words.is_empty()]), "{outcome:#?}");
    }
}

#[test]
fn an_environment_in_use_is_left_alone() {
    let (Some([(old, _), (new, _)]), Some(wheels)) = (two(), Wheels::new("pip")) else { return };
    let env = wheels.create(&old, "api", &[]);
    let mut child = std::process::Command::new(env.join("bin/python"));
    let mut child = child.arg("-c").arg("input()").env("VIRTUAL_ENV", &env).stdin(Stdio::piped()).spawn().unwrap();
    let new = new.to_str().unwrap();
    let outcome = wheels.call(&["upgrade", "api", "-p", new]);
    outcome.fails_with_hint("in use", &format!("`api` is in use by `python` ({})", child.id()));
    assert_eq!(wheels.call(&["upgrade", "api", "-p", new, "--force"]).status, Some(0));
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn what_is_unclear_or_gone_is_not_guessed() {
    let (Some([(old, _), (new, _)]), Some(wheels)) = (two(), Wheels::new("pip")) else { return };
    let new = new.to_str().unwrap();
    wheels.create(&old, "api", &[]);
    let site = wheels.site("api");
    wheels.sandbox.write(site.join("e-1.dist-info/METADATA"), "Name: e\nVersion: 1\n");
    let url = r#"{"url": "file:///gone/project", "dir_info": {"editable": true}}"#;
    wheels.sandbox.write(site.join("e-1.dist-info/direct_url.json"), url);
    let outcome = wheels.call(&["upgrade", "api", "-p", new]);
    let told = "these packages cannot be kept: `e` (`/gone/project` does not exist)\nhint: `--relax e` takes newer \
                versions; bring back what is gone, or uninstall its package first\n";
    assert!(outcome.status == Some(1) && outcome.stderr.ends_with(told), "{outcome:#?}");
    std::fs::remove_file(site.join("e-1.dist-info/direct_url.json")).unwrap();
    wheels.sandbox.write(site.join("e-2.dist-info/METADATA"), "Name: e\nVersion: 2\n");
    wheels.call(&["upgrade", "api", "-p", new]).fails_with_hint("twice", "`e` is installed twice");
    let hint = "hint: `venvwrap doctor api` names the command that removes one of them\n";
    assert!(wheels.call(&["upgrade", "api", "-p", new]).stderr.ends_with(hint));
    std::os::unix::fs::symlink(wheels.sandbox.env_path("api"), wheels.sandbox.env_path("linked")).unwrap();
    wheels.call(&["upgrade", "linked", "-p", new]).fails_with_hint("link", "`linked` is a link");
    // Before a Python is looked for, which may be installed.
    let mut active = wheels.command(&["upgrade", "-p", "2.2"]);
    active.env("VIRTUAL_ENV", wheels.sandbox.env_path("linked"));
    Outcome::new(&wheels.sandbox, &active.output().unwrap()).fails_with_hint("active", "`linked` is a link");
    wheels.call(&["upgrade", "api", "-p", "2.2"]).fails("python", "2.2");
    wheels.call(&["upgrade", "nope"]).fails_with_hint("name", "nope");
    let all = wheels.call(&["upgrade", "--all", "-p", new]);
    assert_eq!(all.status, Some(1), "{all:#?}");
    assert!(all.stderr.contains("skipped `linked`: it is a link"), "{all:#?}");
}

/// Makes an environment one for a Python that no machine has.
fn lose_python(env: &Path, library: &str) {
    let lib = env.join("lib");
    std::fs::rename(lib.join(&names_in(&lib)[0]), lib.join(library)).unwrap();
    remove_interpreter(env);
}

#[test]
fn all_leaves_alone_what_is_newer_and_what_a_repair_helps() {
    let (Some([(old, old_version), (new, new_version)]), Some(wheels)) = (two(), Wheels::new("pip")) else { return };
    let path = |python: &Path| python.to_str().unwrap().to_owned();
    for (python, name) in [(&old, "a"), (&new, "b")] {
        wheels.create(python, name, &[]);
    }
    let outcome = wheels.call(&["upgrade", "--all", "-p", &path(&old)]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_eq!(outcome.stderr, format!("2 have Python {old_version} or newer: left alone\n"), "{outcome:#?}");
    let known = wheels.sandbox.path("bin").join(format!("python{new_version}"));
    std::os::unix::fs::symlink(&new, known).unwrap();
    remove_interpreter(&wheels.create(&new, "dead one", &[]));
    lose_python(&wheels.create(&new, "lost", &[]), "python3.99");
    let left = "the environment `'dead one'` works again after `venvwrap repair 'dead one'`: left alone\n";
    let outcome = wheels.call(&["upgrade", "--broken", "-p", &path(&old)]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.starts_with(left), "{outcome:#?}");
    assert!(outcome.stderr.contains("lost         Python 3.99.0 (gone)  Python "), "{outcome:#?}");
    assert!(outcome.stderr.contains(&format!("downgraded `lost` from Python 3.99.0 to Python {old_version}.")));
    let outcome = wheels.call(&["upgrade", "--all", "-p", &path(&new), "--json"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_eq!(outcome.stderr, left, "{outcome:#?}");
    let value: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let found = value.as_array().unwrap().iter().map(|one| format!("{} {}", one["name"], one["changed"]));
    assert_eq!(found.collect::<Vec<_>>(), ["\"a\" true", "\"lost\" true", "\"b\" false"]);
    let library = |name: &str| {
        let names = names_in(&wheels.sandbox.env_path(name).join("lib"));
        names[0].to_str().unwrap().to_owned()
    };
    for name in ["a", "b", "lost"] {
        assert_eq!(library(name), format!("python{new_version}"), "{name}");
    }
    // Who names one means it.
    assert_eq!(wheels.call(&["upgrade", "b", "-p", &path(&old)]).status, Some(0));
    assert_eq!(library("b"), format!("python{old_version}"));
}

/// Where the default is older, whatever is wrong with an environment.
#[test]
fn nothing_gets_an_older_python_unasked() {
    let (Some([(old, old_version), (new, new_version)]), Some(wheels)) = (two(), Wheels::new("pip")) else { return };
    wheels.add_common();
    let with_default = |python: &Path, words: &[&str]| {
        let mut command = wheels.command(words);
        Outcome::new(&wheels.sandbox, &command.env("VIRTUALENV_PYTHON", python).output().unwrap())
    };
    for (python, version) in [(&old, &old_version), (&new, &new_version)] {
        std::os::unix::fs::symlink(python, wheels.sandbox.path("bin").join(format!("python{version}"))).unwrap();
    }
    let library = |name: &str| names_in(&wheels.sandbox.env_path(name).join("lib"))[0].to_str().unwrap().to_owned();
    for name in ["dead", "bare"] {
        wheels.create(&new, name, &["beta"]);
    }
    remove_interpreter(&wheels.sandbox.env_path("dead"));
    std::fs::remove_dir_all(wheels.sandbox.env_path("bare").join("bin")).unwrap();
    lose_python(&wheels.create(&new, "lost", &["beta"]), "python3.99");
    let refused = with_default(&old, &["upgrade", "lost"]);
    refused.fails_with_hint("lost", "could not upgrade `lost`: Python 3.99 is gone from this machine");
    assert!(refused.stderr.contains("`venvwrap upgrade lost -p 3."), "{refused:#?}");
    let broken = with_default(&old, &["upgrade", "--broken", "-y"]);
    assert_eq!(broken.status, Some(1), "{broken:#?}");
    assert!(broken.stderr.contains("`dead` works again after `venvwrap repair dead`: left alone"), "{broken:#?}");
    assert!(broken.stderr.contains(" (no `bin`)") && broken.stderr.contains("rebuilt `bare` with"), "{broken:#?}");
    assert!(broken.stderr.contains("Python 3.99 is gone") && !broken.stderr.contains("downgrad"), "{broken:#?}");
    let named = with_default(&old, &["upgrade", "dead"]);
    assert!(named.status == Some(0) && named.stderr.contains("rebuilt `dead` with Python "), "{named:#?}");
    for name in ["dead", "bare"] {
        assert_eq!((library(name), wheels.freeze(name)), (format!("python{new_version}"), "beta==1.0\n".into()));
    }
    assert_eq!(library("lost"), "python3.99");
    // A newer default is for those that are named, or all; what is only broken is repaired.
    remove_interpreter(&wheels.create(&old, "aged", &[]));
    let broken = with_default(&new, &["upgrade", "--broken", "-n"]);
    assert!(broken.stderr.contains("`venvwrap repair aged`: left alone"), "{broken:#?}");
    let all = with_default(&new, &["upgrade", "--all", "-n"]);
    assert!(all.stderr.contains("`aged` would be upgraded from "), "{all:#?}");
}

#[test]
fn all_takes_copies_that_are_not_their_base_any_more() {
    let (Some([(old, _), (new, _)]), Some(wheels)) = (two(), Wheels::new("pip")) else { return };
    let copied = |python: &Path, name: &str| {
        let outcome = wheels.call(&create_arguments(python, name, &["--no-setuptools", "--copies"]));
        let program = wheels.sandbox.env_path(name).join("bin/python");
        // Not every Python can be copied.
        let is_copy = outcome.status == Some(0) && program.symlink_metadata().unwrap().is_file();
        is_copy.then(|| std::fs::OpenOptions::new().append(true).open(program).unwrap().write_all(b"x").unwrap())
    };
    if copied(&old, "outdated").is_none() || copied(&new, "newer").is_none() {
        return;
    }
    wheels.create(&old, "current", &[]);
    let told = wheels.call(&["upgrade", "--all", "-n", "-p", old.to_str().unwrap()]);
    assert!(told.stderr.contains("2 have Python ") && told.stderr.contains("`outdated` would be rebuilt"), "{told:#?}");
    let outcome = wheels.call(&["upgrade", "--all", "-y", "-p", old.to_str().unwrap()]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.contains(" (outdated copy)  Python "), "{outcome:#?}");
    assert!(outcome.stderr.contains("rebuilt `outdated` with Python "), "{outcome:#?}");
    assert!(!wheels.call(&["doctor", "outdated"]).stdout.contains("interpreter-copy"));
    let left = wheels.call(&["upgrade", "--all", "-y", "-p", old.to_str().unwrap()]);
    assert!(left.stderr.starts_with("3 have Python "), "{left:#?}");
}

#[test]
fn a_person_is_asked_once_for_all() {
    let (Some([(old, _), (new, new_version)]), Some(wheels)) = (two(), Wheels::new("pip")) else { return };
    for name in ["a", "b"] {
        wheels.create(&old, name, &[]);
    }
    let before = format!("export PATH='{}':$PATH", wheels.sandbox.path("bin").display());
    // The table has the width of the terminal that shows it, wherever data goes to.
    let short = format!("{before}; up() {{ venvwrap upgrade --all -p '{}'; }}", new.display());
    let mut terminal = Terminal::open_real(&wheels.sandbox, Shell::Bash, &short, (24, 40));
    for end in ["", " >/dev/null", " | cat"] {
        terminal.press(&format!("up{end}\r"));
        terminal.read_until(b"\r\n");
        let shown = String::from_utf8(terminal.read_until(b"upgrade these")).unwrap();
        let plain = console::strip_ansi_codes(&shown);
        let widest = plain.lines().map(|line| line.trim_end().chars().count()).max().unwrap();
        assert!(widest <= 40 && !plain.contains('\u{fffd}'), "{end}: {shown}");
        assert!(plain.len() < shown.len(), "no colour: {end}: {shown}");
        terminal.enter("");
    }
    drop(terminal);
    for (answer, count) in [("", 0), ("y", 2)] {
        let mut terminal = Terminal::open_real(&wheels.sandbox, Shell::Bash, &before, (24, 120));
        terminal.press(&format!("venvwrap upgrade --all -p '{}'\r", new.display()));
        terminal.read_until(b"upgrade these environments? [y/N] ");
        terminal.enter(answer);
        assert_eq!(terminal.prompt().matches("upgraded `").count(), count, "{}", terminal.prompt());
    }
    assert_eq!(names_in(&wheels.sandbox.env_path("b").join("lib"))[0].to_str(), Some(&*format!("python{new_version}")));
}

/// The command that would install what is missing is proposed once, whatever the number of environments.
#[test]
fn a_missing_python_is_asked_for_once() {
    let (Some(python), Some(wheels)) = (python(), Wheels::new("pip")) else { return };
    wheels.sandbox.write_program("bin/uv", "#!/bin/sh\nexit 1\n");
    for name in ["a", "b"] {
        wheels.create(&python, name, &[]);
        wheels.sandbox.write(format!("projects/{name}/.python-version"), "3.39\n");
        let project = wheels.sandbox.path(format!("projects/{name}"));
        assert_eq!(wheels.call(&["project", "set", name, project.to_str().unwrap()]).status, Some(0));
    }
    let before = format!("export PATH='{}':$PATH", wheels.sandbox.path("bin").display());
    let mut terminal = Terminal::open_real(&wheels.sandbox, Shell::Bash, &before, (40, 120));
    terminal.press("venvwrap upgrade --all -y; echo end\r");
    terminal.read_until(b"run `uv python install 3.39` to install it? [y/N] ");
    terminal.enter("");
    let told = terminal.prompt();
    assert_eq!(told.matches("to install it? [y/N]").count(), 0, "{told}");
    assert_eq!(told.matches("could not upgrade `").count(), 2, "{told}");
}

#[test]
fn the_wheel_for_a_version_of_python_is_taken() {
    let Some([(old, old_version), (new, new_version)]) = two() else { return };
    for wheels in Wheels::both() {
        wheels.add("native", "1.0", &tag(&old_version).replace("py", "cp"), "", "");
        wheels.add("native", "1.0", &tag(&new_version).replace("py", "cp"), "", "");
        wheels.create(&old, "api", &["native"]);
        let outcome = wheels.call(&["upgrade", "api", "-p", new.to_str().unwrap()]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert_eq!(wheels.freeze("api"), "native==1.0\n");
        wheels.assert_runs("api", "native-tool", "1.0");
    }
}

/// What was verified is kept for `restore`; what is kept for the old Python is not, which nobody means.
#[test]
fn an_upgrade_and_its_undo_leave_a_snapshot_of_their_result() {
    let Some([(old, _), (new, version)]) = two() else { return };
    let Some(wheels) = Wheels::new("uv") else { return };
    wheels.add_common();
    let env = wheels.create(&old, "api", &["beta==1.0"]);
    let said = |arguments: &[&str], status: i32, words: &str| {
        let outcome = wheels.call(arguments);
        let text = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(outcome.status == Some(status) && text.contains(words), "{words}: {outcome:#?}");
    };
    let lose = |env: &Path| {
        for library in names_in(&env.join("lib")) {
            let site = env.join("lib").join(library).join("site-packages");
            let is_meant = |name: &&std::ffi::OsString| name.to_string_lossy().starts_with("beta");
            for name in names_in(&site).iter().filter(is_meant) {
                let path = site.join(name);
                if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
            }
        }
    };
    said(&["upgrade", "api", "-p", new.to_str().unwrap()], 0, &version);
    said(&["snapshot", "list", "api"], 0, "after upgrade");
    said(&["restore", "api"], 1, "no snapshot differs from what `api` has now");
    lose(&env);
    said(&["restore", "api"], 0, "restored `api`");
    assert_eq!(wheels.freeze("api"), "beta==1.0\n");
    said(&["restore", "api", "--in-place", "3"], 1, "| venvwrap restore api -` installs them for Python");
    said(&["undo", "api"], 0, "restored `api`");
    said(&["undo", "api"], 0, "restored `api`");
    said(&["upgrade", "api", "-p", old.to_str().unwrap()], 0, "");
    said(&["rename", "api", "web"], 0, "");
    said(&["undo", "web"], 0, "restored `web`, replaced just now; run `venvwrap undo` again to swap them back");
    said(&["snapshot", "list", "web"], 0, "after undo");
    wheels.assert_runs("web", "beta-tool", "1.0");
    lose(&wheels.sandbox.env_path("web"));
    said(&["restore", "web"], 0, "restored `web`");
    wheels.assert_runs("web", "beta-tool", "1.0");
}

/// A wheel that was downloaded once and deleted since.
#[test]
fn what_was_installed_from_a_file_that_is_gone_is_taken_over() {
    let Some([(old, old_version), (new, _)]) = two() else { return };
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.add("native", "1.0", &tag(&old_version).replace("py", "cp"), "", "");
        wheels.add("native", "2.0", ANY, "", "");
        let env = wheels.create(&old, "api", &[]);
        let native = format!("native-1.0-{}.whl", tag(&old_version).replace("py", "cp"));
        for wheel in [format!("beta-1.0-{ANY}.whl"), native] {
            let mut pip = wheels.sandbox.command(&env.join("bin/python"));
            pip.args(["-m", "pip", "install", "-q"]).arg(wheels.sandbox.path("wheels").join(&wheel));
            assert!(pip.output().unwrap().status.success());
            std::fs::remove_file(wheels.sandbox.path("wheels").join(wheel)).unwrap();
        }
        let new = new.to_str().unwrap();
        let dry = wheels.call(&["upgrade", "-n", "api", "-p", new]);
        let plan = "package  version  plan\nbeta     -        carry\nnative   -        gone\n";
        assert_eq!(without_pip(&dry.stdout), plan, "{dry:#?}");
        let stopped = wheels.call(&["upgrade", "api", "-p", new]);
        let told = "these packages cannot be kept: `native` (`[ROOT]/wheels/native";
        assert!(stopped.status == Some(1) && stopped.stderr.contains(told), "{stopped:#?}");
        let outcome = wheels.call(&["upgrade", "api", "-p", new, "--relax", "native"]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        let frozen = wheels.freeze("api");
        assert!(frozen.starts_with("beta @ file:///") && frozen.ends_with("\nnative==2.0\n"), "{frozen}");
        wheels.assert_runs("api", "beta-tool", "1.0");
    }
}

/// What no place has any more, but is installed and for every Python.
#[test]
fn what_is_gone_from_the_index_is_taken_over() {
    let Some([(old, old_version), (new, _)]) = two() else { return };
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.add("native", "1.0", &tag(&old_version).replace("py", "cp"), "", "");
        wheels.create(&old, "api", &["alpha==1.0", "native"]);
        let before = wheels.freeze("api");
        std::fs::remove_dir_all(wheels.sandbox.path("uv")).unwrap_or_default();
        for wheel in crate::support::program::names_in(&wheels.sandbox.path("wheels")) {
            std::fs::remove_file(wheels.sandbox.path("wheels").join(wheel)).unwrap();
        }
        let new = new.to_str().unwrap();
        let dry = wheels.call(&["upgrade", "-n", "--offline", "api", "-p", new]);
        let expected =
            "package  version  plan\nalpha    1.0      carry\nbeta     1.0      carry\nnative   1.0      not-asked\n";
        assert_eq!(without_pip(&dry.stdout), expected, "{dry:#?}");
        assert_eq!(wheels.call(&["upgrade", "--offline", "api", "-p", new]).status, Some(1));
        assert_eq!(wheels.freeze("api"), before);
        let site = wheels.site("api");
        std::fs::remove_dir_all(site.join("native-1.0.dist-info")).unwrap();
        let outcome = wheels.call(&["upgrade", "--offline", "api", "-p", new]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert!(outcome.stderr.contains(": 2 packages keep their versions\n"), "what is carried does: {outcome:#?}");
        assert_eq!(wheels.freeze("api"), "alpha==1.0\nbeta==1.0\n");
        wheels.assert_runs("api", "alpha-tool", "1.0");
        // What belongs to no package is told.
        assert!(wheels.site("api").join("native.py").is_file());
    }
}

/// As other package managers leave them: pip lists such a package, and cannot remove it.
#[test]
fn a_package_without_a_list_of_its_files_is_taken_over_by_its_names() {
    let Some([(old, _), (new, _)]) = two() else { return };
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.add("own", "1.0", ANY, "", "");
        wheels.create(&old, "api", &["own==1.0", "alpha==1.0"]);
        std::fs::remove_file(wheels.sandbox.path("wheels").join(format!("own-1.0-{ANY}.whl"))).unwrap();
        std::fs::remove_dir_all(wheels.sandbox.path("uv")).unwrap_or_default();
        let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
        for (python, record) in [(new, Some("")), (old, None)] {
            let list = |name: &str| wheels.site("api").join(format!("{name}-1.0.dist-info/RECORD"));
            for name in ["own", "beta"] {
                match record {
                    Some(text) => std::fs::write(list(name), text).unwrap(),
                    None => std::fs::remove_file(list(name)).unwrap_or_default(),
                }
            }
            let dry = wheels.call(&["upgrade", "-n", "api", "-p", python]);
            let plan =
                "package  version  plan\nalpha    1.0      keep\nbeta     1.0      keep\nown      1.0      carry\n";
            assert_eq!(without_pip(&dry.stdout), plan, "{dry:#?}");
            let outcome = wheels.call(&["upgrade", "api", "-p", python]);
            assert_eq!(outcome.status, Some(0), "{outcome:#?}");
            assert_eq!(wheels.freeze("api"), "alpha==1.0\nbeta==1.0\nown==1.0\n");
            wheels.assert_runs("api", "own-tool", "1.0");
        }
    }
}

/// What its list of files leaves out is not taken over.
#[test]
fn a_package_that_would_be_lost_stops_the_upgrade() {
    let Some([(old, _), (new, _)]) = two() else { return };
    let wheels = Wheels::both().into_iter().next().unwrap();
    wheels.add("own", "1.0", ANY, "", "");
    wheels.create(&old, "api", &["own==1.0"]);
    for wheel in names_in(&wheels.sandbox.path("wheels")) {
        std::fs::remove_file(wheels.sandbox.path("wheels").join(wheel)).unwrap();
    }
    std::fs::remove_dir_all(wheels.sandbox.path("uv")).unwrap_or_default();
    std::fs::write(wheels.site("api").join("own-1.0.dist-info/RECORD"), "own.py,,\n").unwrap();
    let outcome = wheels.call(&["upgrade", "--offline", "api", "-p", new.to_str().unwrap()]);
    let expected = "these packages did not get into the new environment: `own`\nhint: the environment is as it was";
    assert!(outcome.status == Some(1) && outcome.stderr.contains(expected), "{outcome:#?}");
    assert_eq!(wheels.freeze("api"), "own==1.0\n");
}

/// Environments often begin with one that no older Python can have.
#[test]
fn a_seed_that_no_package_needs_does_not_stop_an_upgrade() {
    let Some([(old, _), (new, new_version)]) = two() else { return };
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.add("setuptools", "90.0", ANY, "", &format!(">={new_version}"));
        wheels.add("setuptools", "43.0", ANY, "", "");
        wheels.add("wheel", "9.0", ANY, "", &format!(">={new_version}"));
        wheels.create(&new, "api", &["alpha==1.0", "setuptools==90", "wheel"]);
        let words = ["upgrade", "api", "-p", old.to_str().unwrap()];
        let dry = wheels.call(&[&words[..], &["-n"]].concat());
        assert_eq!(dry.status, Some(0), "{dry:#?}");
        for row in ["alpha       1.0      keep\n", "setuptools  90.0     replace\n", "wheel       9.0      drop\n"] {
            assert!(dry.stdout.contains(row), "{row}: {dry:#?}");
        }
        let outcome = wheels.call(&words);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert!(outcome.stderr.contains("setuptools  90.0     replace\n"), "the plan: {outcome:#?}");
        assert!(outcome.stderr.contains("`setuptools` 90.0 → 43.0"), "{outcome:#?}");
        assert!(outcome.stderr.contains("\nleft out, as no package needs it: `wheel`\n"), "{outcome:#?}");
        let frozen = wheels.call(&["freeze", "--all", "api"]).stdout;
        assert!(frozen.contains("alpha==1.0\n") && frozen.contains("setuptools==43.0\n"), "{frozen}");
        assert!(!frozen.contains("wheel"), "{frozen}");
    }
}

/// Editable projects, outside of the environment and inside of it.
#[test]
fn editable_projects_stay_where_they_are() {
    let Some([(old, _), (new, _)]) = two() else { return };
    for wheels in Wheels::both() {
        for project in ["projects/a #%é b", "envs/api/src/proj"] {
            let env = wheels.create(&old, "api", &[]);
            let project = wheels.add_project(project);
            let mut install = wheels.sandbox.command(&env.join("bin/python"));
            install.args(["-m", "pip", "install", "-q", "--no-deps", "-e"]).arg(&project);
            let output = install.output().unwrap();
            assert!(output.status.success(), "{output:#?}");
            let before = wheels.freeze("api");
            assert!(before.contains("# Editable install with no version control (proj==1.0)\n-e "), "{before}");
            assert_eq!(wheels.call(&["snapshot", "api"]).status, Some(0));
            assert_eq!(wheels.call(&["snapshot", "diff", "api"]).stdout, "");
            let outcome = wheels.call(&["upgrade", "api", "-p", new.to_str().unwrap()]);
            assert_eq!(outcome.status, Some(0), "{outcome:#?}");
            assert_eq!(wheels.freeze("api"), before);
            let code = "import proj_module; print(proj_module.__file__)";
            let output = std::process::Command::new(env.join("bin/python")).args(["-c", code]).output().unwrap();
            let found = String::from_utf8(output.stdout).unwrap();
            assert_eq!(found.trim(), project.join("proj_module.py").to_str().unwrap());
            assert_eq!(wheels.call(&["remove", "api"]).status, Some(0));
            wait_until("no residue", || residue(&wheels.sandbox.path("envs")).is_empty());
        }
    }
}

#[test]
fn pip_keeps_its_version() {
    let Some(wheels) = Wheels::new("pip") else { return };
    let python = wheels.python.clone();
    let env = wheels.create(&python, "api", &[]);
    let version = || {
        let output = std::process::Command::new(env.join("bin/python")).args(["-m", "pip", "--version"]).output();
        let text = String::from_utf8(output.unwrap().stdout).unwrap();
        text.split(' ').nth(1).unwrap().to_string()
    };
    let before = version();
    // A new environment would get this one.
    wheels.add("pip", "99.0", ANY, "", "");
    let outcome = wheels.call(&["upgrade", "api", "-p", python.to_str().unwrap()]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_eq!(version(), before);
}

/// Which patch release is taken is tested in the library, with Pythons of any version.
#[test]
fn what_answers_the_request_already_is_left_alone() {
    let (Some([_, (new, version)]), Some(wheels)) = (two(), Wheels::new("pip")) else { return };
    let env = wheels.create(&new, "api", &[]);
    std::os::unix::fs::symlink(&new, wheels.sandbox.path("bin").join(format!("python{version}"))).unwrap();
    let identity = || std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(&env).unwrap());
    let before = identity();
    for request in [version.clone(), format!(">={version}")] {
        let outcome = wheels.call(&["upgrade", "api", "-p", &request]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        let words = format!("`api` has Python {version}.");
        assert!(outcome.stderr.starts_with(&words) && outcome.stderr.ends_with(" already\n"), "{outcome:#?}");
        assert_eq!(identity(), before, "{request}");
    }
    let outcome = wheels.call(&["upgrade", "api", "-p", new.to_str().unwrap()]);
    assert!(outcome.stderr.starts_with("rebuilt `api` with Python "), "{outcome:#?}");
    assert_ne!(identity(), before);
}

/// What is taken into the new environment would be the user's own.
#[test]
fn what_others_could_have_written_is_not_built_again() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let env = create(&sandbox, &python, "evil");
    std::fs::write(env.join("bin/postactivate"), "echo planted\n").unwrap();
    std::fs::set_permissions(env.join("bin/postactivate"), PermissionsExt::from_mode(0o666)).unwrap();
    call(&sandbox, &["upgrade", "evil"]).fails("upgrade", "`[ROOT]/envs/evil/bin/postactivate` is writable by other");
}

/// What `venvwrap venv` makes, with a name in the store or without one.
#[test]
fn an_environment_at_a_path_is_repaired_and_upgraded_there() {
    let Some([(old, old_version), (new, new_version)]) = two() else { return };
    for wheels in Wheels::both() {
        wheels.add_common();
        let directory = wheels.sandbox.path("projects/it's");
        let (place, new_python) = (directory.to_str().unwrap(), new.to_str().unwrap());
        let made = wheels.call(&["venv", "-q", "--no-setuptools", "-p", old.to_str().unwrap(), place]);
        assert_eq!(made.status, Some(0), "{made:#?}");
        assert_eq!(wheels.call(&["adopt", place, "e"]).status, Some(0));
        let mut pip = wheels.sandbox.command(&directory.join("bin/python"));
        assert!(pip.args(["-m", "pip", "install", "-q", "alpha==1.0"]).output().unwrap().status.success());
        let library = format!("lib/python{old_version}");
        let of_user = ["mine", "lib/own/a", "include/mine/a.h", "bin/pipeline"].map(Path::new);
        for path in of_user {
            wheels.sandbox.write(directory.join(path), "");
        }
        wheels.sandbox.write(directory.join(&library).join("other/m.py"), "");
        wheels.sandbox.write(directory.join(&library).join("site-packages/alpha/mine.py"), "");
        let script = directory.join("bin/activate");
        std::fs::write(&script, std::fs::read_to_string(&script).unwrap() + "export DB=1\n").unwrap();
        let python = directory.join("bin/python");
        std::fs::remove_file(&python).unwrap();
        std::os::unix::fs::symlink("/nowhere/python", &python).unwrap();
        wheels.call(&["repair", "e"]).fails_with_hint("link", "`e` is a link to");
        let repaired = wheels.call(&["repair", place]);
        assert!(
            repaired.status == Some(0) && repaired.stderr.contains("repaired `[ROOT]/projects/it's`: "),
            "{repaired:#?}"
        );
        assert!(python.exists());
        wheels
            .call(&["upgrade", "e", "-p", new_python])
            .fails_with_hint("link", "is a link to an environment elsewhere");
        let mut command = wheels.command(&["upgrade", "../projects/it's/", "-p", new_python]);
        let command = command.current_dir(wheels.sandbox.path("projects"));
        let upgraded = Outcome::new(&wheels.sandbox, &command.output().unwrap());
        assert!(
            upgraded.status == Some(0) && upgraded.stderr.contains("upgraded `../projects/it's` from "),
            "{upgraded:#?}"
        );
        assert!(!upgraded.stderr.contains("undo"), "{upgraded:#?}");
        assert_eq!(wheels.freeze("e"), "alpha==1.0\nbeta==1.0\n");
        wheels.assert_runs("e", "alpha-tool", "1.0");
        assert!(directory.join("bin").join(format!("python{new_version}")).exists());
        let library = directory.join(format!("lib/python{new_version}"));
        let moved = ["other/m.py", "site-packages/alpha/mine.py"].map(|path| library.join(path));
        for path in of_user.into_iter().map(|path| directory.join(path)).chain(moved) {
            assert!(path.exists(), "{}", path.display());
        }
        assert!(std::fs::read_to_string(&script).unwrap().ends_with("export DB=1\n"));
        wait_until("no residue", || residue(&wheels.sandbox.path("projects")).is_empty());
        for verb in ["repair", "upgrade"] {
            wheels.call(&[verb, "./nothere"]).fails_with_hint(verb, "`./nothere` is not an environment");
        }
    }
}

/// By path or by name, each where it is.
#[test]
fn several_environments_are_named_by_their_paths() {
    let Some([(old, _), (new, new_version)]) = two() else { return };
    let Some(wheels) = Wheels::both().into_iter().next() else { return };
    wheels.add_common();
    wheels.create(&old, "web", &[]);
    let projects = wheels.sandbox.path("projects");
    for place in ["a", "b/.venv"] {
        let directory = projects.join(place);
        std::fs::create_dir_all(directory.parent().unwrap()).unwrap();
        let words = ["venv", "-q", "--no-setuptools", "-p", old.to_str().unwrap(), directory.to_str().unwrap()];
        assert_eq!(wheels.call(&words).status, Some(0));
    }
    let here = |directory: &str, words: &[&str]| {
        let mut command = wheels.command(words);
        Outcome::new(&wheels.sandbox, &command.current_dir(projects.join(directory)).output().unwrap())
    };
    for verb in ["upgrade", "repair"] {
        let refused = here("b", &[verb, ".venv"]);
        refused.fails_with_hint(verb, "`.venv`");
        let hint = "\nhint: `./.venv` is the environment in this directory\n";
        assert!(refused.stderr.contains(hint), "{verb}: {refused:#?}");
    }
    let upgraded = here("", &["upgrade", "-p", new.to_str().unwrap(), "./a", "web", "b/.venv"]);
    assert_eq!(upgraded.status, Some(0), "{upgraded:#?}");
    for environment in [projects.join("a"), projects.join("b/.venv"), wheels.sandbox.env_path("web")] {
        assert!(environment.join("lib").join(format!("python{new_version}")).exists(), "{}", environment.display());
    }
    // What is named may have a namesake in the store, and what is proposed is for the one at the path.
    wheels.create(&old, "a", &[]);
    let refused = here("", &["upgrade", "-p", old.to_str().unwrap(), "--relax", "zeta", "./a"]);
    refused.fails_with_hint("could not upgrade `./a`", "`./a` has no package `zeta`");
    assert!(refused.stderr.contains("\nhint: `venvwrap freeze ./a` lists its packages\n"), "{refused:#?}");
    assert_eq!(here("", &["freeze", "--all", "./a"]).stdout, here("", &["freeze", "--all", "b/.venv"]).stdout);
    assert_eq!(here("", &["check", "./a", "web"]).stdout.lines().next(), Some("./a: No broken requirements found."));
    let refused = here("", &["upgrade", "-p", old.to_str().unwrap(), "./a", "./nothere"]);
    refused.fails_with_hint("nothing is changed", "`./nothere` is not an environment");
    assert!(projects.join("a/lib").join(format!("python{new_version}")).exists());
}

/// The store may have another environment of that name.
#[test]
fn the_active_environment_is_upgraded_where_it_is() {
    let Some([(old, _), (new, new_version)]) = two() else { return };
    for wheels in Wheels::both().into_iter().take(1) {
        wheels.add_common();
        wheels.create(&old, "shop", &["alpha==1.0"]);
        let directory = wheels.sandbox.path("projects/shop");
        let words = ["venv", "-q", "--no-setuptools", "-p", old.to_str().unwrap(), directory.to_str().unwrap()];
        assert_eq!(wheels.call(&words).status, Some(0));
        let before = wheels.freeze("shop");
        let mut command = wheels.command(&["upgrade", "-p", new.to_str().unwrap()]);
        let upgraded = Outcome::new(&wheels.sandbox, &command.env("VIRTUAL_ENV", &directory).output().unwrap());
        assert!(upgraded.status == Some(0) && !upgraded.stderr.contains("undo"), "{upgraded:#?}");
        let library = format!("lib/python{new_version}");
        assert!(directory.join(&library).exists() && !wheels.sandbox.env_path("shop").join(&library).exists());
        assert_eq!(wheels.freeze("shop"), before);
        // So is what a directory names.
        wheels.sandbox.write("projects/p/.venv", format!("{}\n", directory.display()));
        assert_eq!(wheels.call(&["allow", "../projects/p"]).status, Some(0));
        let mut command = wheels.command(&["upgrade", ".", "-p", old.to_str().unwrap()]);
        let command = command.current_dir(wheels.sandbox.path("projects/p"));
        let upgraded = Outcome::new(&wheels.sandbox, &command.output().unwrap());
        assert_eq!(upgraded.status, Some(0), "{upgraded:#?}");
        assert!(!directory.join(&library).exists());
        assert_eq!(wheels.freeze("shop"), before);
    }
}
