//! An environment with every kind of installed package that there is, made of files alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::program::{call, names_in, python};
use crate::support::sandbox::Sandbox;
use crate::support::tools::skip;

/// The environment of the fixture.
pub(super) const NAME: &str = "api";

/// Packages and their origins in an environment of a sandbox.
pub(super) struct Fixture {
    /// The sandbox.
    pub(super) sandbox: Sandbox,
    site: PathBuf,
}

impl Fixture {
    /// Makes an environment without packages; none where there is no Python.
    pub(super) fn new() -> Option<Self> {
        let sandbox = Sandbox::new();
        let python = python()?;
        let arguments = ["create", "--no-pip", "--no-setuptools", "-p", python.to_str().unwrap(), NAME];
        let outcome = call(&sandbox, &arguments);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        let lib = sandbox.env_path(NAME).join("lib");
        let site = lib.join(&names_in(&lib)[0]).join("site-packages");
        Some(Self { sandbox, site })
    }

    /// Writes a file below site-packages.
    pub(super) fn write(&self, path: &str, content: &str) {
        let path = self.site.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Adds a package as an installer records it; `more` are further lines of its metadata.
    pub(super) fn add(&self, directory: &str, name: &str, version: &str, more: &str) {
        let metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{more}\nThe description.\n");
        self.write(&format!("{directory}.dist-info/METADATA"), &metadata);
        self.write(&format!("{directory}.dist-info/RECORD"), "");
        self.write(&format!("{directory}.dist-info/WHEEL"), "Wheel-Version: 1.0\nTag: py3-none-any\n");
    }

    /// Adds a package with an origin.
    pub(super) fn add_from(&self, name: &str, direct_url: &str) {
        let directory = format!("{}-1.0", name.replace(['-', '.'], "_"));
        self.add(&directory, name, "1.0", "");
        self.write(&format!("{directory}.dist-info/direct_url.json"), direct_url);
    }

    /// Adds a package whose project is a directory of the sandbox with special characters in its name, percent-encoded
    /// in its URL.
    pub(super) fn add_editable(&self, name: &str, project: &str) -> PathBuf {
        let path = self.sandbox.path(project);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("setup.py"), "").unwrap();
        let encode = |byte: &u8| match byte {
            b'/' | b'-' | b'_' | b'.' => char::from(*byte).to_string(),
            byte if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        let url: String = path.to_str().unwrap().as_bytes().iter().map(encode).collect();
        self.add_from(name, &format!(r#"{{"url": "file://{url}", "dir_info": {{"editable": true}}}}"#));
        path
    }

    /// Adds an egg as `easy_install` left it, packed or not. A `.pth` file has to name it.
    pub(super) fn add_egg(&self, name: &str, is_zipped: bool, requirements: &str) {
        let egg = format!("{name}-1.0-py3.egg");
        let way = if is_zipped { format!("zipped/{name}") } else { egg.clone() };
        self.write(
            &format!("{way}/EGG-INFO/PKG-INFO"),
            &format!("Metadata-Version: 1.0\nName: {name}\nVersion: 1.0\n"),
        );
        self.write(&format!("{way}/EGG-INFO/requires.txt"), requirements);
        self.write(&format!("{way}/{name}.py"), "");
        if is_zipped {
            let mut command = self.sandbox.command(&self.sandbox.env_path(NAME).join("bin/python"));
            command.args(["-m", "zipfile", "-c"]).arg(self.site.join(egg)).args(["EGG-INFO", &format!("{name}.py")]);
            assert!(command.current_dir(self.site.join(way)).status().unwrap().success());
        }
    }

    /// Adds packages of the kinds that pip and uv agree about.
    pub(super) fn add_common(&self) {
        self.add("jinja2-3.1.6", "Jinja2", "3.1.6", "Requires-Dist: MarkupSafe\n");
        self.add("zope_interface-5.0", "Zope.Interface", "5.0", "");
        self.add("ruamel.yaml-0.18.1", "ruamel.yaml", "0.18.1", "");
        self.add("post-1.0.0.post1", "post", "1.0.0-1", "");
        self.add("local-1.0+cu118", "local", "1.0+CU118", "");
        self.add("epoch-1!2.0rc1", "epoch", "1!2.0rc1", "");
        self.add_from("six", r#"{"url": "https://x.example/six.whl", "archive_info": {"hash": "sha256=00", "hashes": {"sha256": "00"}}}"#);
        self.add_from("git_proj", r#"{"url": "https://x.example/r.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}, "subdirectory": "sub"}"#);
        self.add_from("proj-sp", r#"{"url": "file:///a%20b/proj", "dir_info": {}}"#);
        self.add_from("Proj.Set", r#"{"url": "file:///c", "dir_info": {"editable": false}}"#);
        self.add_from("proj_dir", r#"{"url": "file:///d", "dir_info": {}}"#);
        self.write("distutils_thing-2.0.egg-info", "Metadata-Version: 1.0\nName: distutils-thing\nVersion: 2.0\n");
        self.write("old_egg-3.0.egg-info/PKG-INFO", "Metadata-Version: 1.0\nName: old-egg\nVersion: 3.0\n");
    }

    /// Adds packages of which pip and uv print different things.
    pub(super) fn add_odd(&self) {
        self.add("weird-1.0.dev_r12", "Weird", "1.0.dev-r12", "");
        self.add("pip-23.0", "pip", "23.0", "");
        self.add_from(
            "only_hash",
            r#"{"url": "https://x.example/a.zip", "archive_info": {"hash": "sha256=11"}, "subdirectory": "s"}"#,
        );
        self.add_from("broken", "{\"url\": ");
        let linked = self.sandbox.path("linked/src");
        let other = self.sandbox.path("by path");
        for (project, name) in [(&linked, "Linked_Thing"), (&other, "by-path")] {
            let info = project.join(format!("{}.egg-info", name.replace('-', "_")));
            fs::create_dir_all(&info).unwrap();
            fs::write(info.join("PKG-INFO"), format!("Metadata-Version: 1.0\nName: {name}\nVersion: 0.1\n")).unwrap();
        }
        self.write("Linked-Thing.egg-link", &format!("{}\n../\n", linked.display()));
        self.add_egg("Flat_Egg", false, "");
        self.add_egg("Zipped_Egg", true, "");
        let eggs = "./Flat_Egg-1.0-py3.egg\n./Zipped_Egg-1.0-py3.egg\n";
        self.write(
            "easy-install.pth",
            &format!("# comment\nimport os\n{}\n/gone\n{eggs}{}\n", linked.display(), other.display()),
        );
    }

    /// Adds packages whose metadata does not say what the name of its directory says.
    pub(super) fn add_misnamed(&self) {
        self.add("other-1.0", "Other", "2.0", "");
        self.add("epoch-2!1", "epoch", "2!1.0.0", "");
        self.add("local-1.0+a.b-c_d", "local", "1.0+a-b_c", "");
        self.add("post-1.0_1", "post", "1.0-1", "");
        self.add("legacy-1.0.dev_r12", "Legacy", "1.0.dev-r12", "");
        self.add("called-1", "first", "2", "");
        self.add("bare", "bare", "3.0", "");
        self.add("a.-b", "a.-b", "1", "");
        self.add("-eft-1.0", "eft", "1.0", "");
        self.add("words-1.0", "two words", "1.0", "");
        self.write(".dist-info/METADATA", "Name: dot\nVersion: 1\n");
        self.write("empty-1.0.dist-info/RECORD", "");
        self.write("no_version-1.0.dist-info/METADATA", "Name: no-version\nVersion:\n\n");
        self.write("file-1.0.dist-info", "Name: file\nVersion: 1.0\n");
        self.write("bom-1.0.dist-info/METADATA", "\u{feff}Metadata-Version: 2.1\nName: bom\nVersion: 1.0\n\n");
        self.write("eggy-2.0.egg-info/PKG-INFO", "Name: Eggy\nVersion: 3.0\n");
        self.write("no_name-1.0.dist-info/METADATA", "Summary: x\nVersion: 1.0\n\n");
        self.write("twice-1.0.dist-info/METADATA", "Name: first-one\nName: second\nVersion: 1\nVersion: 2\n\n");
        for (name, members) in [
            ("dup", r#""url": "file:///x", "url": "file:///y", "dir_info": {}"#),
            ("no-url", r#""dir_info": {}"#),
            ("no-info", r#""url": "file:///x""#),
            ("two", r#""url": "file:///x", "dir_info": {}, "archive_info": {}"#),
            ("null", r#""url": "file:///x", "dir_info": {"editable": null}, "archive_info": null"#),
            ("number", r#""url": "file:///x", "dir_info": {}, "subdirectory": 3"#),
            ("no-way", r#""url": "https://x.example/a", "archive_info": {}, "subdirectory": """#),
            ("hash", r#""url": "https://x.example/a", "archive_info": {"hash": "nosep"}"#),
            ("other-hash", r#""url": "https://x.example/a", "archive_info": {"hash": "a=1", "hashes": {"b": "1"}}"#),
            ("no-hashes", r#""url": "https://x.example/a", "archive_info": {"hash": "a=1", "hashes": {}}"#),
            ("number-hash", r#""url": "https://x.example/a", "archive_info": {"hashes": {"b": 1}}"#),
            ("list", r#""url": "https://x.example/a", "archive_info": {"hashes": []}"#),
            ("commit", r#""url": "https://x.example/a", "vcs_info": {"vcs": "git"}"#),
            (
                "revision",
                r#""url": "https://x/a", "vcs_info": {"vcs": "git", "commit_id": "a", "requested_revision": 1}"#,
            ),
            ("remote", r#""url": "https://x.example/a", "dir_info": {"editable": true}"#),
        ] {
            self.add_from(name, &format!("{{{members}}}"));
        }
    }

    /// Adds editable projects in every state of git; none where git is missing.
    pub(super) fn add_editables(&self) {
        self.add_editable("plain", "projects/plain");
        self.add_editable("special", "projects/a #%é'$(touch PWN) b");
        for (name, remote) in [
            ("with-remote", Some("https://x.example/r.git")),
            ("with-password", Some("https://user:secret@x.example/r.git")),
            ("scp", Some("git@x.example:me/r.git")),
            ("bad-remote", Some("../relative")),
            ("no-remote", None),
        ] {
            let project = self.add_editable(name, &format!("projects/{name}"));
            git(&self.sandbox, &project, &["init", "-q"]);
            git(&self.sandbox, &project, &["commit", "-q", "--allow-empty", "-m", "first"]);
            if let Some(remote) = remote {
                git(&self.sandbox, &project, &["remote", "add", "upstream", "https://other.example/r"]);
                git(&self.sandbox, &project, &["remote", "add", "origin", remote]);
            }
        }
        let packed = self.sandbox.path("projects/with-remote");
        git(&self.sandbox, &packed, &["pack-refs", "--all"]);
        let below = self.add_editable("below", "projects/with-remote/python/below");
        assert!(below.starts_with(&packed));
        let linked = self.add_editable("worktree", "projects/linked tree");
        fs::remove_dir_all(&linked).unwrap();
        git(&self.sandbox, &packed, &["worktree", "add", "-q", "--detach", linked.to_str().unwrap()]);
        fs::write(linked.join("setup.py"), "").unwrap();
        let empty = self.add_editable("empty-repository", "projects/empty");
        git(&self.sandbox, &empty, &["init", "-q"]);
        git(&self.sandbox, &empty, &["remote", "add", "origin", "https://x.example/r.git"]);
    }

    /// Runs pip of a fixture directory with the environment's Python, and returns its output and status.
    pub(super) fn pip(&self, pip: &Path, arguments: &[&str]) -> (String, Option<i32>) {
        let mut command = self.sandbox.command(&self.sandbox.env_path(NAME).join("bin/python"));
        command.arg(pip.join("pip")).args(arguments).env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        self.output(command)
    }

    /// Runs `uv pip` on the environment.
    pub(super) fn uv(&self, uv: &Path, arguments: &[&str]) -> (String, Option<i32>) {
        let mut command = self.sandbox.command(uv);
        command.arg("pip").args(arguments).args(["--offline", "--no-config"]);
        command.env("VIRTUAL_ENV", self.sandbox.env_path(NAME));
        self.output(command)
    }

    fn output(&self, mut command: Command) -> (String, Option<i32>) {
        let output = command.stdin(Stdio::null()).output().unwrap();
        eprintln!("{}", String::from_utf8_lossy(&output.stderr));
        (self.sandbox.normalise(&String::from_utf8(output.stdout).unwrap()), output.status.code())
    }
}

fn git(sandbox: &Sandbox, directory: &Path, arguments: &[&str]) {
    let mut command = sandbox.command(Path::new("git"));
    command.args(["-c", "user.name=n", "-c", "user.email=e@x.example"]).args(arguments).current_dir(directory);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Returns the versions of pip to compare with, oldest first.
pub(super) fn pips() -> Vec<PathBuf> {
    let directory = std::env::var_os("VENVWRAP_TEST_PIPS").map(PathBuf::from);
    let Some(directory) = directory else {
        skip("VENVWRAP_TEST_PIPS names no directory with versions of pip");
        return Vec::new();
    };
    let names = names_in(&directory).into_iter().filter(|name| name.to_string_lossy().starts_with(char::is_numeric));
    let found: Vec<_> = names.map(|name| directory.join(name)).collect();
    assert!(!found.is_empty(), "{}", directory.display());
    found
}
