//! An answer of the gateway before it becomes HTTP: status, envelope, paging word.

use crate::mode::Mode;
use crate::wire::codes;
use crate::wire::format::padded_message;
use crate::wire::json::{Fields, Node, fields};

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Node,
    /// `msg_cd` or `error_code`; empty where there is none.
    pub code: String,
    /// `tr_cont` header.
    pub continuation: &'static str,
    /// Whether it is an example of what is not simulated.
    pub is_canned: bool,
}

/// What became of a list, which its code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// No rows.
    Empty,
    /// All rows.
    Complete,
    /// The last page of a list that may have several.
    LastPage,
    /// More rows follow.
    More,
}

impl Answer {
    /// HTTP 200 with a body of its own shape.
    pub fn plain(fields: Fields) -> Answer {
        Answer { status: 200, body: Node::Object(fields), code: String::new(), continuation: "", is_canned: false }
    }

    /// Success: the outputs followed by the envelope.
    pub fn success(outputs: Fields, code: &str, message: String) -> Answer {
        let mut body = outputs;
        body.extend(fields! { "rt_cd" => "0", "msg_cd" => code, "msg1" => message });
        Answer { status: 200, body: Node::Object(body), code: code.to_owned(), continuation: "", is_canned: false }
    }

    /// A quote found, or not found: both are success.
    pub fn quote(outputs: Fields) -> Answer {
        Answer::success(outputs, "MCA00000", "정상처리 되었습니다.".to_owned())
    }

    /// A ledger query that succeeded. Paper has one code for all of them.
    pub fn ledger(mode: Mode, completeness: Completeness, outputs: Fields) -> Answer {
        let (code, text) = match (mode, completeness) {
            (Mode::Paper, _) => ("20310000", "모의투자 조회가 완료되었습니다."),
            (Mode::Real, Completeness::Empty) => ("KIOK0560", "조회할 내용이 없습니다"),
            (Mode::Real, Completeness::Complete) => ("KIOK0510", "조회가 완료되었습니다"),
            (Mode::Real, Completeness::LastPage) => ("KIOK0460", "조회 되었습니다. (마지막 자료)"),
            (Mode::Real, Completeness::More) => ("KIOK0490", "조회가 계속됩니다..다음버튼을 Click 하십시오."),
        };
        Answer::success(outputs, code, padded_message(text))
    }

    /// An accepted order: the envelope comes first, keys of the output are upper-case. Some answers lack the branch.
    pub fn order(branch: Option<&str>, code: &str, message: &str, number: &str, korean_time: &str) -> Answer {
        let mut output: Fields = fields! { "ODNO" => number, "ORD_TMD" => korean_time };
        if let Some(branch) = branch {
            output.insert(0, ("KRX_FWDG_ORD_ORGNO", branch.into()));
        }
        let body = fields! { "rt_cd" => "0", "msg_cd" => code, "msg1" => message, "output" => output };
        Answer { status: 200, body: Node::Object(body), code: code.to_owned(), continuation: "", is_canned: false }
    }

    /// A refusal with KIS's own text.
    pub fn refusal(code: &str) -> Answer {
        let text = codes::text_of(code);
        let message = if code == "90000000" { padded_message(text) } else { text.to_owned() };
        Answer::refusal_with(code, &message)
    }

    /// A refusal with a text of its own.
    pub fn refusal_with(code: &str, message: &str) -> Answer {
        Answer::error(codes::status_of(code), codes::return_code_of(code), code, message)
    }

    /// A query field that is not there.
    pub fn missing_query_field(name: &str) -> Answer {
        Answer::refusal_with("OPSQ2001", &format!("ERROR : INPUT FIELD NOT FOUND [{name}]"))
    }

    /// A body field that is not there or makes no sense: HTTP 500 and a plain sentence.
    pub fn bad_body_field(korean_object: &str) -> Answer {
        Answer::error(500, "1", codes::BODY_FIELD, &format!("{korean_object} 확인해주세요."))
    }

    /// A refusal of `/oauth2`: HTTP 403 and names of its own.
    pub fn oauth_refusal(code: &str) -> Answer {
        let body = fields! { "error_description" => codes::text_of(code), "error_code" => code };
        Answer { status: 403, body: Node::Object(body), code: code.to_owned(), continuation: "", is_canned: false }
    }

    /// Any refusal. Gateway errors print the message before its code.
    pub fn error(status: u16, return_code: &str, code: &str, message: &str) -> Answer {
        let body = if code.starts_with("EGW") {
            fields! { "rt_cd" => return_code, "msg1" => message, "msg_cd" => code }
        } else {
            fields! { "rt_cd" => return_code, "msg_cd" => code, "msg1" => message }
        };
        Answer { status, body: Node::Object(body), code: code.to_owned(), continuation: "", is_canned: false }
    }

    /// The same answer with a paging word.
    pub fn continued(self, continuation: &'static str) -> Answer {
        Answer { continuation, ..self }
    }
}
