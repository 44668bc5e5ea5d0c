//! Damaged input for every parser of a file that others write; those of the subdirectories have theirs next to them.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use crate::config::edit as config_file;
use crate::config::{self, Config, Directories};
use crate::env::metadata::{self, Metadata};
use crate::env::name::EnvName;
use crate::env::pyvenv_cfg::{PyvenvCfg, is_line_boundary};
use crate::env::{packages, path_file, project_file};
use crate::fs::private::User;
use crate::fs::text::printable;
use crate::mutation::check_mutations;
use crate::project::dotenv::is_variable;
use crate::project::trust::TrustStore;
use crate::project::{dotenv, marker};
use crate::shell::hooks;
use crate::shell::{quote, safety};
use crate::store::Store;
use crate::store::mirror::{Kind, Tree};
use crate::wheel::pip_config::PipConfig;

/// A directory in which a file gets one content after the other.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.0.path().join(relative)
    }

    fn write(&self, relative: &str, content: &[u8]) -> PathBuf {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }
}

fn os(bytes: &[u8]) -> OsString {
    OsString::from_vec(bytes.to_vec())
}

/// What the system itself would pass on: no NUL.
fn without_nul(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|&byte| byte != 0).collect()
}

#[test]
fn pyvenv_cfg_is_written_as_it_was_read_and_takes_any_value() {
    let seeds = [
        "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\nprompt = 'a b'\n",
        "home=/opt/py\r\nversion_info = 3.12.1.final.0\r\nimplementation = PyPy\r\nvirtualenv = 20.1\r\nuv = 0.5",
    ];
    check_mutations(&seeds, |input| {
        let mut cfg = PyvenvCfg::parse(input);
        assert_eq!(cfg.to_bytes(), input);
        let _ = (cfg.home(), cfg.version(), cfg.implementation(), cfg.prompt(), cfg.creator());
        let value = String::from_utf8_lossy(input).replace(is_line_boundary, "").trim().to_owned();
        let others = cfg.get("version").map(String::from);
        cfg.set("home", &value).unwrap();
        let again = PyvenvCfg::parse(&cfg.to_bytes());
        assert_eq!(again.get("home"), Some(value.as_str()));
        assert_eq!(again.get("version"), others.as_deref());
        assert!(cfg.remove("home") && cfg.get("home").is_none());
    });
}

#[test]
fn a_project_file_leads_to_one_absolute_path_that_can_be_written_again() {
    let place = Place::new();
    check_mutations(&["/srv/p q\n", "\r\n\n  relative/../p \r\n", "/a\n/b\n"], |input| {
        let file = place.write(".project", input);
        if let Ok(Some(directory)) = project_file::read(&file) {
            assert!(directory.is_absolute());
            let bytes = directory.as_os_str().as_bytes();
            assert!(!bytes.contains(&b'\n') && !bytes.contains(&0), "{directory:?}");
        }
    });
}

#[test]
fn a_marker_leads_to_an_environment_or_nowhere() {
    let place = Place::new();
    place.write("envs/api/pyvenv.cfg", b"");
    place.write("p/local/pyvenv.cfg", b"");
    let store = Store::at(place.path("envs"));
    for name in marker::FILES {
        check_mutations(&["api\n", "local\n", "./local", "/w/x\r\n\n", "a\nb\napi\n"], |input| {
            let file = place.write(&format!("p/{name}"), input);
            if let Ok(found) = marker::read(&place.path("p"), &store) {
                assert!(found.unwrap().env.join("pyvenv.cfg").is_file());
            }
            std::fs::remove_file(file).unwrap();
        });
    }
}

#[test]
fn variables_of_a_dotenv_file_are_names_and_text_that_can_be_passed_on() {
    let seeds = [
        "A=1\nexport B=\"x\\n$A${A}\" # c\nC='it''s'\n",
        "\u{feff}A=aaaaaaaaaaaaaaaa\nB=$A$A$A$A\nC=$B$B$B$B\nD=$C$C$C$C\nE=$D$D$D$D\nF=$E$E$E$E",
        "X='multi\nline'\r\nY=a#b #c\n\n# only a comment\nZ=",
    ];
    check_mutations(&seeds, |input| {
        let Ok(variables) = dotenv::parse(input) else { return };
        let length: usize = variables.iter().map(|variable| variable.value.len()).sum();
        assert!(length <= 1 << 20, "{length}");
        for variable in &variables {
            assert!(is_variable(&variable.name) && !variable.value.contains('\0'), "{variable:?}");
        }
        let mut names: Vec<_> = variables.iter().map(|variable| &variable.name).collect();
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    });
}

#[test]
fn a_configuration_is_valid_after_a_change_or_as_it_was() {
    let place = Place::new();
    let seeds = [
        "# mine\nworkon_home = \"~/envs\" # here\npicker = false\nauto=true\ncreator = 'uv venv'\n",
        "python = \"\"\"\n3.12\"\"\"\n\"cd\" = true\nproject_filename = \".p\"\ninstaller = \"pip\"",
        "[table]\npython = 1\n",
    ];
    let lookup = |name: &str| (name == "HOME").then(|| OsString::from("/home/me"));
    let directories = |config| Directories { home: Some("/home/me".into()), config, ..Directories::default() };
    check_mutations(&seeds, |input| {
        let file = place.write("config.toml", input);
        let _ = Config::resolve(&lookup, &directories(Some(place.path(""))));
        let before = config_file::list(&file);
        let is_set = config_file::set(&file, "python", "it's \"3.12\" # \\").is_ok();
        // A file that is not TOML is repaired key by key: it may still be broken elsewhere.
        let is_toml = std::str::from_utf8(input).is_ok_and(|text| text.parse::<toml::Table>().is_ok());
        if let (true, true, Ok(before)) = (is_set, is_toml, before) {
            assert_eq!(config_file::get(&file, "python").unwrap().as_deref(), Some("it's \"3.12\" # \\"));
            config_file::unset(&file, "python").unwrap();
            let others = |list: Vec<(String, String)>| list.into_iter().filter(|(key, _)| key != "python");
            let after = config_file::list(&file).unwrap();
            assert!(others(after).eq(others(before)));
        } else if !is_set {
            assert_eq!(std::fs::read(&file).unwrap(), input);
        }
    });
}

#[test]
fn variables_in_paths_are_replaced_or_stay() {
    let lookup = |name: &str| (name == "A").then(|| OsString::from("x"));
    check_mutations(&["$A/${A}/~", "~/envs/../$B", "/a//b/./c", "${", "$"], |input| {
        let path = config::expand(&lookup, Some(Path::new("/home/me")), &os(input));
        assert!(!path.as_os_str().is_empty());
        assert!(!path.is_absolute() || path.components().all(|part| part.as_os_str() != ".."));
    });
}

#[test]
fn settings_of_pip_say_what_they_say_or_nothing() {
    let place = Place::new();
    let seeds = [
        "[global]\nindex-url: https://a.example/simple\nextra-index-url =\n  https://b.example\n\thttps://c.example\n",
        "[install]\nno-index = yes\ntimeout = 2.5\nfind-links = wheels ~/w file:///srv\n; no\n[list]\nformat=x\n",
    ];
    let lookup = |name: &str| match name {
        "PIP_CONFIG_FILE" => Some(place.path("pip.conf").into_os_string()),
        // None of this machine's files.
        "XDG_CONFIG_DIRS" => Some(place.path("nowhere").into_os_string()),
        _ => None,
    };
    check_mutations(&seeds, |input| {
        place.write("pip.conf", input);
        let config = PipConfig::read(&Vec::new, &lookup, None, Path::new("/srv/here"));
        assert!(config.index.timeout.as_secs() <= 86_400);
        assert!(config.find_links.iter().all(|path| path.is_absolute()), "{config:?}");
    });
}

#[test]
fn what_is_remembered_of_an_environment_is_written_as_it_was_read() {
    let place = Place::new();
    let seeds = ["created = 1700000000\nversion = \"0.1.0\"\nrequested-python = \">=3.11\"\n\n[temporary]\npid = 42\n"];
    check_mutations(&seeds, |input| {
        place.write(metadata::FILE_NAME, input);
        let read = Metadata::read(place.0.path());
        let _ = read.created_at();
        place.write(metadata::FILE_NAME, read.to_toml().as_bytes());
        assert_eq!(Metadata::read(place.0.path()), read);
    });
}

#[test]
fn an_entry_of_the_mirror_names_an_absolute_path() {
    let place = Place::new();
    let tree = Tree::new(place.0.path(), std::time::SystemTime::now);
    let directory = Path::new("/srv/p");
    tree.associate(directory, Path::new("/envs/a\nb"), Kind::Extra).unwrap();
    let entry = tree.root().join("srv/p").join(crate::store::mirror::ENTRY);
    let content = std::fs::read(&entry).unwrap();
    check_mutations(&[content.as_slice(), b"/envs/x\nproject\n"], |input| {
        std::fs::write(&entry, input).unwrap();
        if let Some(found) = tree.get(directory) {
            assert!(found.env.is_absolute());
            assert_eq!(tree.list(), [found]);
        }
    });
}

#[test]
fn a_record_of_trust_is_about_its_own_directory() {
    let place = Place::new();
    let directory = place.path("p");
    std::fs::create_dir(&directory).unwrap();
    let user = User { uid: rustix::process::geteuid().as_raw(), gid: rustix::process::getegid().as_raw() };
    let trust = TrustStore::new(&place.path("state"), user);
    let denied = trust.deny(&directory).unwrap();
    let file = std::fs::read_dir(place.path("state/trust")).unwrap().next().unwrap().unwrap().path();
    let content = std::fs::read(&file).unwrap();
    let path = denied.directory.as_os_str().as_bytes();
    let allowed = [b"allowed 0123 dotenv PATH LANG\n", path].concat();
    check_mutations(&[content, allowed], |input| {
        std::fs::write(&file, input).unwrap();
        let is_about_it = trust.list().unwrap().iter().any(|record| record.directory == denied.directory);
        assert!(is_about_it || !trust.is_denied(&directory));
        // A digest that was never one of this directory allows nothing.
        assert!(!matches!(trust.judge(&directory, None), Ok(crate::project::trust::Verdict::Allowed(_))));
    });
}

#[test]
fn a_path_file_that_is_rewritten_gets_no_further_code() {
    let place = Place::new();
    let seeds = ["import sys; sys.__plen = len(sys.path)\n/srv/a\n/srv/b c\nimport sys; new=1\n", "/x\r\n# no\n\n"];
    check_mutations(&seeds, |input| {
        let file = place.write(path_file::FILE_NAME, input);
        let before = path_file::entries(&file).unwrap();
        path_file::add(file.parent().unwrap(), &file, &["/srv/new".into()]).unwrap();
        let after = path_file::entries(&file).unwrap();
        assert_eq!(after[0], Path::new("/srv/new"));
        assert!(after.len() <= before.len() + 1);
        let content = std::fs::read(&file).unwrap();
        let code = content.split(|&byte| byte == b'\n').filter(|line| line.starts_with(b"import "));
        assert_eq!(code.count(), 2);
    });
}

#[test]
fn a_hook_that_counts_as_a_stub_has_nothing_to_run() {
    check_mutations(&["#!/bin/bash\n# Sourced before.\n\n", "#!/bin/sh\necho x\n", "\t# \n"], |input| {
        let has_code = String::from_utf8_lossy(input).split('\n').any(|line| {
            let line = line.trim_start_matches(|c: char| c.is_ascii_whitespace());
            !line.is_empty() && !line.starts_with('#')
        });
        assert_eq!(hooks::is_stub(input), !has_code);
    });
}

#[test]
fn names_are_one_component_and_safe_to_show() {
    check_mutations(&["demo", "a b", "é漢😀", "../x", "tmp-1", "-rf", "~root", "a\u{202e}b"], |input| {
        let text = os(input);
        let shown = printable(&text);
        assert!(!shown.contains(char::is_control), "{shown:?}");
        let Ok(name) = EnvName::for_existing(&text) else {
            assert!(EnvName::for_new(&text).is_err());
            return;
        };
        let joined = Path::new("/envs").join(name.as_os_str());
        assert_eq!((joined.parent(), joined.file_name()), (Some(Path::new("/envs")), Some(text.as_os_str())));
    });
}

#[test]
fn names_of_libraries_and_distributions() {
    let place = Place::new();
    check_mutations(
        &["python3.12", "pypy3.9", "graalpy24.1t", "pip-24.0-py3.8.egg-info", "~ip-1.dist-info"],
        |input| {
            let name = String::from_utf8_lossy(input).replace(['/', '\0'], "");
            let _ = packages::version_of(&name);
            if !name.is_empty() && name.len() < 200 && name != "." && name != ".." {
                let file = place.write(&format!("site/{name}"), b"");
                assert!(packages::names(&place.path("site")).len() <= 1);
                std::fs::remove_file(file).unwrap();
            }
        },
    );
}

#[test]
fn words_of_shells_lead_back_to_their_values() {
    let seeds = crate::test_shells::HOSTILE;
    check_mutations(seeds, |input| {
        let value = without_nul(input);
        for word in [quote::posix(&value), quote::bash_zsh(&value)] {
            assert!(word.len() <= 4 * value.len() + 3);
            // Its own reader knows no octal escapes.
            if let Ok(text) = std::str::from_utf8(&word)
                && !text.starts_with('$')
            {
                let words = shell_words::split(text).unwrap();
                assert_eq!(words.iter().map(String::as_bytes).collect::<Vec<_>>(), [&value]);
            }
        }
        assert!(!quote::bash_zsh(&value).contains(&b'\n'));
        assert_eq!(unquoted_fish(&quote::fish(&value)), value);
        assert!(quote::python(&value).is_ascii());
        assert!(quote::csh(&value).is_none_or(|word| !word.contains(&b'\n')));
        for word in [quote::powershell(&value), quote::nushell(&value)].into_iter().flatten() {
            assert!(String::from_utf8(word).is_ok());
        }
    });
}

/// Reads what is between single quotes as fish does.
fn unquoted_fish(word: &[u8]) -> Vec<u8> {
    let inside = word.strip_prefix(b"'").and_then(|rest| rest.strip_suffix(b"'")).unwrap();
    let mut value = Vec::new();
    let mut bytes = inside.iter();
    while let Some(&byte) = bytes.next() {
        value.push(match byte {
            b'\\' => *bytes.next().unwrap(),
            b'\'' => {
                assert_eq!([bytes.next(), bytes.next(), bytes.next()], [Some(&b'\\'), Some(&b'n'), Some(&b'\'')]);
                b'\n'
            }
            _ => byte,
        });
    }
    value
}

#[test]
fn an_activate_script_is_judged_whatever_it_holds() {
    let place = Place::new();
    let name = EnvName::for_existing(OsStr::new("p$(touch PWN)")).unwrap();
    let env = place.path("p$(touch PWN)");
    let environment = crate::env::Environment::new(name, env.clone());
    let path = env.to_str().unwrap();
    let seeds = [
        format!("# it's\nVIRTUAL_ENV='{path}'\nexport VIRTUAL_ENV\n"),
        format!("VIRTUAL_ENV=\"{path}\"\n"),
        "PS1=\"(`basename \\\"$VIRTUAL_ENV\\\"`) ${PS1-}\"\nif [ \"x$(touch PWN)\" != x ] ; then\n".to_owned(),
    ];
    check_mutations(&seeds, |input| {
        let script = place.write("p$(touch PWN)/bin/activate", input);
        let _ = safety::of_activate_script(&environment, &script);
    });
}
