//! Shims are resolved as their managers would, and never run.

use crate::python::testing::Sandbox;

/// A pyenv with 3.11.4, 3.12.9, 3.12.10 and a pre-release, whose shims note when they are run.
fn pyenv() -> Sandbox {
    let mut sandbox = Sandbox::new();
    for (name, minor, micro) in [("3.11.4", 11, 4), ("3.12.9", 12, 9), ("3.12.10", 12, 10), ("3.12.11rc1", 12, 11)] {
        sandbox.python(&format!("home/.pyenv/versions/{name}"), 3, minor, micro);
    }
    for name in ["python", "python3", "python3.11", "python3.12"] {
        sandbox.script(&format!("home/.pyenv/shims/{name}"), "echo run >>\"${0%/*}/runs\"; exit 1");
    }
    sandbox.python("root/usr", 3, 10, 1);
    sandbox.set_path(&["home/.pyenv/shims", "root/usr/bin"]);
    sandbox
}

const VERSIONS: &str = "home/.pyenv/versions";

#[test]
fn pyenv_takes_the_variable_then_the_nearest_file_then_its_default() {
    let mut sandbox = pyenv();
    assert_eq!(sandbox.found_by_default(), "root/usr/bin/python3.10", "nothing selected");
    sandbox.file("home/.pyenv/version", "3.11.4\n");
    assert_eq!(sandbox.found_by_default(), format!("{VERSIONS}/3.11.4/bin/python3.11"));
    sandbox.file("home/.python-version", "# ours\n\n3.12.9 # pinned\n");
    assert_eq!(sandbox.found_by_default(), format!("{VERSIONS}/3.12.9/bin/python3.12"));
    sandbox.file("home/project/.python-version", "system\n");
    assert_eq!(sandbox.found_by_default(), "root/usr/bin/python3.10");
    sandbox.set("PYENV_VERSION", "3.11.4:3.12.9");
    assert_eq!(sandbox.found_by_default(), format!("{VERSIONS}/3.11.4/bin/python3.11"));
    assert_eq!(sandbox.found("python3.12"), format!("{VERSIONS}/3.12.9/bin/python3.12"));
    assert_eq!(sandbox.runs("home/.pyenv/shims"), 0);
}

#[test]
fn the_beginning_of_a_version_means_its_newest_release() {
    let mut sandbox = pyenv();
    for selected in ["3.12", "python-3.12"] {
        sandbox.set("PYENV_VERSION", selected);
        assert_eq!(sandbox.found_by_default(), format!("{VERSIONS}/3.12.10/bin/python3.12"), "{selected}");
    }
    sandbox.set("PYENV_VERSION", "3.1");
    assert_eq!(sandbox.found_by_default(), "root/usr/bin/python3.10");
}

#[test]
fn a_version_that_is_an_environment_stands_for_its_base() {
    let mut sandbox = pyenv();
    let base = sandbox.path("home/.pyenv/versions/3.11.4/bin/python3.11");
    sandbox.environment("home/.pyenv/versions/3.11.4/envs/work", &base);
    sandbox.link("3.11.4/envs/work", "home/.pyenv/versions/work");
    sandbox.set("PYENV_VERSION", "work");
    assert_eq!(sandbox.found_by_default(), format!("{VERSIONS}/3.11.4/bin/python3.11"));
}

#[test]
fn a_shim_named_outright_is_resolved_or_refused() {
    let mut sandbox = pyenv();
    sandbox.set("PYENV_VERSION", "3.11.4");
    assert_eq!(sandbox.found("~/.pyenv/shims/python3"), format!("{VERSIONS}/3.11.4/bin/python3.11"));
    assert_eq!(
        sandbox.found("~/.pyenv/shims/python3.12"),
        "the shim `home/.pyenv/shims/python3.12` does not resolve to an installed Python here"
    );
    assert_eq!(sandbox.runs("home/.pyenv/shims"), 0);
}

#[test]
fn a_name_from_a_project_does_not_lead_out_of_the_versions() {
    let sandbox = pyenv();
    sandbox.python("evil", 3, 12, 1);
    let absolute = sandbox.shown("evil");
    for name in ["../../../evil", "..", ".", &absolute, "3.11.4/../../../../evil"] {
        sandbox.file("home/project/.python-version", &format!("{name}\n"));
        assert_eq!(sandbox.found_by_default(), "root/usr/bin/python3.10", "{name}");
    }
    sandbox.file("home/project/.python-version", &"3.11.4\n".repeat(1000));
    assert_eq!(sandbox.found_by_default(), "root/usr/bin/python3.10", "too large to be what it seems");
    assert_eq!(sandbox.runs("evil"), 0);
}

#[test]
fn asdf_reads_its_tool_versions() {
    let mut sandbox = Sandbox::new();
    sandbox.python("home/.asdf/installs/python/3.11.4", 3, 11, 4);
    sandbox.python("home/.asdf/installs/python/3.12.1", 3, 12, 1);
    sandbox.script("home/.asdf/shims/python3", "exit 1");
    sandbox.set_path(&["home/.asdf/shims"]);
    sandbox.file("home/.tool-versions", "nodejs 20.1.0\npython 3.12.1 3.11.4 # two\n");
    assert_eq!(sandbox.found_by_default(), "home/.asdf/installs/python/3.12.1/bin/python3.12");
    sandbox.file("home/project/.tool-versions", "python 3.11.4\n");
    assert_eq!(sandbox.found_by_default(), "home/.asdf/installs/python/3.11.4/bin/python3.11");
    sandbox.set("ASDF_PYTHON_VERSION", "3.12.1");
    assert_eq!(sandbox.found("python3"), "home/.asdf/installs/python/3.12.1/bin/python3.12");
}

#[test]
fn mise_reads_every_form_of_its_configuration() {
    let mut sandbox = Sandbox::new();
    let installs = "data/mise/installs/python";
    sandbox.python(&format!("{installs}/3.11.4"), 3, 11, 4);
    sandbox.python(&format!("{installs}/3.12.1"), 3, 12, 1);
    sandbox.set("XDG_DATA_HOME", &sandbox.shown("data"));
    sandbox.script("data/mise/shims/python3", "exit 1");
    sandbox.set_path(&["data/mise/shims"]);
    let (old, new) = (format!("{installs}/3.11.4/bin/python3.11"), format!("{installs}/3.12.1/bin/python3.12"));
    sandbox.file("home/.config/mise/config.toml", "[tools]\npython = \"latest\"\n");
    assert_eq!(sandbox.found_by_default(), new);
    for (config, expected) in [
        ("[tools]\npython = \"3.11\"\n", &old),
        ("[tools]\nnode = \"20\"\npython = [\"3.12\", \"3.11\"]\n", &new),
        ("[tools.python]\nversion = \"3.11.4\"\n", &old),
        ("[tools]\npython = 3\n", &new),
        ("not toml", &new),
    ] {
        sandbox.file("home/project/mise.toml", config);
        assert_eq!(&sandbox.found_by_default(), expected, "{config}");
    }
    sandbox.file("home/project/.tool-versions", "python 3.11.4\n");
    assert_eq!(sandbox.found_by_default(), old);
}

/// What pyenv writes; the place of the shims is in them.
fn pyenv_shim(root: &str) -> String {
    format!(
        r#"set -e
[ -n "$PYENV_DEBUG" ] && set -x

program="${{0##*/}}"

export PYENV_ROOT="{root}"
SHIM_PATH=${{0%/*}}
exec "{root}/libexec/pyenv" exec "$program" "$@""#
    )
}

/// Shims on PATH that no setting names, each with two Pythons of which the older one is selected, and PATH with them.
fn unconfigured() -> [(Sandbox, &'static str, &'static str); 3] {
    let installed = |versions: &str| {
        let mut sandbox = Sandbox::new();
        sandbox.python(&format!("{versions}/3.11.4"), 3, 11, 4);
        sandbox.python(&format!("{versions}/3.12.1"), 3, 12, 1);
        sandbox.python("root/usr", 3, 10, 1);
        sandbox.set("PYENV_ROOT", &sandbox.shown("home/empty"));
        sandbox
    };
    let pyenv = installed("opt/pyenv/versions");
    let shim = pyenv_shim(&pyenv.shown("opt/pyenv"));
    for name in ["python", "python3", "python3.11", "python3.12"] {
        pyenv.script(&format!("opt/pyenv/shims/{name}"), &shim);
    }
    pyenv.file("opt/pyenv/version", "3.11.4\n");
    let asdf = installed("opt/asdf/installs/python");
    for name in ["python3", "python3.11", "python3.12"] {
        let shim =
            format!("# asdf-plugin: python 3.11.4\nexec /opt/asdf/bin/asdf exec \"{name}\" \"$@\" # asdf_allow: x");
        asdf.script(&format!("opt/asdf/shims/{name}"), &shim);
    }
    asdf.file("home/.tool-versions", "python 3.11.4\n");
    let mise = installed("opt/mise/installs/python");
    mise.script("usr/bin/mise", "echo run >>\"${0%/*}/runs\"; exit 1");
    for name in ["python3", "python3.11", "python3.12"] {
        mise.link(mise.path("usr/bin/mise"), &format!("opt/mise/shims/{name}"));
    }
    mise.file("home/.tool-versions", "python 3.11.4\n");
    [
        (pyenv, "opt/pyenv/shims", "opt/pyenv/versions"),
        (asdf, "opt/asdf/shims", "opt/asdf/installs/python"),
        (mise, "opt/mise/shims", "opt/mise/installs/python"),
    ]
}

#[test]
fn shims_that_no_setting_names_stand_for_what_they_lead_to() {
    for (mut sandbox, shims, versions) in unconfigured() {
        sandbox.set_path(&[shims, "root/usr/bin"]);
        let old = format!("{versions}/3.11.4/bin/python3.11");
        assert_eq!(sandbox.found_by_default(), old);
        assert_eq!(sandbox.found("3.11"), old);
        assert_eq!(sandbox.found("3.12"), format!("{versions}/3.12.1/bin/python3.12"), "installed beside it");
        assert_eq!(sandbox.seen("3.99"), ["3.12", "3.11", "3.10"], "{shims}");
        assert!(sandbox.candidates().iter().all(|path| !path.contains("shims")), "{:?}", sandbox.candidates());
    }
}

#[test]
fn a_link_to_a_shim_stands_for_what_the_shim_leads_to() {
    for (mut sandbox, shims, versions) in unconfigured() {
        let shim = |name: &str| sandbox.path(&format!("{shims}/{name}"));
        let (selected, other) = (shim("python3.11"), shim("python3.12"));
        sandbox.link(selected, "bin/python3.11");
        sandbox.link(other, "bin/python3.12");
        sandbox.link(sandbox.path(shims), "linked");
        sandbox.set("MISE_DATA_DIR", &sandbox.shown("opt/mise"));
        sandbox.set_path(&["bin"]);
        assert_eq!(sandbox.candidates()[0], format!("{versions}/3.11.4/bin/python3.11"));
        assert!(sandbox.candidates().iter().all(|path| !path.starts_with("bin/")), "{:?}", sandbox.candidates());
        sandbox.set_path(&["linked"]);
        assert_eq!(sandbox.found_by_default(), format!("{versions}/3.11.4/bin/python3.11"));
    }
}

#[test]
fn shims_that_cannot_be_told_are_passed_over_and_other_directories_called_so_are_not() {
    let mut sandbox = Sandbox::new();
    sandbox.script("home/.rye/shims/rye", "exit 1");
    sandbox.link("rye", "home/.rye/shims/python3");
    sandbox.link("rye", "home/.rye/shims/python3.13");
    let own = sandbox.python("mine", 3, 12, 1);
    sandbox.link(&own, "shims/python3");
    sandbox.script("shims/python3.11", &format!("exec {} \"$@\"", own.display()));
    sandbox.set_path(&["home/.rye/shims", "shims"]);
    assert_eq!(sandbox.found_by_default(), "mine/bin/python3.12");
    assert_eq!(sandbox.candidates(), ["shims/python3", "shims/python3.11"]);
}

#[test]
fn a_version_whose_file_does_not_run_is_not_offered() {
    let mut sandbox = Sandbox::new();
    sandbox.script("bin/python3.12", "exit 1");
    sandbox.python("old", 3, 11, 4);
    sandbox.set_path(&["bin", "old/bin"]);
    assert_eq!(sandbox.seen("3.12"), ["3.11"]);
    sandbox.python("new", 3, 12, 1);
    sandbox.set_path(&["bin", "old/bin", "new/bin"]);
    assert_eq!(sandbox.seen("3.12.9"), ["3.12", "3.11"], "another one does");
}
