//! `venvwrap snapshot`.

use crate::support::program::{call, names_in, residue};
use crate::support::sandbox::Sandbox;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.make_env("api");
    package(&sandbox, "tiny", "1.0", "");
    sandbox
}

fn package(sandbox: &Sandbox, name: &str, version: &str, direct_url: &str) {
    let site = sandbox.env_path("api").join("lib/python3.11/site-packages");
    for old in names_in(&site).into_iter().filter(|old| old.to_string_lossy().starts_with(&format!("{name}-"))) {
        std::fs::remove_dir_all(site.join(old)).unwrap();
    }
    let info = site.join(format!("{name}-{version}.dist-info"));
    sandbox.write(info.join("METADATA"), format!("Name: {name}\nVersion: {version}\n"));
    sandbox.write(info.join("REQUESTED"), "");
    if !direct_url.is_empty() {
        sandbox.write(info.join("direct_url.json"), direct_url);
    }
}

/// A snapshot without what differs from run to run.
fn shown(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let outcome = call(sandbox, &[&["snapshot", "show"], arguments].concat());
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    outcome.stdout.lines().filter(|line| !line.starts_with("# created:")).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn taken_listed_and_shown() {
    let sandbox = sandbox();
    let outcome = call(&sandbox, &["snapshot", "api", "-m", "before\nthe release"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.starts_with("took the snapshot `20") && outcome.stderr.ends_with("` of `api`\n"));
    let again = call(&sandbox, &["snapshot", "api"]);
    assert!(again.stderr.starts_with("`api` has not changed since the snapshot `20"), "{again:#?}");
    let json = call(&sandbox, &["snapshot", "api", "--json"]);
    for field in ["\"message\": \"before the release\"", "\"taken\": false", "\"packages\": 1"] {
        assert!(json.stdout.contains(field), "{json:#?}");
    }
    insta::assert_snapshot!(shown(&sandbox, &["api"]), @"
    # venvwrap-snapshot: 1
    # python: 3.11.2
    # implementation: CPython
    # reason: snapshot
    # message: before the release
    # requested: tiny
    tiny==1.0
    ");
    package(&sandbox, "tiny", "2.0", "");
    let compared = call(&sandbox, &["snapshot", "diff", "api"]);
    assert_eq!(compared.status, Some(1), "{compared:#?}");
    assert!(compared.stdout.contains("upgraded"), "{compared:#?}");
    call(&sandbox, &["snapshot", "api"]).fails_not();
    // The message belongs to what is there already.
    let noted = call(&sandbox, &["snapshot", "api", "-m", "works"]);
    assert!(noted.status == Some(0) && noted.stderr.ends_with("`, which has this message now\n"), "{noted:#?}");
    let again = call(&sandbox, &["snapshot", "api", "-m", "works"]);
    assert!(!again.stderr.contains("message"), "{again:#?}");
    assert!(shown(&sandbox, &["api"]).contains("# message: works\n"));
    let list = call(&sandbox, &["snapshot", "list", "api"]);
    let rows: Vec<_> = list.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(rows.len(), 3, "{list:#?}");
    assert_eq!((rows[1][0], rows[2][0]), ("1", "2"));
    assert!(list.stdout.contains("before the release"), "{list:#?}");
    let json = call(&sandbox, &["snapshot", "list", "--json", "api"]);
    assert_eq!(json.stdout.matches("\"snapshot\": \"20").count(), 2, "{json:#?}");
    // What is named is an environment, whatever it is called.
    call(&sandbox, &["snapshot", "show", "api", "7"]).fails_with_hint("number", "there is no snapshot `7`");
    call(&sandbox, &["snapshot", "show", "../api"]).fails_with_hint("path", "is not a valid environment name");
    call(&sandbox, &["snapshot", "list", "nope"]).fails_with_hint("name", "nope");
}

impl crate::support::shells::Outcome {
    #[track_caller]
    fn fails_not(&self) {
        assert_eq!(self.status, Some(0), "{self:#?}");
    }
}

#[test]
fn old_ones_are_deleted() {
    let sandbox = sandbox();
    for version in ["1.0", "2.0", "3.0", "4.0"] {
        package(&sandbox, "tiny", version, "");
        call(&sandbox, &["snapshot", "api"]).fails_not();
    }
    let kept = || call(&sandbox, &["snapshot", "list", "--json", "api"]).stdout.matches("\"snapshot\": ").count();
    let planned = call(&sandbox, &["snapshot", "prune", "-n", "--keep", "2", "api"]);
    assert!(planned.stderr.starts_with("would delete 2 snapshots of `api`: `20"), "{planned:#?}");
    assert_eq!((planned.status, kept()), (Some(0), 4), "{planned:#?}");
    let json = call(&sandbox, &["snapshot", "prune", "--json", "--keep", "3", "api"]);
    let value: serde_json::Value = serde_json::from_str(json.succeeds("json")).unwrap();
    assert_eq!((value["deleted"].as_array().unwrap().len(), kept()), (1, 3), "{value}");
    let deleted = call(&sandbox, &["snapshot", "prune", "api"]);
    assert!(deleted.stderr.starts_with("deleted 2 snapshots of `api`: `20"), "{deleted:#?}");
    assert!(shown(&sandbox, &["api"]).ends_with("tiny==4.0\n"));
    let again = call(&sandbox, &["snapshot", "prune", "api"]);
    assert_eq!(again.stderr, "nothing to delete: `api` has no older snapshots\n");
    // Also those of an environment that is gone.
    call(&sandbox, &["remove", "api"]).fails_not();
    call(&sandbox, &["snapshot", "prune", "--keep", "0", "api"]).fails_not();
    assert_eq!(kept(), 0);
    call(&sandbox, &["snapshot", "prune", "nope"]).fails_with_hint("name", "nope");
    // Of which environment has to be said.
    assert_eq!(call(&sandbox, &["snapshot", "prune"]).status, Some(2));
}

#[test]
fn passwords_are_kept_and_not_shown() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = sandbox();
    package(&sandbox, "secret", "1.0", r#"{"url": "https://user:pass@x.example/s.whl", "archive_info": {}}"#);
    call(&sandbox, &["snapshot", "api"]).fails_not();
    assert!(shown(&sandbox, &["api"]).contains("secret @ https://****@x.example/s.whl\n"));
    assert!(shown(&sandbox, &["--credentials", "api"]).contains("user:pass@"));
    let store = sandbox.path("home/.local/state/venvwrap/snapshots");
    let file = names_in(&store).into_iter().map(|name| store.join(name).join("api")).next().unwrap();
    let file = file.join(&names_in(&file)[0]);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn one_is_taken_before_a_removal_and_can_be_read_after_it() {
    let sandbox = sandbox();
    call(&sandbox, &["remove", "api"]).succeeds("remove");
    assert!(shown(&sandbox, &["api"]).ends_with("# reason: remove\n# requested: tiny\ntiny==1.0\n"));
    // A snapshot that cannot be taken is told, and stops nothing.
    sandbox.make_env("api");
    package(&sandbox, "tiny", "3.0", "");
    let store = sandbox.path("home/.local/state/venvwrap/snapshots");
    std::fs::remove_dir_all(&store).unwrap();
    std::fs::write(&store, "").unwrap();
    let outcome = call(&sandbox, &["remove", "api"]);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert!(outcome.stderr.starts_with("warning: no snapshot was taken: could not create"), "{outcome:#?}");
    assert!(!sandbox.env_path("api").exists());
}

#[test]
fn an_environment_without_packages_leaves_no_trace() {
    let sandbox = Sandbox::new();
    sandbox.make_env("empty");
    call(&sandbox, &["remove", "empty"]).succeeds("remove");
    assert!(!sandbox.path("home/.local/state/venvwrap/snapshots").exists());
    assert!(residue(&sandbox.path("home")).is_empty());
}
