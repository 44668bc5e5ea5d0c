use super::*;

const VIRTUALENV: &str = "home = /usr/bin\nimplementation = CPython\nversion_info = 3.11.2.final.0\n\
    virtualenv = 21.15.7\ninclude-system-site-packages = false\nbase-prefix = /usr\nprompt = \"api server\"\n";

fn parse(text: &str) -> PyvenvCfg {
    PyvenvCfg::parse(text.as_bytes())
}

fn text(cfg: &PyvenvCfg) -> String {
    String::from_utf8(cfg.to_bytes()).unwrap()
}

#[test]
fn reads_what_virtualenv_writes() {
    let cfg = parse(VIRTUALENV);
    assert_eq!(cfg.home(), Some("/usr/bin"));
    assert!(!cfg.include_system_site_packages());
    assert_eq!(cfg.version().as_deref(), Some("3.11.2"));
    assert_eq!(cfg.implementation(), Some("CPython"));
    assert_eq!(cfg.prompt(), Some("api server"));
    assert_eq!(cfg.creator(), Creator::Virtualenv);
}

#[test]
fn every_content_comes_back_byte_for_byte() {
    let odd: [&[u8]; 6] = [
        VIRTUALENV.as_bytes(),
        b"",
        b"\n\r\n\r",
        b"a=1\r\nb = 2\rno sign\n\n= x",
        b"\xff = \xfe\nhome=/x\n",
        b"\xef\xbb\xbfhome = /x",
    ];
    for content in odd {
        assert_eq!(PyvenvCfg::parse(content).to_bytes(), content);
    }
}

#[test]
fn keys_have_no_case_and_values_may_hold_the_sign() {
    let cfg = parse("HOME=/a\ncommand = /b -m venv --prompt x=y /c\nhome = /second\n");
    assert_eq!(cfg.get("home"), Some("/a"));
    assert_eq!(cfg.get("Command"), Some("/b -m venv --prompt x=y /c"));
    assert_eq!(cfg.get("missing"), None);
    assert_eq!(PyvenvCfg::parse(b"x = \xff\nhome = /a").get("x"), None);
    assert_eq!(PyvenvCfg::parse(b"\xef\xbb\xbfhome = /a").home(), Some("/a"));
}

#[test]
fn system_packages_are_visible_unless_denied() {
    for (content, visible) in [
        ("", true),
        ("include-system-site-packages = TRUE", true),
        ("include-system-site-packages = false", false),
        ("include-system-site-packages = yes", false),
        ("include-system-site-packages = true\nInclude-System-Site-Packages = false", false),
    ] {
        assert_eq!(parse(content).include_system_site_packages(), visible, "{content:?}");
    }
}

#[test]
fn version_is_taken_from_the_first_key_that_holds_one() {
    for (content, version) in [
        ("version = 3.12.1\npython-version = 3.9", Some("3.12.1")),
        ("version_info = 3.13", Some("3.13")),
        ("version_info = nonsense\nversion = 3.8.18", Some("3.8.18")),
        ("version = 3.14.0rc2", Some("3.14.0")),
        ("version = 3.14.0+", Some("3.14.0")),
        ("version = 3", None),
        ("python-version = 3.16", Some("3.16")),
        ("version = .3.1", None),
    ] {
        assert_eq!(parse(content).version().as_deref(), version, "{content:?}");
    }
}

#[test]
fn one_pair_of_quotes_is_not_part_of_the_prompt() {
    for (value, prompt) in
        [("'a b'", "a b"), ("\"a\"", "a"), ("bare", "bare"), ("''a''", "'a'"), ("'a\"", "'a\""), ("'", "'")]
    {
        assert_eq!(parse(&format!("prompt = {value}")).prompt(), Some(prompt));
    }
    assert_eq!(parse("").prompt(), None);
}

#[test]
fn creator_is_known_by_its_mark() {
    assert_eq!(parse("uv = 0.9.1").creator(), Creator::Uv);
    assert_eq!(parse("venvwrap = 0.1.0").creator(), Creator::Venvwrap);
    assert_eq!(parse("home = /usr/bin").creator(), Creator::Venv);
}

#[test]
fn set_keeps_order_unknown_keys_and_line_endings() {
    let mut cfg = parse("b = 1\r\n# odd\r\nHome=/old\r\nz=2\r\nhome = /twice");
    cfg.set("home", "/new").unwrap();
    cfg.set("prompt", "api").unwrap();
    assert_eq!(text(&cfg), "b = 1\r\n# odd\r\nhome = /new\r\nz=2\r\nprompt = api\r\n");

    let mut cfg = parse("a = 1");
    cfg.set("b", "2").unwrap();
    assert_eq!(text(&cfg), "a = 1\nb = 2\n");
}

#[test]
fn remove_takes_every_line_of_the_key() {
    let mut cfg = parse("a = 1\nPrompt = x\nb = 2\nprompt = y\n");
    assert!(cfg.remove("prompt"));
    assert!(!cfg.remove("prompt"));
    assert_eq!(text(&cfg), "a = 1\nb = 2\n");
}

#[test]
fn a_line_break_of_any_kind_is_refused() {
    let breaks = "\n\r\u{b}\u{c}\u{1c}\u{1d}\u{1e}\u{85}\u{2028}\u{2029}";
    for boundary in breaks.chars() {
        let mut cfg = parse(VIRTUALENV);
        let value = format!("x{boundary}home = /attacker");
        assert!(matches!(cfg.set("prompt", &value), Err(SetError::LineBreak { .. })), "{boundary:?}");
        assert!(matches!(cfg.set(&value, "x"), Err(SetError::BadKey { .. })), "{boundary:?}");
        assert_eq!(text(&cfg), VIRTUALENV);
    }
    assert!(matches!(parse("").set("a=b", "x"), Err(SetError::BadKey { .. })));
    assert!(matches!(parse("").set("", "x"), Err(SetError::BadKey { .. })));
}

#[test]
fn a_prompt_is_read_as_it_was_set() {
    for prompt in ["api", " a b ", "it's", "'x'", "\"x\"", "it's \"x\"", "", "\\"] {
        let mut cfg = parse("home = /usr/bin\n");
        cfg.set_prompt(prompt).unwrap();
        assert_eq!(parse(&text(&cfg)).prompt(), Some(prompt));
    }
    let mut cfg = parse("");
    cfg.set_prompt("api").unwrap();
    assert_eq!(text(&cfg), "prompt = 'api'\n");
}
