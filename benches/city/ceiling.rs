//! The ceiling: a fixed body out of axum, without any work behind it. Nothing that is answered over the same
//! HTTP can cost less.

use std::io;
use std::process::Command;

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;

use crate::process::Server;

/// This program again, as a server of one body of so many bytes.
pub fn start(bytes: usize) -> io::Result<Server> {
    let mut program = Command::new(std::env::current_exe()?);
    program.args(["--ceiling", &bytes.to_string()]);
    Server::run(program, |program, address| program.arg(address), "/")
}

/// Answers until it is killed.
pub fn serve(bytes: usize, address: &str) -> io::Result<()> {
    let body = Bytes::from(vec![b'x'; bytes]);
    let app = Router::new().route("/", get(move || async move { body.clone() }));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        axum::serve(listener, app).await
    })
}
