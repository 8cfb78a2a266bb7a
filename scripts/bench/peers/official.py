"""kis-trade's status with KIS's samples: the day's orders, balance and quote on each of the three exchanges, buying power.

They read their keys, and which gateway to ask, from ~/KIS/config/kis_devlp.yaml, and keep the token beside it.
"""

import os
import sys
from collections import namedtuple

sys.path.extend(os.path.join(os.environ["SAMPLES"], "examples_user", folder) for folder in ("", "overseas_stock"))
import kis_auth
import overseas_stock_functions as stock


def header(self):
    """Theirs makes a field of every name in small letters: content-type, as kis-sim writes it, cannot be one."""
    fields = {name: text for name, text in self._resp.headers.items() if name.islower() and name.isidentifier()}
    return namedtuple("header", fields)(**fields)


kis_auth.APIResp._setHeader = header
kis_auth.auth(svr="vps")
account = {"cano": kis_auth.getTREnv().my_acct, "acnt_prdt_cd": kis_auth.getTREnv().my_prod, "env_dv": "demo"}
day = os.environ["DAY"].replace("-", "")

# What fails gives an empty table, which ends the run here.
orders = stock.inquire_ccnl(
    **account,
    pdno="",
    ord_strt_dt=day,
    ord_end_dt=day,
    sll_buy_dvsn="00",
    ccld_nccs_dvsn="00",
    sort_sqn="DS",
    ord_dt="",
    ord_gno_brno="",
    odno="",
)
print(orders["odno"].tolist(), orders["ft_ccld_qty"].tolist())
for exchange in ("NASD", "NYSE", "AMEX"):
    holdings, totals = stock.inquire_balance(**account, ovrs_excg_cd=exchange, tr_crcy_cd="USD")
    print(exchange, holdings["ovrs_pdno"].tolist(), holdings["ovrs_cblc_qty"].tolist())
for exchange in ("NAS", "NYS", "AMS"):
    print(exchange, stock.price(auth="", excd=exchange, symb="AAPL", env_dv="demo")["last"][0])
power = stock.inquire_psamount(**account, ovrs_excg_cd="NASD", ovrs_ord_unpr="170.83", item_cd="AAPL")
print(power["ovrs_ord_psbl_amt"][0])
