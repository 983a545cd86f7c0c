//! `pirate card print`: cards on paper, to be cut out and folded: the own one, or of a cité's members on the machine of
//! its node, from its disk and with its card key. Asks no member's device, and moves nothing.

use std::path::PathBuf;

use ledger::{card, object::MemberState};
use node::keyfile::Keys;
use proto::{founding::VerifiedFounding, keys::PublicKey, time::UnixMillis};
use serde_json::json;

use super::own::{Short, sheet};
use crate::{
    codes,
    commands::Args,
    context::Context,
    dry,
    error::{Failure, file_failure},
    local::LocalLog,
    output::{Done, Mark, Screen},
    sealed::{self, SealError},
    text,
    wallet::session::Session,
};

/// The file, where none is named.
const FILE: &str = "cartes.pdf";
/// Most cards of a sheet: forty pages, an afternoon with scissors.
const CARDS_MAX: usize = 200;

pub(in crate::commands) fn run(context: &Context, args: &Args<'_>) -> Result<Done, Failure> {
    let path = args.path("output").unwrap_or_else(|| PathBuf::from(FILE));
    let members = args.text("members").map(numbers).transpose()?;
    let (record, cards) = match &members {
        None => own(context)?,
        Some(members) => of_members(context, members)?,
    };
    let printed: Vec<u32> = cards.iter().map(|card| card.card.card().number).collect();
    let data = |written: bool| json!({ "path": path.display().to_string(), "written": written, "numbers": printed });
    if context.global.dry_run {
        return Ok(Done::new(data(false), dry::line(Screen::new(), &path)?));
    }
    let bytes = sheet(context.lang, record.founding(), &cards);
    sealed::write_new(&path, &bytes).map_err(|error| match error {
        SealError::Io(error) => file_failure(true, &path, &error),
        other => {
            Failure::new(codes::CANNOT_WRITE, text!("cannot-write", path = &path)).caused_by(&other)
        }
    })?;
    let said = text!("card-sheet-written", count = cards.len(), path = &path);
    let screen = Screen::new().mark(Mark::Good, said).inset(text!("card-sheet-fold"));
    Ok(Done::new(data(true), screen))
}

fn own(context: &Context) -> Result<(VerifiedFounding, Vec<Short>), Failure> {
    let mut session = Session::open(context)?;
    let short = Short::of(&mut session)?;
    Ok((session.wallet.founding().clone(), vec![short]))
}

/// Returns the cards of members of the cité that lives here, stated as of its last entry: nothing newer is on the disk.
fn of_members(
    context: &Context,
    wanted: &[u32],
) -> Result<(VerifiedFounding, Vec<Short>), Failure> {
    let log = LocalLog::own(&context.paths)?;
    let entries = log.entries()?;
    let record = log.record(&entries)?.0;
    let fold = log.fold(context, &entries)?;
    let state = fold.state();
    let stated = state.clock().map_or(UnixMillis(0), |clock| clock.time);
    let path = log.home().keys();
    let foreign = || Failure::new(codes::CANNOT_READ, text!("card-key-foreign", path = &path));
    let keys = Keys::load(&path).map_err(|error| foreign().caused_by(&error))?;
    if keys.card.public() != record.keys().card {
        return Err(foreign());
    }
    let today = context.now().day();
    let mut cards = Vec::new();
    for number in wanted {
        let member = state.members().find(|member| member.number == *number);
        let card =
            member.and_then(|member| card::stated(&record, member, device(member)?, stated, today));
        let card = card.ok_or_else(|| {
            let number = number.to_string();
            Failure::new(codes::NO_CARD, text!("card-print-none", number = number))
        })?;
        let signed = card.sign(&record.network(), &keys.card);
        let card = signed.clone().verify(&record).map_err(|error| foreign().caused_by(&error))?;
        cards.push(Short { signed, card });
    }
    Ok((record, cards))
}

/// Returns the key of the device that the member used first.
fn device(member: &MemberState) -> Option<PublicKey> {
    member.devices.iter().min_by_key(|device| device.lane).map(|device| device.key)
}

/// Returns the numbers of `1,4-9`, in order and each once.
fn numbers(typed: &str) -> Result<Vec<u32>, Failure> {
    let wrong = || Failure::new(codes::USAGE, text!("card-print-numbers", typed = typed));
    let mut numbers = Vec::new();
    for part in typed.split(',').map(str::trim) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |typed: &str| typed.trim().parse::<u32>().map_err(|_| wrong());
        let (first, last) = (number(first)?, number(last)?);
        let count =
            usize::try_from(last.checked_sub(first).ok_or_else(wrong)?).map_err(|_| wrong())?;
        if first == 0 || count >= CARDS_MAX {
            return Err(wrong());
        }
        numbers.extend(first..=last);
    }
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() > CARDS_MAX { Err(wrong()) } else { Ok(numbers) }
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn numbers_are_a_list_of_spans() {
        let read = |typed| numbers(typed).ok();
        assert_eq!(read("1,4-6, 9"), Some(vec![1, 4, 5, 6, 9]));
        assert_eq!(read("6-6,5-7"), Some(vec![5, 6, 7]));
        assert_eq!(read("1-200").map(|all| all.len()), Some(200));
        for wrong in ["", "0", "1,", "7-4", "1-201", "a", "-3", "1-100,101-300", "4294967296"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
