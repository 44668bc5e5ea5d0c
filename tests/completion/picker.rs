//! `workon` without a name on a terminal: choose, leave, or be shown the list where nobody can choose.

use venvwrap_core::shell::Shell;

use super::terminal::Terminal;
use crate::support::sandbox::Sandbox;
use crate::support::shells::in_each_shell;

const SIZE: (u16, u16) = (24, 100);

/// What everything that is drawn begins with; alone it takes away what was there.
const CLEAR: &str = "\r\x1b[J";

/// Shows what the last command has led to, between marks that the typed line does not hold.
fn state(terminal: &mut Terminal, shell: Shell) -> String {
    let status = if shell == Shell::Fish { "$status" } else { "$?" };
    terminal.press(&format!("show {status} \"$VIRTUAL_ENV\"\r"));
    terminal.read_until(b"\x02");
    let shown = terminal.read_until(b"\x03");
    terminal.wait_for_prompt();
    String::from_utf8_lossy(&shown).replace('\x1f', " ").trim_end_matches(['\x03', ' ']).to_string()
}

/// Asks for the choices, presses keys, and waits for the prompt.
fn choose(terminal: &mut Terminal, keys: &str) -> String {
    terminal.press("workon\r");
    terminal.read_until(CLEAR.as_bytes());
    terminal.press(keys);
    terminal.wait_for_prompt()
}

fn list(terminal: &mut Terminal, line: &str) -> String {
    terminal.press(&format!("{line}\r"));
    terminal.wait_for_prompt()
}

fn three(sandbox: &Sandbox) {
    for name in ["api", "a blog", "cms"] {
        sandbox.make_env(name);
    }
}

#[test]
fn letters_and_enter_activate() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        let mut terminal = Terminal::open_real(sandbox, shell, "", SIZE);
        choose(&mut terminal, "blo\r");
        assert_eq!(
            state(&mut terminal, shell),
            format!("0 {}", sandbox.env_path("a blog").display()),
            "{}",
            shell.name()
        );
        // The one used last is the first now; an arrow leads to the next.
        choose(&mut terminal, "\x1b[B\r");
        assert_eq!(state(&mut terminal, shell), format!("0 {}", sandbox.env_path("api").display()), "{}", shell.name());
        choose(&mut terminal, "\x1bOB\x1bOA\r");
        assert_eq!(state(&mut terminal, shell), format!("0 {}", sandbox.env_path("api").display()), "{}", shell.name());
    });
}

/// The options are about what comes after the choice.
#[test]
fn options_apply_to_the_choice() {
    in_each_shell(|sandbox, shell| {
        let env = sandbox.make_env("api");
        let project = sandbox.make_project(&env, "shop");
        let mut terminal = Terminal::open_real(sandbox, shell, "", SIZE);
        for (option, ends_in) in [("-n", sandbox.path("home")), ("-c", project), ("--no-cd", sandbox.path("home"))] {
            terminal.enter(&format!("cd '{}'", sandbox.path("home").display()));
            terminal.press(&format!("workon {option}\r"));
            terminal.read_until(CLEAR.as_bytes());
            terminal.press("\r");
            terminal.wait_for_prompt();
            terminal.press("show \"$VIRTUAL_ENV\" \"$PWD\"\r");
            terminal.read_until(b"\x02");
            let shown = terminal.read_until(b"\x03");
            terminal.wait_for_prompt();
            let shown = String::from_utf8_lossy(&shown).replace('\x1f', " ");
            let expected = format!("{} {}", env.display(), ends_in.display());
            assert_eq!(shown.trim_end_matches(['\x03', ' ']), expected, "{}: {option}", shell.name());
        }
        assert!(list(&mut terminal, "workon --help").contains("Activate an environment"), "{}", shell.name());
        list(&mut terminal, "workon -n api");
        assert_eq!(state(&mut terminal, shell), format!("0 {}", env.display()), "{}", shell.name());
    });
}

#[test]
fn another_size_of_the_terminal_draws_it_again() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        let env = sandbox.env_path("cms");
        sandbox.make_project(&env, "a-project-with-a-name-that-is-rather-long");
        let mut terminal = Terminal::open_real(sandbox, shell, "", SIZE);
        terminal.press("workon\r");
        terminal.read_until(CLEAR.as_bytes());
        terminal.read_until(b"Enter activates, Esc cancels");
        for columns in [60, 30, 100] {
            terminal.resize((24, columns));
            terminal.read_until(CLEAR.as_bytes());
            let drawn = String::from_utf8(terminal.read_until(b" of 3")).unwrap();
            let drawn = console_text(&drawn);
            let widest = drawn.lines().map(|line| line.trim_end().chars().count()).max().unwrap();
            assert!(
                widest < columns.into() && widest > usize::from(columns) / 2,
                "{}: {columns}: {drawn}",
                shell.name()
            );
        }
        // What was typed before and after is taken, and Ctrl-C is what it was.
        terminal.press("cm");
        terminal.resize((24, 90));
        terminal.press("s\r");
        terminal.wait_for_prompt();
        assert_eq!(state(&mut terminal, shell), format!("0 {}", env.display()), "{}", shell.name());
        choose(&mut terminal, "\x03");
        assert!(state(&mut terminal, shell).starts_with('1'), "{}", shell.name());
    });
}

/// The text without what moves the cursor or colours.
fn console_text(drawn: &str) -> String {
    let mut text = String::new();
    let mut letters = drawn.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\x1b' => {
                letters.find(char::is_ascii_alphabetic);
            }
            letter => text.push(letter),
        }
    }
    text
}

#[test]
fn a_project_directory_that_is_gone_is_marked() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        let env = sandbox.env_path("api");
        std::fs::remove_dir_all(sandbox.make_project(&env, "shop")).unwrap();
        let mut terminal = Terminal::open_real(sandbox, shell, "", SIZE);
        let drawn = console_text(&choose(&mut terminal, "\x1b"));
        assert!(drawn.contains("shop (missing)"), "{}: {drawn}", shell.name());
    });
}

#[test]
fn leaving_changes_nothing() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        let mut terminal = Terminal::open_real(sandbox, shell, "", SIZE);
        for keys in ["\x1b", "\x03", "cms\x04"] {
            let shown = choose(&mut terminal, keys);
            assert!(shown.contains(CLEAR), "{}: {keys:?}: what was drawn stays: {shown:?}", shell.name());
            assert_eq!(state(&mut terminal, shell), "1", "{}: {keys:?}", shell.name());
            // A terminal that was left raw would take neither this line nor the signal for what they are.
            let modes = list(&mut terminal, "stty -a");
            assert!(
                ["isig", "icanon"].iter().all(|mode| modes.split_whitespace().any(|word| word == *mode)),
                "{}: {keys:?}: {modes}",
                shell.name()
            );
        }
    });
}

#[test]
fn the_environment_of_the_directory_comes_first() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        let env = sandbox.env_path("cms");
        let project = sandbox.make_project(&env, "site");
        let mut terminal = Terminal::open_real(sandbox, shell, "", SIZE);
        terminal.enter(&format!("cd '{}'", project.display()));
        let drawn = choose(&mut terminal, "\r");
        assert_eq!(state(&mut terminal, shell), format!("0 {}", env.display()), "{}: {drawn:?}", shell.name());
    });
}

#[test]
fn nobody_is_asked_where_nobody_sees_it() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        let mut terminal = Terminal::open_real(sandbox, shell, "", SIZE);
        let set = if shell == Shell::Fish { "set VENVWRAP_PICKER 0" } else { "VENVWRAP_PICKER=0" };
        for line in ["workon | cat", "workon 2>/dev/null", "workon </dev/null", "TERM=dumb workon", set] {
            let shown = list(&mut terminal, line);
            if line == set {
                continue;
            }
            assert!(!shown.contains(" of 3"), "{}: {line}: {shown:?}", shell.name());
            assert!(shown.contains("a blog") && shown.contains("cms"), "{}: {line}: {shown:?}", shell.name());
        }
        let shown = list(&mut terminal, "workon");
        assert!(shown.contains("health") && shown.contains("a blog"), "{}: {shown:?}", shell.name());
        list(&mut terminal, "workon >names");
        assert_eq!(std::fs::read_to_string(sandbox.path("home/names")).unwrap(), "a blog\napi\ncms\n");
    });
}

#[test]
fn it_can_be_turned_off_for_good_and_needs_room() {
    in_each_shell(|sandbox, shell| {
        three(sandbox);
        let mut terminal = Terminal::open_real(sandbox, shell, "", (3, 100));
        let shown = list(&mut terminal, "workon");
        assert!(shown.contains("health"), "{}: too small: {shown:?}", shell.name());
        drop(terminal);
        sandbox.write("home/.config/venvwrap/config.toml", "picker = false\n");
        let bin = sandbox.path("bin/venvwrap");
        std::fs::remove_file(bin).unwrap();
        sandbox.write("bin/venvwrap", "");
        let mut terminal = Terminal::open_real(sandbox, shell, "", SIZE);
        let shown = list(&mut terminal, "workon");
        assert!(shown.contains("health"), "{}: turned off: {shown:?}", shell.name());
    });
}

#[test]
fn nothing_to_choose_from_and_names_that_terminals_obey() {
    in_each_shell(|sandbox, shell| {
        let mut terminal = Terminal::open_real(sandbox, shell, "", SIZE);
        let shown = list(&mut terminal, "workon");
        assert!(shown.contains("there are no environments yet"), "{}: {shown:?}", shell.name());
        let env = sandbox.make_env("bad\x1b[31mname\x07");
        let shown = choose(&mut terminal, "name\r");
        // The prompt that follows is the activate script's own.
        let shown = &shown[..shown.rfind(CLEAR).unwrap()];
        assert!(!shown.contains("bad\x1b") && !shown.contains('\x07'), "{}: {shown:?}", shell.name());
        let state = state(&mut terminal, shell);
        assert!(state.starts_with('0') && state.contains("name") && env.is_dir(), "{}: {state:?}", shell.name());
    });
}
