//! `pirate join INVITATION`: asks a cité to be admitted, with an order signed once and kept here.
//! Run again it sends the same bytes, until the order is out of date; what the cité says about itself is verified before anything is signed.
//! Whoever is a member there already, as her words tell, gets her account on this device instead.

use ledger::proof::{check_checkpoint, verify_founding};
use proto::{
    codec::Bytes,
    desk::{ALIAS_MAX, Call, Name, Query, Reply, Sheet},
    founding::{Rules, VerifiedFounding},
    ids::CiteId,
    keys::SigningKey,
    order::{Join, Order, SignedOrder, Statement},
    time::UtcDay,
    wire::Invitation,
};
use serde_json::json;

use super::Args;
use crate::{
    codes,
    context::Context,
    error::Failure,
    joining,
    keyring::Identity,
    language::{Text, Value},
    output::{Done, Mark, Screen},
    reply::{is_refusal, is_silence, unexpected},
    standing, text, typed,
    wallet::{
        Membership, NewWallet, Wallet,
        desk::{Desk, Signer, Target},
        session::Session,
        ways::Way,
    },
};

/// Days that an application may wait for its admission.
const VALID_DAYS: u64 = 30;

pub(super) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let invitation = Invitation::from_text(args.required("invitation")).map_err(|e| {
        Failure::new(codes::INVITATION_UNREADABLE, text!("join-unreadable")).caused_by(&e)
    })?;
    match Wallet::find(context)? {
        Some(wallet) if wallet.home() != invitation.cite => Err(elsewhere(context, &wallet)),
        Some(mut wallet) => {
            learn_place(context, &mut wallet, &invitation)?;
            if wallet.membership() != Membership::Signed {
                return again(context, wallet, &invitation);
            }
            if context.global.dry_run {
                return Ok(dry(wallet.home(), text!("join-dry")));
            }
            apply(&mut Desk::reach(context, &target(&invitation))?, wallet)
        }
        None => first(context, args, &invitation),
    }
}

/// Returns the token of an invitation, which only one for new members has.
fn token(invitation: &Invitation) -> Result<[u8; 16], Failure> {
    invitation.token.ok_or_else(|| {
        Failure::new(codes::INVITATION, text!("join-no-token")).fix(&[
            "pirate",
            "federation",
            "join",
            "…",
        ])
    })
}

fn elsewhere(context: &Context, wallet: &Wallet) -> Failure {
    let (profile, cite) = (context.paths.profile(), wallet.home_name());
    Failure::new(codes::OTHER_CITE, text!("join-other", profile = profile, cite = cite))
        .fix_for(text!("join-other-fix"), &["pirate", "key", "new", "--profile", "…"])
}

/// Remembers where an invitation says that the home's node is now, once the node there proved to be the home's: whoever
/// has no ally's node to ask learns it in no other way. Silence changes nothing, what is remembered may still be true.
fn learn_place(
    context: &Context,
    wallet: &mut Wallet,
    invitation: &Invitation,
) -> Result<(), Failure> {
    let global = &context.global;
    let asks = !global.offline && !global.dry_run && global.node.is_none();
    // A node of this machine is found by its socket.
    let elsewhere = !wallet.addresses().is_empty();
    let mut told = invitation.addresses.iter();
    if !asks || !elsewhere || told.all(|address| wallet.addresses().contains(address)) {
        return Ok(());
    }
    let way = Way {
        cite: invitation.cite,
        slug: wallet.slug().to_owned(),
        node: invitation.node,
        addresses: invitation.addresses.clone(),
    };
    let desk = Desk::at(&target(invitation), &way, &context.patience.part(2));
    let Ok(Reply::Sheet(sheet)) = desk.and_then(|mut desk| desk.call(Call::Sheet)) else {
        return Ok(());
    };
    let founding = verified(&sheet, invitation)?;
    // Any node has the sheet of another to show: the one that was called must be the home's own, by its newest keys.
    if founding.keys().network != invitation.node
        || founding.incarnation() < wallet.founding().incarnation()
    {
        return Ok(());
    }
    wallet.renew(&sheet.founding)?;
    wallet.moved(&invitation.addresses)?;
    if !context.printer.quiet() {
        let said = text!("join-moved", cite = wallet.home_name());
        context.show(&Screen::new().mark(Mark::Good, said));
    }
    Ok(())
}

/// Whoever applied, or is a member: says how far that is, and applies anew with another invitation where the first one
/// came to nothing.
fn again(context: &Context, wallet: Wallet, invitation: &Invitation) -> Result<Done, Failure> {
    let identity = context.identity()?;
    match Session::of(context, wallet, identity.clone()) {
        Ok(session) => match (session.wallet.number(), session.silence()) {
            (None, Some(silence)) => Err(silence.clone()),
            _ => Ok(waits(&session.wallet)),
        },
        Err(failure) if [codes::NOT_ADMITTED, codes::JOIN_DECLINED].contains(&failure.code()) => {
            anew(context, Wallet::load(context)?, invitation, &identity, failure)
        }
        Err(failure) => Err(failure),
    }
}

/// Applied, and not admitted. Another invitation brings the application again, for the first may have ended
/// or been declined meanwhile: then the used one says so. Nothing is forgotten when it is refused: the first may
/// still wait.
fn anew(
    context: &Context,
    mut wallet: Wallet,
    invitation: &Invitation,
    identity: &Identity,
    not_yet: Failure,
) -> Result<Done, Failure> {
    let token = token(invitation)?;
    if wallet.token() == Some(token) {
        let waiting = wallet.membership();
        let is_known = waiting != Membership::Declined
            && not_yet.value("state").is_some_and(|state| *state == waiting.word());
        return if is_known { Ok(waits(&wallet)) } else { Err(not_yet) };
    }
    if context.global.dry_run {
        return Ok(dry(wallet.home(), text!("join-dry")));
    }
    let join = renewed(wallet.join(), &identity.device_key(), context.now().day());
    let call = Call::Apply {
        token,
        join: Bytes::from(join.bytes().to_vec()),
        alias: wallet.alias().to_owned(),
    };
    match Desk::reach(context, &target(invitation))?.call(call) {
        Ok(Reply::Done) => wallet.applied_anew(join, &token)?,
        Ok(_) => return Err(unexpected()),
        // Admitted in between: the next command learns the number.
        Err(failure) if is_refusal(&failure, 55) => {}
        Err(failure) => return Err(failure),
    }
    Ok(applied(&wallet))
}

/// Returns an order to join that is good today: this one, or the same person's signed anew. An admission by
/// the old one, should it still wait for signatures, would be of the same member.
fn renewed(join: &SignedOrder, device: &SigningKey, today: UtcDay) -> SignedOrder {
    if join.order().valid_until >= today {
        return join.clone();
    }
    Order { valid_until: today.plus(VALID_DAYS), ..join.order().clone() }.sign(device)
}

/// Returns the desk that an invitation leads to.
pub(super) fn target(invitation: &Invitation) -> Target {
    Target {
        home: invitation.cite,
        network: invitation.network.id(),
        node: invitation.node,
        incarnation: 0,
        addresses: invitation.addresses.clone(),
        others: Vec::new(),
    }
}

fn first(context: &Context, args: &Args<'_>, invitation: &Invitation) -> Result<Done, Failure> {
    let alias = args.text("alias").map(|alias| typed::plain(alias, ALIAS_MAX)).transpose()?;
    let identity = context.identity()?;
    let alias = match alias {
        Some(alias) => alias,
        None => typed::plain(identity.alias(), ALIAS_MAX)?,
    };
    let mut desk = Desk::reach(context, &target(invitation))?;
    let Reply::Sheet(sheet) = desk.call(Call::Sheet)? else { return Err(unexpected()) };
    let founding = verified(&sheet, invitation)?;
    let (network, cite) = (founding.network(), founding.cite());
    let wallet = |identity, membership| {
        let until = context.now().day().plus(VALID_DAYS);
        NewWallet {
            founding: sheet.founding.to_vec(),
            addresses: invitation.addresses.clone(),
            join: joining::order(identity, network, cite, &sheet.rules, until),
            token: invitation.token,
            alias: alias.clone(),
            membership,
            number: None,
        }
    };
    let me = Name::Id(joining::record(&identity, cite).id());
    let Reply::Person(known) = desk.call(Call::Resolve(me))? else { return Err(unexpected()) };
    if let Some(known) = known {
        if context.global.dry_run {
            let (name, number) = (founding.founding().name.as_str(), known.number.to_string());
            return Ok(dry(cite, text!("join-back-dry", cite = name, number = number)));
        }
        let new = wallet(&identity, Membership::Admitted);
        return back(context, &mut desk, new, identity);
    }
    token(invitation)?;
    context.show(&shown(&founding, &sheet.rules, &alias));
    if context.global.dry_run {
        return Ok(dry(cite, text!("join-dry")));
    }
    if !args.flag("accept-charter") {
        // `--yes` alone accepts nothing that nobody named.
        if context.global.yes || !context.prompt.can_ask() {
            return Err(Failure::new(codes::RULES_NOT_ACCEPTED, text!("join-rules-needed"))
                .fix(&["pirate", "join", "…", "--accept-charter"]));
        }
        let version = sheet.rules.version;
        context.prompt.confirm(&text!("join-question", version = version.to_string()), false)?;
    }
    // Kept before it is sent: an application sent twice must be the same one.
    apply(&mut desk, Wallet::create(context, wallet(&identity, Membership::Signed))?)
}

/// The account of somebody who is a member there already, on a device that has nothing but her keys. Nothing is kept
/// before the home took her signature for the account's.
fn back(
    context: &Context,
    desk: &mut Desk,
    mut new: NewWallet,
    identity: Identity,
) -> Result<Done, Failure> {
    let (order, key) = (new.join.order(), identity.device_key());
    let signer = Signer { member: order.author, device: (order.epoch, order.lane), key: &key };
    let Reply::Account(account) = desk.private(signer, Query::Account)? else {
        return Err(unexpected());
    };
    new.number = Some(account.number);
    let session = Session::of(context, Wallet::create(context, new)?, identity)?;
    let (cite, number) = (session.wallet.home_name(), account.number.to_string());
    let screen = Screen::new()
        .mark(Mark::Good, text!("join-back", cite = cite, number = number))
        .fact(text!("label-balance"), session.fresh_account()?.balance)
        .line(text!("join-back-not"))
        .line(text!("join-back-one-device"));
    Ok(done(&session.wallet, screen).hint(text!("join-back-next"), &["pirate", "history"]))
}

fn dry(cite: CiteId, said: Text) -> Done {
    let data = json!({ "cite": cite.to_string(), "state": "dry_run" });
    Done::new(data, Screen::new().line(said))
}

/// Returns the founding record of the sheet, once it is that of the invitation and its log key signed
/// the checkpoint.
fn verified(sheet: &Sheet, invitation: &Invitation) -> Result<VerifiedFounding, Failure> {
    let forged = |part: Text| {
        Failure::new(codes::PROOF_FAILED, text!("reply-proof", part = part))
            .because(text!("reply-not-kept"))
    };
    let founding = verify_founding(&sheet.founding).map_err(|_| forged(text!("proof-founding")))?;
    if founding.cite() != invitation.cite || founding.network() != invitation.network.id() {
        return Err(Failure::new(codes::PROOF_FAILED, text!("join-wrong-cite")));
    }
    match check_checkpoint(&founding, &sheet.checkpoint) {
        Ok(()) => Ok(founding),
        Err(_) => Err(forged(text!("proof-checkpoint"))),
    }
}

fn shown(founding: &VerifiedFounding, rules: &Rules, alias: &str) -> Screen {
    let record = founding.founding();
    let mut screen = Screen::new()
        .title(text!("cite-with-place", name = record.name.as_str(), place = record.place.as_str()))
        .fact(text!("label-network"), standing::network(&record.network))
        .fact(text!("label-rules"), said_rules(rules));
    if rules.pledge.0 > 0 {
        screen = screen.fact(text!("label-pledge"), text!("join-pledge", pledge = rules.pledge));
    }
    screen
        .line(text!("join-public"))
        .line(text!("join-private"))
        .line(text!("join-alias", alias = alias))
}

fn said_rules(rules: &Rules) -> Text {
    text!(
        "rules-said",
        version = rules.version.to_string(),
        step = rules.step,
        floor = Value::Limit(-i64::from(rules.floor.0)),
        ceiling = Value::Limit(rules.ceiling.0.into())
    )
}

fn apply(desk: &mut Desk, mut wallet: Wallet) -> Result<Done, Failure> {
    let call = Call::Apply {
        token: wallet.token().unwrap_or_default(),
        join: Bytes::from(wallet.join().bytes().to_vec()),
        alias: wallet.alias().to_owned(),
    };
    match desk.call(call) {
        Ok(Reply::Done) => wallet.set_membership(Membership::Applied)?,
        Ok(_) => return Err(unexpected()),
        // Somebody admitted the same person in between: the next command learns the number.
        Err(failure) if is_refusal(&failure, 55) => wallet.set_membership(Membership::Applied)?,
        Err(failure) => {
            if !is_silence(&failure) {
                wallet.forget()?;
            }
            return Err(failure);
        }
    }
    Ok(applied(&wallet))
}

/// What became of an application that was just made.
fn applied(wallet: &Wallet) -> Done {
    let said = text!("join-applied", cite = wallet.home_name());
    done(wallet, Screen::new().mark(Mark::Good, said))
        .hint(text!("join-next"), &["pirate", "join", "…"])
}

/// How far somebody is who applied earlier.
fn waits(wallet: &Wallet) -> Done {
    let cite = wallet.home_name();
    let Some(number) = wallet.number() else {
        return done(wallet, Screen::new().line(text!("join-waits", cite = cite)))
            .hint(text!("join-next"), &["pirate", "join", "…"]);
    };
    let said = text!("join-admitted", cite = cite, number = number.to_string());
    done(wallet, Screen::new().mark(Mark::Good, said))
        .hint(text!("join-card"), &["pirate", "card", "show"])
}

/// Returns how far this membership has come, for programs, with a screen for people.
fn done(wallet: &Wallet, screen: Screen) -> Done {
    let Join { rules, .. } = match &wallet.join().order().statement {
        Statement::Join(join) => join.clone(),
        _ => unreachable!("a wallet is only made of a Join"),
    };
    let data = json!({
        "cite": wallet.home().to_string(),
        "slug": wallet.slug(),
        "member": wallet.member().to_string(),
        "number": wallet.number(),
        "state": wallet.membership().word(),
        "charter_version": rules,
    });
    let done = Done::new(data, screen);
    match wallet.network().test {
        true => done.warn(codes::TEST_NETWORK, text!("warn-test-network"), &[]),
        false => done,
    }
}

#[cfg(test)]
mod tests {
    use proto::{
        checkpoint::{Checkpoint, Origin},
        codec::{Bytes, Canonical as _},
        desk::Sheet,
        founding::Rules,
        hash::Hash,
        keys::SigningKey,
        order::Head,
        time::{UnixMillis, UtcDay},
        wire::Invitation,
    };
    use zeroize::Zeroizing;

    use super::{VALID_DAYS, renewed, verified};
    use crate::{codes, joining, keyring::Identity, language::Lang, wallet::tests::home};

    fn sheet(log: u8) -> (Sheet, Invitation) {
        let founding = home().verify().expect("it is well signed");
        let record = founding.founding();
        let origin = Origin { network: founding.network(), cite: founding.cite(), incarnation: 0 };
        let log = SigningKey::from_seed(&[log; 32]);
        let head = Head { size: 3, root: Hash([8; 32]) };
        let sheet = Sheet {
            founding: Bytes::from(home().encode()),
            rules: Rules::default(),
            checkpoint: Checkpoint::sign(origin, head, &log),
            certificate: None,
            committed: Head::empty(),
            members: 1,
            stewards: 1,
            peers: Vec::new(),
            mirrors: Vec::new(),
            root_seq: 1,
            closed: None,
            will: None,
            inherited: None,
            now: UnixMillis(1),
        };
        let invitation = Invitation {
            network: record.network.clone(),
            cite: founding.cite(),
            node: record.network_key,
            addresses: vec!["192.0.2.7:17890".to_owned()],
            token: Some([1; 16]),
        };
        (sheet, invitation)
    }

    #[test]
    fn a_cite_is_believed_only_with_its_record_its_network_and_its_log_key() {
        let (good, invitation) = sheet(2);
        assert!(verified(&good, &invitation).is_ok());
        let code = |sheet: &Sheet, invitation: &Invitation| {
            verified(sheet, invitation).map(|_| ()).expect_err("something is wrong").code()
        };
        let (forged, _) = sheet(77);
        assert_eq!(code(&forged, &invitation), codes::PROOF_FAILED);
        let mut other = invitation.clone();
        other.cite.0 = Hash([1; 32]);
        assert_eq!(code(&good, &other), codes::PROOF_FAILED);
        let mut real = invitation;
        real.network.test = false;
        assert_eq!(code(&good, &real), codes::PROOF_FAILED);
    }

    #[test]
    fn an_order_that_is_out_of_date_is_signed_anew_for_the_same_person() {
        let identity =
            Identity::new(Zeroizing::new([7; 16]), Lang::Fr, "Zoé".to_owned(), UnixMillis(0));
        let (device, day) = (identity.device_key(), UtcDay(20_780));
        let founding = home().verify().expect("it is well signed");
        let last = day.plus(VALID_DAYS);
        let (network, cite) = (founding.network(), founding.cite());
        let old = joining::order(&identity, network, cite, &Rules::default(), last);
        assert_eq!(renewed(&old, &device, last).bytes(), old.bytes(), "its last day");
        let new = renewed(&old, &device, last.plus(1));
        let new = new.verify(&device.verifying()).expect("the device signed it").order().clone();
        assert_eq!(new.valid_until, last.plus(1 + VALID_DAYS));
        assert_eq!(
            (new.author, new.statement),
            (old.order().author, old.order().statement.clone())
        );
    }
}
