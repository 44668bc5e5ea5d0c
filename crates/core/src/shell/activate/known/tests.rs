use super::*;

/// Prints a row of the table for each script of the environments in a directory that is named by a variable: each
/// environment is called by its tool and version, as in `virtualenv-21.0.0`.
#[test]
#[ignore = "prints rows of the table"]
#[allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a tool for whoever adds a version")]
fn rows_for_the_environments_in_a_directory() {
    let directory = std::env::var_os("VENVWRAP_TEST_GENERATED").expect("the directory is named");
    let mut rows = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let mut words = name.split('-');
        let (generator, version) = (words.next().unwrap(), words.next().unwrap());
        for (file, dialect) in [("activate", Dialect::Posix), ("activate.fish", Dialect::Fish)] {
            let Ok(text) = std::fs::read(entry.path().join("bin").join(file)) else { continue };
            let values = take_out(&text, dialect);
            assert!(values.paths.iter().all(|path| path == entry.path().as_os_str().as_bytes()), "{name} {file}");
            assert!(name.contains("relocatable") || !values.paths.is_empty(), "{name} {file}");
            let escapes = text.windows(16).any(|window| window == b"_VIRTUAL_PROMPT=");
            rows.insert(hex(&Sha256::digest(&values.rest)), (generator.to_owned(), version.to_owned(), escapes));
        }
    }
    let mut rows: Vec<_> =
        rows.into_iter().map(|(digest, (tool, version, escapes))| (tool, version, digest, escapes)).collect();
    rows.sort();
    for (generator, version, digest, escapes) in rows {
        let generator = format!("{}{}", generator[..1].to_uppercase(), &generator[1..]);
        println!("    (\"{digest}\", Generator::{generator}, \"{version}\", {escapes}),");
    }
}
