//! `groundswell run`: the loops and the HTTP API in one process, until SIGTERM or Ctrl-C.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;

use groundswell_log::LogError;
use groundswell_server::{Installation, Token};

use super::{Context, Exit};
use crate::clock::Clock;
use crate::engine::{Engine, Opening, Roles, Running};
use crate::folder::DataFolder;
use crate::remote::Remote;

/// How long the brokers are left alone before they are tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Run the loops and the HTTP API until SIGTERM.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  groundswell run --data /var/lib/groundswell --config groundswell.toml\n\n\
    Then push feedback:\n  curl -H \"Authorization: Bearer $(sed -n 's/.*\"token\": \"\\(.*\\)\".*/\\1/p' groundswell-data/server.json)\" \\\n    \
    -d '{\"record\":\"T-1\",\"statements\":[{\"text\":\"My parcel never came.\"}]}' http://127.0.0.1:7171/api/v1/feedback"
)]
pub struct Run {
    /// Address and port of the HTTP API, instead of the configured ones.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// What this process does: some of ingest, analyse, index, serve. Several processes share the work on Kafka.
    #[arg(long, value_name = "ROLES", default_value = "all")]
    roles: Roles,
}

impl Run {
    /// Runs until it is asked to stop.
    pub(super) fn run(self, context: Context) -> Result<Exit> {
        let Context { data, mut config } = context;
        if let Some(listen) = self.listen {
            config.server.listen = listen;
            let address: std::net::SocketAddr = config.server.listen.parse().context("--listen")?;
            anyhow::ensure!(
                address.ip().is_loopback(),
                "--listen: only loopback is allowed, as there are no keys yet"
            );
        }
        if let Some(remote) = Remote::find(&data)? {
            let version = remote.status()?.version;
            anyhow::bail!("a server (version {version}) already runs on {}", data.root().display());
        }
        let opening = Opening { config, data: data.clone(), clock: Clock::system(), roles: self.roles };
        let Some(engine) = open(opening)? else { return Ok(Exit::Done) };
        let running = engine.start()?;
        let served = running.block_on(serve(Arc::clone(running.shared()), data.clone())).unwrap_or(Ok(()));
        data.forget_server();
        served.and(stop(running))?;
        Ok(Exit::Done)
    }
}

/// Opens the installation; brokers that do not answer yet are waited for, until SIGTERM or Ctrl-C.
fn open(opening: Opening) -> Result<Option<Engine>> {
    loop {
        match Engine::open(opening.clone()) {
            Ok(engine) => return Ok(Some(engine)),
            Err(error) if matches!(error.downcast_ref(), Some(LogError::Unavailable { .. })) => {
                tracing::warn!(error = %format!("{error:#}"), "the brokers are tried again");
            }
            Err(error) => return Err(error),
        }
        let waiting = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stopped = waiting.block_on(async { tokio::time::timeout(RETRY, asked_to_stop()).await.is_ok() });
        if stopped {
            return Ok(None);
        }
    }
}

fn stop(running: Running) -> Result<()> {
    tracing::info!("stopping: loops end their batch, what is pending is committed");
    running.stop()
}

async fn serve(shared: Arc<crate::engine::Shared>, data: DataFolder) -> Result<()> {
    let listen = &shared.config.server.listen;
    let listener =
        tokio::net::TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?.to_string();
    let note = data.note_server(address.clone())?;
    let installation: Arc<dyn Installation> = Arc::<crate::engine::Shared>::clone(&shared);
    tracing::info!(%address, data = %data.root().display(), roles = %shared.roles, "ready");
    // A worker among others ends when its loop has stopped, so that its supervisor sees it and starts another.
    let watched = Arc::clone(&shared);
    let ended = async move {
        if watched.is_shared() {
            watched.broken().await;
        } else {
            std::future::pending::<()>().await;
        }
    };
    let until = async move {
        tokio::select! {
            () = asked_to_stop() => {}
            () = ended => {}
        }
    };
    groundswell_server::serve(listener, installation, Token::new(note.token), until).await?;
    Ok(())
}

/// Ends when SIGTERM or Ctrl-C arrives.
async fn asked_to_stop() {
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "Ctrl-C cannot be watched");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be watched");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}
