use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args};

use tokio::net::TcpListener;

use super::duration::duration;
use super::signals::Ending;
use super::token::admin_token;
use super::{CliError, PlanArg, counted};
use crate::http::{
    self, AllowedHost, App, Limits, Network, PublicUrl, Settings, admin_router, router,
};

/// The code that the program exits with where answers were cut off.
const CUT: u8 = 3;

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
    /// Room for large downloads in the system's temporary folder (`TMPDIR`), in megabytes of 1048576 bytes
    #[arg(long, value_name = "MB", env = "BUJU_TEMP_MB", default_value_t = 4096)]
    temp_mb: u32,
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
    /// Another address and port for those who run the server: `/metrics`, `/admin/reload`, and `/readyz` with the
    /// errors of a plan that was refused. The first two are then 404 on the public one
    #[arg(long, value_name = "ADDR", env = "BUJU_ADMIN_LISTEN")]
    admin_listen: Option<SocketAddr>,
    /// Open connections; when there are as many, the longest idle ends for a new one [default: 10000, or as many as the
    /// limit of open files is enough for]
    #[arg(long, value_name = "N", env = "BUJU_CONNECTIONS", value_parser = at_least_one)]
    connections: Option<usize>,
    /// Open connections of one client address (of a /64 network with IPv6)
    #[arg(
        long,
        value_name = "N",
        env = "BUJU_CONNECTIONS_PER_ADDRESS",
        default_value = "256",
        value_parser = at_least_one
    )]
    connections_per_address: usize,
    /// A proxy before the server, as address or network (10.0.0.0/8): the bound per address is not for it, since many
    /// clients stand behind it, nor for loopback. Can be given several times
    #[arg(long, value_name = "ADDR", env = "BUJU_PROXY", value_delimiter = ',')]
    proxy: Vec<Network>,
    /// After TERM or Ctrl-C, how long answers under way may take: 30s, 2m, 500ms. A second signal ends at once
    #[arg(long, value_name = "TIME", env = "BUJU_DRAIN", default_value = "30s", value_parser = duration)]
    drain: Duration,
    /// How long of it new connections are still answered after TERM, while `/readyz` says 503: load balancers notice
    #[arg(long, value_name = "TIME", env = "BUJU_DRAIN_NOTICE", default_value = "2s", value_parser = duration)]
    drain_notice: Duration,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "expected a whole number above 0".to_owned())
}

pub(super) fn serve(args: &ServeArgs) -> Result<ExitCode, CliError> {
    let admin = admin_token(args.admin_token_file.as_deref())?;
    std::thread::spawn(http::pack_page);
    std::thread::spawn(crate::encode::remove_leftovers);
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
        admin_apart: args.admin_listen.is_some(),
        temp: Some(u64::from(args.temp_mb) << 20),
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
    let limits = Limits {
        connections: http::connections_possible(),
        per_address: args.connections_per_address,
        ..Limits::default()
    };
    let mut limits = Limits {
        connections: args.connections.unwrap_or(limits.connections),
        ..limits
    };
    limits.exempt.extend(&args.proxy);
    let ending = Ending {
        notice: args.drain_notice,
        drain: args.drain,
    };
    let served = runtime.block_on(async {
        let listener = bind(args.listen).await?;
        let address = listener.local_addr()?;
        let apart = match args.admin_listen {
            Some(address) => Some(bind(address).await?),
            None => None,
        };
        let phase = ending.listen(app.clone())?;
        let features = counted(features, "feature");
        eprintln!("{} / {}: {features}", title.zh, title.en);
        eprintln!("http://{address}/  (stop with Ctrl-C)");
        let for_admin = async {
            let Some(listener) = apart else { return Ok(0) };
            eprintln!("http://{}/metrics", listener.local_addr()?);
            let router = admin_router(app.clone());
            let served = http::serve(listener, router, limits.clone(), phase.clone()).await;
            Ok::<_, CliError>(served)
        };
        let for_all = http::serve(listener, router(app.clone()), limits.clone(), phase.clone());
        let (cut, cut_apart) = tokio::join!(for_all, for_admin);
        Ok::<_, CliError>(cut + cut_apart?)
    });
    // Work that a client no longer waits for is not waited for either.
    runtime.shutdown_background();
    let cut = served?;
    if cut > 0 {
        tracing::warn!(cut, "answers were cut off");
        return Ok(ExitCode::from(CUT));
    }
    Ok(ExitCode::SUCCESS)
}

async fn bind(address: SocketAddr) -> Result<TcpListener, CliError> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|reason| CliError::Listen { address, reason })
}
