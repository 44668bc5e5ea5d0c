//! Bundles of what an index has, for this machine and for others.

use std::fs;
use std::path::{Path, PathBuf};

use super::{assert_rich, call, install_script, installed, run_python, succeed};
use crate::support::index::Index;
use crate::support::program::{names_in, residue};
use crate::support::wheels::{ANY, Wheels};

/// Writes a source archive of a project: directory of the project, file.
const SDIST: &str = r"
import io, sys, tarfile
project, path = sys.argv[1:]
with tarfile.open(path, 'w:gz') as archive:
    archive.add(project, 'proj-1.0')
    info = b'Metadata-Version: 2.1\nName: proj\nVersion: 1.0\n'
    member = tarfile.TarInfo('proj-1.0/PKG-INFO')
    member.size = len(info)
    archive.addfile(member, io.BytesIO(info))
";

/// Adds a file to a wheel: wheel, name.
const ADD: &str = r"
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'a') as wheel: wheel.writestr(sys.argv[2], 'x')
";

/// Serves the wheels, and lets pip's settings name that index.
fn serve(wheels: &Wheels, user: &str, cut: &str) -> Index {
    let index = Index::serve(&wheels.python, &wheels.sandbox.path("wheels"), user, cut);
    let at = if user.is_empty() { String::new() } else { format!("{user}@") };
    let settings = format!("[global]\nindex-url = http://{at}{}/simple\n", index.host);
    wheels.sandbox.write("home/.config/pip/pip.conf", settings);
    index
}

fn read(wheels: &Wheels, path: &str) -> String {
    fs::read_to_string(wheels.sandbox.path("home").join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn manifest(wheels: &Wheels, bundle: &str) -> serde_json::Value {
    serde_json::from_str(&read(wheels, &format!("{bundle}/bundle.json"))).unwrap()
}

fn files(wheels: &Wheels, bundle: &str) -> Vec<String> {
    let names = names_in(&wheels.sandbox.path("home").join(bundle).join("wheels"));
    let names = names.into_iter().map(|name| name.into_string().unwrap());
    names.filter(|name| !name.starts_with("pip-")).collect()
}

/// Asserts that nothing was made and nothing is left.
#[track_caller]
fn assert_nothing(wheels: &Wheels, bundle: &str) {
    assert!(!wheels.sandbox.path("home").join(bundle).exists());
    assert_eq!(residue(&wheels.sandbox.path("home")), Vec::<PathBuf>::new());
}

#[test]
fn an_environment_is_bundled_from_an_index_that_wants_a_password() {
    for wheels in Wheels::both() {
        installed(&wheels, "api");
        let rich =
            format!("rich_thing-1.0+local.1-cp38-abi3-manylinux1_{0}.manylinux_2_5_{0}.whl", std::env::consts::ARCH);
        let index = serve(&wheels, "me:s3cret", &rich);
        let outcome = call(&wheels, &["bundle", "--dir", "api"]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert!(outcome.stderr.contains("bundled 4 wheels of `api` for linux-"), "{outcome:#?}");
        assert_eq!(files(&wheels, "api.bundle"), ["alpha-1.0-py3-none-any.whl", "beta-1.0-py3-none-any.whl", &rich]);
        let bundle = wheels.sandbox.path("home/api.bundle");
        for file in ["bundle.json", "requirements.txt", "pylock.toml", "install.sh", "SHA256SUMS"] {
            let text = read(&wheels, &format!("api.bundle/{file}"));
            assert!(!text.contains("s3cret") && !text.contains("127.0.0.1"), "{text}");
        }
        let own = |file: &str| fs::read(wheels.sandbox.path("wheels").join(file)).unwrap();
        assert!(fs::read(bundle.join("wheels").join(&rich)).unwrap() == own(&rich), "the very file of the index");
        let found = manifest(&wheels, "api.bundle");
        assert_eq!((&found["repacked"], &found["targets"][0]["glibc"]), (&false.into(), &5.into()));
        let requested = |name: &str| {
            let all = found["wheels"].as_array().unwrap();
            all.iter().find(|wheel| wheel["name"] == name).unwrap()["requested"].clone()
        };
        assert_eq!((requested("alpha"), requested("beta")), (true.into(), false.into()));

        succeed(&wheels, &["bundle", "api"]);
        drop(index);
        for from in ["api.bundle", "api.bundle.tar"] {
            let name = format!("of {from}");
            succeed(&wheels, &["create", "--from", from, &name]);
            assert_rich(&wheels.sandbox.env_path(&name));
            assert_eq!(wheels.freeze(&name), wheels.freeze("api"));
        }
        let directory = wheels.sandbox.path("projects/by script");
        let output = install_script(&wheels, "dash", &bundle, directory.to_str().unwrap(), false);
        assert!(output.status.success(), "{output:#?}");
        assert!(!directory.join(".tmp").exists());
        let left: Vec<_> = residue(&wheels.sandbox.path("home"));
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn other_systems_get_what_they_need() {
    let Some(wheels) = Wheels::new("uv") else { return };
    wheels.add("alpha", "1.0", ANY, "colorama ; sys_platform == 'win32'|tomli ; python_version < '3.11'|gamma", "");
    for (name, version, tag) in [
        ("colorama", "1.0", ANY),
        ("tomli", "1.0", ANY),
        ("gamma", "1.0", "cp310-cp310-win_amd64"),
        ("gamma", "1.0", "cp39-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64"),
        ("gamma", "2.0", "cp310-cp310-manylinux_2_28_aarch64"),
        ("gamma", "3.0", "cp310-cp310-manylinux_2_34_aarch64"),
    ] {
        wheels.add(name, version, tag, "", "");
    }
    wheels.sandbox.write("home/req.txt", "alpha\n");
    let platforms = ["--platform", "linux-aarch64", "--platform", "windows-x86_64", "--python", "3.10"];
    let outcome = call(&wheels, &[&["bundle", "-r", "req.txt", "--dir", "-o", "b"][..], &platforms].concat());
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    assert_eq!(
        files(&wheels, "b"),
        [
            "alpha-1.0-py3-none-any.whl",
            "colorama-1.0-py3-none-any.whl",
            "gamma-1.0-cp310-cp310-win_amd64.whl",
            "gamma-2.0-cp310-cp310-manylinux_2_28_aarch64.whl",
            "tomli-1.0-py3-none-any.whl",
        ]
    );
    let names = |list: &str| -> Vec<String> {
        let text = read(&wheels, &format!("b/{list}"));
        text.lines().skip(2).map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(names("requirements-linux-aarch64.txt"), ["alpha==1.0", "gamma==2.0", "tomli==1.0"]);
    let of_windows = names("requirements-windows-x86_64.txt");
    assert_eq!(of_windows, ["alpha==1.0", "colorama==1.0", "gamma==1.0", "tomli==1.0"]);
    let lock = read(&wheels, "b/pylock.toml");
    assert!(lock.contains("(sys_platform == 'win32' and platform_machine == 'AMD64')"), "{lock}");
    let refused = call(&wheels, &["create", "--from", "b", "-p", wheels.python.to_str().unwrap(), "new"]);
    refused.fails("other python", "the bundle is for python3.10, not for python3");

    // What differs on one of the systems only is a difference.
    wheels.add("colorama", "2.0", ANY, "", "");
    succeed(&wheels, &[&["bundle", "-r", "req.txt", "--dir", "-o", "c"][..], &platforms].concat());
    let outcome = call(&wheels, &["diff", "b", "c"]);
    insta::assert_snapshot!(outcome.whole(), @"
    --- standard output
    package   b    c    change    platforms
    colorama  1.0  2.0  upgraded  windows-x86_64
    --- status 1
    ");
    assert_eq!(call(&wheels, &["diff", "b", "b"]).succeeds("equal"), "");
    let lines = call(&wheels, &["diff", "b", "c", "--format", "pip"]).stdout;
    assert!(lines.starts_with("colorama==2.0 ; sys_platform == 'win32'"), "{lines}");
    let json = call(&wheels, &["diff", "b", "c", "--json"]).stdout;
    assert!(json.contains("\"equal\": false") && json.contains("\"windows-x86_64\""), "{json}");
    wheels.sandbox.write("home/some.txt", "alpha==1.0\ngamma==2.0\ntomli==1.0\n");
    let outcome = call(&wheels, &["diff", "b", "some.txt"]);
    assert_eq!(outcome.stderr, "compared what is for linux-aarch64, not for windows-x86_64\n", "{outcome:?}");
    // Lines of a file count as there: what is for other systems, or another Python, is no difference.
    wheels.sandbox.write(
        "home/all.txt",
        "alpha==1.0\ngamma==2.0\ntomli==1.0; python_version < '3.11'\ncolorama==3; sys_platform == 'win32'\n\
         x==1; platform_machine == 'x86_64'\ny==1; python_version >= '3.11'\n",
    );
    assert_eq!(call(&wheels, &["diff", "b", "all.txt"]).stdout, "");
    assert_eq!(call(&wheels, &["diff", "all.txt", "b"]).stdout, "");

    // Exactly what an older glibc takes; and from the lock of a bundle, without a resolver.
    let older = ["--platform", "linux-aarch64-glibc2.17", "--python", "3.10"];
    succeed(&wheels, &[&["bundle", "-r", "req.txt", "--dir", "-o", "old"][..], &older].concat());
    assert!(
        files(&wheels, "old").contains(&"gamma-1.0-cp39-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64.whl".into())
    );
    assert_eq!(manifest(&wheels, "old")["targets"][0]["glibc"], 17);
    succeed(&wheels, &[&["bundle", "b/pylock.toml", "--dir", "-o", "again"][..], &platforms[2..]].concat());
    assert_eq!(names_in(&wheels.sandbox.path("home/again/wheels")).len(), 5);

    for (words, message) in [
        (&["--platform", "linux-vax"][..], "`linux-vax` is not a platform"),
        (&["--python", "three"], "`three` is not a version of Python"),
    ] {
        let outcome = call(&wheels, &[&["bundle", "-r", "req.txt", "-o", "none.tar"][..], words].concat());
        outcome.fails(message, message);
        assert_nothing(&wheels, "none.tar");
    }
    let words = ["bundle", "-r", "req.txt", "-o", "none.tar", "--platform", "macos-arm64", "--python", "3.10"];
    let outcome = call(&wheels, &words);
    assert_eq!(outcome.status, Some(1), "{outcome:#?}");
    for word in ["gamma", "could not resolve the packages for `macos-arm64`"] {
        assert!(outcome.stderr.contains(word), "uv says why: {outcome:#?}");
    }
    assert_nothing(&wheels, "none.tar");
}

#[test]
fn what_is_borrowed_of_the_base_python_is_bundled_unless_it_is_left_out() {
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.create(&wheels.python.clone(), "api", &["alpha"]);
        let site = wheels.site("api");
        let library = site.parent().unwrap().file_name().unwrap().to_str().unwrap();
        let shared = wheels.sandbox.path(format!("home/.local/lib/{library}/site-packages"));
        fs::create_dir_all(&shared).unwrap();
        for name in names_in(&site).iter().filter(|name| name.to_str().unwrap().starts_with("beta")) {
            fs::rename(site.join(name), shared.join(name)).unwrap();
        }
        let cfg = wheels.sandbox.env_path("api/pyvenv.cfg");
        let text = fs::read_to_string(&cfg).unwrap();
        fs::write(&cfg, text.replace("site-packages = false", "site-packages = true")).unwrap();
        let _index = serve(&wheels, "", "");
        let (alpha, beta) = ("alpha-2.0-py3-none-any.whl", "beta-1.0-py3-none-any.whl");
        for (options, expected, left_out) in [(&[][..], &[alpha, beta][..], false), (&["--local"], &[alpha], true)] {
            let outcome = call(&wheels, &[&["bundle", "--dir", "api"], options].concat());
            assert_eq!(outcome.status, Some(0), "{outcome:#?}");
            let told = "these packages of the base Python of `api` are needed, and are left out:\n  beta\n";
            assert_eq!(outcome.stderr.contains(told), left_out, "{outcome:#?}");
            assert_eq!(files(&wheels, "api.bundle"), expected);
            let found = manifest(&wheels, "api.bundle");
            let requested = |wheel: &&serde_json::Value| wheel["requested"] == true;
            let requested: Vec<_> = found["wheels"].as_array().unwrap().iter().filter(requested).collect();
            assert!(matches!(&requested[..], [only] if only["name"] == "alpha"), "{requested:?}");
            fs::remove_dir_all(wheels.sandbox.path("home/api.bundle")).unwrap();
        }
        // Which a distribution has changed, and no index has.
        fs::rename(shared.join("beta-1.0.dist-info"), shared.join("beta-1.0+deb1.dist-info")).unwrap();
        let outcome = call(&wheels, &["bundle", "--dir", "api"]);
        assert_eq!(outcome.status, Some(1), "{outcome:#?}");
        assert!(
            outcome.stderr.ends_with("hint: `--local` leaves out the packages of the base Python: beta\n"),
            "{outcome:#?}"
        );
        assert_nothing(&wheels, "api.bundle");
    }
}

#[test]
fn pip_resolves_for_this_machine_only() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add_common();
    wheels.sandbox.write("home/req.txt", "alpha<2\n");
    let outcome = call(&wheels, &["bundle", "-r", "req.txt", "-o", "b.tar", "--platform", "windows-x86_64"]);
    outcome.fails_with_hint("windows", "pip cannot resolve for `windows-x86_64` and Python 3");
    assert_nothing(&wheels, "b.tar");
    let python = wheels.python.to_str().unwrap();
    succeed(&wheels, &["bundle", "-r", "req.txt", "--dir", "-o", "b"]);
    assert_eq!(files(&wheels, "b"), ["alpha-1.0-py3-none-any.whl", "beta-1.0-py3-none-any.whl"]);
    let found = manifest(&wheels, "b");
    assert_eq!(found["wheels"][1]["requested"], false, "{found} {python}");
}

/// pip says the same of all of them, and so does who believes it.
#[test]
fn what_keeps_pip_from_finding_a_package_is_told() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add("alpha", "1.0", "cp39-cp39-win_amd64", "", "");
    let index = serve(&wheels, "me:s3cret", "");
    let bundle = |user: &str, host: &str, package: &str| {
        wheels.sandbox.write("home/req.txt", format!("{package}\n"));
        let settings = format!("[global]\nindex-url = http://{user}{host}/simple\nretries = 0\n");
        wheels.sandbox.write("home/.config/pip/pip.conf", settings);
        let outcome = call(&wheels, &["bundle", "-r", "req.txt", "-o", "b.tar"]);
        assert_eq!(outcome.status, Some(1), "{outcome:#?}");
        assert!(!outcome.stderr.contains("only source") && !outcome.stderr.contains("--build"), "{outcome:#?}");
        assert!(outcome.stderr.contains(&format!("No matching distribution found for {package}\n")), "{outcome:#?}");
        assert!(outcome.stderr.contains("error: could not bundle `req.txt`: could not resolve the packages for"));
        assert!(!outcome.stderr.contains("Traceback") && !outcome.stderr.contains("s3cret"), "{outcome:#?}");
        assert_nothing(&wheels, "b.tar");
        outcome.stderr
    };
    let words = bundle("me:s3cret@", &index.host, "nosuch");
    assert!(words.contains("/simple/nosuch/: 404 Client Error") && !words.contains("hint: "), "{words}");
    let words = bundle("me:s3cret@", &index.host, "alpha");
    assert!(!words.contains("Could not fetch") && !words.contains("hint: "), "only for Windows: {words}");
    let words = bundle("", "127.0.0.1:1", "alpha");
    assert!(words.contains("Could not fetch URL http://127.0.0.1:1/simple/alpha/: connection error"), "{words}");
    for user in ["me:wrong@", ""] {
        let words = bundle(user, &index.host, "alpha");
        assert!(words.contains("/simple/alpha/: 401 Client Error"), "{words}");
        assert!(words.contains("\nhint: check the user and password in the settings of pip"), "{words}");
    }
}

#[test]
fn a_cache_that_uv_cannot_write_is_not_needed() {
    let Some(wheels) = Wheels::new("uv") else { return };
    wheels.add_common();
    wheels.sandbox.write("uv", "no directory");
    wheels.sandbox.write("home/req.txt", "alpha==1.0\n");
    succeed(&wheels, &["bundle", "-r", "req.txt", "--dir", "-o", "b"]);
    assert_eq!(files(&wheels, "b"), ["alpha-1.0-py3-none-any.whl", "beta-1.0-py3-none-any.whl"]);
}

#[test]
fn what_has_no_wheel_is_listed_or_built() {
    for wheels in Wheels::both() {
        wheels.add_common();
        let project = wheels.add_project("projects/it's a proj");
        let sdist = wheels.sandbox.path("wheels/proj-1.0.tar.gz");
        run_python(&wheels, SDIST, &[project.to_str().unwrap(), sdist.to_str().unwrap()]);
        fs::copy(&sdist, wheels.sandbox.path("wheels/zeta-1.0.tar.gz")).unwrap();
        wheels.sandbox.write("home/req.txt", "alpha\nproj\nzeta==1.0\n");
        let outcome = call(&wheels, &["bundle", "-r", "req.txt", "-o", "b.tar"]);
        outcome.fails_with_hint("listed", "only source archives for `linux-");
        assert!(
            outcome.stderr.contains("`proj`") && outcome.stderr.contains("`--build PACKAGE` builds"),
            "{outcome:#?}"
        );
        if wheels.sandbox.path("bin/uv").exists() {
            assert!(outcome.stderr.contains("`proj`, `zeta`"), "all of them: {outcome:#?}");
        }
        assert_nothing(&wheels, "b.tar");
        wheels.sandbox.write("home/req.txt", "alpha\nproj\n");
        succeed(&wheels, &["bundle", "-r", "req.txt", "--build", "Proj", "--dir", "-o", "b"]);
        assert!(files(&wheels, "b").contains(&"proj-1.0-py3-none-any.whl".to_owned()));
        // Its directory has the name of the file, wherever it is made.
        succeed(&wheels, &["bundle", "-r", "req.txt", "--build", "Proj", "--dir", "-o", "web.bundle"]);
        assert_eq!(
            (&manifest(&wheels, "b")["name"], &manifest(&wheels, "web.bundle")["name"]),
            (&"b".into(), &"web".into())
        );
        succeed(&wheels, &["create", "--from", "b", "new"]);

        // A project on this machine, editable or alone.
        wheels.create(&wheels.python, "api", &["alpha"]);
        let mut install = wheels.sandbox.command(&wheels.sandbox.env_path("api").join("bin/python"));
        let output = install.args(["-m", "pip", "install", "-q", "-e"]).arg(&project).output().unwrap();
        assert!(output.status.success(), "{output:#?}");
        let outcome = call(&wheels, &["bundle", "api"]);
        outcome.fails_with_hint("editable", "`proj` is a project on this machine");
        assert!(outcome.stderr.contains("`--project DIR` builds"), "{outcome:#?}");
        assert_nothing(&wheels, "api.bundle.tar");
        succeed(&wheels, &["bundle", "api", "--project", project.to_str().unwrap(), "--dir", "-o", "c"]);
        succeed(&wheels, &["bundle", "--project", project.to_str().unwrap(), "--dir", "-o", "d"]);
        assert_eq!((files(&wheels, "c").len(), files(&wheels, "d").len()), (3, 1));
        assert_eq!(manifest(&wheels, "d")["name"], "itsaproj");

        // Whatever the index has of that name.
        fs::remove_file(&sdist).unwrap();
        wheels.add("proj", "9.0", ANY, "", "");
        wheels.add("proj", "1.0", ANY, "", "");
        let foreign = wheels.sandbox.path("wheels/proj-1.0-py3-none-any.whl");
        fs::rename(&foreign, foreign.with_file_name("proj-1.0-1-py3-none-any.whl")).unwrap();
        for (way, bundle) in [(["--build", "proj"].as_slice(), "e"), (&["--build-all"], "f")] {
            succeed(&wheels, &[&["bundle", "api", "--dir", "-o", bundle], way].concat());
            assert_eq!(files(&wheels, bundle), files(&wheels, "c"));
        }
        succeed(&wheels, &["bundle", "api", "--project", project.to_str().unwrap(), "--dir", "-o", "g"]);
        assert_eq!(files(&wheels, "g"), files(&wheels, "c"));
        let outcome = call(&wheels, &["bundle", "--project", "links", "-o", "none.tar"]);
        outcome.fails("none", "has neither `pyproject.toml` nor `setup.py`");
    }
}

#[test]
fn withdrawn_versions_are_taken_only_by_name() {
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.sandbox.write("wheels/alpha-2.0-py3-none-any.whl.yanked", "");
        let _index = serve(&wheels, "", "");
        let newer = "warning: `alpha==2.0` is yanked: its authors have withdrawn it\n";
        for (wish, version, warning) in [("alpha", "1.0", ""), ("alpha==2.0", "2.0", newer)] {
            wheels.sandbox.write("home/req.txt", format!("{wish}\n"));
            let outcome = call(&wheels, &["bundle", "-r", "req.txt", "--dir", "-o", version]);
            assert_eq!(outcome.status, Some(0), "{outcome:#?}");
            assert!(outcome.stderr.starts_with(&format!("{warning}bundled 3 wheels of")), "{outcome:#?}");
            assert_eq!(files(&wheels, version)[0], format!("alpha-{version}-py3-none-any.whl"));
        }
    }
}

#[test]
fn whoever_knows_the_password_is_asked() {
    for wheels in Wheels::both() {
        wheels.add_common();
        let index = serve(&wheels, "me:s3cret", "");
        let host = &index.host;
        let settings = |file: &str, text: &str| drop(wheels.sandbox.write(format!("home/{file}"), text));
        settings("req.txt", "alpha\n");
        let netrc = "machine 127.0.0.1\nlogin me\npassword s3cret\n";
        let store = format!(
            "[[credential]]\nservice = \"http://{host}/\"\nusername = \"me\"\nscheme = \"basic\"\npassword = \"s3cret\"\n"
        );
        wheels.sandbox.write_program("bin/keyring", "#!/bin/sh\n[ \"$1 $3\" = 'get me' ] && echo s3cret\n");
        let pip = |user: &str| format!("[global]\nindex-url = http://{user}{host}/simple\n");
        let by_keyring = pip("me@") + "keyring-provider = subprocess\n";
        let by_uv = format!("[[index]]\nurl = \"http://me:s3cret@{host}/simple\"\ndefault = true\n");
        let stored = ".local/uv/credentials/credentials.toml";
        let uv = [("", ".config/uv/uv.toml", by_uv.as_str()), (&pip("")[..], stored, &store[..])];
        let any =
            [(&pip("")[..], ".netrc", netrc), (&pip("me:s3cret@")[..], "none", ""), (&by_keyring[..], "none", "")];
        // uv does not read this one.
        let only_pip = [(&pip("")[..], "_netrc", netrc)];
        let of_tool = if wheels.sandbox.path("bin/uv").exists() { &uv[..] } else { &only_pip[..] };
        for (pip, file, text) in any.iter().chain(of_tool) {
            settings(".config/pip/pip.conf", pip);
            settings(file, text);
            succeed(&wheels, &["bundle", "-r", "req.txt", "-o", "b.tar"]);
            let tar = fs::read(wheels.sandbox.path("home/b.tar")).unwrap();
            assert!(!tar.windows(6).any(|part| part == b"s3cret"), "{file}: {pip}");
            fs::remove_file(wheels.sandbox.path("home/b.tar")).unwrap();
            fs::remove_file(wheels.sandbox.path("home").join(file)).unwrap();
        }
        // An index that refuses has no archives of another kind.
        settings(".config/pip/pip.conf", &pip("me:wrong@"));
        let outcome = call(&wheels, &["bundle", "-r", "req.txt", "-o", "b.tar"]);
        assert!(outcome.stderr.contains("\nerror: could not bundle `req.txt`: could not resolve"), "{outcome:#?}");
        assert!(outcome.stderr.contains("401") && outcome.status == Some(1), "{outcome:#?}");
        // Nobody does: told once, and by whom.
        settings(".config/pip/pip.conf", &pip(""));
        let outcome = call(&wheels, &["bundle", "-r", "req.txt", "-o", "b.tar"]);
        assert_eq!(outcome.status, Some(1), "{outcome:#?}");
        settings(
            "pylock.toml",
            &format!(
                "lock-version = \"1.0\"\n[[packages]]\nname = \"beta\"\nversion = \"1.0\"\nwheels = [{{url = \
                 \"http://{host}/files/beta-1.0-py3-none-any.whl\", hashes = {{sha256 = \"{}\"}}}}]\n",
                "0".repeat(64)
            ),
        );
        let outcome = call(&wheels, &["bundle", "pylock.toml", "-o", "b.tar"]);
        outcome.fails_with_hint("nobody", &format!("could not download from `{host}`: HTTP status 401"));
        assert!(outcome.stderr.contains("check the user and password"), "{outcome:#?}");
        assert_nothing(&wheels, "b.tar");
    }
}

#[test]
fn wheels_for_musl_and_macos_are_chosen_by_their_names() {
    let Some(wheels) = Wheels::new("uv") else { return };
    let tags = [
        "cp312-cp312-musllinux_1_1_x86_64",
        "cp312-cp312-musllinux_1_2_aarch64",
        "cp312-cp312-manylinux_2_17_x86_64",
        "cp312-cp312-macosx_11_0_arm64",
        "cp312-cp312-macosx_10_13_universal2",
        "cp312-cp312-macosx_10_13_x86_64",
    ];
    for tag in tags {
        wheels.add("gamma", "1.0", tag, "alpha ; sys_platform == 'darwin'", "");
    }
    wheels.add("gamma", "2.0", "cp312-cp312-macosx_99_0_arm64", "", "");
    wheels.add("alpha", "1.0", ANY, "", "");
    wheels.sandbox.write("home/req.txt", "gamma\n");
    for (platform, expected) in [
        ("linux-x86_64-musl", &[tags[0]][..]),
        ("linux-aarch64-musl", &[tags[1]]),
        ("macos-arm64", &[ANY, tags[3]]),
        ("macos-x86_64", &[ANY, tags[5]]),
    ] {
        let options = ["--platform", platform, "--python", "3.12", "--dir", "-o", platform];
        succeed(&wheels, &[&["bundle", "-r", "req.txt"][..], &options].concat());
        let tag = |file: String| file.splitn(3, '-').nth(2).unwrap().trim_end_matches(".whl").to_owned();
        let found: Vec<_> = files(&wheels, platform).into_iter().map(tag).collect();
        assert_eq!(found, expected, "{platform}");
        let output = install_script(&wheels, "dash", &wheels.sandbox.path("home").join(platform), "new", false);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && told.starts_with("install.sh: the bundle "), "{platform}: {told}");
        let outcome = call(&wheels, &["create", "--from", platform, "new"]);
        assert_eq!(outcome.status, Some(1), "{outcome:#?}");
        assert!(!wheels.sandbox.env_path("new").exists());
    }
}

#[test]
fn what_is_not_what_was_promised_is_refused() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add_common();
    let wheel = wheels.sandbox.path("wheels/alpha-1.0-py3-none-any.whl");
    let index = serve(&wheels, "", "");
    let hash = |path: &Path| -> String {
        let code = "import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], 'rb').read()).hexdigest())";
        let output = std::process::Command::new(&wheels.python).args(["-c", code]).arg(path).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let lock = |file: &str, hash: &str, rest: &str| {
        let text = format!(
            "lock-version = \"1.0\"\n[[packages]]\nname = \"alpha\"\nversion = \"1.0\"\n\
             wheels = [{{url = \"http://{}/files/{file}\", hashes = {{sha256 = \"{hash}\"}}{rest}}}]\n",
            index.host
        );
        wheels.sandbox.write("home/pylock.toml", text);
        call(&wheels, &["bundle", "pylock.toml", "-o", "b.tar"])
    };
    let name = "alpha-1.0-py3-none-any.whl";
    lock(name, &"0".repeat(64), "").fails_with_hint("hash", "the checksum of `alpha-1.0-py3-none-any.whl` from");
    assert_nothing(&wheels, "b.tar");
    let own = hash(&wheel);
    lock(name, &own, ", size = 1").fails("too long", "the checksum of");
    lock(name, &own, ", size = 1000000000000000").fails_with_hint("no room", "MB free, and the wheels need");
    lock("gone-1.0-py3-none-any.whl", &own, "").fails("other name", "`alpha` has no files");
    lock("alpha-1.0-0-py3-none-any.whl", &own, "").fails_with_hint("gone", "HTTP status 404");
    assert_nothing(&wheels, "b.tar");
    run_python(&wheels, ADD, &[wheel.to_str().unwrap(), "../../PWN"]);
    lock(name, &hash(&wheel), "").fails_with_hint("hostile", "entry `../../PWN` has an unsafe name");
    assert_nothing(&wheels, "b.tar");
    fs::write(&wheel, "").unwrap();
    lock(name, &hash(&wheel), "").fails("empty", "not a complete zip archive");
    assert_nothing(&wheels, "b.tar");
}
