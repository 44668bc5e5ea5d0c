//! Start-up files of shells: which of their lines load venvwrap or something that does the same work, where they are, and
//! where a line goes in them.

mod calls;
mod edit;
mod lines;
mod place;
mod sourced;
mod words;
mod zdotdir;

use std::ops::Range;
use std::path::Path;

use super::Shell;
use calls::{call_by_hand, frame, shells_loaded};
pub use edit::{Without, with_line, without_lines};
use lines::{lines, live_lines};
pub use place::{Place, other_shell, place_of_line};
use sourced::ENTRIES;
pub use sourced::{Reading, sourced};
pub use zdotdir::{Zdotdir, zdotdir, zsh_custom};

/// The start-up files of zsh that are read before the directory of the others is known, in the home directory and in
/// those of the system.
pub const ZSHENV: [&str; 3] = ["/etc/zsh/zshenv", "/etc/zshenv", ".zshenv"];

/// Something that also activates environments, as one line of a start-up file loads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rival {
    /// virtualfish.
    Virtualfish,
    /// pyenv-virtualenv.
    PyenvVirtualenv,
}

/// Returns whether a file has a line that loads venvwrap into this shell.
pub fn loads(content: &[u8], shell: Shell) -> bool {
    loading_line(content, shell).is_some()
}

/// Returns the first line that does so.
pub fn loading_line(content: &[u8], shell: Shell) -> Option<String> {
    live_lines(content, shell).find(|line| shells_loaded(line, shell)).map(|line| line.trim().to_owned())
}

/// A line that loads venvwrap with a program that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLine {
    /// Where it is, without what is after its last word.
    pub line: Range<usize>,
    /// The line that calls another program with the same options, as [`dead_line()`] was told.
    pub new: Vec<u8>,
}

/// Returns the line that names a program of which `is_gone` is true, and one with this program, as the shell writes it.
pub fn dead_line(content: &[u8], shell: Shell, program: &[u8], is_gone: &dyn Fn(&Path) -> bool) -> Option<DeadLine> {
    let (start, end) = frame(shell);
    lines(content, shell).iter().filter(|line| line.is_live()).find_map(|found| {
        let line = found.range();
        let text = &content[line.clone()];
        let call = call_by_hand(text, shell)?;
        let new = || [start.as_bytes(), program, &text[call.arguments.clone()], end.as_bytes()].concat();
        (call.path.components().count() > 1 && is_gone(&call.path)).then(|| DeadLine { line, new: new() })
    })
}

/// The scripts of virtualenvwrapper that a file sources, as they are written: `~/bin/virtualenvwrapper.sh`. A name alone
/// is one on PATH. fish has none.
pub fn entry_scripts(content: &[u8], shell: Shell) -> Vec<String> {
    if shell == Shell::Fish {
        return Vec::new();
    }
    let is_end = |c: char| c.is_whitespace() || "\"'`();|&<>".contains(c);
    let of_line = |line: String| {
        let words: Vec<_> = line.split(is_end).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let is_entry = |word: &String| ENTRIES.iter().any(|entry| word.rsplit('/').next() == Some(entry));
        words.into_iter().rfind(is_entry)
    };
    live_lines(content, shell).filter_map(of_line).collect()
}

/// What else the lines of a file load that activates environments.
pub fn rivals(content: &[u8], shell: Shell) -> Vec<Rival> {
    let marks = [(Rival::Virtualfish, "virtualfish"), (Rival::PyenvVirtualenv, "pyenv virtualenv-init")];
    let is_loaded = |rival: Rival, mark: &str| {
        live_lines(content, shell)
            .any(|line| line.contains(mark) || (rival == Rival::Virtualfish && installs_virtualfish(&line)))
    };
    marks.into_iter().filter(|(rival, mark)| is_loaded(*rival, mark)).map(|(rival, _)| rival).collect()
}

/// Returns whether a line has `vf install`, which loads virtualfish from then on.
fn installs_virtualfish(line: &str) -> bool {
    let mut commands = line.split([';', '|', '&']).map(str::split_whitespace);
    commands.any(|mut words| words.any(|word| word == "vf") && words.next() == Some("install"))
}

/// Returns whether the start-up file of a login shell of bash reads `.bashrc`, as most do; such a shell does not by itself.
pub fn reads_bashrc(content: &[u8]) -> bool {
    live_lines(content, Shell::Bash).any(|line| line.contains("bashrc"))
}

/// Returns whether a line of a start-up file of bash names another file of the home directory, as one that reads it does.
pub fn names_file(content: &[u8], name: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || "._-".contains(c);
    live_lines(content, Shell::Bash).any(|line| {
        let line = lines::code(&line, Shell::Bash);
        line.match_indices(name)
            .any(|(at, _)| !line[..at].ends_with(is_of_name) && !line[at + name.len()..].starts_with(is_of_name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_login_shell_reads_the_other_in_any_way() {
        for reading in
            ["[ -f ~/.bashrc ] && . ~/.bashrc", "source $HOME/.bashrc", "if x; then\n    . \"$HOME/.bashrc\"\nfi"]
        {
            assert!(reads_bashrc(reading.as_bytes()), "{reading}");
        }
        assert!(!reads_bashrc(b"echo p\n# . ~/.bashrc\n"));
    }

    #[test]
    fn a_file_names_another_one() {
        for line in [". ~/.profile", "[ -r \"$HOME/.profile\" ] && . \"$HOME/.profile\"", "source .profile; x"] {
            assert!(names_file(line.as_bytes(), ".profile"), "{line}");
        }
        for line in ["# . ~/.profile", "x # . ~/.profile", ". ~/.bash_profile", ". ~/.profile.d/x", ". ~/my.profile"] {
            assert!(!names_file(line.as_bytes(), ".profile"), "{line}");
        }
    }

    #[test]
    fn a_line_is_for_the_shell_that_it_names() {
        for line in [
            "eval \"$('/a b/venvwrap' init bash)\"",
            "eval \"$(~/.cargo/bin/venvwrap init --auto bash)\"",
            "eval \"$(venvwrap init)\"",
            "  eval \"`venvwrap init bash`\"",
            ". <(venvwrap init bash)",
            "command -v venvwrap >/dev/null && eval \"$(venvwrap init bash)\"",
            "if [ -t 0 ]; then \\eval \"$(venvwrap init bash)\"; fi # mine",
            "X=1 _evalcache venvwrap init bash",
            "'/a b/venvwrap' init bash | source",
            "command eval \"$(venvwrap init bash)\"",
            "\\builtin eval \"$(venvwrap init bash)\"",
            "code=\"$(venvwrap init bash)\"; eval \"$code\"",
            "export code=`venvwrap init bash` && builtin eval \"${code}\"",
        ] {
            assert!(loads(line.as_bytes(), Shell::Bash), "{line}");
        }
        for line in [
            "eval \"$(venvwrap init zsh)\"",
            "# venvwrap init bash",
            "git init bash",
            "echo venvwrap; git init",
            "export PATH=\"$PATH:~/x\" # venvwrap init bash",
            "alias vw='eval \"$(venvwrap init bash)\"'",
            "alias vwhelp=\"venvwrap init bash | less\"",
            "echo \"eval $(venvwrap init bash)\"",
            "venvwrap init bash > ~/.vw.bash",
            "code=$(venvwrap init bash)",
            "code=$(venvwrap init bash); eval \"$(direnv hook bash)\"",
            "code=$(venvwrap init bash); eval \"$codes\"",
            "command venvwrap init bash | less",
            "x=1; ~/bin/venvwrap init bash | less",
        ] {
            assert!(!loads(line.as_bytes(), Shell::Bash), "{line}");
        }
        for line in [
            "command venvwrap init fish | source",
            "command -q venvwrap; and command venvwrap init fish | source",
            "venvwrap init fish | builtin source",
            "set -l code (venvwrap init fish | string collect); eval $code",
        ] {
            assert!(loads(line.as_bytes(), Shell::Fish), "{line}");
        }
        assert!(loads(b"venvwrap init fish | source", Shell::Fish) && loads(b"venvwrap init | source", Shell::Fish));
        assert!(!loads(b"cat <<X\nvenvwrap init zsh\nX", Shell::Zsh) && !loads(b"venvwrap list", Shell::Zsh));
    }

    #[test]
    fn a_dead_line_may_be_unquoted() {
        let found = |text: &str, shell| dead_line(text.as_bytes(), shell, b"/new", &|path| path.starts_with("/gone"));
        for (text, arguments) in [
            ("eval \"$(/gone/venvwrap init bash)\"", "bash"),
            ("eval \"$('/gone/a b/venvwrap' init bash)\"", "bash"),
            ("eval \"$(/gone/venvwrap init --auto bash)\"", "--auto bash"),
            ("eval \"$(/gone/venvwrap init bash --auto)\"", "bash --auto"),
            ("eval $(/gone/venvwrap init bash --auto)", "bash --auto"),
            ("eval \"`/gone/venvwrap init bash`\"", "bash"),
            ("eval `/gone/venvwrap init bash`", "bash"),
            ("command eval \"$(/gone/venvwrap init bash)\"", "bash"),
        ] {
            let (start, file) = (6, format!("# one\n{text} \nx\n"));
            let dead = found(&file, Shell::Bash).unwrap();
            assert_eq!(dead.line, start..start + text.len(), "{text}");
            assert_eq!(String::from_utf8(dead.new).unwrap(), format!("eval \"$(/new init {arguments})\""), "{text}");
            assert_eq!(found(&file, Shell::Zsh), None);
        }
        for text in ["\"/gone/venvwrap\" init fish | source", "command /gone/venvwrap init fish | source"] {
            assert_eq!(found(text, Shell::Fish).unwrap().new, b"/new init fish | source", "{text}");
        }
        for text in [
            "eval \"$(/gone/venvwrap init bash; x)\"",
            "eval \"$(/here/venvwrap init bash)\"",
            "eval \"$(venvwrap init bash)\"",
            "eval \"$($HOME/gone/venvwrap init bash)\"",
            "eval \"$(/gone/starship init bash)\"",
            "# eval \"$(/gone/venvwrap init bash)\"",
        ] {
            assert_eq!(found(text, Shell::Bash), None, "{text}");
        }
    }

    #[test]
    fn other_lines() {
        let content = b"source ~/.local/bin/virtualenvwrapper.sh\n. \"$(which virtualenvwrapper_lazy.sh)\"\n\
                        # source x/virtualenvwrapper.sh\nsource my-virtualenvwrapper.sh\n";
        assert_eq!(
            entry_scripts(content, Shell::Bash),
            ["~/.local/bin/virtualenvwrapper.sh", "virtualenvwrapper_lazy.sh"]
        );
        assert_eq!(entry_scripts(b"cat <<EOF\nsource virtualenvwrapper.sh\nEOF\n", Shell::Bash), [""; 0]);
        assert_eq!(entry_scripts(content, Shell::Fish), [""; 0]);
        assert_eq!(rivals(b"eval (python -m virtualfish)\n", Shell::Fish), [Rival::Virtualfish]);
        assert_eq!(rivals(b"eval \"$(pyenv virtualenv-init -)\"\n", Shell::Bash), [Rival::PyenvVirtualenv]);
        assert_eq!(rivals(b"type -q vf; and vf install auto_activation\n", Shell::Fish), [Rival::Virtualfish]);
        assert_eq!(rivals(b"# vf install\nxvf install\necho vf; install\n", Shell::Fish), []);
        assert_eq!(rivals(b"# virtualfish\neval \"$(pyenv init -)\"\n", Shell::Bash), []);
    }
}
