//! `pirate federation ally`: opens an account for another cité with a line, and takes it as a witness.
//! Both cités do this, each for itself; hours cross when both have.

use proto::{
    act::{Act, Line, Mirror, MirrorSet, PeerOpen},
    desk::{Call, Known, Reply, Sheet},
    founding::Founding,
    minutes::Minutes,
};
use serde_json::json;

use crate::{
    amount, codes,
    commands::Args,
    context::Context,
    deciding::{self, Decided},
    entries,
    error::Failure,
    local::no_such_cite,
    output::{Done, Mark, Screen},
    reply::unexpected,
    sheet, text,
    wallet::session::Session,
};

/// The line proposed towards a stranger: 10 h. Allies that trade want 50 to 150 h.
const LINE_STRANGER: Minutes = Minutes(600);

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let asked = args.minutes("limit")?;
    let named = args.required("cite");
    let mut session = Session::open(context)?;
    let Reply::Cites(cites) = session.desk()?.call_here(Call::Cites)? else {
        return Err(unexpected());
    };
    let Reply::Sheet(own) = session.desk()?.call(Call::Sheet)? else { return Err(unexpected()) };
    let here = session.wallet.founding().founding();
    let oneself = || Failure::new(codes::ONESELF, text!("ally-oneself"));
    // The node does not count itself among those it knows.
    if named == here.slug || named == here.id().to_string() {
        return Err(oneself());
    }
    let (founding, known) = sheet::known(&cites, named).ok_or_else(|| no_such_cite(named))?;
    if founding.id() == here.id() {
        return Err(oneself());
    }
    if founding.network != here.network {
        let (there, here) = (founding.network.name.as_str(), here.network.name.as_str());
        return Err(Failure::new(
            codes::OTHER_NETWORK,
            text!("other-network", there = there, here = here),
        )
        .because(text!("other-network-why")));
    }
    let line = match asked {
        Some(line) => line,
        None => ask_line(context)?,
    };
    let acts = acts(&cites, known, &founding, &own, line, args.flag("no-mirror"))?;
    context.show(&announced(&session, &founding, &own, line, &acts));
    if context.global.dry_run {
        return Ok(Done::new(
            json!({ "cite": founding.id().to_string(), "signed": [] }),
            Screen::new().line(text!("nothing-signed")),
        ));
    }
    context.prompt.confirm(&text!("ally-confirm"), false)?;
    let mut decided: Vec<(&'static str, Decided)> = Vec::new();
    for act in acts {
        let kind = entries::act_kind(&act);
        match deciding::decide(&mut session, act) {
            Ok(done) => decided.push((kind, done)),
            Err(failure) if decided.is_empty() => return Err(failure),
            // The account stands; only the witness is missing, and the same command adds it later.
            Err(failure) => {
                return Ok(done(&founding, line, &decided)
                    .hint(
                        text!("ally-no-witness", why = failure.message().clone()),
                        &["pirate", "federation", "ally", named],
                    )
                    .not_ok());
            }
        }
    }
    Ok(done(&founding, line, &decided))
}

fn ask_line(context: &Context) -> Result<Minutes, Failure> {
    if context.global.yes {
        return Ok(LINE_STRANGER);
    }
    let typed = context.prompt.line(&text!("ally-ask-line", usual = LINE_STRANGER), "--limit")?;
    match typed.trim() {
        "" => Ok(LINE_STRANGER),
        typed => amount::parse(typed).map(Minutes).map_err(|error| error.failure(typed)),
    }
}

/// Returns what has to be signed: the account or its line, then the witnesses.
fn acts(
    cites: &[Known],
    known: &Known,
    founding: &Founding,
    own: &Sheet,
    line: Minutes,
    no_mirror: bool,
) -> Result<Vec<Act>, Failure> {
    let cite = founding.id();
    let mut acts = match own.peers.iter().find(|peer| peer.cite == cite) {
        None => vec![Act::PeerOpen(PeerOpen { founding: known.founding.clone(), line })],
        Some(peer) if peer.line != line => vec![Act::Line(Line { cite, line })],
        Some(_) => Vec::new(),
    };
    let room = own.mirrors.len() < MirrorSet::MIRRORS_MAX;
    if !no_mirror && !own.mirrors.contains(&cite) && room {
        acts.push(Act::MirrorSet(mirrors(cites, founding, own)?));
    }
    if acts.is_empty() {
        // Nothing differs: the line is renewed, which is what signing it again is for.
        acts.push(Act::Line(Line { cite, line }));
    }
    Ok(acts)
}

/// Returns the witnesses of now and the new one, in order. Their keys are those of their founding records.
fn mirrors(cites: &[Known], founding: &Founding, own: &Sheet) -> Result<MirrorSet, Failure> {
    let mut mirrors = vec![Mirror { cite: founding.id(), key: founding.mirror_key }];
    for cite in &own.mirrors {
        let (known, _) = sheet::known(cites, &cite.to_string())
            .ok_or_else(|| no_such_cite(&cite.to_string()))?;
        mirrors.push(Mirror { cite: *cite, key: known.mirror_key });
    }
    mirrors.sort_unstable();
    Ok(MirrorSet { mirrors })
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
        screen = screen.line(text!("ally-mirror-means"));
    } else if own.mirrors.len() >= MirrorSet::MIRRORS_MAX {
        screen = screen.line(text!("ally-mirrors-full", most = MirrorSet::MIRRORS_MAX));
    }
    if here.network.test {
        screen = screen.mark(Mark::Warn, text!("test-network"));
    }
    screen.line(text!("ally-undo"))
}

fn done(founding: &Founding, line: Minutes, decided: &[(&'static str, Decided)]) -> Done {
    let data = json!({
        "cite": founding.id().to_string(),
        "slug": founding.slug,
        "line_min": line.0,
        "signed": decided.iter().map(|(kind, decided)| {
            let mut item = decided.json();
            if let Some(object) = item.as_object_mut() {
                object.insert("type".to_owned(), json!(kind));
            }
            item
        }).collect::<Vec<_>>(),
    });
    let name = founding.name.as_str();
    let screen = decided.iter().fold(Screen::new(), |screen, (kind, decided)| {
        let said = match *kind {
            "mirrors" => text!("ally-mirror-done", cite = name),
            "line" => text!("ally-line-done", cite = name, line = line),
            _ => text!("ally-done", cite = name, line = line),
        };
        decided.show(screen, said)
    });
    let mut done = Done::new(data, screen);
    for (_, decided) in decided.iter().filter(|(_, decided)| decided.waits()) {
        done = decided.hint(done);
    }
    done.hint(text!("ally-next"), &["pirate", "federation", "list"])
}
