//! Every quoting function against the real thing: one process per shell reads the whole corpus and prints it back.

use super::*;
use crate::test_shells::Shell;

#[test]
fn posix_words_survive_every_bourne_shell() {
    for name in ["sh", "dash", "bash", "ksh", "mksh"] {
        round_trip(name, &[], |value| Some(posix(value)), "");
    }
    round_trip("bash", &["--posix"], |value| Some(posix(value)), "");
    round_trip("zsh", &["-f"], |value| Some(posix(value)), "");
    round_trip("zsh", &["-f"], |value| Some(posix(value)), "setopt rc_quotes sh_word_split glob_subst ksh_arrays");
}

#[test]
fn bash_zsh_words_survive_on_one_line() {
    for name in ["bash", "ksh", "mksh"] {
        round_trip(name, &[], |value| Some(bash_zsh(value)), "");
    }
    round_trip("zsh", &["-f"], |value| Some(bash_zsh(value)), "setopt csh_junkie_quotes rc_quotes");
    assert!(corpus().iter().all(|value| !bash_zsh(value).contains(&b'\n')));
}

#[test]
fn fish_words_survive() {
    round_trip("fish", &["--no-config"], |value| Some(fish(value)), "");
}

#[test]
fn csh_words_survive() {
    round_trip("tcsh", &["-f"], csh, "");
    assert_eq!(csh(b"a\nb"), None);
    assert_eq!(csh(b"\xff"), None);
}

#[test]
fn python_literals_survive() {
    let Some(python_program) = Shell::find("python3") else { return };
    let values = corpus();
    let mut script = b"import sys\nfor value in [\n".to_vec();
    for value in &values {
        script.extend(python(value));
        script.extend(b",\n");
    }
    script.extend(b"]:\n    sys.stdout.buffer.write(value + b'\\0')\n");
    assert_same(&python_program.run_script(&["-I"], &script), &values, "python3");
}

#[test]
fn powershell_doubles_all_five_single_quotes() {
    let word = powershell("a'b‘c’d‚e‛f$(x)`\"".as_bytes()).unwrap();
    assert_eq!(String::from_utf8(word).unwrap(), "'a''b‘‘c’’d‚‚e‛‛f$(x)`\"'");
    assert_eq!(powershell(b"\xff"), None);
}

#[test]
fn nushell_escapes_quotes_backslashes_and_controls() {
    let word = nushell("a\"b\\c\n\u{1b}\u{85}é$(x)'".as_bytes()).unwrap();
    assert_eq!(String::from_utf8(word).unwrap(), r#""a\"b\\c\u{a}\u{1b}\u{85}é$(x)'""#);
    assert_eq!(nushell(b"\xff"), None);
}

/// Has one shell print the corpus, each value followed by a NUL, and compares it byte by byte.
fn round_trip(shell: &str, arguments: &[&str], quote: impl Fn(&[u8]) -> Option<Vec<u8>>, options: &str) {
    let Some(found) = Shell::find(shell) else { return };
    let mut values = corpus();
    values.retain(|value| quote(value).is_some());
    assert!(values.len() > 600, "{shell}: too much was refused");
    let mut script = format!("{options}\n").into_bytes();
    for value in &values {
        // csh has no printf of its own, and its words may not begin with a dash for the program either.
        script.extend(b"printf '%s\\0' ");
        script.extend(quote(value).unwrap());
        script.push(b'\n');
    }
    assert_same(&found.run_script(arguments, &script), &values, shell);
}

fn assert_same(output: &[u8], values: &[Vec<u8>], shell: &str) {
    let mut printed: Vec<&[u8]> = output.split(|&byte| byte == 0).collect();
    assert_eq!(printed.pop(), Some(&b""[..]), "{shell}: output breaks off");
    for (printed, value) in printed.iter().zip(values) {
        assert_eq!(printed, value, "{shell}: {} became {}", value.escape_ascii(), printed.escape_ascii());
    }
    assert_eq!(printed.len(), values.len(), "{shell}: values are missing");
}

fn corpus() -> Vec<Vec<u8>> {
    let mut values: Vec<Vec<u8>> = Vec::new();
    for byte in 1..=255_u8 {
        values.push(vec![byte]);
        values.push([b"a ".as_slice(), &[byte, byte], b"b'\\", &[byte]].concat());
    }
    values.extend(crate::test_shells::HOSTILE.iter().map(|text| text.as_bytes().to_vec()));
    values.extend([
        Vec::new(),
        b"\xff\xfe/a\xc3".to_vec(),
        vec![b'n'; 5000],
        b"tnl\n".to_vec(),
        b"a\r\nb\x1b[2J".to_vec(),
    ]);
    values.extend(random_values(400, b"'\"\\$`!%#&;|<>(){}[]*?~^=:,@ \t\n\r-a0\x01\x7f\x80\xc3\xa9\xff"));
    // The same in ASCII on one line, for shells that can hold no more.
    values.extend(random_values(400, b"'\"\\$`!%#&;|<>(){}[]*?~^=:,@ \t-a0"));
    values
}

/// Strings over characters that mean something to a shell, the same in every run.
fn random_values(count: usize, alphabet: &[u8]) -> Vec<Vec<u8>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % bound
    };
    (0..count).map(|_| (0..=next(24)).map(|_| alphabet[next(alphabet.len())]).collect()).collect()
}
