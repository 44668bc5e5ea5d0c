use super::*;

fn names(found: &[PathBuf], root: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        found.iter().map(|path| path.strip_prefix(root).unwrap().to_string_lossy().into()).collect();
    names.sort();
    names
}

#[test]
fn patterns_name_directories() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("p[x]");
    for directory in ["a/b/c", "a/d", "it's", "it's/d"] {
        std::fs::create_dir_all(root.join(directory)).unwrap();
    }
    std::fs::write(root.join("a/file"), "").unwrap();
    for (pattern, expected) in [
        ("a", &["a"][..]),
        ("./a/", &["a"]),
        ("a/../it's", &["it's"]),
        ("*", &["a", "it's"]),
        ("*/d", &["a/d", "it's/d"]),
        ("a/**", &["a", "a/b", "a/b/c", "a/d"]),
        ("**/c", &["a/b/c", "a/c", "a/d/c", "c"]),
        ("[ax]/?", &["a/b", "a/d"]),
    ] {
        let found = names(&Search { left: MAX_ENTRIES }.expand(&root, pattern), &root);
        assert!(expected.iter().all(|name| found.iter().any(|it| it == name)), "{pattern}: {found:?}");
    }
    let is_meant = |pattern: &str, directory: &str| is_meant(&root, pattern, &root.join(directory));
    for (pattern, directory) in
        [("a", "a"), ("./*", "a"), ("*", "a/b"), ("**/c", "a/b/c"), ("**/c", "c"), ("a/**/c", "a/c")]
    {
        assert!(is_meant(pattern, directory), "{pattern} {directory}");
    }
    assert!(!is_meant("a", "a/b"));
}

#[test]
fn the_next_file_above_declares_the_workspace_or_none_does() {
    let place = tempfile::tempdir().unwrap();
    let top = place.path().canonicalize().unwrap();
    let write = |path: &str, text: &str| {
        std::fs::create_dir_all(top.join(path)).unwrap();
        std::fs::write(top.join(path).join(PYPROJECT), text).unwrap();
    };
    let root = |path: &str| names(&[Workspace::of(&top.join(path)).root], &top).remove(0);
    std::fs::create_dir_all(top.join("ws/m/src")).unwrap();
    assert_eq!(root("ws/m"), "ws/m", "no project at all");
    write("ws", "[project]\nname = 'ws'\n[tool.uv.workspace]\nmembers = ['m', 'n/*']\nexclude = ['n/x']\n");
    write("ws/m", "[project]\nname = 'm'\n");
    write("ws/n/y", "[project]\nname = 'y'\n");
    write("ws/n/x", "[project]\nname = 'x'\n");
    write("ws/other", "[project]\nname = 'other'\n");
    write("ws/m/inner", "[project]\nname = 'inner'\n");
    write("ws/nested", "[project]\nname = 'm'\n[tool.uv.workspace]\n");
    for (path, expected) in [
        ("ws", "ws"),
        ("ws/m", "ws"),
        ("ws/m/src", "ws"),
        ("ws/n", "ws"),
        ("ws/n/y", "ws"),
        ("ws/n/x", "ws/n/x"),
        ("ws/other", "ws/other"),
        ("ws/m/inner", "ws/m/inner"),
        ("ws/nested", "ws/nested"),
    ] {
        assert_eq!(root(path), expected, "{path}");
    }
    std::os::unix::fs::symlink(top.join("ws/m"), top.join("link")).unwrap();
    assert_eq!(root("link"), "ws", "as uv, which asks for the real path of the working directory");
    write("ws", "no TOML [");
    assert_eq!(root("ws/m"), "ws/m");
}

#[test]
fn of_a_large_workspace_only_the_root_is_read_where_it_must_be_quick() {
    let project = |name: &str| format!("[project]\nname = '{name}'\nrequires-python = '>=3.9'\n");
    let list = (0..MAX_QUICK_ENTRIES).map(|number| format!("'m/{number}'")).collect::<Vec<_>>().join(", ");
    for patterns in ["'m/*'", "'**'", &list] {
        let place = tempfile::tempdir().unwrap();
        let top = place.path().canonicalize().unwrap();
        let write = |path: &str, text: &str| {
            std::fs::create_dir_all(top.join(path)).unwrap();
            std::fs::write(top.join(path).join(PYPROJECT), text).unwrap();
        };
        write(".", &(project("root") + &format!("[tool.uv.workspace]\nmembers = [{patterns}]\n")));
        write("m/0", &project("m0"));
        let count = |workspace: Workspace| workspace.requirements().len();
        if patterns != list {
            assert_eq!((count(Workspace::of(&top)), count(Workspace::quick(&top))), (2, 2), "{patterns}");
        }
        for number in 1..MAX_QUICK_ENTRIES {
            write(&format!("m/{number}"), &project("m"));
        }
        let found = (count(Workspace::of(&top)), count(Workspace::quick(&top)));
        assert_eq!(found, (MAX_QUICK_ENTRIES + 1, 1), "{patterns}");
    }
}
