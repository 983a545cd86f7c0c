//! `pirate federation ally`: opens an account for another cité with a line, and takes it as a witness, or
//! takes it for one no more. Both cités do this, each for itself; hours cross when both have.

use ledger::object::PeerState;
use proto::{
    act::{Act, Line, Mirror, MirrorSet, PeerOpen},
    desk::{Call, Known, PeerSheet, Reply, Sheet},
    founding::{Founding, VerifiedFounding},
    ids::CiteId,
    minutes::Minutes,
    time::UtcDay,
};
use serde_json::json;

use crate::{
    amount, codes,
    commands::Args,
    context::Context,
    deciding::{self, Decided},
    entries::{self, Names},
    error::Failure,
    language::Text,
    local::no_such_cite,
    output::{Done, Mark, Screen},
    pending,
    reply::unexpected,
    sheet, text,
    wallet::session::Session,
};

/// The line proposed towards a stranger: 10 h. Allies that trade want 50 to 150 h.
const LINE_STRANGER: Minutes = Minutes(600);
/// Days after which the same line may be signed again. A line lapses after a year; sooner than this an
/// entry would say what the log says already.
const RENEW_AFTER_DAYS: u64 = 30;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let asked = args.minutes("limit")?;
    let named = args.required("cite");
    let mut session = Session::open(context)?;
    let here = session.wallet.founding().founding().clone();
    if named.trim() == here.slug || named.trim().parse() == Ok(here.id()) {
        return Err(Failure::new(codes::ONESELF, text!("ally-oneself")));
    }
    let Reply::Cites(cites) = session.desk()?.call_here(Call::Cites)? else {
        return Err(unexpected());
    };
    let Reply::Sheet(own) = session.desk()?.call(Call::Sheet)? else { return Err(unexpected()) };
    let (record, known) = sheet::known(&cites, named).ok_or_else(|| no_such_cite(named))?;
    let founding = record.founding().clone();
    if founding.network != here.network {
        let (there, here) = (founding.network.name.as_str(), here.network.name.as_str());
        return Err(Failure::new(
            codes::OTHER_NETWORK,
            text!("other-network", there = there, here = here),
        )
        .because(text!("other-network-why")));
    }
    let account = own.peers.iter().find(|peer| peer.cite == founding.id());
    let line = match asked {
        Some(line) => line,
        None => ask_line(context, account.map_or(LINE_STRANGER, |peer| peer.line))?,
    };
    let mut acts: Vec<Act> = account_act(account, known, &founding, line, context.now().day());
    acts.extend(witness_act(&cites, &record, &own, args.flag("no-mirror"))?);
    if let (Some(peer), true) = (account, acts.is_empty()) {
        return Ok(unchanged(&founding, peer));
    }
    let acts = unproposed(&mut session, acts)?;
    context.show(&announced(&session, &founding, &own, line, &acts));
    if context.global.dry_run {
        return Ok(Done::new(
            json!({ "cite": founding.id().to_string(), "signed": [] }),
            Screen::new().line(text!("nothing-signed")),
        ));
    }
    context.prompt.confirm(&text!("ally-confirm"), false)?;
    let agreed =
        Agreed { founding: &founding, line, account, witness: is_witness(&own, founding.id()) };
    let mut decided: Vec<(&'static str, Decided)> = Vec::new();
    for act in acts {
        let kind = entries::act_kind(&act);
        match deciding::decide(&mut session, act) {
            Ok(done) => decided.push((kind, done)),
            Err(failure) if decided.is_empty() => return Err(failure),
            // The account stands; only the witness is missing, and the same command adds it later.
            Err(failure) => {
                return Ok(done(&agreed, &decided)
                    .hint(
                        text!("ally-no-witness", why = failure.message().clone()),
                        &["pirate", "federation", "ally", named],
                    )
                    .not_ok());
            }
        }
    }
    Ok(done(&agreed, &decided))
}

/// Returns the acts of which none waits for signatures that decides the same: proposed twice, one of them could only be
/// refused.
///
/// # Errors
/// P0736, with the act to sign, where nothing else is left.
fn unproposed(session: &mut Session<'_>, acts: Vec<Act>) -> Result<Vec<Act>, Failure> {
    let waiting = pending::acts(session)?;
    let same = |act: &Act| waiting.iter().find(|waits| subject(&waits.act) == subject(act));
    let first = acts.iter().find_map(same);
    let left: Vec<Act> = acts.iter().filter(|act| same(act).is_none()).cloned().collect();
    match first {
        Some(waits) if left.is_empty() => {
            let what = entries::act(&waits.act, &Names::default());
            Err(Failure::new(codes::ACT_PROPOSED, text!("act-proposed", what = what))
                .because(text!("act-proposed-why"))
                .fix(&["pirate", "cite", "approve", &waits.id.to_string()]))
        }
        _ => Ok(left),
    }
}

/// Returns what an act of an alliance decides: of which kind it is, and of which cité, where others may be decided beside
/// it.
fn subject(act: &Act) -> (&'static str, Option<CiteId>) {
    let cite = match act {
        Act::PeerOpen(open) => entries::neighbour(open).map(|founding| founding.id()),
        Act::Line(line) => Some(line.cite),
        _ => None,
    };
    (entries::act_kind(act), cite)
}

fn ask_line(context: &Context, usual: Minutes) -> Result<Minutes, Failure> {
    if context.global.yes {
        return Ok(usual);
    }
    let typed = context.prompt.line(&text!("ally-ask-line", usual = usual), "--limit")?;
    match typed.trim() {
        "" => Ok(usual),
        typed => amount::parse(typed).map(Minutes).map_err(|error| error.failure(typed)),
    }
}

/// Returns what opens the account, or changes or renews its line; nothing where the log says it already.
fn account_act(
    account: Option<&PeerSheet>,
    known: &Known,
    founding: &Founding,
    line: Minutes,
    today: UtcDay,
) -> Vec<Act> {
    let cite = founding.id();
    match account {
        None => vec![Act::PeerOpen(PeerOpen { founding: known.founding.clone(), line })],
        Some(peer) if peer.line == line && today < peer.renewed.plus(RENEW_AFTER_DAYS) => vec![],
        Some(_) => vec![Act::Line(Line { cite, line })],
    }
}

/// Returns what makes the other cité a witness, or one no more where it is not to be; nothing where that is so
/// already, or where there are enough.
fn witness_act(
    cites: &[Known],
    record: &VerifiedFounding,
    own: &Sheet,
    no_mirror: bool,
) -> Result<Option<Act>, Failure> {
    let cite = record.cite();
    let room = own.mirrors.len() < MirrorSet::MIRRORS_MAX;
    let mut set = match (is_witness(own, cite), no_mirror) {
        (true, true) => others(cites, own, cite)?,
        (false, false) if room => {
            let mut set = others(cites, own, cite)?;
            set.push(Mirror { cite, key: record.keys().mirror });
            set
        }
        _ => return Ok(None),
    };
    set.sort_unstable();
    Ok(Some(Act::MirrorSet(MirrorSet { mirrors: set })))
}

fn is_witness(own: &Sheet, cite: CiteId) -> bool {
    own.mirrors.contains(&cite)
}

/// Returns the witnesses of now but one. Their keys are those that their roots named last.
fn others(cites: &[Known], own: &Sheet, but: CiteId) -> Result<Vec<Mirror>, Failure> {
    let others = own.mirrors.iter().filter(|cite| **cite != but);
    others
        .map(|cite| {
            let (known, _) = sheet::known(cites, &cite.to_string())
                .ok_or_else(|| no_such_cite(&cite.to_string()))?;
            Ok(Mirror { cite: *cite, key: known.keys().mirror })
        })
        .collect()
}

fn announced(
    session: &Session<'_>,
    founding: &Founding,
    own: &Sheet,
    line: Minutes,
    acts: &[Act],
) -> Screen {
    let here = session.wallet.founding().founding();
    let mut screen = Screen::new()
        .fact(text!("label-network"), entries::network(here))
        .fact(text!("label-cite"), here.name.as_str())
        .fact(
            text!("label-ally"),
            text!(
                "cite-and-place",
                name = founding.name.as_str(),
                place = founding.place.as_str(),
                slug = founding.slug.as_str()
            ),
        )
        .fact(text!("label-line"), line);
    screen = screen.line(text!("ally-line-means"));
    if acts.iter().any(|act| matches!(act, Act::MirrorSet(_))) {
        screen = screen.line(match is_witness(own, founding.id()) {
            true => text!("ally-mirror-ends"),
            false => text!("ally-mirror-means"),
        });
    } else if own.mirrors.len() >= MirrorSet::MIRRORS_MAX {
        screen = screen.line(text!("ally-mirrors-full", most = MirrorSet::MIRRORS_MAX));
    }
    if here.network.test {
        screen = screen.mark(Mark::Warn, text!("test-network"));
    }
    screen.line(text!("ally-undo"))
}

/// What is agreed with a cité, and what was so far.
struct Agreed<'a> {
    founding: &'a Founding,
    line: Minutes,
    /// Its account of before.
    account: Option<&'a PeerSheet>,
    /// Whether it was a witness before.
    witness: bool,
}

fn done(agreed: &Agreed<'_>, decided: &[(&'static str, Decided)]) -> Done {
    let signed: Vec<_> = decided
        .iter()
        .map(|(kind, decided)| {
            let mut item = decided.json();
            if let Some(object) = item.as_object_mut() {
                object.insert("type".to_owned(), json!(kind));
            }
            item
        })
        .collect();
    let screen = decided
        .iter()
        .fold(Screen::new(), |screen, (kind, decided)| decided.show(screen, said(agreed, kind)));
    let mut done = Done::new(data(agreed.founding, agreed.line, &signed), screen);
    for (_, decided) in decided.iter().filter(|(_, decided)| decided.waits()) {
        done = decided.hint(done);
    }
    done.hint(text!("ally-next"), &["pirate", "federation", "list"])
}

/// Returns what an act did, in words.
fn said(agreed: &Agreed<'_>, kind: &str) -> Text {
    let (name, line) = (agreed.founding.name.as_str(), agreed.line);
    match (kind, agreed.account) {
        ("mirrors", _) if agreed.witness => text!("ally-mirror-ended", cite = name),
        ("mirrors", _) => text!("ally-mirror-done", cite = name),
        (_, None) => text!("ally-opened", cite = name, line = line),
        (_, Some(peer)) if peer.line == line => text!("ally-renewed", cite = name, line = line),
        (_, Some(peer)) => text!("ally-line", cite = name, line = line, before = peer.line),
    }
}

/// Everything is as was asked: nothing is signed.
fn unchanged(founding: &Founding, peer: &PeerSheet) -> Done {
    let until = peer.renewed.plus(PeerState::LINE_DAYS);
    let name = founding.name.as_str();
    let said = text!("ally-unchanged", cite = name, line = peer.line, until = until);
    Done::new(data(founding, peer.line, &[]), Screen::new().mark(Mark::Good, said))
        .hint(text!("ally-next"), &["pirate", "federation", "list"])
}

fn data(founding: &Founding, line: Minutes, signed: &[serde_json::Value]) -> serde_json::Value {
    json!({
        "cite": founding.id().to_string(),
        "slug": founding.slug,
        "line_min": line.0,
        "signed": signed,
    })
}
