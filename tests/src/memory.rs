//! Looks for a PIN in what a process has in memory, and in what it wrote.

use std::fs;
use std::io::{Read, Seek, SeekFrom};

/// A PIN that stands in memory and logs for no other reason; shorter than its padded form.
pub const RARE: &str = "9753186";

/// Bytes of a page.
const PAGE: u64 = 4096;

/// The PIN in every form it could be written in.
fn forms(pin: &str) -> Vec<Vec<u8>> {
    let plain = pin.as_bytes().to_vec();
    let padded = [pin.as_bytes(), &[0xFF]].concat();
    let mut forms = vec![plain.clone()];
    for bytes in [&plain, &padded] {
        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let decimal: Vec<_> = bytes.iter().map(u8::to_string).collect();
        for written in [
            hex.concat(),
            hex.join(" "),
            hex.join(":"),
            decimal.join(", "),
        ] {
            forms.push(written.clone().into_bytes());
            forms.push(written.to_uppercase().into_bytes());
        }
        // base64 at each of the three places where it can begin; the first and last letters depend
        // on what stands beside.
        for before in 0..3 {
            let shifted = [&vec![0; before][..], bytes].concat();
            let text = base64(&shifted);
            let inner = &text.as_bytes()[if before == 0 { 0 } else { before + 1 }..];
            forms.push(inner[..inner.len() - 4].to_vec());
        }
    }
    forms
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let three = [
            chunk[0],
            *chunk.get(1).unwrap_or(&0),
            *chunk.get(2).unwrap_or(&0),
        ];
        let all = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        for place in (0..4).rev() {
            let letter = usize::try_from(all >> (6 * place) & 63).unwrap();
            text.push(char::from(LETTERS[letter]));
        }
    }
    text
}

/// How often a form of [`RARE`] is in these bytes.
pub fn count(bytes: &[u8]) -> usize {
    count_of(bytes, &forms(RARE))
}

fn count_of(bytes: &[u8], forms: &[Vec<u8>]) -> usize {
    let starts: Vec<u8> = forms.iter().map(|form| form[0]).collect();
    (0..bytes.len())
        .filter(|at| starts.contains(&bytes[*at]))
        .filter(|at| forms.iter().any(|form| bytes[*at..].starts_with(form)))
        .count()
}

/// Pages that are locked (`lo`) and left out of core dumps (`dd`), by `/proc/PID/smaps`.
pub fn locked_pages(pid: i32) -> usize {
    let smaps = fs::read_to_string(format!("/proc/{pid}/smaps")).unwrap();
    let flags = smaps
        .lines()
        .filter_map(|line| line.strip_prefix("VmFlags:"));
    flags
        .filter(|flags| {
            let has = |flag| flags.split_whitespace().any(|one| one == flag);
            has("lo") && has("dd")
        })
        .count()
}

/// How often [`RARE`] is in the private memory of a process.
pub fn in_memory(pid: i32) -> usize {
    in_memory_of(pid, RARE)
}

/// The same for another PIN.
pub fn in_memory_of(pid: i32, pin: &str) -> usize {
    let forms = forms(pin);
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let mut memory = fs::File::open(format!("/proc/{pid}/mem")).unwrap();
    let mut pages = fs::File::open(format!("/proc/{pid}/pagemap")).unwrap();
    let mut found = 0;
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
        let file = fields.nth(3).unwrap_or_default();
        let anonymous = file.is_empty() || file == "[heap]";
        // Memory that nobody can write now was written when it was open: the page of a secret.
        if !rights.contains('w') && (!anonymous || rights != "---p") {
            continue;
        }
        let (begin, end) = range.split_once('-').unwrap();
        let begin = u64::from_str_radix(begin, 16).unwrap();
        let end = u64::from_str_radix(end, 16).unwrap();
        for (begin, end) in in_use(&mut pages, begin, end) {
            found += count_of(&read(&mut memory, begin, end), &forms);
        }
    }
    found
}

/// The stretches of that memory in which something was ever written: of what is reserved, gigabytes
/// may never be used. By `/proc/PID/pagemap`: 8 bytes a page, of which bits 63 and 62 say that it is
/// in memory, or swapped out.
fn in_use(pages: &mut fs::File, begin: u64, end: u64) -> Vec<(u64, u64)> {
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    let mut entries = vec![0; 1 << 20];
    let mut at = begin;
    while at < end && pages.seek(SeekFrom::Start(at / PAGE * 8)).is_ok() {
        let wanted = usize::try_from((end - at) / PAGE * 8).unwrap();
        let entries = &mut entries[..wanted.min(1 << 20)];
        if pages.read_exact(entries).is_err() {
            break;
        }
        for entry in entries.chunks_exact(8) {
            if entry[7] & 0b1100_0000 != 0 {
                match stretches.last_mut() {
                    Some((_, last)) if *last == at => *last += PAGE,
                    _ => stretches.push((at, at + PAGE)),
                }
            }
            at += PAGE;
        }
    }
    stretches
}

/// What can be read of that memory; guard pages cannot.
fn read(memory: &mut fs::File, begin: u64, end: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut page = [0; 4096];
    for at in (begin..end).step_by(page.len()) {
        if memory.seek(SeekFrom::Start(at)).is_ok() && memory.read_exact(&mut page).is_ok() {
            bytes.extend(page);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_pin_are_found_where_they_are() {
        let padded = [b"xx", RARE.as_bytes(), &[0xFF, 0x00]].concat();
        assert_eq!(count(&padded), 1);
        for before in 0..3 {
            let text = base64(&[&vec![7; before][..], RARE.as_bytes(), b"z"].concat());
            assert!(count(text.as_bytes()) > 0, "{text}");
        }
        assert!(
            count(format!("{:02X?}", RARE.as_bytes()).as_bytes()) == 0,
            "a form not looked for"
        );
        assert!(count(format!("{:?}", RARE.as_bytes()).as_bytes()) > 0);
    }
}
