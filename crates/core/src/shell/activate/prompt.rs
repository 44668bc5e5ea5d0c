//! The text `(NAME) ` as each shell must be given it, so that drawing the prompt shows that name and runs nothing.
//!
//! A shell expands its prompt every time it draws it, so quoting protects the name once and drawing would take it apart.

/// Returns the text for bash, which first resolves backslash escapes and then expands what is left as between double
/// quotes: an escaped character needs a backslash that is escaped itself.
pub(super) fn bash(name: &str) -> String {
    escaped(name, |character| match character {
        '\\' => Some(r"\\\\"),
        '$' => Some(r"\\$"),
        '`' => Some(r"\\`"),
        // In POSIX mode it would be the number of the command.
        '!' => Some(r"\041"),
        _ => None,
    })
}

/// Returns the text for zsh, right with `prompt_subst` and `prompt_bang` and without.
///
/// An exclamation mark comes as a date of that form, the one place where `prompt_bang` does not look for it.
/// A dollar or backslash is cut off from what follows by `%{%}`, which draws nothing, as the one escape would show up
/// in the other mode. For a backquote there is no such way, so it is drawn as a plain quote.
pub(super) fn zsh(name: &str) -> String {
    escaped(name, |character| match character {
        '%' => Some("%%"),
        '$' => Some("$%{%}"),
        '\\' => Some(r"\%{%}"),
        '`' => Some("'"),
        '!' => Some("%D{!}"),
        _ => None,
    })
}

/// Returns the text for the other shells of the family, which expand it as between double quotes.
pub(super) fn posix(name: &str) -> String {
    escaped(name, |character| match character {
        '\\' => Some(r"\\"),
        '$' => Some(r"\$"),
        '`' => Some(r"\`"),
        _ => None,
    })
}

/// Returns the text for tcsh, where `!` is the number of the event and `^` begins a control character.
pub(super) fn csh(name: &str) -> String {
    escaped(name, |character| match character {
        '%' => Some("%%"),
        '!' => Some(r"\!"),
        '^' => Some(r"\^"),
        '\\' => Some(r"\\"),
        _ => None,
    })
}

fn escaped(name: &str, escape: impl Fn(char) -> Option<&'static str>) -> String {
    let mut text = String::from("(");
    for character in name.chars() {
        match escape(character) {
            Some(replacement) => text.push_str(replacement),
            None => text.push(character),
        }
    }
    text.push_str(") ");
    text
}
