//! What takes long, told on stderr: a line for everybody, a bar on a terminal.

use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};
use venvwrap_core::seed::Event;

use crate::printer;

/// The progress of one creation.
#[derive(Default)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Shows an event.
    pub(crate) fn show(&mut self, event: &Event) {
        match event {
            Event::AskingIndex { project, host } => {
                printer::message(&format!("asking {host} for {project}"));
            }
            Event::Downloading { file, received, size } if stderr().is_terminal() => {
                let bar = self.bar.get_or_insert_with(|| new_bar(file, *size));
                bar.set_position(*received);
            }
            Event::Downloading { .. } => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(file: &str, size: Option<u64>) -> ProgressBar {
    let bar = size.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    if let Ok(style) = ProgressStyle::with_template("{prefix} {wide_bar} {bytes}/{total_bytes}") {
        bar.set_style(style);
    }
    bar.set_prefix(file.to_string());
    bar
}
