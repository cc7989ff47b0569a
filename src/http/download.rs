//! A file of features on its way to the client.
//!
//! A small file is made whole before the answer begins: it has a length, and a row that its format
//! cannot hold is a problem document. A large one is written to a temporary file as fast as it can be made, and every
//! client reads it from there: a million rows never lie in memory, and a client that reads slowly keeps nobody from
//! anything. Where a format is written row by row the answer begins with the first bytes; what fails then breaks the
//! connection off, so that nobody takes half a file for a whole one.

use std::io::{self, Write};
use std::sync::{Arc, LazyLock};
use std::thread::available_parallelism;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use http_body::Frame;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::answer::{Answer, ok};
use super::coding::{Coding, Compressor, Effort};
use super::features::no_collection;
use super::items::Items;
use super::pool::lower_this_thread;
use super::problem::Problem;
use super::range::FromFile;
use super::spool::{Facts, Maker, Reader, Ready, Spool, Spools};
use super::state::App;
use super::work::{self, work};
use crate::crs::{Crs, Reprojector};
use crate::encode::{self, EncodeError, Table, Wishes};

/// Up to here a file is made whole.
const WHOLE: usize = 1 << 20;

/// Rows from which a file counts as large before it is known how long it gets.
const MANY_ROWS: usize = 2_000;

/// Large files that are made at once, per core: each takes a core, and a file of its own while it is made.
const MAKING: usize = 2;

/// Large files that wait for that, each on a thread, and for how long. Nothing is written for them before.
const QUEUED: usize = 32;
const QUEUED_FOR: Duration = Duration::from_secs(20);

static MAKERS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = available_parallelism().map_or(1, usize::from);
    Semaphore::new(MAKING * cores)
});
static QUEUE: Semaphore = Semaphore::const_new(QUEUED);

/// Answers with a file; `whole` where its length has to be known.
pub(super) async fn download(app: &App, asked: Items, coding: Coding, whole: bool) -> Answer {
    let coding = fitting(&asked, coding);
    let key = asked.key(coding);
    let asked = Arc::new(asked);
    loop {
        let (reader, maker) = app.spools().join(&key);
        if let Some(maker) = maker {
            let place = work::place().await?;
            let making = Making {
                asked: asked.clone(),
                spools: app.spools().clone(),
                spool: maker.spool(),
                handle: Handle::current(),
            };
            // A thread of its own, which may be lowered: it ends with the file.
            std::thread::Builder::new()
                .name("buju-file".to_owned())
                .spawn(move || making.run(maker, coding, place))
                .map_err(|error| Problem::failed(&error))?;
        }
        match reader.ready(whole || !asked.format.streams()).await? {
            Ready::Small(facts, bytes) => return headed(&asked, &facts, bytes),
            Ready::Large(facts, length) => return large(&asked, &facts, length, coding, reader),
            // Who asked first has gone before it was begun.
            Ready::Abandoned => {}
        }
    }
}

type Permit = SemaphorePermit<'static>;

/// Answers with the headers of a file, without making it. They have its length where it has been made before.
pub(super) async fn head(app: &App, asked: Items, coding: Coding) -> Answer {
    let coding = fitting(&asked, coding);
    let length = app.spools().length(&asked.key(coding));
    let context = asked.service.work.clone();
    work(&context, move || {
        let store = &asked.service.store;
        let selection = store
            .select_from(&asked.collection, &asked.query, asked.limit, asked.begin())?
            .ok_or_else(|| no_collection(&asked.collection))?;
        let facts = Facts {
            matched: selection.matched,
            returned: selection.returned(),
            next: selection.next.clone(),
        };
        let mut response = headed(&asked, &facts, Vec::new().into())?;
        announce(&mut response, length, coding);
        *response.body_mut() = Body::new(NotMade);
        Ok(response)
    })
    .await
}

/// What is compressed already is sent as it is.
fn fitting(asked: &Items, coding: Coding) -> Coding {
    if asked.format.is_compressed() {
        Coding::Identity
    } else {
        coding
    }
}

fn headed(asked: &Items, facts: &Facts, bytes: Bytes) -> Answer {
    let mut head = ok(asked.format.media_type(), Vec::new());
    head.headers_mut().remove(header::CONTENT_LENGTH);
    *head.body_mut() = Body::from(bytes);
    let bytes = HeaderValue::from_static("bytes");
    head.headers_mut().insert(header::ACCEPT_RANGES, bytes);
    let counts = (facts.matched, facts.returned);
    asked.headed(head, counts, facts.next.as_deref())
}

fn large(
    asked: &Items,
    facts: &Facts,
    length: Option<u64>,
    coding: Coding,
    reader: Reader,
) -> Answer {
    let mut response = headed(asked, facts, Bytes::new())?;
    announce(&mut response, length, coding);
    let from_file = FromFile(reader.clone());
    response.extensions_mut().insert(from_file);
    *response.body_mut() = reader.body(0, length);
    Ok(response)
}

/// What the headers of a large file say beside those of a small one.
fn announce(response: &mut Response, length: Option<u64>, coding: Coding) {
    response.extensions_mut().insert(Flowing);
    let headers = response.headers_mut();
    if coding != Coding::Identity {
        let coding = HeaderValue::from_static(coding.name());
        headers.insert(header::CONTENT_ENCODING, coding);
    }
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, length.into());
    }
}

/// A file that is being made, on a thread of its own.
struct Making {
    asked: Arc<Items>,
    spools: Spools,
    spool: Arc<Spool>,
    handle: Handle,
}

impl Making {
    fn run(&self, mut maker: Maker, coding: Coding, place: Permit) {
        // From here on how it ends is told here.
        maker.is_begun = true;
        let mut out = Out {
            state: Some(State::Small(Vec::new(), maker)),
            coding,
            facts: None,
        };
        let made = self.write(&mut out, place).and_then(|_held| {
            let ended = out.end(&self.handle);
            ended.map_err(|error| refused(EncodeError::Io(error)))
        });
        if let Err(problem) = made {
            self.spool.fail(problem);
        }
    }

    /// Writes it, and returns what has to be held until its end.
    fn write(&self, out: &mut Out, place: Permit) -> Result<(Permit, Option<Permit>), Problem> {
        let asked = &self.asked;
        let store = &asked.service.store;
        let id = &asked.collection;
        let summary = store.collection(id).ok_or_else(|| no_collection(id))?;
        let selection = store
            .select_from(id, &asked.query, asked.limit, asked.begin())?
            .ok_or_else(|| no_collection(id))?;
        let facts = Facts {
            matched: selection.matched,
            returned: selection.returned(),
            next: selection.next.clone(),
        };
        let held = if selection.returned() > MANY_ROWS {
            // Small files pass while it waits.
            drop(place);
            let permit = self.permit()?;
            out.announce(&facts);
            (self.handle.block_on(work::place())?, Some(permit))
        } else {
            (place, None)
        };
        out.facts = Some(facts);
        let to =
            Reprojector::new(Crs::Crs84, asked.crs).map_err(|error| Problem::failed(&error))?;
        // Where nobody waits any more the rows end, and the first write fails.
        let wanted = selection.features().take_while(|_| self.spool.is_wanted());
        let mut rows = wanted.map(|(row, metres)| {
            let mut feature = asked.choice.of(row, metres);
            let shape = feature.geometry.as_ref();
            let moved = shape.map(|shape| to.geometry(shape)).transpose();
            feature.geometry = moved.map_err(|error| to.failed_at(&feature.id.text(), error))?;
            Ok(feature)
        });
        let table = Table {
            collection: summary.info,
            columns: asked.choice.columns(),
            crs: asked.crs,
            features: &mut rows,
        };
        let wishes = Wishes {
            bom: asked.bom,
            formulas: asked.formulas,
            matched: Some(selection.matched),
            ..Wishes::default()
        };
        encode::write(asked.format, table, wishes, out).map_err(refused)?;
        Ok(held)
    }

    /// Leave to make a large file.
    fn permit(&self) -> Result<Permit, Problem> {
        if !self.spools.has_room() {
            return Err(Problem::no_room());
        }
        if let Ok(permit) = MAKERS.try_acquire() {
            return Ok(permit);
        }
        let _queued = QUEUE.try_acquire().map_err(|_| Problem::many_files())?;
        let permit = async { timeout(QUEUED_FOR, MAKERS.acquire()).await };
        match self.handle.block_on(permit) {
            Ok(permit) => permit.map_err(|error| Problem::failed(&error)),
            Err(_) => Err(Problem::many_files()),
        }
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        // After a panic.
        if std::thread::panicking() && self.spool.is_open() {
            self.spool.fail(Problem::failed(&"a panic"));
        }
    }
}

/// What the client may mend is a 400; the rest is ours.
fn refused(error: EncodeError) -> Problem {
    use io::ErrorKind::{BrokenPipe, StorageFull};
    match error {
        EncodeError::Crs { .. } | EncodeError::Reprojection(_) => Problem::parameter("crs", error),
        EncodeError::Value { .. } | EncodeError::Size { .. } => Problem::parameter("f", error),
        EncodeError::Io(ref cause) if cause.kind() == StorageFull => {
            tracing::warn!(%error, "a download has no room: see --temp-mb");
            Problem::no_room()
        }
        EncodeError::Io(ref cause) if cause.kind() == BrokenPipe => {
            tracing::info!("a download was broken off");
            // Nobody is there to read it.
            Problem::too_slow()
        }
        EncodeError::Io(_) | EncodeError::Library { .. } => Problem::failed(&error),
    }
}

/// Where a file is written to: memory first, a temporary file once it grows.
struct Out {
    /// None where it could not grow.
    state: Option<State>,
    coding: Coding,
    /// There from before the first byte.
    facts: Option<Facts>,
}

enum State {
    Small(Vec<u8>, Maker),
    Large(Box<Compressor<Maker>>),
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.state {
            Some(State::Small(body, _)) if body.len() + bytes.len() <= WHOLE => {
                body.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            Some(State::Small(..)) => {
                self.grow()?;
                self.write(bytes)
            }
            Some(State::Large(body)) => body.write(bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // Flushing a compressor at every chance would cost its ratio.
        Ok(())
    }
}

impl Out {
    fn facts(&self) -> io::Result<Facts> {
        let facts = self.facts.clone();
        facts.ok_or_else(|| io::Error::other("a file without headers"))
    }

    fn grow(&mut self) -> io::Result<()> {
        let facts = self.facts()?;
        let Some(State::Small(body, mut maker)) = self.state.take() else {
            return Ok(());
        };
        maker.start(&facts)?;
        // From here on everybody else goes first.
        lower_this_thread();
        let mut compressor = self.coding.compressor(maker, Effort::Waiting)?;
        compressor.write_all(&body)?;
        self.state = Some(State::Large(Box::new(compressor)));
        Ok(())
    }

    fn announce(&self, facts: &Facts) {
        if let Some(State::Small(_, maker)) = &self.state {
            maker.announce(facts);
        }
    }

    fn end(mut self, handle: &Handle) -> io::Result<()> {
        let facts = self.facts()?;
        match self.state.take() {
            Some(State::Small(body, maker)) => {
                let as_sent = self.coding == Coding::Identity;
                maker.small(facts, Bytes::from(body.into_boxed_slice()), as_sent);
            }
            Some(State::Large(body)) => body.finish()?.finish(facts, handle),
            None => return Err(io::ErrorKind::BrokenPipe.into()),
        }
        Ok(())
    }
}

/// The body of an answer to `HEAD`, of which nobody knows the length.
struct NotMade;

impl http_body::Body for NotMade {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<io::Result<Frame<Bytes>>>> {
        std::task::Poll::Ready(None)
    }
}

/// Marks an answer that is not held: its body is read from a file, compressed already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flowing;
