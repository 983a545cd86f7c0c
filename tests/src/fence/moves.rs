//! What can happen next. Everything that a liar could say helps it only through these moves: whatever an honest
//! mirror would decline changes nothing.

use super::{
    Change, Home, Mask, World,
    state::{Node, PROMISED_MAX, State},
    view::View,
};

/// Something that happens; checkpoints by their place in the state before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Move {
    /// The home signs a checkpoint.
    Sign {
        /// Behind this one.
        behind: usize,
        /// Its seal names this one as certified; 0 is none.
        names: u8,
        /// An entry chooses this set; 0 is none.
        chooses: u8,
    },
    /// The home signs the first checkpoint of an incarnation.
    Resume {
        /// Behind this one.
        base: usize,
        /// The incarnation, as a place in [`World::runs`].
        run: u8,
    },
    /// A mirror cosigns.
    Cosign {
        /// The mirror.
        mirror: usize,
        /// The checkpoint.
        node: usize,
    },
    /// A mirror cuts its copy back to where an incarnation begins that it is shown.
    Cut {
        /// The mirror.
        mirror: usize,
        /// The base.
        base: usize,
        /// The incarnation of the checkpoint that is pushed.
        run: u8,
    },
    /// A mirror promises.
    Promise {
        /// The mirror.
        mirror: usize,
        /// It leaves everything before this incarnation alone.
        run: u8,
    },
}

/// Calls `found` with everything that can happen next.
pub fn each(view: &View<'_>, mut found: impl FnMut(Move, State)) {
    let count = view.state.nodes().len();
    if count <= view.world.checkpoints {
        for behind in 0..count {
            sign(view, behind, &mut found);
            resume(view, behind, &mut found);
        }
    }
    for mirror in 0..view.world.honest {
        for node in 1..count {
            cosign(view, mirror, node, &mut found);
        }
        promise(view, mirror, &mut found);
    }
}

/// `Home::seal`, and for a liar whatever `Fold::check_seal` and `acts::mirror_set` let pass.
fn sign(view: &View<'_>, behind: usize, found: &mut impl FnMut(Move, State)) {
    let World { home, change, .. } = view.world;
    let run = view.run(behind);
    let nodes = view.state.nodes();
    let last = (0..nodes.len()).filter(|node| view.run(*node) == run).all(|n| view.has(behind, n));
    if *home == Home::Honest && !last && *change != Change::RestoredSigns {
        return;
    }
    let before = view.node(behind).names;
    let named = (0..nodes.len()).filter(|named| {
        let known = *named == usize::from(before)
            || (*named > 0 && view.run(*named) == run && view.has(*named, usize::from(before)));
        let is_true = *named == 0 || view.is_certified(*named);
        known && view.has(behind, *named) && (*home == Home::Lying || is_true)
    });
    for named in named {
        for set in 0..view.world.sets.len() {
            if set > 0 && !view.may_choose(behind, set) {
                continue;
            }
            let (names, chooses) = (named as u8, set as u8);
            let mut next = *view.state;
            next.push(Node { parent: behind as u8, run, names, chooses, ..Node::default() });
            found(Move::Sign { behind, names, chooses }, next);
        }
    }
}

/// `Recovering::resume` with what `resume::check` lets pass. The root named the keys of every incarnation.
fn resume(view: &View<'_>, base: usize, found: &mut impl FnMut(Move, State)) {
    for run in 1..view.world.runs.len() {
        let later = view.world.runs[run] > view.number(base);
        let began = view.state.nodes().iter().any(|node| usize::from(node.run) == run);
        let again = view.world.home == Home::Honest && began;
        if !later || again || !view.under[base].suffice(view.world, promises(view, base, run)) {
            continue;
        }
        let named = usize::from(view.node(base).names);
        let shown = view.world.change != Change::NamedUnshown;
        if shown && named > 0 && !view.is_certified(named) {
            continue;
        }
        let names = if view.world.change == Change::BaseNamed { base as u8 } else { 0 };
        let run = run as u8;
        let mut next = *view.state;
        next.push(Node { parent: base as u8, run, names, ..Node::default() });
        found(Move::Resume { base, run }, next);
    }
}

/// Returns whose promise counts at a base; `resume::check_fence`.
fn promises(view: &View<'_>, base: usize, run: usize) -> Mask {
    let ignored = view.world.change == Change::AheadIgnored;
    promised(view, run, |held| {
        ignored || is_earlier(view, held, base) || is_below(view, held, base)
    })
}

/// Returns who promised while holding such a checkpoint.
fn promised(view: &View<'_>, run: usize, such: impl Fn(usize) -> bool) -> Mask {
    let nodes = view.state.nodes().iter().enumerate();
    nodes.filter(|(held, _)| such(*held)).fold(0, |all, (_, node)| all | node.promised[run - 1])
}

/// Returns whether a checkpoint is none, or of an incarnation before that of the base: it says nothing there.
fn is_earlier(view: &View<'_>, held: usize, base: usize) -> bool {
    held == 0 || view.number(held) < view.number(base)
}

/// Returns whether a checkpoint lies at or below a base, in its incarnation.
fn is_below(view: &View<'_>, held: usize, base: usize) -> bool {
    view.run(held) == view.run(base) && view.has(base, held)
}

/// `MirrorLog::extend`, from the first push to the cosignature; a cut is a move of its own.
fn cosign(view: &View<'_>, mirror: usize, node: usize, found: &mut impl FnMut(Move, State)) {
    let World { runs, change, .. } = view.world;
    let (run, below) = (view.run(node), view.state.below[mirror]);
    // Fenced, or keys of another set than it was shown.
    if runs[usize::from(run)] < runs[usize::from(below)]
        || (runs[usize::from(run)] == runs[usize::from(below)] && run != below)
    {
        return;
    }
    let copy = view.copy(mirror);
    if view.has(copy, node) && view.run(copy) == run {
        return;
    }
    if !view.has(node, copy) {
        let forks = *change == Change::ForkSigned && view.run(copy) == run;
        if !forks {
            return cut(view, mirror, node, found);
        }
    }
    // `MirrorLog::check_named`; that a base is named was once believed.
    let named = usize::from(view.node(node).names);
    let believed =
        *change == Change::NamedBelieved || (*change == Change::BaseNamed && view.is_resume(node));
    if named > 0 && !believed && !view.is_certified(named) {
        return;
    }
    let mut next = *view.state;
    next.place(mirror, node, None);
    next.node_mut(node).cosigned |= 1 << mirror;
    next.below[mirror] = run;
    found(Move::Cosign { mirror, node }, next);
}

/// `MirrorLog::cut_for` and `cut_to`: `node` does not go on from the copy, but a resume below it may say why. The
/// promises that the resume shows were counted when it was signed, by the same rule.
fn cut(view: &View<'_>, mirror: usize, node: usize, found: &mut impl FnMut(Move, State)) {
    let (held, _) = view.held(mirror);
    let copy = view.copy(mirror);
    let nodes = 0..view.state.nodes().len();
    let shared = nodes.clone().filter(|n| view.has(copy, *n) && view.has(node, *n)).max();
    let base = shared.expect("all share the founding checkpoint");
    let mut behind = nodes.filter(|n| *n != base && view.has(node, *n));
    let Some(first) = behind.find(|n| usize::from(view.node(*n).parent) == base) else { return };
    let shows = view.is_resume(first) && view.number(first) > view.number(copy);
    if !shows || view.committed_beyond(copy, base) {
        return;
    }
    let held = if view.has(base, held) { held } else { shown(view, base, first) };
    let run = view.run(node);
    let mut next = *view.state;
    next.place(mirror, held, Some(base));
    next.below[mirror] = run;
    found(Move::Cut { mirror, base, run }, next);
}

/// Returns the newest checkpoint that the promises of a resume name, where they name as little as they can; 0 is none.
fn shown(view: &View<'_>, base: usize, resume: usize) -> usize {
    let run = usize::from(view.run(resume));
    let enough = |most: Option<usize>| {
        let counts = |held: usize| {
            is_earlier(view, held, base) || most.is_some_and(|most| is_below(view, held, most))
        };
        view.under[base].suffice(view.world, promised(view, run, counts))
    };
    if view.world.change == Change::CutForgets || enough(None) {
        return 0;
    }
    let here = |most: &usize| is_below(view, *most, base);
    (0..=base).filter(here).find(|most| enough(Some(*most))).unwrap_or(base)
}

/// `MirrorLog::fence`.
fn promise(view: &View<'_>, mirror: usize, found: &mut impl FnMut(Move, State)) {
    let World { runs, change, .. } = view.world;
    let (held, _) = view.held(mirror);
    let copy = view.copy(mirror);
    let below = view.state.below[mirror];
    for run in 1..=PROMISED_MAX.min(runs.len() - 1) {
        let number = runs[run];
        let known = runs[usize::from(below)];
        let other_keys = number == known && run != usize::from(below);
        if number < known
            || number <= view.number(copy)
            || (other_keys && *change != Change::KeysMixed)
        {
            continue;
        }
        let mut next = *view.state;
        if *change != Change::FenceForgotten {
            next.below[mirror] = run as u8;
        }
        next.node_mut(held).promised[run - 1] |= 1 << mirror;
        if next != *view.state {
            found(Move::Promise { mirror, run: run as u8 }, next);
        }
    }
}
