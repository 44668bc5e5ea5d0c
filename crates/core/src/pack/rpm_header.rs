//! The binary table that rpm keeps everything in: an index of tags, and their values.

use crate::fs::order::Order as _;

/// A value of a tag.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Numbers of 16 bits.
    Shorts(Vec<u16>),
    /// Numbers of 32 bits.
    Numbers(Vec<u32>),
    /// A text.
    Text(String),
    /// A text that could have translations.
    Translated(String),
    /// Several texts.
    Texts(Vec<Vec<u8>>),
}

/// A table under way.
#[derive(Debug, Default)]
pub(super) struct Header {
    rows: Vec<(u32, Value)>,
}

impl Header {
    /// Adds a tag, each once.
    pub(super) fn add(&mut self, tag: u32, value: Value) {
        self.rows.push((tag, value));
    }

    /// The bytes, as a region of this tag: what a signature is about.
    pub(super) fn into_bytes(mut self, region: u32) -> Vec<u8> {
        self.rows.order_by_key(|(tag, _)| *tag);
        let mut index = Vec::new();
        let mut store = Vec::new();
        for (tag, value) in &self.rows {
            let (kind, count, alignment, bytes) = encoded(value);
            store.resize(store.len().next_multiple_of(alignment), 0);
            index.extend(row(*tag, kind, length(store.len()), count));
            store.extend(bytes);
        }
        let rows = length(self.rows.len() + 1);
        let trailer = length(store.len());
        // How far before it the index begins.
        store.extend(row(region, 7, (rows * 16).wrapping_neg(), 16));
        let mut result = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
        result.extend(rows.to_be_bytes());
        result.extend(length(store.len()).to_be_bytes());
        result.extend(row(region, 7, trailer, 16));
        result.extend(index);
        result.extend(store);
        result
    }
}

fn row(tag: u32, kind: u32, offset: u32, count: u32) -> Vec<u8> {
    [tag, kind, offset, count].iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The number of the type, how many values, how they are aligned, and the bytes.
fn encoded(value: &Value) -> (u32, u32, usize, Vec<u8>) {
    let text = |text: &[u8]| [text, b"\0"].concat();
    match value {
        Value::Shorts(numbers) => {
            (3, length(numbers.len()), 2, numbers.iter().flat_map(|number| number.to_be_bytes()).collect())
        }
        Value::Numbers(numbers) => {
            (4, length(numbers.len()), 4, numbers.iter().flat_map(|number| number.to_be_bytes()).collect())
        }
        Value::Text(value) => (6, 1, 1, text(value.as_bytes())),
        Value::Translated(value) => (9, 1, 1, text(value.as_bytes())),
        Value::Texts(values) => (8, length(values.len()), 1, values.iter().flat_map(|value| text(value)).collect()),
    }
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
