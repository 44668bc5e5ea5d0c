use super::*;

fn parse(text: impl AsRef<[u8]>) -> Requirements {
    Requirements::parse(text.as_ref(), Path::new("/nonexistent"), "-").unwrap()
}

fn written(found: &Requirements) -> Vec<String> {
    found.lines.iter().map(|line| line.requirement.to_string()).collect()
}

#[test]
fn lines_are_those_that_pip_sees() {
    let text = "# a comment \\\na==1 # why\n\nb>=2,\\\n  <3 ; os_name=='nt'\\\n# end\nc\\\n";
    assert_eq!(written(&parse(text)), ["a==1", "b<3,>=2; os_name == \"nt\"", "c"]);
    let hashed = "a==1 \\\r\n    --hash=sha256:aa \\\r\n    --hash sha256:bb\r\n";
    assert_eq!(parse(hashed).lines[0].hashes, ["sha256:aa", "sha256:bb"]);
    assert_eq!(parse("# venvwrap-snapshot: 1\n# python: 3.13.0\n").python.as_deref(), Some("3.13.0"));
}

#[test]
fn places_that_tell_a_name_are_requirements() {
    let text = "https://x/My_Pkg-1.0-py3-none-any.whl#sha256=1\ngit+https://x/r@v1#egg=My.Name&subdirectory=s\n\
                ./dist/other-2.tar.gz ; os_name == 'nt'\n";
    let names: Vec<_> = parse(text).lines.iter().map(|line| line.requirement.key()).collect();
    assert_eq!(names, ["my-pkg", "my-name", "other"]);
}

#[test]
fn what_is_no_requirement_is_reported_with_its_line() {
    let text =
        "--index-url https://x\n-i https://x\n--frobnicate=1\n\n==1\n./project\n-e ./gone\n-r https://x/y\n--pre\n";
    let found = parse(text);
    let oddities: Vec<_> = found.oddities.iter().map(ToString::to_string).collect();
    let expected = [
        "line 3 of `-` is skipped: unknown option `--frobnicate`",
        "line 5 of `-` is skipped: `==1` is not a requirement",
        "line 6 of `-` is skipped: the name of `./project` is unknown",
        "line 7 of `-` is skipped: the name of `./gone` is unknown",
        "line 8 of `-` is skipped: `https://x/y` is not on this machine",
    ];
    assert_eq!(oddities, expected);
}

#[test]
fn every_encoding_of_pip_is_read() {
    let text = "a==1\r\n# é\nb\n";
    let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<_>>();
    for content in [
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        [b"\xff\xfe", &utf16(u16::to_le_bytes)[..]].concat(),
        [b"\xfe\xff", &utf16(u16::to_be_bytes)[..]].concat(),
    ] {
        assert_eq!(written(&parse(content)), ["a==1", "b"]);
    }
    for content in [b"\xff\xfea".as_slice(), b"a\xff", b"\xff\xfe\x00\xd8", b"\xff\xfe\0\0a\0\0\0"] {
        let found = Requirements::parse(content, Path::new("/"), "-");
        assert!(matches!(found, Err(RequirementsError::NotText { .. })), "{found:?}");
    }
    for (content, what) in [
        (&b"BZh91AY&SY\xff"[..], "compressed by bzip2"),
        (b"\xfd7zXZ\0\xff", "compressed by xz"),
        (b"\x1f\x8b\x08\xff", "compressed by gzip"),
        (b"!<arch>\ndebian-binary", "a package of Debian"),
    ] {
        let refused = Requirements::parse(content, Path::new("/"), "x").unwrap_err();
        assert_eq!(refused.to_string(), format!("`x` is {what}, not a list of packages"));
    }
}

#[test]
fn files_may_name_others_but_not_themselves() {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(root.path().join(name), text).unwrap();
        root.path().join(name)
    };
    let top = write("top.txt", "-r more.txt\n--constraint=limits.txt\n-rmore.txt\n-e ./project\n");
    write("more.txt", "a\n");
    write("limits.txt", "b<2\n");
    std::fs::create_dir(root.path().join("project")).unwrap();
    write("project/pyproject.toml", "[project]\nname = \"My.Project\"\n");
    let found = Requirements::read(&top, &|_| None).unwrap();
    assert_eq!(written(&found), ["a", "b<2", "a", "my-project"]);
    assert!(found.lines[1].is_constraint && !found.lines[2].is_constraint);
    assert_eq!(found.lines[3].editable.as_deref(), root.path().join("project").to_str());

    let own = write("loop.txt", "-c loop2.txt\n");
    write("loop2.txt", "--requirement loop.txt\n");
    assert!(matches!(Requirements::read(&own, &|_| None), Err(RequirementsError::Loop { .. })));
    for depth in 0..40 {
        write(&format!("deep{depth}.txt"), &format!("-r deep{}.txt\n", depth + 1));
    }
    let deep = Requirements::read(&root.path().join("deep0.txt"), &|_| None);
    assert!(matches!(deep, Err(RequirementsError::TooDeep { .. })), "{deep:?}");
    assert!(matches!(Requirements::read(&root.path().join("gone.txt"), &|_| None), Err(RequirementsError::Path(_))));
}

#[test]
fn many_lines_are_read() {
    let lines: Vec<_> = (0..10_000).map(|number| format!("package-{number}==1.{number}\n")).collect();
    assert_eq!(parse(lines.concat()).lines.len(), 10_000);
}

#[test]
fn any_bytes_are_read_or_refused() {
    let seeds = ["a[x]==1 \\\n  --hash=sha256:aa # c\n-e git+https://x#egg=b\n--pre\n./c-1.whl ; os_name == 'nt'\n"];
    crate::mutation::check_mutations(&seeds, |input| {
        // Nothing on this machine is read: the directory does not exist.
        let _ = Requirements::parse(input, Path::new("/nonexistent"), "-");
        let _ = name_in(&String::from_utf8_lossy(input));
    });
}

#[test]
fn every_option_that_pip_takes_is_kept() {
    for line in [
        "--pre --require-hashes",
        "--pypi-url=https://x",
        "--ind https://x",
        "--extra-index=https://x",
        "--trusted x",
        "--requ other.txt",
        "--only-final six",
    ] {
        let found = parse(line);
        assert_eq!((found.options, found.oddities.len()), (vec![line.to_owned()], 0));
    }
    for line in ["--frob", "-r", "--requirement", "-x", "--"] {
        let found = parse(line);
        assert_eq!((found.options.len(), found.oddities.len()), (0, 1), "{line}");
    }
}

#[test]
fn options_that_uv_passes_over_in_nested_constraints_are_known() {
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| std::fs::write(place.path().join(name), content).unwrap();
    let options = || options_in(&place.path().join("r.txt"), &|_| None);
    for (line, lost) in [
        ("-f wheels", Some("--find-links")),
        ("--find-links=wheels", Some("--find-links")),
        ("--no-binary :all:", Some("--no-binary")),
        ("--only-binary=six", Some("--only-binary")),
        ("-i https://x", None),
        ("--require-hashes", None),
    ] {
        write("c.txt", &format!("{line}\nsix<2\n"));
        write("nested.txt", "-r c.txt\n");
        for (include, lost) in [("-c c.txt", lost), ("-c nested.txt", lost), ("-r nested.txt", None), (line, None)] {
            write("r.txt", &format!("{include}\nsix\n"));
            let found = options();
            assert_eq!((found.lost, found.lines.len(), found.is_partial), (lost, 1, false), "{include}: {line}");
        }
    }
    write("r.txt", "-c https://x/c.txt\n");
    assert!(options().is_partial && options_in(&place.path().join("none"), &|_| None).is_partial);
}

#[test]
fn a_project_in_a_directory_has_the_name_that_its_files_tell() {
    let root = tempfile::tempdir().unwrap();
    let project = root.path().join("my app");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("pyproject.toml"), "[project]\nname = \"My.App\"\n").unwrap();
    let text = format!(
        "./my app\n./my app[x, y] ; os_name == 'nt'\nfile://{0}/my%20app[z]\n{0}/my app --hash=sha256:0\nmy app\n\
         -e ./my app[x] ; os_name == 'nt'\n./gone\nhttps://x/my app\n",
        root.path().display()
    );
    let found = Requirements::parse(text.as_bytes(), root.path(), "-").unwrap();
    let url = crate::env::direct_url::file_url(&project);
    let expected = [
        format!("my-app @ {url}"),
        format!("my-app[x,y] @ {url} ; os_name == \"nt\""),
        format!("my-app[z] @ {url}"),
        format!("my-app @ {url}"),
        "my-app[x]; os_name == \"nt\"".into(),
    ];
    assert_eq!(written(&found), expected);
    assert_eq!(found.lines[3].hashes, ["sha256:0"]);
    assert_eq!(found.lines[4].editable.as_deref(), project.to_str());
    assert_eq!(found.oddities.iter().map(|oddity| oddity.line).collect::<Vec<_>>(), [5, 7, 8]);
}

/// pip puts values into every line before it reads it.
#[test]
fn lines_have_the_values_of_variables() {
    let root = tempfile::tempdir().unwrap();
    let place = root.path().to_str().unwrap().to_owned();
    std::fs::create_dir(root.path().join("own")).unwrap();
    std::fs::write(root.path().join("own/pyproject.toml"), "[project]\nname = \"own\"\n").unwrap();
    std::fs::write(root.path().join("more.txt"), "more==${V}\n").unwrap();
    let text = "idna==${V}\n${NAME}[x]==1 ; python_version >= '${V}' # ${V}\nb==1 \\\n  --hash=sha256:${V}\n\
                -r ${DIR}/more.txt\n-c${DIR}/more.txt\n-e ${DIR}/own\n-e file://${DIR}/own\n${DIR}/own\n\
                file://${DIR}/c-1-py3-none-any.whl\nd @ ${URL}/d.whl\ne @ https://${TOKEN}@h/e.whl\ng @ ${REL}/g.whl\n\
                -e git+https://${TOKEN}@h/f#egg=f\n${ALL}\n--index-url https://${TOKEN}@h/\n\
                z==${GONE}\nz==${lower}\nz==${EMPTY}\nz==$V\nhttps://${TOKEN}@h/\n";
    let lookup = |name: &str| match name {
        "V" => Some("3.7".into()),
        "NAME" => Some("A.b".into()),
        "DIR" => Some(place.clone().into()),
        "URL" => Some("https://h".into()),
        "REL" => Some("wheels".into()),
        "TOKEN" => Some("s3cret".into()),
        "ALL" => Some("all==1".into()),
        "lower" => Some("1".into()),
        "EMPTY" => Some("".into()),
        _ => None,
    };
    let found = Requirements::parse_with(text.as_bytes(), Path::new("/nonexistent"), "-", &lookup).unwrap();
    let own = format!("own @ {}", crate::env::direct_url::file_url(&root.path().join("own")));
    let expected = [
        "idna==3.7",
        "A.b[x]==1; python_version >= \"3.7\"",
        "b==1",
        "more==3.7",
        "more==3.7",
        "own",
        "own",
        &own,
        &format!("c @ file://{place}/c-1-py3-none-any.whl"),
        "d @ ${URL}/d.whl",
        "e @ https://${TOKEN}@h/e.whl",
        "g @ file:///nonexistent/wheels/g.whl",
        "f",
        "all==1",
    ];
    assert_eq!(written(&found), expected);
    assert_eq!(found.lines[2].hashes, ["sha256:3.7"]);
    assert!(found.lines[4].is_constraint && !found.lines[3].is_constraint);
    let expanded = |at: usize| found.lines[at].expanded.as_deref();
    assert_eq!(expanded(9), Some("https://h/d.whl"));
    assert_eq!(expanded(10), Some("https://s3cret@h/e.whl"));
    assert_eq!(expanded(12), Some("git+https://s3cret@h/f#egg=f"));
    assert_eq!(found.lines[12].editable.as_deref(), Some("git+https://${TOKEN}@h/f#egg=f"));
    assert_eq!(found.options, ["--index-url https://${TOKEN}@h/"]);
    let reasons: Vec<_> = found.oddities.iter().map(|oddity| oddity.reason.to_string()).collect();
    let unset = ["${GONE}", "${lower}", "${EMPTY}", "$V"].map(|value| format!("`z=={value}` is not a requirement"));
    assert_eq!(reasons[..4], unset);
    assert_eq!(reasons[4..], ["the name of `https://${TOKEN}@h/` is unknown"]);
}

#[test]
fn what_is_said_of_a_line_holds_no_secrets_and_no_values() {
    let text = "-c https://ci:${TOKEN}@h/c.txt\n-r http://user:pw@h/x?token=t\n--requirement=https://h/${TOKEN}/c\n\
                aaa==9 http://user:pw@h/x?token=t\naaa==${LINK}\n-e ${LINK} # why\n${LINK} ; os_name == 'x'\n${MORE}\n\
                -zhttps://u:pw@h/\n-e https://u:pw@h/x --hash=1\naaa=1 https://h/?token=t\naaa==${TOKEN}\n";
    let lookup = |name: &str| match name {
        "TOKEN" => Some("s3 cret".into()),
        "LINK" => Some("https://me:s3cret@h/".into()),
        "MORE" => Some("-r https://me:s3cret@h/".into()),
        _ => None,
    };
    let found = Requirements::parse_with(text.as_bytes(), Path::new("/nonexistent"), "-", &lookup).unwrap();
    let reasons: Vec<_> = found.oddities.iter().map(|oddity| oddity.reason.to_string()).collect();
    let expected = [
        "`https://****@h/c.txt` is not on this machine",
        "`http://****@h/x?token=****` is not on this machine",
        "`https://h/${TOKEN}/c` is not on this machine",
        "the name of `aaa==9 http://****@h/x?token=****` is unknown",
        "the name of `aaa==${LINK}` is unknown",
        "the name of `${LINK}` is unknown",
        "the name of `${LINK} ; os_name == 'x'` is unknown",
        "`${MORE}` is not on this machine",
        "unknown option `-zhttps://****@h/`",
        "the name of `https://****@h/x` is unknown",
        "the name of `aaa=1 https://h/?token=****` is unknown",
        "`aaa==${TOKEN}` is not a requirement",
    ];
    assert_eq!(reasons, expected);
}
