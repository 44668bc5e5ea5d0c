//! Where `-i` and `-r` install from, and where to: pip's settings decide the first, with pip and with uv, and never the
//! second.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use crate::support::program::{create_arguments, names_in, program, python};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::uv;

const WHEEL: &str = "onlyhere-1.0-py3-none-any.whl";

/// A newer one, which is in another directory.
const NEWER: &str = "onlyhere-2.0-py3-none-any.whl";

/// A place with a package that no public index has, and what installs it.
struct Company {
    sandbox: Sandbox,
    python: PathBuf,
}

impl Company {
    fn new(installer: &str) -> Option<Self> {
        let (sandbox, python) = (Sandbox::new(), python()?);
        sandbox.write("home/.config/venvwrap/config.toml", format!("installer = \"{installer}\"\n"));
        if installer == "uv" {
            std::os::unix::fs::symlink(uv()?, sandbox.path("bin/uv")).unwrap();
        }
        let code = "import sys, zipfile\nversion = sys.argv[2]\nwith zipfile.ZipFile(sys.argv[1], 'w') as wheel:\n \
            info = f'onlyhere-{version}.dist-info'\n wheel.writestr('onlyhere.py', '')\n \
            wheel.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: onlyhere\\nVersion: {version}\\n')\n \
            wheel.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n \
            wheel.writestr(f'{info}/RECORD', '')\n";
        for (directory, wheel, version) in [("wheels", WHEEL, "1.0"), ("newer", NEWER, "2.0")] {
            std::fs::create_dir(sandbox.path(directory)).unwrap();
            let wheel = sandbox.path(directory).join(wheel);
            let output = sandbox.command(&python).args(["-c", code]).arg(wheel).arg(version).output().unwrap();
            assert!(output.status.success(), "{output:#?}");
        }
        Some(Self { sandbox, python })
    }

    /// Starts an index with the package; returns its address. It ends with the test.
    fn index(&self) -> String {
        self.index_of("wheels", WHEEL)
    }

    fn index_of(&self, directory: &str, name: &'static str) -> String {
        let wheel = std::fs::read(self.sandbox.path(directory).join(name)).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/simple", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let path = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or_default().to_owned();
                lines.take_while(|line| !line.is_empty()).for_each(drop);
                let page = format!("<!DOCTYPE html><html><body><a href=\"/files/{name}\">{name}</a></body></html>");
                let (status, kind, body) = match path.as_str() {
                    "/simple/onlyhere/" => ("200 OK", "text/html", page.as_bytes()),
                    path if path.starts_with("/files/") => ("200 OK", "application/octet-stream", &wheel[..]),
                    _ => ("404 Not Found", "text/plain", &b""[..]),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(&[head.as_bytes(), body].concat());
            }
        });
        address
    }

    fn install(&self, name: &str, variables: &[(&str, &str)]) -> Outcome {
        self.install_words(name, &["-i", "onlyhere"], variables)
    }

    fn install_words(&self, name: &str, words: &[&str], variables: &[(&str, &str)]) -> Outcome {
        let mut arguments = create_arguments(&self.python, name, &[&["--no-setuptools"], words].concat());
        arguments.insert(1, "--clear".into());
        let mut command = program(&self.sandbox, &arguments);
        command.env("PATH", format!("{}:/usr/bin:/bin", self.sandbox.path("bin").display()));
        command.env("UV_CACHE_DIR", self.sandbox.path("uv")).env("PIP_NO_CACHE_DIR", "1");
        command.envs(variables.iter().copied());
        Outcome::new(&self.sandbox, &command.output().unwrap())
    }

    #[track_caller]
    fn assert_installed(&self, name: &str, variables: &[(&str, &str)], context: &str) {
        let outcome = self.install(name, variables);
        let lib = self.sandbox.env_path(name).join("lib");
        let site = lib.join(&names_in(&lib)[0]).join("site-packages");
        assert!(outcome.status == Some(0) && site.join("onlyhere.py").is_file(), "{context}: {outcome:#?}");
    }

    fn pip_conf(&self, content: &str) {
        self.sandbox.write("home/.config/pip/pip.conf", content);
    }
}

fn with_both(act: impl Fn(&Company, &str)) {
    for installer in ["uv", "pip"] {
        if let Some(company) = Company::new(installer) {
            act(&company, installer);
        }
    }
}

#[test]
fn pip_is_told_where_from_and_uv_too() {
    with_both(|company, installer| {
        let index = company.index();
        let wheels = company.sandbox.path("wheels");
        let wheels = wheels.to_str().unwrap();
        for (number, content) in [
            format!("[global]\nindex-url = {index}\n"),
            format!("[install]\nindex_url: {index}\n"),
            format!("[global] ; as many write it\n# c\n\n    timeout = 20\n    index-url = {index}\n"),
            format!("[DEFAULT]\nindex-url = {index}\n[global]\ntimeout = 20\n[install]\nindex-url =\n"),
            // An index that answers nothing to the name must not hide the one that has it.
            format!("[global]\nindex-url = {index}/nothing\nextra-index-url =\n  {index}/none\n  {index}\n"),
        ]
        .iter()
        .enumerate()
        {
            company.pip_conf(content);
            company.assert_installed(&format!("file{number}"), &[], &format!("{installer}: {content}"));
        }
        company.pip_conf("");
        company.assert_installed("variable", &[("PIP_INDEX_URL", &index)], installer);
        // The blank in the name of the directory would split the value.
        std::os::unix::fs::symlink(wheels, company.sandbox.path("home/links")).unwrap();
        company.pip_conf("[global]\nno-index = true\nfind-links = ~/links\n  nowhere\n");
        company.assert_installed("links", &[], installer);
    });
}

/// A file's own index takes the place of all that pip's settings name, and what it adds is compared with them.
#[test]
fn the_indexes_of_a_requirements_file_are_asked_as_pip_does() {
    with_both(|company, installer| {
        let (file, conf) = (company.index(), company.index_of("newer", NEWER));
        let index = format!("[global]\nindex-url = {conf}\n");
        let extra = format!("[global]\nindex-url = {file}/nothing\nextra-index-url = {conf}\n");
        company.sandbox.write("home/own.txt", format!("-i {file}\n"));
        for (number, (settings, content, version)) in [
            (index.as_str(), format!("--index-url {file}\nonlyhere\n"), "1.0"),
            (&extra, format!("-i {file}\nonlyhere\n"), "1.0"),
            (&index, "-r own.txt\nonlyhere\n".into(), "1.0"),
            (&index, "-c own.txt\nonlyhere\n".into(), "1.0"),
            (&index, format!("--extra-index-url {file}\nonlyhere\n"), "2.0"),
            // uv passes over such a line, or refuses it.
            (&index, format!("--pre --index {file}\nonlyhere\n"), "1.0"),
            (&index, format!("--ind {file}\nonlyhere\n"), "1.0"),
            // pip has forgotten the first by then.
            ("", format!("--extra-index-url {conf}\n--index-url {file}\nonlyhere\n"), "1.0"),
            ("", format!("--index-url {file}\n--extra-index-url {conf}\nonlyhere\n"), "2.0"),
            (
                "",
                format!("--extra-index-url {file}\n--index-url {conf} --extra-index-url {file}/no\nonlyhere\n"),
                "2.0",
            ),
        ]
        .into_iter()
        .enumerate()
        {
            company.pip_conf(settings);
            company.sandbox.write("home/req.txt", &content);
            let (name, words) = (format!("file{number}"), company.sandbox.path("home/req.txt"));
            let outcome = company.install_words(&name, &["-r", words.to_str().unwrap()], &[]);
            let lib = company.sandbox.env_path(&name).join("lib");
            let found = lib.join(&names_in(&lib)[0]).join(format!("site-packages/onlyhere-{version}.dist-info"));
            assert!(outcome.status == Some(0) && found.is_dir(), "{installer}: {settings}{content}{outcome:#?}");
        }
    });
}

#[test]
fn what_pip_refuses_is_refused_before_anything_is_done() {
    with_both(|company, installer| {
        let index = company.index();
        for (name, content, line) in [
            ("outside", format!("index-url = {index}\n[global]\n"), "line 1 is in no section"),
            ("twice", format!("[global]\nindex-url = {index}\nIndex-Url = {index}\n"), "line 3 sets `index-url`"),
            ("switch", "[global]\nno-index = maybe\n".into(), "line 2 of `"),
        ] {
            company.pip_conf(&content);
            let outcome = company.install(name, &[]);
            assert!(outcome.stderr.starts_with("error: pip refuses"), "{installer}: {outcome:#?}");
            assert!(outcome.stderr.contains(line) && outcome.stderr.contains("pip.conf`"), "{installer}: {outcome:#?}");
            assert!(outcome.status == Some(1) && !company.sandbox.env_path(name).exists(), "{installer}: {outcome:#?}");
        }
        company.pip_conf("");
        let outcome = company.install("variable", &[("PIP_NO_INDEX", "maybe")]);
        assert!(outcome.stderr.contains("pip refuses `PIP_NO_INDEX`: `no-index` must be"), "{installer}: {outcome:#?}");
        company.assert_installed("mixed", &[("PIP_Index_Url", &index)], installer);
    });
}

#[test]
fn without_an_index_nothing_is_asked() {
    with_both(|company, installer| {
        let index = company.index();
        company.pip_conf(&format!("[global]\nno-index = yes\nindex-url = {index}\n"));
        let outcome = company.install("none", &[]);
        assert_ne!(outcome.status, Some(0), "{installer}: {outcome:#?}");
    });
}

#[test]
fn nothing_but_the_environment_decides_where_to() {
    with_both(|company, installer| {
        let index = company.index();
        let outside = company.sandbox.path("outside");
        let elsewhere = outside.to_str().unwrap();
        for variables in [
            [("PIP_USER", "1"), ("PIP_REQUIRE_VIRTUALENV", "1")],
            [("PIP_TARGET", elsewhere), ("PIP_DRY_RUN", "1")],
            [("PIP_PREFIX", elsewhere), ("PIP_PYTHON", "/nowhere")],
            [("PIP_ROOT", elsewhere), ("UV_SYSTEM_PYTHON", "1")],
        ] {
            let all = [&variables[..], &[("PIP_INDEX_URL", &index)]].concat();
            company.assert_installed("variable", &all, &format!("{installer}: {variables:?}"));
        }
        std::fs::create_dir(company.sandbox.path("home/no blank")).unwrap();
        for setting in [
            "user = yes",
            &format!("target = {elsewhere}"),
            &format!("prefix = {elsewhere}"),
            &format!("root = {elsewhere}"),
        ] {
            company.pip_conf(&format!("[install]\n{setting}\n[global]\nindex-url = {index}\n"));
            company.assert_installed("file", &[], &format!("{installer}: {setting}"));
        }
        assert!(!Path::new(elsewhere).exists());
    });
}

#[test]
fn what_uv_cannot_do_is_done_by_pip() {
    let Some(company) = Company::new("auto") else { return };
    company.sandbox.write_program("bin/uv", "#!/bin/sh\necho 'uv was started' >&2\nexit 3\n");
    let index = company.index();
    company.assert_installed("pip", &[("PIP_INDEX_URL", &index), ("PIP_PREFER_BINARY", "1")], "prefer-binary");
    let outcome = company.install("uv", &[("PIP_INDEX_URL", &index)]);
    assert!(outcome.stderr.contains("uv was started"), "{outcome:#?}");

    let arguments = create_arguments(&company.python, "bare", &["--no-seed", "-i", "onlyhere"]);
    let mut command = program(&company.sandbox, &arguments);
    command.env("PATH", format!("{}:/usr/bin:/bin", company.sandbox.path("bin").display()));
    let outcome = Outcome::new(&company.sandbox, &command.env("PIP_KEYRING_PROVIDER", "import").output().unwrap());
    outcome.fails_with_hint("no pip", "has no pip, and uv cannot follow pip's setting `keyring-provider`");

    let file = company.sandbox.write("home/req.txt", "--pre --require-hashes\nonlyhere\n");
    let arguments = create_arguments(&company.python, "bare", &["--no-seed", "--clear", "-r", file.to_str().unwrap()]);
    let mut command = program(&company.sandbox, &arguments);
    command.env("PATH", format!("{}:/usr/bin:/bin", company.sandbox.path("bin").display()));
    let outcome = Outcome::new(&company.sandbox, &command.output().unwrap());
    let words = "has no pip, and uv cannot follow the option `--require-hashes` of the requirements file";
    outcome.fails_with_hint("no pip", words);
}

/// The file is the caller's, what it says with a relative path is the project's.
#[test]
fn relative_requirements_are_those_of_the_project() {
    let Some(company) = Company::new("auto") else { return };
    company.sandbox.write_program("bin/uv", "#!/bin/sh\npwd\nprintf '<%s>\\n' \"$@\"\n");
    let project = company.sandbox.path("projects/a $(touch PWN) 'b");
    company.sandbox.write(project.join("requirements.txt"), "-e .\n");
    let relative = "../projects/a $(touch PWN) 'b";
    let mut arguments = create_arguments(&company.python, "one", &["--no-seed", "-a", relative, "-r"]);
    arguments.splice(arguments.len() - 2..arguments.len() - 2, [format!("{relative}/requirements.txt").into()]);
    let mut command = program(&company.sandbox, &arguments);
    command.env("PATH", format!("{}:/usr/bin:/bin", company.sandbox.path("bin").display()));
    let outcome = Outcome::new(&company.sandbox, &command.output().unwrap());
    let (first, rest) = outcome.stdout.split_once('\n').unwrap_or_default();
    assert_eq!(first, "[ROOT]/projects/a $(touch PWN) 'b", "{outcome:#?}");
    assert!(rest.contains("<[ROOT]/projects/a $(touch PWN) 'b/requirements.txt>"), "{outcome:#?}");
}

/// pip could install something else, which nobody has asked for.
#[test]
fn pip_takes_no_place_of_a_uv_that_is_wanted() {
    let Some(company) = Company::new("pip") else { return };
    let sandbox = &company.sandbox;
    let config = |text: &str| sandbox.write("home/.config/venvwrap/config.toml", text);
    let run = |arguments: &[&str]| {
        let mut command = program(sandbox, arguments);
        // There is none.
        command.env("PATH", sandbox.path("bin")).env("VIRTUALENV_PYTHON", &company.python);
        Outcome::new(sandbox, &command.output().unwrap())
    };
    let told = "`installer` is `uv`, which is not on PATH";
    config("installer = 'uv'\n");
    run(&["create", "-i", "onlyhere", "x"]).fails_with_hint("create", told);
    assert!(!sandbox.env_path("x").exists());
    config("installer = 'uv'\ndefault_packages = ['onlyhere']\n");
    let outcome = run(&["create", "x"]);
    assert!(outcome.status == Some(0) && outcome.stderr.contains(told), "{outcome:#?}");
    let site = &names_in(&sandbox.env_path("x").join("lib"))[0];
    let site = sandbox.env_path("x").join("lib").join(site).join("site-packages");
    sandbox.write(site.join("a-1.dist-info/METADATA"), "Metadata-Version: 2.1\nName: a\nVersion: 1\n");
    run(&["freeze", "--hashes", "x"]).fails_with_hint("freeze", told);
    run(&["dockerfile", "x"]).fails_with_hint("dockerfile", told);
    let requirements = sandbox.write("reqs.txt", "onlyhere\n");
    run(&["bundle", "-r", requirements.to_str().unwrap(), "--python", "3.13"]).fails_with_hint("bundle", told);
}
