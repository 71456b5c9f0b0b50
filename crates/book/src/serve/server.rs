//! Sockets, connections and their limits; the routes.

use super::answer::Refusal;
use super::api::{self, Listings};
use super::guard::{Clients, Guard, SECURITY_HEADERS, TOKEN_HEADER};
use super::pages;
use super::runs::Runs;
use super::site::Site;
use super::tracing::Tracing;
use crate::programs::Supervisor;
use anyhow::{Context, Result, bail};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};

/// Connections at a time; more wait until one is closed.
const CONNECTIONS: usize = 128;
/// How long the headers of a request may take, and how long a connection may be idle.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long what was sent may lie unread: whoever never reads must not keep a connection for ever.
#[cfg(target_os = "linux")]
const UNREAD_TIME: Duration = Duration::from_secs(10);

/// What a server serves.
pub struct Parts {
    /// The programs.
    pub listings: Arc<dyn Listings>,
    /// The pages.
    pub site: Arc<Site>,
    /// How a run is supervised.
    pub supervisor: Supervisor,
    /// Whose pages may ask. The pages are served only if they are our own.
    pub clients: Clients,
}

/// What every request sees.
pub struct App {
    pub(super) listings: Arc<dyn Listings>,
    pub(super) site: Arc<Site>,
    pub(super) supervisor: Supervisor,
    pub(super) guard: Guard,
    pub(super) runs: Arc<Runs>,
    pub(super) tracing: Tracing,
    /// True when the server ends.
    pub(super) closing: watch::Sender<bool>,
}

/// A server whose port is taken, but which does not answer yet.
pub struct Server {
    listeners: Vec<TcpListener>,
    port: u16,
    app: Arc<App>,
}

impl Server {
    /// Takes the port on the loopback addresses; 0 takes any free one.
    ///
    /// # Errors
    ///
    /// The port is taken or needs rights.
    pub fn bind(port: u16, parts: Parts) -> Result<Self> {
        let first = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => listener,
            Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
                "port {port} is taken\n  hint: is the book served already? or choose another port: \
                 `cargo book serve --port {}`",
                port.wrapping_add(1).max(1024)
            ),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => bail!(
                "port {port} needs rights\n  hint: choose one above 1023: \
                 `cargo book serve --port 3000`"
            ),
            Err(error) => return Err(error).context(format!("port {port} cannot be used")),
        };
        let port = first.local_addr().context("the port is unknown")?.port();
        let mut listeners = vec![first];
        // Browsers may try it first for `localhost`; where it cannot be had, they go on.
        listeners.extend(TcpListener::bind((Ipv6Addr::LOCALHOST, port)));
        let guard =
            Guard::new(port, listeners.len() == 2, parts.clients).context("no random numbers")?;
        let app = Arc::new(App {
            listings: parts.listings,
            site: parts.site,
            supervisor: parts.supervisor.started_ahead(),
            guard,
            runs: Runs::new(),
            tracing: Tracing::default(),
            closing: watch::Sender::new(false),
        });
        Ok(Self {
            listeners,
            port,
            app,
        })
    }

    /// The token of this start, for pages that are served by somebody else.
    pub fn token(&self) -> &str {
        self.app.guard.token()
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Answers until the future is done, then stops all runs.
    ///
    /// # Errors
    ///
    /// The runtime cannot be started.
    pub fn run(self, until: impl Future<Output = ()>) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("the server's threads cannot be started")?;
        let result = runtime.block_on(async {
            let app = Arc::clone(&self.app);
            tokio::spawn(async move { app.tracing.check(&app.supervisor).await.is_ok() });
            let router = router(Arc::clone(&self.app));
            let connections = Arc::new(Semaphore::new(CONNECTIONS));
            for listener in self.listeners {
                listener
                    .set_nonblocking(true)
                    .context("the port cannot be used")?;
                let listener = tokio::net::TcpListener::from_std(listener)?;
                tokio::spawn(accept(listener, router.clone(), Arc::clone(&connections)));
            }
            until.await;
            self.app.closing.send_replace(true);
            self.app.runs.close().await;
            Ok(())
        });
        runtime.shutdown_timeout(Duration::from_secs(1));
        result
    }
}

/// Done at Ctrl-C, SIGTERM, or when the terminal goes away.
pub async fn until_signal() {
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    // Where a signal cannot be watched it does what it always does: it ends the process.
    let [interrupt, terminate, hangup] = kinds.map(|kind| signal(kind).ok());
    let wait = async |signal: Option<tokio::signal::unix::Signal>| match signal {
        Some(mut signal) => drop(signal.recv().await),
        None => std::future::pending().await,
    };
    tokio::select! {
        () = wait(interrupt) => {}
        () = wait(terminate) => {}
        () = wait(hangup) => {}
    }
}

fn router(app: Arc<App>) -> Router {
    let wrong_method = async || {
        let hint = "see the API's description for what this address takes";
        Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this method does nothing here",
            hint,
        )
    };
    let no_call = async || {
        let hint = "the calls are capabilities, listings, changes, run, edit and stop";
        Refusal::new(StatusCode::NOT_FOUND, "the API has no such call", hint)
    };
    let mut router = Router::new()
        .route("/api/capabilities", get(api::capabilities))
        .route("/api/listings", get(api::listings))
        .route("/api/run", post(api::run))
        .route("/api/edit", post(api::edit))
        .route("/api/stop", post(api::stop))
        .route("/api/{*rest}", get(no_call).post(no_call));
    router = if app.guard.serves_own_pages() {
        router
            .route("/api/changes", get(api::changes))
            .route("/api/changes.js", get(pages::changes_js))
            .route("/", get(pages::page))
            .route("/{*path}", get(pages::page))
    } else {
        router.fallback(async || {
            let hint = "open the address that `mdbook serve` prints";
            Refusal::new(StatusCode::NOT_FOUND, "the pages are not served here", hint)
        })
    };
    router
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guarded))
        .with_state(app)
}

/// Nothing is answered before the guard has seen it, and nothing without the security headers.
async fn guarded(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let reader = app.guard.reader(&request);
    let asks_first = request.method() == Method::OPTIONS && reader.is_some();
    let mut response = match app.guard.check(&request) {
        Ok(()) if asks_first => StatusCode::NO_CONTENT.into_response(),
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(origin) = reader {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
        if asks_first {
            let allowed = format!("content-type, {TOKEN_HEADER}");
            let allowed = HeaderValue::try_from(allowed).expect("names of headers");
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        }
    }
    response
}

async fn accept(listener: tokio::net::TcpListener, router: Router, connections: Arc<Semaphore>) {
    loop {
        let Ok(permit) = Arc::clone(&connections).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, from)) => {
                let router = router.clone();
                tokio::spawn(async move {
                    serve_connection(stream, from, router).await;
                    drop(permit);
                });
            }
            // Mostly too many open files: it passes.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn serve_connection(stream: TcpStream, from: SocketAddr, router: Router) {
    // We listen on loopback only; should that ever go wrong, this still holds.
    if !from.ip().is_loopback() {
        return;
    }
    // Events are small and each must leave at once.
    let _ = stream.set_nodelay(true);
    #[cfg(target_os = "linux")]
    {
        use nix::sys::socket::{setsockopt, sockopt::TcpUserTimeout};
        let unread_ms = u32::try_from(UNREAD_TIME.as_millis()).expect("a short time");
        let _ = setsockopt(&stream, TcpUserTimeout, &unread_ms);
    }
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks is the client's affair.
    let _ = connection.await;
}
