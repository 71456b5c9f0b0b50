//! Events of a run, written one after the other.

use runner::{End, Event, On, State, Step, Wait, What, Why};

/// A run that is being written. Times are microseconds.
#[derive(Debug, Clone, Default)]
pub struct Run {
    now: u64,
    /// What happened so far.
    pub events: Vec<Event>,
}

impl Run {
    /// A run whose first thread has the number 100 and the name of the program.
    pub fn of(program: &str) -> Self {
        let mut run = Self::default();
        run.push(What::Start {
            run: "r-7f3a".to_owned(),
        });
        run.at(400).spawn(100, None, 100, program);
        run
    }

    /// What follows happens at this time.
    pub fn at(&mut self, microseconds: u64) -> &mut Self {
        self.now = microseconds;
        self
    }

    pub fn push(&mut self, what: What) -> &mut Self {
        self.events.push(Event {
            t: self.now * 1000,
            what,
        });
        self
    }

    pub fn step(&mut self, tid: i32, step: Step) -> &mut Self {
        self.push(What::Ev { tid, step })
    }

    pub fn spawn(&mut self, tid: i32, parent: Option<i32>, pid: i32, name: &str) -> &mut Self {
        let name = name.to_owned();
        self.step(tid, Step::Spawn { parent, pid, name })
    }

    /// A thread of process 100, made by its first thread.
    pub fn thread(&mut self, tid: i32, name: &str) -> &mut Self {
        self.spawn(tid, Some(100), 100, name)
    }

    pub fn state(&mut self, tid: i32, state: State) -> &mut Self {
        self.step(tid, Step::State { state })
    }

    pub fn wake(&mut self, tid: i32, to: i32) -> &mut Self {
        self.step(tid, Step::Wake { to })
    }

    pub fn data(&mut self, tid: i32, to: i32) -> &mut Self {
        self.step(tid, Step::Data { to })
    }

    pub fn exit(&mut self, tid: i32) -> &mut Self {
        self.step(
            tid,
            Step::Exit {
                code: None,
                signal: None,
            },
        )
    }

    pub fn killed(&mut self, tid: i32, signal: i32) -> &mut Self {
        self.step(
            tid,
            Step::Exit {
                code: None,
                signal: Some(signal),
            },
        )
    }

    /// It ends, and `to` waited for that.
    pub fn joined(&mut self, tid: i32, to: i32) -> &mut Self {
        self.step(tid, Step::Join { to })
            .exit(tid)
            .state(to, State::Run)
    }

    pub fn out(&mut self, tid: i32, text: &str) -> &mut Self {
        let text = text.to_owned();
        self.push(What::Out {
            text,
            tid: Some(tid),
        })
    }

    pub fn err(&mut self, tid: i32, text: &str) -> &mut Self {
        let text = text.to_owned();
        self.push(What::Err {
            text,
            tid: Some(tid),
        })
    }

    pub fn deadlock(&mut self, waits: &[(i32, &str, On)]) -> &mut Self {
        let waits = waits.iter().map(|(tid, name, on)| Wait {
            tid: *tid,
            name: (*name).to_owned(),
            on: on.clone(),
            place: Some(format!("src/bin/{name}.rs:{tid}")),
        });
        let waits = waits.collect();
        self.push(What::Deadlock { waits })
    }

    pub fn end(&mut self, why: Why, code: Option<i32>) -> Vec<Event> {
        let end = End {
            why,
            code,
            wall_ms: self.now / 1000,
            leftovers: 0,
        };
        self.push(What::End(end)).events.clone()
    }

    /// The first thread ends, and with it the run.
    pub fn done(&mut self, microseconds: u64) -> Vec<Event> {
        let exit = Step::Exit {
            code: Some(0),
            signal: None,
        };
        self.at(microseconds).step(100, exit);
        self.at(microseconds + 900).end(Why::Exit, Some(0))
    }
}

pub fn mutex(lock: &str, held_by: impl Into<Option<i32>>) -> On {
    On::Mutex {
        lock: lock.to_owned(),
        held_by: held_by.into(),
    }
}
