//! Fetching many files from a server that a thread of the test plays, and that does not always do what it should.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};

use crate::fs::hex::hex;
use crate::wheel::{Credentials, IndexError, IndexSettings, Wanted, fetch};

/// More than goes through a connection at once.
const SIZE: usize = 3 << 20;

/// What was asked: the path, and what else was said.
type Log = Arc<Mutex<Vec<(String, Option<String>)>>>;

fn content() -> Vec<u8> {
    (0..SIZE).map(|at| u8::try_from(at % 251).unwrap()).collect()
}

fn serve() -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let log = Log::default();
    let shared = log.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let log = shared.clone();
            std::thread::spawn(move || answer(stream.unwrap(), &log));
        }
    });
    (address, log)
}

/// Answers one question, by the beginning of its path.
fn answer(mut stream: TcpStream, log: &Log) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let path = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or_default().to_owned();
    let headers: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
    let header = |name: &str| headers.iter().find_map(|line| line.to_lowercase().strip_prefix(name).map(str::to_owned));
    let range = header("range: bytes=").and_then(|range| range.trim_end_matches('-').parse::<usize>().ok());
    let is_first = !log.lock().unwrap().iter().any(|(other, _)| *other == path);
    let note = header("range: ").or_else(|| header("authorization: "));
    log.lock().unwrap().push((path.clone(), note));
    let content = content();
    let start = range.filter(|_| !path.starts_with("/whole")).unwrap_or(0);
    let status = match &path {
        path if path.starts_with("/to/") => "302 Found",
        path if path.starts_with("/gone") => "404 Not Found",
        path if path.starts_with("/busy") => "503 Service Unavailable",
        path if path.starts_with("/past") && start >= SIZE => "416 Range Not Satisfiable",
        path if path.starts_with("/private") && header("authorization: ").is_none() => "401 Unauthorized",
        _ if start > 0 => "206 Partial Content",
        _ => "200 OK",
    };
    let body = if status.starts_with('2') { &content[start.min(SIZE)..] } else { &[] };
    let to = path.strip_prefix("/to/").map(|to| format!("Location: http://{to}\r\n")).unwrap_or_default();
    let length = if path.starts_with("/huge") { usize::MAX / 4 } else { body.len() };
    let head = format!(
        "HTTP/1.1 {status}\r\n{to}Content-Length: {length}\r\nContent-Range: bytes {start}-{}/{SIZE}\r\nConnection: close\r\n\r\n",
        SIZE - 1
    );
    let is_cut =
        path.starts_with("/always") || is_first && path.starts_with("/cut") || is_first && path.starts_with("/whole");
    let sent = if is_cut { &body[..body.len() / 2] } else { body };
    let _ = stream.write_all(&[head.as_bytes(), sent].concat());
}

fn wanted(directory: &Path, address: &str, name: &str) -> Wanted {
    Wanted {
        file: name.into(),
        url: format!("{address}/{name}"),
        sha256: hex(&Sha256::digest(content())),
        size: Some(SIZE as u64),
        path: directory.join(name),
    }
}

fn get(wanted: &[Wanted]) -> (Result<(), IndexError>, u64) {
    let received = AtomicU64::new(0);
    let result = fetch(wanted, &IndexSettings::default(), &Credentials::default(), &|bytes| {
        received.fetch_add(bytes, Ordering::Relaxed);
    });
    (result, received.into_inner())
}

#[test]
fn many_files_arrive_and_are_not_fetched_again() {
    let (scratch, (address, log)) = (tempfile::tempdir().unwrap(), serve());
    let mut all: Vec<_> = (0..9).map(|n| wanted(scratch.path(), &address, &format!("plain{n}"))).collect();
    all[3].size = None;
    let (result, received) = get(&all);
    result.unwrap();
    assert_eq!(received, 9 * SIZE as u64);
    assert!(all.iter().all(|wanted| std::fs::read(&wanted.path).unwrap() == content()));
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 9);
    // As readable as every other file of a bundle.
    let own = scratch.path().join("own");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
    std::fs::write(&own, "").unwrap();
    assert_eq!(mode(&all[0].path), mode(&own));
    std::fs::write(&all[0].path, "damaged").unwrap();
    get(&all).0.unwrap();
    assert_eq!(log.lock().unwrap().len(), 10);
}

#[test]
fn a_connection_that_breaks_off_is_resumed() {
    let (scratch, (address, log)) = (tempfile::tempdir().unwrap(), serve());
    let cut = wanted(scratch.path(), &address, "cut");
    let (result, received) = get(std::slice::from_ref(&cut));
    result.unwrap();
    assert_eq!((std::fs::read(&cut.path).unwrap() == content(), received), (true, SIZE as u64));
    assert_eq!(log.lock().unwrap()[1].1.as_deref(), Some(format!("bytes={}-", SIZE / 2).as_str()));
    // By a server that knows no ranges from the beginning.
    let whole = wanted(scratch.path(), &address, "whole");
    get(std::slice::from_ref(&whole)).0.unwrap();
    assert!(std::fs::read(&whole.path).unwrap() == content());
}

#[test]
fn what_an_earlier_attempt_left_is_used_if_it_is_the_beginning() {
    let (scratch, (address, log)) = (tempfile::tempdir().unwrap(), serve());
    let mut all = ["good", "bad", "long", "complete", "past"].map(|name| wanted(scratch.path(), &address, name));
    all[4].size = None;
    let content = content();
    let part =
        |name: &str, content: &[u8]| std::fs::write(scratch.path().join(format!("{name}.part")), content).unwrap();
    part("good", &content[..SIZE - 10]);
    part("bad", b"something else");
    part("long", &[&content[..], b"more"].concat());
    part("complete", &content);
    part("past", &[&content[..], b"more"].concat());
    get(&all).0.unwrap();
    assert!(all.iter().all(|wanted| std::fs::read(&wanted.path).unwrap() == content));
    let log = log.lock().unwrap();
    let of = |name: &str| {
        log.iter().filter(|(path, _)| path[1..] == *name).map(|(_, range)| range.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("good"), [Some(format!("bytes={}-", SIZE - 10))]);
    assert_eq!(of("bad"), [Some("bytes=14-".into()), None]);
    assert_eq!(of("long"), [None]);
    assert!(of("complete").is_empty());
    assert_eq!(of("past"), [Some(format!("bytes={}-", SIZE + 4)), None]);
}

#[test]
fn what_cannot_be_had_is_an_error_and_what_arrived_stays() {
    let (scratch, (address, log)) = (tempfile::tempdir().unwrap(), serve());
    for (name, expected, times) in [("gone", 404, 1), ("private", 401, 1), ("busy", 503, 3)] {
        let (refused, _) = get(&[wanted(scratch.path(), &address, name)]);
        assert!(matches!(refused, Err(IndexError::Refused { status, .. }) if status == expected), "{refused:?}");
        assert_eq!(log.lock().unwrap().iter().filter(|(path, _)| path[1..] == *name).count(), times, "{name}");
    }
    let mut other = wanted(scratch.path(), &address, "other");
    other.sha256 = "0".repeat(64);
    assert!(matches!(get(std::slice::from_ref(&other)).0, Err(IndexError::Checksum { .. })));
    assert!(!other.path.exists() && !scratch.path().join("other.part").exists());
    let mut longer = wanted(scratch.path(), &address, "longer");
    longer.size = Some(10);
    assert!(matches!(get(std::slice::from_ref(&longer)).0, Err(IndexError::Checksum { .. })));
    let (always, _) = get(&[wanted(scratch.path(), &address, "always")]);
    assert!(always.is_err());
    let part = || std::fs::metadata(scratch.path().join("always.part")).unwrap().len();
    let arrived = part();
    assert!(arrived > 0);
    // Also while nobody answers.
    let down = Wanted { url: "http://127.0.0.1:1/".into(), ..wanted(scratch.path(), &address, "always") };
    assert!(matches!(get(&[down]).0, Err(IndexError::Unreachable { .. })));
    assert_eq!(part(), arrived);
    let plain = Wanted { url: "http://files.example/x".into(), ..wanted(scratch.path(), &address, "plain") };
    assert!(matches!(get(&[plain]).0, Err(IndexError::Unencrypted { .. })));
}

#[test]
fn what_the_disk_has_no_room_for_is_not_begun() {
    let (scratch, (address, log)) = (tempfile::tempdir().unwrap(), serve());
    let huge = Wanted { size: None, ..wanted(scratch.path(), &address, "huge") };
    let (result, received) = get(&[huge]);
    let needed = usize::MAX as u64 / 4;
    assert!(
        matches!(result, Err(IndexError::NoRoom(room)) if room.needed == needed && room.directory == scratch.path())
    );
    assert_eq!((received, log.lock().unwrap().len()), (0, 1));
}

#[test]
fn a_password_is_sent_to_its_place() {
    let (scratch, (address, log)) = (tempfile::tempdir().unwrap(), serve());
    let private = wanted(scratch.path(), &address, "private");
    assert!(get(std::slice::from_ref(&private)).0.is_err());
    let mut credentials = Credentials::default();
    credentials.add_address(&(address.replace("http://", "http://me:secret@") + "/simple"));
    fetch(&[private], &IndexSettings::default(), &credentials, &|_| ()).unwrap();
    // In the lower case of the log.
    assert!(log.lock().unwrap().last().unwrap().1.as_deref().unwrap().starts_with("basic "));
}

#[test]
fn who_the_user_is_stays_where_it_is_known() {
    let (scratch, (address, log), (other, others)) = (tempfile::tempdir().unwrap(), serve(), serve());
    let mut known = Credentials::default();
    known.add(&address, "me", "secret");
    let get = |to: &str| {
        let one = wanted(scratch.path(), &address, &format!("to/{to}"));
        let one = Wanted { path: scratch.path().join("file"), ..one };
        fetch(&[one], &IndexSettings::default(), &known, &|_| ())
    };
    let host = |address: &str| address.strip_prefix("http://").unwrap().to_owned();
    get(&format!("{}/private", host(&address))).unwrap();
    assert!(log.lock().unwrap().iter().all(|(_, note)| note.as_deref().is_some_and(|note| note.contains("basic"))));
    std::fs::remove_file(scratch.path().join("file")).unwrap();
    // Another port is another server.
    assert!(matches!(get(&format!("{}/private", host(&other))), Err(IndexError::Refused { status: 401, .. })));
    assert_eq!(*others.lock().unwrap(), [("/private".to_owned(), None)]);
    // A host that could not have been named at once, and one that sends on without an end.
    assert!(matches!(get("i.example/file"), Err(IndexError::Unencrypted { .. })));
    let endless = format!("{}/to/", host(&address)).repeat(40);
    assert!(matches!(get(&endless), Err(IndexError::Unreachable { .. })));
}
