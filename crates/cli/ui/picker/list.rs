//! The rows, what has been typed, and which row is selected.

use super::filter::rank;
use super::row::Row;

/// What is being chosen from.
#[derive(Debug)]
pub(super) struct List<'a> {
    rows: &'a [Row],
    typed: String,
    /// The rows that fit, best first; equals stay in their order.
    fitting: Vec<usize>,
    selected: usize,
    /// The first row that is shown.
    top: usize,
    /// How many rows were shown last.
    height: usize,
}

impl<'a> List<'a> {
    /// All rows, the first selected.
    pub(super) fn new(rows: &'a [Row]) -> Self {
        Self { rows, typed: String::new(), fitting: (0..rows.len()).collect(), selected: 0, top: 0, height: 1 }
    }

    /// What has been typed.
    pub(super) fn typed(&self) -> &str {
        &self.typed
    }

    /// All rows.
    pub(super) fn rows(&self) -> &'a [Row] {
        self.rows
    }

    /// How many rows fit.
    pub(super) fn count(&self) -> usize {
        self.fitting.len()
    }

    /// The index of the selected row.
    pub(super) fn selected(&self) -> Option<usize> {
        self.fitting.get(self.selected).copied()
    }

    /// The rows to show in so many lines, each with whether it is selected.
    pub(super) fn window(&mut self, height: usize) -> Vec<(&'a Row, bool)> {
        self.height = height.max(1);
        self.top = self.top.clamp((self.selected + 1).saturating_sub(self.height), self.selected);
        let (rows, selected) = (self.rows, self.selected());
        let shown = self.fitting.iter().skip(self.top).take(self.height);
        shown.map(|&index| (&rows[index], Some(index) == selected)).collect()
    }

    /// Changes what has been typed.
    pub(super) fn edit(&mut self, change: impl FnOnce(&mut String)) {
        change(&mut self.typed);
        let ranks = self.rows.iter().enumerate().filter_map(|(index, row)| Some((rank(row, &self.typed)?, index)));
        let mut ranks: Vec<_> = ranks.collect();
        ranks.sort_unstable();
        self.fitting = ranks.into_iter().map(|(_, index)| index).collect();
        self.first();
    }

    /// Selects the next row, after the last the first.
    pub(super) fn next(&mut self) {
        self.selected = if self.selected + 1 < self.fitting.len() { self.selected + 1 } else { 0 };
    }

    /// Selects the row before, before the first the last.
    pub(super) fn previous(&mut self) {
        match self.selected.checked_sub(1) {
            Some(before) => self.selected = before,
            None => self.last(),
        }
    }

    /// Selects the row one window further down, at most the last.
    pub(super) fn page_down(&mut self) {
        self.selected = (self.selected + self.height).min(self.fitting.len().saturating_sub(1));
    }

    /// Selects the row one window further up, at most the first.
    pub(super) fn page_up(&mut self) {
        self.selected = self.selected.saturating_sub(self.height);
    }

    /// Selects the first row.
    pub(super) fn first(&mut self) {
        self.selected = 0;
    }

    /// Selects the last row.
    pub(super) fn last(&mut self) {
        self.selected = self.fitting.len().saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_selected_row_is_always_shown() {
        let rows: Vec<Row> = (0..10).map(|at| Row { name: format!("e{at}"), details: Vec::new() }).collect();
        let mut list = List::new(&rows);
        let mut shown = |act: &dyn Fn(&mut List<'_>)| -> Vec<String> {
            act(&mut list);
            let mark = |(row, selected): (&Row, bool)| format!("{}{}", row.name, if selected { "*" } else { "" });
            list.window(3).into_iter().map(mark).collect()
        };
        assert_eq!(shown(&|_: &mut List<'_>| ()), ["e0*", "e1", "e2"]);
        assert_eq!(shown(&|list: &mut List<'_>| list.previous()), ["e7", "e8", "e9*"]);
        assert_eq!(shown(&|list: &mut List<'_>| list.page_up()), ["e6*", "e7", "e8"]);
        assert_eq!(shown(&|list: &mut List<'_>| list.next()), ["e6", "e7*", "e8"]);
        assert_eq!(shown(&|list: &mut List<'_>| list.page_down()), ["e7", "e8", "e9*"]);
        assert_eq!(shown(&|list: &mut List<'_>| list.edit(|typed| typed.push('4'))), ["e4*"]);
        assert_eq!(shown(&|list: &mut List<'_>| list.next()), ["e4*"]);
        assert_eq!(shown(&|list: &mut List<'_>| list.edit(|typed| typed.push('z'))), [""; 0]);
        assert_eq!(shown(&|list: &mut List<'_>| list.previous()), [""; 0]);
    }
}
