//! Stable sorting that is compiled once for all types.
//!
//! The sort of the standard library becomes six kilobytes of program for each type and each comparison. Here a list of
//! numbers is sorted, and the items are then put in its order. That is for lists that people read; where thousands of
//! names are sorted before each prompt, the standard library's sort stays.

use std::cmp::Ordering;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Sorts without adding a sort to the program.
pub trait Order<T> {
    /// Sorts; equal items keep their order.
    fn order(&mut self)
    where
        T: Ord;

    /// Sorts by a comparison; equal items keep their order.
    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);

    /// Sorts by what is computed of each item, every time it is compared; equal items keep their order.
    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K);
}

impl<T> Order<T> for [T] {
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }

    fn order_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let numbers = in_order(self.len(), &|a, b| compare(&self[a], &self[b]));
        take_places(numbers, &mut |a, b| self.swap(a, b));
    }

    fn order_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }
}

/// Compares two paths byte by byte, as archives are sorted. Thousands of paths in one tree begin alike, and the comparison of
/// the released program's C library (musl) takes one byte after the other: here it is eight.
pub(crate) fn by_bytes(a: &Path, b: &Path) -> Ordering {
    let (a, b) = (a.as_os_str().as_bytes(), b.as_os_str().as_bytes());
    let alike = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0).take_while(|(a, b)| a == b).count() * 8;
    a[alike..].cmp(&b[alike..])
}

/// The numbers of so many items, in the order of the items.
fn in_order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..count).collect();
    numbers.sort_by(|&a, &b| compare(a, b));
    numbers
}

/// Moves each item to its place: one swap for each, along the cycles of the permutation.
fn take_places(mut numbers: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..numbers.len() {
        let mut place = start;
        loop {
            let from = std::mem::replace(&mut numbers[place], place);
            if from == start {
                break;
            }
            swap(place, from);
            place = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_in_the_order_of_their_bytes() {
        let texts = [
            "",
            "a",
            "a/b",
            "a-b",
            "site-packages/a",
            "site-packages/b",
            "site-packages",
            "site-packages/é",
            "site-pac",
        ];
        for a in texts {
            for b in texts {
                assert_eq!(by_bytes(Path::new(a), Path::new(b)), a.as_bytes().cmp(b.as_bytes()), "{a} {b}");
            }
        }
    }

    #[test]
    fn is_the_order_of_the_standard_library() {
        let mut state = 1_u64;
        for count in 0..200 {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state >> 60
            };
            let items: Vec<(u64, usize)> = (0..count).map(|number| (next(), number)).collect();
            let (mut by_key, mut all, mut turned) = (items.clone(), items.clone(), items.clone());
            by_key.order_by_key(|item| item.0);
            turned.order_by(|a, b| b.0.cmp(&a.0));
            let mut expected = items;
            expected.sort_by_key(|item| item.0);
            assert_eq!(by_key, expected);
            all.reverse();
            all.order();
            assert_eq!(all, expected);
            expected.sort_by_key(|item| std::cmp::Reverse(item.0));
            assert_eq!(turned, expected);
        }
    }
}
