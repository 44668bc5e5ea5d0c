//! An interactive shell in a pseudo-terminal. Nothing here waits for time to pass, only for what the shell prints.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use venvwrap_core::shell::Shell;

use crate::support::sandbox::Sandbox;
use crate::support::shells::source_line;
use crate::support::shims::init_text;
use crate::support::tools::find_program;

const PROMPT: &str = "READY> ";

/// A shell that hangs fails its test after this long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Functions take the place of the real ones and print their arguments between STX and ETX.
const PRELUDE_BASH: &str = r#"
bind 'set enable-bracketed-paste off'
bind 'set bell-style none'
PS1='READY> '
show() { printf '\2'; printf '%s\37' ${1+"$@"}; printf '\3'; }
"#;
const PRELUDE_ZSH: &str = r#"
unsetopt prompt_cr prompt_sp beep auto_remove_slash
PS1='READY> '
show() { printf '\2'; printf '%s\37' "$@"; printf '\3'; }
"#;
const PRELUDE_FISH: &str = r"
function fish_prompt; printf 'READY> '; end
function fish_right_prompt; end
function fish_greeting; end
set -g fish_autosuggestion_enabled 0
function show; printf '\x02'; printf '%s\x1f' $argv; printf '\x03'; end
";

/// The commands whose arguments are shown instead of obeyed.
const SHOWN: [&str; 8] = [
    "workon",
    "rmvirtualenv",
    "mkvirtualenv",
    "mkproject",
    "cdvirtualenv",
    "cdsitepackages",
    "lsvirtualenv",
    "venvwrap",
];

/// A terminal with room for everything that tests look at.
const SIZE: PtySize = PtySize { rows: 50, cols: 200, pixel_width: 0, pixel_height: 0 };

/// A shell at its prompt.
pub(crate) struct Terminal {
    output: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    prompt: String,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts a shell that has loaded what `venvwrap init` prints, as its user would after `before` in the start-up
    /// file. zsh needs `compinit` there.
    pub(crate) fn open(sandbox: &Sandbox, shell: Shell, before: &str) -> Self {
        sandbox.use_real_program();
        let init = sandbox.write("init", init_text(shell, &sandbox.path("bin/venvwrap")));
        Self::load(sandbox, shell, &format!("{before}\n{}", source_line(shell, &init)))
    }

    /// Starts a shell that has run these lines; the functions show their arguments.
    pub(crate) fn load(sandbox: &Sandbox, shell: Shell, lines: &str) -> Self {
        Self::with_lines(sandbox, shell, &start_lines(shell, lines), SIZE)
    }

    /// Starts a shell like [`Terminal::open`] in a terminal of this size, with the functions as they are.
    pub(crate) fn open_real(sandbox: &Sandbox, shell: Shell, before: &str, (rows, cols): (u16, u16)) -> Self {
        sandbox.use_real_program();
        let init = sandbox.write("init", init_text(shell, &sandbox.path("bin/venvwrap")));
        let start = format!("{}\n{before}\n{}", prelude(shell), source_line(shell, &init));
        Self::with_lines(sandbox, shell, &start, PtySize { rows, cols, ..SIZE })
    }

    fn with_lines(sandbox: &Sandbox, shell: Shell, start: &str, size: PtySize) -> Self {
        let mut command = CommandBuilder::new(find_program(shell.name()).unwrap());
        match shell {
            Shell::Bash => {
                let file = sandbox.write("start", start);
                command.args(["--noprofile", "--rcfile", file.to_str().unwrap(), "-i"]);
            }
            Shell::Zsh => {
                sandbox.write("zdotdir/.zshrc", start);
                command.args(["-d", "-i"]);
            }
            Shell::Fish => {
                let file = sandbox.write("start", start);
                command.args(["--no-config", "-i", "-C", &source_line(shell, &file)]);
            }
        }
        Self::start(sandbox, command, &sandbox.path("home"), size)
    }

    /// Starts a shell with nothing but the user's own start-up file, to which `install` adds what it wants; `show` prints
    /// its arguments in the form that [`Terminal::arguments`] reads.
    pub(crate) fn installed(sandbox: &Sandbox, shell: Shell, directory: &Path, install: impl FnOnce()) -> Self {
        let file = match shell {
            Shell::Bash => "home/.bashrc",
            Shell::Zsh => "zdotdir/.zshrc",
            Shell::Fish => "home/.config/fish/config.fish",
        };
        sandbox.write(file, prelude(shell));
        install();
        let mut command = CommandBuilder::new(find_program(shell.name()).unwrap());
        command.arg("-i");
        Self::start(sandbox, command, directory, SIZE)
    }

    fn start(sandbox: &Sandbox, mut command: CommandBuilder, directory: &Path, size: PtySize) -> Self {
        let pty = native_pty_system().openpty(size).unwrap();
        let plain = sandbox.command("true".as_ref());
        command.env_clear();
        for (name, value) in plain.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.env("ZDOTDIR", sandbox.path("zdotdir"));
        command.env("TERM", "xterm");
        command.cwd(directory);
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let output = read_in_background(pty.master.try_clone_reader().unwrap());
        let writer = pty.master.take_writer().unwrap();
        let mut terminal = Self { output, seen: Vec::new(), prompt: String::new(), writer, child, master: pty.master };
        terminal.wait_for_prompt();
        terminal
    }

    /// Types something and Enter, and returns the arguments that the command got.
    pub(crate) fn arguments(&mut self, typed: &str) -> Vec<String> {
        self.press(typed);
        self.press("\r");
        self.read_until(b"\x02");
        let shown = self.read_until(b"\x03");
        self.wait_for_prompt();
        let text = String::from_utf8_lossy(&shown).into_owned();
        let mut arguments: Vec<String> = text.trim_end_matches('\x03').split('\x1f').map(Into::into).collect();
        arguments.pop();
        arguments
    }

    /// Types a command line and Enter, and waits for the next prompt.
    pub(crate) fn enter(&mut self, line: &str) {
        self.press(line);
        self.press("\r");
        self.wait_for_prompt();
    }

    /// What the shell has printed before and as its last prompt.
    pub(crate) fn prompt(&self) -> &str {
        &self.prompt
    }

    /// Returns what is printed up to the next prompt.
    pub(crate) fn wait_for_prompt(&mut self) -> String {
        let printed = self.read_until(PROMPT.as_bytes());
        self.prompt = String::from_utf8_lossy(&printed).into_owned();
        self.prompt.clone()
    }

    /// Presses keys, as they are.
    pub(crate) fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Gives the terminal another size, of which the program in it is told.
    pub(crate) fn resize(&mut self, (rows, cols): (u16, u16)) {
        self.master.resize(PtySize { rows, cols, ..SIZE }).unwrap();
    }

    /// Returns what the shell prints up to this text, and with it.
    pub(crate) fn read_until(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.seen.windows(end.len()).position(|window| window == end) {
                return self.seen.drain(..at + end.len()).collect();
            }
            let Ok(more) = self.output.recv_timeout(PATIENCE) else {
                panic!("no {:?} in {:?}", String::from_utf8_lossy(end), String::from_utf8_lossy(&self.seen));
            };
            self.seen.extend(more);
        }
    }
}

fn prelude(shell: Shell) -> &'static str {
    match shell {
        Shell::Bash => PRELUDE_BASH,
        Shell::Zsh => PRELUDE_ZSH,
        Shell::Fish => PRELUDE_FISH,
    }
}

/// The lines with functions that show their arguments.
fn start_lines(shell: Shell, lines: &str) -> String {
    let shown: fn(&str) -> String = match shell {
        Shell::Bash => |name| format!("{name}() {{ show ${{1+\"$@\"}}; }}\n"),
        Shell::Zsh => |name| format!("{name}() {{ show \"$@\" }}\n"),
        Shell::Fish => |name| format!("function {name}; show $argv; end\n"),
    };
    let shown: String = SHOWN.into_iter().map(shown).collect();
    format!("{}{lines}\n{shown}", prelude(shell))
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_in_background(mut reader: Box<dyn Read + Send>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}
