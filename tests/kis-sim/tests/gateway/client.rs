//! A small KIS client: paths, TR ids and parameters as KIS's documents list them.

use serde_json::{Value, json};

use crate::call::{Answer, Call};
use crate::harness::{Mode, TODAY};
use crate::values::{order_rows, row_of, text, with};

pub const PRICE: &str = "/uapi/overseas-price/v1/quotations/price";
pub const PRICE_DETAIL: &str = "/uapi/overseas-price/v1/quotations/price-detail";
pub const DAILY_PRICE: &str = "/uapi/overseas-price/v1/quotations/dailyprice";
pub const MULTI_PRICE: &str = "/uapi/overseas-price/v1/quotations/multprice";
pub const BALANCE: &str = "/uapi/overseas-stock/v1/trading/inquire-balance";
pub const PRESENT_BALANCE: &str = "/uapi/overseas-stock/v1/trading/inquire-present-balance";
pub const BUYING_POWER: &str = "/uapi/overseas-stock/v1/trading/inquire-psamount";
pub const ORDER_LIST: &str = "/uapi/overseas-stock/v1/trading/inquire-ccnl";
pub const OPEN_ORDERS: &str = "/uapi/overseas-stock/v1/trading/inquire-nccs";
pub const ORDER: &str = "/uapi/overseas-stock/v1/trading/order";
/// `ORD_DVSN` of an order that waits for the close with a limit.
pub const LOC: &str = "34";
/// `ORD_DVSN` of a sell that takes any closing price.
pub const MOC: &str = "33";
pub const AMEND: &str = "/uapi/overseas-stock/v1/trading/order-rvsecncl";

/// A KIS client of one account.
#[derive(Clone)]
pub struct Client {
    pub mode: Mode,
    pub url: String,
    pub token: String,
}

impl Client {
    fn call(&self, method: &'static str, path: &str, tr_id: &str) -> Call {
        Call::new(method, &self.url, path)
            .header("content-type", "application/json; charset=utf-8")
            .header("authorization", &format!("Bearer {}", self.token))
            .header("appkey", self.mode.key())
            .header("appsecret", &self.mode.secret())
            .header("tr_id", tr_id)
            .header("custtype", "P")
    }

    pub fn get(&self, path: &str, tr_id: &str) -> Call {
        self.call("GET", path, tr_id).header("tr_cont", "")
    }

    /// A query about the account.
    fn account_get(&self, path: &str, tr_id: &str) -> Call {
        self.get(path, tr_id).query("CANO", self.mode.cano()).query("ACNT_PRDT_CD", "01")
    }

    pub fn post(&self, path: &str, tr_id: &str, body: &Value) -> Call {
        self.call("POST", path, tr_id).json(body)
    }

    /// 해외주식 현재체결가.
    pub fn price(&self, exchange: &str, symbol: &str) -> Call {
        self.quote(PRICE, "HHDFS00000300", exchange, symbol)
    }

    /// 해외주식 현재가상세.
    pub fn price_detail(&self, exchange: &str, symbol: &str) -> Call {
        self.quote(PRICE_DETAIL, "HHDFS76200200", exchange, symbol)
    }

    fn quote(&self, path: &str, tr_id: &str, exchange: &str, symbol: &str) -> Call {
        self.get(path, tr_id).query("AUTH", "").query("EXCD", exchange).query("SYMB", symbol)
    }

    /// 해외주식 기간별시세, by the day, not adjusted; `until` may be blank.
    pub fn daily_price(&self, exchange: &str, symbol: &str, until: &str) -> Call {
        self.quote(DAILY_PRICE, "HHDFS76240000", exchange, symbol)
            .query("GUBN", "0")
            .query("BYMD", until)
            .query("MODP", "0")
            .query("KEYB", "")
    }

    /// 해외주식 복수종목 시세조회.
    pub fn multi_price(&self, wanted: &[(&str, &str)]) -> Call {
        let mut call =
            self.get(MULTI_PRICE, "HHDFS76220000").query("AUTH", "").query("NREC", &wanted.len().to_string());
        for slot in 1..=wanted.len().max(10) {
            let (exchange, symbol) = wanted.get(slot - 1).copied().unwrap_or(("", ""));
            call = call.query(&format!("EXCD_{slot:02}"), exchange).query(&format!("SYMB_{slot:02}"), symbol);
        }
        call
    }

    /// 해외주식 잔고.
    pub fn balance(&self, exchange: &str) -> Call {
        self.account_get(BALANCE, self.mode.balance_tr())
            .query("OVRS_EXCG_CD", exchange)
            .query("TR_CRCY_CD", "USD")
            .query("CTX_AREA_FK200", "")
            .query("CTX_AREA_NK200", "")
    }

    /// Returns the rows of holdings without the padding.
    #[track_caller]
    pub fn holdings(&self, exchange: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        for page in self.balance(exchange).pages() {
            rows.extend(page.rows("output1"));
        }
        rows.retain(|row| !text(row, "ovrs_pdno").trim().is_empty());
        rows
    }

    /// 해외주식 체결기준현재잔고, `unit` 01 won or 02 foreign.
    pub fn present_balance(&self, unit: &str) -> Call {
        self.account_get(PRESENT_BALANCE, self.mode.present_balance_tr())
            .query("WCRC_FRCR_DVSN_CD", unit)
            .query("NATN_CD", "840")
            .query("TR_MKET_CD", "00")
            .query("INQR_DVSN_CD", "00")
    }

    /// 해외주식 매수가능금액조회.
    pub fn buying_power(&self, exchange: &str, symbol: &str, price: &str) -> Call {
        self.account_get(BUYING_POWER, self.mode.buying_power_tr())
            .query("OVRS_EXCG_CD", exchange)
            .query("OVRS_ORD_UNPR", price)
            .query("ITEM_CD", symbol)
    }

    /// 해외주식 주문체결내역, everything of the New York dates; paper takes its filters blank.
    pub fn order_list(&self, from: &str, to: &str) -> Call {
        let real = self.mode == Mode::Real;
        self.account_get(ORDER_LIST, self.mode.order_list_tr())
            .query("PDNO", if real { "%" } else { "" })
            .query("ORD_STRT_DT", from)
            .query("ORD_END_DT", to)
            .query("SLL_BUY_DVSN", "00")
            .query("CCLD_NCCS_DVSN", "00")
            .query("OVRS_EXCG_CD", if real { "%" } else { "" })
            .query("SORT_SQN", "DS")
            .query("ORD_DT", "")
            .query("ORD_GNO_BRNO", "")
            .query("ODNO", "")
            .query("CTX_AREA_NK200", "")
            .query("CTX_AREA_FK200", "")
    }

    /// Returns every order row of [`TODAY`].
    #[track_caller]
    pub fn order_rows(&self) -> Vec<Value> {
        self.order_rows_between(TODAY, TODAY)
    }

    #[track_caller]
    pub fn order_rows_between(&self, from: &str, to: &str) -> Vec<Value> {
        order_rows(&self.order_list(from, to).pages())
    }

    /// Returns the row of one order, whichever way its number is printed.
    #[track_caller]
    pub fn order_row(&self, order_id: &str) -> Value {
        row_of(&self.order_rows(), order_id)
    }

    /// 해외주식 미체결내역.
    pub fn open_orders(&self, exchange: &str) -> Call {
        self.account_get(OPEN_ORDERS, self.mode.open_orders_tr())
            .query("OVRS_EXCG_CD", exchange)
            .query("SORT_SQN", "DS")
            .query("CTX_AREA_FK200", "")
            .query("CTX_AREA_NK200", "")
    }

    /// 해외주식 주문: the body of a limit order.
    pub fn order_body(&self, exchange: &str, symbol: &str, quantity: u32, price: &str) -> Value {
        json!({
            "CANO": self.mode.cano(), "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": exchange, "PDNO": symbol,
            "ORD_QTY": quantity.to_string(), "OVRS_ORD_UNPR": price, "CTAC_TLNO": "", "MGCO_APTM_ODNO": "",
            "SLL_TYPE": "", "ORD_SVR_DVSN_CD": "0", "ORD_DVSN": "00",
        })
    }

    /// A NASDAQ limit buy.
    #[track_caller]
    pub fn buy(&self, symbol: &str, quantity: u32, price: &str) -> Answer {
        let body = self.order_body("NASD", symbol, quantity, price);
        self.post(ORDER, self.mode.buy_tr(), &body).send()
    }

    /// A NASDAQ limit sell.
    #[track_caller]
    pub fn sell(&self, symbol: &str, quantity: u32, price: &str) -> Answer {
        let body = self.order_body("NASD", symbol, quantity, price);
        self.post(ORDER, self.mode.sell_tr(), &with(body, "SLL_TYPE", "00")).send()
    }

    /// A NASDAQ buy of another `ORD_DVSN`.
    #[track_caller]
    pub fn buy_as(&self, kind: &str, symbol: &str, quantity: u32, price: &str) -> Answer {
        let body = with(self.order_body("NASD", symbol, quantity, price), "ORD_DVSN", kind);
        self.post(ORDER, self.mode.buy_tr(), &body).send()
    }

    /// A NASDAQ sell of another `ORD_DVSN`.
    #[track_caller]
    pub fn sell_as(&self, kind: &str, symbol: &str, quantity: u32, price: &str) -> Answer {
        let body = with(self.order_body("NASD", symbol, quantity, price), "ORD_DVSN", kind);
        self.post(ORDER, self.mode.sell_tr(), &with(body, "SLL_TYPE", "00")).send()
    }

    /// 해외주식 정정취소주문: the body of a cancel.
    pub fn cancel_body(&self, symbol: &str, order_id: &str, quantity: u32) -> Value {
        json!({
            "CANO": self.mode.cano(), "ACNT_PRDT_CD": "01", "OVRS_EXCG_CD": "NASD", "PDNO": symbol,
            "ORGN_ODNO": order_id, "RVSE_CNCL_DVSN_CD": "02", "ORD_QTY": quantity.to_string(),
            "OVRS_ORD_UNPR": "0", "MGCO_APTM_ODNO": "", "ORD_SVR_DVSN_CD": "0",
        })
    }

    #[track_caller]
    pub fn cancel(&self, symbol: &str, order_id: &str, quantity: u32) -> Answer {
        self.amend(&self.cancel_body(symbol, order_id, quantity))
    }

    #[track_caller]
    pub fn modify(&self, symbol: &str, order_id: &str, quantity: u32, price: &str) -> Answer {
        let body = self.cancel_body(symbol, order_id, quantity);
        self.amend(&with(with(body, "RVSE_CNCL_DVSN_CD", "01"), "OVRS_ORD_UNPR", price))
    }

    #[track_caller]
    pub fn amend(&self, body: &Value) -> Answer {
        self.post(AMEND, self.mode.amend_tr(), body).send()
    }
}
