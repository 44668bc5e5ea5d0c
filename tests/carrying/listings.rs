//! `venvwrap diff` with what carries an environment, which is read and not unpacked.

use std::fs;
use std::process::Command;

use crate::support::program::{call, create, names_in, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::find_program;

/// Compares in the home directory.
fn diff(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let mut command = program(sandbox, &[&["diff"], arguments].concat());
    Outcome::new(sandbox, &command.current_dir(sandbox.path("home")).output().unwrap())
}

/// An environment with a package from an index and one from a repository, for a Python that exists nowhere.
fn made() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    add(&sandbox, "tiny", "1.0");
    add(&sandbox, "git", "2.0");
    let url = r#"{"url": "https://x.example/r", "vcs_info": {"vcs": "git", "commit_id": "0123456789012345678901234567890123456789"}}"#;
    sandbox.write("envs/api/lib/python3.11/site-packages/git-2.0.dist-info/direct_url.json", url);
    let cfg = "home = /nowhere/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n";
    sandbox.write("envs/api/pyvenv.cfg", cfg);
    sandbox
}

fn add(sandbox: &Sandbox, name: &str, version: &str) {
    let info = format!("envs/api/lib/python3.11/site-packages/{name}-{version}.dist-info");
    sandbox.write(format!("{info}/METADATA"), format!("Name: {name}\nVersion: {version}\n"));
}

#[test]
fn archives_of_every_kind_are_compared() {
    let sandbox = made();
    let home = sandbox.path("home");
    for file in ["a.tar", "a.tar.gz", "a.tgz", "a.tar.zst", "a.zip"] {
        let outcome = call(&sandbox, &["pack", "api", "-o", home.join(file).to_str().unwrap()]);
        assert_eq!(outcome.status, Some(0), "{outcome:?}");
    }
    let tar = |file: &str| {
        let mut tar = Command::new("tar");
        tar.arg("caf").arg(home.join(file)).arg("-C").arg(sandbox.path("envs")).arg("api").status().unwrap().success()
    };
    assert!(tar("plain.tgz"));
    // Their names do not matter.
    for file in ["a.tar", "a.tar.gz", "a.tar.zst", "a.zip"] {
        fs::copy(home.join(file), home.join(format!("{file}.old"))).unwrap();
    }
    fs::copy(home.join("a.tar"), home.join("plain")).unwrap();
    let mut files = vec!["plain", "a.tar.old", "a.tar.gz.old", "a.tar.zst.old", "a.zip.old"];
    files.extend(["a.tar", "a.tar.gz", "a.tgz", "a.tar.zst", "a.zip", "plain.tgz", "./a.tar"]);
    if find_program("zstd").is_some() {
        assert!(tar("plain.tar.zst"));
        files.push("plain.tar.zst");
    }
    for file in &files {
        assert_eq!(diff(&sandbox, &["api", file]).succeeds(file), "");
        assert_eq!(diff(&sandbox, &[file, "a.tar.gz", "--all"]).succeeds(file), "");
    }
    let info = sandbox.env_path("api").join("lib/python3.11/site-packages");
    fs::remove_dir_all(info.join("tiny-1.0.dist-info")).unwrap();
    add(&sandbox, "tiny", "1.1");
    add(&sandbox, "other", "3");
    for file in &files {
        let outcome = diff(&sandbox, &["api", file, "--names-only"]);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(1), "other\ntiny\n"), "{file} {outcome:?}");
    }
    let shown = diff(&sandbox, &["a.tar.zst", "api"]);
    insta::assert_snapshot!(shown.whole(), @"
    --- standard output
    package  a.tar.zst  api  change
    other    -          3    added
    tiny     1.0        1.1  upgraded
    --- status 1
    ");
    let lines = diff(&sandbox, &["api", "a.tar.gz", "--format", "pip"]);
    assert_eq!(lines.stdout, "# pip uninstall other\ntiny==1.0\n", "{lines:?}");
    // Another commit of the same version is another package; only our own archives say so.
    let url = r#"{"url": "https://x.example/r", "vcs_info": {"vcs": "git", "commit_id": "9993456789012345678901234567890123456789"}}"#;
    sandbox.write("envs/api/lib/python3.11/site-packages/git-2.0.dist-info/direct_url.json", url);
    assert!(diff(&sandbox, &["api", "a.zip"]).stdout.contains("source"));
    assert!(!diff(&sandbox, &["api", "plain.tgz"]).stdout.contains("source"));
}

#[test]
fn bundles_locks_and_images_are_compared() {
    let Some(python) = python() else { return };
    let sandbox = Sandbox::new();
    let environment = create(&sandbox, &python, "api");
    let home = sandbox.path("home");
    let at = |name: &str| home.join(name).to_str().unwrap().to_owned();
    for options in [&["-o", &at("b.tar")][..], &["--dir", "-o", &at("bundle")]] {
        let outcome = call(&sandbox, &[&["bundle", "--from-installed", "api"], options].concat());
        assert_eq!(outcome.status, Some(0), "{outcome:?}");
    }
    fs::copy(at("b.tar"), at("b")).unwrap();
    for file in ["b.tar", "b", "bundle", "./bundle"] {
        assert_eq!(diff(&sandbox, &["api", file, "--all"]).succeeds(file), "");
        assert_eq!(diff(&sandbox, &[file, "b.tar"]).succeeds(file), "");
    }
    fs::write(at("bundle/bundle.json"), "{\"schema\": 7}").unwrap();
    let outcome = diff(&sandbox, &["api", "bundle"]);
    outcome.fails_with_hint("schema", "is of version 7");
    assert_eq!(outcome.status, Some(2));

    let frozen = call(&sandbox, &["freeze", "api", "--all"]);
    fs::write(at("requirements.lock"), &frozen.stdout).unwrap();
    assert_eq!(diff(&sandbox, &["api", "requirements.lock", "--all"]).succeeds("lock"), "");
    let lib = names_in(&environment.join("lib")).remove(0);
    let site = environment.join("lib").join(&lib).join("site-packages");
    sandbox.write(site.join("new-1.dist-info/METADATA"), "Name: new\nVersion: 1\n");
    for file in ["b.tar", "requirements.lock"] {
        let outcome = diff(&sandbox, &["api", file, "--all", "--names-only"]);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(1), "new\n"), "{outcome:?}");
    }
}

#[test]
fn what_cannot_be_compared_has_its_own_status() {
    let sandbox = made();
    let home = sandbox.path("home");
    let packed = call(&sandbox, &["pack", "api", "-o", home.join("a.tar").to_str().unwrap()]);
    assert_eq!(packed.status, Some(0), "{packed:?}");
    let whole = fs::read(home.join("a.tar")).unwrap();
    sandbox.write("home/cut.tar", &whole[..700]);
    sandbox.write("home/text.tar.gz", "text");
    sandbox.write("home/empty.zip", "");
    fs::create_dir(home.join("none")).unwrap();
    sandbox.write("home/none/oci-layout", "{}");
    let status = Command::new("tar").arg("cf").arg(home.join("other.tar")).arg("-C").arg("/etc").arg("passwd").status();
    assert!(status.unwrap().success());
    for file in ["cut.tar", "text.tar.gz", "empty.zip", "none", "other.tar", "missing.tar"] {
        let outcome = diff(&sandbox, &["api", file]);
        outcome.fails(file, "");
        assert_eq!(outcome.status, Some(2), "{file} {outcome:?}");
    }
    let restored = call(&sandbox, &["restore", "api", home.join("a.tar").to_str().unwrap()]);
    restored.fails_with_hint("restore", "is an archive, a bundle or an image");
    // An environment may be called like an archive.
    sandbox.make_env("b.tar");
    assert_eq!(diff(&sandbox, &["b.tar", "b.tar"]).status, Some(0));
}
