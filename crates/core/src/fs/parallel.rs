//! Work on the items of a list in several threads.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Fewer items than this are not worth a second thread.
const PARALLEL_FROM: usize = 48;

/// In how many parts a thread's share is divided.
const PARTS_OF_A_THREAD: usize = 8;

/// Works on the parts of a list in several threads, and puts the results together in their order. The parts are small:
/// a thread that gets less of its processor than the others takes fewer. What `begin` makes is a thread's own.
pub(crate) fn in_parallel<T: Sync, R: Send, S>(
    items: &[T],
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &[T]) -> Vec<R> + Sync,
) -> Vec<R> {
    // The number of processors is in files of the system: few items are done before those are read.
    let threads = if items.len() < PARALLEL_FROM { 1 } else { processors() };
    if threads == 1 {
        return work(&mut begin(), items);
    }
    let parts: Vec<&[T]> = items.chunks(items.len().div_ceil(threads * PARTS_OF_A_THREAD)).collect();
    share(&parts, threads, &begin, &work)
}

/// Works on the items of a list in several threads, however few they are: each of them takes long.
pub(crate) fn each_in_parallel<'a, T: Sync, R: Send>(items: &'a [T], work: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    if items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let parts: Vec<&[T]> = items.chunks(1).collect();
    share(&parts, processors().min(items.len()), &|| (), &|(), part: &'a [T]| part.iter().map(&work).collect())
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(4)
}

/// Lets threads take one part after the other.
fn share<'a, T: Sync, R: Send, S>(
    parts: &[&'a [T]],
    threads: usize,
    begin: &(impl Fn() -> S + Sync),
    work: &(impl Fn(&mut S, &'a [T]) -> Vec<R> + Sync),
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let (mut own, mut results) = (begin(), Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(part) = parts.get(number) else { return results };
            results.push((number, work(&mut own, part)));
        }
    };
    let mut results = std::thread::scope(|scope| {
        // Where the system allows no further thread, this one does all.
        let start = |_| std::thread::Builder::new().spawn_scoped(scope, take).ok();
        let others: Vec<_> = (1..threads).filter_map(start).collect();
        let mut results = take();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    });
    results.sort_unstable_by_key(|(number, _)| *number);
    results.into_iter().flat_map(|(_, part)| part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_items_are_worked_on_by_several_threads() {
        for count in [0, 1, 2, 5] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(
                each_in_parallel(&items, |item| item * 2),
                items.iter().map(|item| item * 2).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0, 1, 47, 48, 49, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled = in_parallel(&items, Vec::new, |seen: &mut Vec<usize>, part| {
                seen.extend(part);
                part.iter().map(|item| item * 2).collect()
            });
            assert_eq!(doubled, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
