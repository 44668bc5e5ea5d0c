//! Which columns are shown, how wide they are, and what of their values.

use std::borrow::Cow;
use std::collections::HashMap;

use super::column::{Column, Shortening};
use super::cut::{self, measure};

/// The space between two columns.
pub(super) const GAP: usize = 2;

/// No column that may be shortened becomes narrower than this, however narrow the terminal is.
const LEAST: usize = 4;

/// Few names are longer: other columns are left out before names are cut to less.
const USUAL_NAME: usize = 24;

/// The layout of some rows.
pub(crate) struct Layout<'a> {
    columns: &'a [Column<'a>],
    /// The width of each column; none for one that is left out.
    widths: Vec<Option<usize>>,
    /// What is shown of names that are too long, for each column.
    names: Vec<HashMap<&'a str, String>>,
}

impl<'a> Layout<'a> {
    /// The layout of rows for so many columns of a terminal.
    pub(crate) fn of<R>(columns: &'a [Column<'a>], rows: impl Iterator<Item = R>, limit: Option<usize>) -> Self
    where
        R: Iterator<Item = &'a str>,
    {
        let mut texts: Vec<Vec<&'a str>> = columns.iter().map(|_| Vec::new()).collect();
        for row in rows {
            for (column, text) in texts.iter_mut().zip(row) {
                column.push(text);
            }
        }
        let measured: Vec<_> = columns.iter().zip(&texts).map(|(column, texts)| Measured::of(column, texts)).collect();
        let widths = widths(columns, &measured, limit);
        let names_of = |((column, texts), width): ((&Column<'_>, &Vec<&'a str>), &Option<usize>)| match width {
            Some(width) if matches!(column.shortening, Shortening::Name(_)) => {
                cut::names(texts.iter().copied(), *width)
            }
            _ => HashMap::new(),
        };
        let names = columns.iter().zip(&texts).zip(&widths).map(names_of).collect();
        Self { columns, widths, names }
    }

    /// The columns that are shown: their places, and how wide they are.
    pub(crate) fn shown(&self) -> impl Iterator<Item = (usize, usize)> {
        self.widths.iter().enumerate().filter_map(|(at, width)| Some((at, (*width)?)))
    }

    /// A value that is no wider than its column.
    pub(crate) fn value<'t>(&self, at: usize, text: &'t str) -> Cow<'t, str> {
        let width = self.widths[at].unwrap_or(0);
        if measure(text) <= width {
            return Cow::Borrowed(text);
        }
        Cow::Owned(match (self.names[at].get(text), self.columns[at].shortening) {
            (Some(shown), _) => shown.clone(),
            (None, Shortening::Middle(_)) => cut::without_middle(text, width),
            (None, _) => cut::without_end(text, width),
        })
    }
}

/// How wide the values of a column are.
struct Measured {
    /// The widest, or the heading.
    widest: usize,
    /// At least half of the names are no wider.
    typical: usize,
    /// The widest of the names that are never cut for the sake of another column.
    kept: usize,
}

impl Measured {
    fn of(column: &Column<'_>, texts: &[&str]) -> Self {
        let heading = measure(column.heading);
        let Shortening::Name(least) = column.shortening else {
            let widest = texts.iter().map(|text| measure(text)).max().unwrap_or(0);
            return Self { widest: widest.max(heading), typical: 0, kept: 0 };
        };
        let mut all: Vec<_> = texts.iter().map(|text| measure(text)).collect();
        all.sort_unstable();
        let typical = all.get(all.len().saturating_sub(1) / 2).copied().unwrap_or(0);
        let kept = all.iter().copied().take_while(|width| *width <= least).last().unwrap_or(0);
        Self { widest: all.last().copied().unwrap_or(0).max(heading), typical, kept }
    }

    /// The width that the column keeps as long as another one can be left out. Three fifths of a line are for names, but
    /// a few that are longer than the others are cut before a column is lost.
    fn least(&self, column: &Column<'_>, limit: usize) -> usize {
        match column.shortening {
            Shortening::Never => self.widest,
            Shortening::End(least) | Shortening::Middle(least) => least,
            Shortening::Name(least) => {
                self.typical.min(limit * 3 / 5).max(self.kept).max(least.min(USUAL_NAME).min(self.widest))
            }
        }
    }

    /// The width that the column keeps as long as others are wider, where no other can be left out.
    fn short(&self, column: &Column<'_>) -> usize {
        match column.shortening {
            Shortening::Never => self.widest,
            Shortening::End(least) | Shortening::Middle(least) => (least / 2).max(LEAST),
            Shortening::Name(least) => self.kept.max(least / 2).max(LEAST),
        }
    }
}

/// How wide each column is that is shown: first columns are shortened, then left out, then shortened further.
fn widths(columns: &[Column<'_>], measured: &[Measured], limit: Option<usize>) -> Vec<Option<usize>> {
    let mut widths: Vec<_> = measured.iter().map(|found| (found.widest > 0).then_some(found.widest)).collect();
    let Some(limit) = limit else { return widths };
    let least: Vec<_> = columns.iter().zip(measured).map(|(column, measured)| measured.least(column, limit)).collect();
    loop {
        let mut shortened = widths.clone();
        if shorten(columns, &mut shortened, limit, &least) {
            return shortened;
        }
        let shown = (0..columns.len()).filter(|&at| widths[at].is_some());
        let next = shown.filter_map(|at| Some((columns[at].order?, at))).min().map(|(_, at)| at);
        match next {
            Some(at) => widths[at] = None,
            None => break,
        }
    }
    let short: Vec<_> = columns.iter().zip(measured).map(|(column, measured)| measured.short(column)).collect();
    if !shorten(columns, &mut widths, limit, &short) {
        shorten(columns, &mut widths, limit, &vec![LEAST; columns.len()]);
    }
    widths
}

/// Shortens columns until they fit, paths before names, each to its least width. As long as there are names that take much
/// of the line, a path keeps a third of it. Returns whether they fit now.
fn shorten(columns: &[Column<'_>], widths: &mut [Option<usize>], limit: usize, least: &[usize]) -> bool {
    let shown = widths.iter().flatten().count();
    let total: usize = widths.iter().flatten().sum::<usize>() + GAP * shown.saturating_sub(1);
    let mut excess = total.saturating_sub(limit);
    let much = (limit * 2 / 5).max(USUAL_NAME);
    for (takes_paths, fair) in [(true, limit / 3), (false, much), (true, 0), (false, 0)] {
        for ((column, width), least) in columns.iter().zip(widths.iter_mut()).zip(least) {
            let is_its_turn = match column.shortening {
                Shortening::Never => false,
                Shortening::Middle(_) => takes_paths,
                Shortening::End(_) | Shortening::Name(_) => !takes_paths,
            };
            if let Some(width) = width.as_mut().filter(|_| is_its_turn) {
                let less = excess.min(width.saturating_sub(fair.max(*least)));
                *width -= less;
                excess -= less;
            }
        }
    }
    excess == 0
}
