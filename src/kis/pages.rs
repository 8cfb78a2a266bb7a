//! When a list is complete. KIS pages by the `tr_cont` header and two opaque keys. A list whose end is in doubt is an
//! error: half a list taken for the whole sends an order twice.

use std::time::Duration;

use crate::domain::KisError;
use crate::kis::endpoint::{Answer, Fields};
use crate::kis::error::Nonsense;
use crate::kis::json::{Object, Value};
use crate::kis::wire::{self, MayBeAbsent};
use crate::kis::words::{self, fields};

/// How often a list that changed while it was read is begun again.
pub(crate) const MAX_RESTARTS: u32 = 3;
/// A list has no fixed number of pages. One that takes longer than so many timeouts of a request is given up.
pub(crate) const MAX_TIMEOUTS: u32 = 15;

/// Gives up a list that goes on past its time.
pub(crate) fn check_time(now: Duration, give_up_at: Duration, longest: Duration, rows: usize) -> Result<(), KisError> {
    if now < give_up_at {
        return Ok(());
    }
    Err(KisError::Nonsense { detail: words::list_without_end(longest.as_secs_f32(), rows) })
}

/// Where the next page begins. KIS's keys hold the account number: they are sent back as they came, never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    fk: String,
    nk: String,
}

impl Cursor {
    pub(crate) fn tr_cont(&self) -> &'static str {
        if *self == Cursor::default() { "" } else { "N" }
    }

    pub(crate) fn fields(&self) -> Fields {
        vec![("CTX_AREA_FK200", self.fk.clone()), ("CTX_AREA_NK200", self.nk.clone())]
    }
}

/// One page of a list.
pub(crate) struct Page<Row> {
    /// Without the blank ones.
    pub(crate) rows: Vec<Row>,
    pub(crate) next: Option<Cursor>,
}

/// Reads a page of rows, which hold a list's name and the field that padding leaves blank; `full` is how many a page holds.
/// `read` gives `None` for a row that is not ours, and makes of one that can't be read whatever the list does with it.
pub(crate) fn read_page<Row>(
    answer: &Answer<'_>,
    asked: &Cursor,
    (list, key): (&str, &str),
    full: usize,
    read: impl Fn(&Object) -> Result<Option<Row>, Nonsense>,
) -> Result<Page<Row>, Nonsense> {
    // KIS's codes for "nothing to list": real and paper.
    let may_be_absent =
        if ["KIOK0560", "70070000"].contains(&answer.code) { MayBeAbsent::Yes } else { MayBeAbsent::No };
    let listed = wire::rows(answer.body, list, may_be_absent)?;
    let next = next_page(answer, asked, listed.len(), full)?;
    let rows = listed.into_iter().filter(|row| !wire::is_padding(row, key)).filter_map(|row| read(row).transpose());
    Ok(Page { rows: rows.collect::<Result<_, _>>()?, next })
}

/// Tells whether a page is the last. `listed` counts its rows, blank ones too.
fn next_page(answer: &Answer<'_>, asked: &Cursor, listed: usize, full: usize) -> Result<Option<Cursor>, Nonsense> {
    match answer.tr_cont {
        "D" | "E" => Ok(None),
        "F" | "M" => {
            let next = Cursor { fk: raw(answer, "ctx_area_fk200"), nk: raw(answer, "ctx_area_nk200") };
            match next.nk.trim() {
                "^^" => Ok(None),
                "" => Err(Nonsense(words::next_page_unknown())),
                nk if nk == asked.nk.trim() => Err(Nonsense(words::next_page_is_this())),
                _ => Ok(Some(next)),
            }
        }
        // Neither "more" nor "last": a page with room left is the last one, a full one may not be.
        _ if listed < full || wire::description(answer.body, "ctx_area_nk200") == "^^" => Ok(None),
        "" => Err(Nonsense(words::last_page_unsaid())),
        odd => Err(Nonsense(fields::unknown_on_full_page("tr_cont", odd))),
    }
}

fn raw(answer: &Answer<'_>, key: &str) -> String {
    match answer.body.get(key) {
        Some(Value::Text(text)) => text.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Mode;
    use crate::kis::json;
    use crate::kis::testing::cleaner;

    const FULL: usize = 20;

    fn after(tr_cont: &str, nk: &str, listed: usize, asked_nk: &str) -> Result<Option<String>, Nonsense> {
        let text = format!(r#"{{"ctx_area_fk200":"fk ","ctx_area_nk200":"{nk}"}}"#);
        let body = json::parse(text.as_bytes()).unwrap();
        let (cleaner, arrived_at) = (cleaner(), Duration::ZERO);
        let answer = Answer { body: &body, code: "", tr_cont, mode: Mode::Real, arrived_at, cleaner: &cleaner };
        let asked = Cursor { fk: String::new(), nk: asked_nk.to_owned() };
        next_page(&answer, &asked, listed, FULL).map(|next| next.map(|next| next.nk))
    }

    #[test]
    fn more_follows_only_where_kis_says_where() {
        for more in ["F", "M"] {
            assert_eq!(after(more, "next  ", 20, ""), Ok(Some("next  ".to_owned())), "as it came");
            assert_eq!(after(more, "next", 3, "before"), Ok(Some("next".to_owned())));
            assert_eq!(after(more, "^^  ", 20, "before"), Ok(None));
            assert!(after(more, "   ", 20, "").is_err());
            assert!(after(more, "before ", 20, "before").is_err());
        }
        for last in ["D", "E"] {
            assert_eq!(after(last, "anything", 20, ""), Ok(None));
        }
    }

    #[test]
    fn a_full_page_must_say_that_it_is_the_last() {
        for odd in ["", "X", "N", "FM"] {
            assert_eq!(after(odd, "next", 19, ""), Ok(None), "{odd:?}");
            assert!(after(odd, "next", 20, "").is_err(), "{odd:?}");
            assert!(after(odd, "", 21, "").is_err(), "{odd:?}");
            assert_eq!(after(odd, "^^ ", 20, ""), Ok(None), "{odd:?}");
        }
    }

    #[test]
    fn a_list_has_its_time_and_no_more() {
        let seconds = Duration::from_secs;
        assert_eq!(check_time(seconds(99), seconds(100), seconds(30), 7), Ok(()));
        let given_up = check_time(seconds(100), seconds(100), seconds(30), 7).unwrap_err();
        assert!(given_up.to_string().contains("did not end within 30 s: 7 rows"), "{given_up}");
    }
}
