use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args};

use super::signals::Stop;
use super::token::admin_token;
use super::{CliError, PlanArg, counted};
use crate::http::{self, AllowedHost, App, Limits, PublicUrl, Settings, router};

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
    /// Where clients find the server, when a proxy stands before it: http or https, a host, and the path that the proxy
    /// serves it below, if any
    #[arg(long, value_name = "URL", env = "BUJU_PUBLIC_URL")]
    public_url: Option<PublicUrl>,
    /// A host that links may name when clients ask for it, such as plan.example or plan.example:8080; can be repeated.
    /// This machine, addresses of local networks and names without a dot need not be listed; with any other, links
    /// have no host. With --public-url, all links have that one
    #[arg(
        long = "allowed-host",
        value_name = "HOST",
        env = "BUJU_ALLOWED_HOSTS",
        value_delimiter = ','
    )]
    allowed_hosts: Vec<AllowedHost>,
    /// Memory for finished answers, in megabytes of 1048576 bytes; with 0 each is made anew
    #[arg(long, value_name = "MB", env = "BUJU_CACHE_MB", default_value_t = 128)]
    cache_mb: u32,
    /// Look at the plan's files every two seconds, and serve a new version once a change is over
    #[arg(
        long,
        value_name = "YES",
        env = "BUJU_WATCH",
        default_value = "true",
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true,
        action = ArgAction::Set,
        value_parser = BoolishValueParser::new(),
        overrides_with = "no_watch"
    )]
    watch: bool,
    /// Do not: reload only on the signal HUP or POST /admin/reload
    #[arg(long, overrides_with = "watch")]
    no_watch: bool,
    /// A file with the token for POST /admin/reload, 16 characters or more; or the token itself in the environment
    /// variable `BUJU_ADMIN_TOKEN`, which counts as not set where it is empty. Without one nobody may
    #[arg(long, value_name = "FILE", env = "BUJU_ADMIN_TOKEN_FILE")]
    admin_token_file: Option<PathBuf>,
}

pub(super) fn serve(args: &ServeArgs) -> Result<ExitCode, CliError> {
    let admin = admin_token(args.admin_token_file.as_deref())?;
    std::thread::spawn(http::pack_page);
    let files = args.plan.files();
    // What is written from now on is either read below, or found to be new later.
    let stamp = files.stamp();
    let store = args.plan.open()?;
    http::check_basemaps(store.plan()).map_err(CliError::Basemap)?;
    let features = store.collections().map(|summary| summary.features).sum();
    let title = store.plan().title.clone();
    let settings = Settings {
        public_url: args.public_url.clone(),
        allowed_hosts: args.allowed_hosts.clone(),
        listen: Some(args.listen),
        cache: u64::from(args.cache_mb) << 20,
        admin,
    };
    let app = App::new(store, settings);
    let prepared = app.clone();
    // Queries are answered meanwhile.
    std::thread::spawn(move || prepared.prepare());
    app.follow(files, stamp, args.watch && !args.no_watch)?;
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
        let stop = Stop::heard(app.clone())?;
        let features = counted(features, "feature");
        eprintln!("{} / {}: {features}", title.zh, title.en);
        eprintln!("http://{address}/  (stop with Ctrl-C)");
        let server = http::serve(
            listener,
            router(app),
            Limits::default(),
            stop.clone().wait(),
        );
        let out_of_patience = async {
            stop.wait().await;
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
