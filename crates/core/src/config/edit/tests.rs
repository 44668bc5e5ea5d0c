use super::*;

fn after(old: &str, act: impl Fn(&Path) -> Result<(), ConfigFileError>) -> Result<String, ConfigFileError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    std::fs::write(&path, old).unwrap();
    let result = act(&path);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(result.is_ok() || text == old, "a failed change changes nothing");
    result.map(|()| text)
}

#[test]
fn comments_and_order_stay() {
    let old = "# mine\npicker = false # no list\n  auto=false\ncd = true";
    let new = after(old, |path| set(path, "auto", "on")).unwrap();
    assert_eq!(new, "# mine\npicker = false # no list\n  auto=true\ncd = true");
    let new = after(old, |path| set(path, "picker", "true")).unwrap();
    assert_eq!(new, "# mine\npicker = true # no list\n  auto=false\ncd = true");
    let new = after(old, |path| set(path, "python", "it's \"3.12\"\n")).unwrap();
    assert!(new.starts_with(old) && new.lines().count() >= 5, "{new}");
    assert_eq!(after(old, |path| unset(path, "picker")).unwrap(), "# mine\n  auto=false\ncd = true");
    assert_eq!(after(old, |path| unset(path, "python")).unwrap(), old);
}

#[test]
fn numbers_that_equal_nothing_are_no_reason_to_refuse() {
    for value in ["nan", "[1.0, -nan]", "inf"] {
        let old = format!("other = {value}\npicker = true\n");
        assert_eq!(
            after(&old, |path| set(path, "picker", "false")).unwrap(),
            format!("other = {value}\npicker = false\n")
        );
        assert_eq!(after(&old, |path| unset(path, "picker")).unwrap(), format!("other = {value}\n"));
    }
}

#[test]
fn what_is_set_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new/config.toml");
    assert_eq!(list(&path).unwrap(), []);
    for value in ["~/a b", "a # b", "x\" = 'y'", "$(touch PWN)\\"] {
        set(&path, "project_home", value).unwrap();
        assert_eq!(get(&path, "project_home").unwrap().as_deref(), Some(value));
    }
    set(&path, "auto", "true").unwrap();
    assert_eq!(list(&path).unwrap()[0], ("auto".to_string(), "true".to_string()));
    set(&path, "default_packages", " ipython  rich>=13 ").unwrap();
    assert_eq!(get(&path, "default_packages").unwrap().as_deref(), Some("ipython rich>=13"));
    assert!(std::fs::read_to_string(&path).unwrap().contains("default_packages = [\"ipython\", \"rich>=13\"]\n"));
}

#[test]
fn every_way_to_write_a_key_can_be_changed() {
    for (old, set_to_true, without) in [
        (
            "python = \"\"\"\nauto = false\n\"\"\"\nauto = false\n",
            "python = \"\"\"\nauto = false\n\"\"\"\nauto = true\n",
            "python = \"\"\"\nauto = false\n\"\"\"\n",
        ),
        ("\"auto\" = false # 'x'\r\ncd = true\r\n", "\"auto\" = true # 'x'\r\ncd = true\r\n", "cd = true\r\n"),
        ("'auto'=\"\"\"\n#\n\"\"\" # é\n# end", "'auto'=true # é\n# end", "# end"),
        ("[x]\ny = 1\n", "auto = true\n[x]\ny = 1\n", "[x]\ny = 1\n"),
        ("cd = true # c\n[x]", "cd = true # c\nauto = true\n[x]", "cd = true # c\n[x]"),
    ] {
        assert_eq!(after(old, |path| set(path, "auto", "true")).unwrap(), set_to_true);
        assert_eq!(after(old, |path| unset(path, "auto")).unwrap(), without);
    }
}

#[test]
fn what_cannot_be_changed_safely_stays() {
    for odd in ["[auto]\nx = 1\n", "auto.x = 1\nauto.y = 2\n", "[[auto]]\n"] {
        assert!(matches!(after(odd, |path| set(path, "auto", "true")), Err(ConfigFileError::Odd { .. })), "{odd}");
    }
    assert!(matches!(after("", |path| set(path, "nothing", "x")), Err(ConfigFileError::Key { .. })));
    assert!(matches!(after("", |path| set(path, "auto", "maybe")), Err(ConfigFileError::Value { .. })));
    assert!(matches!(after("", |path| set(path, "installer", "conda")), Err(ConfigFileError::Value { .. })));
}

#[test]
fn no_empty_file_is_left() {
    let directory = tempfile::tempdir().unwrap();
    let (path, link) = (directory.path().join("config.toml"), directory.path().join("link.toml"));
    unset(&directory.path().join("new/config.toml"), "auto").unwrap();
    assert!(!directory.path().join("new").exists());
    set(&path, "auto", "true").unwrap();
    unset(&path, "auto").unwrap();
    assert!(!path.exists());
    std::fs::write(&path, "# mine\nauto = true\n").unwrap();
    unset(&path, "auto").unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# mine\n");
    std::fs::write(&path, "").unwrap();
    unset(&path, "auto").unwrap();
    assert!(path.exists(), "it was empty before");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    set(&link, "auto", "true").unwrap();
    unset(&link, "auto").unwrap();
    assert!(!link.exists() && link.is_symlink(), "the link of a dotfile manager stays");
    set(&link, "cd", "true").unwrap();
    assert_eq!(get(&path, "cd").unwrap().as_deref(), Some("true"));
}

#[test]
fn a_broken_file_is_repaired_by_its_key() {
    for (old, key, without) in [
        ("auto = \n# c\ncd = true\n", "auto", "# c\ncd = true\n"),
        ("cd = true\npicker = maybe", "picker", "cd = true\n"),
        ("cd = true\ncd = false\npicker = true", "cd", "picker = true"),
        ("auto = \"\"\"\ncd = true\n", "auto", "cd = true\n"),
        ("bad = [\ncd = true\n", "bad", "cd = true\n"),
        ("cd = true\nx = 1 y\n", "x", "cd = true\n"),
        ("cd = true\n'new-1' = \n", "new-1", "cd = true\n"),
    ] {
        for key in [key, "link_mode"] {
            assert!(after(old, |path| set(path, key, "copy")).is_err(), "{old:?}");
        }
        assert!(matches!(after(old, |path| set(path, "cd", "true")), Err(ConfigFileError::Syntax(_))), "{old:?}");
        assert_eq!(after(old, |path| unset(path, key)).unwrap(), without, "{old:?}");
    }
    assert!(matches!(after("x = 1 y\n", |path| unset(path, "z")), Err(ConfigFileError::Syntax(_))));
    let two = "auto = \npicker = \n";
    assert_eq!(after(two, |path| unset(path, "auto")).unwrap(), "picker = \n");
    assert!(matches!(after("x = 'a\nauto = true\n", |path| unset(path, "auto")), Err(ConfigFileError::Syntax(_))));
}

#[test]
fn of_a_broken_file_only_the_line_at_fault_is_removed() {
    for (old, key, without) in [
        ("picker = '''\nauto = \n'''\nauto = \n", "auto", "picker = '''\nauto = \n'''\n"),
        ("bad = '''\nauto = 1\n'''\nauto = \ncd = \n", "auto", "bad = '''\nauto = 1\n'''\ncd = \n"),
        ("cd = true\nauto = \n[x]\nauto = 1\ncd = 1\n", "auto", "cd = true\n[x]\nauto = 1\ncd = 1\n"),
        ("x = [\n1,\n] # c\nauto = \n# c\n", "auto", "x = [\n1,\n] # c\n# c\n"),
        ("auto = true\nauto = \npicker = \nauto = 1\n", "auto", "picker = \nauto = 1\n"),
        ("auto = \nauto = true\nauto = 1\n[x]\nauto = 1", "auto", "[x]\nauto = 1"),
    ] {
        assert_eq!(after(old, |path| unset(path, key)).unwrap(), without, "{old:?}");
    }
}

#[test]
fn where_more_than_a_line_may_be_at_fault_nothing_is_removed() {
    for (old, keys) in [
        ("python = [\n \"a\",\n \"b\"\ncd = true\nauto = true\n", &["python", "cd", "auto"][..]),
        ("python = [\n \"a\",\n \"b\"\n", &["python"]),
        ("cd = [1 2,\n3]\n", &["cd"]),
        ("cd = true\ncd = [\n3\n]\n", &["cd"]),
        ("[x]\nauto = \n", &["auto"]),
        ("[x]\ny = [\nauto = true\n", &["auto", "y"]),
        ("x = '''\nauto = 1\n''' y\n", &["auto", "x"]),
        ("x = \"\"\"\nauto = \\q\n\"\"\"\n", &["auto", "x"]),
        ("a = '''\ncd = true\nb = '''\npicker = true\nc = '''\n", &["a", "b", "cd", "picker"]),
    ] {
        for key in keys {
            let result = after(old, |path| unset(path, key));
            assert!(matches!(result, Err(ConfigFileError::Syntax(_))), "{old:?} {key}: {result:?}");
        }
    }
}

#[test]
fn what_is_said_to_be_removable_is_and_nothing_else() {
    for old in [
        "auto = \n",
        "cd = true\nauto = \n[x]\nauto = 1\n",
        "bad = [\ncd = true\n",
        "auto = true\nauto = true\n",
        "new = 1\n",
        "picker = {}\n",
        "[colours]\nx = 1\n",
        "[[auto]]\n",
        "cd.x = 1\n",
        "[x]\nauto = \n",
        "python = [\n \"a\"\ncd = true\nauto = true\n",
        "auto = \"\"\"\n\\q\"\"\"\n",
        "cd = true\nauto = \u{1}\n",
    ] {
        // What is empty in the end is removed.
        let old = &format!("# c\n{old}");
        let path = Path::new("/c");
        let problem = &super::super::file::File::parse(path, old.as_bytes()).problems[0];
        let key = problem.key.as_deref().unwrap();
        let removed = after(old, |path| unset(path, key));
        assert_eq!(problem.is_removable, removed.as_ref().is_ok_and(|new| new != old), "{problem} {removed:?}");
    }
}

#[test]
fn a_long_broken_file_is_read_in_no_time() {
    let lines = "# nothing to see\n".repeat(20_000);
    assert!(after(&format!("auto = \"\"\"\n{lines}\\q"), |path| unset(path, "auto")).is_err());
    assert!(after(&"auto = \n".repeat(20_000), |path| unset(path, "auto")).is_ok());
}

#[test]
fn what_is_valid_in_a_broken_file_is_listed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    std::fs::write(&path, "cd = true\npicker = maybe\npython = '3.12'\n").unwrap();
    let expected = [("cd", "true"), ("python", "3.12")].map(|(key, value)| (key.to_string(), value.to_string()));
    assert_eq!(list(&path).unwrap(), expected);
}

#[test]
fn a_key_of_another_version_can_be_removed() {
    assert_eq!(after("new = 1\ncd = true\n", |path| unset(path, "new")).unwrap(), "cd = true\n");
    assert!(matches!(after("cd = true\n", |path| unset(path, "new")), Err(ConfigFileError::Key { .. })));
}

#[test]
fn of_several_who_change_at_once_all_are_heard() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.toml");
    let keys = ["python", "project_home", "workon_home", "hook_dir", "creator", "creator_args", "project_filename"];
    for round in 0..20 {
        std::thread::scope(|scope| {
            for key in keys {
                let path = &path;
                scope.spawn(move || set(path, key, &format!("{key} {round}")).unwrap());
            }
        });
        for key in keys {
            assert_eq!(get(&path, key).unwrap().unwrap(), format!("{key} {round}"));
        }
    }
}
