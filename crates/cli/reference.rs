//! The command reference, as Markdown and as manual pages, made from the same descriptions that parse the command line.

mod chapters;
mod manual;
mod pages;
mod roff;

use std::fmt::Write as _;

use chapters::{Entry, help, parts};
pub(crate) use manual::{manual, manual_of};

/// All shell functions and verbs, as Markdown.
pub(crate) fn markdown() -> String {
    let mut text = String::from(
        "# Commands\n\nThis page is generated from the program itself: `tests/run` fails when it is out of date, and\n\
         `just generate` rewrites it.\n",
    );
    for part in parts() {
        let _ = write!(text, "\n## {}\n\n{}\n", part.title, part.introduction);
        for Entry { heading, command } in part.entries {
            let _ = write!(text, "\n### {heading}\n\n```text\n{}\n```\n", help(command, MARKDOWN_WIDTH));
        }
    }
    text
}

const MARKDOWN_WIDTH: usize = 100;
