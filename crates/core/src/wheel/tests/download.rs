//! Downloads from an index that a thread of the test plays.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use crate::fs::hex::hex;
use crate::wheel::cache::Cache;
use crate::wheel::testing::{WHEEL_NAME, cache_dir, imaginary_interpreter, wheel_entries, write_wheel, zip};
use crate::wheel::update::{UpdateError, is_due, update_pip};
use crate::wheel::{
    Download, Event, IndexError, IndexSettings, Project, SeedError, SeedRequest, Seeded, Sources, Target,
};

/// Starts a server for some paths; returns its address. It ends with the test.
fn serve(pages: Vec<(String, &'static str, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            let path = lines.next().unwrap_or_default().split(' ').nth(1).unwrap_or_default().to_owned();
            lines.take_while(|line| !line.is_empty()).for_each(drop);
            let page = pages.iter().find(|(page, ..)| *page == path);
            let (status, kind, body) =
                page.map_or(("404 Not Found", "", &[][..]), |(_, kind, body)| ("200 OK", kind, body));
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close");
            let _ = stream.write_all(&[head.as_bytes(), b"\r\n\r\n", body].concat());
        }
    });
    address
}

/// An index that offers the wheel under a hash.
fn index(sha256: &str) -> String {
    let file = format!(
        r#"{{"filename":"{WHEEL_NAME}","url":"/files/{WHEEL_NAME}","hashes":{{"sha256":"{sha256}"}},"yanked":false}}"#
    );
    serve(vec![
        ("/simple/pip/".into(), "application/vnd.pypi.simple.v1+json", format!(r#"{{"files":[{file}]}}"#).into_bytes()),
        ("/broken/pip/".into(), "application/json", b"{".to_vec()),
        (format!("/files/{WHEEL_NAME}"), "application/octet-stream", zip(&wheel_entries())),
    ])
}

struct Attempt {
    result: Result<Seeded, SeedError>,
    events: Vec<Event>,
}

fn attempt(scratch: &Path, name: &str, index_url: String, download: Download, cache: bool) -> Attempt {
    let root = scratch.join(name);
    std::fs::create_dir(&root).unwrap();
    let interpreter = imaginary_interpreter(12);
    let target = Target { interpreter: &interpreter, root: &root, final_root: &root };
    let search_dirs = vec![scratch.join("wheels")];
    let index = IndexSettings { index_url, ..IndexSettings::default() };
    let sources = Sources { search_dirs, download, index, ..Sources::default() };
    let request = SeedRequest { project: Project::Pip, version: None };
    let cache = cache.then(|| scratch.join("cache"));
    let mut events = Vec::new();
    let result = crate::wheel::seed(&[request], &sources, &target, cache.as_deref().map(cache_dir), &mut |event| {
        events.push(event);
    });
    Attempt { result, events }
}

#[test]
fn a_missing_wheel_is_downloaded_once() {
    let scratch = tempfile::tempdir().unwrap();
    let url = index(&hex(&Sha256::digest(zip(&wheel_entries())))) + "/simple";
    let first = attempt(scratch.path(), "one", url.clone(), Download::IfMissing, true);
    assert_eq!(first.result.unwrap().distributions, [("pip".to_owned(), "99.1".to_owned())]);
    assert!(first.events.iter().any(|event| matches!(event, Event::Downloading { received: 1.., .. })));
    let second = attempt(scratch.path(), "two", url.clone(), Download::IfMissing, true);
    assert!(second.result.is_ok() && second.events.is_empty());
    let without_cache = attempt(scratch.path(), "three", url, Download::Always, false);
    assert!(without_cache.result.is_ok());
    assert!(scratch.path().join("three/bin/pip3.12").exists());
    assert_eq!(std::fs::read_dir(scratch.path().join("three")).unwrap().count(), 2);
}

#[test]
fn an_index_is_asked_only_when_it_may_be() {
    let scratch = tempfile::tempdir().unwrap();
    let unreachable = "https://index.invalid/simple".to_owned();
    let never = attempt(scratch.path(), "one", unreachable.clone(), Download::Never, true);
    assert!(matches!(never.result, Err(SeedError::NotFound { .. })) && never.events.is_empty());
    write_wheel(&scratch.path().join("wheels"), &wheel_entries());
    let local = attempt(scratch.path(), "two", unreachable, Download::IfMissing, true);
    assert!(local.result.is_ok() && local.events.is_empty());
}

#[test]
fn a_file_with_another_hash_is_refused() {
    let scratch = tempfile::tempdir().unwrap();
    let url = index(&"0".repeat(64)) + "/simple";
    let result = attempt(scratch.path(), "one", url, Download::Always, true).result;
    assert!(matches!(result, Err(SeedError::Index(IndexError::Checksum { .. }))));
    assert_eq!(std::fs::read_dir(scratch.path().join("cache/v1/downloads")).unwrap().count(), 0);
}

#[test]
fn a_newer_pip_is_looked_for_now_and_then() {
    let scratch = tempfile::tempdir().unwrap();
    let cache = scratch.path().join("cache");
    let interpreter = imaginary_interpreter(12);
    let now = |days: u64| SystemTime::UNIX_EPOCH + Duration::from_secs((20_000 + days) * 86_400);
    let update = |index_url: &str, days: u64| {
        let index = IndexSettings { index_url: index_url.to_owned(), ..IndexSettings::default() };
        let search_dirs = vec![scratch.path().join("wheels")];
        let sources = Sources { search_dirs, download: Download::IfMissing, index, ..Sources::default() };
        update_pip(cache_dir(&cache), &sources, &interpreter, now(days))
    };
    let downloads = || std::fs::read_dir(cache.join("v1/downloads")).unwrap().count();
    let unreachable = "https://index.invalid/simple";
    let sound = index(&hex(&Sha256::digest(zip(&wheel_entries())))) + "/simple";

    // A cache that was removed meanwhile does not come back.
    assert!(update(&sound, 0).unwrap().is_none() && !cache.exists());
    Cache::open(cache_dir(&cache)).unwrap();
    assert!(is_due(cache_dir(&cache), now(0)));
    // A look that fails is a look.
    assert!(matches!(update(unreachable, 0), Err(UpdateError::Index(_))));
    assert!(!is_due(cache_dir(&cache), now(13)) && is_due(cache_dir(&cache), now(14)));
    assert_eq!(update(unreachable, 13).unwrap(), None);
    let wrong = index(&"0".repeat(64)) + "/simple";
    assert!(matches!(update(&wrong, 14), Err(UpdateError::Index(IndexError::Checksum { .. }))));
    assert_eq!(downloads(), 0);
    assert!(update(&sound, 28).unwrap().is_some());
    assert_eq!(downloads(), 1);
    // Now it is the newest of the machine, and nothing is newer.
    let root = attempt(scratch.path(), "env", unreachable.into(), Download::Never, true);
    assert_eq!(root.result.unwrap().distributions, [("pip".to_owned(), "99.1".to_owned())]);
    assert_eq!(update(&sound, 42).unwrap(), None);
    // A clock that was wrong, and a stamp that is none.
    for stamp in ["99999999999", "", "\0", "-1"] {
        std::fs::write(cache.join("v1/pip-update"), stamp).unwrap();
        assert!(is_due(cache_dir(&cache), now(43)), "{stamp:?}");
    }
}

#[test]
fn nothing_is_looked_for_without_an_index() {
    let scratch = tempfile::tempdir().unwrap();
    let cache = scratch.path().join("cache");
    let no_index = IndexSettings { no_index: true, ..IndexSettings::default() };
    for (download, index) in [(Download::Never, IndexSettings::default()), (Download::IfMissing, no_index)] {
        let sources = Sources { download, index, ..Sources::default() };
        let found = update_pip(cache_dir(&cache), &sources, &imaginary_interpreter(12), SystemTime::now()).unwrap();
        assert!(found.is_none() && !cache.exists());
    }
}

#[test]
fn broken_and_missing_pages_name_the_host() {
    let scratch = tempfile::tempdir().unwrap();
    let address = index(&"0".repeat(64));
    let host = address.trim_start_matches("http://").to_owned();
    for (name, message) in [("broken", "did not send an index page"), ("missing", "could not download")] {
        let url = address.replace("http://", "http://me:secret@") + "/" + name;
        let error = attempt(scratch.path(), name, url, Download::Always, true).result.unwrap_err().to_string();
        assert!(error.contains(message) && error.contains(&host) && !error.contains("secret"), "{error}");
    }
}
