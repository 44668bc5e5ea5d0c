//! What is known of a column before there are rows.

/// A column: its heading, and what happens to it where there is not enough room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column<'a> {
    pub(super) heading: &'a str,
    pub(super) shortening: Shortening,
    /// The columns with the smallest numbers are left out first.
    pub(super) order: Option<u8>,
    pub(super) is_right: bool,
}

/// How the values of a column are shortened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shortening {
    Never,
    /// At the end, to this width at least.
    End(usize),
    /// In the middle, to this width at least.
    Middle(usize),
    /// In the middle, so that no value is taken for another. Those of this width stay whole as long as there is another
    /// column, and so do most.
    Name(usize),
}

impl<'a> Column<'a> {
    /// A column whose values are always shown as they are.
    pub(crate) const fn whole(heading: &'a str) -> Self {
        Self { heading, shortening: Shortening::Never, order: None, is_right: false }
    }

    /// A column of names, which stay different from each other when they are cut. One that is much longer than most
    /// others takes no room from the other columns.
    pub(crate) const fn names(heading: &'a str, least: usize) -> Self {
        Self { shortening: Shortening::Name(least), ..Self::whole(heading) }
    }

    /// A column of sentences, which are cut at the end.
    pub(crate) const fn texts(heading: &'a str, least: usize) -> Self {
        Self { shortening: Shortening::End(least), ..Self::whole(heading) }
    }

    /// A column of paths, which are cut in the middle.
    pub(crate) const fn paths(heading: &'a str, least: usize) -> Self {
        Self { shortening: Shortening::Middle(least), ..Self::whole(heading) }
    }

    /// The column is left out where it does not fit; that with the smallest number first.
    pub(crate) const fn dropped(self, order: u8) -> Self {
        Self { order: Some(order), ..self }
    }

    /// The column holds numbers.
    pub(crate) const fn right(self) -> Self {
        Self { is_right: true, ..self }
    }
}
