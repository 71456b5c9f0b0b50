//! Jobs in steps, and how many of them are open at once.

/// How many steps a job has.
const STEPS: u32 = 3;

// ANCHOR: job
/// A job raises a number to the third power: one multiplication is one step.
#[derive(Debug)]
pub struct Job {
    name: char,
    base: u64,
    steps_done: u32,
    /// The power; before the last step, what it has come to so far.
    pub result: u64,
}

impl Iterator for Job {
    type Item = String;

    /// Makes the next step and says which it was: `A1`, `A2`, `A3`, and then nothing more.
    fn next(&mut self) -> Option<String> {
        if self.steps_done == STEPS {
            return None;
        }
        self.steps_done += 1;
        self.result *= self.base;
        Some(format!("{}{}", self.name, self.steps_done))
    }
}
// ANCHOR_END: job

/// The jobs A, B and C: the third powers of 2, 3 and 5.
pub fn three_jobs() -> [Job; 3] {
    [('A', 2), ('B', 3), ('C', 5)].map(|(name, base)| Job {
        name,
        base,
        steps_done: 0,
        result: 1,
    })
}

/// Prints what a program did with the three jobs.
pub fn report(steps: &[String], results: &[u64]) {
    println!("steps: {}", steps.join(" "));
    println!("open at once: {}", most_open(steps));
    println!("results: {results:?}");
}

/// The most jobs that were open at one time, in a record of all steps: a job is open from its first
/// step to its last.
pub fn most_open(steps: &[String]) -> usize {
    let jobs = steps.iter().filter(|step| step.ends_with('1'));
    let spans: Vec<(usize, usize)> = jobs
        .filter_map(|first| {
            let same_job = |step: &String| step[..1] == first[..1];
            let begin = steps.iter().position(same_job)?;
            Some((begin, steps.iter().rposition(same_job)?))
        })
        .collect();
    let open = |at: &usize| spans.iter().filter(|(b, e)| (b..=e).contains(&at)).count();
    (0..steps.len())
        .map(|at| open(&at))
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(steps: &str) -> usize {
        let steps: Vec<String> = steps.split_whitespace().map(str::to_owned).collect();
        most_open(&steps)
    }

    #[test]
    fn a_job_is_open_from_its_first_step_to_its_last() {
        assert_eq!(open(""), 0);
        assert_eq!(open("A1"), 1);
        assert_eq!(open("A1 A2 A3"), 1);
        assert_eq!(open("A1 A2 A3 B1 B2 B3"), 1);
        assert_eq!(open("A1 A2 B1 A3 B2 B3"), 2);
        assert_eq!(open("A1 B1 B2 B3 A2 C1 C2 C3 A3"), 2);
        assert_eq!(open("A1 B1 C1 A2 A3 B2 B3 C2 C3"), 3);
    }

    #[test]
    fn a_job_keeps_its_place_between_two_steps() {
        let [mut a, mut b, _] = three_jobs();
        assert_eq!(a.next().as_deref(), Some("A1"));
        assert_eq!(b.next().as_deref(), Some("B1"));
        assert_eq!(a.by_ref().collect::<Vec<_>>(), ["A2", "A3"]);
        assert_eq!((a.next(), a.result, b.result), (None, 8, 3));
    }
}
