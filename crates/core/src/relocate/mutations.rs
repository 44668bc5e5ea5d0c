//! Damaged files of an environment that is copied: they may be of any kind, and come from anywhere.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::activation::Prompt;
use super::mapping::{Language, Mapping};
use super::record;
use super::rewrite::Rules;
use super::script::Head;
use super::{bytecode, script};
use crate::env::activate_path::path_in_script;
use crate::mutation::check_mutations;

const OLD: &str = "/e f/old";

fn mapping(new: &str) -> Mapping {
    Mapping::new(&[OLD.into()], Path::new(new))
}

/// So much longer may a content become: every spelling of the path once at every place where it can begin.
fn limit(input: &[u8]) -> usize {
    input.len() * 16 + 1024
}

#[test]
fn damaged_bytecode_grows_by_nothing_but_the_new_path() {
    let short = |code: u8, text: &str| [&[code, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
    let long = |code: u8, text: &str| {
        [&[code][..], &u32::try_from(text.len()).unwrap().to_le_bytes(), text.as_bytes()].concat()
    };
    let seeds = [
        [short(b'z', "/e f/old/m.py"), short(b'Z' | 0x80, OLD), short(b'z', "x")].concat(),
        [long(b'u', "/e f/old/é.py"), long(b'a' | 0x80, OLD), b"\xe3\0\0\0\0".to_vec()].concat(),
        short(b'z', &format!("{OLD}/{}", "m".repeat(240))),
    ];
    for new in ["/n", "/e f/a longer path", "/é"] {
        check_mutations(&seeds, |input| {
            let patched = bytecode::patched(input, &mapping(new));
            assert!(patched.is_none_or(|patched| patched.len() <= limit(input)));
        });
    }
}

#[test]
fn first_lines_of_scripts_are_understood_after_a_change() {
    let seeds = [
        "#!/e f/old/bin/python -E\nimport sys\nprint('/e f/old/x')\n",
        "#!/bin/sh\n'''exec' '/e f/old/bin/python' '-E' \"$0\" \"$@\"\n' '''\nimport sys\n",
        "#!\"/e f/old/bin/python\"\r\nbody\n",
        "#!/e f/old/bin/node --x\nx\n",
    ];
    for new in ["/e/new", "/e f/n'w", "/e/ünicode"] {
        check_mutations(&seeds, |input| {
            let mapping = mapping(new);
            let head = Head::parse(input, mapping.old_paths());
            assert!(head.as_ref().is_none_or(|head| head.length <= input.len()));
            let Some(written) = script::rewritten(input, &mapping) else { return };
            assert!(written.starts_with(b"#!") && written.len() <= limit(input));
            if head.is_some_and(|head| mapping.path(&head.interpreter).is_some() && head.is_python()) {
                let head = Head::parse(&written, &[PathBuf::from(new)]).unwrap();
                assert!(head.interpreter.starts_with(new), "{head:?}");
            }
        });
    }
}

#[test]
fn nothing_names_the_source_after_a_replacement_in_plain_text() {
    let seeds = [
        "/e f/old/src\nimport /e f/old-2\n/mnt/e f/old file:///e%20f/old/x \"/e f/old\"",
        "cd /e\\ f/old; x='/e f/old'\n{\"a\": \"/e f/old/x\"}",
    ];
    for language in [Language::Plain, Language::Json, Language::Python] {
        check_mutations(&seeds, |input| {
            let mapping = mapping("/n/new");
            match mapping.replace(input, language) {
                Some(written) => assert!(written.len() <= limit(input) && !mapping.is_in(&written)),
                None => assert!(!mapping.is_in(input)),
            }
        });
    }
}

#[test]
fn every_file_of_an_environment_has_a_verdict() {
    let seeds = [
        "VIRTUAL_ENV='/e f/old'\nPS1=\"(old) ${PS1:-}\"\nVIRTUAL_ENV_PROMPT=old\nexport VIRTUAL_ENV\n",
        "home = /usr/bin\nprompt = 'old'\ncommand = python -m venv /e f/old\n",
        "#!/e f/old/bin/python\nx\n",
        "\x7fELF\x02\x01 /e f/old",
    ];
    let paths =
        ["pyvenv.cfg", "bin/activate", "bin/activate.fish", "bin/x", "lib/m.pyc", "lib/m.so", "lib/m.json", ".project"];
    for new in ["/e/new", "/e f/n'w"] {
        let prompt = Prompt { old_names: vec!["old".into()], new_name: "new".into(), custom: None };
        let rules = Rules { mapping: mapping(new), prompt };
        check_mutations(&seeds, |input| {
            for path in paths {
                let verdict = rules.apply(Path::new(path), input);
                let length = verdict.content.map_or(0, |content| content.len());
                // A script that is made from the template is as long as that.
                assert!(verdict.is_regenerated || length <= limit(input), "{path}");
            }
        });
    }
}

#[test]
fn the_path_in_a_damaged_script_is_absolute() {
    let seeds =
        ["VIRTUAL_ENV='/a b/c'\n", "  \\export VIRTUAL_ENV=\"/a b/c\"", "VIRTUAL_ENV=$(cygpath /x)\nVIRTUAL_ENV=rel\n"];
    check_mutations(&seeds, |input| {
        assert!(path_in_script(input).is_none_or(|path| path.is_absolute()));
    });
}

#[test]
fn a_damaged_record_keeps_every_row_that_is_not_about_a_changed_file() {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(root.path().join("lib/site/p.dist-info")).unwrap();
    std::fs::write(root.path().join("lib/site/m.py"), "new").unwrap();
    let path = Path::new("lib/site/p.dist-info/RECORD");
    assert!(record::is_record(path) && path.file_name() == Some(OsStr::new("RECORD")));
    let changed = HashSet::from([PathBuf::from("lib/site/m.py")]);
    let file = root.path().join(path);
    check_mutations(&["m.py,sha256=old,7\n\"a,b\",sha256=old,3\r\np.dist-info/RECORD,,\n", "\"\"\"\",,\n"], |input| {
        std::fs::write(&file, input).unwrap();
        record::update(root.path(), Path::new("/home/env"), path, &changed).unwrap();
        let written = std::fs::read(&file).unwrap();
        let rows = |content: &[u8]| content.split(|&byte| byte == b'\n').count();
        assert_eq!(rows(&written), rows(input));
    });
}

#[test]
fn a_row_of_a_record_is_one_line_that_holds_the_path() {
    check_mutations(&["pip/__init__.py", "a,\"b\"", "../../../bin/pip"], |input| {
        let path = String::from_utf8_lossy(input).replace(char::is_control, "");
        let mut row = String::new();
        crate::wheel::record::push_row(&mut row, &path, input);
        assert_eq!(row.matches('\n').count(), 1);
        let (field, value) = crate::wheel::record::path_field(row.as_bytes()).unwrap();
        assert_eq!(value, path.as_bytes());
        assert!(row[field..].starts_with(",sha256="), "{row:?}");
    });
}
