use super::*;

const COMMIT: &str = "0123456789012345678901234567890123456789";

/// A working tree with a repository of one commit on `main`.
fn tree(config: &str) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let git = root.path().join(".git");
    std::fs::create_dir_all(git.join("refs/heads")).unwrap();
    std::fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    std::fs::write(git.join("refs/heads/main"), format!("{COMMIT}\n")).unwrap();
    std::fs::write(git.join("config"), config).unwrap();
    std::fs::write(root.path().join("pyproject.toml"), "").unwrap();
    root
}

fn found(url: &str, subdirectory: Option<&str>) -> Source {
    Source::Found { url: url.into(), commit: COMMIT.into(), subdirectory: subdirectory.map(str::to_owned) }
}

#[test]
fn a_commit_is_found_as_file_and_packed_and_from_a_linked_tree() {
    let root = tree("[remote \"origin\"]\n\turl = https://x.example/a.git\n");
    assert_eq!(source_of(root.path()), found("https://x.example/a.git", None));
    let project = root.path().join("sub/project");
    std::fs::create_dir_all(&project).unwrap();
    std::fs::write(project.join("setup.py"), "").unwrap();
    assert_eq!(source_of(&project), found("https://x.example/a.git", Some("sub/project")));

    std::fs::remove_file(root.path().join(".git/refs/heads/main")).unwrap();
    assert_eq!(source_of(root.path()), Source::NoCommit);
    let packed = format!("# pack-refs with: peeled\n{} refs/heads/domain\n{COMMIT} refs/heads/main\n", "f".repeat(40));
    std::fs::write(root.path().join(".git/packed-refs"), packed).unwrap();
    assert_eq!(source_of(root.path()), found("https://x.example/a.git", None));

    let linked = root.path().join("linked");
    let own = root.path().join(".git/worktrees/linked");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::create_dir(&linked).unwrap();
    std::fs::write(linked.join(".git"), format!("gitdir: {}\n", own.display())).unwrap();
    std::fs::write(own.join("commondir"), "../..\n").unwrap();
    std::fs::write(own.join("HEAD"), "f".repeat(40)).unwrap();
    assert!(matches!(source_of(&linked), Source::Found { commit, .. } if commit == "f".repeat(40)));
}

#[test]
fn the_remote_is_origin_or_the_first() {
    let both = "[remote \"up\"]\nurl = b:x\n[Remote \"origin\"]\n  URL = \"a:x\" ; no\n[remote \"o\"]\nurl=c:x";
    assert_eq!(remote_url(both).as_deref(), Some("a:x"));
    assert_eq!(remote_url("[remote \"up\"]\nurl = b\\\n:x\npushurl = c\n").as_deref(), Some("b:x"));
    assert_eq!(remote_url("[branch \"main\"]\nurl = b:x\n[remote]\nurl = c\n"), None);
    assert_eq!(source_of(tree("[core]\n").path()), Source::NoRemote);
    assert_eq!(source_of(tree("[remote \"o\"]\nurl = ../x\n").path()), Source::UnknownRemote("../x".into()));
}

#[test]
fn urls_are_those_of_pip() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a #é");
    std::fs::create_dir(&path).unwrap();
    let expected = format!("file://{}/a%20%23%C3%A9", root.path().display());
    assert_eq!(pip_url(path.to_str().unwrap()), Some(expected));
    assert_eq!(pip_url("git@host.example:a/b.git").as_deref(), Some("ssh://git@host.example/a/b.git"));
    assert_eq!(pip_url("host:a").as_deref(), Some("ssh://host/a"));
    for url in ["../x", "/gone", "host:/a", "a/b:c", "host:a:b", ""] {
        assert_eq!(pip_url(url), None, "{url}");
    }
}

#[test]
fn hostile_references_lead_nowhere() {
    for head in ["ref: ../../secret", "ref: /etc/passwd", "ref: refs/../../x", "ref: HEAD", "x", ""] {
        let root = tree("[remote \"o\"]\nurl = h:x\n");
        std::fs::write(root.path().join("secret"), COMMIT).unwrap();
        std::fs::write(root.path().join(".git/HEAD"), head).unwrap();
        assert_eq!(source_of(root.path()), Source::NoCommit, "{head}");
    }
    let root = tree("[remote \"o\"]\nurl = h:x\n");
    std::fs::write(root.path().join(".git/refs/heads/main"), "ref: refs/heads/main").unwrap();
    assert_eq!(source_of(root.path()), Source::NoCommit);
}

#[test]
fn any_configuration_is_read() {
    let seeds = ["[remote \"or\\\"igin\"]\n\turl = \"https://x/a\\\\b\" # c\n[core]\nbare = false\\\n"];
    crate::mutation::check_mutations(&seeds, |input| {
        let _ = remote_url(&String::from_utf8_lossy(input)).as_deref().map(pip_url);
    });
}
