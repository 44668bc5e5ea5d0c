//! `venvwrap bundle` and `venvwrap create --from`, with the installers that must understand a bundle, too.

mod index;
mod redirect;
mod script;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::program::{names_in, residue};
use crate::support::shells::Outcome;
use crate::support::tools::find_program;
use crate::support::wheels::{ANY, Wheels};

/// A wheel with everything that wheels have: directory, machine.
const RICH: &str = r"
import base64, hashlib, sys, zipfile
directory, machine = sys.argv[1:]
info, data = 'Rich.Thing-1.0+local.1.dist-info', 'Rich.Thing-1.0+local.1.data'
tags = [f'cp38-abi3-manylinux_2_5_{machine}', f'cp38-abi3-manylinux1_{machine}']
files = {
    'rich/__init__.py': 'import os\ndef main(): print(open(os.path.dirname(__file__) + str(chr(47)) + str(chr(97) + chr(32) + chr(98))).read())\n',
    'rich/a b': 'data',
    f'{data}/scripts/rich-script': '#!python\nimport sys; print(sys.prefix)\n',
    f'{data}/scripts/rich-sh': '#!/bin/sh\necho sh\n',
    f'{data}/headers/rich.h': '/* header */\n',
    f'{data}/data/share/rich/x, y': 'shared',
    f'{info}/METADATA': 'Metadata-Version: 2.1\nName: Rich.Thing\nVersion: 1.0+local.1\n',
    f'{info}/WHEEL': 'Wheel-Version: 1.0\nRoot-Is-Purelib: false\n' + ''.join(f'Tag: {tag}\n' for tag in tags),
    f'{info}/entry_points.txt': '[console_scripts]\nrich-tool = rich:main\n',
}
quote = lambda path: '\x22' + path + '\x22' if ',' in path else path
digest = lambda text: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')
rows = [f'{quote(path)},sha256={digest(text)},{len(text.encode())}\n' for path, text in files.items()]
files[f'{info}/RECORD'] = ''.join(rows) + f'{info}/RECORD,,\n'
with zipfile.ZipFile(f'{directory}/rich_thing-1.0+local.1-cp38-abi3-manylinux1_{machine}.manylinux_2_5_{machine}.whl', 'w') as wheel:
    for path, content in files.items():
        wheel.writestr(path, content)
";

/// Writes an archive that no bundle is: file, kind.
const HOSTILE: &str = r"
import io, sys, tarfile
path, kind = sys.argv[1:]
def file(name, content=b'x', **fields):
    member = tarfile.TarInfo(name)
    member.size = len(content)
    for field, value in fields.items():
        setattr(member, field, value)
    archive.addfile(member, io.BytesIO(content))
with tarfile.open(path, 'w', format=tarfile.GNU_FORMAT) as archive:
    file('top/bundle.json', b'{}')
    if kind == 'parent': file('top/../../PWN')
    elif kind == 'absolute': file('/tmp/PWN')
    elif kind == 'link': file('top/wheels', b'', type=tarfile.SYMTYPE, linkname='/etc')
    elif kind == 'hard link': file('top/x', b'', type=tarfile.LNKTYPE, linkname='top/bundle.json')
    elif kind == 'device': file('top/x', b'', type=tarfile.CHRTYPE)
    elif kind == 'twice': file('top/bundle.json', b'{}')
    elif kind == 'deep': file('top/wheels/a/b')
    elif kind == 'second top': file('other/x')
    elif kind == 'empty': pass
if kind == 'huge':
    data = bytearray(open(path, 'rb').read())
    data[124:136] = b'77777777777\0'
    data[148:156] = b' ' * 8
    data[148:156] = b'%06o\0 ' % sum(data[:512])
    open(path, 'wb').write(data)
";

/// Makes the list of hashes true again: directory.
const SUMS: &str = r"
import hashlib, pathlib, sys
root = pathlib.Path(sys.argv[1])
files = sorted(path for path in root.rglob('*') if path.is_file() and path.name != 'SHA256SUMS')
lines = [f'{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n' for path in files]
(root / 'SHA256SUMS').write_text(''.join(lines))
";

fn run_python(wheels: &Wheels, code: &str, arguments: &[&str]) {
    let output = Command::new(&wheels.python).args(["-c", code]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:#?}");
}

/// An environment with packages from wheels, which were installed by pip or uv.
fn installed(wheels: &Wheels, name: &str) -> PathBuf {
    wheels.add_common();
    run_python(wheels, RICH, &[wheels.sandbox.path("wheels").to_str().unwrap(), std::env::consts::ARCH]);
    wheels.create(&wheels.python, name, &["alpha==1.0", "rich-thing"])
}

/// Calls the program in the home directory, where it writes.
fn call(wheels: &Wheels, arguments: &[&str]) -> Outcome {
    let mut command = wheels.command(arguments);
    Outcome::new(&wheels.sandbox, &command.current_dir(wheels.sandbox.path("home")).output().unwrap())
}

#[track_caller]
fn succeed(wheels: &Wheels, arguments: &[&str]) -> String {
    let outcome = call(wheels, arguments);
    assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    outcome.stdout
}

/// Asserts that what was bundled is in an environment, and works.
#[track_caller]
fn assert_rich(env: &Path) {
    let run = |program: &str| {
        let path = env.join("bin").join(program);
        let output = Command::new(&path).output().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        String::from_utf8(output.stdout).unwrap().trim_end().to_string()
    };
    // Not by its first line: pip writes one that cannot work in a directory with a blank.
    let output = Command::new(env.join("bin/python")).arg(env.join("bin/rich-script")).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim_end(), env.to_str().unwrap());
    for (program, expected) in [("alpha-tool", "1.0"), ("beta-tool", "1.0"), ("rich-tool", "data"), ("rich-sh", "sh")] {
        assert_eq!(run(program), expected, "{program}");
    }
    assert_eq!(fs::read_to_string(env.join("share/rich/x, y")).unwrap(), "shared");
    let headers = env.join("include/site");
    let python = headers.join(&names_in(&headers)[0]);
    assert!(python.join(&names_in(&python)[0]).join("rich.h").is_file());
}

/// Runs the script of a bundle, with settings that nobody should have.
fn install_script(wheels: &Wheels, shell: &str, bundle: &Path, directory: &str, has_uv: bool) -> Output {
    let mut command = wheels.sandbox.command(&find_program(shell).unwrap());
    command.arg(bundle.join("install.sh")).arg(directory).arg(&wheels.python).current_dir(wheels.sandbox.path("home"));
    let uv = if has_uv { wheels.sandbox.path("bin") } else { wheels.sandbox.path("nowhere") };
    command.env("PATH", format!("{}:/usr/bin:/bin", uv.display()));
    for (name, value) in [
        ("PIP_INDEX_URL", "nonsense"),
        ("PIP_TARGET", "/nowhere"),
        ("PIP_REQUIRE_VIRTUALENV", "nonsense"),
        ("PIP_NO_BINARY", ":all:"),
        ("UV_INDEX_URL", "nonsense"),
        ("UV_PYTHON", "3.1"),
        ("UV_NO_BINARY", "1"),
        ("PYTHONPATH", "/nowhere"),
        ("PYTHONHOME", "/nowhere"),
        ("PYTHON_NAME", "nonsense"),
        ("PIP_WHEEL", "nonsense"),
        ("CDPATH", "/"),
    ] {
        command.env(name, value);
    }
    command.env("UV_CACHE_DIR", wheels.sandbox.path("uv-of-script")).output().unwrap()
}

#[test]
fn what_is_installed_is_bundled_and_installed_again() {
    for wheels in Wheels::both() {
        let name = "it's a";
        installed(&wheels, name);
        let outcome = call(&wheels, &["bundle", "--from-installed", "--json", "--", name]);
        assert!(outcome.stderr.contains("bundled 4 packages of `it's a` into `it's a.bundle.tar`"), "{outcome:#?}");
        let manifest: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert_eq!(manifest["repacked"], true);
        assert_eq!(manifest["targets"][0]["glibc"], 5, "{manifest}");
        succeed(&wheels, &["bundle", "--from-installed", "--dir", "--", name]);
        let bundle = wheels.sandbox.path("home").join(format!("{name}.bundle"));
        let files: Vec<_> =
            names_in(&bundle.join("wheels")).into_iter().map(|name| name.into_string().unwrap()).collect();
        let rich =
            format!("rich_thing-1.0+local.1-cp38-abi3-manylinux1_{0}.manylinux_2_5_{0}.whl", std::env::consts::ARCH);
        assert!(files.contains(&rich) && files.contains(&"alpha-1.0-py3-none-any.whl".to_string()), "{files:?}");
        let requirements = fs::read_to_string(bundle.join("requirements.txt")).unwrap();
        assert!(
            requirements.starts_with("--no-index\n--find-links wheels\nalpha==1.0 --hash=sha256:"),
            "{requirements}"
        );
        assert!(!requirements.contains("pip=="), "{requirements}");

        let before = wheels.freeze(name);
        let archive = format!("{name}.bundle.tar");
        for (new, from) in [("from tar", archive.as_str()), ("from dir", bundle.to_str().unwrap())] {
            succeed(&wheels, &["create", "--from", from, new]);
            assert_rich(&wheels.sandbox.env_path(new));
            assert_eq!(wheels.freeze(new), before);
            succeed(&wheels, &["check", new]);
            assert!(wheels.sandbox.env_path(new).join("bin/pip").is_file());
            let script = Command::new(wheels.sandbox.env_path(new).join("bin/rich-script")).output().unwrap();
            assert!(script.status.success(), "its first line works in a directory with blanks: {script:#?}");
        }
        // What is there already stays.
        let again = call(&wheels, &["create", "--from", &archive, "from tar"]);
        assert!(again.status == Some(1) && again.stderr.contains("`from tar` already exists"), "{again:#?}");
        assert!(!wheels.sandbox.path("home/PWN").exists());
        assert!(residue(&wheels.sandbox.path("home")).is_empty() && residue(&wheels.sandbox.path("envs")).is_empty());

        for shell in ["dash", "bash"] {
            // pip writes scripts that would run what is in the name of their directory.
            let directory = wheels.sandbox.path(format!("projects/{shell} a é"));
            let has_uv = shell == "bash";
            let output = install_script(&wheels, shell, &bundle, directory.to_str().unwrap(), has_uv);
            assert!(output.status.success(), "{output:#?}");
            assert_rich(&directory);
        }
    }
}

/// The packages would be the user's own, and nobody could tell any more who has written them.
#[test]
fn what_others_could_have_written_is_not_installed() {
    let Some(wheels) = Wheels::new("pip") else { return };
    installed(&wheels, "api");
    succeed(&wheels, &["bundle", "--from-installed", "-o", "a.tar", "api"]);
    succeed(&wheels, &["bundle", "--from-installed", "--dir", "-o", "d", "api"]);
    let home = wheels.sandbox.path("home");
    for (bundle, open) in [("a.tar", "a.tar"), ("d", "d"), ("d", "d/bundle.json")] {
        let mode = fs::metadata(home.join(open)).unwrap().permissions();
        fs::set_permissions(home.join(open), fs::Permissions::from_mode(0o777)).unwrap();
        let outcome = call(&wheels, &["create", "--from", bundle, "new"]);
        outcome.fails_with_hint(open, &format!("{open}` is writable by other users"));
        assert!(!wheels.sandbox.env_path("new").exists(), "{open}");
        fs::set_permissions(home.join(open), mode).unwrap();
    }
    fs::set_permissions(home.join("a.tar"), fs::Permissions::from_mode(0o666)).unwrap();
    succeed(&wheels, &["allow", "--shared", "a.tar"]);
    succeed(&wheels, &["create", "--from", "a.tar", "new"]);
}

#[test]
fn the_same_environment_gives_the_same_bytes() {
    let Some(wheels) = Wheels::new("pip") else { return };
    installed(&wheels, "api");
    let mut all = Vec::new();
    for file in ["a.tar", "b.tar"] {
        succeed(&wheels, &["bundle", "--from-installed", "-o", file, "api"]);
        all.push(fs::read(wheels.sandbox.path("home").join(file)).unwrap());
    }
    assert!(all[0] == all[1]);
    // It is no archive of an environment, and an archive is no bundle: each hint names the other command.
    let outcome = call(&wheels, &["unpack", "a.tar", "new"]);
    outcome.fails_with_hint("a bundle", "a.tar` is a bundle, not an archive of an environment");
    assert!(outcome.stderr.contains("`venvwrap create --from "), "{outcome:#?}");
    succeed(&wheels, &["pack", "--level", "0", "api"]);
    let outcome = call(&wheels, &["create", "--from", "api.tar.gz", "new"]);
    outcome.fails_with_hint("an archive", "api.tar.gz` is not a bundle");
    assert!(outcome.stderr.contains("`venvwrap unpack "), "{outcome:#?}");
    // A bundle that was compressed is still one.
    assert!(Command::new("gzip").arg("-k").arg(wheels.sandbox.path("home/b.tar")).status().unwrap().success());
    for command in
        [&["create", "--from", "b.tar.gz", "new"][..], &["unpack", "b.tar.gz", "new"], &["diff", "api", "b.tar.gz"]]
    {
        let outcome = call(&wheels, command);
        assert!(outcome.stderr.contains("b.tar.gz` is compressed by gzip"), "{outcome:#?}");
        assert!(outcome.stderr.contains("hint: decompress it first: `gunzip -k "), "{outcome:#?}");
    }
    for file in ["c.tar.gz", "c.TGZ", "c.tar.xz", "c.zip"] {
        let outcome = call(&wheels, &["bundle", "--from-installed", "-o", file, "api"]);
        outcome.fails_with_hint(file, &format!("{file}` would be an uncompressed tar, whatever its name says"));
        assert!(!wheels.sandbox.path("home").join(file).exists());
    }
    succeed(&wheels, &["pack", "-o", "plain.tar", "api"]);
    let outcome = call(&wheels, &["create", "--from", "plain.tar", "new"]);
    outcome.fails_with_hint("a plain archive", "plain.tar` is not a bundle: it has no `bundle.json`");
    assert!(outcome.stderr.contains("`venvwrap unpack "), "{outcome:#?}");
    // What could not be created is the bundle, not what it is built in.
    let outcome = call(&wheels, &["bundle", "--from-installed", "-o", "no/where.tar", "api"]);
    outcome.fails_with_hint("no directory", "could not create `[ROOT]/home/no/where.tar`");
    // And so does what was made from it.
    succeed(&wheels, &["create", "--from", "a.tar", "copy"]);
    succeed(&wheels, &["bundle", "--from-installed", "--dir", "-o", "c", "copy"]);
    succeed(&wheels, &["bundle", "--from-installed", "--dir", "-o", "d", "api"]);
    let read =
        |directory: &str| fs::read(wheels.sandbox.path("home").join(directory).join("requirements.txt")).unwrap();
    assert_eq!(read("c"), read("d"));
}

#[test]
fn pip_and_uv_install_a_bundle_and_refuse_one_that_was_tampered_with() {
    for wheels in Wheels::both() {
        installed(&wheels, "api");
        succeed(&wheels, &["bundle", "--from-installed", "--dir", "-o", "bundle", "api"]);
        let bundle = wheels.sandbox.path("home/bundle");
        let uv = wheels.sandbox.path("bin/uv");
        let install = |env: &str, file: &str| {
            let env = wheels.create(&wheels.python, env, &[]);
            let mut command = if uv.exists() {
                let mut command = wheels.sandbox.command(&uv);
                command.args(["pip", "sync", "--offline", file, "--python"]).arg(env.join("bin/python"));
                command.env("UV_CACHE_DIR", wheels.sandbox.path(format!("uv-{}", env.file_name().unwrap().display())));
                command
            } else {
                let mut command = wheels.sandbox.command(&env.join("bin/python"));
                command.args(["-m", "pip", "install", "--no-index", "--require-hashes", "-r", file]);
                command
            };
            command.current_dir(&bundle).output().unwrap()
        };
        let files: &[&str] = if uv.exists() { &["requirements.txt", "pylock.toml"] } else { &["requirements.txt"] };
        for file in files {
            let output = install(&format!("of-{file}"), file);
            assert!(output.status.success(), "{file}: {output:#?}");
            assert_rich(&wheels.sandbox.env_path(format!("of-{file}")));
        }

        let archive = wheels.sandbox.path("home/bundle.tar");
        succeed(&wheels, &["bundle", "--from-installed", "-o", "bundle.tar", "api"]);
        let tamper = |path: &Path, needle: &[u8]| {
            let mut content = fs::read(path).unwrap();
            let at = content.windows(needle.len()).rposition(|part| part == needle).unwrap();
            content[at] ^= 1;
            fs::write(path, content).unwrap();
        };
        tamper(&bundle.join("wheels/alpha-1.0-py3-none-any.whl"), b"alpha-1.0.dist-info/RECORD");
        tamper(&archive, b"alpha-1.0.dist-info/RECORD");
        for from in ["bundle", "bundle.tar"] {
            let outcome = call(&wheels, &["create", "--from", from, "new"]);
            outcome.fails_with_hint(from, "`wheels/alpha-1.0-py3-none-any.whl` in");
            assert!(outcome.stderr.contains("does not have the hash that is recorded for it"), "{outcome:#?}");
            assert!(!wheels.sandbox.env_path("new").exists() && residue(&wheels.sandbox.path("envs")).is_empty());
        }
        let directory = wheels.sandbox.path("projects/new");
        let output = install_script(&wheels, "dash", &bundle, directory.to_str().unwrap(), uv.exists());
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.code() == Some(1) && stderr.contains("alpha-1.0-py3-none-any.whl is damaged"),
            "{output:#?}"
        );
        assert!(!directory.exists());
        assert!(!install("tampered", "requirements.txt").status.success());
        // Also when only the list of this program was made true again.
        run_python(&wheels, SUMS, &[bundle.to_str().unwrap()]);
        call(&wheels, &["create", "--from", "bundle", "new"]).fails("summed", "does not have the hash");
        let output = install_script(&wheels, "dash", &bundle, directory.to_str().unwrap(), uv.exists());
        assert!(!output.status.success() && !directory.exists(), "{output:#?}");
    }
}

#[test]
fn a_bundle_for_other_machines_is_refused() {
    let Some(wheels) = Wheels::new("pip") else { return };
    installed(&wheels, "api");
    succeed(&wheels, &["bundle", "--from-installed", "--dir", "-o", "bundle", "api"]);
    let path = wheels.sandbox.path("home/bundle/bundle.json");
    let sound = fs::read_to_string(&path).unwrap();
    let script = wheels.sandbox.path("home/bundle/install.sh");
    let sound_script = fs::read_to_string(&script).unwrap();
    let minor = serde_json::from_str::<serde_json::Value>(&sound).unwrap()["python"].as_str().unwrap().to_string();
    let machine = format!("{}\"", std::env::consts::ARCH);
    for (from, to, message) in [
        ("\"glibc\": 5", "\"glibc\": 99", "the bundle needs glibc 2.99, and this machine has 2."),
        (machine.as_str(), "vax\"", "the bundle is for Linux vax, and this machine is Linux "),
        (minor.as_str(), "python3.99", ""),
        (minor.as_str(), "python2.6x", "is not a bundle: it is for no Python or machine that could be"),
        ("\"schema\": 1", "\"schema\": 9", "is of version 9, which this program does not know"),
        ("\"file\": \"alpha", "\"file\": \"../alpha", "alpha-1.0-py3-none-any.whl` is missing in `"),
        ("\"name\"", "name", "is not a bundle: its `bundle.json` is damaged"),
    ] {
        assert!(sound.contains(from), "{from}");
        fs::write(&path, sound.replace(from, to)).unwrap();
        let script_from = if from.starts_with("\"glibc") { "|5|" } else { from.trim_end_matches('"') };
        let script_to = if from.starts_with("\"glibc") { "|99|" } else { to.trim_end_matches('"') };
        fs::write(&script, sound_script.replace(script_from, script_to)).unwrap();
        run_python(&wheels, SUMS, &[wheels.sandbox.path("home/bundle").to_str().unwrap()]);
        let outcome = call(&wheels, &["create", "--from", "bundle", "-p", wheels.python.to_str().unwrap(), "new"]);
        let message = if message.is_empty() { "the bundle is for python3.99, not for python3" } else { message };
        outcome.fails_with_hint(to, message);
        assert!(!wheels.sandbox.env_path("new").exists() && residue(&wheels.sandbox.path("envs")).is_empty());
        if ["vax\"", "python3.99", "\"glibc\": 99"].contains(&to) {
            let directory = wheels.sandbox.path("projects/new");
            let output = install_script(
                &wheels,
                "dash",
                &wheels.sandbox.path("home/bundle"),
                directory.to_str().unwrap(),
                false,
            );
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.code() == Some(1) && stderr.starts_with("install.sh: "), "{to}: {output:#?}");
            assert!(!directory.exists());
        }
    }
}

/// It may be anybody's: the name of a command in it is not one that the user has named.
#[test]
fn what_a_bundle_says_of_its_python_is_not_run() {
    let Some(wheels) = Wheels::new("pip") else { return };
    installed(&wheels, "api");
    succeed(&wheels, &["bundle", "--from-installed", "--dir", "-o", "bundle", "api"]);
    let path = wheels.sandbox.path("home/bundle/bundle.json");
    let sound = fs::read_to_string(&path).unwrap();
    let minor = serde_json::from_str::<serde_json::Value>(&sound).unwrap()["python"].as_str().unwrap().to_string();
    wheels.sandbox.write_program("bin/evil", "#!/bin/sh\ntouch \"$HOME/was-run\"\n");
    for python in ["evil", "python/../evil", "./evil", "~/evil", "python>=3", "", "python"] {
        fs::write(&path, sound.replace(&format!("\"{minor}\""), &format!("\"{python}\""))).unwrap();
        run_python(&wheels, SUMS, &[wheels.sandbox.path("home/bundle").to_str().unwrap()]);
        let outcome = call(&wheels, &["create", "--from", "bundle", "new"]);
        outcome.fails(python, "is not a bundle: it is for no Python or machine that could be");
        assert!(!wheels.sandbox.path("home/was-run").exists(), "{python}");
    }
}

#[test]
fn hostile_archives_are_refused() {
    let Some(wheels) = Wheels::new("pip") else { return };
    let archive = wheels.sandbox.path("home/hostile.tar");
    for kind in ["parent", "absolute", "link", "hard link", "device", "twice", "deep", "second top", "huge", "empty"] {
        run_python(&wheels, HOSTILE, &[archive.to_str().unwrap(), kind]);
        let outcome = call(&wheels, &["create", "--from", "hostile.tar", "new"]);
        assert_eq!(outcome.status, Some(1), "{kind}: {outcome:#?}");
        assert!(outcome.stderr.contains("hostile.tar"), "{kind}: {outcome:#?}");
        assert!(!wheels.sandbox.env_path("new").exists() && residue(&wheels.sandbox.path("envs")).is_empty());
        assert!(!wheels.sandbox.path("PWN").exists() && !Path::new("/tmp/PWN").exists(), "{kind}");
    }
    for (name, content) in [("no.tar", "text"), ("none.tar", "")] {
        wheels.sandbox.write(format!("home/{name}"), content);
        call(&wheels, &["create", "--from", name, "new"]).fails_with_hint(name, "is not a bundle");
    }
    call(&wheels, &["create", "--from", "missing.tar", "new"]).fails("missing", "could not read");
}

#[test]
fn what_cannot_be_bundled_is_listed() {
    let Some(wheels) = Wheels::new("pip") else { return };
    let env = installed(&wheels, "api");
    let site = wheels.site("api");
    wheels.sandbox.write(site.join("old.egg-info/PKG-INFO"), "Name: old\nVersion: 1\n");
    wheels.sandbox.write(site.join("bare-1.dist-info/METADATA"), "Name: bare\nVersion: 1\n");
    let outcome = call(&wheels, &["bundle", "--from-installed", "api"]);
    outcome
        .fails_with_hint("unfit", "2 packages cannot be bundled: `bare` has no list of its files; `old` has no list");
    for name in ["old.egg-info", "bare-1.dist-info"] {
        fs::remove_dir_all(site.join(name)).unwrap();
    }
    wheels.sandbox.write(site.join("out-1.dist-info/METADATA"), "Name: out\nVersion: 1\n");
    wheels.sandbox.write(site.join("out-1.dist-info/WHEEL"), "Wheel-Version: 1.0\nTag: py3-none-any\n");
    wheels.sandbox.write(site.join("out-1.dist-info/RECORD"), "../../../../outside,,\nout-1.dist-info/RECORD,,\n");
    call(&wheels, &["bundle", "--from-installed", "api"])
        .fails_with_hint("outside", "`out` has the file `[ROOT]/envs/outside`, which is outside");
    // Without a hash the size has to do.
    wheels.sandbox.write(site.join("out.py"), "x=1");
    wheels.sandbox.write(site.join("out-1.dist-info/RECORD"), "out.py,,4\nout-1.dist-info/RECORD,,\n");
    call(&wheels, &["bundle", "--from-installed", "api"]).fails_with_hint("size", "`out` has changed files: `");
    wheels.sandbox.write(site.join("out-1.dist-info/RECORD"), "out.py,,3\nout-1.dist-info/RECORD,,\n");
    succeed(&wheels, &["bundle", "--from-installed", "-o", "sized.tar", "api"]);
    fs::remove_file(wheels.sandbox.path("home/sized.tar")).unwrap();
    fs::remove_dir_all(site.join("out-1.dist-info")).unwrap();
    fs::write(site.join("rich/a b"), "mine").unwrap();
    fs::remove_file(env.join("share/rich/x, y")).unwrap();
    let outcome = call(&wheels, &["bundle", "--from-installed", "api"]);
    outcome.fails_with_hint("altered", "a package cannot be bundled: `Rich.Thing` has changed files: `");
    assert!(names_in(&wheels.sandbox.path("home")).iter().all(|name| !name.to_string_lossy().contains("bundle")));
    succeed(&wheels, &["bundle", "--from-installed", "--force", "-o", "forced.tar", "api"]);
    succeed(&wheels, &["create", "--from", "forced.tar", "new"]);
    assert_eq!(fs::read_to_string(wheels.site("new").join("rich/a b")).unwrap(), "mine");
    // Nothing is written into the environment, nor over a directory.
    let inside = env.join("x.tar");
    call(&wheels, &["bundle", "--from-installed", "-f", "-o", inside.to_str().unwrap(), "api"])
        .fails("in", "is inside the environment");
    fs::create_dir(wheels.sandbox.path("home/there")).unwrap();
    call(&wheels, &["bundle", "--from-installed", "-f", "--dir", "-o", "there", "api"])
        .fails("there", "already exists");
}

#[test]
fn a_bundle_is_written_to_a_file_with_the_usual_name_or_another() {
    let Some(wheels) = Wheels::new("pip") else { return };
    installed(&wheels, "api");
    let home = wheels.sandbox.path("home");
    fs::create_dir(home.join("out")).unwrap();
    for options in [&["-o", "out"][..], &["-o", "out/"]] {
        succeed(&wheels, &[&["bundle", "--from-installed", "api"], options].concat());
        assert_eq!(names_in(&home.join("out")), ["api.bundle.tar"], "{options:?}");
        fs::remove_file(home.join("out/api.bundle.tar")).unwrap();
    }
    call(&wheels, &["bundle", "--from-installed", "api", "-o", "none/"])
        .fails_with_hint("slash", "there is no directory `[ROOT]/home/none`");
    wheels.sandbox.write("home/req.txt", "alpha==1.0\n");
    for arguments in [&["--from-installed", "api"][..], &["api", "--dir"], &["-r", "req.txt"]] {
        let outcome = call(&wheels, &[&["bundle", "-o", "-"], arguments].concat());
        outcome.fails_with_hint("-", "a bundle is written to a file, not to standard output");
    }
    assert!(!home.join("-").exists());
}

/// A program that fails before the pipe writes nothing.
#[test]
fn a_file_without_packages_or_without_a_file_is_told() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.sandbox.write("home/empty.txt", "# nothing\n\n");
    for file in ["empty.txt", "/dev/null"] {
        let outcome = call(&wheels, &["bundle", "--no-pip", "-o", "x.tar", "-r", file]);
        assert!(outcome.stderr.contains(&format!("warning: `{file}` names no packages\n")), "{outcome:#?}");
    }
    for (arguments, hint) in [
        (&["-r", "nope.txt"][..], "name a requirements file or a lock that exists"),
        (&["-r", "no/nope.txt"], "there is no directory `[ROOT]/home/no`"),
        (&["nope.txt"], "give the name of an environment, which `venvwrap list` lists, or a file"),
    ] {
        let outcome = call(&wheels, &[&["bundle"], arguments].concat());
        assert!(outcome.status == Some(1) && outcome.stderr.contains(&format!("\nhint: {hint}")), "{outcome:#?}");
    }
}

#[test]
fn an_editable_package_is_not_bundled() {
    let Some(wheels) = Wheels::new("pip") else { return };
    wheels.add("alpha", "1.0", ANY, "", "");
    let project = wheels.add_project("projects/proj");
    wheels.create(&wheels.python, "api", &["alpha"]);
    let mut command = wheels.sandbox.command(&wheels.sandbox.env_path("api").join("bin/python"));
    let output = command.args(["-m", "pip", "install", "-q", "-e"]).arg(&project).output().unwrap();
    assert!(output.status.success(), "{output:#?}");
    let outcome = call(&wheels, &["bundle", "--from-installed", "api"]);
    outcome.fails_with_hint("editable", "a package cannot be bundled: `proj` is imported from `");
}
