//! What is said of `trades.csv`, in both languages.

use std::io;
use std::path::Path;

use crate::language::{Sentence, sentences};
use crate::store::words::Subject;

sentences! {
    not_written(path: &Path)
        "{path} could not be written; the next run adds what it lacks"
        "{path}을(를) 쓰지 못했습니다. 빠진 행은 다음 실행이 추가합니다"

    made_anew(failure: &Sentence, from: &str)
        "{failure}; it is made anew from {from}"
        "{failure}. {from}을(를) 읽어 새로 만듭니다"

    rows_go_beside(why: &Sentence, new: &str)
        "{why}: new rows go to {new} beside it until it is UTF-8 text with commas and the columns that kis-trade writes (in Excel: CSV UTF-8), or is moved away"
        "{why}. 이 파일을 kis-trade가 쓰는 열과 쉼표가 있는 UTF-8 텍스트로 저장하거나(엑셀: CSV UTF-8) 다른 곳으로 옮길 때까지 새 행은 같은 폴더의 {new}에 씁니다"

    unwritable(what: Subject<'_>, error: &io::Error)
        "{what} can't be written ({error})"
        "{what}에 쓸 수 없습니다({error})"

    unreadable(what: Subject<'_>, error: &io::Error)
        "{what} can't be read ({error})"
        "{what}을(를) 읽을 수 없습니다({error})"

    no_text(what: Subject<'_>)
        "{what} is UTF-16, or no text"
        "{what}은(는) UTF-16이거나 텍스트가 아닙니다"

    cp949(what: Subject<'_>)
        "{what} is CP949 (EUC-KR), not UTF-8"
        "{what}은(는) UTF-8이 아니라 CP949(EUC-KR)입니다"

    unknown_encoding(what: Subject<'_>)
        "{what} is in an unknown encoding, not UTF-8"
        "{what}은(는) UTF-8이 아니며 인코딩을 알 수 없습니다"

    semicolons(what: Subject<'_>)
        "{what} has semicolons between its columns"
        "{what}은(는) 열이 세미콜론(;)으로 나뉘어 있습니다"

    tabs(what: Subject<'_>)
        "{what} has tabs between its columns"
        "{what}은(는) 열이 탭으로 나뉘어 있습니다"

    other_columns(what: Subject<'_>)
        "{what} has other columns"
        "{what}은(는) 열 구성이 다릅니다"
}
