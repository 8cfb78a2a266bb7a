"""kis-sdk, in Rust: its handles of the overseas stock, with a mock client where KIS has them on paper, and with a real one.

kis-sdk/main.rs points it at kis-sim. It takes KIS's own parameters and checks that the required ones are there. Its handles of
the websocket are left out: it has no websocket, and would post them.
"""

from driver import Driver, holds, pairs
from harness import DAY_MARKET, PAPER, PRE_MARKET, REAL, SESSION_DAY, Calls, clock

# Its answer has the field output and no other: what KIS gives in output1, output2 and others is lost.
LOST = {
    "real ": "inquire_balance inquire_present_balance inquire_paymt_stdr_balance inquire_period_profit inquire_period_trans "
    "inquire_asking_price inquire_time_itemchartprice inquire_time_indexchartprice dailyprice inquire_daily_chartprice "
    "quotations_inquire_ccnl inquire_search inquire_algo_ccnl industry_theme industry_price price_fluct volume_surge "
    "volume_power updown_rate new_highlow trade_vol trade_pbmn trade_growth trade_turnover market_cap rights_by_ice news_title "
    "colable_by_company",
    "paper": "inquire_balance inquire_present_balance dailyprice inquire_daily_chartprice inquire_search",
}
ORDERS = "order buy", "order sell", "order_rvsecncl modify", "order_rvsecncl cancel", "order_resv", "order_resv_ccnl"

calls = Calls(
    "kis-sdk",
    {
        "paper inquire_nccs": ("does not support Mock", "KIS", "paper has no list of open orders, and it does not ask"),
        "real  multprice": ("EXCD_01 ~ 10", "client", "requires a parameter that is called 'EXCD_01 ~ 10'"),
        **{f"real  {name}": ("live trading is disabled", "client", "sends no real order") for name in ORDERS},
        **{
            f"{mode} {name}": ("answered without", "client", "keeps output alone, and KIS answers in others")
            for mode, names in LOST.items()
            for name in names.split()
        },
    },
)
driver = Driver()
FROM, TO, DAY = "20230501", "20230531", SESSION_DAY.replace("-", "")
FIRST_PAGE = "CTX_AREA_FK200= CTX_AREA_NK200="


class Account:
    def __init__(self, mode, credentials):
        self.mode = mode
        cano, product = credentials["account"].split("-")
        self.own = {"CANO": cano, "ACNT_PRDT_CD": product}

    def ask(self, name, **arguments):
        return driver.ask(self.mode.strip(), name, **arguments)

    def call(self, name, wanted, **arguments):
        """The handle of the name's first word; the rest only tells calls apart."""
        return calls.call(f"{self.mode} {name}", lambda: self.ask(name.split()[0], **arguments), holds(wanted), wanted)

    def get(self, name, wanted, query, **more):
        return self.call(name, wanted, query=pairs(query) | more)

    def account(self, name, wanted, query):
        return self.get(name, wanted, query, **self.own)

    def post(self, name, wanted, tr_id, body, order=None):
        """With the order's number in the place of NUMBER."""
        if "NUMBER" in body:
            if order is None and self.mode == "paper":
                return calls.skip(f"{self.mode} {name}", "no order to try it on")
            body = body.replace("NUMBER", order["output"]["ODNO"] if order else "1")
        return self.call(name, wanted, tr_id=tr_id, body=pairs(body) | self.own)

    def login(self):
        self.call("issue_realtime_approval_key", "approval_key *")
        return self.call("issue_access_token", "token_type Bearer")

    def trade(self, buy, sell, change):
        """What both environments have, by the TR ids of one."""
        us = "" if self.mode == "paper" else "NASD"
        self.account("inquire_balance", "ovrs_pdno AAPL", f"OVRS_EXCG_CD=NASD TR_CRCY_CD=USD {FIRST_PAGE}")
        everything = "WCRC_FRCR_DVSN_CD=02 NATN_CD=000 TR_MKET_CD=00 INQR_DVSN_CD=00"
        self.account("inquire_present_balance", "pdno AAPL", everything)
        self.account("inquire_psamount", "ovrs_ord_psbl_amt >0", "OVRS_EXCG_CD=NASD OVRS_ORD_UNPR=170 ITEM_CD=AAPL")
        days = f"PDNO= ORD_STRT_DT={FROM} ORD_END_DT={TO} SLL_BUY_DVSN=00 CCLD_NCCS_DVSN=00 OVRS_EXCG_CD={us} SORT_SQN=DS"
        self.account("trading_inquire_ccnl", "pdno AAPL", f"{days} ORD_DT= ORD_GNO_BRNO= ODNO= {FIRST_PAGE}")
        self.account("inquire_nccs", "pdno AAPL", f"OVRS_EXCG_CD=NASD SORT_SQN=DS {FIRST_PAGE}")
        order = "OVRS_EXCG_CD=NASD PDNO=AAPL ORD_QTY=2 ORD_SVR_DVSN_CD=0"
        bought = self.post("order buy", "ODNO number", buy, f"{order} ORD_DVSN=00 OVRS_ORD_UNPR=150.00")
        self.post("order sell", "ODNO number", sell, f"{order} ORD_DVSN=00 OVRS_ORD_UNPR=190.00")
        for name, code, price in (("modify", "01", "151.00"), ("cancel", "02", "0")):
            body = f"{order} ORGN_ODNO=NUMBER RVSE_CNCL_DVSN_CD={code} OVRS_ORD_UNPR={price}"
            bought = self.post(f"order_rvsecncl {name}", "ODNO number", change, body, bought)

    def quotes(self):
        """The quotes that both hosts have."""
        self.get("quotations_price", "last >0", AAPL)
        self.get("dailyprice", "clos >0", f"{AAPL} GUBN=0 BYMD= MODP=1")
        days = f"FID_INPUT_DATE_1={FROM} FID_INPUT_DATE_2={TO} FID_PERIOD_DIV_CODE=D"
        self.get("inquire_daily_chartprice", "ovrs_nmix_prpr >0", f"FID_COND_MRKT_DIV_CODE=N FID_INPUT_ISCD=AAPL {days}")
        self.get("inquire_search", "symb AAPL", "AUTH= EXCD=NAS CO_YN_PRICECUR=1 CO_ST_PRICECUR=100 CO_EN_PRICECUR=200")

    def reserve(self, buy, cancel):
        """At hours when reservations are taken."""
        order = "PDNO=AAPL PRDT_TYPE_CD=512 OVRS_EXCG_CD=NASD FT_ORD_QTY=1 FT_ORD_UNPR3=150.00 RVSE_CNCL_DVSN_CD=00"
        reserved = self.post("order_resv", "ODNO number", buy, f"{order} ORD_SVR_DVSN_CD=0 ORD_DVSN=00")
        # RSYN_… is a misprint in KIS's table, which it requires; KIS's samples send RSVN_….
        body = "RSYN_ORD_RCIT_DT= RSVN_ORD_RCIT_DT=20230525 OVRS_RSVN_ODNO=NUMBER"
        self.post("order_resv_ccnl", "OVRS_RSVN_ODNO number", cancel, body, reserved)


AAPL = "AUTH= EXCD=NAS SYMB=AAPL"
real, paper = Account("real ", REAL), Account("paper", PAPER)

paper_token = paper.login()
paper.quotes()
paper.trade("VTTT1002U", "VTTT1001U", "VTTT1004U")

real_token = real.login()
real.quotes()
real.trade("TTTT1002U", "TTTT1006U", "TTTT1004U")
real.account("inquire_paymt_stdr_balance", "pdno AAPL", f"BASS_DT={DAY} WCRC_FRCR_DVSN_CD=02 INQR_DVSN_CD=00")
real.account("foreign_margin", "crcy_cd USD", "")
real.call("algo_ordno", "odno *", query={**real.own, "TRAD_DT": DAY}, headers={"personalseckey": ""})
real.account("inquire_algo_ccnl", "odno *", f"ORD_DT={DAY} ODNO=1")
real.get("price_detail", "last >0", AAPL)
real.get("inquire_asking_price", "pbid1 >0", AAPL)
real.get("quotations_inquire_ccnl", "last >0", f"{AAPL} KEYB= TDAY=1")
real.get("inquire_time_itemchartprice", "last >0", f"{AAPL} NMIN=5 PINC=1 NEXT= NREC=20 FILL= KEYB=")
minutes = "FID_COND_MRKT_DIV_CODE=N FID_INPUT_ISCD=SPX FID_HOUR_CLS_CODE=0 FID_PW_DATA_INCU_YN=Y"
real.get("inquire_time_indexchartprice", "optn_prpr >0", minutes)
real.get("multprice", "last >0", "AUTH= NREC=1 EXCD_01=NAS SYMB_01=AAPL")
real.get("countries_holiday", "tr_natn_cd 840", f"TRAD_DT={DAY} CTX_AREA_NK= CTX_AREA_FK=")
real.get("search_info", "std_pdno *", "PRDT_TYPE_CD=512 PDNO=AAPL")
real.get("industry_theme", "symb *", "KEYB= AUTH= EXCD=NAS ICOD=010 VOL_RANG=0")
real.get("industry_price", "icod *", "AUTH= EXCD=NAS")
for name, more in {
    "price_fluct": "GUBN=0 MINX=0",
    "volume_surge": "MINX=0",
    "volume_power": "NDAY=0",
    "updown_rate": "GUBN=1 NDAY=0",
    "new_highlow": "GUBN=1 GUBN2=1 NDAY=0",
    "trade_vol": "NDAY=0 PRC1= PRC2=",
    "trade_pbmn": "NDAY=0 PRC1= PRC2=",
    "trade_growth": "NDAY=0",
    "trade_turnover": "NDAY=0",
    "market_cap": "",
}.items():
    real.get(name, "symb *", f"KEYB= AUTH= EXCD=NAS VOL_RANG=0 {more}")
rights = f"RGHT_TYPE_CD=%% INQR_DVSN_CD=02 INQR_STRT_DT={FROM} INQR_END_DT={TO} PDNO= PRDT_TYPE_CD="
real.get("period_rights", "pdno *", f"{rights} CTX_AREA_NK50= CTX_AREA_FK50=")
real.get("rights_by_ice", "ca_title *", "NCOD=US SYMB=AAPL ST_YMD= ED_YMD=")
real.get("news_title", "title *", "INFO_GB= CLASS_CD= NATION_CD=US EXCHANGE_CD= SYMB= DATA_DT= DATA_TM= CTS=")
news = "FID_NEWS_OFER_ENTP_CODE=0 FID_COND_MRKT_CLS_CODE= FID_INPUT_ISCD= FID_TITL_CNTT= FID_INPUT_DATE_1= FID_INPUT_HOUR_1="
real.get("brknews_title", "hts_pbnt_titl_cntt *", f"{news} FID_RANK_SORT_CLS_CODE= FID_INPUT_SRNO= FID_COND_SCR_DIV_CODE=11801")
loans = "PDNO=AAPL PRDT_TYPE_CD= INQR_STRT_DT= INQR_END_DT= INQR_DVSN= NATN_CD=840 INQR_SQN_DVSN=01 RT_DVSN_CD= RT="
real.get("colable_by_company", "pdno *", f"{loans} LOAN_PSBL_YN= CTX_AREA_FK100= CTX_AREA_NK100=")

clock(DAY_MARKET)
order = "OVRS_EXCG_CD=NASD PDNO=AAPL ORD_QTY=2 ORD_SVR_DVSN_CD=0"
early = real.post("daytime_order", "ODNO number", "TTTS6036U", f"{order} ORD_DVSN=00 OVRS_ORD_UNPR=150.00")
cancel = f"{order} ORGN_ODNO=NUMBER RVSE_CNCL_DVSN_CD=02 OVRS_ORD_UNPR=0 CTAC_TLNO= MGCO_APTM_ODNO="
real.post("daytime_order_rvsecncl", "ODNO number", "TTTS6038U", cancel, early)
real.reserve("TTTT3014U", "TTTT3017U")
listed = f"INQR_STRT_DT=20230524 INQR_END_DT=20230526 INQR_DVSN_CD=00 PRDT_TYPE_CD= OVRS_EXCG_CD=NASD {FIRST_PAGE}"
# It could not reserve anything with the real account.
real.call("order_resv_list", "msg_cd KIOK0560", tr_id="TTTT3039R", query=pairs(listed) | real.own)
paper.reserve("VTTT3014U", "VTTT3017U")

# Profits and transactions show from the day after.
clock(PRE_MARKET)
profit = f"NATN_CD= CRCY_CD=USD PDNO= INQR_STRT_DT={FROM} INQR_END_DT={TO} WCRC_FRCR_DVSN_CD=01 {FIRST_PAGE}"
real.account("inquire_period_profit", "ovrs_pdno TSLA", f"OVRS_EXCG_CD=NASD {profit}")
trades = f"ERLM_STRT_DT={FROM} ERLM_END_DT={TO} PDNO= SLL_BUY_DVSN_CD=00 LOAN_DVSN_CD= CTX_AREA_FK100= CTX_AREA_NK100="
real.account("inquire_period_trans", "pdno TSLA", f"OVRS_EXCG_CD=NASD {trades}")
for account, token in ((paper, paper_token), (real, real_token)):
    account.call("revoke_access_token", "code 200", token=token["access_token"])
calls.finish()
