"""KIS's own samples (open-trading-api, examples_user): every US-stock function, and paper where that has its own TR id.

They hide failures: what was refused gives an empty table, or None.
"""

import os
import re
import sys

import yaml
from harness import DAY_MARKET, GATEWAY, PAPER, REAL, SESSION_DAY, Calls, clock, last_request

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
            "ops": "",
            "vops": "",
        },
        file,
    )
sys.path[:0] = [os.path.join(os.environ["SAMPLES"], "examples_user", folder) for folder in ("", "overseas_stock")]
import kis_auth
import overseas_stock_functions as stock

rankings = "rankings of the whole market"
news = "news, and rights of companies"
industries = "industries"
calls = Calls(
    "official samples",
    {
        **{
            f"real  {name}": ("OPSQ0002", "scope", rankings)
            for name in (
                "market_cap new_highlow price_fluct trade_growth trade_pbmn trade_turnover trade_vol updown_rate volume_power volume_surge"
            ).split()
        },
        **{f"real  {name}": ("OPSQ0002", "scope", news) for name in ("brknews_title", "news_title", "period_rights", "rights_by_ice")},
        **{f"real  {name}": ("OPSQ0002", "scope", industries) for name in ("industry_price", "industry_theme")},
        **{f"real  {name}": ("OPSQ0002", "scope", "orders split over the day") for name in ("algo_ordno", "inquire_algo_ccnl")},
        "real  colable_by_company": ("OPSQ0002", "scope", "loans against shares"),
        "real  inquire_time_indexchartprice": ("OPSQ0002", "scope", "minutes of an index"),
        "paper inquire_nccs": ("90000000", "KIS", "paper has no list of open orders"),
        "paper order sell": ("VTTT1006U", "client", "makes paper's TR id VTTT1006U of the real one; it is VTTT1001U"),
    },
)


def auth(svr):
    if os.path.exists(kis_auth.token_tmp):
        os.remove(kis_auth.token_tmp)  # one file for both environments: it would hand the other's token on
    kis_auth._base_headers.pop("authorization", None)
    kis_auth.auth(svr=svr)
    return kis_auth.getTREnv()


def websocket_key(svr):
    kis_auth.auth_ws(svr=svr)
    return kis_auth._base_headers_ws.pop("approval_key", None)


def hashkey():
    headers = kis_auth._getBaseHeader()
    kis_auth.set_order_hash_key(headers, {"CANO": REAL["account"][:8], "PDNO": "AAPL"})
    return headers.get("hashkey")


def table(column, test=lambda values: True):
    """Has rows, or the first of its tables has, and `column` holds what `test` wants."""

    def holds(answer):
        tables = answer if isinstance(answer, tuple) else (answer,)
        return any(t is not None and column in t and len(t) > 0 and test(t[column].astype(str).tolist()) for t in tables)

    return holds


def positive(values):
    return float(values[0]) > 0


def number(values):
    return values[0].isdigit()


day = SESSION_DAY.replace("-", "")
month = {"strt": "20230501", "end": "20230531"}
quote = {"auth": "", "excd": "NAS", "symb": "AAPL"}
ODNO = "an order number"
call = calls.call


def of(prefix):
    """What both environments have, under `prefix`; gives the account's parameters."""
    svr, env = ("prod", "real") if prefix == "real " else ("vps", "demo")
    environment = call(f"{prefix} auth", lambda: auth(svr), lambda _: len(kis_auth._base_headers["authorization"]) > 7, "a token")
    if environment is None:
        calls.finish()
    call(f"{prefix} auth_ws", lambda: websocket_key(svr), bool, "a key")
    account = {"cano": environment.my_acct, "acnt_prdt_cd": environment.my_prod}
    both = {**account, "env_dv": env}

    def one(name, function, holds, what, **arguments):
        return call(f"{prefix} {name}", lambda: function(**arguments), holds, what)

    one("inquire_balance", stock.inquire_balance, table("ovrs_pdno", lambda v: "AAPL" in v), "the holding", **both, ovrs_excg_cd="NASD", tr_crcy_cd="USD")
    present = table("pdno", lambda v: "AAPL" in v) if env == "real" else table("tot_asst_amt", positive)
    one(
        "inquire_present_balance",
        stock.inquire_present_balance,
        present,
        "what the account holds",
        **both,
        wcrc_frcr_dvsn_cd="02",
        natn_cd="000",
        tr_mket_cd="00",
        inqr_dvsn_cd="00",
    )
    one("inquire_psamount", stock.inquire_psamount, table("ovrs_ord_psbl_amt", positive), "an amount", **both, ovrs_excg_cd="NASD", ovrs_ord_unpr="170", item_cd="AAPL")
    one(
        "inquire_ccnl",
        stock.inquire_ccnl,
        table("pdno", lambda v: "AAPL" in v),
        "the order",
        **both,
        pdno="",
        ord_strt_dt=month["strt"],
        ord_end_dt=month["end"],
        sll_buy_dvsn="00",
        ccld_nccs_dvsn="00",
        ovrs_excg_cd="NASD" if env == "real" else "",
        sort_sqn="DS",
        ord_dt="",
        ord_gno_brno="",
        odno="",
    )
    one("inquire_nccs", stock.inquire_nccs, table("pdno", lambda v: "AAPL" in v), "the open order", **both, ovrs_excg_cd="NASD", sort_sqn="DS", FK200="", NK200="")
    order = {**both, "ovrs_excg_cd": "NASD", "pdno": "AAPL", "ctac_tlno": "", "mgco_aptm_odno": "", "ord_svr_dvsn_cd": "0"}
    bought = one("order buy", stock.order, table("ODNO", number), ODNO, **order, ord_qty="2", ovrs_ord_unpr="150.00", ord_dv="buy", ord_dvsn="00")
    one("order sell", stock.order, table("ODNO", number), ODNO, **order, ord_qty="2", ovrs_ord_unpr="190.00", ord_dv="sell", ord_dvsn="00")
    del order["ctac_tlno"]
    for name, kind, quantity, price in (("modify", "01", "2", "151.00"), ("cancel", "02", "2", "0")):
        if bought is None:
            calls.skip(f"{prefix} order_rvsecncl {name}", "no order to try it on")
            continue
        change = {**order, "orgn_odno": bought["ODNO"][0], "rvse_cncl_dvsn_cd": kind, "ord_qty": quantity, "ovrs_ord_unpr": price}
        bought = one(f"order_rvsecncl {name}", stock.order_rvsecncl, table("ODNO", number), ODNO, **change)
    return account, one


def reserve(one, env, account):
    """A reservation; it is taken at hours when orders are not."""
    buy = {"pdno": "AAPL", "ovrs_excg_cd": "NASD", "ft_ord_qty": "1", "ft_ord_unpr3": "150.00"}
    return one("order_resv", stock.order_resv, table("ODNO", number), ODNO, env_dv=env, ord_dv="usBuy", **account, **buy)


def unreserve(one, prefix, env, account, reserved):
    if reserved is None:
        return calls.skip(f"{prefix} order_resv_ccnl", "no reservation to try it on")
    taken = {"rsvn_ord_rcit_dt": "20230525", "ovrs_rsvn_odno": str(reserved["ODNO"][0])}
    one("order_resv_ccnl", stock.order_resv_ccnl, table("OVRS_RSVN_ODNO", number), "its number", env_dv=env, nat_dv="us", **account, **taken)


account, one = of("real ")
call("real  set_order_hash_key", hashkey, bool, "a hash")
one("price", stock.price, table("last", positive), "a price", **quote)
one("dailyprice", stock.dailyprice, table("clos", positive), "bars", **quote, gubn="0", bymd="", modp="1")
chart = {"fid_cond_mrkt_div_code": "N", "fid_input_iscd": "AAPL", "fid_input_date_1": month["strt"], "fid_input_date_2": month["end"]}
one("inquire_daily_chartprice", stock.inquire_daily_chartprice, table("ovrs_nmix_prpr", positive), "bars", **chart, fid_period_div_code="D")
conditions = {f"co_{part}_{field}": "" for part in ("yn", "st", "en") for field in "pricecur rate valx shar volume amt eps per".split()}
conditions.update(co_yn_pricecur="1", co_st_pricecur="100", co_en_pricecur="200")
one("inquire_search", stock.inquire_search, table("symb", lambda v: "AAPL" in v), "AAPL", auth="", excd="NAS", **conditions, keyb="")
one("price_detail", stock.price_detail, table("last", positive), "a price", **quote)
one("inquire_asking_price", stock.inquire_asking_price, table("pbid1", positive), "bid and ask", **quote)
one("inquire_time_itemchartprice", stock.inquire_time_itemchartprice, table("last", positive), "bars", **quote, nmin="5", pinc="1", next="", nrec="20", fill="", keyb="")
one("quot_inquire_ccnl", stock.quot_inquire_ccnl, table("rsym", lambda v: "AAPL" in v[0]), "the stock", excd="NAS", tday="1", symb="AAPL")
one("search_info", stock.search_info, table("std_pdno", lambda v: v[0]), "its ISIN", prdt_type_cd="512", pdno="AAPL")
one("countries_holiday", stock.countries_holiday, table("tr_natn_cd", lambda v: "840" in v), "the US", trad_dt=day)
one("foreign_margin", stock.foreign_margin, table("crcy_cd", lambda v: "USD" in v), "dollars", **account)
settled = table("pdno", lambda v: "AAPL" in v)
one("inquire_paymt_stdr_balance", stock.inquire_paymt_stdr_balance, settled, "the holding", **account, bass_dt=day, wcrc_frcr_dvsn_cd="02", inqr_dvsn_cd="00")

# What the whole market does, and what kis-sim has no data for.
ranked = {"excd": "NAS", "vol_rang": "0"}
for name, more in {
    "market_cap": {},
    "new_highlow": {"minx": "0", "gubn": "1", "gubn2": "1"},
    "price_fluct": {"gubn": "0", "minx": "0"},
    "trade_growth": {"nday": "0"},
    "trade_pbmn": {"nday": "0"},
    "trade_turnover": {"nday": "0"},
    "trade_vol": {"nday": "0"},
    "updown_rate": {"nday": "0", "gubn": "1"},
    "volume_power": {"nday": "0"},
    "volume_surge": {"minx": "0"},
}.items():
    one(name, getattr(stock, name), table("symb"), "stocks", **ranked, **more)
one("industry_price", stock.industry_price, table("icod"), "industries", excd="NAS")
one("industry_theme", stock.industry_theme, table("symb"), "stocks", excd="NAS", icod="010", vol_rang="0")
one("brknews_title", stock.brknews_title, lambda t: t is not None and len(t) > 0, "news", fid_news_ofer_entp_code="0", fid_cond_scr_div_code="11801")
one("news_title", stock.news_title, lambda t: t is not None and len(t) > 0, "news", nation_cd="US")
one("colable_by_company", stock.colable_by_company, table("pdno"), "stocks", pdno="AAPL", natn_cd="840", inqr_sqn_dvsn="01")
index = {"fid_cond_mrkt_div_code": "N", "fid_input_iscd": "SPX", "fid_hour_cls_code": "0", "fid_pw_data_incu_yn": "Y"}
one("inquire_time_indexchartprice", stock.inquire_time_indexchartprice, lambda t: len(t[1]) > 0, "bars", **index)
rights = {"rght_type_cd": "%%", "inqr_dvsn_cd": "02", "inqr_strt_dt": month["strt"], "inqr_end_dt": month["end"]}
one("period_rights", stock.period_rights, lambda t: t is not None and len(t) > 0, "rights", **rights)
one("rights_by_ice", stock.rights_by_ice, lambda t: t is not None and len(t) > 0, "rights", ncod="US", symb="AAPL")

# There are no such orders to find: an order of the samples cannot be one. An empty table is what they make of a refusal, too.
empty = lambda _: re.search(" -> 200 (KIOK|MCA)", last_request())
one("algo_ordno", stock.algo_ordno, empty, "a list", **account, trad_dt=day)
one("inquire_algo_ccnl", stock.inquire_algo_ccnl, empty, "a list", **account)

paper_account, paper = of("paper")

auth("prod")
clock(DAY_MARKET)
one("inquire_period_profit", stock.inquire_period_profit, table("ovrs_pdno", lambda v: "TSLA" in v), "the sale", **account, ovrs_excg_cd="NASD", natn_cd="", crcy_cd="USD", pdno="", inqr_strt_dt=month["strt"], inqr_end_dt=month["end"], wcrc_frcr_dvsn_cd="01", FK200="", NK200="")
one("inquire_period_trans", stock.inquire_period_trans, table("pdno", lambda v: "TSLA" in v), "the trades", **account, erlm_strt_dt=month["strt"], erlm_end_dt=month["end"], ovrs_excg_cd="NASD", pdno="", sll_buy_dvsn_cd="00", loan_dvsn_cd="", FK100="", NK100="")
early = {**account, "ovrs_excg_cd": "NASD", "pdno": "AAPL", "ctac_tlno": "", "mgco_aptm_odno": "", "ord_svr_dvsn_cd": "0"}
bought = one("daytime_order buy", stock.daytime_order, table("ODNO", number), ODNO, **early, order_dv="buy", ord_qty="2", ovrs_ord_unpr="150.00", ord_dvsn="00")
one("daytime_order sell", stock.daytime_order, table("ODNO", number), ODNO, **early, order_dv="sell", ord_qty="2", ovrs_ord_unpr="190.00", ord_dvsn="00")
if bought is None:
    calls.skip("real  daytime_order_rvsecncl", "no order to try it on")
else:
    change = {"orgn_odno": bought["ODNO"][0], "rvse_cncl_dvsn_cd": "02", "ord_qty": "2", "ovrs_ord_unpr": "0"}
    one("daytime_order_rvsecncl", stock.daytime_order_rvsecncl, table("ODNO", number), ODNO, **early, **change)
reserved = reserve(one, "real", account)
booked = {"inqr_strt_dt": "20230524", "inqr_end_dt": "20230526", "inqr_dvsn_cd": "00", "ovrs_excg_cd": "NASD"}
one("order_resv_list", stock.order_resv_list, table("pdno", lambda v: "AAPL" in v), "the reservation", nat_dv="us", **account, **booked)
unreserve(one, "real ", "real", account, reserved)
auth("vps")
unreserve(paper, "paper", "demo", paper_account, reserve(paper, "demo", paper_account))
calls.finish()
