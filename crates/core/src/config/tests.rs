use std::path::Path;

use super::*;

fn resolve(variables: &[(&str, &str)], file: &str) -> Result<Config, ConfigError> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("config.toml"), file).unwrap();
    let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
    let home = variables.iter().find(|(key, _)| *key == "HOME").map(|(_, value)| PathBuf::from(value));
    Config::resolve(
        &lookup,
        &Directories { home, config: Some(directory.path().to_path_buf()), ..Directories::default() },
    )
}

fn workon_home(value: &str) -> PathBuf {
    resolve(&[("HOME", "/home/me"), ("FOO", "/srv/x"), ("WORKON_HOME", value)], "").unwrap().workon_home
}

#[test]
fn workon_home_takes_every_form_that_virtualenvwrapper_takes() {
    assert_eq!(workon_home(""), Path::new("/home/me/.virtualenvs"));
    assert_eq!(workon_home("/srv/envs/"), Path::new("/srv/envs"));
    assert_eq!(workon_home("//srv//envs"), Path::new("/srv/envs"));
    assert_eq!(workon_home("my envs"), Path::new("/home/me/my envs"));
    assert_eq!(workon_home("~/envs"), Path::new("/home/me/envs"));
    assert_eq!(workon_home("~"), Path::new("/home/me"));
    assert_eq!(workon_home("~//envs"), Path::new("/home/me/envs"));
    assert_eq!(workon_home("$FOO/envs"), Path::new("/srv/x/envs"));
    assert_eq!(workon_home("${FOO}envs"), Path::new("/srv/xenvs"));
    assert_eq!(workon_home("/a/$UNKNOWN"), Path::new("/a/$UNKNOWN"));
    assert_eq!(workon_home("/a/$(touch PWN)"), Path::new("/a/$(touch PWN)"));
}

#[test]
fn variables_win_over_the_file_and_the_file_over_defaults() {
    let file = "workon_home = \"~/filed\"\nproject_home = \"~/src\"\ncd = false\n";
    let config = resolve(&[("HOME", "/h"), ("WORKON_HOME", "/v")], file).unwrap();
    assert_eq!(config.workon_home, Path::new("/v"));
    assert_eq!(config.hook_dir, Path::new("/v"));
    assert_eq!(config.project_home.as_deref(), Some(Path::new("/h/src")));
    assert!(!config.cd);
    assert!(resolve(&[("HOME", "/h"), ("VIRTUALENVWRAPPER_WORKON_CD", "1")], file).unwrap().cd);
    assert_eq!(resolve(&[("HOME", "/h")], file).unwrap().workon_home, Path::new("/h/filed"));
}

#[test]
fn hooks_follow_the_directory_that_the_command_line_names_unless_they_have_their_own() {
    let resolve = |variables: &[(&str, &str)]| {
        let lookup = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        let directories = Directories { workon_home: Some("/o/$HOME".into()), ..Directories::default() };
        Config::resolve(&lookup, &directories).unwrap()
    };
    let config = resolve(&[("WORKON_HOME", "/v")]);
    assert_eq!((config.workon_home, config.hook_dir), ("/o/$HOME".into(), "/o/$HOME".into()));
    assert_eq!(resolve(&[("VIRTUALENVWRAPPER_HOOK_DIR", "/hooks")]).hook_dir, Path::new("/hooks"));
}

#[test]
fn the_file_is_known_also_where_it_does_not_exist() {
    let directories = Directories { home: Some("/h".into()), config: Some("/c".into()), ..Directories::default() };
    assert_eq!(Config::resolve(&|_| None, &directories).unwrap().file, Some("/c/config.toml".into()));
    let missing = Config::resolve(&|name| (name == "VENVWRAP_CONFIG").then(|| "/no".into()), &directories);
    assert!(matches!(missing, Err(ConfigError::Read(_))));
}

#[test]
fn what_the_entry_point_has_derived_is_no_setting() {
    let note = "|WORKON_HOME=/h/.virtualenvs|VIRTUALENVWRAPPER_HOOK_DIR=/h/.virtualenvs|\
                VIRTUALENVWRAPPER_PROJECT_FILENAME=.project|VIRTUALENVWRAPPER_WORKON_CD=1|";
    let derived = [
        ("HOME", "/h"),
        ("WORKON_HOME", "/h/.virtualenvs"),
        ("VIRTUALENVWRAPPER_HOOK_DIR", "/h/.virtualenvs"),
        ("VIRTUALENVWRAPPER_PROJECT_FILENAME", ".project"),
        ("VIRTUALENVWRAPPER_WORKON_CD", "1"),
    ];
    let file = "workon_home = \"/f\"\nhook_dir = \"/hooks\"\nproject_filename = \".p\"\ncd = false\n";
    let config = resolve(&[&derived[..], &[("VENVWRAP_DEFAULTS", note)]].concat(), file).unwrap();
    assert_eq!((config.workon_home, config.hook_dir), ("/f".into(), "/hooks".into()));
    assert_eq!((config.project_filename.to_str(), config.cd), (Some(".p"), false));
    // Without the note, or with another value, the user has set them.
    let config = resolve(&derived, file).unwrap();
    assert_eq!((config.hook_dir, config.cd), ("/h/.virtualenvs".into(), true));
    let note = [("VENVWRAP_DEFAULTS", "|VIRTUALENVWRAPPER_HOOK_DIR=/other|")];
    let config = resolve(&[&derived[..], &note].concat(), file).unwrap();
    assert_eq!(config.hook_dir, Path::new("/h/.virtualenvs"));
}

#[test]
fn the_picker_is_on_unless_turned_off() {
    let picker = |value: &str, file| resolve(&[("HOME", "/h"), ("VENVWRAP_PICKER", value)], file).unwrap().picker;
    assert!(picker("", "") && picker("1", "picker = false"));
    assert!(!picker("0", "") && !picker("", "picker = false"));
}

#[test]
fn creators_are_split_as_shell_words() {
    let config =
        resolve(&[("HOME", "/h"), ("VIRTUALENVWRAPPER_VIRTUALENV_ARGS", "--prompt 'a b'")], "creator = \"uv venv\"")
            .unwrap();
    assert_eq!(config.creator, Creator::Program(["uv", "venv", "--prompt", "a b"].map(String::from).to_vec()));
    assert_eq!(resolve(&[("HOME", "/h")], "creator = \"native\"").unwrap().creator, Creator::Native);
    let unbalanced = resolve(&[("HOME", "/h"), ("VIRTUALENVWRAPPER_VIRTUALENV", "a 'b")], "");
    assert!(matches!(unbalanced, Err(ConfigError::Value { .. })));
}

#[test]
fn the_program_that_scripts_run_is_this_one() {
    for (value, args, expected) in [
        ("/opt/my apps/bin/venvwrap-venv", None, &[][..]),
        ("venvwrap-venv", Some("-p 3.12"), &["-p", "3.12"]),
        ("'/my apps/venvwrap-venv' --prompt 'a b'", Some("--copies"), &["--prompt", "a b", "--copies"]),
        ("/usr/bin/venvwrap venv --no-pip", None, &["--no-pip"]),
    ] {
        let mut variables = vec![("HOME", "/h"), ("VIRTUALENVWRAPPER_VIRTUALENV", value)];
        variables.extend(args.map(|args| ("VIRTUALENVWRAPPER_VIRTUALENV_ARGS", args)));
        let config = resolve(&variables, "creator = 'uv venv'").unwrap();
        assert_eq!(
            (config.creator.clone(), config.creator_options().unwrap()),
            (Creator::Native, expected.iter().map(ToString::to_string).collect()),
            "{value}"
        );
    }
    for other in ["venvwrap-venv2", "/x/venvwrap-venv/virtualenv", "venvwrap create", "my-venvwrap venv"] {
        let config = resolve(&[("HOME", "/h"), ("VIRTUALENVWRAPPER_VIRTUALENV", other)], "").unwrap();
        assert!(matches!(config.creator, Creator::Program(_)), "{other}");
    }
}

#[test]
fn options_that_are_wrong_are_said_to_be_where_they_are() {
    let name = |variables: &[_], file| match resolve(variables, file).unwrap().creator_options() {
        Err(ConfigError::Value { variable, .. }) => variable,
        other => panic!("{other:?}"),
    };
    assert_eq!(name(&[("HOME", "/h")], "creator_args = \"a 'b\""), "creator_args");
    let set = [("HOME", "/h"), ("VIRTUALENVWRAPPER_VIRTUALENV_ARGS", "a 'b")];
    assert_eq!(name(&set, "creator_args = 'c'"), "VIRTUALENVWRAPPER_VIRTUALENV_ARGS");
    let nul = resolve(&[("HOME", "/h")], "project_home = \"a\\u0000\"").unwrap();
    assert_eq!((nul.project_home, nul.problems.len()), (None, 1));
}

#[test]
fn a_number_is_no_directory() {
    for variable in ["WORKON_HOME", "PROJECT_HOME", "VIRTUALENVWRAPPER_HOOK_DIR"] {
        let resolved = resolve(&[("HOME", "/h"), (variable, "0")], "");
        assert!(
            matches!(&resolved, Err(ConfigError::Value { variable: named, .. }) if *named == variable),
            "{resolved:?}"
        );
        assert!(resolve(&[("HOME", "/h"), (variable, "./0")], "").is_ok(), "{variable}");
    }
}

#[test]
fn a_missing_home_matters_only_where_it_is_needed() {
    assert!(matches!(resolve(&[], ""), Err(ConfigError::NoHome { variable: "WORKON_HOME" })));
    assert_eq!(resolve(&[("WORKON_HOME", "/v")], "").unwrap().workon_home, Path::new("/v"));
}

#[test]
fn a_wrong_value_stops_only_what_needs_it() {
    let home = ("HOME", "/h");
    for (file, key) in [
        ("picker = maybe", "picker"),
        ("creator = 'uv \"venv'", "creator"),
        ("creator_args = 7\ncreator = 'uv venv'", "creator_args"),
        ("project_filename = '../x'", "project_filename"),
        ("project_home = '~bob/src'", "project_home"),
        ("hook_dir = ['x']", "hook_dir"),
    ] {
        let config = resolve(&[home], file).unwrap();
        assert_eq!(config.problems.len(), 1, "{file}");
        assert!(matches!(config.require(&[key]), Err(ConfigError::File(_))), "{file}");
        let others: Vec<_> = edit::KEYS.iter().map(|(known, _)| *known).filter(|known| *known != key).collect();
        let is_split = file.starts_with("creator_args");
        assert!(is_split || config.require(&others).is_ok(), "{file}");
    }
}

#[test]
fn where_the_environments_are_is_never_guessed() {
    for file in ["workon_home = 1", "workon_home = '/x", "workon_home = '~bob'", "'workon\\_home' = = "] {
        assert!(matches!(resolve(&[("HOME", "/h")], file), Err(ConfigError::File(_))), "{file}");
        let config = resolve(&[("HOME", "/h"), ("WORKON_HOME", "/v")], file).unwrap();
        assert_eq!(config.workon_home, Path::new("/v"), "{file}");
    }
}

#[test]
fn an_unknown_key_stops_nothing() {
    let config = resolve(&[("HOME", "/h")], "workon_hme = '/x'\ncd = false").unwrap();
    assert!(!config.cd && config.problems[0].affected.is_empty());
}
