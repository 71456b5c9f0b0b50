//! The API of version 1. Reading has no effects; what has effects is a POST that the guard let through.

use super::answer::{Refusal, Stream};
use super::runs::Place;
use super::server::App;
use crate::programs::{BuildError, Listed, Note, Programs, Supervisor, Turn};
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use directives::Language;
use mdbook_listings::Kind;
use runner::{End, Event, Source, Spec, Stop, What, Why};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::time::timeout;

/// Bytes of a request's body.
const BODY: usize = 64 * 1024;
/// Bytes of an edited program.
const SOURCE: usize = 64 * 1024;
/// Bytes of the body that brings it: JSON may need six for one.
const EDIT_BODY: usize = 6 * SOURCE + 1024;
/// What an optimised program is compiled with, besides; cargo's profile `release` has the same.
const RELEASE: [&str; 3] = [
    "-Copt-level=3",
    "-Cdebug-assertions=off",
    "-Coverflow-checks=off",
];
/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(10);
/// A comment in the stream of changes: it finds out that a reader has gone.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What can be run.
pub trait Listings: Send + Sync + 'static {
    /// All programs, by id.
    fn listed(&self) -> Vec<Listed>;
    /// The program of this id.
    fn find(&self, id: &str) -> Option<Listed>;
    /// Its executable, compiled if need be.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    fn ensure(
        &self,
        id: &str,
        stop: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<PathBuf, BuildError>;
    /// Its text, ready to be compiled by one call of rustc.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    fn source(
        &self,
        id: &str,
        stop: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<Source, BuildError>;
    /// The right to compile, for as long as it is kept.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    fn turn(&self, stop: &Stop, on_note: &mut dyn FnMut(Note)) -> Result<Turn<'_>, BuildError>;
}

impl Listings for Programs {
    fn listed(&self) -> Vec<Listed> {
        self.listed()
    }

    fn find(&self, id: &str) -> Option<Listed> {
        self.find(id)
    }

    fn ensure(
        &self,
        id: &str,
        stop: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<PathBuf, BuildError> {
        self.ensure(id, stop, on_note)
    }

    fn source(
        &self,
        id: &str,
        stop: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<Source, BuildError> {
        self.source(id, stop, on_note)
    }

    fn turn(&self, stop: &Stop, on_note: &mut dyn FnMut(Note)) -> Result<Turn<'_>, BuildError> {
        self.turn(stop, on_note)
    }
}

/// `GET /api/capabilities`
pub async fn capabilities(State(app): State<Arc<App>>) -> Json<Value> {
    let tracing = app.tracing.check(&app.supervisor).await;
    Json(json!({
        "api": 1,
        "run": true,
        "edit": true,
        "trace": tracing.is_ok(),
        "trace_why_not": tracing.err(),
        "sandbox": "none",
        "wall_ms": Spec::WALL_MS,
        "output_bytes": Spec::OUTPUT_BYTES,
        "source_bytes": SOURCE,
    }))
}

/// `GET /api/listings`
pub async fn listings(State(app): State<Arc<App>>) -> Json<Vec<Listed>> {
    Json(app.listings.listed())
}

/// `GET /api/changes`: the name of the newest build, now and at each change, as server-sent events.
pub async fn changes(State(app): State<Arc<App>>) -> Response {
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut builds = app.site.builds();
    builds.mark_changed();
    let mut closing = app.closing.subscribe();
    tokio::spawn(async move {
        loop {
            let message = tokio::select! {
                () = sender.closed() => return,
                _ = closing.wait_for(|closing| *closing) => return,
                changed = builds.changed() => match changed {
                    Ok(()) => format!("data: {}\n\n", *builds.borrow_and_update()),
                    Err(_) => return,
                },
                () = tokio::time::sleep(HEARTBEAT) => ":\n\n".to_owned(),
            };
            if sender.send(Bytes::from(message)).is_err() {
                return;
            }
        }
    });
    Stream::new(receiver).answer("text/event-stream")
}

/// `POST /api/run`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunRequest {
    id: String,
    #[serde(default)]
    trace: bool,
    #[serde(default)]
    lang: Lang,
}

/// The language of the page that asks: drawings and verdicts speak it.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Lang {
    #[default]
    En,
    Zh,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::English,
            Lang::Zh => Self::Chinese,
        }
    }
}

/// `POST /api/edit`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EditRequest {
    id: String,
    source: String,
    #[serde(default)]
    trace: bool,
    #[serde(default)]
    release: bool,
    #[serde(default)]
    lang: Lang,
}

/// Runs a listing and streams what happens.
pub async fn run(State(app): State<Arc<App>>, body: Body) -> Result<Response, Refusal> {
    let hint = "a run is asked for by {\"id\":\"<chapter>/<name>\"}";
    let RunRequest { id, trace, lang } = json_body(body, BODY, hint).await?;
    start(app, &id, trace.then_some(lang.into()), None).await
}

/// Compiles a changed copy of a listing, runs it, and streams what happens.
pub async fn edit(State(app): State<Arc<App>>, body: Body) -> Result<Response, Refusal> {
    let hint = "an edit is {\"id\":\"<chapter>/<name>\",\"source\":\"<the program>\"}";
    let request: EditRequest = json_body(body, EDIT_BODY, hint).await?;
    if request.source.len() > SOURCE {
        return Err(too_large("the program is too large", SOURCE));
    }
    let edit = Edit {
        text: request.source,
        release: request.release,
    };
    let trace = request.trace.then_some(request.lang.into());
    start(app, &request.id, trace, Some(edit)).await
}

async fn start(
    app: Arc<App>,
    id: &str,
    trace: Option<Language>,
    edit: Option<Edit>,
) -> Result<Response, Refusal> {
    if trace.is_some()
        && let Err(reason) = app.tracing.check(&app.supervisor).await
    {
        let error = format!("runs cannot be traced here: {reason}");
        let hint = "leave `trace` out, see /api/capabilities";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, error, hint));
    }
    let Some(listed) = app.listings.find(id) else {
        let ids: Vec<String> = app
            .listings
            .listed()
            .into_iter()
            .map(|listed| listed.id)
            .collect();
        let hint = match directives::nearest(id, ids.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "see /api/listings".to_owned(),
        };
        let error = format!("no listing is called `{id}`");
        return Err(Refusal::new(StatusCode::NOT_FOUND, error, hint));
    };
    let Some(place) = app.runs.place().await else {
        return Err(Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too many programs run at the moment",
            "wait for one to end, or stop one",
        ));
    };
    let (sender, receiver) = mpsc::unbounded_channel();
    let stream = Stream::new(receiver).stopping(place.stop.clone());
    tokio::task::spawn_blocking(move || {
        let running = Running {
            place,
            sender,
            trace,
        };
        running.run(&*app.listings, &app.supervisor, &listed, edit);
    });
    Ok(stream.answer("application/x-ndjson"))
}

/// `POST /api/stop`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StopRequest {
    run: String,
}

/// Stops a run. One that has ended meanwhile is no error: `{"stopped":false}`.
pub async fn stop(State(app): State<Arc<App>>, body: Body) -> Result<Json<Value>, Refusal> {
    let hint = "a run is stopped by {\"run\":\"<its name>\"}";
    let StopRequest { run } = json_body(body, BODY, hint).await?;
    Ok(Json(json!({ "stopped": app.runs.stop(&run) })))
}

/// Reads a body of at most so many bytes; the hint says what it should be.
async fn json_body<T: DeserializeOwned>(body: Body, most: usize, hint: &str) -> Result<T, Refusal> {
    let bytes = match timeout(BODY_TIME, axum::body::to_bytes(body, most)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(too_large("the body is too large", most)),
        Err(_) => {
            let (error, hint) = ("the body did not arrive within 10 s", "send it at once");
            return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, error, hint));
        }
    };
    serde_json::from_slice(&bytes).map_err(|error| {
        let error = format!("the body is not what this call takes: {error}");
        Refusal::new(StatusCode::BAD_REQUEST, error, hint)
    })
}

fn too_large(error: &str, most: usize) -> Refusal {
    let hint = format!("send at most {} KiB", most >> 10);
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, error, hint)
}

/// A reader's copy of a listing.
struct Edit {
    text: String,
    release: bool,
}

/// A run with a place and somebody to tell.
struct Running {
    place: Place,
    sender: UnboundedSender<Bytes>,
    trace: Option<Language>,
}

impl Running {
    /// Compiles what has to be compiled, runs it, and ends its stream with an `end` event.
    fn run(
        &self,
        listings: &dyn Listings,
        supervisor: &Supervisor,
        listed: &Listed,
        edit: Option<Edit>,
    ) {
        let clicked = Instant::now();
        let stop = &self.place.stop;
        // One that must not compile has no executable: running it shows what the compiler says.
        let prepared = if edit.is_some() || listed.kind == Kind::Refused {
            let prepared = self.prepare(listings, listed, edit);
            prepared.map(|(spec, turn)| (spec, Some(turn)))
        } else {
            let on_note = &mut |note| self.note(note);
            let program = listings.ensure(&listed.id, stop, on_note);
            program.map(|program| (Spec::listing(program), None))
        };
        let (spec, mut turn) = match prepared {
            Ok(prepared) => prepared,
            Err(BuildError::Stopped) => return self.end_before(Why::Stopped, clicked),
            Err(error) => {
                self.tell_before(What::Err {
                    text: format!("{error}\n"),
                    tid: None,
                });
                return self.end_before(Why::BuildFailed, clicked);
            }
        };
        let spec = Spec {
            run: self.place.run.clone(),
            trace: self.trace.is_some(),
            ..spec.limit_s(listed.limit_s)
        };
        let mut traced = Vec::new();
        let result = supervisor.start().and_then(|idle| {
            idle.run(&spec, stop, &mut |event| {
                if matches!(event.what, What::Start { .. }) {
                    // Its compilation, if it had one, is over.
                    turn = None;
                }
                match self.trace {
                    None => self.tell(&event),
                    Some(language) => self.tell_traced(&mut traced, event, language),
                }
            })
        });
        if let Err(error) = result {
            self.tell_before(What::Err {
                text: format!("{error:#}\n"),
                tid: None,
            });
            self.end_before(Why::StartFailed, clicked);
        }
    }

    /// What is to be compiled by the supervisor, and the right to do that.
    fn prepare<'a>(
        &self,
        listings: &'a dyn Listings,
        listed: &Listed,
        edit: Option<Edit>,
    ) -> Result<(Spec, Turn<'a>), BuildError> {
        let stop = &self.place.stop;
        let mut source = listings.source(&listed.id, stop, &mut |note| self.note(note))?;
        if let Some(edit) = edit {
            source.text = edit.text;
            if edit.release {
                source.args.extend(RELEASE.map(str::to_owned));
            }
        }
        let turn = listings.turn(stop, &mut |note| self.note(note))?;
        Ok((Spec::source(source), turn))
    }

    fn note(&self, note: Note) {
        self.tell_before(match note {
            Note::Progress(text) => What::Build {
                run: self.place.run.clone(),
                text,
            },
            Note::Diagnostic(said) => What::Diag(said),
        });
    }

    fn end_before(&self, why: Why, clicked: Instant) {
        let wall_ms = u64::try_from(clicked.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.tell_before(What::End(End {
            why,
            code: None,
            wall_ms,
            leftovers: 0,
        }));
    }

    /// Tells what happens while there is no program yet whose start could be time 0.
    fn tell_before(&self, what: What) {
        self.tell(&Event { t: 0, what });
    }

    /// Tells what happens in a traced run, with a verdict in words, and before its end the drawing of
    /// all that happened. An event budget bounds what is kept for that.
    fn tell_traced(&self, traced: &mut Vec<Event>, event: Event, language: Language) {
        let is_end = matches!(event.what, What::End(_));
        let is_verdict = matches!(event.what, What::Deadlock { .. });
        let t = event.t;
        traced.push(event);
        let event = traced.last().expect("it was pushed");
        if is_verdict {
            let says = timeline::deadlock(&timeline::layout(traced), language);
            let mut told = serde_json::to_value(event).expect("an event is valid JSON");
            told["says"] = says.into();
            self.send(told.to_string().into_bytes());
        } else if is_end {
            let layout = timeline::layout(traced);
            let prefix = format!("live-{}", self.place.run);
            let timeline::Drawing { svg, summary } = timeline::draw(&layout, language, &prefix);
            self.tell(&Event {
                t,
                what: What::Timeline { svg, summary },
            });
            self.tell(event);
        } else {
            self.tell(event);
        }
    }

    fn tell(&self, event: &Event) {
        self.send(serde_json::to_vec(event).expect("an event is valid JSON"));
    }

    fn send(&self, mut line: Vec<u8>) {
        line.push(b'\n');
        if self.sender.send(line.into()).is_err() {
            self.place.stop.stop();
        }
    }
}
