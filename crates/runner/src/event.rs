//! What happens in a run, as the supervisor writes it and every client reads it: one JSON object a
//! line, `{"t":<nanoseconds>,"k":"start|build|diag|out|err|ev|deadlock|timeline|end",...}`.

use crate::diagnostic::Diagnostic;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Nanoseconds since the program was started; 0 for what happens before.
    pub t: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// The kinds of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "k", rename_all = "lowercase")]
pub enum What {
    /// The program is about to start.
    Start {
        /// Name of the run, for `POST /api/stop`.
        run: String,
    },
    /// The program has to be compiled first: a line of progress.
    Build {
        /// Name of the run, as `start` will give it.
        run: String,
        /// What is being done.
        text: String,
    },
    /// A message of the compiler.
    Diag(Diagnostic),
    /// Text on standard output: whole lines, or what is there of one after 30 ms.
    Out {
        /// The text, cleaned: valid UTF-8, no escape sequences, no direction controls.
        text: String,
        /// The thread that wrote it, in a traced run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tid: Option<i32>,
    },
    /// Text on standard error.
    Err {
        /// The text, cleaned like standard output.
        text: String,
        /// The thread that wrote it, in a traced run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tid: Option<i32>,
    },
    /// What a thread did, in a traced run.
    Ev {
        /// The thread, by the kernel's number.
        tid: i32,
        /// What it did.
        #[serde(flatten)]
        step: Step,
    },
    /// These threads can never go on: who waits for what. Told once; the run itself ends with
    /// [`Why::Deadlock`] when it has no other thread.
    Deadlock {
        /// One entry for each thread of the deadlocked set.
        waits: Vec<Wait>,
    },
    /// The finished drawing of a traced run.
    Timeline {
        /// One `<svg>` element.
        svg: String,
        /// What it shows, in one sentence of the page's language.
        summary: String,
    },
    /// The run is over and nothing of it is left. Always the last event.
    End(End),
}

/// One step of one thread of a traced run: `{"k":"ev","tid":7,"e":"state","state":"lock"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "e", rename_all = "lowercase")]
pub enum Step {
    /// It begins to exist: always its first step.
    Spawn {
        /// The thread that made it; none for the first thread of the program.
        parent: Option<i32>,
        /// Its process; equal to its own number when it is the first thread of a process.
        pid: i32,
        /// Its name, as in `/proc`.
        name: String,
    },
    /// It has another name now.
    Name {
        /// The name, as in `/proc`.
        name: String,
    },
    /// Its process became another program; the other threads of the process are gone.
    Exec {
        /// The program's file name, as in `/proc`: at most 15 bytes.
        name: String,
    },
    /// From now on it is in this state.
    State {
        /// The state.
        state: State,
    },
    /// It woke another thread, by way of a futex: a lock that it gave back, a message, a notice. Told
    /// when the other thread goes on.
    Wake {
        /// The thread that goes on.
        to: i32,
    },
    /// It ends, and another thread waited for exactly that: a join, a wait for a child.
    Join {
        /// The thread that goes on.
        to: i32,
    },
    /// Bytes that it wrote into a pipe or socket pair of the run were read. The one step that may come
    /// after its last: bytes outlive their writer.
    Data {
        /// The thread that read them.
        to: i32,
    },
    /// It is gone: always its last step.
    Exit {
        /// Exit status of its process, when the process ended with it.
        code: Option<i32>,
        /// The signal that ended its process, if one did.
        signal: Option<i32>,
    },
}

/// What a thread is doing between two events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It runs, or could: the tracer does not see which.
    Run,
    /// It waits on a futex: a lock, a condition, a join, a channel, `park`. Or for a lock of a file.
    Lock,
    /// It sleeps for a time.
    Sleep,
    /// It waits for input of a pipe, socket or file, or for room to write.
    Read,
    /// It waits for a child process.
    Wait,
    /// It waits in `poll`, `select` or `epoll_wait`, or for a signal.
    Poll,
}

/// Why one thread of a deadlocked set cannot go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The thread.
    pub tid: i32,
    /// Its name.
    pub name: String,
    /// What it waits for.
    pub on: On,
    /// Place of the wait in the program's own source, `src/bin/two_locks.rs:27`, in debug builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

/// What a deadlocked thread waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum On {
    /// A std mutex.
    Mutex {
        /// Its address, told apart from others as `A`, `B`, ... in the order of this list.
        lock: String,
        /// The thread that very likely holds it: the address was found on its stack.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held_by: Option<i32>,
    },
    /// The end of a thread, exactly.
    Join {
        /// The thread.
        of: i32,
    },
    /// Another futex: a condition variable, a reader-writer lock, a channel, `park`.
    Futex {
        /// Its address, told apart from others as `A`, `B`, ...
        lock: String,
        /// The thread that very likely holds it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held_by: Option<i32>,
    },
    /// A pipe or socket whose every other end is inside the set.
    Pipe {
        /// Whether it waits for bytes; else it waits for room.
        reading: bool,
    },
    /// A child process that is in the set as well.
    Child {
        /// The process; none when any child would do.
        of: Option<i32>,
    },
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The reason.
    pub why: Why,
    /// Exit status for `exit`, signal number for `signal`, else null.
    pub code: Option<i32>,
    /// Milliseconds from start to end.
    pub wall_ms: u64,
    /// Processes besides the program itself that it left behind: still alive, and killed now, or ended
    /// and never waited for.
    pub leftovers: u32,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The program returned or called `exit`.
    Exit,
    /// A signal ended it that we did not send.
    Signal,
    /// It reached its limit of wall-clock time.
    Timeout,
    /// It printed more than it may.
    OutputLimit,
    /// A traced run did more than a time line can show: 20,000 events, 512 threads and processes.
    EventLimit,
    /// A traced run could never go on.
    Deadlock,
    /// The reader pressed Stop, or is gone.
    Stopped,
    /// It did not compile.
    BuildFailed,
    /// It could not be started; an `err` event says why.
    StartFailed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(what: What, json: &str) {
        let event = Event { t: 7, what };
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
        assert_eq!(serde_json::from_str::<Event>(json).unwrap(), event);
    }

    #[test]
    fn events_have_the_json_that_other_clients_rely_on() {
        check(
            What::Start {
                run: "r1".to_owned(),
            },
            r#"{"t":7,"k":"start","run":"r1"}"#,
        );
        check(
            What::Out {
                text: "a\n".to_owned(),
                tid: None,
            },
            r#"{"t":7,"k":"out","text":"a\n"}"#,
        );
        let end = End {
            why: Why::OutputLimit,
            code: None,
            wall_ms: 3,
            leftovers: 1,
        };
        check(
            What::End(end),
            r#"{"t":7,"k":"end","why":"output-limit","code":null,"wall_ms":3,"leftovers":1}"#,
        );
    }
}
