//! `activate_this.py` in Python.

use super::*;

#[test]
fn packages_of_the_environment_come_first() {
    let Some(python) = Shell::find("python3") else { return };
    for name in hostile_names() {
        let fixture = Fixture::new(name, name);
        let script = "import os, sys\nbase = os.environ['E']\n\
            packages = os.path.join(base, 'lib', 'python%d.%d' % sys.version_info[:2], 'site-packages')\n\
            os.makedirs(packages)\nopen(os.path.join(packages, 'only_here.py'), 'w').close()\n\
            before, path = os.environ['PATH'], base + '/bin/activate_this.py'\n\
            exec(open(path).read(), {'__file__': path})\n\
            import only_here\n\
            assert sys.path[0] == packages, sys.path\n\
            assert sys.prefix == base and os.environ['VIRTUAL_ENV'] == base\n\
            assert os.environ['VIRTUAL_ENV_PROMPT'] == os.environ['N']\n\
            assert os.environ['PATH'] == base + '/bin:' + before\n";
        assert_eq!(fixture.run(&python, &["-I"], script), "", "{name}");
    }
}

#[test]
fn an_environment_that_was_moved_is_found_where_its_script_is() {
    let Some(python) = Shell::find("python3") else { return };
    let fixture = Fixture::new("env", "env");
    let moved = fixture.env.with_file_name("moved");
    fs::create_dir(fixture.env.join("lib")).unwrap();
    fs::rename(&fixture.env, &moved).unwrap();
    let script = "import os\npath = os.path.dirname(os.environ['E']) + '/moved/bin/activate_this.py'\n\
        exec(open(path).read(), {'__file__': path})\nprint(os.environ['VIRTUAL_ENV'], end='')\n";
    assert_eq!(fixture.run(&python, &["-I"], script), moved.to_str().unwrap());
    fs::remove_file(moved.join("pyvenv.cfg")).unwrap();
    let output = fixture.output(&python, &["-I"], script);
    assert!(!output.status.success() && output.stdout.is_empty(), "{output:?}");
}
