//! `venvwrap freeze`.

use std::fs;

use crate::support::program::call;
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::wheels::{ANY, Wheels};

/// An environment with packages of several origins.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    let add = |name: &str, more: &str| {
        let info = format!("envs/api/lib/python3.11/site-packages/{}-1.0.dist-info", name.to_lowercase());
        sandbox.write(format!("{info}/METADATA"), format!("Name: {name}\nVersion: 1.0\n"));
        if !more.is_empty() {
            sandbox.write(format!("{info}/direct_url.json"), more);
        }
    };
    add("Tiny", "");
    add("pip", "");
    add("secret", r#"{"url": "https://user:pass@x.example/s.whl", "archive_info": {}}"#);
    let cfg = "home = /usr/bin\nversion = 3.11.2\ninclude-system-site-packages = false\n";
    sandbox.write("envs/api/pyvenv.cfg", cfg);
    sandbox
}

#[test]
fn the_lines() {
    let sandbox = sandbox();
    insta::assert_snapshot!(call(&sandbox, &["freeze", "api"]).whole(), @"
    --- standard output
    secret @ https://****@x.example/s.whl
    Tiny==1.0
    --- standard error
    warning: the credentials in the URL of `secret` are hidden
    --- status 0
    ");
}

#[test]
fn what_a_file_has_and_the_result_has_not() {
    let sandbox = sandbox();
    let file = "Tiny==0.9\n--odd \\\n    x\n./local\nhttps://u:p@x.example/x\nmissing \\\n  ==1\n";
    let file = sandbox.write("home/r.txt", file);
    let outcome = call(&sandbox, &["freeze", "-r", file.to_str().unwrap(), "api"]);
    insta::assert_snapshot!(outcome.whole(), @"
    --- standard output
    Tiny==1.0
    ## The following requirements were added by pip freeze:
    secret @ https://****@x.example/s.whl
    --- standard error
    warning: the credentials in the URL of `secret` are hidden
    warning: the option `--odd x` of `[ROOT]/home/r.txt` is left out
    warning: `./local` of `[ROOT]/home/r.txt` is left out: it does not name a package
    warning: `https://****@x.example/x` of `[ROOT]/home/r.txt` is left out: it does not name a package
    warning: `missing` is in `[ROOT]/home/r.txt` but not installed
    --- status 0
    ");
}

#[test]
fn the_json() {
    let sandbox = sandbox();
    insta::assert_snapshot!(call(&sandbox, &["freeze", "--format", "json", "--credentials", "api"]).whole(), @r#"
    --- standard output
    [
      {
        "editable": null,
        "installer": null,
        "local": true,
        "name": "secret",
        "normalized_name": "secret",
        "removable": false,
        "requested": false,
        "requirement": "secret @ https://user:pass@x.example/s.whl",
        "source": "archive",
        "version": "1.0"
      },
      {
        "editable": null,
        "installer": null,
        "local": true,
        "name": "Tiny",
        "normalized_name": "tiny",
        "removable": false,
        "requested": false,
        "requirement": "Tiny==1.0",
        "source": "index",
        "version": "1.0"
      }
    ]
    --- status 0
    "#);
}

#[test]
fn a_file_is_replaced_as_a_whole_and_a_device_is_not() {
    let sandbox = sandbox();
    let file = sandbox.write("home/out.txt", "old");
    let link = sandbox.path("home/link.txt");
    std::os::unix::fs::symlink("out.txt", &link).unwrap();
    let outcome = call(&sandbox, &["freeze", "--all", "-o", "link.txt", "api"]);
    assert_eq!((outcome.stdout.as_str(), outcome.status), ("", Some(0)), "{outcome:#?}");
    let expected = "pip==1.0\nsecret @ https://****@x.example/s.whl\nTiny==1.0\n";
    assert_eq!(fs::read_to_string(file).unwrap(), expected);
    assert!(link.is_symlink());
    let outcome = call(&sandbox, &["freeze", "-o", "/dev/null", "api"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    let outcome = call(&sandbox, &["freeze", "--credentials", "-o", "gone/out.txt", "api"]);
    outcome.fails("no directory", "could not open `[ROOT]/home/gone`");
}

#[test]
fn what_is_no_environment_is_an_error() {
    let sandbox = sandbox();
    call(&sandbox, &["freeze"]).fails_with_hint("none", "no environment is active");
    call(&sandbox, &["freeze", "gone"]).fails_with_hint("missing", "`gone`");
    fs::remove_file(sandbox.env_path("api").join("pyvenv.cfg")).unwrap();
    call(&sandbox, &["freeze", "api"]).fails_with_hint("no cfg", "could not read the packages of `api`");
}

#[test]
fn locks_and_hashes_are_what_the_index_has() {
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.create(&wheels.python, "api", &["alpha==1.0"]);
        let lock = wheels.sandbox.path("projects/pylock.toml");
        let lock = lock.to_str().unwrap();
        let outcome = wheels.call(&["freeze", "--format", "pylock", "--this-platform", "-o", lock, "api"]);
        if outcome.stderr.contains(" does not tell hashes") {
            eprintln!("skipped: the pip of this machine has no `lock`");
            continue;
        }
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        let text = fs::read_to_string(lock).unwrap();
        for part in ["lock-version = \"1.0\"", "name = \"alpha\"", "version = \"1.0\"", "sha256"] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(wheels.call(&["diff", "api", lock]).status, Some(0));
        let hashed = wheels.call(&["freeze", "--hashes", "api"]);
        assert_eq!(hashed.status, Some(0), "{hashed:#?}");
        let file = wheels.sandbox.write("projects/hashed.txt", &hashed.stdout);
        assert_eq!(hashed.stdout.matches(" \\\n    --hash=sha256:").count(), 2, "{hashed:#?}");
        // What is written can be installed again, by its hashes.
        wheels.create(&wheels.python, "web", &[]);
        for source in [lock, file.to_str().unwrap()] {
            wheels.create(&wheels.python, "web", &["beta"]);
            let outcome = wheels.call(&["restore", "web", source]);
            assert_eq!(outcome.status, Some(0), "{outcome:#?}");
            assert_eq!(wheels.freeze("web"), wheels.freeze("api"));
            assert_eq!(wheels.call(&["remove", "web"]).status, Some(0));
        }
        fs::remove_file(wheels.sandbox.path("wheels").join(format!("alpha-1.0-{ANY}.whl"))).unwrap();
        let outcome = wheels.call(&["freeze", "--format", "pylock", "api"]);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(1), ""), "{outcome:#?}");
        assert!(outcome.stderr.contains("error: could not find the hashes of all packages"), "{outcome:#?}");
    }
}

#[test]
fn a_pip_that_cannot_tell_hashes_is_named_in_one_line() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add_common();
    wheels.create(&wheels.python, "api", &["beta"]);
    let site = wheels.site("api");
    let entries = fs::read_dir(&site).unwrap().map(|entry| entry.unwrap().path());
    let is_pip = |path: &std::path::PathBuf| path.to_string_lossy().contains("/pip-");
    let info = site.join("pip-24.0.dist-info");
    fs::rename(entries.filter(is_pip).find(|path| path.is_dir()).unwrap(), &info).unwrap();
    fs::write(info.join("METADATA"), "Metadata-Version: 2.1\nName: pip\nVersion: 24.0\n").unwrap();
    for options in [&["--hashes"][..], &["--format", "pylock"]] {
        let outcome = wheels.call(&[&["freeze", "api"], options].concat());
        outcome.fails_with_hint("old pip", "pip 24.0 does not tell hashes");
        assert_eq!(outcome.stderr.lines().count(), 2, "{outcome:#?}");
    }
}

#[test]
fn an_index_that_does_not_answer_is_no_index_without_the_package() {
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.create(&wheels.python, "api", &["beta"]);
        // Nobody listens there.
        let settings = "[global]\nindex-url = http://127.0.0.1:9/simple\nretries = 0\n";
        wheels.sandbox.write("home/.config/pip/pip.conf", settings);
        let output = wheels.command(&["freeze", "--hashes", "api"]).env("UV_HTTP_RETRIES", "0").output().unwrap();
        let outcome = Outcome::new(&wheels.sandbox, &output);
        if outcome.stderr.contains(" does not tell hashes") {
            continue;
        }
        let told = "error: could not find the hashes of all packages\nhint: try again when the index answers\n";
        assert!(outcome.status == Some(1) && outcome.stderr.ends_with(told), "{outcome:#?}");
    }
}
