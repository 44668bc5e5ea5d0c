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
