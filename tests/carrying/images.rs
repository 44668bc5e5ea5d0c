//! Images by `venvwrap pack --format oci`, read by others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::support::images::{architecture, repeat_layer, tar, write_layout};
use crate::support::program::{call, create, names_in, program, python, residue};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::find_program;

/// A base with no more than what is looked for in it.
struct Base {
    sandbox: Sandbox,
    /// The directory with the layout.
    layout: PathBuf,
}

impl Base {
    /// Makes a base with this file for a Python, and a C library of this version.
    fn new(program: &str, glibc: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.write(format!("rootfs/usr/local/bin/{program}"), "#!/bin/sh\n");
        sandbox.write("rootfs/usr/lib/libc.so.6", format!("\u{7f}ELF GLIBC_2.2.5 {glibc} "));
        sandbox.write("rootfs/opt/README", "of the base\n");
        sandbox.write("rootfs/data/base", "precious\n");
        let layout = sandbox.path("home/base");
        let base = Self { sandbox, layout };
        base.write(architecture());
        base
    }

    fn write(&self, architecture: &str) {
        write_layout(&self.layout, &self.sandbox.path("rootfs"), architecture);
    }

    fn pack(&self, base: &Path, options: &[&str]) -> Outcome {
        let arguments = [&["pack", "api", "--format", "oci", "--base", base.to_str().unwrap()], options].concat();
        let mut command = program(&self.sandbox, &arguments);
        Outcome::new(&self.sandbox, &command.current_dir(self.sandbox.path("home")).output().unwrap())
    }

    /// Unpacks the archive of an image.
    fn unpacked(&self, archive: &str, directory: &str) -> PathBuf {
        let place = self.sandbox.path(directory);
        fs::create_dir_all(&place).unwrap();
        tar(&["-xf", self.sandbox.path("home").join(archive).to_str().unwrap(), "-C", place.to_str().unwrap()]);
        place
    }
}

fn json_in(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// An environment of files only, for a Python that exists nowhere.
fn made() -> Base {
    let base = Base::new("python3.11", "GLIBC_2.36");
    base.sandbox.make_env("api");
    let site = "envs/api/lib/python3.11/site-packages";
    base.sandbox.write(format!("{site}/tiny-1.0.dist-info/METADATA"), "Name: tiny\nVersion: 1.0\n");
    let old = base.sandbox.env_path("api");
    base.sandbox.write_program("envs/api/bin/tiny", &format!("#!{}/bin/python3\nimport tiny\n", old.display()));
    let python = old.join("bin/python");
    let _ = fs::remove_file(&python);
    std::os::unix::fs::symlink("/nowhere/bin/python3.11", python).unwrap();
    let cfg = "home = /nowhere/bin\ninclude-system-site-packages = false\nversion = 3.11.2\ncommand = x\n";
    base.sandbox.write("envs/api/pyvenv.cfg", cfg);
    base
}

#[test]
fn an_image_is_its_base_and_one_layer() {
    let base = made();
    let outcome = base.pack(&base.layout, &["--cmd", "tiny", "--port", "80"]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(0), ""), "{outcome:?}");
    assert!(outcome.stderr.starts_with("packed `api` into `api.oci.tar` ("), "{outcome:?}");
    let place = base.unpacked("api.oci.tar", "image");
    let blob = |digest: &Value| place.join("blobs/sha256").join(&digest.as_str().unwrap()["sha256:".len()..]);
    let index = json_in(&place.join("index.json"));
    let manifest = json_in(&blob(&index["manifests"][0]["digest"]));
    let config = json_in(&blob(&manifest["config"]["digest"]));
    let own = &config["config"];
    assert_eq!(own["Cmd"], json!(["tiny", "--port", "80"]));
    assert_eq!((own["User"].as_str(), own["WorkingDir"].as_str()), (Some("10001"), Some("/app")));
    assert_eq!(own["Env"][0], "PATH=/opt/venv/bin:/usr/local/bin:/usr/bin");
    assert_eq!(own["Labels"]["of"], "the base");
    let layers = manifest["layers"].as_array().unwrap();
    assert_eq!((layers.len(), config["rootfs"]["diff_ids"].as_array().unwrap().len()), (2, 2));
    assert!(config["history"].as_array().unwrap().iter().all(|entry| entry["created"].is_string()), "{config}");
    let docker = json_in(&place.join("manifest.json"));
    assert_eq!(docker[0]["RepoTags"], json!(["api:latest"]));
    assert_eq!(docker[0]["Layers"].as_array().unwrap().len(), 2);
    for layer in layers {
        let file = blob(&layer["digest"]);
        assert_eq!(layer["size"].as_u64().unwrap(), fs::metadata(&file).unwrap().len());
        let sum = Command::new("sha256sum").arg(&file).output().unwrap();
        assert!(layer["digest"].as_str().unwrap().ends_with(&String::from_utf8_lossy(&sum.stdout)[..64]));
    }

    let layer = base.sandbox.path("added");
    fs::create_dir_all(&layer).unwrap();
    tar(&["-xpzf", blob(&layers[1]["digest"]).to_str().unwrap(), "-C", layer.to_str().unwrap()]);
    let venv = layer.join("opt/venv");
    assert_eq!(fs::read_link(venv.join("bin/python")).unwrap(), Path::new("/usr/local/bin/python3.11"));
    let cfg = fs::read_to_string(venv.join("pyvenv.cfg")).unwrap();
    assert_eq!(cfg, "home = /usr/local/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n");
    assert_eq!(fs::read_to_string(venv.join("bin/tiny")).unwrap(), "#!/opt/venv/bin/python3\nimport tiny\n");
    assert!(layer.join("app").is_dir() && !layer.join("opt/README").exists());
    let listed = Command::new("tar").arg("-tvzf").arg(blob(&layers[1]["digest"])).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout);
    assert!(listed.lines().all(|line| line.contains(" root/root ") || line.contains(" 0/0 ")), "{listed}");
    // Whoever unpacks it in order finds every directory before what is in it.
    let first: Vec<_> = listed.lines().take(5).map(|line| line.rsplit(' ').next().unwrap()).collect();
    let lib = "opt/venv/lib/python3.11";
    assert_eq!(first, ["app/", "opt/venv/", "opt/venv/lib/", &format!("{lib}/"), &format!("{lib}/venvwrap-pack.json")]);
    assert!(residue(&base.sandbox.path("home")).is_empty());
}

/// As builders write it for two steps that change nothing.
#[test]
fn a_layer_that_the_base_has_twice_is_in_the_file_once() {
    let base = made();
    repeat_layer(&base.layout);
    assert_eq!(base.pack(&base.layout, &["-o", "new.tar"]).status, Some(0));
    let place = base.unpacked("new.tar", "image");
    let docker = json_in(&place.join("manifest.json"));
    let layers = docker[0]["Layers"].as_array().unwrap();
    assert!(layers.len() == 3 && layers[0] == layers[1] && layers[1] != layers[2], "{docker}");
    let listed = Command::new("tar").arg("-tf").arg(base.sandbox.path("home/new.tar")).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let mut names: Vec<_> = listed.lines().collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all, "{listed}");
    // It is a base again.
    assert_eq!(base.pack(&base.sandbox.path("home/new.tar"), &["-o", "again.tar"]).status, Some(0));
}

#[test]
fn an_image_is_the_same_twice_and_a_base_itself() {
    let base = made();
    let read = |name: &str, from: &Path| {
        let outcome = base.pack(from, &["-o", name]);
        assert_eq!(outcome.status, Some(0), "{outcome:?}");
        fs::read(base.sandbox.path("home").join(name)).unwrap()
    };
    let archive = base.sandbox.path("home/base.tar");
    assert!(read("a.tar", &base.layout) == read("b.tar", &base.layout));
    tar(&["-cf", archive.to_str().unwrap(), "-C", base.layout.to_str().unwrap(), "."]);
    assert!(read("a.tar", &archive) == read("b.tar", &base.layout), "an archive of the layout is the same base");
    // As `podman save --format docker-dir` and `skopeo copy … dir:` write it.
    let directory = base.sandbox.path("home/docker-dir");
    fs::create_dir(&directory).unwrap();
    let blobs = base.layout.join("blobs/sha256");
    let index = json_in(&base.layout.join("index.json"));
    let manifest = &index["manifests"][0]["digest"].as_str().unwrap()["sha256:".len()..];
    for name in names_in(&blobs) {
        let to = if name == *manifest { "manifest.json".into() } else { name.clone() };
        fs::copy(blobs.join(name), directory.join(to)).unwrap();
    }
    fs::write(directory.join("version"), "Directory Transport Version: 1.1\n").unwrap();
    assert!(read("a.tar", &directory) == read("b.tar", &base.layout), "a directory of podman is the same base");
    // Built on itself, the new environment is there instead of the old one.
    let first = base.sandbox.path("home/a.tar");
    base.sandbox.write("envs/api/lib/python3.11/site-packages/new.py", "");
    let again = read("c.tar", &first);
    let place = base.unpacked("c.tar", "again");
    let manifest = json_in(&place.join("manifest.json"));
    assert_eq!(manifest[0]["Layers"].as_array().unwrap().len(), 3, "{}", again.len());
    let layer = place.join(manifest[0]["Layers"][2].as_str().unwrap());
    let listed = Command::new("tar").arg("-tzf").arg(layer).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout);
    assert!(listed.starts_with("opt/venv/\nopt/venv/.wh..wh..opq\n"), "{listed}");
}

#[test]
fn what_is_no_base_for_it_is_refused() {
    let base = made();
    let refused = |from: &Path, words: &str| {
        base.pack(from, &[]).fails_with_hint("base", words);
        assert!(!base.sandbox.path("home/api.oci.tar").exists());
    };
    refused(&base.sandbox.path("rootfs"), "is not an image");
    refused(Path::new("/bin/sh"), "is not an image");
    base.pack(Path::new("/nowhere"), &[]).fails("missing", "could not read");
    let archive = base.sandbox.path("home/base.tar");
    tar(&["-cf", archive.to_str().unwrap(), "-C", base.layout.to_str().unwrap(), "."]);
    assert!(Command::new("gzip").arg("-k").arg(&archive).status().unwrap().success());
    refused(&base.sandbox.path("home/base.tar.gz"), "is compressed");

    fs::rename(base.sandbox.path("rootfs/usr/local/bin/python3.11"), base.sandbox.path("python")).unwrap();
    base.write(architecture());
    refused(&base.layout, "has no `python3.11` on its PATH");
    fs::rename(base.sandbox.path("python"), base.sandbox.path("rootfs/usr/local/bin/python3.11")).unwrap();
    base.write(architecture());
    // Only what is compiled needs the same machine.
    base.write("s390x");
    assert_eq!(base.pack(&base.layout, &["-o", "any.tar"]).status, Some(0));
    let library = base.sandbox.env_path("api/lib/python3.11/site-packages/x.so");
    fs::copy("/bin/sh", &library).unwrap();
    refused(&base.layout, "the packages are for linux");
    fs::remove_file(&library).unwrap();
    base.write(architecture());
    let digests: Vec<PathBuf> =
        fs::read_dir(base.layout.join("blobs/sha256")).unwrap().map(|entry| entry.unwrap().path()).collect();
    for blob in digests {
        let whole = fs::read(&blob).unwrap();
        let mut damaged = whole.clone();
        *damaged.last_mut().unwrap() ^= 1;
        fs::write(&blob, &damaged).unwrap();
        let outcome = base.pack(&base.layout, &[]);
        outcome.fails_with_hint(&blob.display().to_string(), "the image `");
        fs::write(&blob, whole).unwrap();
    }
    for (options, words) in [
        (&["-o", "-"][..], "is written to a file"),
        (&["--with-python"], "has the Python of its base"),
        (&["--cmd", "a\nb"], "the word \"a\\nb\" of the command"),
        (&["--cmd", ""], "the command begins with an empty word"),
        (&["--dest", "/a:b"], "contains a colon"),
        (&["--dest", "/usr"], "`/usr` is a directory that packages share"),
        (&["--dest", "/usr/../opt/"], "`/opt` is a directory that packages share"),
        (&["--dest", "/data"], "has files in `/data`, and no environment"),
    ] {
        base.pack(&base.layout, options).fails("options", words);
    }
    call(&base.sandbox, &["pack", "api", "--base", "x"]).fails_with_hint("format", "only an image has a base");
    assert_eq!(call(&base.sandbox, &["pack", "api", "--format", "oci"]).status, Some(2));
    assert_eq!(base.pack(&base.layout, &[]).status, Some(0));
}

/// skopeo reads the archive in each of the three ways, and umoci unpacks it.
#[test]
fn other_tools_read_the_image() {
    let (Some(skopeo), Some(umoci)) = (find_program("skopeo"), find_program("umoci")) else { return };
    let Some(python) = python() else { return };
    let sandbox = Sandbox::named("venvwrap-test-");
    drop(create(&sandbox, &python, "it's"));
    let lib = fs::read_dir(sandbox.env_path("it's/lib")).unwrap().next().unwrap().unwrap().file_name();
    let base = Base::new(lib.to_str().unwrap(), "GLIBC_2.99");
    base.write(architecture());
    let image = sandbox.path("home/image.tar");
    let words =
        ["pack", "it's", "--format", "oci", "--base", base.layout.to_str().unwrap(), "-o", image.to_str().unwrap()];
    let outcome = call(&sandbox, &words);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let run = |program: &Path, arguments: &[&str]| {
        let output = sandbox.command(program).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?} {output:?}");
        output.stdout
    };
    let layout = sandbox.path("layout");
    let unpacked = sandbox.path("oci");
    fs::create_dir_all(&layout).unwrap();
    tar(&["-xf", image.to_str().unwrap(), "-C", layout.to_str().unwrap()]);
    let policy = "--insecure-policy";
    for (kind, path) in [("oci-archive", &image), ("docker-archive", &image), ("oci", &layout)] {
        let place = format!("{kind}:{}", path.display());
        let found: Value = serde_json::from_slice(&run(&skopeo, &["inspect", &place])).unwrap();
        assert_eq!(found["Layers"].as_array().unwrap().len(), 2, "{kind} {found}");
        assert!(found["Env"].as_array().unwrap().contains(&json!("VIRTUAL_ENV=/opt/venv")), "{kind} {found}");
        let copy = format!("oci:{}:{kind}", unpacked.display());
        run(&skopeo, &[policy, "copy", "-q", &place, &copy]);
    }
    let directory = sandbox.path("home/dir");
    let copied = format!("dir:{}", directory.display());
    run(&skopeo, &[policy, "copy", "-q", &format!("oci-archive:{}", image.display()), &copied]);
    let compared = call(&sandbox, &["diff", "it's", directory.to_str().unwrap()]);
    assert_eq!(compared.status, Some(0), "{compared:?}");
    // A layer of umoci ends without an end.
    let other = format!("{}:latest", sandbox.path("home/other").display());
    run(&skopeo, &[policy, "copy", "-q", &format!("oci:{}", base.layout.display()), &format!("oci:{other}")]);
    let file = sandbox.write("home/file", "own\n");
    run(&umoci, &["insert", "--rootless", "--image", &other, file.to_str().unwrap(), "/etc/file"]);
    let added = sandbox.path("home/other");
    let words = ["pack", "it's", "--format", "oci", "--base", added.to_str().unwrap(), "-o", image.to_str().unwrap()];
    let outcome = call(&sandbox, &words);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    // Each is an archive of Docker again, and that a base.
    let saved = sandbox.path("home/saved.tar");
    let from = format!("oci-archive:{}", image.display());
    run(&skopeo, &[policy, "copy", "-q", &from, &format!("docker-archive:{}:x:y", saved.display())]);
    let words = ["pack", "it's", "--format", "oci", "--base", saved.to_str().unwrap(), "-o", image.to_str().unwrap()];
    assert_eq!(call(&sandbox, &words).status, Some(0));

    let bundle = sandbox.path("bundle");
    let tag = format!("{}:oci-archive", unpacked.display());
    let options: &[&str] = if rustix::process::geteuid().is_root() { &[] } else { &["--rootless"] };
    run(&umoci, &[&["unpack"], options, &["--image", &tag, bundle.to_str().unwrap()]].concat());
    let venv = bundle.join("rootfs/opt/venv");
    assert_eq!(fs::read_link(venv.join("bin/python")).unwrap(), Path::new("/usr/local/bin").join(&lib));
    assert!(fs::read_to_string(venv.join("bin/pip")).unwrap().starts_with("#!/opt/venv/bin/python"));
    assert!(bundle.join("rootfs/opt/README").is_file());
    let process = json_in(&bundle.join("config.json"))["process"].clone();
    assert_eq!((process["user"]["uid"].as_u64(), process["cwd"].as_str()), (Some(10001), Some("/app")), "{process}");
}
