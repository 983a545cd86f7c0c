//! What must hold in every state, and what should be reached in some, so that the former says something.

use super::{Home, view::View};

/// What must hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Property {
    /// No two certified checkpoints of one incarnation contradict one another.
    CertifiedAgree,
    /// Every valid resume of a later incarnation stands on all that is committed.
    CommittedStays,
    /// Every valid resume of a later incarnation stands on all that was certified once.
    CertifiedStays,
    /// Of two resumes of one incarnation at most one is ever certified, and two sets of keys never both get a quorum
    /// of promises.
    OneResume,
    /// A home that keeps the rules never signs two histories under one key.
    HonestHome,
    /// Nor does a mirror that keeps them.
    HonestMirror,
}

/// All of them, with what is printed.
pub const PROPERTIES: [(Property, &str); 6] = [
    (Property::CertifiedAgree, "no two certified checkpoints of one incarnation conflict"),
    (Property::CommittedStays, "no resume leaves out a committed entry"),
    (Property::CertifiedStays, "no resume leaves out an entry that was certified once"),
    (Property::OneResume, "two resumes of one incarnation never both gain a quorum"),
    (Property::HonestHome, "an honest home is never convicted"),
    (Property::HonestMirror, "an honest mirror never signs two histories of one incarnation"),
];

/// Returns whether a property holds.
pub fn holds(property: Property, view: &View<'_>) -> bool {
    let nodes = || 1..view.state.nodes().len();
    let pairs = || nodes().flat_map(|a| nodes().map(move |b| (a, b))).filter(|(a, b)| a < b);
    let certified = || nodes().filter(|node| view.is_certified(*node));
    let later = |node: usize| {
        nodes().filter(move |r| view.is_resume(*r) && view.number(*r) > view.number(node))
    };
    match property {
        Property::CertifiedAgree => !pairs().any(|(a, b)| {
            view.is_certified(a)
                && view.is_certified(b)
                && view.number(a) == view.number(b)
                && view.conflict(a, b)
        }),
        Property::CommittedStays => certified().all(|node| {
            let committed = usize::from(view.node(node).names);
            later(node).all(|resume| view.has(resume, committed))
        }),
        Property::CertifiedStays => {
            certified().all(|node| later(node).all(|resume| view.has(resume, node)))
        }
        Property::OneResume => {
            let begun = |resume| certified().any(|node| view.has(node, resume));
            !pairs().any(|(a, b)| {
                let resumes = view.is_resume(a) && view.is_resume(b);
                let other_keys = view.run(a) != view.run(b);
                resumes
                    && view.number(a) == view.number(b)
                    && (other_keys || (begun(a) && begun(b) && view.conflict(a, b)))
            })
        }
        Property::HonestHome => {
            view.world.home != Home::Honest
                || !pairs().any(|(a, b)| view.run(a) == view.run(b) && view.conflict(a, b))
        }
        Property::HonestMirror => !pairs().any(|(a, b)| {
            let both = view.node(a).cosigned & view.node(b).cosigned != 0;
            both && view.run(a) == view.run(b) && view.conflict(a, b)
        }),
    }
}

/// What is reached in some state, with what is printed.
pub const REACHED: [&str; 7] = [
    "an entry is committed",
    "a later incarnation has a certificate",
    "an entry of a later incarnation is committed",
    "a resume leaves behind what a mirror had cosigned",
    "a mirror cuts its copy back",
    "two histories of one incarnation are signed",
    "new mirrors certify alone",
];

/// Returns which of [`REACHED`] a state shows.
pub fn reached(view: &View<'_>) -> [bool; REACHED.len()] {
    let nodes = || 1..view.state.nodes().len();
    let certified = || nodes().filter(|node| view.is_certified(*node));
    let leaves = |resume: usize| {
        nodes().any(|node| view.node(node).cosigned != 0 && view.conflict(node, resume))
    };
    [
        certified().any(|node| view.node(node).names > 0),
        certified().any(|node| view.number(node) > 0),
        certified().any(|node| view.number(node) > 0 && view.node(node).names > 0),
        nodes().any(|node| view.is_resume(node) && leaves(node)),
        view.state.nodes().iter().any(|node| node.cut != 0),
        nodes().any(|a| nodes().any(|b| view.run(a) == view.run(b) && view.conflict(a, b))),
        certified().any(|node| view.under[node].current > 0),
    ]
}
