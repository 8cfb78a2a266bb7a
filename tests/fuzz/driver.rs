//! Makes bent inputs out of valid samples, from a seed. `src/lib.rs` includes it as `testing`, for
//! the fuzz tests of private parsers.
//!
//! `FUZZ_INPUTS` is the number of inputs of all parsers together (default 50,000), `FUZZ_SEED` the seed. The same seed gives
//! the same inputs, in whatever order the tests run.

use std::ops::Range;

const DEFAULT_INPUTS: u64 = 50_000;
const DEFAULT_SEED: u64 = 20_270_309;

/// SplitMix64: small, and good enough to wander.
pub struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number under `end`, which is not zero.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    fn range(&mut self, length: usize) -> Range<usize> {
        let start = self.below(length + 1);
        let end = (start + self.below(24)).min(length);
        start..end
    }
}

/// Calls `check` with bent samples; it panics when a parser got one wrong. It gets `per_cent` of all inputs.
pub fn fuzz(name: &str, per_cent: u64, samples: &[&[u8]], check: impl Fn(&[u8], &mut Random)) {
    let seed = setting("FUZZ_SEED", DEFAULT_SEED);
    let own = name.bytes().fold(seed, |seed, byte| Random::new(seed ^ u64::from(byte)).next());
    for number in 0..setting("FUZZ_INPUTS", DEFAULT_INPUTS) * per_cent / 100 {
        let mut random = Random::new(own.wrapping_add(number));
        let mut input = random.pick(samples).to_vec();
        // Now and then as it is: what is valid must stay valid.
        for _ in 0..random.below(5) {
            bend(&mut input, samples, &mut random);
        }
        let printed = PrintedOnPanic { name, seed, number, input: &input };
        check(printed.input, &mut random);
    }
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Prints the input when a check or a parser panics.
struct PrintedOnPanic<'a> {
    name: &'a str,
    seed: u64,
    number: u64,
    input: &'a [u8],
}

impl Drop for PrintedOnPanic<'_> {
    #[allow(clippy::disallowed_macros, reason = "a failing test says why")]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let PrintedOnPanic { name, seed, number, input } = self;
            eprintln!("{name}, FUZZ_SEED={seed}, input {number}:\n{}", String::from_utf8_lossy(input));
        }
    }
}

/// What numbers, texts and structures are broken with.
const PIECES: [&str; 58] = [
    "0",
    "00",
    "1",
    "-1",
    "+1",
    "1e5",
    "1E5",
    "15",
    "1e-5",
    "0.1",
    ".5",
    "5.",
    "1.0",
    "-0",
    "0x10",
    "1_000",
    "1,000",
    "1,234.5",
    " 12 ",
    "NaN",
    "inf",
    "Infinity",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999",
    "0.00000000000000000000000000000001",
    "1e308",
    "1e400",
    "253402300800",
    "１２",
    "٣",
    "²",
    "null",
    "true",
    "false",
    "\"\"",
    "\"",
    "\\\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\u0031",
    "{}",
    "[]",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "=",
    "\n",
    "\r\n",
    "\u{feff}",
    "\u{202e}",
    "\0",
    "A",
];

/// One change of bytes, tokens or structure.
fn bend(input: &mut Vec<u8>, samples: &[&[u8]], random: &mut Random) {
    let range = random.range(input.len());
    match random.below(12) {
        0 => flip(input, random),
        1 => input.truncate(range.start),
        2 => drop(input.drain(range)),
        3 => insert(input, range.start, random.pick(&PIECES).as_bytes()),
        4 => {
            let piece = random.pick(&PIECES).as_bytes();
            input.splice(range, piece.iter().copied());
        }
        5 => {
            let copy = input[range.clone()].to_vec();
            insert(input, range.start, &copy);
        }
        6 => {
            let other = *random.pick(samples);
            let piece = &other[random.range(other.len())];
            input.splice(range, piece.iter().copied());
        }
        7 | 8 => replace_number(input, random),
        9 => {
            if let Some(part) = part(input, random) {
                drop(input.drain(part));
            }
        }
        10 => {
            if let Some(part) = part(input, random) {
                let copy = input[part.clone()].to_vec();
                insert(input, part.start, &copy);
            }
        }
        _ => {
            if let Some(byte) = input.get_mut(range.start) {
                *byte = random.next().to_le_bytes()[0];
            }
        }
    }
}

fn flip(input: &mut [u8], random: &mut Random) {
    if !input.is_empty() {
        let place = random.below(input.len());
        input[place] ^= 1 << random.below(8);
    }
}

fn insert(input: &mut Vec<u8>, place: usize, piece: &[u8]) {
    input.splice(place..place, piece.iter().copied());
}

/// Puts something else, number or not, in the place of a run of digits.
fn replace_number(input: &mut Vec<u8>, random: &mut Random) {
    let from = random.below(input.len() + 1);
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let Some(start) = input[from..].iter().position(is_digit).map(|place| from + place) else { return };
    let end = input[start..].iter().position(|byte| !is_digit(byte)).map_or(input.len(), |length| start + length);
    let piece = random.pick(&PIECES).as_bytes();
    input.splice(start..end, piece.iter().copied());
}

/// A member of a list or object, or a line: from one separator to the next.
fn part(input: &[u8], random: &mut Random) -> Option<Range<usize>> {
    let is_separator = |byte: &u8| matches!(byte, b',' | b'\n' | b'{' | b'[');
    let places: Vec<usize> =
        input.iter().enumerate().filter(|(_, byte)| is_separator(byte)).map(|(place, _)| place + 1).collect();
    let first = random.below(places.len().max(1));
    let second = first + 1 + random.below(3);
    Some(*places.get(first)?..*places.get(second)?)
}

/// A decimal number in its shortest form, from its digits alone; `None` for other texts. It shares no code with the parsers
/// that are compared with it.
pub fn shortest(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let number = match (whole, fraction) {
        ("", "") => return Some("0".to_owned()),
        (whole, "") => whole.to_owned(),
        ("", fraction) => format!("0.{fraction}"),
        (whole, fraction) => format!("{whole}.{fraction}"),
    };
    Some(format!("{sign}{number}"))
}

#[test]
fn the_shortest_form_of_a_number() {
    for (text, expected) in [
        ("0", Some("0")),
        ("-0.00", Some("0")),
        ("007.50", Some("7.5")),
        ("-12", Some("-12")),
        (".5", None),
        ("5.", None),
        ("1e5", None),
        ("+1", None),
        ("1,0", None),
        ("１", None),
        ("", None),
    ] {
        assert_eq!(shortest(text).as_deref(), expected, "{text}");
    }
}
