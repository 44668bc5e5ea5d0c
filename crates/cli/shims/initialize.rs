//! The lines with which `venvwrap init` sources the `initialize` hook: the program has found it, and the shell need not look.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use venvwrap_core::shell::Shell;

/// Where the `initialize` hook is, and what it depends on.
pub(crate) struct InitializeHook {
    /// The values that HOME, `WORKON_HOME` and the directory of hooks have in the environment of the program.
    pub(crate) seen: [OsString; 3],
    /// The path of the hook.
    pub(crate) path: PathBuf,
    /// Whether a configuration file may say something else for other values.
    pub(crate) is_configured: bool,
    /// Whether the hook does nothing.
    pub(crate) is_idle: bool,
}

/// What a shell compares with the values that the program has seen.
const POSIX_VALUES: &[u8] = b"\"${HOME-}|${WORKON_HOME-}|${VIRTUALENVWRAPPER_HOOK_DIR-}\"";
const FISH_VALUES: &[u8] = b"\"$HOME|$WORKON_HOME|$VIRTUALENVWRAPPER_HOOK_DIR\"";

/// Asks the program where the hook is.
const POSIX_ASK: &[u8] = b"__venvwrap_initialize";
/// The same for a zsh that has not read the functions for hooks.
const ZSH_ASK: &[u8] = b"builtin local _vw_text=\n__venvwrap_untraced __venvwrap_ask __do initialize || builtin :\n\
      [[ -z \"$_vw_text\" ]] || __venvwrap_late source \"$_vw_text\"\n";
const FISH_ASK: &[u8] = b"__venvwrap_source (__venvwrap_do initialize fish | string collect)";

/// The pattern of values that are not written in full.
const POSIX_SHORT: &[u8] = b"*['$~']* | *'|'[!/\\|]* | *//*) ";

/// Where the hook is if the values are written in full.
const POSIX_FILE: &[u8] = b"\"${VIRTUALENVWRAPPER_HOOK_DIR:-${WORKON_HOME:-${HOME-}/.virtualenvs}}/initialize\"";
const FISH_IN_FULL: &[u8] =
    b"else if test -n \"$VIRTUALENVWRAPPER_HOOK_DIR\"\n__venvwrap_initialize $VIRTUALENVWRAPPER_HOOK_DIR/initialize.fish\n\
      else if test -n \"$WORKON_HOME\"\n__venvwrap_initialize $WORKON_HOME/initialize.fish\n\
      else\n__venvwrap_initialize $HOME/.virtualenvs/initialize.fish";

/// How the function begins.
const POSIX_BEGIN: &[u8] = b"function __venvwrap_begin {\nbuiltin unset -f __venvwrap_begin\n";

/// Calls the function. No alias stands in for it.
pub(super) const CALL: &[u8] = b"\\__venvwrap_begin\n";

impl InitializeHook {
    /// Returns the beginning of a command for zsh that does the rest where there may be something to source: reading the
    /// function and calling it takes as much time as a fifth of all else. No word of it can be an alias.
    pub(super) fn unless_idle_in_zsh(&self) -> Vec<u8> {
        if !self.is_idle {
            return Vec::new();
        }
        [b"\\builtin 'test' ", POSIX_VALUES, b" '=' ", &self.seen_for(Shell::Zsh), b" || "].concat()
    }

    fn seen_for(&self, shell: Shell) -> Vec<u8> {
        let values: Vec<_> = self.seen.iter().map(|value| value.as_bytes()).collect();
        shell.quote(&values.join(&b'|'))
    }

    /// Returns a function that removes itself and sources the hook: it is read while aliases are off, and called when they
    /// are on again, for the hook. A shell may have other values than the program, which are not exported: it asks the program then,
    /// unless they are written in full and nothing else can say where the hook is.
    pub(super) fn function(&self, shell: Shell) -> Vec<u8> {
        let seen = self.seen_for(shell);
        let path = shell.quote(self.path.as_os_str().as_bytes());
        match shell {
            // Called for other values only, and without the functions for hooks: none is expected.
            Shell::Zsh if self.is_idle => {
                let unless_missing = if self.is_configured {
                    Vec::new()
                } else {
                    let end = b" ]] || return 0 ;;\nesac\n";
                    [b"case ", POSIX_VALUES, b" in\n", POSIX_SHORT, b";;\n*) [[ -s ", POSIX_FILE, end].concat()
                };
                [POSIX_BEGIN, &unless_missing, ZSH_ASK, b"}\n"].concat()
            }
            Shell::Bash | Shell::Zsh => {
                let first =
                    [b"case ", POSIX_VALUES, b" in\n", &seen, b") __venvwrap_initialize ", &path, b" ;;\n"].concat();
                let others: Vec<&[u8]> = if self.is_configured {
                    vec![b"*) ", POSIX_ASK]
                } else {
                    vec![POSIX_SHORT, POSIX_ASK, b" ;;\n*) __venvwrap_initialize ", POSIX_FILE]
                };
                [POSIX_BEGIN, &first, &others.concat(), b" ;;\nesac\n}\n"].concat()
            }
            Shell::Fish => {
                let first =
                    [b"if test ", FISH_VALUES, b" = ", &seen, b"\n__venvwrap_initialize ", &path, b"\n"].concat();
                let others: Vec<&[u8]> = if self.is_configured {
                    vec![b"else\n", FISH_ASK]
                } else {
                    let is_short = b"else if string match -qr '[$~]|\\|[^/|]|//' -- ";
                    vec![is_short, FISH_VALUES, b"\n", FISH_ASK, b"\n", FISH_IN_FULL]
                };
                {
                    let begin = b"function __venvwrap_begin\nbuiltin functions -e __venvwrap_begin\n";
                    [&begin[..], &first, &others.concat(), b"\nend\nend\n"].concat()
                }
            }
        }
    }
}
