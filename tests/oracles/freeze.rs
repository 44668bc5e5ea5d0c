//! The lines of `venvwrap freeze` are those of `pip freeze` and `uv pip freeze`.

use super::fixture::{Fixture, NAME, pips};
use crate::support::program::call;
use crate::support::tools::{find_program, uv};

#[test]
fn the_lines_are_those_of_every_pip() {
    let Some(fixture) = Fixture::new() else { return };
    fixture.add_common();
    fixture.add_odd();
    if find_program("git").is_some() {
        fixture.add_editables();
    }
    for pip in pips() {
        for options in [&[][..], &["--all"], &["--local"], &["--user"], &["--exclude-editable"]] {
            let arguments = [&["freeze"], options].concat();
            let (expected, status) = fixture.pip(&pip, &arguments);
            assert_eq!(status, Some(0), "{}", pip.display());
            // pip lists itself from where the tests run it.
            let own = format!("pip=={}", pip.file_name().unwrap().to_string_lossy());
            let expected: Vec<_> = expected.lines().filter(|line| *line != own && !line.starts_with("pip==")).collect();
            let outcome = call(&fixture.sandbox, &[&["freeze", "--credentials", NAME], options].concat());
            let printed: Vec<_> = outcome.stdout.lines().filter(|line| !line.starts_with("pip==")).collect();
            assert_eq!(printed, expected, "{} {options:?}: {}", pip.display(), outcome.stderr);
        }
    }
}

/// Names and versions in the metadata that are not those in the name of its directory. Before version 24 pip took both
/// from the metadata.
#[test]
fn what_a_directory_is_called_counts_as_for_the_newest_pip() {
    let (Some(fixture), Some(pip)) = (Fixture::new(), pips().pop()) else { return };
    fixture.add_misnamed();
    let (expected, status) = fixture.pip(&pip, &["freeze"]);
    assert_eq!(status, Some(0));
    let outcome = call(&fixture.sandbox, &["freeze", NAME]);
    let own = |line: &&str| !line.starts_with("pip==");
    assert_eq!(outcome.stdout, expected.split_inclusive('\n').filter(own).collect::<String>());
    assert_eq!(outcome.stderr.matches("its own name counts").count(), 3, "{outcome:#?}");
}

#[test]
fn packages_are_left_out_by_name() {
    let (Some(fixture), Some(pip)) = (Fixture::new(), pips().pop()) else { return };
    fixture.add_common();
    for exclude in [&["--exclude", "SIX"][..], &["--exclude=ruamel_yaml", "--exclude", "six", "--all", "--exclude=Pip"]]
    {
        let (expected, status) = fixture.pip(&pip, &[&["freeze"], exclude].concat());
        let outcome = call(&fixture.sandbox, &[&["freeze", NAME], exclude].concat());
        assert_eq!((outcome.stdout.as_str(), outcome.status), (expected.as_str(), status), "{exclude:?}");
        assert!(!outcome.stdout.contains("six"), "{outcome:#?}");
    }
    // What the file names is listed all the same, whatever it excludes.
    for text in ["SIX\n", "ruamel_yaml\n", "# none\n"] {
        let file = fixture.sandbox.write("home/some.txt", text);
        let options = ["-r", file.to_str().unwrap(), "--exclude", "six"];
        let (expected, status) = fixture.pip(&pip, &[&["freeze"], &options[..]].concat());
        let outcome = call(&fixture.sandbox, &[&["freeze", NAME], &options[..]].concat());
        assert_eq!((outcome.stdout.as_str(), outcome.status), (expected.as_str(), status), "{text}");
    }
}

#[test]
fn the_order_of_a_file_is_kept_as_pip_keeps_it() {
    let Some(fixture) = Fixture::new() else { return };
    fixture.add_common();
    let text = "# mine\n\n--index-url https://x.example\nruamel_yaml>=0.1  # why\nSIX\n# mine\nnot-there==1\nsix\n";
    let file = fixture.sandbox.write("home/order.txt", text);
    let file = file.to_str().unwrap();
    let outcome = call(&fixture.sandbox, &["freeze", "-r", file, NAME]);
    assert!(
        outcome.stdout.contains("ruamel.yaml==0.18.1\nsix @ https://x.example/six.whl#sha256=00\n"),
        "{outcome:#?}"
    );
    assert!(outcome.stderr.contains("`not-there` is in "), "{outcome:#?}");
    assert!(outcome.stderr.contains("is listed once: it is in more than one line"), "{outcome:#?}");
    for pip in pips() {
        let (expected, _) = fixture.pip(&pip, &["freeze", "-r", file]);
        assert_eq!(outcome.stdout, expected, "{}", pip.display());
    }
}

#[test]
fn the_packages_of_the_base_are_those_of_pip() {
    let Some(fixture) = Fixture::new() else { return };
    fixture.add_common();
    let cfg = fixture.sandbox.env_path(NAME).join("pyvenv.cfg");
    let text = std::fs::read_to_string(&cfg).unwrap();
    let shown = text.replace("include-system-site-packages = false", "include-system-site-packages = true");
    assert_ne!(shown, text);
    std::fs::write(&cfg, shown).unwrap();
    fixture
        .sandbox
        .write("home/.local/lib/python3.11/site-packages/mine-1.dist-info/METADATA", "Name: mine\nVersion: 1\n");
    let user = fixture.sandbox.path("home/.local/lib/python3.11/site-packages");
    let own = fixture.sandbox.write("elsewhere/mine-2.dist-info/METADATA", "Name: mine\nVersion: 2\n");
    let (user, own) = (user.to_str().unwrap(), own.ancestors().nth(2).unwrap().to_str().unwrap());
    for pip in pips() {
        for options in [
            &[][..],
            &["--local"],
            &["--user"],
            &["--path", own],
            &["--path", own, "--path", user, "--path", "/nonexistent"],
            &["--path", user, "--path", own, "--all"],
        ] {
            let (expected, _) = fixture.pip(&pip, &[&["freeze"], options].concat());
            let outcome = call(&fixture.sandbox, &[&["freeze", NAME], options].concat());
            assert_eq!(outcome.stdout, expected, "{} {options:?}", pip.display());
        }
    }
}

#[test]
fn the_lines_are_those_of_uv() {
    let (Some(fixture), Some(uv)) = (Fixture::new(), uv()) else { return };
    fixture.add_common();
    fixture.add("pip-23.0", "pip", "23.0", "");
    fixture.add_editable("plain", "projects/plain");
    fixture.add_editable("special", "projects/a #%é b");
    fixture.add_egg("flat", false, "");
    fixture.add_egg("zipped", true, "");
    fixture.write("easy-install.pth", "./flat-1.0-py3.egg\n./zipped-1.0-py3.egg\n");
    for (name, origin) in [
        (
            "old-hash-in-full",
            r#""https://x.example/a", "archive_info": {"hash": "sha256=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}"#,
        ),
        ("old-hash", r#""https://x.example/a.zip", "archive_info": {"hash": "sha256=11"}, "subdirectory": "s/t""#),
        ("egg", r#""https://x.example/a.zip#egg=x", "archive_info": {"hashes": {"sha256": "2"}}"#),
        ("both", r#""https://x.example/a", "archive_info": {"hashes": {"md5": "5"}}, "subdirectory": "a b""#),
        ("fragment", r#""https://x.example/a.zip#egg=x", "archive_info": {}"#),
        ("escaped", r#""https://X.example:443/a b/é{}|^.zip?q=a b'", "archive_info": {}"#),
        ("bare", r#""https://x.example", "archive_info": {}"#),
        ("password", r#""https://u:p@x.example/a.whl?q=1", "archive_info": {}"#),
        ("token", r#""https://token@x.example/r.git?a=b#egg=x", "vcs_info": {"vcs": "git", "commit_id": "abc"}"#),
        ("ssh", r#""ssh://git@x.example:22/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}"#),
        ("here", r#""file://localhost/d", "dir_info": {}"#),
        ("variables", r#""https://${TOK}:${PW}@x.example/a.whl", "archive_info": {}"#),
        ("variable", r#""https://${TOK}@x.example/a.whl", "archive_info": {}"#),
        ("half", r#""https://u:${PW}@x.example/a.whl", "archive_info": {}"#),
        ("no-name", r#""https://:p@x.example/a.whl", "archive_info": {}"#),
        ("no-password", r#""https://u:@x.example/a.whl", "archive_info": {}"#),
        ("nobody", r#""https://@x.example/a.whl", "archive_info": {}"#),
        ("odd-user", r#""https://u ;s=e|r'[]{}:x@x.example/a.whl", "archive_info": {}"#),
        ("odd-password", r#""https://é~*!$&(),+:p@s s:@x.example/a.whl", "archive_info": {}"#),
        ("git", r#""https://git@x.example/a.whl", "archive_info": {}"#),
        ("git-user", r#""ssh://me@x.example/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}"#),
        ("git-password", r#""ssh://git:p@x.example/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}"#),
        ("git-https", r#""https://git@x.example/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}"#),
        ("hidden", r#""https://****:****@x.example/a.whl", "archive_info": {}"#),
        (
            "hash-md5",
            r#""https://x.example/a", "archive_info": {"hash": "md5=5", "hashes": {"md5": "5", "sha256": "2"}}"#,
        ),
        ("hash-blake", r#""https://x.example/a", "archive_info": {"hashes": {"md5": "5", "blake2b": "9"}}"#),
        (
            "hash-384",
            r#""https://x.example/a", "archive_info": {"hashes": {"blake2b": "9", "sha256": "2", "sha384": "3"}}"#,
        ),
        ("hash-512", r#""https://x.example/a", "archive_info": {"hashes": {"sha384": "3", "sha512": "1", "x": "0"}}"#),
        ("hash-unknown", r#""https://x.example/a#sha1=0", "archive_info": {"hashes": {"sha1": "5", "SHA256": "2"}}"#),
        ("scp", r#""git@x.example:u/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}"#),
        ("scp-user", r#""me@x.example:r", "vcs_info": {"vcs": "git", "commit_id": "abc"}, "subdirectory": "s""#),
        ("scp-host", r#""x.example:u/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}"#),
        ("scp-file", r#""git@x.example:a.whl", "archive_info": {"hash": "sha256=11"}"#),
        ("path", r#""r/a.whl", "archive_info": {}"#),
        ("digit", r#""1a:r/a.whl", "archive_info": {}"#),
        ("here-editable", r#""file:/d é", "dir_info": {"editable": true}"#),
    ] {
        fixture.add_from(name, &format!(r#"{{"url": {origin}}}"#));
    }
    let (expected, status) = fixture.uv(&uv, &["freeze"]);
    assert_eq!(status, Some(0));
    let outcome = call(&fixture.sandbox, &["freeze", "--format", "uv", NAME]);
    assert_eq!(outcome.stdout, expected, "{}", outcome.stderr);
}
