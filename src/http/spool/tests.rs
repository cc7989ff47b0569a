use std::io::{self, Write};
use std::time::Instant;

use http_body_util::BodyExt;
use tokio::runtime::Handle;

use super::shelf::PROTECTED;
use super::*;

fn facts() -> Facts {
    Facts {
        matched: 1,
        returned: 1,
        next: None,
    }
}

fn made(spools: &Spools, key: &[u8], length: usize) -> io::Result<Reader> {
    let (reader, maker) = spools.join(key);
    let mut maker = maker.expect("nobody makes it");
    maker.start(&facts())?;
    maker.write_all(&vec![key[0]; length])?;
    maker.finish(facts(), &Handle::current());
    Ok(reader)
}

async fn body(reader: Reader, from: u64, to: Option<u64>) -> Option<Vec<u8>> {
    let body = reader.body(from, to).collect().await.ok()?;
    Some(body.to_bytes().to_vec())
}

#[tokio::test]
async fn readers_follow_the_writer() {
    let spools = Spools::new(64 << 20);
    let (reader, maker) = spools.join(b"a");
    let mut maker = maker.expect("nobody makes it");
    let (other, none) = spools.join(b"a");
    assert!(none.is_none());
    maker.start(&facts()).expect("a file");
    let whole = tokio::spawn(body(reader, 0, None));
    let part = tokio::spawn(body(other, 100_000, Some(300_000)));
    let bytes: Vec<u8> = (0..400_000_u32).map(|at| (at % 251) as u8).collect();
    for piece in bytes.chunks(30_000) {
        maker.write_all(piece).expect("written");
        tokio::task::yield_now().await;
    }
    assert!(!whole.is_finished());
    maker.finish(facts(), &Handle::current());
    assert_eq!(whole.await.expect("read").expect("whole"), bytes);
    let part = part.await.expect("read").expect("whole");
    assert_eq!(part, bytes[100_000..300_000]);
    // It stays for those who come back.
    let (again, none) = spools.join(b"a");
    assert!(none.is_none());
    assert_eq!(again.length().await, Some(400_000));
    assert_eq!(body(again, 399_990, None).await.expect("read").len(), 10);
    spools.forget_unread();
    assert!(spools.join(b"a").1.is_some());
    assert_eq!(spools.lock().bytes, 0);
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_made() {
    let spools = Spools::new(64 << 20);
    let (reader, maker) = spools.join(b"a");
    let mut maker = maker.expect("nobody makes it");
    let other = reader.clone();
    maker.start(&facts()).expect("a file");
    maker.write_all(&[0; 100]).expect("written");
    drop(reader);
    maker.write_all(&[0; 100]).expect("somebody waits");
    drop(other);
    let gone = maker.write_all(&[0; 100]).expect_err("nobody waits");
    assert_eq!(gone.kind(), io::ErrorKind::BrokenPipe);
    // Who comes now begins anew.
    let (reader, next) = spools.join(b"a");
    assert!(next.is_some());
    drop(maker);
    assert!(spools.join(b"a").1.is_none());
    drop(next);
    assert!(matches!(reader.ready(false).await, Ok(Ready::Abandoned)));
}

#[tokio::test]
async fn the_quota_is_kept() {
    let quota = 5 * STEP;
    let spools = Spools::new(quota);
    let step = usize::try_from(STEP).expect("small");
    drop(made(&spools, b"a", 2 * step).expect("made"));
    drop(made(&spools, b"b", 2 * step).expect("made"));
    // The longest unread goes.
    let reader = made(&spools, b"c", 2 * step).expect("made");
    assert!(spools.join(b"b").1.is_none() && spools.join(b"a").1.is_some());
    // Nothing is there that may go: not what is read since a moment ago.
    let other = made(&spools, b"d", 3 * step).expect("made");
    assert!(!spools.has_room());
    let full = made(&spools, b"e", step).map(drop).expect_err("no room");
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    assert_eq!(spools.lock().bytes, quota);
    // After a minute it may.
    let begun = Instant::now().checked_sub(PROTECTED).expect("a time");
    {
        let mut files = spools.lock();
        files.entries.get_mut(&b"c"[..]).expect("there").begun = begun;
    }
    assert!(spools.has_room());
    let next = made(&spools, b"e", step).expect("made");
    assert!(body(reader, 0, None).await.is_none());
    assert_eq!(
        body(other, 0, None).await.map(|body| body.len()),
        Some(3 * step)
    );
    assert_eq!(body(next, 0, None).await.map(|body| body.len()), Some(step));
    // One alone can be too large.
    assert!(made(&spools, b"f", 6 * step).is_err());
}
