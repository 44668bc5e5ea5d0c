//! Reading `~/.netrc` as Python does: pip takes users and passwords from there.

use std::iter::Peekable;
use std::str::Chars;

/// A user and password, of a host or of all others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Login {
    /// The host; none for all others.
    pub(super) host: Option<String>,
    /// The user.
    pub(super) user: String,
    /// The password.
    pub(super) password: String,
}

/// Returns what a file says, in its order.
pub(super) fn logins(text: &str) -> Vec<Login> {
    let mut words = Words(text.chars().peekable());
    let mut logins: Vec<Login> = Vec::new();
    while let Some(word) = words.next() {
        match word.as_str() {
            "machine" => logins.push(Login { host: words.next(), ..Login::default() }),
            "default" => logins.push(Login::default()),
            "macdef" => words.skip_macro(),
            "login" | "user" | "password" | "account" => {
                let value = words.next().unwrap_or_default();
                match (word.as_str(), logins.last_mut()) {
                    ("password", Some(login)) => login.password = value,
                    ("login" | "user", Some(login)) => login.user = value,
                    _ => {}
                }
            }
            comment if comment.starts_with('#') => words.skip_line(),
            _ => {}
        }
    }
    logins
}

/// Words between blanks, which may be in double quotes. A backslash takes the next character as it is.
struct Words<'a>(Peekable<Chars<'a>>);

impl Words<'_> {
    /// Passes over the rest of a line, but not over its end.
    fn skip_line(&mut self) {
        while self.0.next_if(|c| *c != '\n').is_some() {}
    }

    /// Passes over a macro, which an empty line ends.
    fn skip_macro(&mut self) {
        self.skip_line();
        while self.0.next().is_some() && self.0.peek().is_some_and(|c| *c != '\n') {
            self.skip_line();
        }
    }
}

impl Iterator for Words<'_> {
    type Item = String;

    /// The blank that ends a word stays, so that a comment without a word after its `#` ends with its line.
    fn next(&mut self) -> Option<String> {
        while self.0.next_if(|c| c.is_ascii_whitespace()).is_some() {}
        let is_quoted = self.0.next_if_eq(&'"').is_some();
        if !is_quoted && self.0.peek().is_none() {
            return None;
        }
        let mut word = String::new();
        while let Some(&c) = self.0.peek() {
            if !is_quoted && c.is_ascii_whitespace() {
                break;
            }
            self.0.next();
            match c {
                '"' if is_quoted => break,
                '\\' => word.extend(self.0.next()),
                _ => word.push(c),
            }
        }
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(Option<String>, String, String)> {
        logins(text).into_iter().map(|login| (login.host, login.user, login.password)).collect()
    }

    fn of(host: &str, user: &str, password: &str) -> (Option<String>, String, String) {
        (Some(host).filter(|host| !host.is_empty()).map(Into::into), user.into(), password.into())
    }

    #[test]
    fn words_are_those_of_python() {
        let text = r#"# machine no login no password no
            machine a login me password "it's a \"b\" \\" # machine no
            machine b
              user x password #y\ z
            machine c login "" password w account machine
            macdef init
            machine no login no

            #
            default login d password e"#;
        let expected = vec![of("a", "me", r#"it's a "b" \"#), of("b", "x", "#y z"), of("c", "", "w"), of("", "d", "e")];
        assert_eq!(read(text), expected);
    }

    #[test]
    fn what_ends_too_early_is_no_fault() {
        for text in
            ["", "machine", "login x", "machine a login", "machine a password \"x", "macdef", "macdef x\ny", "#"]
        {
            read(text);
        }
        assert_eq!(read("machine a password \"x"), [of("a", "", "x")]);
    }
}
