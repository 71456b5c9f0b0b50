//! Runs as they are kept under version control.

use crate::run::Run;
use crate::stories;
use directives::Language;
use runner::{Event, State};
use timeline::{draw, layout, normalise};

#[test]
fn a_recording_of_a_recording_is_the_same() {
    for (name, events) in stories::all() {
        let once = normalise(&events);
        assert_eq!(once, normalise(&once), "{name}");
        // What is read back from the file is the same as well.
        let json = serde_json::to_string(&once).expect("events serialise");
        let read: Vec<Event> = serde_json::from_str(&json).expect("events are read back");
        assert_eq!(once, read, "{name}");
    }
}

#[test]
fn rounding_settles_at_once_for_every_length_of_a_run() {
    let mut totals: Vec<u64> = (0..200).map(|nth| 1.13f64.powi(nth) as u64).collect();
    // A step less than where the steps themselves become another.
    for power in (0..11).map(|digits| 10u64.pow(digits)) {
        totals.extend([1, 2, 5, 10].map(|digit| digit * power - 1));
    }
    for total in totals {
        let mut run = Run::default();
        run.spawn(100, None, 100, "lengths");
        let mut events = run.events.clone();
        for (nth, at) in [total / 7, total / 3, total - total / 50, total]
            .into_iter()
            .enumerate()
        {
            let what = run
                .state(100, [State::Sleep, State::Run][nth % 2])
                .events
                .pop();
            let what = what.expect("a state").what;
            events.push(Event { t: at, what });
        }
        let once = normalise(&events);
        assert_eq!(once, normalise(&once), "{total}");
        assert!(once.is_sorted_by_key(|event| event.t), "{total}");
    }
}

#[test]
fn numbers_are_small_and_times_are_round() {
    let events = [
        r#"{"t":0,"k":"start","run":"r-91"}"#,
        r#"{"t":412345,"k":"ev","tid":70123,"e":"spawn","parent":null,"pid":70123,"name":"two"}"#,
        r#"{"t":523456,"k":"ev","tid":70125,"e":"spawn","parent":70123,"pid":70123,"name":"a"}"#,
        r#"{"t":623456,"k":"ev","tid":70125,"e":"state","state":"lock"}"#,
        r#"{"t":623470,"k":"ev","tid":70125,"e":"state","state":"run"}"#,
        r#"{"t":723456,"k":"ev","tid":70125,"e":"state","state":"run"}"#,
        r#"{"t":823456,"k":"out","text":"70123 says 412345\n","tid":70125}"#,
        r#"{"t":98765432,"k":"ev","tid":70125,"e":"wake","to":70123}"#,
        r#"{"t":98765999,"k":"ev","tid":70125,"e":"exit","code":null,"signal":null}"#,
        r#"{"t":98900000,"k":"deadlock","waits":[{"tid":70123,"name":"two","on":{"what":"mutex","lock":"A","held_by":70125}}]}"#,
        r#"{"t":99123456,"k":"timeline","svg":"<svg/>","summary":"x"}"#,
        r#"{"t":99123456,"k":"end","why":"deadlock","code":null,"wall_ms":1234,"leftovers":0}"#,
    ];
    let events: Vec<Event> = events
        .iter()
        .map(|line| serde_json::from_str(line).expect("an event"))
        .collect();
    let recorded: Vec<_> = normalise(&events)
        .iter()
        .map(|event| serde_json::to_string(event).expect("an event"))
        .collect();
    assert_eq!(
        recorded,
        [
            r#"{"t":412000,"k":"ev","tid":1,"e":"spawn","parent":null,"pid":1,"name":"two"}"#,
            r#"{"t":523000,"k":"ev","tid":2,"e":"spawn","parent":1,"pid":1,"name":"a"}"#,
            r#"{"t":823000,"k":"out","text":"70123 says 412345\n","tid":2}"#,
            r#"{"t":98750000,"k":"ev","tid":2,"e":"wake","to":1}"#,
            r#"{"t":98750000,"k":"ev","tid":2,"e":"exit","code":null,"signal":null}"#,
            r#"{"t":98900000,"k":"deadlock","waits":[{"tid":1,"name":"two","on":{"what":"mutex","lock":"A","held_by":2}}]}"#,
            r#"{"t":99100000,"k":"end","why":"deadlock","code":null,"wall_ms":1230,"leftovers":0}"#,
        ]
    );
}

#[test]
fn a_recording_tells_the_story_of_its_run() {
    for (name, events) in stories::all() {
        let (run, recording) = (layout(&events), layout(&normalise(&events)));
        assert_eq!(run.lines.len(), recording.lines.len(), "{name}");
        let names = |layout: &timeline::Layout| -> Vec<_> {
            layout
                .lanes
                .iter()
                .map(|lane| (lane.process, lane.name.clone()))
                .collect()
        };
        assert_eq!(names(&run), names(&recording), "{name}");
        let edges = |layout: &timeline::Layout| -> Vec<_> {
            layout
                .edges
                .iter()
                .map(|edge| (edge.from, edge.to, edge.kind))
                .collect()
        };
        // A storm has moments that a recording cannot tell apart.
        if name != "a storm" {
            assert_eq!(edges(&run), edges(&recording), "{name}");
        }
        let span = run.total.abs_diff(recording.total);
        assert!(span * 100 <= run.total, "{name}: {span} of {}", run.total);
        draw(&recording, Language::Chinese, "x");
    }
}
