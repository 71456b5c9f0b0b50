//! Which rows a drawing has, from top to bottom, and where they are.

use crate::layout::Layout;
use std::collections::{BTreeSet, HashMap};

/// Lanes that are drawn; a line says how many more there are.
const LANES: usize = 32;
/// Processes that have a heading of their own where each is one thread.
const HEADED: usize = 4;
/// Above the first row.
const TOP: f64 = 12.0;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// The name of a process.
    Process(usize),
    /// A thread.
    Lane(usize),
    /// So many lanes that are not drawn.
    More(usize),
}

/// The rows of a drawing.
#[derive(Debug)]
pub struct Rows {
    /// Each with its top.
    pub rows: Vec<(f64, Row)>,
    /// The middle of each lane that is drawn.
    pub middle: HashMap<usize, f64>,
    /// Below the last row.
    pub bottom: f64,
    /// Height of the bar of a thread that runs.
    pub run: f64,
    /// Height of the bar of one that waits.
    pub wait: f64,
}

impl Rows {
    /// The rows of a run. The more lanes it has, the lower they are, down to the height of their
    /// names; who is stuck is drawn however many there are before.
    pub fn new(layout: &Layout) -> Self {
        let mut by_need: Vec<_> = (0..layout.lanes.len()).collect();
        by_need.sort_by_key(|&lane| layout.lanes[lane].stuck.is_none());
        let more = by_need.len().saturating_sub(LANES);
        let kept: BTreeSet<_> = by_need.into_iter().take(LANES).collect();
        let (height, run, wait) = match kept.len() {
            0..=8 => (36.0, 16.0, 10.0),
            9..=16 => (27.0, 13.0, 9.0),
            17..=24 => (21.0, 11.0, 7.0),
            _ => (17.0, 9.0, 6.0),
        };
        let mut rows = Vec::new();
        let mut middle = HashMap::new();
        let mut y = TOP;
        let mut add = |row, height| {
            rows.push((y, row));
            y += height;
            y - height / 2.0
        };
        let mut process = None;
        for lane in kept {
            let its = layout.lanes[lane].process;
            if process.replace(its) != Some(its) && has_heading(layout, its) {
                add(Row::Process(its), 26.0);
            }
            middle.insert(lane, add(Row::Lane(lane), height));
        }
        if more > 0 {
            add(Row::More(more), 24.0);
        }
        Self {
            bottom: y + 4.0,
            rows,
            middle,
            run,
            wait,
        }
    }

    /// The lanes that are drawn, from top to bottom.
    pub fn lanes(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().filter_map(|(_, row)| match row {
            Row::Lane(lane) => Some(*lane),
            _ => None,
        })
    }

    /// Whether the lane is drawn.
    pub fn has(&self, lane: usize) -> bool {
        self.middle.contains_key(&lane)
    }
}

/// Whether the process has a row for its name. One thread of many processes bears it itself.
pub fn has_heading(layout: &Layout, process: usize) -> bool {
    let threads = layout.lanes.iter().filter(|lane| lane.process == process);
    let processes = layout.processes.len();
    processes > 1 && (processes <= HEADED || threads.count() > 1)
}
