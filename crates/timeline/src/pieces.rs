//! Segments that are too short to be seen become one piece with their neighbours.

use crate::layout::Segment;
use crate::scale::Scale;
use runner::State;

/// A bar of one lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Its left edge.
    pub from: f64,
    /// Its right edge.
    pub to: f64,
    /// The state, or the one that took most of the time where several were merged.
    pub state: State,
}

/// Neighbours that are waiting to become one piece.
#[derive(Debug, Clone, Default)]
struct Crumbs {
    from: f64,
    to: f64,
    /// Time in each state, in the order in which they came.
    shares: Vec<(State, u64)>,
}

impl Crumbs {
    fn add(&mut self, from: f64, to: f64, segment: &Segment) {
        if self.shares.is_empty() {
            self.from = from;
        }
        self.to = to;
        let time = segment.to - segment.from;
        match self
            .shares
            .iter_mut()
            .find(|(state, _)| *state == segment.state)
        {
            Some((_, share)) => *share += time,
            None => self.shares.push((segment.state, time)),
        }
    }

    /// The piece that they are, and none any more.
    fn take(&mut self) -> Option<Piece> {
        // The first of equal shares: `max_by_key` would take the last.
        let (state, _) = self.shares.iter().rev().max_by_key(|(_, share)| *share)?;
        let piece = Piece {
            from: self.from,
            to: self.to,
            state: *state,
        };
        self.shares.clear();
        Some(piece)
    }
}

/// The bars of a lane, none narrower than `least` px unless the lane is.
///
/// Segments narrower than that are taken together until they are as wide; the piece shows the state
/// that took most of its time. What is left over before a wide segment becomes part of it, but for
/// one case: between two segments of one state it is widened to `least`, or two waits would look
/// like one.
pub fn pieces(segments: &[Segment], scale: &Scale, least: f64) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut crumbs = Crumbs::default();
    for segment in segments {
        let (mut from, to) = (scale.x(segment.from), scale.x(segment.to));
        if to - from < least {
            crumbs.add(from, to, segment);
            if crumbs.to - crumbs.from < least {
                continue;
            }
        }
        if let Some(mut crumb) = crumbs.take() {
            from = crumb.from;
            let state = pieces.last().map(|last| last.state);
            if to - from < least || crumb.to >= to {
                push(&mut pieces, crumb, least);
                continue;
            }
            if state == Some(segment.state) && state != Some(crumb.state) {
                from += least;
                crumb.to = from;
                push(&mut pieces, crumb, least);
            }
        }
        let state = segment.state;
        push(&mut pieces, Piece { from, to, state }, least);
    }
    if let Some(crumb) = crumbs.take() {
        push(&mut pieces, crumb, least);
    }
    pieces
}

/// Adds a piece, or makes it part of the one before when that is of its state or it is too narrow.
fn push(pieces: &mut Vec<Piece>, piece: Piece, least: f64) {
    // Widths are differences of large numbers: the last digits are noise.
    let is_narrow = piece.to - piece.from < 0.999 * least;
    match pieces.last_mut() {
        Some(last) if last.state == piece.state || is_narrow => last.to = piece.to,
        _ => pieces.push(piece),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use State::{Lock, Read, Run};

    fn tenths(x: f64) -> f64 {
        (x * 10.0).round() / 10.0
    }

    /// A thousand nanoseconds on a hundred pixels.
    fn check(segments: &[(u64, State)], expected: &[(f64, f64, State)]) {
        let mut at = 0;
        let segments: Vec<_> = segments
            .iter()
            .map(|&(length, state)| {
                at += length;
                Segment {
                    from: at - length,
                    to: at,
                    state,
                }
            })
            .collect();
        let scale = Scale::new(0.0, 100.0, 1000, None);
        let pieces: Vec<_> = pieces(&segments, &scale, 1.0)
            .into_iter()
            .map(|piece| (tenths(piece.from), tenths(piece.to), piece.state))
            .collect();
        assert_eq!(pieces, expected);
    }

    #[test]
    fn what_can_be_seen_stays_as_it_is() {
        check(
            &[(300, Run), (10, Lock), (690, Run)],
            &[(0.0, 30.0, Run), (30.0, 31.0, Lock), (31.0, 100.0, Run)],
        );
    }

    #[test]
    fn a_piece_shows_the_state_that_took_most_of_its_time() {
        check(
            &[(500, Run), (2, Lock), (3, Run), (5, Lock), (490, Read)],
            &[(0.0, 50.0, Run), (50.0, 51.0, Lock), (51.0, 100.0, Read)],
        );
        check(
            &[(500, Lock), (2, Read), (3, Run), (5, Read), (490, Lock)],
            &[(0.0, 50.0, Lock), (50.0, 51.0, Read), (51.0, 100.0, Lock)],
        );
    }

    #[test]
    fn the_first_of_equal_shares_is_shown() {
        check(
            &[(500, Run), (5, Lock), (5, Read), (490, Run)],
            &[(0.0, 50.0, Run), (50.0, 51.0, Lock), (51.0, 100.0, Run)],
        );
    }

    #[test]
    fn what_is_too_little_for_a_piece_becomes_part_of_its_neighbour() {
        check(
            &[(500, Run), (4, Lock), (496, Read)],
            &[(0.0, 50.0, Run), (50.0, 100.0, Read)],
        );
        check(&[(996, Run), (4, Lock)], &[(0.0, 100.0, Run)]);
        check(
            &[(500, Run), (2, Lock), (2, Run), (496, Lock)],
            &[(0.0, 50.0, Run), (50.0, 100.0, Lock)],
        );
    }

    #[test]
    fn a_short_break_between_two_waits_is_seen() {
        check(
            &[(500, Lock), (4, Run), (496, Lock)],
            &[(0.0, 50.0, Lock), (50.0, 51.0, Run), (51.0, 100.0, Lock)],
        );
    }

    #[test]
    fn a_lane_too_short_to_be_seen_has_a_piece() {
        check(&[(3, Run), (4, Lock)], &[(0.0, 0.7, Lock)]);
        check(&[], &[]);
    }

    #[test]
    fn pieces_leave_no_gap() {
        let segments: Vec<_> = (0..400)
            .map(|n| (1 + n % 7, [Run, Lock, Read][n as usize % 3]))
            .collect();
        let mut at = 0;
        let segments: Vec<_> = segments
            .into_iter()
            .map(|(length, state)| {
                at += length;
                Segment {
                    from: at - length,
                    to: at,
                    state,
                }
            })
            .collect();
        let scale = Scale::new(0.0, 100.0, at, None);
        let pieces = pieces(&segments, &scale, 1.0);
        assert!(pieces.len() <= 100, "{}", pieces.len());
        assert!(
            pieces
                .windows(2)
                .all(|two| two[0].to == two[1].from && two[0].state != two[1].state)
        );
        assert!(pieces.iter().all(|piece| piece.to - piece.from >= 1.0));
        assert_eq!((pieces[0].from, pieces[pieces.len() - 1].to), (0.0, 100.0));
    }
}
