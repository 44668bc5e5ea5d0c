//! Scripts and what they print, written as blocks that read as they run.
//!
//! A scenario of more than two or three steps is a raw string, not lines glued with `\n`:
//!
//! ```ignore
//! run(sandbox, shell, &script(r"
//!     1: workon api
//!        cd /usr
//!     2: deactivate
//! "))
//! .prints(shell.name(), &block(r"
//!     1: status=0 env=[ROOT]/envs/api cwd=[ROOT]/home
//!     2: status=0 env= cwd=/usr
//! "));
//! ```
//!
//! A number before a step has it reported: `1: workon api` runs `workon api`, then `report 1`, which prints the status,
//! the active environment and the directory. What differs between the shells is passed in with `format!`.

/// Returns the script in a block: without its indentation, and with a report after each numbered step.
pub(crate) fn script(text: &str) -> String {
    let step = |line: &str| match line.split_once(':') {
        Some((number, step)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{}; report {number}\n", step.trim_start())
        }
        _ => format!("{}\n", line.trim_start()),
    };
    block(text).lines().map(step).collect()
}

/// Returns the lines of a block without the indentation that all of them share. The first line and the last, which
/// hold only the quotes, are left out.
pub(crate) fn block(text: &str) -> String {
    let lines: Vec<_> = text.strip_prefix('\n').unwrap_or(text).trim_end_matches(' ').lines().collect();
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(indentation).min().unwrap_or(0);
    lines.iter().flat_map(|line| [line.get(shared..).unwrap_or_default(), "\n"]).collect()
}

#[test]
fn a_block_is_a_script() {
    let text = script(
        r"
        1: workon api
           cd /usr
        12: echo 'a: b'
        ",
    );
    assert_eq!(text, "workon api; report 1\ncd /usr\necho 'a: b'; report 12\n");
    assert_eq!(block("\n    a\n\n      b\n    "), "a\n\n  b\n");
}
