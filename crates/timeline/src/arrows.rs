//! Which edges of a run are drawn.

use crate::layout::{Edge, Kind};
use crate::scale::Scale;
use std::collections::HashMap;

/// Arrows of all kinds together.
const ARROWS: usize = 100;
/// Arrows of one kind between the same two lanes that are nearer are drawn as one.
const NEAR: f64 = 7.0;

/// An arrow from one lane to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrow {
    /// What it stands for.
    pub kind: Kind,
    /// Where it is on the axis.
    pub x: f64,
    /// The lane that acts.
    pub from: usize,
    /// The other lane.
    pub to: usize,
}

/// The arrows between lanes that are drawn: of those at one place one, and no more than can be told
/// apart. Beginnings and ends come first, since without them a lane hangs in the air.
pub fn arrows(edges: &[Edge], scale: &Scale, is_drawn: impl Fn(usize) -> bool) -> Vec<Arrow> {
    let mut last: HashMap<(Kind, usize, usize), f64> = HashMap::new();
    let (mut lives, mut others) = (Vec::new(), Vec::new());
    for &Edge { at, from, to, kind } in edges {
        if from == to || !is_drawn(from) || !is_drawn(to) {
            continue;
        }
        let x = scale.x(at);
        let before = last.get(&(kind, from, to));
        if before.is_some_and(|before| x - before < NEAR) {
            continue;
        }
        last.insert((kind, from, to), x);
        let list = match kind {
            Kind::Spawn | Kind::End => &mut lives,
            Kind::Data | Kind::Wake => &mut others,
        };
        list.push(Arrow { kind, x, from, to });
    }
    let mut chosen = thinned(lives, ARROWS);
    let room = ARROWS - chosen.len();
    chosen.extend(thinned(others, room));
    chosen
}

/// At most so many of a list, at equal distances.
pub fn thinned<T>(list: Vec<T>, most: usize) -> Vec<T> {
    let count = list.len();
    if count <= most {
        return list;
    }
    // The n-th that stays is the one in which n more of `most` parts of the list are over.
    let stays = |index: usize| (index + 1) * most / count > index * most / count;
    let numbered = list.into_iter().enumerate();
    numbered
        .filter(|(index, _)| stays(*index))
        .map(|(_, item)| item)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Kind::{Data, Spawn, Wake};

    fn chosen(edges: &[(u64, usize, usize, Kind)]) -> Vec<Arrow> {
        let edges: Vec<_> = edges
            .iter()
            .map(|&(at, from, to, kind)| Edge { at, from, to, kind })
            .collect();
        arrows(&edges, &Scale::new(0.0, 500.0, 5000, None), |lane| lane < 9)
    }

    #[test]
    fn arrows_at_one_place_are_one_unless_they_say_something_else() {
        let edges = [
            (10, 0, 1, Wake),
            (20, 0, 1, Wake),
            (30, 1, 0, Wake),
            (40, 0, 1, Data),
            (90, 0, 1, Wake),
        ];
        let places: Vec<_> = chosen(&edges).iter().map(|arrow| arrow.x).collect();
        assert_eq!(places, [1.0, 3.0, 4.0, 9.0]);
    }

    #[test]
    fn an_arrow_needs_both_its_lanes_and_they_are_two() {
        assert_eq!(
            chosen(&[(1, 0, 9, Spawn), (2, 9, 0, Wake), (3, 4, 4, Wake)]),
            []
        );
    }

    #[test]
    fn of_many_arrows_those_of_beginnings_stay_and_the_others_are_thinned() {
        let mut edges: Vec<_> = (0..300)
            .map(|nth| {
                (
                    nth * 16,
                    nth as usize % 8,
                    8,
                    [Data, Wake][nth as usize / 150],
                )
            })
            .collect();
        edges.extend((0..8).map(|nth| (4900, 8, nth, Spawn)));
        let chosen = chosen(&edges);
        let count = |kind| chosen.iter().filter(|arrow| arrow.kind == kind).count();
        assert_eq!((count(Spawn), count(Data), count(Wake)), (8, 46, 46));
    }

    #[test]
    fn a_thinned_list_is_as_long_as_it_may_be() {
        for (count, most) in [(0, 3), (3, 3), (4, 3), (100, 7), (7, 0)] {
            let list = thinned((0..count).collect(), most);
            assert_eq!(list.len(), count.min(most), "{count} {most}");
            assert!(list.is_sorted());
        }
    }
}
