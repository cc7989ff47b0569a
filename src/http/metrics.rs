//! `/metrics`: what an operator watches, for Prometheus.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};

use super::answer::{Answer, ok};
use super::params::Params;
use super::requests::{BINS, CLASSES, Counted};
use super::state::App;
use crate::encode::{EXPOSITION, Exposition, Metric};

/// `GET /metrics`
pub(super) async fn metrics(State(app): State<App>, request: Request) -> Answer {
    Params::parse(request.uri().query())?.finish()?;
    let mut out = Exposition::default();
    process(&app, &mut out);
    snapshot(&app, &mut out);
    reloads(&app, &mut out);
    cache(&app, &mut out);
    work(&mut out);
    requests(&app, &mut out);
    let mut response = ok(EXPOSITION, out.into_bytes());
    let no_store = HeaderValue::from_static("no-store");
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, no_store);
    Ok(response)
}

fn process(app: &App, out: &mut Exposition) {
    out.metric(
        "buju_build_info",
        Metric::Gauge,
        "The program, as a label; always 1",
    )
    .labelled(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    out.metric(
        "process_start_time_seconds",
        Metric::Gauge,
        "When the server started, in seconds since 1970",
    )
    .value(seconds(app.started()));
    // Only Linux tells it in a file.
    if let Some(bytes) = resident() {
        out.metric(
            "process_resident_memory_bytes",
            Metric::Gauge,
            "Memory that the process has, as the kernel counts it",
        )
        .value(bytes);
    }
}

fn work(out: &mut Exposition) {
    let states = ["quick", "slow", "paused", "queued"];
    let jobs = out.metric(
        "buju_work_jobs",
        Metric::Gauge,
        "Jobs: in the quick lane, in the slow lane, waiting for it, and waiting to start",
    );
    let counts = states.into_iter().zip(super::work::counts());
    counts.fold(jobs, |jobs, (state, count)| {
        jobs.with(&[("state", state)], count)
    });
}

fn snapshot(app: &App, out: &mut Exposition) {
    let running = app.running();
    let store = &running.store;
    out.metric(
        "buju_snapshot_info",
        Metric::Gauge,
        "The version of the plan that is served, as labels; always 1",
    )
    .labelled(
        &[("plan", &store.plan().id), ("version", store.version())],
        1,
    );
    out.metric(
        "buju_snapshot_loaded_timestamp_seconds",
        Metric::Gauge,
        "Since when it is served, in seconds since 1970",
    )
    .value(seconds(running.since));
    let features = out.metric(
        "buju_snapshot_features",
        Metric::Gauge,
        "Features that are served, by collection",
    );
    store.collections().fold(features, |features, summary| {
        features.with(&[("collection", &summary.info.id)], summary.features)
    });
    out.metric(
        "buju_snapshot_warnings",
        Metric::Gauge,
        "Warnings of the checks about it",
    )
    .value(store.warnings().len());
    out.metric(
        "buju_snapshots",
        Metric::Gauge,
        "Versions in memory: more than 1 while answers of an older one are under way",
    )
    .value(app.versions());
}

fn reloads(app: &App, out: &mut Exposition) {
    let record = app.reloads().status.read();
    let mut reloads = out.metric(
        "buju_reloads_total",
        Metric::Counter,
        "Reloads, by what came of them",
    );
    for (result, count) in [
        ("swapped", record.swapped),
        ("unchanged", record.unchanged),
        ("refused", record.refused),
    ] {
        reloads = reloads.with(&[("result", result)], count);
    }
    let failure = record.failure.as_ref();
    out.metric(
        "buju_reload_failed",
        Metric::Gauge,
        "1 while the plan's files cannot be served, and an older version is",
    )
    .value(u8::from(failure.is_some()));
    out.metric(
        "buju_reload_errors",
        Metric::Gauge,
        "Errors of the plan, or of what it needs, that the last reload found, while it is refused",
    )
    .value(failure.map_or(0, |failure| failure.refusal.errors));
    let running = record.running.and_then(|since| since.elapsed().ok());
    out.metric(
        "buju_reload_running_seconds",
        Metric::Gauge,
        "For how long the plan's files have been looked at or read by now; 0 while they are not",
    )
    .value(running.unwrap_or_default().as_secs_f64());
    out.metric(
        "buju_reload_watching",
        Metric::Gauge,
        "1 where the plan's files are watched",
    )
    .value(u8::from(app.reloads().watching()));
    if let Some((at, took)) = record.last {
        out.metric(
            "buju_reload_last_timestamp_seconds",
            Metric::Gauge,
            "When the last reload ended, in seconds since 1970",
        )
        .value(seconds(at));
        out.metric(
            "buju_reload_last_duration_seconds",
            Metric::Gauge,
            "How long it took",
        )
        .value(took.as_secs_f64());
    }
}

fn cache(app: &App, out: &mut Exposition) {
    let usage = app.cache().usage();
    let temp = app.spools().usage();
    for (name, help, value) in [
        (
            "buju_cache_bytes",
            "Memory that finished answers take",
            usage.bytes,
        ),
        (
            "buju_cache_capacity_bytes",
            "Memory that they may take",
            usage.capacity,
        ),
        (
            "buju_cache_answers",
            "Finished answers that are held",
            usage.answers as u64,
        ),
        (
            "buju_unsent_bytes",
            "Finished answers over 128 KiB that clients are taking",
            app.unsent().bytes() as u64,
        ),
        (
            "buju_temp_bytes",
            "Room that large files take in the temporary folder",
            temp.0,
        ),
        (
            "buju_temp_capacity_bytes",
            "Room that they may take",
            temp.1,
        ),
    ] {
        out.metric(name, Metric::Gauge, help).value(value);
    }
    for (name, help, value) in [
        (
            "buju_cache_hits_total",
            "Requests that were answered from there",
            usage.hits,
        ),
        (
            "buju_cache_misses_total",
            "Requests that were not",
            usage.misses,
        ),
    ] {
        out.metric(name, Metric::Counter, help).value(value);
    }
}

fn requests(app: &App, out: &mut Exposition) {
    let counted: Vec<Counted> = app.requests().counted().collect();
    let mut answers = out.metric(
        "buju_http_requests_total",
        Metric::Counter,
        "Answers, by what was asked for and the class of their status",
    );
    for of in &counted {
        for (class, count) in CLASSES.iter().zip(of.classes) {
            let labels = [("kind", of.kind.name()), ("status", class)];
            answers = answers.with(&labels, count);
        }
    }
    let mut times = out.metric(
        "buju_http_request_duration_seconds",
        Metric::Histogram,
        "Time until an answer began, by what was asked for",
    );
    for of in &counted {
        let kind = ("kind", of.kind.name());
        for ((_, most), count) in BINS.iter().zip(of.within) {
            times = times.part("_bucket", &[kind, ("le", most)], count);
        }
        let sum = Duration::from_micros(of.micros).as_secs_f64();
        times = times
            .part("_bucket", &[kind, ("le", "+Inf")], of.all)
            .part("_sum", &[kind], sum)
            .part("_count", &[kind], of.all);
    }
}

fn seconds(time: SystemTime) -> f64 {
    let since = time.duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    kib.checked_mul(1024)
}
