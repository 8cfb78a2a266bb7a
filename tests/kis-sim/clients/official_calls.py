"""KIS's own samples (open-trading-api, examples_user): every US-stock function, and paper where that has its own TR id.

They hide failures: what was refused gives an empty table, or None.
"""

import inspect
import os
import sys
import threading

import yaml
from harness import DAY_MARKET, GATEWAY, PAPER, PRE_MARKET, REAL, SESSION_DAY, Calls, clock, control, heard

# How a user points them at kis-sim: prod and vps in ~/KIS/config/kis_devlp.yaml, which holds the keys, too.
os.makedirs(os.path.expanduser("~/KIS/config"), exist_ok=True)
with open(os.path.expanduser("~/KIS/config/kis_devlp.yaml"), "w", encoding="utf-8") as file:
    yaml.safe_dump(
        {
            "prod": GATEWAY,
            "vps": GATEWAY,
            "my_app": REAL["key"],
            "my_sec": REAL["secret"],
            "my_acct_stock": REAL["account"][:8],
            "paper_app": PAPER["key"],
            "paper_sec": PAPER["secret"],
            "my_paper_stock": PAPER["account"][:8],
            "my_prod": "01",
            "my_htsid": "sim",
            "my_agent": "sim",
            "ops": GATEWAY.replace("http", "ws"),
            "vops": GATEWAY.replace("http", "ws"),
        },
        file,
    )
sys.path[:0] = [os.path.join(os.environ["SAMPLES"], "examples_user", folder) for folder in ("", "overseas_stock")]
import kis_auth  # noqa: E402
import overseas_stock_functions as stock  # noqa: E402
import overseas_stock_functions_ws as stock_ws  # noqa: E402

calls = Calls(
    "official samples",
    {
        "paper inquire_nccs": ("90000000", "KIS", "paper has no list of open orders"),
        "paper order sell": ("VTTT1006U", "client", "makes paper's TR id VTTT1006U of the real one; it is VTTT1001U"),
    },
)


def auth(svr):
    if os.path.exists(kis_auth.token_tmp):
        os.remove(kis_auth.token_tmp)  # one file for both environments: it would hand the other's token on
    kis_auth._base_headers.pop("authorization", None)
    kis_auth.auth(svr=svr)
    return kis_auth._base_headers["authorization"]


def websocket_key(svr):
    kis_auth.auth_ws(svr=svr)
    return kis_auth._base_headers_ws.pop("approval_key", None)


def hashkey():
    headers = kis_auth._getBaseHeader()
    kis_auth.set_order_hash_key(headers, {"CANO": REAL["account"][:8], "PDNO": "AAPL"})
    return headers.get("hashkey")


def holds(text):
    """Whether one of the answer's tables has "COLUMN VALUE": the value in some row, >0 or a number in the first, or any (*)."""
    column, value = text.split()

    def test(answer):
        for frame in answer if isinstance(answer, tuple) else (answer,):
            if frame is None or column not in frame or len(frame) == 0:
                continue
            values = frame[column].astype(str).tolist()
            if {"*": True, ">0": value == ">0" and float(values[0]) > 0, "number": values[0].isdigit()}.get(
                value, value in values
            ):
                return True
        return False

    return test


class Environment:
    """One of the two: its calls have its account, `env_dv` and mode."""

    def __init__(self, mode, svr, env_dv, account):
        self.mode, self.svr = mode, svr
        self.own = {"cano": account[:8], "acnt_prdt_cd": account[9:], "env_dv": env_dv}

    def use(self):
        return auth(self.svr)

    def call(self, name, wanted, arguments="", **more):
        """The function of the name's first word, with those of `own` that it takes, and "KEY=VALUE ..."."""
        function = getattr(stock, name.split()[0])
        given = dict(pair.split("=") for pair in arguments.split()) | more
        own = {key: value for key, value in self.own.items() if key in inspect.signature(function).parameters}
        test = holds(wanted) if isinstance(wanted, str) else wanted
        return calls.call(
            f"{self.mode} {name}", lambda: function(**own, **given), test, wanted if test is not wanted else "content"
        )

    def change(self, name, order, wanted, arguments):
        """A call about the order in an answer, when there was one; gives the answer."""
        if order is None:
            return calls.skip(f"{self.mode} {name}", "no order to try it on")
        return self.call(name, wanted, arguments.replace("NUMBER", str(order["ODNO"][0])))

    def login(self):
        calls.call(f"{self.mode} auth", self.use, lambda header: len(header) > 7, "a token")
        calls.call(f"{self.mode} auth_ws", lambda: websocket_key(self.svr), bool, "a key")

    def trade(self):
        """What both environments have."""
        us = "" if self.mode == "paper" else "NASD"
        self.call("inquire_balance", "ovrs_pdno AAPL", "ovrs_excg_cd=NASD tr_crcy_cd=USD")
        present = "tot_asst_amt >0" if self.mode == "paper" else "pdno AAPL"
        self.call("inquire_present_balance", present, "wcrc_frcr_dvsn_cd=02 natn_cd=000 tr_mket_cd=00 inqr_dvsn_cd=00")
        self.call("inquire_psamount", "ovrs_ord_psbl_amt >0", "ovrs_excg_cd=NASD ovrs_ord_unpr=170 item_cd=AAPL")
        every = f"pdno= sll_buy_dvsn=00 ccld_nccs_dvsn=00 ovrs_excg_cd={us} sort_sqn=DS ord_dt= ord_gno_brno= odno="
        self.call("inquire_ccnl", "pdno AAPL", f"ord_strt_dt={FROM} ord_end_dt={TO} {every}")
        self.call("inquire_nccs", "pdno AAPL", "ovrs_excg_cd=NASD sort_sqn=DS FK200= NK200=")
        order = "ovrs_excg_cd=NASD pdno=AAPL ord_qty=2 mgco_aptm_odno= ord_svr_dvsn_cd=0"
        bought = self.call("order buy", "ODNO number", f"{order} ctac_tlno= ord_dvsn=00 ord_dv=buy ovrs_ord_unpr=150.00")
        self.call("order sell", "ODNO number", f"{order} ctac_tlno= ord_dvsn=00 ord_dv=sell ovrs_ord_unpr=190.00")
        for name, code, price in (("modify", "01", "151.00"), ("cancel", "02", "0")):
            change = f"{order} orgn_odno=NUMBER rvse_cncl_dvsn_cd={code} ovrs_ord_unpr={price}"
            bought = self.change(f"order_rvsecncl {name}", bought, "ODNO number", change)

    def reserve(self):
        """At hours when reservations are taken; gives the answer."""
        buy = "pdno=AAPL ovrs_excg_cd=NASD ft_ord_qty=1 ft_ord_unpr3=150.00 ord_svr_dvsn_cd=0 ord_dvsn=00"
        return self.call("order_resv", "ODNO number", f"ord_dv=usBuy {buy}")

    def take_back(self, reserved):
        taken = "nat_dv=us rsvn_ord_rcit_dt=20230525 ovrs_rsvn_odno=NUMBER"
        self.change("order_resv_ccnl", reserved, "OVRS_RSVN_ODNO number", taken)


FROM, TO, DAY = "20230501", "20230531", SESSION_DAY.replace("-", "")
real = Environment("real ", "prod", "real", REAL["account"])
paper = Environment("paper", "vps", "demo", PAPER["account"])

paper.login()
paper.trade()

real.login()
calls.call("real  set_order_hash_key", hashkey, bool, "a hash")
real.trade()
real.call("inquire_paymt_stdr_balance", "pdno AAPL", f"bass_dt={DAY} wcrc_frcr_dvsn_cd=02 inqr_dvsn_cd=00")
real.call("foreign_margin", "crcy_cd USD")
aapl = "auth= excd=NAS symb=AAPL"
real.call("price", "last >0", aapl)
real.call("price_detail", "last >0", aapl)
real.call("inquire_asking_price", "pbid1 >0", aapl)
real.call("dailyprice", "clos >0", f"{aapl} gubn=0 bymd= modp=1")
real.call("inquire_time_itemchartprice", "last >0", f"{aapl} nmin=5 pinc=1 next= nrec=20 fill= keyb=")
real.call("quot_inquire_ccnl", "evol >0", "excd=NAS tday=1 symb=AAPL")
chart = f"fid_cond_mrkt_div_code=N fid_input_iscd=AAPL fid_input_date_1={FROM} fid_input_date_2={TO} fid_period_div_code=D"
real.call("inquire_daily_chartprice", "ovrs_nmix_prpr >0", chart)
fields = "pricecur rate valx shar volume amt eps per".split()
bounds = {f"co_{part}_{field}": "" for part in ("yn", "st", "en") for field in fields}
bounds |= {"co_yn_pricecur": "1", "co_st_pricecur": "100", "co_en_pricecur": "200"}
real.call("inquire_search", "symb AAPL", "auth= excd=NAS keyb=", **bounds)
real.call("search_info", "std_pdno *", "prdt_type_cd=512 pdno=AAPL")
real.call("countries_holiday", "tr_natn_cd 840", f"trad_dt={DAY}")

# Rankings, news, rights and the like are answered with examples, and so are the search and the single trades above.
for name, more in {
    "market_cap": "",
    "new_highlow": "minx=0 gubn=1 gubn2=1",
    "price_fluct": "minx=0 gubn=0",
    "trade_growth": "nday=0",
    "trade_pbmn": "nday=0",
    "trade_turnover": "nday=0",
    "trade_vol": "nday=0",
    "updown_rate": "nday=0 gubn=1",
    "volume_power": "nday=0",
    "volume_surge": "minx=0",
}.items():
    real.call(name, "symb AAPL", f"excd=NAS vol_rang=0 {more}")
real.call("industry_price", "icod 010", "excd=NAS")
real.call("industry_theme", "symb AAPL", "excd=NAS icod=010 vol_rang=0")
minutes = "fid_cond_mrkt_div_code=N fid_input_iscd=SPX fid_hour_cls_code=0 fid_pw_data_incu_yn=Y"
real.call("inquire_time_indexchartprice", "optn_prpr >0", minutes)
real.call("colable_by_company", "pdno AAPL", "pdno=AAPL natn_cd=840 inqr_sqn_dvsn=01")
real.call("brknews_title", "hts_pbnt_titl_cntt *", "fid_news_ofer_entp_code=0 fid_cond_scr_div_code=11801")
real.call("news_title", "symb AAPL", "nation_cd=US")
real.call("period_rights", "pdno AAPL", f"rght_type_cd=%% inqr_dvsn_cd=02 inqr_strt_dt={FROM} inqr_end_dt={TO}")
real.call("rights_by_ice", "pay_dt number", "ncod=US symb=AAPL")
real.call("algo_ordno", "odno number", f"trad_dt={DAY}")
real.call("inquire_algo_ccnl", "CCLD_CNT >0")

clock(DAY_MARKET)
order = "ovrs_excg_cd=NASD pdno=AAPL ord_qty=2 ctac_tlno= mgco_aptm_odno= ord_svr_dvsn_cd=0"
bought = real.call("daytime_order buy", "ODNO number", f"{order} ord_dvsn=00 order_dv=buy ovrs_ord_unpr=150.00")
real.call("daytime_order sell", "ODNO number", f"{order} ord_dvsn=00 order_dv=sell ovrs_ord_unpr=190.00")
real.change("daytime_order_rvsecncl", bought, "ODNO number", f"{order} orgn_odno=NUMBER rvse_cncl_dvsn_cd=02 ovrs_ord_unpr=0")
reserved = real.reserve()
listed = "nat_dv=us inqr_strt_dt=20230524 inqr_end_dt=20230526 inqr_dvsn_cd=00 ovrs_excg_cd=NASD"
real.call("order_resv_list", "pdno AAPL", listed)
real.take_back(reserved)
paper.use()
paper.take_back(paper.reserve())
real.use()

# Profits and transactions show from the day after.
clock(PRE_MARKET)
profit = f"natn_cd= crcy_cd=USD inqr_strt_dt={FROM} inqr_end_dt={TO} wcrc_frcr_dvsn_cd=01 FK200= NK200="
real.call("inquire_period_profit", "ovrs_pdno TSLA", f"ovrs_excg_cd=NASD pdno= {profit}")
trades = f"erlm_strt_dt={FROM} erlm_end_dt={TO} sll_buy_dvsn_cd=00 loan_dvsn_cd= FK100= NK100="
real.call("inquire_period_trans", "pdno TSLA", f"ovrs_excg_cd=NASD pdno= {trades}")

# What the websocket brings stands in a table of its own; its client never ends by itself.
clock("2023-05-25T13:45:00Z")
kis_auth.auth_ws(svr="prod")
told = []
socket = kis_auth.KISWebSocket(api_url="/tryitout")
socket.subscribe(request=stock_ws.delayed_ccnl, data=["DNASAAPL"])
socket.subscribe(request=stock_ws.ccnl_notice, data=["sim"], kwargs={"env_dv": "real"})
take = lambda _, tr_id, table, __: told.append((tr_id, table.iloc[0].to_dict()))
threading.Thread(target=socket.start, kwargs={"on_result": take}, daemon=True).start()
is_told = lambda tr_id, key, value: lambda: heard(told, lambda one: one[0] == tr_id and one[1].get(key) == value)
calls.call("real  websocket delayed_ccnl", is_told("HDFSCNT0", "SYMB", "AAPL"), bool, "a trade")
calls.call(
    "real  websocket ccnl_notice",
    lambda: (
        control(
            "POST", "/orders/foreign", {"account": "real", "symbol": "AAPL", "side": "buy", "quantity": 1, "limit_price": "1"}
        )
        and is_told("H0GSCNI0", "STCK_SHRN_ISCD", "AAPL")()
    ),
    bool,
    "the order",
)
calls.finish()
