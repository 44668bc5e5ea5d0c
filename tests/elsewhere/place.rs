//! An environment with a compiled package, and the other machine: this one under an overlay, so that whatever is done
//! there is forgotten.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{create, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{find_program, skip_mounting};

/// A module in C that needs no headers of Python, and a library of the system.
const SOURCE: &str = r#"
typedef struct { long count; void *type; } Object;
typedef struct { const char *name; void *(*function)(void *, void *); int flags; const char *doc; } Method;
typedef struct { Object object; void *(*init)(void); long index; void *copy; } Base;
typedef struct {
  Base base; const char *name, *doc; long size; Method *methods; void *slots, *traverse, *clear, *free;
} Module;
extern void *PyModule_Create2(Module *, int);
extern void *PyLong_FromLong(long);
extern const char *zlibVersion(void);
static void *answer(void *self, void *arguments) { return PyLong_FromLong(zlibVersion()[0] == '1' ? 42 : 0); }
static Method methods[] = {{"answer", answer, 4, 0}, {0, 0, 0, 0}};
static Module module = {.base = {.object = {1, 0}}, .name = "compiled", .size = -1, .methods = methods};
void *PyInit_compiled(void) { return PyModule_Create2(&module, 1013); }
"#;

/// Makes a wheel of it in a directory, with a program and a package that can be left out.
const WHEEL: &str = r"
import sys, sysconfig, zipfile
library, directory = sys.argv[1:]
tag = 'cp38-abi3-' + sysconfig.get_platform().replace('-', '_').replace('.', '_')
info = 'compiled-1.0.dist-info'
files = {
    'compiled.abi3.so': open(library, 'rb').read(),
    'compiled_tool.py': 'def main():\n    import compiled, sys\n    print(compiled.answer(), sys.prefix)\n',
    'extra/__init__.py': 'VALUE = 1\n',
    f'{info}/METADATA': 'Metadata-Version: 2.4\nName: compiled\nVersion: 1.0\nLicense-Expression: MIT\n',
    f'{info}/licenses/LICENSE': 'Copyright 2026 The authors\n\nUse it as you like.\n',
    f'{info}/WHEEL': f'Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n',
    f'{info}/entry_points.txt': '[console_scripts]\ncompiled-tool = compiled_tool:main\n',
}
files[f'{info}/RECORD'] = ''.join(f'{path},,\n' for path in [*files, f'{info}/RECORD'])
name = f'{directory}/compiled-1.0-{tag}.whl'
with zipfile.ZipFile(name, 'w') as wheel:
    for path, content in files.items():
        wheel.writestr(path, content)
print(name)
";

/// Lays the other machine out at `$root`, and defines `inside SCRIPT`, which runs a script there. What was carried to it
/// is in `/carried`; the sandbox and the program are not there.
const LAY_OUT: &str = r#"
set -eu
PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
sandbox=$1 hidden=$2
machine=$sandbox/machine
root=$machine/root
mkdir -p "$machine"
mount -t tmpfs none "$machine"
mkdir "$machine/upper" "$machine/work" "$root"
mount -t overlay none -o "lowerdir=/,upperdir=$machine/upper,workdir=$machine/work" "$root"
mount -t proc none "$root/proc"
mount --bind /dev "$root/dev"
mkdir -p "$root/carried" "$root/tmp" "$root$sandbox" "$root$hidden"
mount --bind "$sandbox/home" "$root/carried"
mount -t tmpfs none "$root$sandbox"
mount -t tmpfs none "$root$hidden"
inside() {
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    sh -euc "cd /; $1"
}
"#;

/// An environment to be carried away.
pub(super) struct Place {
    pub(super) sandbox: Sandbox,
}

impl Place {
    /// Makes the environment `api` of the system's Python; none where the other machine cannot be laid out.
    pub(super) fn new() -> Option<Self> {
        let python = Path::new("/usr/bin/python3");
        let (compiler, _) = (find_program("cc")?, find_program("unshare")?);
        // Not every option of mount and tar can bear a blank.
        let place = Self { sandbox: Sandbox::named("venvwrap-elsewhere-") };
        if !python.is_file() || !place.can_be_left() {
            return None;
        }
        let environment = create(&place.sandbox, python, "api");
        let (source, library) =
            (place.sandbox.write("build/compiled.c", SOURCE), place.sandbox.path("build/compiled.so"));
        let mut compile = Command::new(compiler);
        compile.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).args(["-Wl,--no-as-needed", "-l:libz.so.1"]);
        succeed(&mut compile);
        let wheel = succeed(Command::new(python).args(["-c", WHEEL]).arg(&library).arg(place.sandbox.path("build")));
        let mut pip = place.sandbox.command(&environment.join("bin/pip"));
        succeed(pip.args(["install", "-q", "--no-index", "--no-deps", "--disable-pip-version-check", wheel.trim()]));
        Some(place)
    }

    /// Calls the program, which must succeed, in the directory whose files are carried.
    #[track_caller]
    pub(super) fn call(&self, arguments: &[impl AsRef<OsStr>]) {
        let mut command = program(&self.sandbox, arguments);
        let outcome = Outcome::new(&self.sandbox, &command.current_dir(self.carried()).output().unwrap());
        assert_eq!(outcome.status, Some(0), "{outcome:#?}");
    }

    /// Where the files are that will be in `/carried`.
    pub(super) fn carried(&self) -> PathBuf {
        self.sandbox.path("home")
    }

    /// Runs a script of sh that knows `$root` and `inside`, and whose further arguments begin with `$3`.
    pub(super) fn run(&self, script: &str, arguments: &[&OsStr]) -> Outcome {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let mut command = self.sandbox.command(Path::new("/usr/bin/unshare"));
        command.args(["--mount", "--net", "--", "sh", "-c", &format!("{LAY_OUT}\n{script}"), "sh"]);
        command.arg(self.sandbox.path("").components().as_path()).arg(target).args(arguments);
        Outcome::new(&self.sandbox, &command.output().unwrap())
    }

    /// Runs a script on the other machine, and returns what it printed.
    #[track_caller]
    pub(super) fn inside(&self, script: &str) -> String {
        let outcome = self.run("inside \"$3\"", &[script.as_ref()]);
        assert_eq!(outcome.status, Some(0), "{script}: {outcome:#?}");
        outcome.stdout
    }

    /// Returns whether this process may mount, and overlay its machine.
    fn can_be_left(&self) -> bool {
        let outcome = self.run("inside 'test ! -e /carried/nothing'", &[]);
        if outcome.status == Some(0) {
            return true;
        }
        let is_forbidden = ["unshare: ", "mount: "].iter().any(|program| outcome.stderr.starts_with(program));
        assert!(is_forbidden, "{outcome:#?}");
        skip_mounting(&format!("no overlay can be mounted here: {}", outcome.stderr.trim()));
        false
    }
}

/// Runs a command, and returns what it printed.
#[track_caller]
pub(super) fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}
