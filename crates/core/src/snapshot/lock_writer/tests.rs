use super::*;

#[test]
fn the_tags_of_a_wheel_are_each_alone() {
    let wheel = |name: &str| Value::from(Table::from_iter([("url".to_owned(), Value::from(name))]));
    let tags: Vec<_> = tags_of(&wheel("https://x/a-1-2-py2.py3-none-any.whl")).into_iter().collect();
    assert_eq!(tags, ["py2-none-any", "py3-none-any"]);
    let many = tags_of(&wheel("a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"));
    assert_eq!(many.len(), 2);
    assert!(tags_of(&wheel("a.whl")).is_empty());
}

#[test]
fn nothing_but_pins_is_asked_about() {
    assert_eq!(question("a-b", "1.0+x").as_deref(), Some("a-b==1.0+x"));
    for (name, version) in
        [("a @ git+https://x/y", "1"), ("git+https://x/y", "1"), ("a", "1 --hash=x"), ("a", ""), ("", "1")]
    {
        assert_eq!(question(name, version), None, "{name} {version}");
    }
}

#[test]
fn credentials_in_an_answer_are_hidden() {
    let answer =
        "index = \"https://u:p@x/simple\"\nwheels = [{url = \"https://u:p@x/a.whl\", hashes = {sha256 = \"2\"}}]\n";
    let mut value = Value::Table(toml::from_str(answer).unwrap());
    hide_credentials(&mut value);
    let text = toml::to_string(&value).unwrap();
    assert!(!text.contains("u:p") && text.contains("https://****@x/a.whl"), "{text}");
}

#[test]
fn hashes_are_those_of_all_files() {
    let answer = "lock-version = \"1.0\"\n[[packages]]\nname = \"A_b\"\nversion = \"1\"\n\
        sdist = {url = \"x\", hashes = {sha256 = \"1\"}}\nwheels = [{url = \"y\", hashes = {sha256 = \"2\"}}]\n";
    assert_eq!(hashes(answer).unwrap()["a-b"], ["sha256:2", "sha256:1"]);
    assert_eq!(files(answer).unwrap()["a-b"].version, "1");
    assert!(matches!(hashes("not a lock"), Err(LockWriteError::Input(_))));
}

#[test]
fn any_answer_is_read_or_refused() {
    let seed = "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\nversion = \"1\"\nwheels = [{url = \"a-1-py3-none-any.whl\", hashes = {sha256 = \"2\"}}]\n";
    crate::mutation::check_mutations(&[seed], |input| {
        let text = String::from_utf8_lossy(input);
        let _ = hashes(&text);
    });
}
