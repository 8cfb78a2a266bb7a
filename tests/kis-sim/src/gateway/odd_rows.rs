//! Lays the rules for odd rows over the rows of an answer.

use crate::account_id::AccountId;
use crate::calendar;
use crate::gateway::call::Call;
use crate::mode::Mode;
use crate::rows::{Entry, Rule};
use crate::wire::format::{date, korean_date, korean_time};
use crate::wire::json::{Fields, Node};
use crate::world::World;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

/// The answers whose rows can be odd, with the names of their fields. An answer that is one object counts as one row.
const LISTS: [(&str, &str); 6] = [
    (
        "balance",
        "cano acnt_prdt_cd prdt_type_cd ovrs_pdno ovrs_item_name frcr_evlu_pfls_amt evlu_pfls_rt pchs_avg_pric \
         ovrs_cblc_qty ord_psbl_qty frcr_pchs_amt1 ovrs_stck_evlu_amt now_pric2 tr_crcy_cd ovrs_excg_cd loan_type_cd \
         loan_dt expd_dt",
    ),
    (
        "present-balance",
        "prdt_name cblc_qty13 thdt_buy_ccld_qty1 thdt_sll_ccld_qty1 ccld_qty_smtl1 ord_psbl_qty1 frcr_pchs_amt \
         frcr_evlu_amt2 evlu_pfls_amt2 evlu_pfls_rt1 pdno bass_exrt buy_crcy_cd ovrs_now_pric1 avg_unpr3 tr_mket_name \
         natn_kor_name pchs_rmnd_wcrc_amt thdt_buy_ccld_frcr_amt thdt_sll_ccld_frcr_amt unit_amt std_pdno prdt_type_cd \
         scts_dvsn_name loan_rmnd loan_dt loan_expd_dt ovrs_excg_cd item_lnkg_excg_cd",
    ),
    (
        "ccnl",
        "ord_dt ord_gno_brno odno orgn_odno sll_buy_dvsn_cd sll_buy_dvsn_cd_name rvse_cncl_dvsn rvse_cncl_dvsn_name \
         pdno prdt_name ft_ord_qty ft_ord_unpr3 ft_ccld_qty ft_ccld_unpr3 ft_ccld_amt3 nccs_qty prcs_stat_name \
         rjct_rson rjct_rson_name ord_tmd tr_mket_name tr_natn tr_natn_name ovrs_excg_cd tr_crcy_cd dmst_ord_dt \
         thco_ord_tmd loan_type_cd loan_dt mdia_dvsn_name usa_amk_exts_rqst_yn splt_buy_attr_name",
    ),
    (
        "nccs",
        "ord_dt ord_gno_brno odno orgn_odno pdno prdt_name sll_buy_dvsn_cd sll_buy_dvsn_cd_name rvse_cncl_dvsn_cd \
         rvse_cncl_dvsn_cd_name rjct_rson rjct_rson_name ord_tmd tr_mket_name tr_crcy_cd natn_cd natn_kor_name \
         ft_ord_qty ft_ccld_qty nccs_qty ft_ord_unpr3 ft_ccld_unpr3 ft_ccld_amt3 ovrs_excg_cd prcs_stat_name \
         loan_type_cd loan_dt usa_amk_exts_rqst_yn splt_buy_attr_name",
    ),
    (
        "psamount",
        "tr_crcy_cd ord_psbl_frcr_amt sll_ruse_psbl_amt ovrs_ord_psbl_amt max_ord_psbl_qty echm_af_ord_psbl_amt \
         echm_af_ord_psbl_qty ord_psbl_qty exrt frcr_ord_psbl_amt1 ovrs_max_ord_psbl_qty",
    ),
    (
        "multprice",
        "rsym excd symb knam exnm nnam stat1 stat2 zdiv last sign diff rate open high low pbid pask vbid vask bvol \
         avol evol tvol tamt xhms khms curr base",
    ),
];

/// Lists that a row can be added to, with the field that names a row.
const GROWING: [(&str, &str); 3] = [("balance", "ovrs_pdno"), ("ccnl", "odno"), ("nccs", "odno")];

/// What is wrong with a rule, in words for the one who makes it.
pub fn problem(rule: &Rule) -> Option<String> {
    let Some(names) = names_of(&rule.list) else {
        return Some(format!("no such list: {} (one of {})", rule.list, LISTS.map(|list| list.0).join(", ")));
    };
    let given = rule.condition.keys().chain(rule.set.iter().chain(&rule.add).flat_map(Map::keys));
    for name in given {
        if !names.contains(&name.as_str()) {
            return Some(format!("{} has no field {name}", rule.list));
        }
    }
    if let Some(add) = &rule.add {
        match GROWING.iter().find(|list| list.0 == rule.list) {
            None => return Some(format!("nothing can be added to {}", rule.list)),
            Some((_, key)) if !add.contains_key(*key) => return Some(format!("add needs {key}")),
            Some(_) => {}
        }
    }
    if rule.hide && rule.list == "psamount" {
        return Some("psamount has nothing to hide".to_owned());
    }
    rule.problem().map(str::to_owned)
}

/// Whether any rule is about a list.
pub fn concerns(world: &World, call: &Call, list: &str) -> bool {
    world.rows.of(list, call.account, call.now).next().is_some()
}

/// A row as the rules leave it; nothing when one hides it.
pub fn shown(world: &World, call: &Call, list: &str, row: Fields) -> Option<Fields> {
    let mut row = row;
    for entry in world.rows.of(list, call.account, call.now).filter(|entry| entry.rule.add.is_none()) {
        if !fits(&entry.rule.condition, &row) {
            continue;
        }
        let set = entry.rule.set.as_ref()?;
        merge(&mut row, list, set);
    }
    Some(row)
}

/// Rows that the rules add to a list, each with a paging key.
pub fn added(world: &World, call: &Call, list: &str) -> Vec<(String, Fields)> {
    let row = |entry: &Entry| {
        let mut row = plain_row(list, call.account, entry.since);
        merge(&mut row, list, entry.rule.add.as_ref()?);
        Some((format!("added^{}", entry.id), row))
    };
    world.rows.of(list, call.account, call.now).filter_map(row).collect()
}

/// The text of a field; blank when it is none.
pub fn text<'a>(row: &'a Fields, name: &str) -> &'a str {
    match row.iter().find(|field| field.0 == name) {
        Some((_, Node::Text(text))) => text,
        _ => "",
    }
}

/// Order numbers are the same with and without leading zeros.
fn fits(condition: &Map<String, Value>, row: &Fields) -> bool {
    condition.iter().all(|(name, wanted)| {
        let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_owned);
        let (found, wanted) = (text(row, name), wanted.as_str());
        let bare = |text: &'_ str| text.trim().trim_start_matches('0').to_owned();
        found == wanted || (name.ends_with("odno") && !wanted.is_empty() && bare(found) == bare(wanted))
    })
}

fn merge(row: &mut Fields, list: &str, changes: &Map<String, Value>) {
    for name in names_of(list).unwrap_or_default() {
        let Some(value) = changes.get(name) else { continue };
        let place = row.iter().position(|field| field.0 == name);
        let node = value.as_str().map_or_else(|| Node::Raw(value.clone()), Node::from);
        match place {
            Some(index) if value.is_null() => {
                row.remove(index);
            }
            Some(index) => row[index].1 = node,
            None if value.is_null() => {}
            None => row.push((name, node)),
        }
    }
}

fn names_of(list: &str) -> Option<Vec<&'static str>> {
    LISTS.iter().find(|each| each.0 == list).map(|each| each.1.split_whitespace().collect())
}

/// A row of a list before the rule's own fields: a NASDAQ row in dollars of the account, in an order list a plain
/// buy of the rule's own moment.
fn plain_row(list: &str, account: AccountId, since: DateTime<Utc>) -> Fields {
    let (number, product) = account.parts();
    let time = korean_time(since);
    let (new_york_date, korean_date) = (date(calendar::new_york_date(since)), korean_date(since));
    let usual = |name: &str| match name {
        "cano" => number.as_str(),
        "acnt_prdt_cd" => product,
        "prdt_type_cd" => "512",
        "tr_crcy_cd" => "USD",
        "ovrs_excg_cd" => "NASD",
        "loan_type_cd" => "10",
        "tr_mket_name" => "나스닥",
        "tr_natn" | "natn_cd" => "840",
        "tr_natn_name" | "natn_kor_name" => "미국",
        "ord_dt" => &new_york_date,
        "dmst_ord_dt" => &korean_date,
        "ord_tmd" | "thco_ord_tmd" => &time,
        "ord_gno_brno" => account.mode.branch(),
        "sll_buy_dvsn_cd" => "02",
        "sll_buy_dvsn_cd_name" => "매수",
        "rvse_cncl_dvsn" | "rvse_cncl_dvsn_cd" => "00",
        "mdia_dvsn_name" if account.mode == Mode::Real => "모바일",
        "usa_amk_exts_rqst_yn" => "N",
        _ if is_number(name) => "0",
        _ => "",
    };
    names_of(list).unwrap_or_default().into_iter().map(|name| (name, Node::from(usual(name)))).collect()
}

fn is_number(name: &str) -> bool {
    let words = ["_qty", "_pric", "_amt", "_amt1", "_amt2", "_amt3", "_unpr3", "_pric2", "_rt"];
    words.iter().any(|word| name.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_merge_changes_adds_and_takes_away() {
        let mut row: Fields = vec![("symb", "A".into()), ("last", "1".into()), ("base", "2".into())];
        merge(&mut row, "multprice", &object(json!({"last": 3, "base": null, "curr": "HKD"})));
        let wanted: Fields = vec![("symb", "A".into()), ("last", Node::Raw(json!(3))), ("curr", "HKD".into())];
        assert_eq!(row, wanted);
    }

    #[test]
    fn order_numbers_fit_in_either_form() {
        let row: Fields = vec![("odno", "42031".into()), ("ft_ord_qty", "10".into()), ("orgn_odno", "".into())];
        for (condition, wanted) in [
            (json!({"odno": "0000042031"}), true),
            (json!({"odno": "42031", "ft_ord_qty": 10}), true),
            (json!({"ft_ord_qty": "010"}), false),
            (json!({"odno": "0"}), false),
            (json!({"orgn_odno": ""}), true),
            (json!({}), true),
        ] {
            assert_eq!(fits(&object(condition.clone()), &row), wanted, "{condition}");
        }
    }
}
