//! `venvwrap dockerfile`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::program::program;
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::wheels::Wheels;

/// uv, as far as it is asked: for its version, and for a lock of what it is told.
const UV: &str = r#"#!/bin/sh
if [ "$1" = --version ]; then echo 'uv 0.13.9 (x86_64-unknown-linux-gnu)'; exit; fi
[ "$1 $2" = 'pip compile' ] || exit 3
echo 'lock-version = "1.0"'
while IFS= read -r line; do
  name=${line%%==*} version=${line#*==}
  case $name in
  old) tag= ;;
  fast) tag=cp313-cp313-manylinux_2_28_MACHINE ;;
  *) tag=py3-none-any ;;
  esac
  printf '[[packages]]\nname = "%s"\nversion = "%s"\nsdist = {url = "https://x/%s.tar.gz", hashes = {sha256 = "aa"}}\n' \
    "$name" "$version" "$name"
  [ -z "$tag" ] || printf 'wheels = [{url = "https://x/%s-%s-%s.whl", hashes = {sha256 = "bb"}}]\n' "$name" "$version" "$tag"
done
"#;

/// A place with an environment that a stand-in for uv knows the packages of.
struct Place {
    sandbox: Sandbox,
    site: PathBuf,
}

impl Place {
    /// Makes an environment of this version.
    fn new(version: &str) -> Self {
        let sandbox = Sandbox::new();
        let machine = String::from_utf8(Command::new("uname").arg("-m").output().unwrap().stdout).unwrap();
        sandbox.write_program("bin/uv", &UV.replace("MACHINE", machine.trim()));
        let minor = version.rsplit_once('.').unwrap().0;
        let site = sandbox.env_path("api").join(format!("lib/python{minor}/site-packages"));
        fs::create_dir_all(&site).unwrap();
        sandbox.write("envs/api/bin/activate", "");
        let cfg = format!("home = /usr/bin\nversion = {version}\ninclude-system-site-packages = false\n");
        sandbox.write("envs/api/pyvenv.cfg", cfg);
        Self { sandbox, site }
    }

    /// Adds a package with this `direct_url.json`, unless that is empty.
    fn add(&self, name: &str, tag: &str, origin: &str) {
        let info = self.site.join(format!("{}-1.0.dist-info", name.replace('-', "_")));
        self.sandbox.write(info.join("METADATA"), format!("Name: {name}\nVersion: 1.0\n"));
        self.sandbox.write(info.join("WHEEL"), format!("Wheel-Version: 1.0\nTag: {tag}\n"));
        if !origin.is_empty() {
            self.sandbox.write(info.join("direct_url.json"), origin);
        }
    }

    /// Adds a package whose project is in this directory.
    fn add_project(&self, name: &str, path: &str) {
        let directory = self.sandbox.path(path);
        let url = format!("file://{}", directory.display()).replace(' ', "%20");
        self.add(name, "py3-none-any", &format!("{{\"url\": \"{url}\", \"dir_info\": {{\"editable\": true}}}}"));
        self.sandbox.write(directory.join("pyproject.toml"), "[project]\n");
        self.sandbox.write(directory.join("src/module.py"), "");
        self.sandbox.write(directory.join("id_rsa"), "secret");
    }

    /// Calls the program in the directory of the project, without any settings of pip.
    fn call(&self, arguments: &[&str]) -> Outcome {
        self.call_with("/dev/null", arguments)
    }

    /// Calls the program with this file of pip's settings.
    fn call_with(&self, pip_conf: &str, arguments: &[&str]) -> Outcome {
        let mut command = program(&self.sandbox, &[&["dockerfile", "api"], arguments].concat());
        command.env("PATH", format!("{}:/bin", self.sandbox.path("bin").display()));
        command.env("PIP_CONFIG_FILE", pip_conf);
        fs::create_dir_all(self.sandbox.path("projects/web")).unwrap();
        command.current_dir(self.sandbox.path("projects/web"));
        Outcome::new(&self.sandbox, &command.output().unwrap())
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.sandbox.path("projects/web").join(name)).unwrap()
    }

    fn is_untouched(&self) -> bool {
        ["Dockerfile", ".dockerignore", "requirements.lock"]
            .iter()
            .all(|name| !self.sandbox.path("projects/web").join(name).exists())
    }
}

#[test]
fn the_files_for_pip() {
    let place = Place::new("3.13.1");
    place.add("Tiny", "py3-none-any", "");
    place.add("pip", "py3-none-any", "");
    place.add("pinned", "py3-none-any", r#"{"url": "https://x/p.whl", "archive_info": {"hash": "sha256=cc"}}"#);
    insta::assert_snapshot!(place.call(&["--pip"]).whole(), @"
    --- standard output
    docker build -t api .
    --- status 0
    ");
    insta::assert_snapshot!(place.file("Dockerfile"), @r#"
    # syntax=docker/dockerfile:1
    # Written by venvwrap. Build it with
    #   docker build -t api .
    # To build on the same image every time, append `@` and what this prints:
    #   docker buildx imagetools inspect --format '{{.Manifest.Digest}}' python:3.13-slim-trixie
    ARG PYTHON_IMAGE=python:3.13-slim-trixie

    FROM ${PYTHON_IMAGE} AS build
    ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
    RUN python3 -m venv --without-pip /opt/venv
    COPY requirements.lock /tmp/requirements.lock
    RUN --mount=type=cache,target=/root/.cache/pip \
        python3 -m pip --python /opt/venv/bin/python install --no-compile \
        --no-deps --require-hashes --only-binary=:all: -r /tmp/requirements.lock
    # Old packages hold files that this Python cannot compile.
    RUN /opt/venv/bin/python -m compileall -qq -j0 --invalidation-mode=unchecked-hash /opt/venv/lib || true

    FROM ${PYTHON_IMAGE}
    COPY --from=build /opt/venv /opt/venv
    ENV PATH=/opt/venv/bin:$PATH VIRTUAL_ENV=/opt/venv PYTHONUNBUFFERED=1
    WORKDIR /app
    # What else the program needs; list it in .dockerignore too:
    # COPY src/ /app/src/
    USER 10001
    CMD ["python"]
    "#);
    insta::assert_snapshot!(place.file(".dockerignore"), @"
    # Nothing is sent to the builder but what is listed here.
    *
    !requirements.lock
    ");
    insta::assert_snapshot!(place.file("requirements.lock"), @r#"
    # Written by venvwrap: every package with the hashes of its files.
    pinned @ https://x/p.whl#sha256=cc
    Tiny==1.0 \
        --hash=sha256:bb \
        --hash=sha256:aa
    "#);
}

#[test]
fn what_is_needed_of_the_base_python_comes_along_or_is_told() {
    let place = Place::new("3.13.1");
    let told = "packages of the base Python of `api` are needed, and are left out:\n  shared\n";
    place.add("Tiny", "py3-none-any", "");
    let metadata = "Name: Tiny\nVersion: 1.0\nRequires-Dist: shared\n";
    place.sandbox.write(place.site.join("Tiny-1.0.dist-info/METADATA"), metadata);
    let shared = "home/.local/lib/python3.13/site-packages/shared-1.dist-info/METADATA";
    place.sandbox.write(shared, "Name: shared\nVersion: 1\n");
    for shown in ["false", "true"] {
        let cfg = format!("home = /usr/bin\nversion = 3.13.1\ninclude-system-site-packages = {shown}\n");
        place.sandbox.write("envs/api/pyvenv.cfg", cfg);
        let outcome = place.call(&["--pip", "--force"]);
        assert_eq!(
            (outcome.status, place.file("requirements.lock").contains("shared==1 ")),
            (Some(0), shown == "true")
        );
        assert!(!outcome.stderr.contains("left out"), "{outcome:?}");
    }
    // What no index has is left out, and the rest as if it were not there.
    place.sandbox.write_program("bin/uv", &UV.replace("  old)", "  shared) exit 1 ;;\n  old)"));
    let outcome = place.call(&["--pip", "--force"]);
    assert!(outcome.status == Some(0) && outcome.stderr.contains(told), "{outcome:?}");
    assert!(outcome.stderr.contains(" shared==1` installs them into the environment"), "{outcome:?}");
    let why = "warning: asking again without packages of the base Python: could not find the hashes of all packages\n";
    assert!(outcome.stderr.starts_with(why), "{outcome:?}");
    let lock = place.file("requirements.lock");
    assert!(lock.contains("Tiny==1.0 ") && !lock.contains("shared"), "{lock}");
    // What another question would not change is asked once.
    for answer in ["echo no lock", "echo 'error: Failed to fetch: http://x' >&2; exit 2"] {
        place.sandbox.write_program("bin/uv", &format!("#!/bin/sh\necho asked >&2\n{answer}\n"));
        let outcome = place.call(&["--pip", "--force"]);
        assert!(outcome.status == Some(1) && outcome.stderr.matches("asked").count() == 1, "{outcome:?}");
    }
}

#[test]
fn the_files_for_uv_with_what_is_built_in_the_image() {
    let place = Place::new("3.12.3");
    place.add("old", "cp312-cp312-linux_x86_64", "");
    place.add_project("web", "projects/web");
    place.add_project("plug-in", "projects/web/plug in");
    let outcome = place.call(&["--uv", "--cmd", "gunicorn", "--bind", "0.0.0.0:80", "a \"$b\""]);
    insta::assert_snapshot!(outcome.whole(), @"
    --- standard output
    docker build -t api .
    --- status 0
    ");
    insta::assert_snapshot!(place.file("Dockerfile"), @r#"
    # syntax=docker/dockerfile:1
    # Written by venvwrap. Build it with
    #   docker build -t api .
    # To build on the same image every time, append `@` and what this prints:
    #   docker buildx imagetools inspect --format '{{.Manifest.Digest}}' python:3.12-slim-trixie
    ARG PYTHON_IMAGE=python:3.12-slim-trixie

    FROM ${PYTHON_IMAGE} AS build
    COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /bin/uv
    ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
    # These packages are compiled.
    RUN apt-get update && apt-get install -y --no-install-recommends build-essential \
        && rm -rf /var/lib/apt/lists/*
    RUN uv venv --python python3 /opt/venv
    COPY requirements.lock /tmp/requirements.lock
    RUN --mount=type=cache,target=/root/.cache/uv \
        uv pip sync --python /opt/venv \
        --require-hashes --only-binary=:all: --no-binary=old /tmp/requirements.lock
    COPY ["plug in/", "/src/plug-in/"]
    RUN --mount=type=cache,target=/root/.cache/uv \
        uv pip install --python /opt/venv \
        --no-deps /src/plug-in/
    COPY ["./", "/src/web/"]
    RUN --mount=type=cache,target=/root/.cache/uv \
        uv pip install --python /opt/venv \
        --no-deps /src/web/

    FROM ${PYTHON_IMAGE}
    COPY --from=build /opt/venv /opt/venv
    ENV PATH=/opt/venv/bin:$PATH VIRTUAL_ENV=/opt/venv PYTHONUNBUFFERED=1
    WORKDIR /app
    USER 10001
    CMD ["gunicorn", "--bind", "0.0.0.0:80", "a \"$b\""]
    "#);
    insta::assert_snapshot!(place.file(".dockerignore"), @"
    # Nothing is sent to the builder but what is listed here.
    *
    !requirements.lock
    !plug in/pyproject.toml
    !plug in/src
    !pyproject.toml
    !src
    **/.*
    **/__pycache__
    **/*.py[co]
    **/*.egg-info
    **/node_modules
    ");
}

#[test]
fn libraries_of_the_system_are_named() {
    let place = Place::new("3.11.2");
    place.add("psycopg2", "cp311-cp311-linux_x86_64", "");
    place.sandbox.write(place.site.join("psycopg2/_psycopg.so"), library_that_needs(&["libpq.so.5", "libc.so.6"]));
    place.sandbox.write(place.site.join("cv2/cv2.abi3.so"), library_that_needs(&["libGL.so.1", "libown.so.1"]));
    place.sandbox.write(place.site.join("cv2.libs/libown.so.1"), library_that_needs(&[]));
    let dpkg = "#!/bin/sh\n[ \"$*\" = '-S */libGL.so.1 */libpq.so.5' ] || exit 3\n\
        echo 'libpq5:amd64: /usr/lib/x86_64-linux-gnu/libpq.so.5'\necho 'dpkg-query: no path' >&2\nexit 1\n";
    place.sandbox.write_program("bin/dpkg", dpkg);
    insta::assert_snapshot!(place.call(&["--pip", "--exact"]).whole(), @"
    --- standard output
    docker build -t api .
    --- standard error
    warning: `cv2` needs `libGL.so.1`, which the image may not have: see the Dockerfile
    warning: `psycopg2` needs `libpq.so.5`, which the image may not have: see the Dockerfile
    --- status 0
    ");
    insta::assert_snapshot!(place.file("Dockerfile"), @r#"
    # syntax=docker/dockerfile:1
    # Written by venvwrap. Build it with
    #   docker build -t api .
    # To build on the same image every time, append `@` and what this prints:
    #   docker buildx imagetools inspect --format '{{.Manifest.Digest}}' python:3.11.2-slim
    ARG PYTHON_IMAGE=python:3.11.2-slim

    FROM ${PYTHON_IMAGE} AS build
    ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
    RUN python3 -m venv --without-pip /opt/venv
    COPY requirements.lock /tmp/requirements.lock
    RUN --mount=type=cache,target=/root/.cache/pip \
        python3 -m pip --python /opt/venv/bin/python install --no-compile \
        --no-deps --require-hashes --only-binary=:all: -r /tmp/requirements.lock
    # Old packages hold files that this Python cannot compile.
    RUN /opt/venv/bin/python -m compileall -qq -j0 --invalidation-mode=unchecked-hash /opt/venv/lib || true

    FROM ${PYTHON_IMAGE}
    # Compiled packages need libraries that this image may not have:
    #   libGL.so.1 for cv2
    #   libpq.so.5 for psycopg2, in the package libpq5
    # RUN apt-get update && apt-get install -y --no-install-recommends libpq5 \
    #     && rm -rf /var/lib/apt/lists/*
    COPY --from=build /opt/venv /opt/venv
    ENV PATH=/opt/venv/bin:$PATH VIRTUAL_ENV=/opt/venv PYTHONUNBUFFERED=1
    WORKDIR /app
    # What else the program needs; list it in .dockerignore too:
    # COPY src/ /app/src/
    USER 10001
    CMD ["python"]
    "#);
}

#[test]
fn a_private_index_is_a_secret_of_the_build() {
    let place = Place::new("3.13.1");
    place.add("Tiny", "py3-none-any", "");
    place.sandbox.write("home/ca.pem", "");
    let file = place.sandbox.write("home/pip.conf", "[global]\nindex-url = https://u:p@x/simple\ncert = ~/ca.pem\n");
    let file = file.to_str().unwrap();
    let outcome = place.call_with(file, &["--pip", "--json", "--base", "x.example/python@sha256:aa"]);
    insta::assert_snapshot!(outcome.whole(), @r#"
    --- standard output
    {
      "base": "x.example/python@sha256:aa",
      "build": [
        "docker",
        "build",
        "--secret",
        "id=pip_conf,src=[ROOT]/home/pip.conf",
        "--secret",
        "id=ca,src=[ROOT]/home/ca.pem",
        "-t",
        "api",
        "."
      ],
      "directory": "[ROOT]/projects/web",
      "files": [
        "requirements.lock",
        ".dockerignore",
        "Dockerfile"
      ],
      "from_source": [],
      "installer": "pip",
      "libraries": [],
      "packages": 1,
      "projects": [],
      "secrets": [
        "pip_conf",
        "ca"
      ],
      "tag": "api"
    }
    --- status 0
    "#);
    insta::assert_snapshot!(place.file("Dockerfile"), @r#"
    # syntax=docker/dockerfile:1
    # Written by venvwrap. Build it with
    #   docker build --secret id=pip_conf,src=FILE --secret id=ca,src=FILE -t api .
    ARG PYTHON_IMAGE=x.example/python@sha256:aa

    FROM ${PYTHON_IMAGE} AS build
    ENV PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
    RUN python3 -m venv --without-pip /opt/venv
    COPY requirements.lock /tmp/requirements.lock
    RUN --mount=type=cache,target=/root/.cache/pip \
        --mount=type=secret,id=pip_conf,target=/etc/pip.conf,required=true \
        --mount=type=secret,id=ca,target=/run/secrets/ca,required=true \
        PIP_CERT=/run/secrets/ca python3 -m pip --python /opt/venv/bin/python install --no-compile \
        --no-deps --require-hashes --only-binary=:all: -r /tmp/requirements.lock
    # Old packages hold files that this Python cannot compile.
    RUN /opt/venv/bin/python -m compileall -qq -j0 --invalidation-mode=unchecked-hash /opt/venv/lib || true

    FROM ${PYTHON_IMAGE}
    COPY --from=build /opt/venv /opt/venv
    ENV PATH=/opt/venv/bin:$PATH VIRTUAL_ENV=/opt/venv PYTHONUNBUFFERED=1
    WORKDIR /app
    # What else the program needs; list it in .dockerignore too:
    # COPY src/ /app/src/
    USER 10001
    CMD ["python"]
    "#);
    for name in ["Dockerfile", ".dockerignore", "requirements.lock"] {
        assert!(!place.file(name).contains("u:p") && !place.file(name).contains("home"), "{name}");
    }
    let outcome = place.call_with(file, &["--uv", "--force"]);
    assert!(outcome.stdout.contains("--secret id=uv_toml,src=uv.toml --secret 'id=ca,src="), "{outcome:#?}");
}

#[test]
fn what_an_image_cannot_have_is_listed() {
    let place = Place::new("3.13.1");
    place.add_project("outside", "projects/other");
    place.call(&[]).fails_with_hint("outside", "`outside` (its project `[ROOT]/projects/other` cannot be copied");
    place.add("git", "py3-none-any", r#"{"url": "https://x/r", "vcs_info": {"vcs": "git", "commit_id": "1"}}"#);
    place.add("secret", "py3-none-any", r#"{"url": "https://u:p@x/s.whl", "archive_info": {"hash": "sha256=aa"}}"#);
    place.add("tree", "py3-none-any", r#"{"url": "file:///s.whl", "archive_info": {"hash": "sha256=aa"}}"#);
    let outcome = place.call(&[]);
    insta::assert_snapshot!(outcome.whole(), @"
    --- standard error
    error: an image cannot contain these packages: `git` (it comes from a repository), `outside` (its project `[ROOT]/projects/other` cannot be copied from there), `secret` (its URL holds a password), `tree` (it comes from an archive on this machine)
    hint: install releases of them from an index
    --- status 1
    ");
    assert!(place.is_untouched());
}

#[test]
fn hostile_values_are_refused_and_nothing_is_written() {
    let place = Place::new("3.13.1");
    place.add("Tiny", "py3-none-any", "");
    for (arguments, words) in [
        (&["--base", "a b"][..], "`a b` is not the name of an image"),
        (&["--base", "x\nUSER root"], "is not the name of an image"),
        (&["--base", ""], "`` is not the name of an image"),
        (&["--cmd", "a", "b\nUSER root"], "the word \"b\\nUSER root\" of the command"),
        (&["--cmd", "", "a"], "the command begins with an empty word"),
    ] {
        place.call(arguments).fails("hostile", words);
        assert!(place.is_untouched());
    }
    place.sandbox.write("projects/web/file", "");
    for (directory, hint) in [("gone", "`mkdir -p '"), ("a/b", "`mkdir -p '"), ("file", "name a directory")] {
        let outcome = place.call(&["--dir", directory]);
        outcome.fails_with_hint(directory, &format!("{directory}`: there is no such directory"));
        assert!(outcome.stderr.contains(&format!("hint: {hint}")), "{outcome:?}");
    }
    for arguments in [&["--uv", "--pip"][..], &["--exact", "--base", "x"], &["--cmd"], &["--what"]] {
        assert_eq!(place.call(arguments).status, Some(2), "{arguments:?}");
    }
    place.add(
        "odd",
        "py3-none-any",
        "{\"url\": \"https://h/a b\\nRUN x\", \"archive_info\": {\"hash\": \"sha256=ab12\"}}",
    );
    place.call(&[]).fails_with_hint("URL", "`odd` (its name, version or URL is damaged)");
    place.sandbox.write_program("bin/uv", "#!/bin/sh\necho 'lock-version = \"1.0\"'\n");
    fs::remove_dir_all(place.site.join("odd-1.0.dist-info")).unwrap();
    place.call(&[]).fails_with_hint("no hashes", "no index has `Tiny` 1.0 with hashes");
    assert!(place.is_untouched());
}

#[test]
fn the_name_of_an_environment_becomes_one_of_an_image() {
    let place = Place::new("3.13.1");
    let name = "it's $(touch PWN) \"é\" \\";
    fs::rename(place.sandbox.env_path("api"), place.sandbox.env_path(name)).unwrap();
    let directory = place.sandbox.path("projects/a $(touch PWN) 'b");
    fs::create_dir_all(&directory).unwrap();
    let arguments = ["dockerfile", name, "--pip", "--dir", directory.to_str().unwrap()];
    let mut command = program(&place.sandbox, &arguments);
    command.env("PIP_CONFIG_FILE", "/dev/null").env("PATH", format!("{}:/bin", place.sandbox.path("bin").display()));
    let outcome = Outcome::new(&place.sandbox, &command.output().unwrap());
    assert_eq!(
        outcome.stdout, "docker build -t it-s-touch-pwn '[ROOT]/projects/a $(touch PWN) '\\''b'\n",
        "{outcome:#?}"
    );
    let text = fs::read_to_string(directory.join("Dockerfile")).unwrap();
    assert!(text.contains("-t it-s-touch-pwn .\n") && !text.contains('é'), "{text}");
}

#[test]
fn files_are_replaced_only_by_force() {
    let place = Place::new("3.13.1");
    place.sandbox.write("projects/web/Dockerfile", "mine");
    std::os::unix::fs::symlink("nowhere", place.sandbox.path("projects/web/.dockerignore")).unwrap();
    place.call(&[]).fails_with_hint("mine", "`[ROOT]/projects/web` already has `.dockerignore` and `Dockerfile`");
    assert_eq!(place.file("Dockerfile"), "mine");
    assert!(!place.sandbox.path("projects/web/requirements.lock").exists());
    assert_eq!(place.call(&["-f"]).status, Some(0));
    assert!(place.file("Dockerfile").contains("\nFROM "));
    assert!(!place.sandbox.path("projects/web/nowhere").exists());
    fs::remove_file(place.sandbox.path("projects/web/Dockerfile")).unwrap();
    place.call(&[]).fails("two", "already has `requirements.lock` and `.dockerignore`");
}

#[test]
fn other_pythons_need_a_base() {
    let place = Place::new("3.13.1");
    place.sandbox.write("envs/api/pyvenv.cfg", "home = /usr/bin\nversion = 3.13.1\nimplementation = PyPy\n");
    place.call(&[]).fails_with_hint("PyPy", "there is no official image of PyPy 3.13");
    assert_eq!(place.call(&["--base", "pypy:3.11-slim"]).status, Some(0));
    assert!(place.file("Dockerfile").contains("ARG PYTHON_IMAGE=pypy:3.11-slim\n"));
}

/// What an index has is installed again from the lock, with its hashes.
#[test]
fn installers_take_the_lock() {
    for wheels in Wheels::both() {
        wheels.add_common();
        wheels.create(&wheels.python, "api", &["alpha==1.0"]);
        let directory = wheels.sandbox.path("projects");
        let outcome = wheels.call(&["dockerfile", "api", "--dir", directory.to_str().unwrap()]);
        if outcome.stderr.contains("does not tell hashes") {
            eprintln!("skipped: the pip of this machine does not tell hashes");
            continue;
        }
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert!(outcome.stderr.contains("`find-links`"), "{outcome:#?}");
        wheels.create(&wheels.python, "web", &[]);
        let lock = directory.join("requirements.lock");
        let outcome = wheels.call(&["restore", "web", lock.to_str().unwrap()]);
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
        assert_eq!(wheels.freeze("web"), wheels.freeze("api"));
        let python = wheels.sandbox.env_path("web").join("bin/python");
        let mut pip = wheels.sandbox.command(&python);
        pip.args(["-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--require-hashes"]);
        pip.args(["--only-binary=:all:", "--no-compile", "-r"]).arg(&lock);
        let output = pip.output().unwrap();
        assert!(output.status.success(), "{output:#?}");
    }
}

/// A 64-bit library that is linked to others: the strings come last, after a segment, the dynamic section and a symbol.
fn library_that_needs(names: &[&str]) -> Vec<u8> {
    let mut strings = vec![0];
    let mut entries = Vec::new();
    for name in names {
        entries.push((1, strings.len() as u64));
        strings.extend(name.as_bytes());
        strings.push(0);
    }
    let numbers = |numbers: &[u64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>();
    let size = 16 * (entries.len() as u64 + 4);
    let dynamic = 64 + 2 * 56;
    let (symbols, start) = (0x1000 + dynamic + size, 0x1000 + dynamic + size + 24);
    let mut file = b"\x7fELF\x02\x01".to_vec();
    file.resize(64, 0);
    file[32..40].copy_from_slice(&64_u64.to_le_bytes());
    file[54..58].copy_from_slice(&[56, 0, 2, 0]);
    // The kind of a segment and its flags are one number here.
    file.extend(numbers(&[1, 0, 0x1000, 0x1000, 4096, 4096, 8]));
    file.extend(numbers(&[2, dynamic, 0x1000 + dynamic, 0x1000 + dynamic, size, size, 8]));
    let tables = [(5, start), (6, symbols), (10, strings.len() as u64)];
    for (tag, value) in tables.into_iter().chain(entries).chain([(0, 0)]) {
        file.extend(numbers(&[tag, value]));
    }
    file.extend([0; 24]);
    file.extend(strings);
    file
}
