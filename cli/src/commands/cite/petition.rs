//! `pirate cite petition`: an heir of a cité that is silent for good signs that another one goes on with its log, in the
//! file that goes round. Needs no node and no network; nothing happens before enough heirs signed.

use serde_json::json;

use super::found::root_key_of;
use crate::{
    codes,
    commands::{Args, key::new::read_words},
    context::Context,
    entries,
    error::Failure,
    output::{Done, Mark, Screen},
    petition_file::Petition,
    text,
};

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let path = args.path("petition").expect("the spec says that clap must ask for it");
    let mut petition = Petition::read(&path)?;
    context.show(&announced(&petition));
    if args.text("words-file").is_none() {
        context.show(&Screen::new().line(text!("petition-words")));
    }
    let words = read_words(context, args.text("words-file"), None)?;
    let (network, key) = (petition.record.founding.network.id(), root_key_of(&words.entropy));
    if !petition.will().heirs.keys.keys.contains(&key.public()) {
        return Err(Failure::new(codes::ROOT_WORDS, text!("petition-other-words")));
    }
    let data = |petition: &Petition, signed: bool| {
        let (have, need) = petition.signed();
        json!({
            "cite": petition.record.founding.id().to_string(),
            "slug": petition.record.founding.slug,
            "path": path.display().to_string(),
            "signed": signed,
            "signatures": have,
            "threshold": need,
        })
    };
    if context.global.dry_run {
        return Ok(Done::new(data(&petition, false), Screen::new().line(text!("nothing-signed"))));
    }
    context.prompt.confirm(&text!("petition-confirm"), false)?;
    // Signed before is signed: the same again changes nothing.
    petition.epoch_mut().sign_as_heir(&network, &key);
    petition.write(&path)?;
    let (have, need) = petition.signed();
    let screen = Screen::new().mark(Mark::Good, text!("petition-signed", have = have, need = need));
    let done = Done::new(data(&petition, true), screen);
    let file = path.display().to_string();
    Ok(match have < need {
        true => done.hint(text!("petition-next"), &["pirate", "cite", "petition", file.as_str()]),
        false => done.hint(
            text!("petition-enough"),
            &["pirate", "node", "inherit", "--petition", file.as_str()],
        ),
    })
}

/// What is asked, before the words.
fn announced(petition: &Petition) -> Screen {
    let founding = &petition.record.founding;
    let (have, need) = petition.signed();
    let mut screen = Screen::new()
        .title(text!("petition-title"))
        .fact(text!("label-network"), entries::network(founding))
        .fact(text!("label-cite"), founding.name.as_str())
        .fact(text!("label-incarnation"), petition.epoch().epoch.incarnation.to_string())
        .fact(text!("label-signatures"), text!("petition-count", have = have, need = need))
        .line(text!("petition-means"))
        .mark(Mark::Warn, text!("petition-look"));
    if founding.network.test {
        screen = screen.mark(Mark::Warn, text!("test-network"));
    }
    screen
}
