use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::{CliError, PlanArg, counted};
use crate::http::{self, App, Limits, router};

/// The longest that a stop waits for answers under way. A client that sends half a request, or reads
/// nothing, would else keep the server running.
const PARTING: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    plan: PlanArg,
    /// Address and port to listen on
    #[arg(
        long,
        value_name = "ADDR",
        env = "BUJU_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    listen: SocketAddr,
    /// Where clients find the server, when a proxy stands before it
    #[arg(long, value_name = "URL", env = "BUJU_PUBLIC_URL")]
    public_url: Option<String>,
    /// Memory for finished answers, in megabytes of 1048576 bytes; with 0 each is made anew
    #[arg(long, value_name = "MB", env = "BUJU_CACHE_MB", default_value_t = 128)]
    cache_mb: u32,
}

pub(super) fn serve(args: &ServeArgs) -> Result<ExitCode, CliError> {
    std::thread::spawn(http::pack_page);
    let store = args.plan.open()?;
    http::check_basemaps(store.plan()).map_err(CliError::Basemap)?;
    let features = store.collections().map(|summary| summary.features).sum();
    let title = store.plan().title.clone();
    let app = App::new(
        store,
        args.public_url.as_deref(),
        u64::from(args.cache_mb) << 20,
    );
    let prepared = app.clone();
    // Queries are answered meanwhile.
    std::thread::spawn(move || prepared.prepare());
    let app = router(app);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(http::threads())
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen)
            .await
            .map_err(|reason| CliError::Listen {
                address: args.listen,
                reason,
            })?;
        let address = listener.local_addr()?;
        let features = counted(features, "feature");
        eprintln!("{} / {}: {features}", title.zh, title.en);
        eprintln!("http://{address}/  (stop with Ctrl-C)");
        let server = http::serve(listener, app, Limits::default(), stopped());
        let out_of_patience = async {
            stopped().await;
            tokio::time::sleep(PARTING).await;
        };
        tokio::select! {
            () = server => {}
            () = out_of_patience => {}
        }
        Ok(ExitCode::SUCCESS)
    });
    // Work that a client no longer waits for is not waited for either.
    runtime.shutdown_background();
    served
}

/// Ctrl-C, or the signal that a service manager sends.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = interrupt.await;
}
