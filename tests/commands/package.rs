//! `venvwrap package`.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::program::{call, create, names_in, program};
use crate::support::sandbox::Sandbox;
use crate::support::shells::Outcome;
use crate::support::tools::{find_program, skip};

/// An environment of the system's Python.
fn environment(sandbox: &Sandbox) -> Option<PathBuf> {
    let python = Path::new("/usr/bin/python3");
    let environment = python.is_file().then(|| create(sandbox, python, "api"))?;
    sandbox.write_program("envs/api/bin/acme", "#!/bin/sh\necho acme\n");
    Some(environment)
}

fn package(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let mut command = program(sandbox, &[&["package", "api"], arguments].concat());
    Outcome::new(sandbox, &command.current_dir(sandbox.path("home")).output().unwrap())
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output: Output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// The file of this kind in the sandbox's home.
fn file(sandbox: &Sandbox, extension: &str) -> PathBuf {
    let entries = fs::read_dir(sandbox.path("home")).unwrap().map(|entry| entry.unwrap().path());
    let mut found = entries.filter(|path| path.extension().is_some_and(|own| own == extension));
    found.next().unwrap_or_else(|| panic!("no {extension}"))
}

#[test]
fn dpkg_installs_and_removes_the_whole_package() {
    let sandbox = Sandbox::named("venvwrap-deb-");
    if environment(&sandbox).is_none() {
        return;
    }
    let arguments = ["--deb", "--name", "venvwrap_test", "--version", "1.0rc1", "--bin", "acme", "--license", "MIT"];
    let outcome = package(&sandbox, &arguments);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let file = file(&sandbox, "deb");
    let first = fs::read(&file).unwrap();
    assert_eq!(package(&sandbox, &arguments).status, Some(0));
    assert!(first == fs::read(&file).unwrap(), "two runs give the same bytes");
    let outcome = package(&sandbox, &[&arguments[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(json["size"].as_u64(), Some(first.len() as u64), "{json}");
    for (key, value) in [
        ("path", "[ROOT]/home/venvwrap-test_1.0~rc1-1_all.deb"),
        ("kind", "deb"),
        ("name", "venvwrap-test"),
        ("version", "1.0~rc1-1"),
        ("architecture", "all"),
        ("destination", "/opt/venvs/api"),
    ] {
        assert_eq!(json[key], value, "{json}");
    }
    assert!(json["depends"][0].as_str().unwrap().starts_with("python3."), "{json}");
    assert!(["libraries", "borrowed"].iter().all(|key| json[key].is_array()), "{json}");
    let Some(dpkg_deb) = find_program("dpkg-deb") else { return };
    let fields = run(Command::new(&dpkg_deb).arg("-f").arg(&file));
    for line in ["Package: venvwrap-test\n", "Version: 1.0~rc1-1\n", "Architecture: all\n", "Depends: python3."] {
        assert!(fields.contains(line), "{line}: {fields}");
    }
    let listed = run(Command::new(&dpkg_deb).arg("-c").arg(&file));
    assert!(listed.contains("./usr/bin/acme -> /opt/venvs/api/bin/acme"), "{listed}");
    assert!(!listed.contains("__pycache__") && !listed.contains("venvwrap.toml"), "{listed}");
    let root = sandbox.path("root");
    let Some(dpkg) = find_program("dpkg").filter(|_| rustix::process::geteuid().is_root()) else { return };
    fs::create_dir_all(root.join("var/lib/dpkg")).unwrap();
    for name in ["status", "available"] {
        fs::write(root.join("var/lib/dpkg").join(name), "").unwrap();
    }
    fs::create_dir_all(root.join("var/lib/dpkg/info")).unwrap();
    fs::create_dir_all(root.join("var/lib/dpkg/updates")).unwrap();
    let dpkg = |arguments: &[&str]| {
        let mut command = Command::new(&dpkg);
        command.arg(format!("--root={}", root.display())).args(["--force-depends", "--force-script-chrootless"]);
        // What it insists on finding is not on the PATH of every shell of root.
        command.args(arguments).env("PATH", "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin");
        command
    };
    run(&mut dpkg(&["-i", file.to_str().unwrap()]));
    assert!(root.join("opt/venvs/api/bin/acme").is_file());
    assert_eq!(run(&mut dpkg(&["--verify", "venvwrap-test"])), "");
    run(&mut dpkg(&["-r", "venvwrap-test"]));
    assert!(!root.join("opt").exists(), "nothing is left");
}

#[test]
fn rpm_installs_and_removes_the_whole_package() {
    let sandbox = Sandbox::named("venvwrap-rpm-");
    if environment(&sandbox).is_none() {
        return;
    }
    let arguments =
        ["--rpm", "--name", "venvwrap-test", "--version", "1!2.0.post1", "--bin", "acme", "--license", "MIT"];
    let outcome = package(&sandbox, &arguments);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let file = file(&sandbox, "rpm");
    let first = fs::read(&file).unwrap();
    assert_eq!(package(&sandbox, &arguments).status, Some(0));
    assert!(first == fs::read(&file).unwrap(), "two runs give the same bytes");
    let Some(rpm) = find_program("rpm") else { return };
    let checked = run(Command::new(&rpm).arg("-Kv").arg(&file));
    assert!(checked.contains("Header SHA256 digest: OK") && checked.contains("Payload SHA256 digest: OK"), "{checked}");
    let format = "%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE} %{ARCH} %{LICENSE}";
    let facts = run(Command::new(&rpm).args(["-qp", "--qf", format]).arg(&file));
    assert_eq!(facts, "venvwrap-test 1:2.0^post1-1 noarch MIT");
    let needs = run(Command::new(&rpm).arg("-qpR").arg(&file));
    assert!(needs.lines().any(|line| line.starts_with("/usr/bin/python3")), "{needs}");
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let root = sandbox.path("root");
    fs::create_dir(&root).unwrap();
    let rpm = |arguments: &[&str]| {
        let mut command = Command::new(&rpm);
        command.arg("--root").arg(&root).args(arguments);
        command
    };
    run(&mut rpm(&["--initdb"]));
    run(&mut rpm(&["-i", "--nodeps", "--noscripts", file.to_str().unwrap()]));
    assert!(root.join("opt/venvs/api/bin/acme").is_file());
    assert_eq!(fs::read_link(root.join("usr/bin/acme")).unwrap(), Path::new("/opt/venvs/api/bin/acme"));
    assert_eq!(run(&mut rpm(&["-V", "--nodeps", "venvwrap-test"])), "");
    run(&mut rpm(&["-e", "--nodeps", "--noscripts", "venvwrap-test"]));
    assert!(!root.join("opt/venvs/api").exists(), "nothing is left");
}

#[test]
fn a_private_environment_is_a_package_for_all() {
    let sandbox = Sandbox::new();
    if environment(&sandbox).is_none() {
        return;
    }
    run(Command::new("chmod").args(["-R", "go="]).arg(sandbox.env_path("api")));
    let script = "umask 077\ncd \"$1\" || exit\n\"$0\" package api --deb --license MIT --name acme --bin acme && \
                  exec \"$0\" package api --rpm --license MIT --name acme --bin acme";
    let mut command = sandbox.command(Path::new("/bin/sh"));
    run(command.args(["-c", script, env!("CARGO_BIN_EXE_venvwrap")]).arg(sandbox.path("home")));
    let mut lists = Vec::new();
    if let Some(dpkg_deb) = find_program("dpkg-deb") {
        lists.push(run(Command::new(dpkg_deb).arg("-c").arg(file(&sandbox, "deb"))));
    }
    if let Some(rpm) = find_program("rpm") {
        lists.push(run(Command::new(rpm).arg("-qplv").arg(file(&sandbox, "rpm"))));
    }
    for list in lists {
        assert!(list.lines().count() > 100);
        for line in list.lines() {
            let known = ["-rw-r--r-- ", "-rwxr-xr-x ", "drwxr-xr-x ", "lrwxrwxrwx "];
            assert!(known.iter().any(|mode| line.starts_with(mode)), "{line}");
        }
    }
}

/// As `python3 -m venv` makes it: `python` leads to `python3`, and that to whatever is the machine's default.
#[test]
fn every_name_of_the_interpreter_leads_to_the_one_that_the_package_depends_on() {
    let python = Path::new("/usr/bin/python3");
    let Some(real) = python.canonicalize().ok().filter(|real| real.starts_with("/usr/bin")) else {
        return skip("no Python of the system");
    };
    let name = real.file_name().unwrap().to_str().unwrap().to_owned();
    for options in [&[][..], &["--copies"]] {
        let sandbox = Sandbox::new();
        let place = sandbox.env_path("api");
        run(Command::new(python).args(["-m", "venv", "--without-pip"]).args(options).arg(&place));
        let bin = place.join("bin");
        if options.is_empty() {
            for (name, target) in [("python", "python3"), ("python3", "/usr/bin/python3")] {
                let _ = fs::remove_file(bin.join(name));
                symlink(target, bin.join(name)).unwrap();
            }
        }
        for kind in ["--deb", "--rpm"] {
            let outcome = package(&sandbox, &[kind, "--version", "1"]);
            assert_eq!(outcome.status, Some(0), "{outcome:?}");
        }
        let list = |tool: &str, arguments: &[&str], extension: &str| {
            let tool = find_program(tool)?;
            Some(run(Command::new(tool).args(arguments).arg(file(&sandbox, extension))))
        };
        let lists = [list("dpkg-deb", &["-c"], "deb"), list("rpm", &["-qplv"], "rpm")];
        for listed in lists.into_iter().flatten() {
            let links = || listed.lines().filter_map(|line| line.split_once("/opt/venvs/api/bin/python"));
            assert_eq!(links().count(), 3, "{listed}");
            for (_, link) in links() {
                let target = link.split_once(" -> ").unwrap_or_else(|| panic!("{link} is no link: {listed}")).1;
                let expected = if link.starts_with(' ') { format!("/usr/bin/{name}") } else { "python".into() };
                assert_eq!(target, expected, "{listed}");
            }
        }
        if let Some(fields) = list("dpkg-deb", &["-f"], "deb") {
            assert!(fields.contains(&format!("Depends: {name} (>= ")), "{fields}");
        }
        if let Some(required) = list("rpm", &["-qpR"], "rpm") {
            assert!(required.contains(&format!("/usr/bin/{name}\n")), "{required}");
        }
    }
}

/// The package manager has them on the other machine, too.
#[test]
fn packages_of_the_base_python_are_dependencies() {
    let sandbox = Sandbox::new();
    let Some(environment) = environment(&sandbox) else { return };
    let library = names_in(&environment.join("lib")).remove(0);
    let library = library.to_str().unwrap();
    let cfg = fs::read_to_string(environment.join("pyvenv.cfg")).unwrap();
    let shown = cfg.replace("include-system-site-packages = false", "include-system-site-packages = true");
    fs::write(environment.join("pyvenv.cfg"), shown).unwrap();
    let add = |site: PathBuf, name: &str, needs: &str| {
        let metadata = format!("Name: {name}\nVersion: 1\n{needs}");
        sandbox.write(site.join(format!("{name}-1.dist-info/METADATA")), metadata);
    };
    add(environment.join(format!("lib/{library}/site-packages")), "own", "Requires-Dist: shared\n");
    let home = sandbox.path(format!("home/.local/lib/{library}/site-packages"));
    add(home.clone(), "shared", "Requires-Dist: alone\n");
    add(home, "alone", "");
    let shared = "#!/bin/sh\ncase \"$*\" in *shared-1.dist-info*) ";
    sandbox.write_program("tools/dpkg", &format!("{shared} printf 'python3-shared:all: %s\\n' \"$2\" ;; esac\n"));
    sandbox.write_program("tools/rpm", &format!("{shared} echo python3-of-rpm ;; *) exit 1 ;; esac\n"));
    let path = format!("{}:/usr/bin:/bin", sandbox.path("tools").display());
    let package = |kind: &str| {
        let mut command = program(&sandbox, &["package", "api", kind]);
        command.env("PATH", &path).current_dir(sandbox.path("home"));
        Outcome::new(&sandbox, &command.output().unwrap())
    };
    let told = "warning: these packages of the base Python of `api` are needed, and are left out:\n  alone\n";
    let outcome = package("--deb");
    assert!(outcome.status == Some(0) && outcome.stderr.contains(&format!("{told}hint: `")), "{outcome:?}");
    if let Some(dpkg_deb) = find_program("dpkg-deb") {
        let fields = run(Command::new(dpkg_deb).arg("-f").arg(file(&sandbox, "deb")));
        let depends = fields.lines().find_map(|line| line.strip_prefix("Depends: ")).unwrap();
        assert!(depends.contains(", python3-shared") && !depends.contains("of-rpm"), "{depends}");
    }
    let outcome = package("--rpm");
    // It is asked only where it has a list of packages.
    let has_list = ["/usr/lib/sysimage/rpm/rpmdb.sqlite", "/var/lib/rpm/rpmdb.sqlite", "/var/lib/rpm/Packages"]
        .iter()
        .any(|list| Path::new(list).exists());
    let told = if has_list { told.to_owned() } else { format!("{told}  shared\n") };
    assert!(outcome.status == Some(0) && outcome.stderr.contains(&format!("{told}hint: `")), "{outcome:?}");
    if let Some(rpm) = find_program("rpm") {
        let needs = run(Command::new(&rpm).arg("-qpR").arg(file(&sandbox, "rpm")));
        assert_eq!(needs.lines().any(|line| line == "python3-of-rpm"), has_list, "{needs}");
        assert!(!needs.contains("shared"), "{needs}");
    }
}

/// What is missing and what is too old is helped in different ways.
#[test]
fn why_there_is_no_python_is_said() {
    let sandbox = Sandbox::new();
    for (name, library, reason) in [("gone", "3.99", "it is missing"), ("old", "3.7", "it is older than 3.8")] {
        sandbox.make_env(name);
        fs::rename(
            sandbox.path(format!("envs/{name}/lib/python3.11")),
            sandbox.path(format!("envs/{name}/lib/python{library}")),
        )
        .unwrap();
        sandbox.write(format!("envs/{name}/pyvenv.cfg"), format!("home = /nowhere/bin\nversion = {library}.1\n"));
        fs::remove_file(sandbox.path(format!("envs/{name}/bin/python"))).unwrap();
        let outcome = program(&sandbox, &["package", "--deb", name]).env("PATH", "/nowhere").output().unwrap();
        let words = format!("the base Python of `{name}` cannot be packed: {reason}");
        Outcome::new(&sandbox, &outcome).fails_with_hint(name, &words);
    }
}

#[test]
fn what_no_package_can_be_is_refused() {
    let sandbox = Sandbox::new();
    if environment(&sandbox).is_none() {
        return;
    }
    for (arguments, words) in [
        (&["--deb", "--name", "a;b"][..], "`a;b` is not a valid package name"),
        (&["--rpm", "--version", "one"], "`one` is not a valid version"),
        (&["--rpm", "--bin", "nothing"], "has no program `nothing`"),
        (&["--rpm", "--bin", "python3"], "`python3` is a name of Python itself"),
        (&["--deb", "--depends", "libpq5 >= 13"], "the dependency \"libpq5 >= 13\" is not in the syntax of dpkg"),
        (&["--rpm", "--depends", "libpq (>= 13)"], "the dependency \"libpq (>= 13)\" is not in the syntax of rpm"),
        (&["--deb", "-o", "x.rpm"], "x.rpm` promises another format than `.deb`"),
        (&["--rpm", "-o", "x.deb"], "x.deb` promises another format than `.rpm`"),
        (&["--rpm", "-o", "x.tar.gz"], "x.tar.gz` promises another format than `.rpm`"),
        (&["--deb", "--dest", "/"], "`/` is a directory that packages share"),
        (&["--deb", "--dest", "/opt"], "`/opt` is a directory that packages share"),
        (&["--rpm", "--dest", "/usr/lib/../lib/"], "`/usr/lib` is a directory that packages share"),
    ] {
        package(&sandbox, arguments).fails_with_hint(words, words);
    }
    for (option, value, field) in [
        ("--release", "1/../../x", "release"),
        ("--release", "", "release"),
        ("--license", "MIT\nEssential: yes", "licence"),
        ("--maintainer", "me\nEssential: yes", "maintainer"),
        ("--depends", "a\nEssential: yes", "dependency"),
        ("--bin", "../bin/acme", "program"),
        ("--bin", "", "program"),
        ("--service", "/etc/passwd", "unit"),
        ("--service", "a b.service", "unit"),
    ] {
        let outcome = package(&sandbox, &["--deb", option, value]);
        let shown = if field == "unit" { Path::new(value).file_name().unwrap().to_str().unwrap() } else { value };
        match field {
            "unit" => outcome.fails_with_hint(option, &format!("`{shown}` is not the name of a unit of systemd")),
            _ => outcome.fails_with_hint(option, &format!("the {field} {shown:?} cannot be in a package")),
        }
    }
    let files = names_in(&sandbox.path("home"));
    assert_eq!(package(&sandbox, &[]).status, Some(2));
    assert_eq!(package(&sandbox, &["--deb", "--rpm"]).status, Some(2));
    let copied = sandbox.path("home/python");
    let _ = symlink("/usr/bin/python3", &copied);
    call(&sandbox, &["package", "missing", "--deb"]).fails("missing", "no environment is named `missing`");
    assert_eq!(names_in(&sandbox.path("home")), [files, vec!["python".into()]].concat());
}

#[test]
fn no_file_is_in_a_package_twice() {
    let sandbox = Sandbox::new();
    let Some(environment) = environment(&sandbox) else { return };
    for kind in ["--deb", "--rpm"] {
        let outcome = package(&sandbox, &[kind, "--bin", "acme", "--bin", "acme"]);
        assert_eq!(outcome.status, Some(0), "{outcome:?}");
    }
    if let Some(rpm) = find_program("rpm") {
        let listed = run(Command::new(rpm).arg("-qpl").arg(file(&sandbox, "rpm")));
        assert_eq!(listed.matches("/usr/bin/acme\n").count(), 1, "{listed}");
    }
    if let Some(dpkg) = find_program("dpkg-deb") {
        let listed = run(Command::new(dpkg).arg("-c").arg(file(&sandbox, "deb")));
        assert_eq!(listed.matches("./usr/bin/acme ->").count(), 1, "{listed}");
    }
    sandbox.write(environment.join("copyright"), "");
    for (dest, place) in [("/usr/bin/acme", "/usr/bin/acme"), ("/usr/share/doc/api", "/usr/share/doc/api/copyright")] {
        let outcome = package(&sandbox, &["--rpm", "--bin", "acme", "--dest", dest]);
        outcome.fails_with_hint(dest, &format!("the package would have `{place}` twice"));
    }
}

#[test]
fn programs_of_other_packages_are_not_hidden() {
    let sandbox = Sandbox::new();
    let Some(dpkg) = find_program("dpkg") else { return };
    let is_of_debian = run_status(Command::new(dpkg).args(["-S", "/bin/ls"]));
    if environment(&sandbox).is_none() || !is_of_debian {
        return;
    }
    sandbox.write_program("envs/api/bin/ls", "#!/bin/sh\n");
    package(&sandbox, &["--deb", "--bin", "ls"])
        .fails_with_hint("ls", "`/usr/bin/ls` belongs to the package `coreutils`");
    let outcome = package(&sandbox, &["--deb", "--name", "coreutils", "--bin", "ls"]);
    assert_eq!(outcome.status, Some(0), "a newer version of this package: {outcome:?}");
}

fn run_status(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

#[test]
fn unusual_files_are_in_the_package() {
    let sandbox = Sandbox::named("venvwrap-odd-");
    let Some(environment) = environment(&sandbox) else { return };
    let share = environment.join("share");
    for name in ["a b", "semi;colon", "é", "empty"] {
        sandbox.write(share.join(name), if name == "empty" { "" } else { "content\n" });
    }
    let set_mode = |name: &str, mode| fs::set_permissions(share.join(name), fs::Permissions::from_mode(mode)).unwrap();
    set_mode("semi;colon", 0o6755);
    set_mode("é", 0o600);
    fs::hard_link(share.join("a b"), share.join("hard")).unwrap();
    for (target, name) in [("empty", "one"), ("one", "two"), ("two", "three")] {
        symlink(target, share.join(name)).unwrap();
    }
    let unit = sandbox.write("home/acme@.service", "[Service]\nExecStart=/opt/venvs/api/bin/acme\n");
    let long = format!("/opt/{}", "long/".repeat(30));
    let arguments = ["--name", "acme", "--dest", &long, "--service", unit.to_str().unwrap()];
    for kind in ["--deb", "--rpm"] {
        let outcome = package(&sandbox, &[&arguments[..], &[kind]].concat());
        assert_eq!(outcome.status, Some(0), "{outcome:?}");
    }
    let root = sandbox.path("root");
    let Some(dpkg_deb) = find_program("dpkg-deb") else { return };
    run(Command::new(dpkg_deb).arg("-R").arg(file(&sandbox, "deb")).arg(&root));
    let place = root.join(long.trim_matches('/'));
    let mode = |name: &str| fs::metadata(place.join("share").join(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(["a b", "semi;colon", "é", "hard"].map(mode), [0o644, 0o755, 0o644, 0o644]);
    assert_eq!(fs::read_to_string(place.join("share/three")).unwrap(), "");
    let script = fs::read_to_string(place.join("bin/pip")).unwrap();
    assert!(script.starts_with("#!/bin/sh\n'''exec' "), "no kernel reads such a long first line: {script}");
    assert!(root.join("usr/lib/systemd/system/acme@.service").is_file());
    let removal = fs::read_to_string(root.join("DEBIAN/prerm")).unwrap();
    assert!(removal.contains("systemctl --no-reload disable --now 'acme@.service'"), "{removal}");
    // Nothing runs that is called like the template.
    assert!(removal.contains("systemctl stop 'acme@*.service'"), "{removal}");
    let install = fs::read_to_string(root.join("DEBIAN/postinst")).unwrap();
    assert!(install.contains("systemctl try-restart 'acme@*.service'"), "{install}");
    if let Some(rpm) = find_program("rpm") {
        let listed = run(Command::new(rpm).arg("-qplv").arg(file(&sandbox, "rpm")));
        for name in ["a b", "semi;colon", "é", "hard", "three -> two"] {
            assert!(listed.contains(&format!("/share/{name}\n")), "{name}: {listed}");
        }
    }
    for name in ["new\nline", "tab\t"] {
        sandbox.write(share.join(name), "");
        package(&sandbox, &["--rpm"]).fails_with_hint(name, "a package cannot contain the file name");
        fs::remove_file(share.join(name)).unwrap();
    }
}
