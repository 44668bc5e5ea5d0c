//! The recipes of other package managers: they name the version of this program, and only files that are there.

use super::root;
use crate::support::sandbox::Sandbox;
use crate::support::tools::find_program;

const RECIPES: [&str; 4] = ["homebrew/venvwrap.rb", "arch/PKGBUILD", "nix/flake.nix", "conda-forge/recipe.yaml"];

fn text(recipe: &str) -> String {
    std::fs::read_to_string(root().join(".github/packaging").join(recipe)).unwrap()
}

#[test]
fn recipes_name_this_version_as_bump_writes_it() {
    let version = env!("CARGO_PKG_VERSION");
    for recipe in RECIPES {
        assert!(text(recipe).contains(version), "`{recipe}` is not of {version}: run .github/packaging/bump");
    }
    let sandbox = Sandbox::new();
    let copy = sandbox.path("clone");
    let mut command = sandbox.command("cp".as_ref());
    super::run(command.arg("-r").arg(root().join(".github")).arg(&copy));
    std::fs::create_dir_all(sandbox.path("x/.github")).unwrap();
    std::fs::rename(copy.join("packaging"), sandbox.path("x/.github/packaging")).unwrap();
    std::fs::copy(root().join("Cargo.toml"), sandbox.path("x/Cargo.toml")).unwrap();
    let old = std::fs::read_to_string(sandbox.path("x/Cargo.toml")).unwrap().replacen(version, "7.8.9-rc.1", 1);
    std::fs::write(sandbox.path("x/Cargo.toml"), old).unwrap();
    let archive = sandbox.write("x/archive", "the sources");
    super::run(sandbox.command(&sandbox.path("x/.github/packaging/bump")).arg(archive));
    // sha256sum of `the sources`
    let checksum =
        String::from_utf8(super::run(sandbox.command("sha256sum".as_ref()).arg(sandbox.path("x/archive"))).stdout)
            .unwrap();
    for recipe in RECIPES {
        let text = std::fs::read_to_string(sandbox.path("x/.github/packaging").join(recipe)).unwrap();
        assert!(text.contains("7.8.9-rc.1") && !text.contains(version), "{recipe}: {text}");
        assert!(recipe.starts_with("nix") || text.contains(&checksum[..64]), "{recipe}: {text}");
    }
}

/// Both have `virtualenvwrapper.sh`.
#[test]
fn recipes_exclude_virtualenvwrapper() {
    assert!(text("homebrew/venvwrap.rb").contains("conflicts_with \"virtualenvwrapper\""));
    assert!(text("arch/PKGBUILD").contains("conflicts=(python-virtualenvwrapper)"));
}

#[test]
fn everything_that_is_sourced_or_read_is_staged() {
    let sandbox = Sandbox::new();
    let mut command = super::packaging(&sandbox, "stage");
    super::run(command.arg(sandbox.path("usr")));
    for file in ["bin/venvwrap", "bin/virtualenvwrapper.sh", "bin/venvwrap-venv", "share/man/man1/venvwrap.1"] {
        assert!(sandbox.path("usr").join(file).is_file(), "{file}");
    }
    for entry in walk(&root().join("shell")) {
        let relative = entry.strip_prefix(root().join("shell")).unwrap();
        assert!(sandbox.path("usr/share/venvwrap").join(relative).is_file(), "{}", relative.display());
    }
}

#[test]
fn staging_needs_no_option_that_only_gnu_has() {
    let sandbox = Sandbox::new();
    // The options of FreeBSD's `install`, which macOS has, less those that mean something else to GNU's.
    let install = "#!/bin/sh\nfor word; do case $word in --) break ;; -[bcdhlMmNopSsUv]) ;; -*) echo \"illegal option: $word\" >&2; exit 64 ;; esac; done\nexec /usr/bin/install \"$@\"\n";
    sandbox.write_program("bsd/install", install);
    let mut command = super::packaging(&sandbox, "stage");
    command.env("PATH", format!("{}:/usr/bin:/bin", sandbox.path("bsd").display()));
    super::run(command.arg(sandbox.path("usr")));
    assert!(sandbox.path("usr/bin/venvwrap").is_file());
}

/// As conda-forge's compiler does: `cargo build` then writes below a directory with the name of that target.
#[test]
fn recipes_find_the_program_where_a_variable_names_a_target() {
    for recipe in RECIPES {
        let built = text(recipe).contains("stage target/release/");
        assert!(!built || recipe.starts_with("arch/"), "{recipe}");
    }
    // `-flto` leaves objects that only GCC's own linker reads.
    assert!(text("arch/PKGBUILD").contains("options=(!lto)"));
}

fn walk(directory: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

#[test]
fn scripts_pass_the_linters() {
    let scripts = ["stage", "archive", "deb", "rpm", "bump", "lib.sh", "install.sh", "arch/PKGBUILD"];
    let directory = root().join(".github/packaging");
    let sandbox = Sandbox::new();
    if let Some(shellcheck) = find_program("shellcheck") {
        let mut command = sandbox.command(&shellcheck);
        command.current_dir(&directory).args(["--external-sources", "--shell=bash"]).args(&scripts[..6]);
        super::run(&mut command);
        super::run(sandbox.command(&shellcheck).current_dir(&directory).args(["--shell=sh", "install.sh"]));
    }
    if let Some(shfmt) = find_program("shfmt") {
        let mut command = sandbox.command(&shfmt);
        super::run(command.current_dir(&directory).args(["-ln", "bash", "-i", "2", "-ci", "-d"]).args(scripts));
    }
}
