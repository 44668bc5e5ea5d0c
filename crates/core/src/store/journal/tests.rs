use super::*;

fn journal(old: &str, content: &str, path: &str) -> Option<Journal> {
    let fields = [old, "1 2", "file", content, path, "end"];
    Journal::parse(fields.map(|field| format!("{field}\0")).concat().as_bytes())
}

#[test]
fn a_file_that_cannot_be_put_back_keeps_no_other_from_it() {
    let root = tempfile::tempdir().unwrap();
    let [working, old, new] = ["working", "old", "new"].map(|name| root.path().join(name));
    std::fs::create_dir_all(working.join(KEPT)).unwrap();
    create_staging(&working).unwrap();
    std::fs::create_dir(&new).unwrap();
    for (file, content) in [(new.join("a"), "new"), (working.join("kept/0"), "old"), (working.join("kept/1"), "")] {
        std::fs::write(file, content).unwrap();
    }
    let step = |path: &str| Step { path: path.into(), content: Some("x".into()), is_cache: false };
    let name = EnvName::for_new("old".as_ref()).unwrap();
    let journal = Journal { old: name, identity: identity(&new).unwrap(), steps: vec![step("a"), step("gone/b")] };
    journal.write(&working).unwrap();
    journal.undo(&working, &old, &new).unwrap_err();
    assert_eq!(std::fs::read_to_string(old.join("a")).unwrap(), "old");
    assert!(!new.exists() && std::fs::read_dir(&working).unwrap().next().is_none());
}

#[test]
fn a_note_that_leads_elsewhere_is_none() {
    let read = journal("a b", "1-2", "bin/activate").unwrap();
    assert_eq!(Journal::parse(&read.to_bytes()), Some(read));
    assert!(journal("a", "", "pyvenv.cfg").is_some(), "no new content");
    for old in ["", ".", "..", "../x", "/x", "a/b"] {
        assert_eq!(journal(old, "1", "bin/x"), None, "{old}");
    }
    for content in [".", "..", "../x", "/x", "a/b", "a/"] {
        assert_eq!(journal("a", content, "bin/x"), None, "{content}");
    }
    for path in ["", "..", "../x", "bin/../../x", "bin/..", "/etc/passwd"] {
        assert_eq!(journal("a", "1", path), None, "{path}");
    }
}
