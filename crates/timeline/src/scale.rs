//! Times become places on the axis.

/// Space that a round time and its unit need on the axis.
const TICK_PX: f64 = 84.0;
/// How much of the axis the time after a deadlock takes when it would take more.
const STUCK_SHARE: f64 = 0.36;
/// The same for an end in which nothing happens any more.
const END_SHARE: f64 = 0.1;
/// A beginning or an end in which nothing happens is shortened when it would take more of the axis.
const QUIET_SHARE: f64 = 0.2;
/// How much of it is shown all the same, as a share of what follows.
const LEAD_SHARE: f64 = 0.06;

/// The axis: linear, but for the time in which a deadlock stands still. Nothing happens in it, and
/// in a run of a millisecond that was watched for a hundred it would leave no room for the rest.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    left: f64,
    width: f64,
    /// Where the axis begins.
    begin: u64,
    total: u64,
    /// Where the linear part ends, if it does before the end.
    cut: Option<u64>,
    /// How much of the axis the rest takes.
    rest: f64,
}

impl Scale {
    /// An axis from `left`, `width` wide, for a run that may be stuck since some time.
    pub fn new(left: f64, width: f64, total: u64, stuck_since: Option<u64>) -> Self {
        let total = total.max(1);
        let is_long = |since: u64| (total - since) as f64 > STUCK_SHARE * total as f64;
        Self {
            left,
            width,
            begin: 0,
            total,
            cut: stuck_since.filter(|&since| since < total && is_long(since)),
            rest: STUCK_SHARE,
        }
    }

    /// The same axis without most of a beginning and of an end in which nothing happens: a program
    /// starts and clears up, and that may take longer than all that it does.
    pub fn between(self, first: u64, last: u64) -> Self {
        let mut scale = self;
        let last = last.clamp(first, self.total.max(first));
        // Some room even around a single moment.
        let lead = (((last - first) as f64 * LEAD_SHARE) as u64).max(self.total / 200);
        let is_long = |quiet: u64, of: u64| quiet as f64 > QUIET_SHARE * of as f64;
        let linear = self.cut.unwrap_or(self.total);
        if is_long(first, linear) {
            scale.begin = first.saturating_sub(lead).min(linear);
        }
        let left = self.total - scale.begin;
        if self.cut.is_none() && is_long(self.total.saturating_sub(last), left) {
            scale.cut = Some((last + lead).min(self.total - 1)).filter(|&cut| cut > scale.begin);
            scale.rest = END_SHARE;
        }
        scale
    }

    /// Where the axis begins.
    pub fn begin(&self) -> u64 {
        self.begin
    }

    /// The place of a time.
    pub fn x(&self, at: u64) -> f64 {
        let at = at.clamp(self.begin, self.total.max(self.begin));
        let since = |from: u64| at.saturating_sub(from) as f64;
        let share = match self.cut {
            None => since(self.begin) / (self.total - self.begin).max(1) as f64,
            // A deadlock in the very first step has nothing before it.
            Some(cut) if at <= cut => {
                (1.0 - self.rest) * since(self.begin) / (cut - self.begin).max(1) as f64
            }
            Some(cut) => 1.0 - self.rest * (self.total - at) as f64 / (self.total - cut) as f64,
        };
        self.left + self.width * share
    }

    /// Where the axis is broken: at its left end, and in the middle of a time that is shown shorter
    /// than it was.
    pub fn broken_at(&self) -> impl Iterator<Item = f64> {
        let rest = self.left + self.width * (1.0 - self.rest / 2.0);
        let begin = (self.begin > 0).then_some(self.left + 8.0);
        begin.into_iter().chain(self.cut.map(|_| rest))
    }

    /// Round times and their labels, in order. A broken axis also has its last time.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let linear = self.cut.unwrap_or(self.total);
        let width = self.x(linear) - self.left;
        let least = (linear - self.begin) as f64 * TICK_PX / width.max(1.0);
        let step = round_step(least.max(1.0));
        let (size, unit) = match linear.max(step) {
            t if t >= 1_000_000_000 => (1e9, "s"),
            t if t >= 1_000_000 => (1e6, "ms"),
            t if t >= 1_000 => (1e3, "µs"),
            _ => (1.0, "ns"),
        };
        let decimals = (0..9)
            .find(|&digits| {
                let scaled = step as f64 / size * 10f64.powi(digits);
                (scaled - scaled.round()).abs() < 1e-9
            })
            .unwrap_or(9) as usize;
        let label = |at: u64| match at {
            0 => "0".to_owned(),
            _ => format!("{:.decimals$} {unit}", at as f64 / size),
        };
        let mut ticks: Vec<_> = (self.begin.div_ceil(step)..=linear / step)
            .map(|n| n * step)
            .map(|at| (self.x(at), label(at)))
            .collect();
        if self.cut.is_some() {
            ticks.push((self.x(self.total), crate::text::duration(self.total)));
        }
        ticks
    }
}

/// The smallest of 1, 2, 5, 10, 20, 50, ... that is no smaller.
fn round_step(least: f64) -> u64 {
    let mut power = 1;
    loop {
        for digit in [1, 2, 5] {
            if (digit * power) as f64 >= least {
                return digit * power;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(total: u64, stuck_since: Option<u64>) -> String {
        let scale = Scale::new(0.0, 560.0, total, stuck_since);
        let labels: Vec<_> = scale.ticks().into_iter().map(|(_, label)| label).collect();
        labels.join(", ")
    }

    #[test]
    fn ticks_are_round_and_have_the_unit_of_the_run() {
        let check = |total, expected| assert_eq!(labels(total, None), expected);
        check(0, "0, 1 ns");
        check(730, "0, 200 ns, 400 ns, 600 ns");
        check(4_200_000, "0, 1 ms, 2 ms, 3 ms, 4 ms");
        check(
            1_300_000,
            "0, 0.2 ms, 0.4 ms, 0.6 ms, 0.8 ms, 1.0 ms, 1.2 ms",
        );
        check(310_000, "0, 50 µs, 100 µs, 150 µs, 200 µs, 250 µs, 300 µs");
        check(10_000_000_000, "0, 2 s, 4 s, 6 s, 8 s, 10 s");
    }

    #[test]
    fn the_time_of_a_deadlock_leaves_room_for_what_led_to_it() {
        let scale = Scale::new(100.0, 500.0, 100_000_000, Some(1_000_000));
        assert_eq!(scale.x(0), 100.0);
        assert_eq!(scale.x(1_000_000), 420.0);
        assert_eq!(scale.x(100_000_000), 600.0);
        let broken: Vec<_> = scale.broken_at().map(f64::round).collect();
        assert_eq!(broken, [510.0]);
        assert_eq!(
            labels(100_000_000, Some(1_000_000)),
            "0, 0.5 ms, 1.0 ms, 100 ms"
        );
    }

    #[test]
    fn a_long_beginning_in_which_nothing_happens_is_left_out() {
        let scale = Scale::new(0.0, 500.0, 24_000_000, None).between(19_000_000, 24_000_000);
        // 19 ms less 6 % of the other 5 ms.
        assert_eq!(scale.begin(), 18_700_000);
        assert_eq!(scale.x(0), 0.0);
        assert_eq!(scale.x(18_700_000), 0.0);
        assert!((28.0..29.0).contains(&scale.x(19_000_000)));
        assert_eq!(scale.x(24_000_000), 500.0);
        assert_eq!(scale.broken_at().collect::<Vec<_>>(), [8.0]);
        let labels: Vec<_> = scale.ticks().into_iter().map(|(_, label)| label).collect();
        assert_eq!(
            labels.join(", "),
            "19 ms, 20 ms, 21 ms, 22 ms, 23 ms, 24 ms"
        );
        let short = Scale::new(0.0, 500.0, 24_000_000, None).between(4_000_000, 24_000_000);
        assert_eq!((short.begin(), short.broken_at().count()), (0, 0));
    }

    #[test]
    fn a_long_end_in_which_nothing_happens_takes_a_tenth() {
        let scale = Scale::new(0.0, 500.0, 24_000_000, None).between(19_000_000, 21_000_000);
        // What happens, and 6 % of that before and after.
        assert_eq!(scale.x(18_880_000), 0.0);
        assert_eq!(scale.x(21_120_000), 450.0);
        assert_eq!(scale.x(24_000_000), 500.0);
        assert_eq!(scale.broken_at().count(), 2);
        let labels: Vec<_> = scale.ticks().into_iter().map(|(_, label)| label).collect();
        assert_eq!(
            labels.join(", "),
            "19.0 ms, 19.5 ms, 20.0 ms, 20.5 ms, 21.0 ms, 24 ms"
        );
        // A deadlock is no end in which nothing happens: it has its own share.
        let stuck = Scale::new(0.0, 500.0, 100_000, Some(1_000)).between(0, 1_000);
        assert_eq!(stuck.x(1_000), 320.0);
    }

    #[test]
    fn a_short_deadlock_needs_no_break() {
        let scale = Scale::new(0.0, 100.0, 1000, Some(900));
        assert_eq!(scale.broken_at().count(), 0);
        assert_eq!(scale.x(500), 50.0);
    }

    #[test]
    fn later_is_never_further_left() {
        for stuck in [None, Some(0), Some(1), Some(20), Some(97)] {
            for quiet in [0, 1, 19, 40, 97, 200] {
                let scale = Scale::new(0.0, 100.0, 97, stuck).between(quiet, 97);
                let places: Vec<_> = (0..=98).map(|at| scale.x(at)).collect();
                assert!(places.is_sorted(), "{stuck:?}, {quiet}: {places:?}");
                assert!(places.iter().all(|x| (0.0..=100.0).contains(x)));
                assert!(!scale.ticks().is_empty() || quiet > 0);
            }
        }
    }
}
