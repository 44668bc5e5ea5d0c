//! Damages sound inputs as accidents and attackers do, the same way in every run: what a parser is given a fixed number
//! of times in every test run, and much longer with `VENVWRAP_TEST_FULL=1`.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many damaged inputs a parser gets.
const ROUNDS: u32 = 3000;

/// How many times as many in a full run.
const FULL: u32 = 100;

/// At most so many mutations at a time; more leave nothing of the input that a parser would take seriously.
const MAX_MUTATIONS: u64 = 6;

/// What has a meaning in some of the formats, or is a limit of some number.
const WORDS: [&[u8]; 34] = [
    b"\0",
    b"\xff",
    b"\xc3\xa9",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    b"\n",
    b"\r",
    b"\r\n",
    b"\t",
    b" ",
    b"'",
    b"\"",
    b"\\",
    b"$",
    b"${A}",
    b"$(touch PWN)",
    b"#",
    b"=",
    b":",
    b",",
    b"[",
    b"]",
    b"{",
    b"}",
    b"/",
    b"../",
    b"<a ",
    b"-1",
    b"9223372036854775807",
    b"18446744073709551616",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\0\0\0\x80",
    b"1e400",
];

/// Calls `check` with each seed and then with damaged ones; a panic in it is told with the input that caused it.
#[track_caller]
pub(crate) fn check_mutations(seeds: &[impl AsRef<[u8]>], check: impl Fn(&[u8])) {
    let seeds: Vec<&[u8]> = seeds.iter().map(AsRef::as_ref).collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for seed in &seeds {
        check_one(seed, &check);
    }
    for _ in 0..rounds() {
        let mut input = random.pick(&seeds).to_vec();
        for _ in 0..=random.below(MAX_MUTATIONS) {
            mutate(&mut input, &seeds, &mut random);
        }
        check_one(&input, &check);
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says how long they may take")]
fn rounds() -> u32 {
    if std::env::var_os("VENVWRAP_TEST_FULL").is_some_and(|value| value == "1") { ROUNDS * FULL } else { ROUNDS }
}

#[track_caller]
fn check_one(input: &[u8], check: &impl Fn(&[u8])) {
    let checked = catch_unwind(AssertUnwindSafe(|| check(input)));
    assert!(checked.is_ok(), "the panic above is about this input: b\"{}\"", input.escape_ascii());
}

/// Changes an input in one place.
fn mutate(input: &mut Vec<u8>, seeds: &[&[u8]], random: &mut Random) {
    let at = random.place(input.len() + 1);
    let end = at + random.place((input.len() - at).min(32) + 1);
    match random.below(8) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => drop(input.drain(at..end)),
        2 => drop(input.splice(at..at, random.pick(&WORDS).iter().copied())),
        3 => drop(input.splice(at..end, random.pick(&WORDS).iter().copied())),
        4 => {
            let part = input[at..end].to_vec();
            let copies = 1 + random.place(8);
            drop(input.splice(at..at, part.repeat(copies)));
        }
        5 => {
            let other = random.pick(seeds);
            let start = random.place(other.len() + 1);
            drop(input.splice(at..end, other[start..].iter().copied()));
        }
        6 => input.truncate(at),
        _ => {
            // A number in text becomes another one.
            if let Some(digit) = input[at..].iter().position(u8::is_ascii_digit) {
                let start = at + digit;
                let length = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                drop(input.splice(start..start + length, random.next().to_string().into_bytes()));
            }
        }
    }
}

/// Numbers that are the same in every run: xorshift, because a test needs no better ones.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    fn place(&mut self, limit: usize) -> usize {
        usize::try_from(self.below(limit as u64)).unwrap_or(0)
    }

    fn pick<'a>(&mut self, from: &[&'a [u8]]) -> &'a [u8] {
        from[self.place(from.len())]
    }
}

#[test]
fn the_same_inputs_come_in_every_run_and_none_is_sound_for_ever() {
    let inputs = || {
        let seen = std::cell::RefCell::new(Vec::new());
        check_mutations(&[b"key = 12\n"], |input| seen.borrow_mut().push(input.to_vec()));
        seen.into_inner()
    };
    let first = inputs();
    assert_eq!(first, inputs());
    assert_eq!(first[0], b"key = 12\n");
    let different: std::collections::HashSet<_> = first.iter().collect();
    assert!(different.len() > first.len() / 2, "{} of {}", different.len(), first.len());
}

#[test]
fn a_panic_is_told_with_its_input() {
    let failed = catch_unwind(|| check_mutations(&[b"ab"], |input| assert!(input.len() < 3)));
    let message = failed.unwrap_err();
    let message = message.downcast_ref::<String>().unwrap();
    assert!(message.starts_with("the panic above is about this input: b\""), "{message}");
}
